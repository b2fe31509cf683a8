import { describe, expect, it } from 'vitest';
import { type Circuit, conditional, gate, measure, measureAll, type Operation } from '../circuit/circuit.ts';
import { buildWorkload, findWorkload } from '../circuit/workloads.ts';
import { findIdealDistribution, type IdealDistribution, keyOf, tally } from './ideal-distribution.ts';
import { sampleCounts } from './sampler.ts';
import { simulate } from './statevector.ts';

const circuit = (qubits: number, bits: number, ...operations: Operation[]): Circuit => ({
  version: 1,
  qubits,
  bits,
  operations,
});
const idealOf = (of: Circuit): IdealDistribution => {
  const found = findIdealDistribution(of, { left: 2 ** 30 });
  if (typeof found === 'string') throw new Error(found);
  return found;
};
const likely = (of: Circuit): Record<string, number> => {
  const ideal = idealOf(of);
  return Object.fromEntries(
    [...ideal.probabilities].flatMap((p, at) =>
      p > 1e-12 ? [[keyOf(at, ideal), Number(p.toFixed(12))]] : [],
    ),
  );
};
const reset = (qubit: number): Operation => ({ op: 'reset', qubits: [qubit] });
const ry = (qubit: number, angle: number): Operation => gate('ry', [qubit], [angle]);
/** Of one, sin²(0.3). */
const tilted = Number((Math.sin(0.3) ** 2).toFixed(12));
const rest = Number((Math.cos(0.3) ** 2).toFixed(12));

describe('the ideal distribution', () => {
  it('of a circuit that measures at its end is the state’s', () => {
    const drawn = buildWorkload(findWorkload('clifford_t_sampling')!, { n_qubits: 5, depth: 9, seed: 3 });
    const { re, im } = simulate(drawn);
    const { probabilities } = idealOf(drawn);
    for (const [at, p] of probabilities.entries()) expect(p).toBeCloseTo(re[at]! ** 2 + im[at]! ** 2, 13);
  });

  it('has only the bits that are written', () => {
    const one = circuit(3, 5, gate('h', [1]), gate('cx', [1, 2]), measure(1, 0), measure(2, 3));
    expect(likely(one)).toEqual({ '00000': 0.5, '01001': 0.5 });
    expect(idealOf(one)).toMatchObject({ written: [0, 3], bits: 5, probabilities: { length: 4 } });
  });

  it.each<[string, Circuit, Record<string, number>]>([
    ['the last write of a bit', circuit(2, 1, gate('x', [0]), measure(0, 0), measure(1, 0)), { 0: 1 }],
    [
      'a measurement in the middle',
      circuit(1, 2, ry(0, 0.6), measure(0, 0), gate('x', [0]), measure(0, 1)),
      { '01': tilted, '10': rest },
    ],
    ['a reset', circuit(1, 1, ry(0, 0.6), reset(0), measure(0, 0)), { 0: 1 }],
    [
      'a reset of an entangled qubit',
      circuit(2, 2, ry(0, 0.6), gate('cx', [0, 1]), reset(0), ...measureAll(2)),
      { '00': rest, '10': tilted },
    ],
    [
      'a condition',
      circuit(2, 2, ry(0, 0.6), measure(0, 0), conditional([0], '1', [gate('x', [1])]), measure(1, 1)),
      { '00': rest, '11': tilted },
    ],
    [
      'a measurement within a condition',
      circuit(2, 2, gate('h', [0]), measure(0, 0), conditional([0], '1', [gate('h', [1]), measure(1, 1)])),
      { '00': 0.5, '01': 0.25, '11': 0.25 },
    ],
  ])('of %s', (_, of, wanted) => expect(likely(of)).toEqual(wanted));

  it('of a teleportation is what was teleported', () => {
    const teleport = circuit(
      3,
      3,
      ry(0, 0.6),
      gate('h', [1]),
      gate('cx', [1, 2]),
      gate('cx', [0, 1]),
      gate('h', [0]),
      measure(0, 0),
      measure(1, 1),
      conditional([1], '1', [gate('x', [2])]),
      conditional([0], '1', [gate('z', [2])]),
      measure(2, 2),
    );
    const ones = Object.entries(likely(teleport)).filter(([key]) => key.startsWith('1'));
    expect(ones.reduce((sum, [, p]) => sum + p, 0)).toBeCloseTo(tilted, 11);
  });

  it('leaves out a device’s idle qubits', () => {
    const wide = circuit(156, 2, gate('h', [17]), gate('cx', [17, 140]), measure(17, 0), measure(140, 1));
    expect(likely(wide)).toEqual({ '00': 0.5, '11': 0.5 });
  });

  it('gives the counts of the sampler within their noise', () => {
    const of = circuit(
      2,
      2,
      ry(0, 1.1),
      measure(0, 0),
      ry(0, 0.4),
      gate('cx', [0, 1]),
      reset(0),
      measure(1, 1),
    );
    const counts = sampleCounts(of, 1_000_000, 5);
    for (const [key, p] of Object.entries(likely(of)))
      expect(Math.abs(counts.get(key)! / 1e6 - p)).toBeLessThan(0.003);
  });
});

