/**
 * What a benchmark hands over for the one table of `npm run bench` (bench/run.ts): ours beside a named peer, both measured in
 * turn in the same run. Run alone, a benchmark hands over to nobody and prints its own tables as ever.
 */

export interface Row {
  readonly what: string;
  /** '/s' is a rate, of which more is better; of everything else less is. */
  readonly unit: '/s' | 'ms' | 's' | 'MB' | 'gas' | '%' | 'files';
  readonly ours: number;
  readonly peer?: Peer;
  /** Of the ratio; of a row without a peer, of the figure itself. Without one, the row informs. */
  readonly limit?: { readonly atLeast: number } | { readonly atMost: number };
  readonly growth?: Growth;
}

export interface Peer {
  readonly name: string;
  readonly value: number;
  /** Where it isn't ours / value: a median of rounds, each with its own. */
  readonly ratio?: number;
}

/** So many times as many of something, and what it then costs, as a factor. */
export interface Growth {
  readonly of: string;
  readonly by: number;
  readonly cost: number;
}

/** A peer that this machine has not: never left out in silence. */
export interface Skipped {
  readonly what: string;
  readonly skipped: string;
}

export type Handed = Row | Skipped;

/** `npm run bench` without `--full`: what takes minutes is measured at a smaller size. */
export const SMALL = process.argv.includes('--small');

export function handOver(...rows: readonly Handed[]): void {
  for (const row of rows) process.send?.(row);
}

export function skip(what: string, reason: string): void {
  console.log(`left out: ${what}: ${reason}`);
  handOver({ what, skipped: reason });
}

/** What it costs per operation at the larger size, of rates. */
export function growthOfRates(
  of: string,
  sizes: readonly [number, number],
  rates: readonly [number, number],
) {
  const by = sizes[1] / sizes[0];
  return { of, by, cost: (by * rates[0]) / rates[1] } satisfies Growth;
}

export function ratioOf({ ours, peer }: Row): number | undefined {
  return peer && (peer.ratio ?? ours / peer.value);
}

export function isMissed(row: Row): boolean {
  if (row.limit === undefined) return false;
  const value = ratioOf(row) ?? row.ours;
  return 'atLeast' in row.limit ? !(value >= row.limit.atLeast) : !(value <= row.limit.atMost);
}
