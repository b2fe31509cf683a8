/** Whether a circuit measures anything, and measuring everything at its end. */

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
 * The circuit without the measurements at its end, for expectation values; undefined where one is needed: something comes after it on
 * its qubit, or a condition reads its bit.
 */
export function dropFinalMeasurements(circuit: Circuit): Circuit | undefined {
  const later = new Set<number>();
  const kept: Operation[] = [];
  for (const operation of [...circuit.operations].reverse()) {
    if (operation.op === 'if') return undefined;
    if (operation.op === 'measure') {
      if (later.has(operation.qubits[0])) return undefined;
      continue;
    }
    // A barrier that only measurements follow parts nothing from nothing.
    if (operation.op === 'barrier' && !operation.qubits.some((qubit) => later.has(qubit))) continue;
    if (operation.op !== 'barrier') for (const qubit of operation.qubits) later.add(qubit);
    kept.push(operation);
  }
  return { ...circuit, operations: kept.reverse() };
}