describe('what isn’t worked out says why', () => {
  const many = (count: number, ...each: Operation[]) => Array.from({ length: count }, () => each).flat();
  const why = (of: Circuit, left = 2 ** 30) => findIdealDistribution(of, { left });
  it.each<[string, Circuit, RegExp]>([
    ['too many qubits', circuit(21, 21, ...measureAll(21)), /^acts on 21 qubits, over 20$/],
    ['more than a shift can hold', circuit(400, 400, ...measureAll(400)), /^acts on 400 qubits/],
    ['too many bits', circuit(1, 30, ...Array.from({ length: 30 }, (_, bit) => measure(0, bit))), /30 bits/],
    [
      'too many operations',
      { ...circuit(1, 1), operations: [...many(250_001, gate('x', [0])), measure(0, 0)] },
      /250002 operations/,
    ],
    [
      'ways that double',
      circuit(16, 16, ...many(40, gate('h', [0]), measure(0, 0), reset(0)), ...measureAll(16)),
      /too long/,
    ],
  ])('%s', (_, of, reason) => expect(why(of)).toMatch(reason));

  const doubling = many(3000, gate('h', [0]), measure(0, 0));
  const asking = many(2000, conditional([0, 1, 2], '111', [gate('x', [0])]));
  it.each<[string, Circuit]>([
    ['large states', circuit(20, 20, ...doubling, ...measureAll(20))],
    ['the smallest states', circuit(1, 1, ...doubling)],
    ['many bits', circuit(1, 2 ** 16, ...doubling)],
    ['many conditions', circuit(1, 3, ...doubling, ...asking, measure(0, 0))],
    ['many moves', { ...circuit(20, 20), operations: [...many(200_000, gate('h', [3])), ...measureAll(20)] }],
  ])('and is soon done with ways that double without end: %s', (_, hostile) => {
    const started = performance.now();
    expect(why(hostile, 2 ** 29)).toMatch(/too long/);
    // On a quiet machine it is about a second.
    expect(performance.now() - started).toBeLessThan(15_000);
  });

  it('a bit number that no memory holds', () =>
    expect(why(circuit(1, 2 ** 40, gate('h', [0]), measure(0, 0)))).toBe(`has ${2 ** 40} bits, over 65536`));

  it('takes what it does from the effort, and stops where that is used up', () => {
    const effort = { left: 2 ** 12 };
    const of = buildWorkload(findWorkload('clifford_t_sampling')!, { n_qubits: 5, depth: 5, seed: 3 });
    expect(findIdealDistribution(of, effort)).toBeTypeOf('object');
    expect(effort.left).toBeLessThan(2 ** 12);
    expect(why(of, 40)).toMatch(/too long/);
  });
});

it('counts in bits that are never written are told apart', () => {
  const ideal = idealOf(circuit(1, 3, gate('h', [0]), measure(0, 1)));
  const { counts, elsewhere } = tally(
    new Map([
      ['000', 5],
      ['010', 4],
      ['110', 2],
      ['001', 1],
    ]),
    ideal,
  );
  expect([...counts]).toEqual([5, 4]);
  expect([...elsewhere]).toEqual([
    ['110', 2],
    ['001', 1],
  ]);
});
