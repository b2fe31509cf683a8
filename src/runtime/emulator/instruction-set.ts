/** Whether a circuit is in a device's instruction set (ISA): its gates alone, on the qubits that it has them for. */

import type { Operation } from '../../circuit/circuit.ts';
import type { Device } from './device.ts';
import { JobFault, NOT_ISA } from './job-fault.ts';

export interface InstructionSet {
  /** @throws JobFault 1517 */
  demand(instruction: string, qubits: readonly number[]): void;
}

/** Global phases are no instruction, and Qiskit's transpiler leaves them. */
const EVERYWHERE: readonly string[] = ['gphase', 'barrier'];

export function instructionSetOf({ configuration }: Device): InstructionSet {
  const { n_qubits, gates, basis_gates, coupling_map, supported_instructions = [] } = configuration;
  const places = new Map<string, ReadonlySet<string> | undefined>();
  for (const name of supported_instructions) places.set(name, undefined);
  for (const name of basis_gates) places.set(name, undefined);
  for (const { name, coupling_map } of gates)
    if (coupling_map !== undefined) places.set(name, new Set(coupling_map.map(String)));
  const coupled = new Set(coupling_map.map(String));
  return {
    demand(instruction, qubits) {
      if (EVERYWHERE.includes(instruction)) return;
      const where = places.get(instruction) ?? (qubits.length === 2 ? coupled : undefined);
      const known = places.has(instruction) && qubits.every((qubit) => qubit < n_qubits);
      if (!known || where?.has(String(qubits)) === false) throw notSupported(instruction, qubits);
    },
  };
}

/** What the listener of gates doesn't hear: measurements, resets and conditions. */
export function demandOperations(set: InstructionSet, operations: readonly Operation[]): void {
  for (const operation of operations)
    if (operation.op === 'if') {
      set.demand('if_else', []);
      demandOperations(set, operation.then);
      demandOperations(set, operation.else);
    } else if (operation.op === 'measure' || operation.op === 'reset')
      set.demand(operation.op, operation.qubits);
}

function notSupported(instruction: string, qubits: readonly number[]): JobFault {
  const tuple = qubits.length === 1 ? `(${qubits[0]},)` : `(${qubits.join(', ')})`;
  return new JobFault(
    `The instruction ${instruction} on qubits ${tuple} is not supported by the target system. Circuits that do not ` +
      'match the target hardware definition are not supported: transpile them for this backend first. -- ' +
      `https://ibm.biz/error_codes#${NOT_ISA}`,
    NOT_ISA,
  );
}
