import { describe, expect, it } from 'vitest';
import { conditional, measure, type Operation } from './circuit.ts';
import { beforeMeasurement } from './measurement.ts';

const circuit = (...operations: Operation[]) => ({ version: 1 as const, qubits: 2, bits: 2, operations });
const h: Operation = { op: 'h', qubits: [0] };
const cx: Operation = { op: 'cx', qubits: [0, 1] };

describe('beforeMeasurement', () => {
  it('leaves the gates, in their order', () => {
    const barrier: Operation = { op: 'barrier', qubits: [0, 1] };
    const found = beforeMeasurement(circuit(h, cx, barrier, measure(0, 0), measure(1, 1)));
    expect(found.operations).toEqual([h, cx]);
  });

  it('keeps no measurement that another qubit’s gate follows', () => {
    expect(beforeMeasurement(circuit(h, measure(1, 1), h)).operations).toEqual([h, h]);
  });

  it.each([
    ['a gate follows on its qubit', circuit(measure(0, 0), h), 'operation 0 is a measurement before h'],
    ['a reset follows', circuit(measure(0, 0), { op: 'reset', qubits: [0] }), 'operation 1 is reset'],
    ['a condition', circuit(measure(0, 0), conditional([0], '1', [h])), 'operation 1 is if'],
  ])('is refused where one state is not there: %s', (_, given, message) => {
    expect(() => beforeMeasurement(given)).toThrow(message);
  });
});
