/**
 * The cells of a test. The χ² distribution describes a cell only where enough is expected in it: five, by the rule of W. G. Cochran
 * (*Some Methods for Strengthening the Common χ² Tests*, Biometrics 10, 1954). An outcome of which five or more are expected is a
 * cell of its own. The others are pooled: the rarest first, by halvings of the five and in the order of the outcomes within one,
 * a cell being closed as soon as five are expected in it; what is left at the end joins the last cell.
 *
 * Outcomes of like probability stand together, so that noise, which moves counts from the likely to the unlikely ones, still shows
 * where no outcome is expected five times. Only expectations decide: cells chosen by the counts themselves would test nothing.
 */

export const MIN_EXPECTED = 5;
/** All that are expected less often than 5 · 2⁻⁴⁰ times are one level. */
const LEVELS = 41;

export interface Cells {
  readonly count: number;
  /** Each outcome's cell. */
  readonly of: Uint32Array;
}

/** @param expected of each outcome, not negative */
export function poolCells(expected: ArrayLike<number>): Cells {
  const of = new Uint32Array(expected.length);
  let cell = 0;
  let sum = 0;
  for (const outcome of rarestFirst(expected)) {
    of[outcome] = cell;
    sum += expected[outcome]!;
    if (sum < MIN_EXPECTED) continue;
    cell++;
    sum = 0;
  }
  const pooled = cell;
  for (let outcome = 0; outcome < expected.length; outcome++)
    if (expected[outcome]! >= MIN_EXPECTED) of[outcome] = cell++;
  // What is left has the number of the first outcome that stands alone; where none does, the last pool takes it in.
  if (cell === pooled && pooled > 0)
    for (let outcome = 0; outcome < of.length; outcome++) of[outcome] = Math.min(of[outcome]!, pooled - 1);
  return { count: Math.max(cell, 1), of };
}

/** The outcomes that aren't expected five times. In time and memory of their number: there may be a million. */
function rarestFirst(expected: ArrayLike<number>): Uint32Array {
  const levels = new Uint8Array(expected.length);
  const ends = new Uint32Array(LEVELS + 1);
  for (let outcome = 0; outcome < expected.length; outcome++) {
    levels[outcome] = levelOf(expected[outcome]!);
    ends[levels[outcome]!]!++;
  }
  // Of each level where it begins: the highest one, which is the rarest, first. Level 0 stands alone.
  let start = 0;
  for (let level = LEVELS; level >= 1; level--) {
    const size = ends[level]!;
    ends[level] = start;
    start += size;
  }
  const order = new Uint32Array(start);
  for (let outcome = 0; outcome < expected.length; outcome++) {
    const level = levels[outcome]!;
    if (level > 0) order[ends[level]!++] = outcome;
  }
  return order;
}

/** 0 for what stands alone, and one more for each halving. */
function levelOf(expected: number): number {
  let level = 0;
  for (let limit = MIN_EXPECTED; expected < limit && level < LEVELS; limit /= 2) level++;
  return level;
}
