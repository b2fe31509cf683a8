/** Of a verdict that fails: what holds all the same, and what is worth nothing without the checks that failed. */

import type { Check } from './check.ts';
import type { CheckId } from './claims.ts';

/**
 * What a check is worth nothing without, directly: counts that add up say nothing once the record was changed, and a logged
 * envelope nothing of this record once it turns out to be another's.
 */
const RESTS_ON: Partial<Readonly<Record<CheckId, readonly CheckId[]>>> = {
  'record.signature': ['record.hash'],
  'record.signer': ['record.signature'],
  'record.counts': ['record.hash'],
  'record.times': ['record.hash'],
  'result.digest': ['record.hash'],
  'result.samples': ['record.hash', 'artifact.digest'],
  'circuit.rebuild': ['record.hash'],
  'circuit.source': ['circuit.rebuild', 'record.hash'],
  'circuit.executed': ['record.hash', 'artifact.digest'],
  plausibility: ['record.counts', 'circuit.rebuild'],
  'artifact.digest': ['record.hash'],
  'statement.signer': ['statement.signature'],
  // A statement is compared with the hash that stands in the record: once the record was changed it is another's.
  'statement.subject': ['statement.signature', 'record.hash'],
  'log.entry': ['statement.signature', 'statement.subject', 'receipt.signature', 'receipt.subject'],
  'log.inclusion': ['log.entry'],
  'log.checkpoint': ['log.inclusion', 'log.consistency'],
  'log.witnesses': ['log.checkpoint'],
  'time.stamp': ['statement.signature', 'statement.subject', 'receipt.signature', 'receipt.subject'],
  'time.existed_by': ['record.hash'],
  'anchor.receipt': ['anchor.header'],
  'anchor.root': ['anchor.receipt', 'record.hash'],
  'anchor.block': ['anchor.receipt'],
  'receipt.signer': ['receipt.signature'],
  'receipt.subject': ['receipt.signature', 'receipt.hash'],
  'binding.match': ['record.hash', 'receipt.signature', 'receipt.subject', 'log.checkpoint'],
  'binding.tags': ['record.hash', 'binding.match'],
  'order.declared_before_run': ['record.hash', 'receipt.signature', 'receipt.subject'],
};

export interface Remainder {
  /** Checks that pass and rest on none that failed. */
  readonly holds: readonly Check[];
  /** Checks that don't fail themselves, and show nothing about this record any more. */
  readonly fallen: readonly Check[];
}

export function whatRemains(checks: readonly Check[]): Remainder {
  const fails = checks.filter(({ status }) => status === 'fail');
  const falls = (check: Check): boolean => restsOnFailed(check, fails, new Set());
  return {
    holds: checks.filter((check) => check.status === 'pass' && !falls(check)),
    fallen: checks.filter((check) => ['pass', 'skipped'].includes(check.status) && falls(check)),
  };
}

function restsOnFailed(check: Check, fails: readonly Check[], seen: Set<CheckId>): boolean {
  const ground = RESTS_ON[check.id] ?? [];
  return ground.some((id) => {
    if (seen.has(id)) return false;
    seen.add(id);
    return (
      fails.some((fail) => fail.id === id && touches(fail, check)) ||
      restsOnFailed({ ...check, id }, fails, seen)
    );
  });
}

/** One statement's failure takes nothing from another's. */
function touches(fail: Check, { part }: Check): boolean {
  return fail.part === undefined || part === undefined || fail.part === part;
}
