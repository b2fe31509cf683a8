/** AIIR receipts, bare or signed, to a verdict. A receipt's own timestamp is never used as time. */

import { readReceipts } from '../attest/read-receipts.ts';
import { checkReceiptHash } from '../attest/receipt.ts';
import { checkSidecar, isReceiptCbor } from '../attest/receipt-cbor.ts';
import { isSigstoreBundle, readSigstoreBundle } from '../attest/sigstore-bundle.ts';
import { JsonError, type JsonValue, parseJsonBytes, WRAPPED } from '../core/json.ts';
import { type Check, type Found, found, type Verdict } from './check.ts';
import type { JudgeKeyless } from './keyless.ts';
import { receiptChecks } from './receipt-checks.ts';
import { judgeCertificate, type Signed } from './signatories.ts';
import type { Trust } from './trust.ts';
import { judge } from './verdict.ts';

const NOT_PROVEN: readonly string[] = [
  'that the declaration is true: its writer vouches for it',
  'that no AI was involved where none is declared',
  'when it was written: its timestamp is its writer’s own, and outside the hash',
];

export interface ReceiptMeans {
  readonly keyless: JudgeKeyless | undefined;
  /** What lay beside the file: its Sigstore bundle, as `aiir --sign` writes it; of a CBOR sidecar the JSON receipt. */
  readonly beside: Uint8Array | undefined;
}

/** A file of receipts as it was made elsewhere. */
export async function verifyReceipts(
  bytes: Uint8Array,
  trust: Trust,
  { keyless, beside }: ReceiptMeans,
): Promise<Verdict> {
  if (isReceiptCbor(bytes)) return verifySidecar(bytes, beside, trust);
  const signed = beside === undefined ? undefined : await judgeBeside(bytes, beside, trust, keyless);
  return concludeReceipts(receiptChecks(readReceipts(bytes), signed), signed, trust);
}

/** A CBOR sidecar states no hash of its own: it is its JSON receipt's or it is nothing. */
function verifySidecar(bytes: Uint8Array, json: Uint8Array | undefined, trust: Trust): Verdict {
  const checks = receiptChecks(readReceipts(bytes), undefined);
  const receipt = json === undefined ? undefined : readReceipts(json).value?.found[0]?.receipt;
  if (receipt === undefined) return concludeReceipts(checks, undefined, trust);
  const fault = checkReceiptHash(receipt) ?? checkSidecar(receipt, bytes);
  const hash =
    fault === undefined
      ? found('pass', `the core of ${receipt.receiptId}, the JSON receipt beside it`)
      : found('fail', fault.fault, fault.code);
  const compared = checks.map((check) => (check.id === 'receipt.hash' ? { ...check, ...hash } : check));
  return concludeReceipts(compared, undefined, trust);
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
  if (value.kind === 'keyed-file')
    return unjudged(
      found('unknown', 'a bare key’s signature over a file is not judged here', 'signature.detached'),
    );
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
  return { by: 'what lies beside it', signature, signer: () => found('skipped', 'needs receipt.signature') };
}
