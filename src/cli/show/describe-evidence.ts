/** Signatures, statements and receipts as lines for people. They repeat what a file says and judge nothing. */

import { type Receipts, readReceipts } from '../../attest/read-receipts.ts';
import type { Receipt } from '../../attest/receipt.ts';
import { receiptNotes } from '../../attest/receipt-notes.ts';
import { readSigstoreBundle, type SigstoreBundle } from '../../attest/sigstore-bundle.ts';
import { readStatement } from '../../attest/statement.ts';
import { toHex } from '../../core/bytes.ts';
import { digestOf } from '../../core/digest.ts';
import type { JsonObject } from '../../core/json.ts';
import { printable } from '../../core/printable.ts';
import { shownLines } from './shown-lines.ts';

const SHOWN = 10;

const field = (name: string, value: string | undefined): string[] =>
  value === undefined ? [] : [`${name.padEnd(11)} ${printable(value, 4000)}`];

/** @param value for which `isSigstoreBundle` holds */
export function describeBundle(value: JsonObject): string[] {
  const { value: bundle, fault } = readSigstoreBundle(value);
  if (fault !== undefined) return field('malformed', fault);
  return [...describeSignature(bundle), ...describePayload(bundle)];
}

function describeSignature(bundle: SigstoreBundle): string[] {
  if (bundle.kind === 'keyless')
    return field('signed by', 'a certificate, which names who signed; verify shows whom');
  if (bundle.kind === 'keyed-file') return field('signed by', 'a bare key');
  const { keyid, signature } = bundle.envelope;
  return [
    ...field('signed by', `key ${keyid}`),
    ...field('signature', `${signature.length} bytes, ${toHex(signature.subarray(0, 16))}…`),
    ...bundle.tlogEntries.flatMap(({ logIndex, logId, kindVersion }) =>
      field('log entry', `${logIndex} in log ${logId.keyId}, ${kindVersion.kind} ${kindVersion.version}`),
    ),
  ];
}

function describePayload({ envelope }: SigstoreBundle): string[] {
  if (envelope === undefined) return field('signs', 'a file that lies elsewhere');
  const { payloadType, payload } = envelope;
  return [
    ...field('payload', `${payloadType}, ${payload.length} bytes, ${digestOf(payload)}`),
    ...describeStatement(payload),
  ];
}

/** @param payload the bytes of an in-toto Statement, or of anything else */
export function describeStatement(payload: Uint8Array): string[] {
  const { value: statement, fault } = readStatement(payload);
  if (fault !== undefined) return field('no statement', fault);
  const receipts = readReceipts(payload);
  return [
    ...field('predicate', statement.predicateType),
    ...statement.subject
      .slice(0, SHOWN)
      .flatMap(({ name, digest }) => field('subject', `${String(name)} ${JSON.stringify(digest)}`)),
    ...(receipts.fault === undefined
      ? describeReceipts(receipts.value)
      : shownLines(JSON.stringify(statement.predicate, null, 2))),
  ];
}

function describeReceipts({ found }: Receipts): string[] {
  const more = found.length > SHOWN ? [`… ${found.length - SHOWN} more receipts`] : [];
  return [...found.slice(0, SHOWN).flatMap(({ receipt }) => describeReceipt(receipt)), ...more];
}

function describeReceipt(receipt: Receipt): string[] {
  const { authorship, agent } = receipt;
  return [
    ...field('receipt', `${receipt.receiptId ?? 'without an id'}, ${receipt.schema}`),
    ...field(
      'commit',
      `${receipt.commitSha ?? 'none'}${receipt.repository === undefined ? '' : ` of ${receipt.repository}`}`,
    ),
    ...field('declared', describeAuthorship(receipt)),
    ...field('found by', authorship.detectionMethod),
    ...field('agent', agent && [agent.tool, agent.toolVersion, agent.model].filter(Boolean).join(', ')),
    ...field('made by', receipt.generator),
    ...field('timestamp', receipt.timestamp && `${receipt.timestamp}, its writer's own`),
    ...receiptNotes(receipt).flatMap((note) => field('note', note)),
  ];
}

function describeAuthorship({ authorship }: Receipt): string {
  const { authorshipClass, aiAuthored, signals, botSignals } = authorship;
  const said = authorshipClass ?? (aiAuthored === undefined ? 'nothing' : aiAuthored ? 'AI' : 'no AI');
  const all = [...signals, ...botSignals];
  return all.length === 0 ? said : `${said}: ${all.join(', ')}`;
}

/** @param bytes of which `looksLikeReceipts` or `isReceiptLike` says that they mean to be receipts */
export function describeReceiptFile(bytes: Uint8Array): { readonly kind: string; readonly lines: string[] } {
  const { value, fault } = readReceipts(bytes);
  if (fault !== undefined) return { kind: `AIIR receipts, malformed: ${printable(fault)}`, lines: [] };
  const { found, encoding } = value;
  const many = found.length === 1 ? 'an AIIR receipt' : `${found.length} AIIR receipts`;
  return { kind: `${many}, ${encoding.toUpperCase()}`, lines: describeReceipts(value) };
}
