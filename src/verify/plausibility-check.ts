/** Where the check of plausibility stands among a record's checks, and what it does to a verdict: it informs, and fails where the policy asks. */

import type { ExecutionRecord } from '../record/schema.ts';
import { type Check, type Found, found, makeCheck } from './check.ts';
import type { ReadObject } from './held-objects.ts';
import type { Trust } from './trust.ts';

export interface PlausibilityMeans {
  /** `judgePlausibility`, handed in only where someone asks: it brings the simulator, and costs a simulation. */
  readonly plausibility?: ((record: ExecutionRecord, read: ReadObject) => Found) | undefined;
  /** What a store holds beside the evidence. */
  readonly readObject?: ReadObject | undefined;
}

export function demandsPlausibility(trust: Trust): boolean {
  return trust.kind === 'policy' && trust.policy.require?.plausibility === true;
}

/** @param checks of the record, made before */
export function plausibilityChecks(
  record: ExecutionRecord,
  checks: readonly Check[],
  trust: Trust,
  { plausibility, readObject = () => undefined }: PlausibilityMeans,
): Check[] {
  if (plausibility === undefined) return [];
  const counts = checks.find(({ id, status }) => id === 'record.counts' && status === 'fail');
  const judged =
    counts === undefined ? plausibility(record, readObject) : found('skipped', 'needs record.counts');
  return [plausibilityCheck(judged, trust)];
}

export function plausibilityCheck(judged: Found, trust: Trust): Check {
  const status = judged.status === 'fail' && !demandsPlausibility(trust) ? 'unknown' : judged.status;
  return makeCheck('plausibility', 'a simulation', { ...judged, status });
}
