/** A Sigstore bundle as a file of its own, to a verdict. */

import { isReceiptLike, looksLikeReceipts } from '../attest/read-receipts.ts';
import { readSigstoreBundle } from '../attest/sigstore-bundle.ts';
import { utf8 } from '../core/bytes.ts';
import { JsonError, type JsonObject, parseJsonBytes } from '../core/json.ts';
import { bindingChecks } from './binding-checks.ts';
import { found, type Verdict } from './check.ts';
import { type JudgedStatement, judgeStatement } from './judge-statement.ts';
import { type PlausibilityMeans, plausibilityChecks } from './plausibility-check.ts';
import { checkContent } from './record-checks.ts';
import { judgeCertificate, type Signed } from './signatories.ts';
import { statementCheck } from './statement-checks.ts';
import type { Trust } from './trust.ts';
import { formatCheck, judge, malformed, newer, notProvenOf } from './verdict.ts';
import type { Means } from './verify.ts';
import { concludeReceipts, verifyReceipts } from './verify-receipt.ts';

/** @param value for which `isSigstoreBundle` holds */
export async function verifyStatement(
  value: JsonObject,
  trust: Trust,
  now: number,
  means: Means,
): Promise<Verdict> {
  const bundle = readSigstoreBundle(value).value;
  if (bundle !== undefined && bundle.envelope === undefined)
    return verifyDetached(value, bundle.kind === 'keyless', trust, means);
  const { value: judged, fault, code } = await judgeStatement(value, trust, means);
  if (fault !== undefined)
    return code === 'format.newer' ? newer('statement', fault) : malformed('statement', fault, code);
  if (judged.about === 'receipt') return concludeReceipts(judged.checks, judged.signed, trust);
  return conclude(judged, trust, now, means);
}

/** A signature over a file that lies elsewhere: it is that file's, which is judged with it where it is a receipt. */
async function verifyDetached(
  value: JsonObject,
  certified: boolean,
  trust: Trust,
  { keyless, readBeside }: Means,
): Promise<Verdict> {
  const beside = readBeside?.();
  if (beside !== undefined && areReceipts(beside))
    return verifyReceipts(beside, trust, { keyless, beside: utf8(JSON.stringify(value)) });
  const signed = await judgeDetached(value, certified, beside, trust, keyless);
  const holds = signed.signature.status === 'pass';
  const checks = [
    formatCheck('statement.format', 'pass', 'Sigstore bundle over a file that lies elsewhere'),
    statementCheck('signature', signed.signature),
    statementCheck('signer', holds ? signed.signer('record') : found('skipped', 'needs statement.signature')),
    statementCheck(
      'subject',
      holds
        ? found('unknown', 'a signature over a file says nothing of a record', 'statement.detached')
        : found('skipped', 'needs statement.signature'),
    ),
  ];
  const signer = checks.find(({ id }) => id === 'statement.signer');
  return judge({ subject: { kind: 'statement' }, checks, trust, signer, name: signed.name });
}

function areReceipts(bytes: Uint8Array): boolean {
  try {
    return isReceiptLike(parseJsonBytes(bytes));
  } catch (error) {
    if (error instanceof JsonError) return looksLikeReceipts(bytes);
    throw error;
  }
}

async function judgeDetached(
  value: JsonObject,
  certified: boolean,
  beside: Uint8Array | undefined,
  trust: Trust,
  keyless: Means['keyless'],
): Promise<Pick<Signed, 'signature' | 'signer' | 'name'>> {
  if (certified && beside !== undefined) return judgeCertificate(value, beside, trust, keyless);
  const reason = certified
    ? 'what it signs is not beside it'
    : 'a bare key’s signature over a file is not judged here';
  return {
    signature: found('unknown', reason, 'statement.detached'),
    signer: () => found('skipped', 'needs statement.signature'),
  };
}

const FORMS = {
  keyed: 'Sigstore bundle v0.3 around a bare key',
  keyless: 'Sigstore bundle with a certificate',
};

function conclude(
  { form, checks, record, signed }: JudgedStatement,
  trust: Trust,
  now: number,
  means: PlausibilityMeans,
): Verdict {
  const said = record === undefined ? [] : checkContent(record, trust, now);
  const content =
    record === undefined
      ? []
      : [...said, ...plausibilityChecks(record, said, trust, means), ...bindingChecks(record, [])];
  const about = record === undefined ? {} : { record_id: record.record.record_id, hash: record.record.hash };
  return judge({
    subject: { kind: 'statement', ...about },
    checks: [formatCheck('statement.format', 'pass', FORMS[form]), ...checks, ...content],
    trust,
    signer: checks.find(({ id }) => id === 'statement.signer'),
    name: signed.name,
    ...(record === undefined ? {} : { notProven: notProvenOf(record) }),
  });
}
