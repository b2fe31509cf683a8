/** How likely each outcome is on a machine without noise, for circuits small enough to simulate while one looks. */

import type { Circuit } from '../src/circuit/circuit.ts';
import { applyPass } from '../src/simulator/passes.ts';
import { planCircuit } from '../src/simulator/plan.ts';
import { groundState } from '../src/simulator/statevector.ts';

const MOST_QUBITS = 10;
const MOST_OPERATIONS = 20_000;
const LEAST = 1e-9;

/** By outcome c[n-1]…c[0]; undefined for larger circuits, and for those whose way depends on a measurement. */
export function idealDistribution(circuit: Circuit): Readonly<Record<string, number>> | undefined {
  if (circuit.qubits > MOST_QUBITS || circuit.operations.length > MOST_OPERATIONS) return undefined;
  const { steps, late, bits } = planCircuit(circuit);
  if (bits > MOST_QUBITS) return undefined;
  const { re, im, qubits } = groundState(circuit.qubits);
  for (const step of steps) {
    if (step.kind !== 'pass') return undefined;
    applyPass({ re, im, qubits }, step.pass);
  }
  const chances: Record<string, number> = {};
  for (let state = 0; state < re.length; state++) {
    const chance = re[state]! * re[state]! + im[state]! * im[state]!;
    if (chance < LEAST) continue;
    const key = Array.from({ length: bits }, () => '0');
    for (const {
      qubits: [qubit],
      bits: [bit],
    } of late)
      key[bits - 1 - bit] = String((state >> qubit) & 1);
    chances[key.join('')] = (chances[key.join('')] ?? 0) + chance;
  }
  return chances;
}
