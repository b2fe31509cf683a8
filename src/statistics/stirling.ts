/**
 * Factorials as what Stirling's formula leaves over, and deviances: with these two, probabilities of large counts lose no
 * digits, where differences of logarithms of factorials would lose ten (C. Loader, *Fast and Accurate Computation of Binomial
 * Probabilities*, 2000).
 */

import { ln } from '../core/exp-log.ts';

const HALF_LN_2PI = 0.9189385332046728;
/** From here on the series below is exact to the last bit. */
const LARGE = 16;

/** ln Γ(x) for x > 0. */
function logGamma(x: number): number {
  let shifted = x;
  let product = 1;
  for (; shifted <= LARGE; shifted++) product *= shifted;
  const n = shifted - 1;
  return (n + 0.5) * ln(n) - n + HALF_LN_2PI + series(n) - ln(product);
}

/** ln n! − ln(√(2πn) · (n/e)ⁿ), for n > 0, whole or not. */
export function stirlingError(n: number): number {
  return n >= LARGE ? series(n) : logGamma(n + 1) - (n + 0.5) * ln(n) + n - HALF_LN_2PI;
}

function series(n: number): number {
  const square = n * n;
  let sum = 691 / 360360;
  for (const term of [1 / 1188, 1 / 1680, 1 / 1260, 1 / 360, 1 / 12]) sum = term - sum / square;
  return sum / n;
}

/** x · ln(x/mean) + mean − x: how far a count is from its mean, without loss where they are close. */
export function deviance(x: number, mean: number): number {
  if (x === 0) return mean;
  const difference = x - mean;
  if (Math.abs(difference) >= 0.1 * (x + mean)) return x * ln(x / mean) - difference;
  const v = difference / (x + mean);
  let sum = difference * v;
  let term = 2 * x * v;
  for (let j = 3; ; j += 2) {
    term *= v * v;
    const next = sum + term / j;
    if (next === sum) return sum;
    sum = next;
  }
}
