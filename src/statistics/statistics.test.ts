import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pythonRandom } from '../core/python-random.ts';
import { fitDepolarizing } from './depolarizing.ts';
import { hellingerFidelity, totalVariation } from './distances.ts';
import { compareEstimates } from './expectation.ts';
import { testFit, testSamples } from './g-test.ts';
import { linearXeb } from './linear-xeb.ts';
import { MIN_EXPECTED, poolCells } from './pooled-cells.ts';
import { alignSamples } from './samples.ts';
import { expectedHellingerFidelity, expectedTotalVariation } from './shot-noise.ts';
import { adjustByHolm } from './significance.ts';

const counts = (entries: Record<string, number>) => new Map(Object.entries(entries));

describe('pooled cells', () => {
  it('stand alone from five on, and the rarest are pooled first', () => {
    expect(poolCells([100, 5, 4, 3, 1, 0.5, 20])).toEqual({
      count: 4,
      of: Uint32Array.of(1, 2, 0, 1, 0, 0, 3),
    });
  });
  it.each<[string, number[], number, number[]]>([
    ['nothing is expected five times in all', [1, 1, 1], 1, [0, 0, 0]],
    ['what is left over joins the last pool', [3, 3, 1], 1, [0, 0, 0]],
    ['what is left over joins the first that stands alone', [50, 60, 2], 2, [0, 1, 0]],
    ['one outcome is certain', [10, 0, 0, 0], 1, [0, 0, 0, 0]],
    ['no outcome', [], 1, []],
  ])('where %s', (_, expected, count, of) =>
    expect(poolCells(expected)).toEqual({ count, of: Uint32Array.from(of) }),
  );
  it('hold five each and every outcome once, whatever is expected', () => {
    const some = fc.array(fc.oneof(fc.constant(0), fc.double({ min: 0, max: 30, noNaN: true })), {
      minLength: 1,
    });
    fc.assert(
      fc.property(some, (expected) => {
        const { count, of } = poolCells(expected);
        const sums = new Array<number>(count).fill(0);
        for (const [outcome, cell] of of.entries()) sums[cell]! += expected[outcome]!;
        return of.every((cell) => cell < count) && (count === 1 || sums.every((sum) => sum >= MIN_EXPECTED));
      }),
    );
  });
});

describe('the G-test', () => {
  it('is undefined where one cell is left, and certain of what is just as expected', () => {
    expect(testFit([1, 0], [0.5, 0.5])).toBeUndefined();
    expect(testFit([3], [3])).toBeUndefined();
    expect(testSamples([1, 0], [0, 1])).toBeUndefined();
    expect(testSamples([50, 0], [50, 0])).toBeUndefined();
    expect(testFit([50, 50], [50, 50])).toMatchObject({ statistic: 0, df: 1, p: 1 });
    expect(testSamples([50, 50], [500, 500])).toMatchObject({ statistic: 0, p: 1 });
  });
  it('sees what is not there at all', () => {
    expect(testFit([100, 0], [50, 50])!.p).toBeLessThan(1e-20);
    expect(testSamples([100, 0], [0, 100])!.p).toBeLessThan(1e-20);
  });
  it('gives up one degree of freedom for what was fitted', () => {
    expect(testFit([40, 30, 30], [34, 33, 33], 1)!.df).toBe(1);
    expect(testFit([50, 50], [50, 50], 1)).toBeUndefined();
  });
});

describe('distances', () => {
  it('are none between equals, and all between strangers', () => {
    const same = alignSamples(counts({ '00': 2, '11': 6 }), counts({ '00': 1, '11': 3 }));
    expect(totalVariation(same)).toBe(0);
    expect(hellingerFidelity(same)).toBeCloseTo(1, 14);
    const apart = alignSamples(counts({ '00': 7 }), counts({ '11': 3 }));
    expect([totalVariation(apart), hellingerFidelity(apart)]).toEqual([1, 0]);
  });
  it('are expected as they are on average: 20,000 lots of shots from one distribution', () => {
    const random = pythonRandom(11);
    const draw = (shots: number) => {
      const lot: Record<string, number> = {};
      for (let shot = 0; shot < shots; shot++) {
        const u = random.random();
        const outcome = u < 0.5 ? 'a' : u < 0.8 ? 'b' : u < 0.99 ? 'c' : 'd';
        lot[outcome] = (lot[outcome] ?? 0) + 1;
      }
      return counts(lot);
    };
    const sums = [0, 0, 0, 0];
    for (let round = 0; round < 20_000; round++) {
      const lots = alignSamples(draw(60), draw(30));
      sums[0]! += totalVariation(lots);
      sums[1]! += expectedTotalVariation(lots);
      sums[2]! += hellingerFidelity(lots);
      sums[3]! += expectedHellingerFidelity(lots);
    }
    expect(sums[0]! / sums[1]!).toBeCloseTo(1, 1.9);
    expect(sums[2]! / sums[3]!).toBeCloseTo(1, 2.7);
  });
  it('of one shot each', () => {
    const one = alignSamples(counts({ 0: 1 }), counts({ 1: 1 }));
    expect(expectedTotalVariation(one)).toBeCloseTo(1, 12);
    expect(expectedHellingerFidelity(one)).toBe(0);
    const equal = alignSamples(counts({ 0: 1 }), counts({ 0: 1 }));
    expect(expectedTotalVariation(equal)).toBe(0);
    expect(expectedHellingerFidelity(equal)).toBeCloseTo(1, 12);
  });
});

