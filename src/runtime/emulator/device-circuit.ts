/** A program's text as a circuit on a device's qubits, in its instruction set. */

import type { Circuit } from '../../circuit/circuit.ts';
import type { OutputRegister } from '../../circuit/qasm-scope.ts';
import { readOpenQasm } from '../../circuit/read-openqasm.ts';
import { QpoeError } from '../../core/error.ts';
import type { Device } from './device.ts';
import { demandOperations, instructionSetOf } from './instruction-set.ts';
import { JobFault } from './job-fault.ts';
import type { ProgramText } from './program-text.ts';

export interface DeviceCircuit {
  readonly circuit: Circuit;
  readonly registers: readonly OutputRegister[];
}

/**
 * @param values  one for each input, in order
 * @throws JobFault 1517 where it isn't in the instruction set; others where it can't be read
 */
export function readDeviceCircuit(
  device: Device,
  { text, inputs, hasDelays }: ProgramText,
  values: readonly number[],
): DeviceCircuit {
  if (values.length !== inputs.length)
    throw new JobFault(
      `The circuit has ${inputs.length} parameters, and ${values.length} values were given.`,
    );
  const set = instructionSetOf(device);
  if (hasDelays) set.demand('delay', []);
  const bound = new Map(inputs.map((name, at) => [name, values[at]!]));
  const { circuit, registers } = asJobFault(() =>
    readOpenQasm(text, 'circuit', bound, (gate, qubits) => set.demand(gate, qubits)),
  );
  const { n_qubits } = device.configuration;
  if (circuit.qubits > n_qubits)
    throw new JobFault(
      `The circuit has ${circuit.qubits} qubits but the target system requires ${n_qubits} qubits.`,
    );
  demandOperations(set, circuit.operations);
  return { circuit, registers };
}

function asJobFault<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof QpoeError)) throw error;
    throw new JobFault(error.message);
  }
}
