/**
 * What the distances between two lots of counts are, on average, where nothing but shot noise tells the lots apart. Given how often
 * each outcome occurred in both together, every division of the shots among the two is then equally likely, and the count of
 * an outcome in the first is hypergeometric. So both are closed forms, and nothing is resampled:
 *
 * - E|X−E X| of a hypergeometric X is 2ν(N−K−n+ν)/N · P(X=ν), ν = ⌊nK/N⌋ + 1 (P. Diaconis, S. Zabell, *Closed Form Summation for
 *   Classical Distributions: Variations on a Theme of De Moivre*, Statistical Science 6, 1991), which gives the total variation;
 * - E Σ√(pq) is the sum of E√(X(K−X)) over the support. Its square is what is shown for the Hellinger fidelity; the fidelity's own
 *   average is larger by the variance of Σ√(pq), which is of the order of one over the square of the shots.
 */

import { exp } from '../core/exp-log.ts';
import type { Samples } from './samples.ts';
import { deviance, stirlingError } from './stirling.ts';

/** `drawn` of `all`, of which `marked` are marked. */
interface Draw {
  readonly all: number;
  readonly marked: number;
  readonly drawn: number;
}

export function expectedTotalVariation({ a, b, shotsA, shotsB }: Samples): number {
  const all = shotsA + shotsB;
  let sum = 0;
  for (let outcome = 0; outcome < a.length; outcome++)
    sum += meanDeviation({ all, marked: a[outcome]! + b[outcome]!, drawn: shotsA });
  // x/A − (t−x)/B = (x − tA/(A+B)) · (A+B)/(AB)
  return (sum * all) / (2 * shotsA * shotsB);
}

export function expectedHellingerFidelity({ a, b, shotsA, shotsB }: Samples): number {
  const all = shotsA + shotsB;
  // Many outcomes occur equally often.
  const known = new Map<number, number>();
  let sum = 0;
  for (let outcome = 0; outcome < a.length; outcome++) {
    const marked = a[outcome]! + b[outcome]!;
    if (!known.has(marked)) known.set(marked, meanRootProduct({ all, marked, drawn: shotsA }));
    sum += known.get(marked)!;
  }
  return Math.min(1, (sum * sum) / (shotsA * shotsB));
}

function meanDeviation(draw: Draw): number {
  const { all, marked, drawn } = draw;
  const v = Math.floor((drawn * marked) / all) + 1;
  if (v > Math.min(drawn, marked)) return 0;
  return ((2 * v * (all - marked - drawn + v)) / all) * hypergeometric(v, draw);
}

/** From the likeliest value outwards, until nothing is added any more. */
function meanRootProduct(draw: Draw): number {
  const { all, marked, drawn } = draw;
  const least = Math.max(0, drawn + marked - all);
  const most = Math.min(drawn, marked);
  const mode = Math.min(most, Math.max(least, Math.floor(((drawn + 1) * (marked + 1)) / (all + 2))));
  const peak = hypergeometric(mode, draw);
  let sum = peak * Math.sqrt(mode * (marked - mode));
  let weight = peak;
  for (let x = mode; x < most && weight > peak * NEGLIGIBLE; x++) {
    weight *= ((marked - x) * (drawn - x)) / ((x + 1) * (all - marked - drawn + x + 1));
    sum += weight * Math.sqrt((x + 1) * (marked - x - 1));
  }
  weight = peak;
  for (let x = mode; x > least && weight > peak * NEGLIGIBLE; x--) {
    weight *= (x * (all - marked - drawn + x)) / ((marked - x + 1) * (drawn - x + 1));
    sum += weight * Math.sqrt((x - 1) * (marked - x + 1));
  }
  return sum;
}

const NEGLIGIBLE = 1e-18;

/** P(X = x), by Loader's saddle points. */
function hypergeometric(x: number, { all, marked, drawn }: Draw): number {
  const p = drawn / all;
  const q = (all - drawn) / all;
  return (binomial(x, marked, p, q) * binomial(drawn - x, all - marked, p, q)) / binomial(drawn, all, p, q);
}

/** @param q 1 − p */
function binomial(x: number, n: number, p: number, q: number): number {
  if (x < 0 || x > n) return 0;
  if (x === 0) return exp(-deviance(n, n * q) - n * p);
  if (x === n) return exp(-deviance(n, n * p) - n * q);
  const errors = stirlingError(n) - stirlingError(x) - stirlingError(n - x);
  const scale = Math.sqrt(n / (2 * Math.PI * x * (n - x)));
  return exp(errors - deviance(x, n * p) - deviance(n - x, n * q)) * scale;
}
