/** Whether a circuit measures anything, and measuring everything at its end. */

import { QpoeError } from '../core/error.ts';
import { type Circuit, measure, type Operation } from './circuit.ts';

export function hasMeasurement(circuit: Circuit): boolean {
  return circuit.operations.some(measures);
}

function measures(operation: Operation): boolean {
  if (operation.op === 'if') return operation.then.some(measures) || operation.else.some(measures);
  return operation.op === 'measure';
}

/**
 * Every qubit, at the end: the lowest bit holds qubit 0. Registers that are declared and never used go; where conditions
 * read them, the new bits stand above them.
 */
export function appendMeasureAll(circuit: Circuit): Circuit {
  const first = circuit.operations.some(({ op }) => op === 'if' || op === 'measure') ? circuit.bits : 0;
  const measurements = Array.from({ length: circuit.qubits }, (_, qubit) => measure(qubit, first + qubit));
  return { ...circuit, bits: first + circuit.qubits, operations: [...circuit.operations, ...measurements] };
}

/**
 * The circuit without its final measurements: what prepares the state that expectation values are of.
 *
 * @throws QpoeError `refused`, naming the operation that leaves no one such state
 */
export function beforeMeasurement(circuit: Circuit): Circuit {
  const later = new Map<number, string>();
  const kept: Operation[] = [];
  for (const [index, operation] of [...circuit.operations.entries()].reverse()) {
    if (operation.op === 'if' || operation.op === 'reset') throw noOneState(operation.op, index);
    const { op, qubits } = operation;
    const next = qubits.map((qubit) => later.get(qubit)).find((name) => name !== undefined);
    if (op === 'measure' && next !== undefined) throw noOneState(`a measurement before ${next}`, index);
    // A barrier that only measurements follow parts nothing from nothing.
    if (op === 'measure' || (op === 'barrier' && next === undefined)) continue;
    if (op !== 'barrier') for (const qubit of qubits) later.set(qubit, op);
    kept.push(operation);
  }
  return { ...circuit, operations: kept.reverse() };
}

function noOneState(what: string, index: number): QpoeError {
  return new QpoeError(
    'refused',
    `expectation values need one state before the final measurements, and operation ${index} is ${what}`,
    'leave --observable out, and count outcomes',
  );
}
