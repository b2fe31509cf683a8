/** A Sigstore bundle as a file of its own, to a verdict. */

import { isReceiptStatementLike } from '../attest/receipt-statement.ts';
import { readSigstoreBundle, type SigstoreBundle } from '../attest/sigstore-bundle.ts';
import { IN_TOTO_PAYLOAD, readStatement, type Statement } from '../attest/statement.ts';
import { type Bytes, utf8 } from '../core/bytes.ts';
import { RECORD_PREDICATE } from '../core/identifiers.ts';
import type { JsonObject } from '../core/json.ts';
import type { Check, Verdict } from './check.ts';
import { checkContent } from './record-checks.ts';
import { judgeCertificate, judgeEnvelope, type Signed } from './signatories.ts';
import { type Found, found } from './signature-checks.ts';
import { checkForeign, checkStated, statementCheck } from './statement-checks.ts';
import type { Trust } from './trust.ts';
import { formatCheck, judge, malformed } from './verdict.ts';
import type { Means } from './verify.ts';
import { verifyReceipts, verifySignedReceipts } from './verify-receipt.ts';

/** @param value for which `isSigstoreBundle` holds */
export async function verifyStatement(
  value: JsonObject,
  trust: Trust,
  now: number,
  means: Means,
): Promise<Verdict> {
  const { value: bundle, fault, code } = readSigstoreBundle(value);
  if (fault !== undefined) return malformed('statement', fault, code);
  if (bundle.envelope === undefined) return verifyBlob(value, trust, means);
  const signed =
    bundle.kind === 'keyed'
      ? await judgeEnvelope(bundle.envelope, trust)
      : await judgeCertificate(value, undefined, trust, means.keyless);
  if (signed.signature.status !== 'pass') return conclude(signed, bundle, skipped(signed), [], trust);
  return verifyPayload(signed, bundle, bundle.envelope.payload, trust, now);
}

/** A signature over a file that lies elsewhere: it is that file's, which is judged with it where it is a receipt. */
async function verifyBlob(value: JsonObject, trust: Trust, { keyless, readBeside }: Means): Promise<Verdict> {
  const beside = readBeside?.();
  if (beside !== undefined)
    return verifyReceipts(beside, trust, { keyless, signature: utf8(JSON.stringify(value)) });
  const signature = found('unknown', 'what it signs is not beside it', 'statement.detached');
  const signed: Signed = { signature, signer: () => found('skipped', 'needs statement.signature') };
  return conclude(signed, { kind: 'keyless' }, skipped(signed), [], trust);
}

function skipped({ signature }: Signed): Stages {
  const needs = found('skipped', 'needs statement.signature');
  return { signature, signer: needs, subject: needs };
}

interface Stages {
  readonly signature: Found;
  readonly signer: Found;
  readonly subject: Found;
}

/** @param payload bytes whose signature holds */
function verifyPayload(
  signed: Signed,
  bundle: SigstoreBundle,
  payload: Bytes,
  trust: Trust,
  now: number,
): Verdict {
  const { signature } = signed;
  const type = bundle.envelope!.payloadType;
  if (type !== IN_TOTO_PAYLOAD) {
    const subject = found(
      'unknown',
      `this program does not know payload type ${type}`,
      'statement.payload-type',
    );
    return conclude(signed, bundle, { signature, signer: signed.signer('record'), subject }, [], trust);
  }
  const read = readStatement(payload);
  if (read.value !== undefined && isReceiptStatementLike(read.value))
    return verifySignedReceipts(payload, signed, trust);
  const signer = signed.signer('record');
  if (read.value?.predicateType !== RECORD_PREDICATE)
    return conclude(signed, bundle, { signature, signer, subject: checkForeign(read) }, [], trust);
  return verifyStated(signed, bundle, payload, read.value, trust, now);
}

function verifyStated(
  signed: Signed,
  bundle: SigstoreBundle,
  payload: Bytes,
  statement: Statement,
  trust: Trust,
  now: number,
): Verdict {
  const { subject, record } = checkStated(payload, statement);
  const stages = { signature: signed.signature, signer: signed.signer('record'), subject };
  const content = record === undefined ? [] : checkContent(record, trust, now);
  const about =
    record === undefined || subject.status !== 'pass'
      ? {}
      : { record_id: record.record.record_id, hash: record.record.hash };
  return conclude(signed, bundle, stages, content, trust, about);
}

function conclude(
  signed: Signed,
  bundle: Pick<SigstoreBundle, 'kind'>,
  stages: Stages,
  content: readonly Check[],
  trust: Trust,
  about: Pick<Verdict, 'record_id' | 'hash'> = {},
): Verdict {
  const format =
    bundle.kind === 'keyed' ? 'Sigstore bundle v0.3 around a bare key' : 'Sigstore bundle with a certificate';
  const checks = [
    formatCheck('statement.format', 'pass', format),
    statementCheck('signature', stages.signature),
    statementCheck('signer', stages.signer),
    statementCheck('subject', stages.subject),
    ...content,
  ];
  const subject = { kind: 'statement', ...about } as const;
  return judge({ subject, checks, trust, signerCheck: 'statement.signer', signer: signed.name });
}
