import { expect, test } from 'vitest';
import { gate, type IfOperation, measure, type Operation } from '../circuit/circuit.ts';
import { findLateMeasurements } from './late-measurements.ts';

const barrier: Operation = { op: 'barrier', qubits: [0, 1] };
const reset: Operation = { op: 'reset', qubits: [0] };
const first = measure(0, 0);

function condition(bits: number[], then: Operation[], otherwise: Operation[] = []): IfOperation {
  return { op: 'if', bits, equals: '0'.repeat(bits.length), then, else: otherwise };
}

test.each<[string, Operation[]]>([
  ['nothing', []],
  ['a barrier', [barrier]],
  ['gates on other qubits', [gate('h', [1]), gate('cx', [1, 2])]],
  ['the same once more', [measure(0, 0)]],
  ['the same qubit into another bit', [measure(0, 1)]],
  ['another qubit into the same bit', [measure(1, 0)]],
  ['a condition on other bits, about other qubits', [condition([1], [gate('x', [1])])]],
])('before %s it is late', (_what, later) => {
  expect(findLateMeasurements([first, ...later]).has(0)).toBe(true);
});

test.each<[string, Operation[]]>([
  ['a gate on its qubit', [gate('z', [0])]],
  ['a gate that its qubit controls', [gate('cx', [0, 1])]],
  ['a reset of its qubit', [reset]],
  ['a condition on its bit', [condition([1, 0], [])]],
  ['a conditional gate on its qubit', [condition([1], [], [gate('x', [0])])]],
  ['a conditional write of its bit', [condition([1], [measure(1, 0)])]],
  ['a nested condition on its bit', [condition([1], [condition([0], [])])]],
  ['an early measurement into its bit', [measure(1, 0), gate('h', [1])]],
  ['an early measurement of its qubit', [measure(0, 1), gate('h', [0])]],
])('before %s it is not', (_what, later) => {
  expect(findLateMeasurements([first, ...later]).has(0)).toBe(false);
});

test('inside a condition none is late', () => {
  expect(findLateMeasurements([condition([1], [first])]).size).toBe(0);
});

test('one object at two places is two measurements', () => {
  expect([...findLateMeasurements([first, gate('h', [0]), first]).keys()]).toEqual([2]);
});
