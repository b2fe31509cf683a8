/**
 * Trusted time (docs/policy.md): when something existed by, on the word of others than its signer. It never says that
 * something happened at a time, nor that it is not older.
 */

import { formatTime } from '../core/time.ts';
import type { PolicySigner } from './policy.ts';

export interface TrustedTime {
  /** Milliseconds since 1970. */
  readonly ms: number;
  /** Whose word it is. */
  readonly source: string;
}

export function earliest(times: readonly TrustedTime[]): TrustedTime | undefined {
  return times.toSorted((a, b) => a.ms - b.ms)[0];
}

/** As people read it, to the second. */
export function describeTime({ ms, source }: TrustedTime): string {
  return `existed by ${formatTime(ms)}, on the word of ${source}`;
}

/** Why a signer's window doesn't cover what existed by a time; undefined where it does, or where there is no window. */
export function findWindowFault(
  { not_before, not_after, revoked_at }: PolicySigner,
  time: TrustedTime | undefined,
  skew: number,
): string | undefined {
  if ((not_before ?? not_after ?? revoked_at) === undefined) return undefined;
  if (time === undefined) return 'for a time only, and nothing here proves a time';
  if (not_before !== undefined && time.ms < not_before - skew)
    return `from ${formatTime(not_before)} on, and this existed by ${formatTime(time.ms)}`;
  if (not_after !== undefined && time.ms > not_after + skew)
    return `until ${formatTime(not_after)}, and nothing shows that this existed by then`;
  if (revoked_at !== undefined && time.ms >= revoked_at)
    return `until ${formatTime(revoked_at)}, when the key was revoked, and nothing shows that this existed before`;
  return undefined;
}
