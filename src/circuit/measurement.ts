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
  const measured = new Set<number>();
  const operations: Operation[] = [];
  for (const [index, operation] of circuit.operations.entries()) {
    if (operation.op === 'if' || operation.op === 'reset') throw noOneState(operation.op, index);
    if (operation.op === 'measure') measured.add(operation.qubits[0]);
    else if (operation.op !== 'barrier' && operation.qubits.some((qubit) => measured.has(qubit)))
      throw noOneState(`a measurement before ${operation.op}`, index);
    else operations.push(operation);
  }
  return { ...circuit, operations };
}

function noOneState(what: string, index: number): QpoeError {
  return new QpoeError(
    'refused',
    `expectation values need one state before the final measurements, and operation ${index} is ${what}`,
    'leave --observable out, and count outcomes',
  );
}
