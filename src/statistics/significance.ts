/**
 * When a test says *no*. Below one in a thousand, and of several tests by Holm's rule, so that a record of a hundred programs is no
 * more often accused than one of one (S. Holm, *A Simple Sequentially Rejective Multiple Test Procedure*, 1979).
 */

export const SIGNIFICANCE = 0.001;

/** Each p-value as it counts among all of them: to be held against `SIGNIFICANCE`. */
export function adjustByHolm(values: readonly number[]): number[] {
  const order = values.map((_, at) => at).sort((i, j) => values[i]! - values[j]!);
  const adjusted = new Array<number>(values.length);
  let most = 0;
  for (const [rank, at] of order.entries()) {
    most = Math.max(most, Math.min(1, (values.length - rank) * values[at]!));
    adjusted[at] = most;
  }
  return adjusted;
}
