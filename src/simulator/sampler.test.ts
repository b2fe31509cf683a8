import { describe, expect, test } from 'vitest';
import { type Circuit, gate, measure, measureAll, type Operation } from '../circuit/circuit.ts';
import { landDraws } from './landing.ts';
import { sampleCounts } from './sampler.ts';
import { type Statevector, simulate } from './statevector.ts';

function circuit(qubits: number, bits: number, ...operations: Operation[]): Circuit {
  return { version: 1, qubits, bits, operations };
}

function entries(counts: ReadonlyMap<string, number>): [string, number][] {
  return [...counts];
}

const tilted = [
  gate('ry', [0], [0.9]),
  gate('ry', [1], [1.7]),
  gate('ry', [2], [2.2]),
  gate('cx', [0, 1]),
  gate('ch', [1, 2]),
];
const measured = circuit(3, 3, ...tilted, ...measureAll(3));

describe('keys', () => {
  test('have bit 0 last', () => {
    const one = circuit(3, 3, gate('x', [0]), ...measureAll(3));
    expect(entries(sampleCounts(one, 5, 0))).toEqual([['001', 5]]);
  });

  test('follow the bits that the qubits were measured into, and unwritten bits are 0', () => {
    const crossed = circuit(
      3,
      5,
      gate('x', [0]),
      gate('x', [1]),
      measure(0, 3),
      measure(2, 0),
      measure(1, 4),
    );
    expect(entries(sampleCounts(crossed, 7, 0))).toEqual([['11000', 7]]);
  });

  test('are all zero where nothing is measured', () => {
    expect(entries(sampleCounts(circuit(2, 3, gate('h', [0])), 9, 0))).toEqual([['000', 9]]);
  });

  test('may have more bits than a number has', () => {
    const wide = circuit(2, 70, gate('x', [1]), measure(0, 1), measure(1, 69));
    expect(entries(sampleCounts(wide, 3, 0))).toEqual([[`1${'0'.repeat(69)}`, 3]]);
  });

  test('ascend', () => {
    const spread = circuit(
      4,
      6,
      ...[0, 1, 2, 3].map((q) => gate('h', [q])),
      ...[5, 0, 3, 1].map((b, q) => measure(q, b)),
    );
    const keys = [...sampleCounts(spread, 1000, 3).keys()];
    expect(keys).toHaveLength(16);
    expect(keys).toEqual([...keys].sort());
  });
});

describe('counts', () => {
  test('of a GHZ state are of two outcomes', () => {
    const chain = Array.from({ length: 7 }, (_, q) => gate('cx', [q, q + 1]));
    const counts = sampleCounts(circuit(8, 8, gate('h', [0]), ...chain, ...measureAll(8)), 4000, 42);
    expect([...counts.keys()]).toEqual(['00000000', '11111111']);
    expect(counts.get('00000000')! + counts.get('11111111')!).toBe(4000);
  });

  test('are the same for the same seed, and others for another seed or program', () => {
    const counts = entries(sampleCounts(measured, 5000, 1));
    expect(entries(sampleCounts(measured, 5000, 1))).toEqual(counts);
    expect(entries(sampleCounts(measured, 5000, 1, 0))).toEqual(counts);
    expect(entries(sampleCounts(measured, 5000, 2))).not.toEqual(counts);
    expect(entries(sampleCounts(measured, 5000, 1, 1))).not.toEqual(counts);
  });

  test('do not confuse seed 1, program 11 with seed 11, program 1', () => {
    expect(entries(sampleCounts(measured, 5000, 1, 11))).not.toEqual(
      entries(sampleCounts(measured, 5000, 11, 1)),
    );
  });

  test.each([0, 1, 2, 3, 2 ** 53 - 1])('of seed %d fit the ideal distribution', (seed) => {
    const shots = 200_000;
    const counts = sampleCounts(measured, shots, seed);
    const { re, im } = simulate(measured);
    let chiSquare = 0;
    for (let i = 0; i < 8; i++) {
      const expected = shots * (re[i]! ** 2 + im[i]! ** 2);
      expect(expected).toBeGreaterThan(5);
      chiSquare += ((counts.get(i.toString(2).padStart(3, '0')) ?? 0) - expected) ** 2 / expected;
    }
    // Seven degrees of freedom exceed 24.3 once in a thousand.
    expect(chiSquare).toBeLessThan(24.3);
  });

  test('of a million shots add up', () => {
    const counts = sampleCounts(measured, 1_000_000, 8);
    expect([...counts.values()].reduce((sum, count) => sum + count)).toBe(1_000_000);
  });
});

describe('a draw', () => {
  function stateOf(...probabilities: number[]): Statevector {
    const re = Float64Array.from(probabilities, Math.sqrt);
    return { qubits: Math.log2(re.length), re, im: new Float64Array(re.length) };
  }

  function landings(state: Statevector, ...draws: number[]): [number, number][] {
    const hits: [number, number][] = [];
    landDraws(state, Float64Array.from(draws), (index, count) => hits.push([index, count]));
    return hits;
  }

  test('of exactly zero never lands on a state of zero probability', () => {
    expect(landings(stateOf(0, 0, 1, 0), 0, 0)).toEqual([[2, 2]]);
  });

  test('on the edge between two states lands on the second', () => {
    expect(landings(stateOf(0.25, 0, 0.75, 0), 0.2499, 0.25)).toEqual([
      [0, 1],
      [2, 1],
    ]);
  });

  test('at or past the total lands on the last state that is possible', () => {
    expect(landings(stateOf(0.25, 0.75, 0, 0), 0.1, 1, 1.5)).toEqual([
      [0, 1],
      [1, 2],
    ]);
  });

  test('never lands where a probability is lost in rounding', () => {
    expect(landings(stateOf(1, 1e-40, 0, 0), 0.9999999999999999, 1)).toEqual([
      [0, 1],
      [0, 1],
    ]);
  });
});
