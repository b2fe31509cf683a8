/** Two lots of counts over the outcomes that occurred in either. */

export interface Samples {
  /** In the order of `outcomes`. */
  readonly a: Float64Array;
  readonly b: Float64Array;
  readonly outcomes: readonly string[];
  readonly shotsA: number;
  readonly shotsB: number;
}

/** @param a each with at least one shot */
export function alignSamples(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): Samples {
  const outcomes = [...new Set([...a.keys(), ...b.keys()])].sort();
  const inOrder = (counts: ReadonlyMap<string, number>) =>
    Float64Array.from(outcomes, (outcome) => counts.get(outcome) ?? 0);
  return { a: inOrder(a), b: inOrder(b), outcomes, shotsA: shotsOf(a), shotsB: shotsOf(b) };
}

function shotsOf(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}