describe('noise', () => {
  const ghz = [0.5, 0, 0, 0.5];
  it('is none, all, or as much as it is', () => {
    expect(fitDepolarizing([500, 0, 0, 500], ghz).fidelity).toBe(1);
    expect(fitDepolarizing([250, 250, 250, 250], ghz).fidelity).toBeCloseTo(0, 12);
    expect(fitDepolarizing([450, 50, 50, 450], ghz).fidelity).toBeCloseTo(0.8, 12);
    expect(linearXeb([450, 50, 50, 450], ghz)).toMatchObject({ value: 0.8, ideal: 1 });
  });
  it('goes no further than the counts have a probability', () => {
    // 1/4 + F · 0.45 = 1/1000
    expect(fitDepolarizing([1, 333, 333, 333], [0.7, 0.1, 0.1, 0.1]).fidelity).toBeCloseTo(-0.249 / 0.45, 12);
  });
  it('can’t be told from a distribution that is even already', () => {
    expect(fitDepolarizing([5, 5], [0.5, 0.5])).toEqual({ fidelity: 0, error: Number.POSITIVE_INFINITY });
  });
  it('of one shot, or of counts that avoid what is likely', () => {
    expect(linearXeb([1, 0, 0, 0], ghz).error).toBe(Number.POSITIVE_INFINITY);
    expect(fitDepolarizing([0, 50, 50, 0], ghz).fidelity).toBeLessThan(-0.9);
  });
  it('is within its error bar as often as it should', () => {
    const random = pythonRandom(5);
    const ideal = [0.4, 0.3, 0.2, 0.1];
    let within = 0;
    for (let round = 0; round < 1000; round++) {
      const seen = [0, 0, 0, 0];
      for (let shot = 0; shot < 2000; shot++) {
        const u = random.random();
        seen[random.random() < 0.3 ? Math.floor(u * 4) : u < 0.4 ? 0 : u < 0.7 ? 1 : u < 0.9 ? 2 : 3]!++;
      }
      const { fidelity, error } = fitDepolarizing(seen, ideal);
      if (Math.abs(fidelity - 0.7) < error) within++;
    }
    expect(within / 1000).toBeGreaterThan(0.64);
    expect(within / 1000).toBeLessThan(0.73);
  });
});

it('Holm’s rule takes each p-value as often as there are larger ones, and keeps their order', () => {
  expect(adjustByHolm([0.01, 0.04, 0.03])).toEqual([0.03, 0.06, 0.06]);
  expect(adjustByHolm([0.9, 0.8])).toEqual([1, 1]);
  expect(adjustByHolm([])).toEqual([]);
});

describe('expectation values', () => {
  const compare = (a: [number, number?], b: [number, number?]) =>
    compareEstimates({ value: a[0], error: a[1] }, { value: b[0], error: b[1] });
  it('are held against the error of their difference', () => {
    expect(compare([1, 0.3], [0, 0.4])!.z).toBeCloseTo(2, 12);
    expect(compare([0.5, 0], [0.5 + 1e-12, 0])).toEqual({ z: 0, p: 1 });
    expect(compare([0.5, 0], [0.6, 0])).toMatchObject({ p: 0 });
  });
  it('can’t be where an error isn’t known, unless they are equal', () => {
    expect(compare([1], [1.1, 0.1])).toBeUndefined();
    expect(compare([1], [1])).toEqual({ z: 0, p: 1 });
  });
});
