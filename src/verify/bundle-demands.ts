/** What a policy's `[require.bundle]` wants of a bundle and isn't there (docs/policy.md). */

import { formatTime } from '../core/time.ts';
import type { JudgedAnchor } from './anchor-checks.ts';
import type { Check } from './check.ts';
import type { CheckId } from './claims.ts';
import type { Trust } from './trust.ts';
import type { JudgedPart } from './verify-bundle.ts';

interface Judged {
  readonly checks: readonly Check[];
  readonly parts: readonly JudgedPart[];
  readonly anchors: readonly JudgedAnchor[];
}

/** A check that is missing for each demand that nothing passing meets. */
export function demandedOfBundle(
  { checks, parts, anchors }: Judged,
  holdsAllArtifacts: boolean,
  trust: Trust,
): readonly Check[] {
  const wanted = trust.kind === 'policy' ? (trust.policy.require?.bundle ?? {}) : {};
  const passes = (id: CheckId): boolean => checks.some((check) => check.id === id && check.status === 'pass');
  const demands: (Check | false | undefined)[] = [
    ...demandedOfStatements(parts, trust, 'this record'),
    wanted.receipt &&
      !passes('receipt.signer') &&
      missing('receipt.signature', 'no receipt by a signer of your policy'),
    wanted.artifacts &&
      !holdsAllArtifacts &&
      missing('artifact.digest', 'not every artifact that the record names is here'),
    wanted.witnesses &&
      !parts.some((part) => part.matches && passesAll(part.checks, ['statement.signer', 'log.witnesses'])) &&
      missing('log.witnesses', 'no statement of this record in a log that a quorum of your witnesses saw'),
    wanted.anchor &&
      !anchors.some((anchor) => isAnchored(anchor, parts)) &&
      missing('anchor.block', 'no anchor of this record in a block that your policy pins'),
    wanted.binding &&
      !passes('binding.match') &&
      missing('binding.match', 'no binding of a provider’s job to a receipt and its log entry, both here'),
    wanted.existed_by !== undefined &&
      !parts.some((part) => part.matches && isDatedBy(part, wanted.existed_by!)) &&
      !anchors.some(
        ({ ofRecord, time }) => ofRecord && time !== undefined && time.ms <= wanted.existed_by!,
      ) &&
      missing('time.existed_by', `nothing shows that it existed by ${formatTime(wanted.existed_by)}`),
  ];
  return demands.filter((demand) => typeof demand === 'object');
}

/**
 * What is demanded of a record's statements and of an archive's manifest alike: who forges one signature has neither both nor the log's.
 * @param of what they state
 */
export function demandedOfStatements(
  parts: readonly JudgedPart[],
  trust: Trust,
  of: 'this record' | 'this manifest',
): readonly Check[] {
  const wanted = trust.kind === 'policy' ? (trust.policy.require?.bundle ?? {}) : {};
  const stated = (wanted.statements ?? [])
    .filter((algorithm) => !parts.some((part) => isStatedBy(part, algorithm)))
    .map((algorithm) =>
      missing('statement.signature', `no ${algorithm} statement of ${of} by a signer of your policy`),
    );
  return wanted.log !== true || parts.some(isLogged)
    ? stated
    : [...stated, missing('log.inclusion', `no statement of ${of} in a log of your policy`)];
}

const CLAIM = 'What your policy requires of a bundle is here.';

function missing(id: CheckId, evidence: string): Check {
  return { id, status: 'missing', claim: CLAIM, evidence, relies_on: 'your policy' };
}

function isStatedBy({ statement, matches, checks }: JudgedPart, algorithm: string): boolean {
  return matches && statement?.signed.key?.algorithm === algorithm && passesAll(checks, ['statement.signer']);
}

function isDatedBy({ statement, checks }: JudgedPart, ms: number): boolean {
  return statement!.times.some((time) => time.ms <= ms) && passesAll(checks, ['statement.signer']);
}

function isLogged(part: JudgedPart): boolean {
  return (
    part.matches &&
    passesAll(part.checks, ['statement.signer', 'log.entry', 'log.inclusion', 'log.checkpoint'])
  );
}

function passesAll(checks: readonly Check[], ids: readonly CheckId[]): boolean {
  return ids.every((id) => checks.some((check) => check.id === id && check.status === 'pass'));
}

/** Its own hash, or a statement of it that is in the anchored tree. */
function isAnchored({ holds, ofRecord, covers }: JudgedAnchor, parts: readonly JudgedPart[]): boolean {
  if (!holds || ofRecord) return holds;
  return parts.some(
    ({ matches, statement, checks }) =>
      matches &&
      statement!.heads.some((head) => covers.includes(head)) &&
      passesAll(checks, ['statement.signer']),
  );
}
