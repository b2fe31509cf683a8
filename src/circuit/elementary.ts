/**
 * exp, ln, powers and the inverse trigonometric functions, the same bits on every engine: angles of OpenQASM expressions
 * feed a circuit's digest, and the built-in functions of engines differ in the last place.
 *
 * Computed in fixed point with 256 fraction bits and rounded once, so the error is under 0.51 ulp (of `tan`: 2). Slow, some 10 µs,
 * which a reader bounds by counting.
 */

import { sinCos } from '../core/trig.ts';

const BITS = 256;
const FRACTION = BigInt(BITS);
const ONE = 1n << FRACTION;

/** atanh(1/3) · 2. */
const LN2 = lnOfMantissa(2n * ONE);

/** Below it, x and the function of x (sin-like at 0) are the same double. */
const TINY = 2 ** -28;

export function exp(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x > 710) return Number.POSITIVE_INFINITY;
  return x < -746 ? 0 : expOfFixed(toFixed(x));
}

/** NaN below 0. */
export function ln(x: number): number {
  if (x === 0) return Number.NEGATIVE_INFINITY;
  if (!(x > 0)) return Number.NaN;
  return x === Number.POSITIVE_INFINITY ? x : toDouble(lnToFixed(x));
}

/** Within 2 ulp, as the quotient of two functions that are each within one. */
export function tan(x: number): number {
  const { sin, cos } = sinCos(x);
  return sin / cos;
}

export function atan(x: number): number {
  if (Math.abs(x) < TINY || Number.isNaN(x)) return x;
  const magnitude =
    Math.abs(x) > 1 ? HALF_PI - atanOfFixed(reciprocal(Math.abs(x))) : atanOfFixed(toFixed(Math.abs(x)));
  return x < 0 ? -toDouble(magnitude) : toDouble(magnitude);
}

/** NaN beyond 1. */
export function asin(x: number): number {
  if (!(Math.abs(x) <= 1)) return Number.NaN;
  if (Math.abs(x) < TINY) return x;
  return x < 0 ? -toDouble(asinOfFixed(-x)) : toDouble(asinOfFixed(x));
}

/** NaN beyond 1. */
export function acos(x: number): number {
  if (!(Math.abs(x) <= 1)) return Number.NaN;
  return toDouble(x < 0 ? HALF_PI + asinOfFixed(-x) : HALF_PI - asinOfFixed(x));
}

/** NaN for a negative base with a fractional exponent, as in C. */
export function power(base: number, exponent: number): number {
  if (exponent === 0 || base === 1) return 1;
  if (Number.isNaN(base) || Number.isNaN(exponent)) return Number.NaN;
  const odd = Number.isInteger(exponent) && exponent % 2 !== 0;
  if (base < 0) return Number.isInteger(exponent) ? (odd ? -1 : 1) * power(-base, exponent) : Number.NaN;
  if (base === 0) return exponent > 0 ? 0 : Number.POSITIVE_INFINITY;
  if (!Number.isFinite(base) || !Number.isFinite(exponent)) throw new RangeError('not a finite power');
  const logarithm = lnToFixed(base);
  // Far outside what a double holds: no need to multiply.
  const estimate = toDouble(logarithm) * exponent;
  if (estimate > 710) return Number.POSITIVE_INFINITY;
  return estimate < -746 ? 0 : expOfFixed((logarithm * toFixed(exponent)) >> FRACTION);
}

/** Exact down to 2^−256; smaller parts are dropped, which no caller notices. */
function toFixed(x: number): bigint {
  if (Number.isInteger(x)) return BigInt(x) << FRACTION;
  const { mantissa, exponent } = decompose(Math.abs(x));
  const shift = BigInt(exponent + BITS);
  const magnitude = shift >= 0n ? mantissa << shift : mantissa >> -shift;
  return x < 0 ? -magnitude : magnitude;
}

/** Correctly rounded while it is no subnormal. */
function toDouble(x: bigint): number {
  return Number(x) / 2 ** BITS;
}

