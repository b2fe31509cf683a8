/** From checks to a verdict: the one place where statuses become one (docs/checks.md). */

import type { ExecutionRecord } from '../record/schema.ts';
import { type Check, type CheckStatus, found, makeCheck, type Outcome, type Verdict } from './check.ts';
import type { CheckId } from './claims.ts';
import { demandsPlausibility } from './plausibility-check.ts';
import type { Trust } from './trust.ts';

/** What no check can show. Printed with every verdict. */
export const NOT_PROVEN: readonly string[] = [
  'that quantum hardware ran it: a provider signs nothing',
  'that no other run was made and discarded',
  'that what was signed was true: the signer vouches for it',
  'when it ran: the times are the signer’s own',
];

/** An imported record is one that its signer made of what a provider answered. */
export function notProvenOf({ execution }: ExecutionRecord): readonly string[] {
  return execution.class === 'imported' ? [...NOT_PROVEN, IMPORTED] : NOT_PROVEN;
}

const IMPORTED = 'that the provider gave this result: unsigned as it comes, it is the importer’s word';

export type Subject = Pick<Verdict, 'kind' | 'version' | 'record_id' | 'hash'>;

interface Judged {
  readonly subject: Subject;
  readonly checks: readonly Check[];
  readonly trust: Trust;
  /** The check that says whether someone trusted signed exactly this; undefined where nothing could. */
  readonly signer: Check | undefined;
  /** What the policy calls them. */
  readonly name?: string | undefined;
  readonly notProven?: readonly string[];
}

export function judge({
  subject,
  checks: shown,
  trust,
  signer,
  name,
  notProven = NOT_PROVEN,
}: Judged): Verdict {
  const checks = isWhole(subject) ? [...shown, ...demanded(shown, trust)] : shown;
  const [verdict, headline] = conclude(subject.kind, checks, trust, signer);
  const named = trust.kind === 'policy' && verdict === 'pass' && name !== undefined;
  return {
    verdict,
    headline,
    ...subject,
    ...(named ? { signer: name } : {}),
    checks,
    not_proven: notProven,
  };
}

/** A receipt has no counts, and of an archive's records each was asked. */
function isWhole({ kind }: Subject): boolean {
  return kind !== 'receipt' && kind !== 'archive';
}

/** What the policy demands of everything, where nothing here shows it. */
function demanded(shown: readonly Check[], trust: Trust): Check[] {
  const isShown = shown.some(
    ({ id, status }) => id === 'plausibility' && (status === 'pass' || status === 'fail'),
  );
  if (!demandsPlausibility(trust) || isShown) return [];
  return [makeCheck('plausibility', 'your policy', found('missing', 'nothing here shows it'))];
}

/** Of a file that is one signature, what it says must be known; in a bundle it is one layer of many. */
const ESSENTIAL: readonly CheckId[] = [
  'statement.signature',
  'statement.subject',
  'receipt.signature',
  'receipt.hash',
  'receipt.subject',
];

/** Here, and no one looked at it: whoever can may find that it fails. A page has no verifier of its own for either. */
const UNCHECKED: readonly (string | undefined)[] = ['timestamp.unchecked', 'keyless.unchecked'];

function conclude(
  kind: Verdict['kind'],
  checks: readonly Check[],
  trust: Trust,
  signer: Check | undefined,
): [Outcome, string] {
  const ids = (...statuses: CheckStatus[]): CheckId[] => [
    ...new Set(checks.filter((check) => statuses.includes(check.status)).map((check) => check.id)),
  ];
  const failed = ids('fail');
  if (failed.length > 0) return ['fail', `FAIL: ${failed.join(', ')}`];
  const essential = essentialOf(kind, trust);
  const unchecked = checks.filter(({ code }) => UNCHECKED.includes(code)).map(({ id }) => id);
  const unknown = [...new Set([...ids('unknown').filter((id) => essential.includes(id)), ...unchecked])];
  if (kind !== 'bundle' && kind !== 'archive' && checks.some((check) => check.code === 'format.newer'))
    return ['inconclusive', 'NEWER FORMAT'];
  if (trust.kind === 'unasked')
    return unknown.length === 0
      ? ['pass', `INTACT: every hash and signature present holds, ${unasked(ids('unknown'))} not judged`]
      : ['inconclusive', `INCOMPLETE: ${unknown.join(', ')}`];
  if (signer?.status !== 'pass') return ['inconclusive', unknownSigner(checks)];
  const missing = [...unknown, ...ids('missing')];
  if (missing.length > 0) return ['inconclusive', `INCOMPLETE: ${missing.join(', ')}`];
  return ['pass', `PASS: signed by ${signer.evidence}`];
}

function essentialOf(kind: Verdict['kind'], trust: Trust): readonly CheckId[] {
  if (kind !== 'bundle' && kind !== 'archive') return ESSENTIAL;
  const own: readonly CheckId[] = kind === 'archive' ? ['archive.figure', 'archive.external'] : [];
  return trust.kind === 'unasked' ? [...own, 'statement.signature'] : own;
}

type Kind = Exclude<Verdict['kind'], 'unrecognised'>;

/** A log's signature names a key that no bundle carries, and a block is a chain's only where someone says so. */
function unasked(unknown: readonly CheckId[]): string {
  const log = unknown.includes('log.checkpoint') ? ['log'] : [];
  const chain = unknown.includes('anchor.receipt') ? ['chain'] : [];
  const all = ['signer', ...log, ...chain];
  return all.length === 1 ? all[0]! : `${all.slice(0, -1).join(', ')} and ${all.at(-1)}`;
}

function unknownSigner(checks: readonly Check[]): string {
  const bare = checks.find(({ id, status }) => id === 'receipt.signature' && status === 'absent');
  return `INTACT, SIGNER UNKNOWN TO YOU${bare === undefined ? '' : `: ${bare.evidence}`}`;
}

/** The first check of every file: what it is. */
export function formatCheck(
  id: `${Kind}.format`,
  status: CheckStatus,
  evidence: string,
  code?: string,
): Check {
  return makeCheck(id, 'nobody', found(status, evidence, code));
}

/** It means to be of this format, and is not: nothing more of it is judged. */
export function malformed(kind: Kind, reason: string, code: string): Verdict {
  return {
    verdict: 'fail',
    headline: `FAIL: ${kind}.format`,
    kind,
    checks: [formatCheck(`${kind}.format`, 'fail', reason, code)],
    not_proven: NOT_PROVEN,
  };
}

/** Of a version that this program does not know: never a failure by itself. */
export function newer(kind: Kind, what: string, version?: string): Verdict {
  return {
    verdict: 'inconclusive',
    headline: 'NEWER FORMAT',
    kind,
    ...(version === undefined ? {} : { version }),
    checks: [
      {
        ...formatCheck(`${kind}.format`, 'unknown', what, 'format.newer'),
        hint: 'verify it with a newer qpoe',
      },
    ],
    not_proven: NOT_PROVEN,
  };
}

export function unrecognised(reason: string): Verdict {
  return {
    verdict: 'fail',
    headline: 'FAIL: nothing that qpoe can verify',
    kind: 'unrecognised',
    checks: [formatCheck('record.format', 'fail', reason, 'format.unrecognised')],
    not_proven: NOT_PROVEN,
  };
}
