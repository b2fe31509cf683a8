/** AIIR receipts, bare or signed, to a verdict. A receipt's own timestamp is never used as time. */

import { type Receipts, readReceipts } from '../attest/read-receipts.ts';
import { checkReceiptHash, type Receipt } from '../attest/receipt.ts';
import { receiptNotes } from '../attest/receipt-notes.ts';
import { checkReceiptSubject, extraSubjects } from '../attest/receipt-statement.ts';
import { isSigstoreBundle, readSigstoreBundle } from '../attest/sigstore-bundle.ts';
import { JsonError, type JsonValue, parseJsonBytes, WRAPPED } from '../core/json.ts';
import type { Check, Verdict } from './check.ts';
import type { JudgeKeyless } from './keyless.ts';
import { judgeCertificate, type Signed } from './signatories.ts';
import { type Found, found } from './signature-checks.ts';
import type { Trust } from './trust.ts';
import { formatCheck, judge, malformed } from './verdict.ts';

const NOT_PROVEN: readonly string[] = [
  'that the declaration is true: its writer vouches for it',
  'that no AI was involved where none is declared',
  'when it was written: its timestamp is its writer’s own, and outside the hash',
];

const UNSIGNED = found(
  'absent',
  'integrity only: anyone could have written it',
  'signature.none',
  'only a signature over the receipt says whose it is',
);

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
  const { value: receipts, fault, code } = readReceipts(bytes);
  if (fault !== undefined) return refuse(fault, code);
  const signed = signature === undefined ? undefined : await judgeBeside(bytes, signature, trust, keyless);
  return conclude(receipts, signed, trust);
}

/** A predicate of a later version isn't malformed: it is only not known here. */
function refuse(fault: string, code: string): Verdict {
  if (code !== 'statement.predicate') return malformed('receipt', fault, code);
  const checks = [formatCheck('receipt.format', 'unknown', fault, 'format.newer')];
  return {
    verdict: 'inconclusive',
    headline: 'NEWER FORMAT',
    kind: 'receipt',
    checks,
    not_proven: NOT_PROVEN,
  };
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
  return { signature, signer: () => needs('receipt.signature') };
}

function needs(id: string): Found {
  return found('skipped', `needs ${id}`);
}

/** @param payload a Statement whose signature holds, with a receipt's predicate */
export function verifySignedReceipts(payload: Uint8Array, signed: Signed, trust: Trust): Verdict {
  const { value: receipts, fault, code } = readReceipts(payload);
  return fault === undefined ? conclude(receipts, signed, trust) : refuse(fault, code);
}

function conclude(receipts: Receipts, signed: Signed | undefined, trust: Trust): Verdict {
  const checks = [
    describeFormat(receipts),
    {
      id: 'receipt.hash',
      claim: 'Nothing that is hashed of the receipt changed.',
      relies_on: 'SHA-256',
      ...checkHashes(receipts),
    },
    {
      id: 'receipt.signature',
      claim: 'Whoever holds the key signed exactly this receipt, its extensions too.',
      relies_on: 'the algorithm',
      ...(signed?.signature ?? UNSIGNED),
    },
    {
      id: 'receipt.signer',
      claim: 'The signer is someone you trust to vouch for receipts.',
      relies_on: 'your policy',
      ...checkSigner(signed),
    },
    {
      id: 'receipt.subject',
      claim: 'What the statement is about is the receipt’s commit.',
      relies_on: 'the statement',
      ...checkSubjects(receipts),
    },
  ];
  const subject = { kind: 'receipt' } as const;
  return judge({
    subject,
    checks,
    trust,
    signerCheck: 'receipt.signer',
    signer: signed?.name,
    notProven: NOT_PROVEN,
  });
}

const SHOWN = 3;

function describeFormat({ encoding, found: all }: Receipts): Check {
  const notes = all.flatMap(({ receipt }) => receiptNotes(receipt));
  const schemas = [...new Set(all.map(({ receipt }) => receipt.schema))];
  const shown = [...new Set(notes)].slice(0, SHOWN).map((note) => `; note: ${note}`);
  return formatCheck(
    'receipt.format',
    'pass',
    `${count(all.length)}, ${encoding.toUpperCase()}, ${schemas.slice(0, SHOWN).join(', ')}${shown.join('')}`,
  );
}

function count(receipts: number): string {
  return receipts === 1 ? '1 receipt' : `${receipts} receipts`;
}

function checkHashes({ encoding, found: all }: Receipts): Found {
  if (encoding === 'cbor')
    return found(
      'unknown',
      'a CBOR sidecar holds the hashed part alone, and no hash',
      'receipt.sidecar',
      'verify the JSON receipt that it belongs to',
    );
  for (const [index, { receipt }] of all.entries()) {
    const fault = checkReceiptHash(receipt);
    if (fault !== undefined)
      return found('fail', `${all.length === 1 ? '' : `item ${index}: `}${fault.fault}`, fault.code);
  }
  return found(
    'pass',
    all
      .slice(0, SHOWN)
      .map(({ receipt }) => summarize(receipt))
      .join('; '),
  );
}

/** What the hash covers of the declaration; the rest is the extensions', which it doesn't. */
function summarize({ receiptId, commitSha, authorship }: Receipt): string {
  const declared = authorship.authorshipClass ?? (authorship.aiAuthored === true ? 'AI' : 'no AI');
  return `${receiptId}: commit ${commitSha ?? 'not named'}, declared: ${declared}`;
}

function checkSigner(signed: Signed | undefined): Found {
  if (signed === undefined) return found('absent', 'the receipt is unsigned');
  return signed.signature.status === 'pass' ? signed.signer('receipt') : needs('receipt.signature');
}

function checkSubjects({ found: all }: Receipts): Found {
  const stated = all.filter(({ statement }) => statement !== undefined);
  if (stated.length === 0) return found('absent', 'a bare receipt');
  for (const { receipt, statement } of stated) {
    const fault = checkReceiptSubject(receipt, statement!);
    if (fault !== undefined) return found('fail', fault.fault, fault.code);
  }
  const extra = stated.flatMap(({ statement }) => extraSubjects(statement!));
  const more = extra
    .slice(0, SHOWN)
    .map(({ name, digest }) => `, and ${name} ${[...digest].flat().join(' ')}`);
  return found('pass', `commit ${stated[0]!.receipt.commitSha}${more.join('')}`);
}
