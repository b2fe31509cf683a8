/** From checks to a verdict: the one place where statuses become one (design, section 4). */

import type { Check, CheckStatus, Outcome, Verdict } from './check.ts';
import type { Trust } from './trust.ts';

/** What no check can show. Printed with every verdict. */
export const NOT_PROVEN: readonly string[] = [
  'that quantum hardware ran it: a provider signs nothing',
  'that no other run was made and discarded',
  'that what was signed was true: the signer vouches for it',
  'when it ran: the times are the signer’s own',
];

export type Subject = Pick<Verdict, 'kind' | 'version' | 'record_id' | 'hash'>;

interface Judged {
  readonly subject: Subject;
  readonly checks: readonly Check[];
  readonly trust: Trust;
  /** The check that says whether someone trusted signed exactly this. */
  readonly signerCheck: string;
  /** What the policy calls them. */
  readonly signer?: string | undefined;
  readonly notProven?: readonly string[];
}

export function judge({
  subject,
  checks,
  trust,
  signerCheck,
  signer,
  notProven = NOT_PROVEN,
}: Judged): Verdict {
  const [verdict, headline] = conclude(checks, trust, signerCheck);
  const named = trust.kind === 'policy' && verdict === 'pass' && signer !== undefined;
  return {
    verdict,
    headline,
    ...subject,
    ...(named ? { signer } : {}),
    checks,
    not_proven: notProven,
  };
}

/** What was signed, where a pass says that exactly this was. */
const ESSENTIAL = [
  'statement.signature',
  'statement.subject',
  'receipt.signature',
  'receipt.hash',
  'receipt.subject',
];

function conclude(checks: readonly Check[], trust: Trust, signerCheck: string): [Outcome, string] {
  const ids = (...statuses: CheckStatus[]): string[] =>
    checks.filter((check) => statuses.includes(check.status)).map((check) => check.id);
  const failed = ids('fail');
  if (failed.length > 0) return ['fail', `FAIL: ${failed.join(', ')}`];
  if (checks.some((check) => check.code === 'format.newer')) return ['inconclusive', 'NEWER FORMAT'];
  const unknown = ids('unknown').filter((id) => ESSENTIAL.includes(id));
  if (trust.kind === 'unasked')
    return unknown.length === 0
      ? ['pass', 'INTACT: every hash and signature present holds, signer not judged']
      : ['inconclusive', `INCOMPLETE: ${unknown.join(', ')}`];
  const signer = checks.find((check) => check.id === signerCheck);
  if (signer?.status !== 'pass') return ['inconclusive', 'INTACT, SIGNER UNKNOWN TO YOU'];
  const missing = [...unknown, ...ids('missing')];
  if (missing.length > 0) return ['inconclusive', `INCOMPLETE: ${missing.join(', ')}`];
  return ['pass', `PASS: signed by ${signer.evidence}`];
}

/** The first check of every file: what it is. */
export function formatCheck(
  id: 'record.format' | 'statement.format' | 'receipt.format',
  status: CheckStatus,
  evidence: string,
  code?: string,
): Check {
  const claims = {
    'record.format': 'The file is an execution record, and nothing else.',
    'statement.format': 'The file is one signed envelope, and nothing else.',
    'receipt.format': 'The file holds AIIR receipts, and nothing else.',
  };
  return {
    id,
    status,
    claim: claims[id],
    evidence,
    relies_on: 'nobody',
    ...(code === undefined ? {} : { code }),
  };
}

/** It means to be of this format, and is not: nothing more of it is judged. */
export function malformed(kind: 'record' | 'statement' | 'receipt', reason: string, code: string): Verdict {
  return {
    verdict: 'fail',
    headline: `FAIL: ${kind}.format`,
    kind,
    checks: [formatCheck(`${kind}.format`, 'fail', reason, code)],
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
