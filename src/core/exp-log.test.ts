import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exp, ln } from './exp-log.ts';

const nearly = (got: number, wanted: number): boolean =>
  Math.abs(got - wanted) <= 4e-16 * Math.abs(wanted) + Number.MIN_VALUE;

describe('the portable exponential and logarithm', () => {
  it('are the engine’s own, but for the last bits', () => {
    const finite = fc.double({ min: Number.MIN_VALUE, max: Number.MAX_VALUE, noNaN: true });
    fc.assert(
      fc.property(finite, (x) => nearly(ln(x), Math.log(x))),
      { numRuns: 5000 },
    );
    fc.assert(
      fc.property(fc.double({ min: -745, max: 709.7, noNaN: true }), (x) => nearly(exp(x), Math.exp(x))),
      { numRuns: 5000 },
    );
    fc.assert(fc.property(fc.double({ min: 0.5, max: 2, noNaN: true }), (x) => nearly(ln(x), Math.log(x))));
  });

  it('have exact ends', () => {
    expect([ln(1), ln(0), ln(-1), ln(Number.POSITIVE_INFINITY)]).toEqual([
      0,
      -Infinity,
      Number.NaN,
      Infinity,
    ]);
    expect([exp(0), exp(710), exp(-746), exp(Number.NaN)]).toEqual([1, Infinity, 0, Number.NaN]);
    expect(ln(2 ** -1074)).toBe(Math.log(2 ** -1074));
  });

  it('have these very bits, on every engine', () => {
    const bits = (x: number) => new BigUint64Array(new Float64Array([x]).buffer)[0]!.toString(16);
    expect([0.1, 3, 1e10, 1e-300].map((x) => bits(ln(x)))).toMatchInlineSnapshot(`
      [
        "c0026bb1bbb55515",
        "3ff193ea7aad030a",
        "4037069e2aa2aa5b",
        "c085963447f87fb5",
      ]
    `);
    expect([0.1, 3, -20.5, 700].map((x) => bits(exp(x)))).toMatchInlineSnapshot(`
      [
        "3ff1aec7b35a00d4",
        "403415e5bf6fb106",
        "3e157a3afeed00ac",
        "7f0d945df4f8ec8e",
      ]
    `);
  });
});
