/** What a policy's `[require.bundle]` wants of a bundle and isn't there (design, section 3, *Policy*). */

import { formatTime } from '../core/time.ts';
import type { Check } from './check.ts';
import type { Trust } from './trust.ts';
import type { JudgedPart } from './verify-bundle.ts';

/** A check that is missing for each demand that nothing passing meets. */
export function demandedOfBundle(
  checks: readonly Check[],
  parts: readonly JudgedPart[],
  holdsAllArtifacts: boolean,
  trust: Trust,
): readonly Check[] {
  const wanted = trust.kind === 'policy' ? (trust.policy.require?.bundle ?? {}) : {};
  const passes = (id: string): boolean => checks.some((check) => check.id === id && check.status === 'pass');
  const later = (layer: string) => `this version of qpoe does not judge ${layer}`;
  const demands: (Check | false | undefined)[] = [
    ...(wanted.statements ?? []).map(
      (algorithm) =>
        !parts.some((part) => isStatedBy(part, algorithm)) &&
        missing('statement.signature', `no ${algorithm} statement of this record by a signer of your policy`),
    ),
    wanted.log &&
      !parts.some(isLogged) &&
      missing('log.inclusion', 'no statement of this record in a log of your policy'),
    wanted.receipt &&
      !passes('receipt.signer') &&
      missing('receipt.signature', 'no receipt by a signer of your policy'),
    wanted.artifacts &&
      !holdsAllArtifacts &&
      missing('artifact.digest', 'not every artifact that the record names is here'),
    wanted.witnesses &&
      !parts.some((part) => part.matches && passesAll(part.checks, ['statement.signer', 'log.witnesses'])) &&
      missing('log.witnesses', 'no statement of this record in a log that a quorum of your witnesses saw'),
    wanted.anchor && missing('anchor.block', later('anchors')),
    wanted.binding && missing('binding.match', later('bindings')),
    wanted.existed_by !== undefined &&
      !parts.some((part) => part.matches && isDatedBy(part, wanted.existed_by!)) &&
      missing('time.existed_by', `nothing shows that it existed by ${formatTime(wanted.existed_by)}`),
  ];
  return demands.filter((demand) => typeof demand === 'object');
}

const CLAIM = 'What your policy requires of a bundle is here.';

function missing(id: string, evidence: string): Check {
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

function passesAll(checks: readonly Check[], ids: readonly string[]): boolean {
  return ids.every((id) => checks.some((check) => check.id === id && check.status === 'pass'));
}