function decompose(x: number): { mantissa: bigint; exponent: number } {
  const bits = new BigUint64Array(new Float64Array([x]).buffer)[0]!;
  const field = Number(bits >> 52n);
  const fraction = bits & 0xfffffffffffffn;
  return field === 0
    ? { mantissa: fraction, exponent: -1074 }
    : { mantissa: fraction | 0x10000000000000n, exponent: field - 1075 };
}

/** 2^k · e^r with |r| ≤ ln2/2, by Taylor. */
function expOfFixed(x: bigint): number {
  const k = (x + LN2 / 2n) / LN2 - (x + LN2 / 2n < 0n ? 1n : 0n);
  const rest = x - k * LN2;
  let term = ONE;
  let sum = ONE;
  for (let n = 1n; term !== 0n; n++) {
    term = ((term * rest) >> FRACTION) / n;
    sum += term;
  }
  // In two steps: 2^1024 alone is no double.
  const half = Math.trunc(Number(k) / 2);
  return toDouble(sum) * powerOfTwo(half) * powerOfTwo(Number(k) - half);
}

/** By its bits: engines have had inexact powers. */
function powerOfTwo(exponent: number): number {
  return new Float64Array(new BigUint64Array([BigInt(exponent + 1023) << 52n]).buffer)[0]!;
}

function lnToFixed(x: number): bigint {
  const { mantissa, exponent } = decompose(x);
  const width = mantissa.toString(2).length;
  const scaled = mantissa << (FRACTION - BigInt(width - 1));
  const k = exponent + width - 1;
  // Around 1, so that nothing cancels: [√½, √2].
  return scaled > (ONE * 3n) / 2n
    ? lnOfMantissa(scaled >> 1n) + BigInt(k + 1) * LN2
    : lnOfMantissa(scaled) + BigInt(k) * LN2;
}

/** ln x = 2 atanh((x − 1) / (x + 1)). */
function lnOfMantissa(x: bigint): bigint {
  const z = ((x - ONE) << FRACTION) / (x + ONE);
  return 2n * oddSeries(z, (z * z) >> FRACTION);
}

/** z + z·r/3 + z·r²/5 + … */
function oddSeries(z: bigint, ratio: bigint): bigint {
  let term = z;
  let sum = z;
  for (let n = 3n; term !== 0n && term !== -1n; n += 2n) {
    term = (term * ratio) >> FRACTION;
    sum += term / n;
  }
  return sum;
}

function reciprocal(x: number): bigint {
  const { mantissa, exponent } = decompose(x);
  const shift = 2n * FRACTION - BigInt(exponent + BITS);
  return shift < 0n ? 0n : (1n << shift) / mantissa;
}

/** Of 0 ≤ x ≤ 1: two half-angle steps, tan(a/2) = tan a / (1 + √(1 + tan² a)), then Taylor. */
function atanOfFixed(x: bigint): bigint {
  let tangent = x;
  for (let step = 0; step < 2; step++)
    tangent = (tangent << FRACTION) / (ONE + squareRoot(ONE + ((tangent * tangent) >> FRACTION)));
  return 4n * oddSeries(tangent, -((tangent * tangent) >> FRACTION));
}

const HALF_PI = 2n * atanOfFixed(ONE);

function asinOfFixed(x: number): bigint {
  const sine = toFixed(x);
  const cosine = squareRoot(ONE - ((sine * sine) >> FRACTION));
  return sine > cosine
    ? HALF_PI - atanOfFixed((cosine << FRACTION) / sine)
    : atanOfFixed((sine << FRACTION) / cosine);
}

/** By Newton, from above. */
function squareRoot(x: bigint): bigint {
  if (x === 0n) return 0n;
  const square = x << FRACTION;
  let root = 1n << BigInt(Math.trunc(square.toString(2).length / 2) + 1);
  for (;;) {
    const next = (root + square / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}
