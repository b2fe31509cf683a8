/**
 * The G-test (log-likelihood ratio): G = 2 Σ O·ln(O/E) over pooled cells, which is χ² distributed where the hypothesis holds
 * (R. R. Sokal, F. J. Rohlf, *Biometry*, chapter 17). In cells of five the statistic is a few percent too large: it is divided by
 * D. A. Williams's correction (*Improved Likelihood Ratio Tests for Complete Contingency Tables*, Biometrika 63, 1976).
 */

import { ln } from '../core/exp-log.ts';
import { chiSquareTail } from './incomplete-gamma.ts';
import { type Cells, poolCells } from './pooled-cells.ts';

export interface GTest {
  readonly cells: number;
  /** G, before the correction. */
  readonly statistic: number;
  /** The value that shot noise alone gives G / `correction` on average. */
  readonly df: number;
  readonly correction: number;
  /** How often honest shots give a G as large. */
  readonly p: number;
}

/**
 * Whether counts come from a distribution.
 *
 * @param fitted how many parameters of it were fitted to these counts
 * @returns undefined where so few are expected that one cell is left
 */
export function testFit(
  observed: ArrayLike<number>,
  expected: ArrayLike<number>,
  fitted = 0,
): GTest | undefined {
  const cells = poolCells(expected);
  const df = cells.count - 1 - fitted;
  if (df < 1) return undefined;
  const seen = sumBy(cells, observed);
  const wanted = sumBy(cells, expected);
  const shots = total(seen);
  const inverse = wanted.reduce((sum, one) => sum + shots / one, 0);
  const correction = 1 + (inverse - 1) / (6 * shots * (cells.count - 1));
  return conclude(2 * divergence(seen, wanted), df, correction, cells.count);
}

/**
 * Whether two lots of counts come from one distribution, whatever it is.
 *
 * @returns undefined where so few are expected that one cell is left
 */
export function testSamples(a: ArrayLike<number>, b: ArrayLike<number>): GTest | undefined {
  const [shotsA, shotsB] = [total(a), total(b)];
  const all = shotsA + shotsB;
  const both = Float64Array.from({ length: a.length }, (_, outcome) => a[outcome]! + b[outcome]!);
  const smaller = Math.min(shotsA, shotsB) / all;
  const cells = poolCells(both.map((count) => count * smaller));
  if (cells.count < 2) return undefined;
  const sums = sumBy(cells, both);
  const statistic =
    2 * divergence(sumBy(cells, a), sums, shotsA / all) + 2 * divergence(sumBy(cells, b), sums, shotsB / all);
  const rows = all / shotsA + all / shotsB - 1;
  const columns = sums.reduce((sum, count) => sum + all / count, 0) - 1;
  const correction = 1 + (rows * columns) / (6 * all * (cells.count - 1));
  return conclude(statistic, cells.count - 1, correction, cells.count);
}

function conclude(statistic: number, df: number, correction: number, cells: number): GTest {
  // Rounding may leave a −0 of perfect agreement a little below zero.
  const g = Math.max(0, statistic);
  return { cells, statistic: g, df, correction, p: chiSquareTail(g / correction, df) };
}

function divergence(observed: Float64Array, expected: Float64Array, share = 1): number {
  let sum = 0;
  for (let cell = 0; cell < observed.length; cell++)
    if (observed[cell]! > 0) sum += observed[cell]! * ln(observed[cell]! / (expected[cell]! * share));
  return sum;
}

function sumBy({ count, of }: Cells, values: ArrayLike<number>): Float64Array {
  const sums = new Float64Array(count);
  for (let outcome = 0; outcome < values.length; outcome++) sums[of[outcome]!]! += values[outcome]!;
  return sums;
}

function total(values: ArrayLike<number>): number {
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += values[at]!;
  return sum;
}
