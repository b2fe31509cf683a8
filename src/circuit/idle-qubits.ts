/** A circuit on the qubits that it uses alone: a compiled one names all of its device's. */

import type { Circuit, Operation } from './circuit.ts';

export interface UsedCircuit {
  readonly circuit: Circuit;
  /** What the circuit called each qubit before. */
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
