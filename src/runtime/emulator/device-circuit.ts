/** A program's text as a circuit on a device's qubits, in its instruction set; and the same on the qubits it uses alone. */

import type { Circuit, Operation } from '../../circuit/circuit.ts';
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

export interface UsedCircuit {
  readonly circuit: Circuit;
  /** The device's number of each qubit of the circuit. */
  readonly physical: readonly number[];
}

/**
 * The circuit without its idle qubits, which stay in |0⟩ and would double the state each.
 *
 * @param also  qubits to keep, idle or not
 */
export function dropIdleQubits(circuit: Circuit, also: Iterable<number> = []): UsedCircuit {
  const used = new Set(also);
  noteUsed(circuit.operations, used);
  if (used.size === 0) used.add(0);
  const physical = [...used].sort((a, b) => a - b);
  const numbers = new Map(physical.map((qubit, number) => [qubit, number]));
  const known = new Map<Operation, Operation | undefined>();
  return {
    circuit: {
      ...circuit,
      qubits: physical.length,
      // A simulator wants a bit, also where a circuit for expectation values has none.
      bits: Math.max(1, circuit.bits),
      operations: renumber(circuit.operations, numbers, known),
    },
    physical,
  };
}

function noteUsed(operations: readonly Operation[], used: Set<number>): void {
  for (const operation of operations)
    if (operation.op === 'if') {
      noteUsed(operation.then, used);
      noteUsed(operation.else, used);
    } else if (operation.op !== 'barrier') for (const qubit of operation.qubits) used.add(qubit);
}

type Numbers = ReadonlyMap<number, number>;

/** A long circuit repeats its operations as the same objects, and is to go on doing so. */
function renumber(
  operations: readonly Operation[],
  numbers: Numbers,
  known: Map<Operation, Operation | undefined>,
): Operation[] {
  return operations.flatMap((operation) => {
    if (!known.has(operation)) known.set(operation, renumberOne(operation, numbers, known));
    return known.get(operation) ?? [];
  });
}

function renumberOne(
  operation: Operation,
  numbers: Numbers,
  known: Map<Operation, Operation | undefined>,
): Operation | undefined {
  if (operation.op === 'if')
    return {
      ...operation,
      // biome-ignore lint/suspicious/noThenProperty: the gate list's word
      then: renumber(operation.then, numbers, known),
      else: renumber(operation.else, numbers, known),
    };
  const qubits = operation.qubits.map((qubit) => numbers.get(qubit)).filter((qubit) => qubit !== undefined);
  if (operation.op === 'barrier' && qubits.length === 0) return undefined;
  return { ...operation, qubits } as Operation;
}
