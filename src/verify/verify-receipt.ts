/** AIIR receipts, bare or signed, to a verdict. A receipt's own timestamp is never used as time. */

import { readReceipts } from '../attest/read-receipts.ts';
import { isSigstoreBundle, readSigstoreBundle } from '../attest/sigstore-bundle.ts';
import { JsonError, type JsonValue, parseJsonBytes, WRAPPED } from '../core/json.ts';
import type { Check, Verdict } from './check.ts';
import type { JudgeKeyless } from './keyless.ts';
import { receiptChecks } from './receipt-checks.ts';
import { judgeCertificate, type Signed } from './signatories.ts';
import { type Found, found } from './signature-checks.ts';
import type { Trust } from './trust.ts';
import { judge } from './verdict.ts';

const NOT_PROVEN: readonly string[] = [
  'that the declaration is true: its writer vouches for it',
  'that no AI was involved where none is declared',
  'when it was written: its timestamp is its writer’s own, and outside the hash',
];

export interface ReceiptMeans {
  readonly keyless: JudgeKeyless | undefined;
  /** The Sigstore bundle that lay beside the file, as `aiir --sign` writes it. */
  readonly signature: Uint8Array | undefined;
}

/** A file of receipts as it was made elsewhere. */
export async function verifyReceipts(
  bytes: Uint8Array,
  trust: Trust,
  { keyless, signature }: ReceiptMeans,
): Promise<Verdict> {
  const signed = signature === undefined ? undefined : await judgeBeside(bytes, signature, trust, keyless);
  return concludeReceipts(receiptChecks(readReceipts(bytes), signed), signed, trust);
}

/** @param checks with `receipt.*` among them */
export function concludeReceipts(
  checks: readonly Check[],
  signed: Signed | undefined,
  trust: Trust,
): Verdict {
  return judge({
    subject: { kind: 'receipt' },
    checks,
    trust,
    signer: checks.find(({ id }) => id === 'receipt.signer'),
    name: signed?.name,
    notProven: NOT_PROVEN,
  });
}

async function judgeBeside(
  bytes: Uint8Array,
  signature: Uint8Array,
  trust: Trust,
  keyless: JudgeKeyless | undefined,
): Promise<Signed> {
  const bundle = readBundle(signature);
  if (typeof bundle === 'string')
    return unjudged(found('fail', `the signature beside it: ${bundle}`, 'signature.malformed'));
  const { value, fault, code } = readSigstoreBundle(bundle);
  if (fault !== undefined) return unjudged(found('fail', `the signature beside it: ${fault}`, code));
  if (value.envelope !== undefined)
    return unjudged(found('fail', 'what lies beside it signs no file', 'signature.malformed'));
  return judgeCertificate(bundle, bytes, trust, keyless);
}

function readBundle(signature: Uint8Array) {
  let value: JsonValue;
  try {
    value = parseJsonBytes(signature, WRAPPED);
  } catch (error) {
    if (error instanceof JsonError) return error.message;
    throw error;
  }
  return isSigstoreBundle(value) ? value : 'not a Sigstore bundle';
}

function unjudged(signature: Found): Signed {
  return { signature, signer: () => found('skipped', 'needs receipt.signature') };
}
