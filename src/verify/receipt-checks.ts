/** The checks of AIIR receipts, bare or signed. A receipt's own timestamp is never used as time. */

import type { ReadReceipts, Receipts } from '../attest/read-receipts.ts';
import { checkReceiptHash, type Receipt } from '../attest/receipt.ts';
import { receiptNotes } from '../attest/receipt-notes.ts';
import { checkReceiptSubject, extraSubjects } from '../attest/receipt-statement.ts';
import { type Check, type Found, found, makeCheck } from './check.ts';
import type { Signed } from './signatories.ts';
import { earliest, type TrustedTime } from './trusted-time.ts';
import { formatCheck } from './verdict.ts';

const UNSIGNED = found(
  'absent',
  'integrity only: anyone could have written it',
  'signature.none',
  'only a signature over the receipt says whose it is',
);

/** `receipt.format` first; alone where there is nothing more to judge. */
export function receiptChecks(
  { value: receipts, fault, code }: ReadReceipts,
  signed: Signed | undefined,
  time?: TrustedTime,
): Check[] {
  if (fault !== undefined)
    // A predicate of a later version isn't malformed: it is only not known here.
    return code === 'statement.predicate'
      ? [formatCheck('receipt.format', 'unknown', fault, 'format.newer')]
      : [formatCheck('receipt.format', 'fail', fault, code)];
  return [
    describeFormat(receipts),
    makeCheck('receipt.hash', 'SHA-256', checkHashes(receipts)),
    makeCheck('receipt.signature', 'the algorithm', signed?.signature ?? UNSIGNED),
    makeCheck('receipt.signer', 'your policy', checkSigner(signed, time ?? earliest(signed?.times ?? []))),
    makeCheck('receipt.subject', 'the statement', checkSubjects(receipts)),
  ];
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

function checkSigner(signed: Signed | undefined, time: TrustedTime | undefined): Found {
  if (signed === undefined) return found('absent', 'the receipt is unsigned');
  return signed.signature.status === 'pass'
    ? signed.signer('receipt', time)
    : found('skipped', 'needs receipt.signature');
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
