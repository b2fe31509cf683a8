import { expect, it } from 'vitest';
import type { Circuit, GateOperation } from '../circuit/circuit.ts';
import { gate } from '../circuit/circuit.ts';
import { readSum } from '../circuit/observable.ts';
import { exactMoments, measuringCircuit, sampledMoments } from './expectation.ts';
import { sampleCounts } from './sampler.ts';

const circuit = (...operations: GateOperation[]): Circuit => ({ version: 1, qubits: 2, bits: 1, operations });
const term = (label: string) => readSum(label, 2, 2)[0]!;
const mean = (of: Circuit, label: string) => exactMoments(of, [[term(label)]])[0]![0]!.mean;

/** |00⟩ + i|11⟩ */
const PHASED = circuit(gate('h', [0]), gate('cx', [0, 1]), gate('s', [0]));
const UNEVEN = circuit(gate('ry', [0], [0.7]), gate('cx', [0, 1]), gate('rx', [1], [1.1]), gate('s', [0]));

it.each([
  ['ZZ', 1],
  ['XY', 1],
  ['YX', 1],
  ['XX', 0],
  ['YY', 0],
  ['IZ', 0],
  ['00', 0.5],
  ['01', 0],
  ['II', 1],
  ['+r', 0.5],
  ['+l', 0],
  ['-r', 0],
])('of |00⟩ + i|11⟩, %s is %d', (label, value) => {
  expect(mean(PHASED, label)).toBeCloseTo(value, 12);
});

it('measures what it computes: the same within five standard errors', () => {
  for (const label of ['ZZ', 'XY', 'YX', 'IX', 'YI', '0+', '-l', 'r1', 'Z0']) {
    const exact = exactMoments(UNEVEN, [[term(label)]])[0]![0]!;
    const counts = sampleCounts(measuringCircuit(UNEVEN, term(label)), 20_000, 5);
    const sampled = sampledMoments(counts, term(label));
    expect(Math.abs(sampled.mean - exact.mean), label).toBeLessThan(
      5 * Math.sqrt(exact.variance / 20_000) + 1e-9,
    );
    expect(sampled.variance, label).toBeCloseTo(exact.variance, 1);
  }
});

it('reads labels with the last qubit first', () => {
  const flipped = circuit(gate('x', [0]));
  expect([mean(flipped, 'IZ'), mean(flipped, 'ZI'), mean(flipped, 'I1')]).toEqual([-1, 1, 1]);
});

it.each([
  [{ ZZ: 1, QQ: 1 }, 'no product of Paulis'],
  ['Z', '1 letters, for 2 qubits'],
  [{ ZZ: 'x' }, 'no real number'],
  [5, 'neither a label'],
])('refuses %j', (observables, message) => {
  expect(() => readSum(observables as never, 2, 2)).toThrow(message);
});
