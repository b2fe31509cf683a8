/** Counts as a record holds them: inline, or by the digest of their canonical JSON once there are too many. */

import type { Bytes } from '../core/bytes.ts';
import { digestOf } from '../core/digest.ts';
import { canonicalBytes } from '../core/jcs.ts';
import { MAX_INLINE_OUTCOMES, type Result } from './schema.ts';

/**
 * The result, and the object to keep beside the record where the counts aren't inline.
 * @param most how many outcomes may be inline: fewer, where a record holds many results
 */
export function summarizeCounts(
  counts: ReadonlyMap<string, number>,
  bits: number,
  most = MAX_INLINE_OUTCOMES,
): { readonly result: Result; readonly object?: Bytes } {
  const sorted = Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
  if (counts.size <= most) return { result: { kind: 'counts', bits, counts: sorted } };
  const object = canonicalBytes(sorted);
  return { result: { kind: 'counts', bits, outcomes: counts.size, digest: digestOf(object) }, object };
}
