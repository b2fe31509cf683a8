/**
 * The regularised upper incomplete gamma function Q(a, x), and the tails of χ² and the normal distribution that it gives
 * (NIST DLMF, sections 8.7.1 and 8.9.2: https://dlmf.nist.gov/8). Below x = a + 1 one minus the series, above it the continued
 * fraction by Lentz's method: either keeps a small tail's own digits.
 */

import { exp } from '../core/exp-log.ts';
import { deviance, stirlingError } from './stirling.ts';

/** P(χ² with `df` degrees of freedom ≥ `x`). */
export function chiSquareTail(x: number, df: number): number {
  return upperGamma(df / 2, x / 2);
}

/** P(|z| ≥ the distance) of a standard normal z. */
export function normalTwoSided(z: number): number {
  return upperGamma(0.5, (z * z) / 2);
}

/** @param a positive */
export function upperGamma(a: number, x: number): number {
  if (x <= 0) return 1;
  if (x === Number.POSITIVE_INFINITY) return 0;
  return x < a + 1 ? 1 - power(a, x) * lowerSeries(a, x) : power(a, x) * a * upperFraction(a, x);
}

/** xᵃ·e⁻ˣ / Γ(a + 1). */
function power(a: number, x: number): number {
  return exp(-stirlingError(a) - deviance(a, x)) / Math.sqrt(2 * Math.PI * a);
}

function lowerSeries(a: number, x: number): number {
  let term = 1;
  let sum = 1;
  for (let n = a + 1; term > sum * Number.EPSILON * 0.25; n++) {
    term *= x / n;
    sum += term;
  }
  return sum;
}

/** 1 / (x+1−a − 1·(1−a)/(x+3−a − 2·(2−a)/(x+5−a − …))). */
function upperFraction(a: number, x: number): number {
  let b = x + 1 - a;
  let c = Number.MAX_VALUE;
  let d = 1 / b;
  let value = d;
  for (let n = 1; ; n++) {
    const numerator = n * (a - n);
    b += 2;
    d = 1 / nonZero(numerator * d + b);
    c = nonZero(b + numerator / c);
    const factor = c * d;
    value *= factor;
    if (Math.abs(factor - 1) <= Number.EPSILON) return value;
  }
}

function nonZero(x: number): number {
  return x === 0 ? Number.MIN_VALUE * 1e20 : x;
}
