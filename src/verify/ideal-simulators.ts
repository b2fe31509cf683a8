/**
 * Which records claim to come from a simulator without noise. Only of those can counts be impossible: hardware may give anything, and
 * a job that someone captured, supplied or imported may have had a noise model that no one wrote down. So it is what qpoe runs
 * itself (class `executed`), on the simulators that it runs without noise, by the names that these give themselves.
 */

import type { ExecutionRecord } from '../record/schema.ts';

export const IDEAL_BACKENDS: Readonly<Record<string, readonly string[]>> = {
  simulator: ['statevector'],
  qiskit: ['aer_simulator'],
  cirq: ['cirq.Simulator'],
  qdk: ['qdk.sparse'],
  braket: ['StateVectorSimulator'],
  pennylane: ['default.qubit'],
  qulacs: ['qulacs.QuantumState'],
};

export function isIdealSimulator({ workload, execution }: ExecutionRecord): boolean {
  const known = Object.hasOwn(IDEAL_BACKENDS, workload.sdk) ? IDEAL_BACKENDS[workload.sdk]! : [];
  return execution.class === 'executed' && known.includes(execution.backend);
}
