/** A Sigstore bundle as a file of its own, to a verdict. */

import { readSigstoreBundle } from '../attest/sigstore-bundle.ts';
import { utf8 } from '../core/bytes.ts';
import type { JsonObject } from '../core/json.ts';
import type { Verdict } from './check.ts';
import { type JudgedStatement, judgeStatement } from './judge-statement.ts';
import { checkContent } from './record-checks.ts';
import { found } from './signature-checks.ts';
import { statementCheck } from './statement-checks.ts';
import type { Trust } from './trust.ts';
import { formatCheck, judge, malformed } from './verdict.ts';
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
  if (bundle !== undefined && bundle.envelope === undefined) return verifyDetached(value, trust, means);
  const { value: judged, fault, code } = await judgeStatement(value, trust, means.keyless);
  if (fault !== undefined) return malformed('statement', fault, code);
  if (judged.about === 'receipt') return concludeReceipts(judged.checks, judged.signed, trust);
  return conclude(judged, trust, now);
}

/** A signature over a file that lies elsewhere: it is that file's, which is judged with it where it is a receipt. */
async function verifyDetached(
  value: JsonObject,
  trust: Trust,
  { keyless, readBeside }: Means,
): Promise<Verdict> {
  const beside = readBeside?.();
  if (beside !== undefined)
    return verifyReceipts(beside, trust, { keyless, signature: utf8(JSON.stringify(value)) });
  const signature = found('unknown', 'what it signs is not beside it', 'statement.detached');
  const checks = [
    formatCheck('statement.format', 'pass', 'Sigstore bundle over a file that lies elsewhere'),
    statementCheck('signature', signature),
  ];
  return judge({ subject: { kind: 'statement' }, checks, trust, signer: undefined });
}

const FORMS = {
  keyed: 'Sigstore bundle v0.3 around a bare key',
  keyless: 'Sigstore bundle with a certificate',
};

function conclude({ form, checks, record, signed }: JudgedStatement, trust: Trust, now: number): Verdict {
  const content = record === undefined ? [] : checkContent(record, trust, now);
  const about = record === undefined ? {} : { record_id: record.record.record_id, hash: record.record.hash };
  return judge({
    subject: { kind: 'statement', ...about },
    checks: [formatCheck('statement.format', 'pass', FORMS[form]), ...checks, ...content],
    trust,
    signer: checks.find(({ id }) => id === 'statement.signer'),
    name: signed.name,
  });
}
