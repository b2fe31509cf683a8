import { expect, test } from 'vitest';
import { acos, asin, atan, exp, ln, power, tan } from './elementary.ts';

const view = new DataView(new ArrayBuffer(8));

/** How many doubles lie between. */
function ulps(a: number, b: number): number {
  if (Object.is(a, b) || a === b) return 0;
  const order = (x: number) => {
    view.setFloat64(0, x);
    const bits = view.getBigInt64(0);
    return bits < 0n ? -(bits & 0x7fffffffffffffffn) : bits;
  };
  return Number(order(a) > order(b) ? order(a) - order(b) : order(b) - order(a));
}

/** Spread over magnitudes, the same on every run. */
const samples = Array.from({ length: 2_000 }, (_, index) => {
  const fraction = (index * 0.618033988749895) % 1;
  return (index % 2 === 0 ? 1 : -1) * (1 + fraction) * 2 ** ((index % 40) - 30);
});

// The engine's own are within an ulp or so; the portable ones must be no further from them.
test.each([
  ['exp', exp, Math.exp],
  ['tan', tan, Math.tan],
  ['atan', atan, Math.atan],
  ['ln', (x: number) => ln(Math.abs(x)), (x: number) => Math.log(Math.abs(x))],
  ['asin', (x: number) => asin(x % 1), (x: number) => Math.asin(x % 1)],
  ['acos', (x: number) => acos(x % 1), (x: number) => Math.acos(x % 1)],
  ['power', (x: number) => power(Math.abs(x), x % 7), (x: number) => Math.abs(x) ** (x % 7)],
])('%s', (_, portable, builtin) => {
  for (const x of samples) expect(ulps(portable(x), builtin(x)), `at ${x}`).toBeLessThanOrEqual(2);
});

test('exact where the result is a double', () => {
  expect(power(2, -1)).toBe(0.5);
  expect(power(2, 1023)).toBe(2 ** 1023);
  expect(power(-3, 3)).toBe(-27);
  expect(power(10, 15)).toBe(1e15);
  expect(power(2, 0.5)).toBe(Math.SQRT2);
  expect(exp(0)).toBe(1);
  expect(exp(1)).toBe(Math.E);
  expect(ln(1)).toBe(0);
  expect(ln(2)).toBe(Math.LN2);
  expect(acos(-1)).toBe(Math.PI);
  expect(asin(1)).toBe(Math.PI / 2);
  expect(4 * atan(1)).toBe(Math.PI);
});

test('at the ends', () => {
  expect(exp(1000)).toBe(Number.POSITIVE_INFINITY);
  expect(exp(-1000)).toBe(0);
  expect(exp(-745)).toBe(5e-324);
  expect(ln(0)).toBe(Number.NEGATIVE_INFINITY);
  expect(ln(-1)).toBeNaN();
  expect(ln(5e-324)).toBeCloseTo(-744.4400719213812, 12);
  expect(asin(1.1)).toBeNaN();
  expect(acos(-1.1)).toBeNaN();
  expect(atan(1e300)).toBe(Math.PI / 2);
  expect(atan(1e-300)).toBe(1e-300);
  expect(power(-2, 0.5)).toBeNaN();
  expect(power(0, -1)).toBe(Number.POSITIVE_INFINITY);
  expect(power(10, 400)).toBe(Number.POSITIVE_INFINITY);
  expect(power(10, -400)).toBe(0);
});
