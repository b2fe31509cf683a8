import { describe, expect, it } from 'vitest';
import { measure, type Operation } from './circuit.ts';
import { dropFinalMeasurements } from './measurement.ts';

const circuit = (...operations: Operation[]) => ({ version: 1 as const, qubits: 2, bits: 2, operations });
const h: Operation = { op: 'h', qubits: [0] };
const cx: Operation = { op: 'cx', qubits: [0, 1] };

describe('dropFinalMeasurements', () => {
  it('leaves the gates, in their order', () => {
    const barrier: Operation = { op: 'barrier', qubits: [0, 1] };
    const found = dropFinalMeasurements(circuit(h, cx, barrier, measure(0, 0), measure(1, 1)));
    expect(found?.operations).toEqual([h, cx]);
  });

  it('keeps no measurement that another qubit’s gate follows', () => {
    expect(dropFinalMeasurements(circuit(h, measure(1, 1), h))?.operations).toEqual([h, h]);
  });

  it.each([
    ['a gate follows on its qubit', circuit(measure(0, 0), h)],
    ['a reset follows', circuit(measure(0, 0), { op: 'reset', qubits: [0] })],
    // biome-ignore lint/suspicious/noThenProperty: the gate list's word
    ['a condition', circuit(measure(0, 0), { op: 'if', bits: [0], equals: '1', then: [], else: [] })],
  ])('gives none where one is needed: %s', (_, given) => {
    expect(dropFinalMeasurements(given)).toBeUndefined();
  });
});
