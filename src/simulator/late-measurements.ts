/**
 * Measurements that can wait for the end. A measurement is late if nothing after it acts on its qubit, but for other late
 * measurements, and nothing after it reads or writes its bit, but for a later late measurement, which then has the last
 * word. The outcomes of all late ones can be drawn together from the final state: nobody could tell.
 *
 * In a circuit without resets and conditions whose qubits are let alone once measured, all of them are late.
 */

import type { MeasureOperation, Operation } from '../circuit/circuit.ts';

/** What the operations already looked at, from the end, depend on. */
interface Later {
  readonly qubits: Set<number>;
  readonly bits: Set<number>;
}

/**
 * Place in the list → measurement, the last first. Places, since one object may stand at several. Only the outermost
 * level is looked at: inside a condition, none is late.
 */
export function findLateMeasurements(operations: readonly Operation[]): Map<number, MeasureOperation> {
  const late = new Map<number, MeasureOperation>();
  const later: Later = { qubits: new Set(), bits: new Set() };
  for (let place = operations.length - 1; place >= 0; place--) {
    const operation = operations[place]!;
    if (operation.op === 'measure' && isLate(operation, later)) late.set(place, operation);
    else take(operation, later);
  }
  return late;
}

function isLate({ qubits: [qubit], bits: [bit] }: MeasureOperation, later: Later): boolean {
  return !later.qubits.has(qubit) && !later.bits.has(bit);
}

function take(operation: Operation, later: Later): void {
  if (operation.op === 'barrier') return;
  if (operation.op !== 'if') for (const qubit of operation.qubits) later.qubits.add(qubit);
  if (operation.op === 'if' || operation.op === 'measure')
    for (const bit of operation.bits) later.bits.add(bit);
  if (operation.op === 'if') for (const inner of [...operation.then, ...operation.else]) take(inner, later);
}
