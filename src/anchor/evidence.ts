/**
 * The anchor of an evidence bundle: what shows, offline, that a block holds the contract's event over a log's checkpoint, or
 * over a record's hash alone.
 *
 *     {"event":"checkpoint",
 *      "header":"0x…",                                  the block's, RLP
 *      "receipt":{"index":3,"proof":["0x…"]},           the transaction's index; nodes from the root to the receipt
 *      "log_index":0,                                   within the receipt, not the block
 *      "log":{"origin":"…","kind":"sender","account":"0x…"},
 *      "size":5,"root":"base64",
 *      "consistency":[{"size":3,"hashes":["base64"]}]}  between the checkpoint of that size and the anchored one
 *
 *     {"event":"record","header":…,"receipt":…,"log_index":0,"record":"sha256:…"}
 *
 * It shows neither the chain nor the contract's code: both come from the policy, as does the block's hash.
 */

import * as z from 'zod/mini';
import { type Bytes, equalBytes, fromBase64, toBase64, utf8 } from '../core/bytes.ts';
import { DIGEST_PATTERN, type Digest, digestBytes } from '../core/digest.ts';
import type { JsonObject } from '../core/json.ts';
import { checkShape, listOf, type Shaped } from '../core/shape.ts';
import type { Fault, Read } from '../tlog/fault.ts';
import {
  type CheckpointEvent,
  readCheckpointEvent,
  readSubmittedEvent,
  type SubmittedEvent,
} from './contract-events.ts';
import { type BlockHeader, MAX_HEADER_BYTES, readHeader } from './header.ts';
import { fromHexData, toHexData } from './hex-data.ts';
import { HASH_BYTES } from './keccak.ts';
import type { Log } from './log-bloom.ts';
import { ADDRESS_BYTES, type LogKind, logId } from './log-id.ts';
import { MAX_NODE_BYTES, MAX_PROOF_BYTES, MAX_PROOF_NODES, provenValue } from './mpt.ts';
import { type Receipt, readReceipt } from './receipt.ts';
import { receiptKey } from './trie.ts';

const MAX_ORIGIN_BYTES = 1024;
const MAX_CONSISTENCY = 64;
const MAX_HASHES = 64;
/** Far beyond any block's transactions. */
const MAX_INDEX = 2 ** 24;

/** A proof from the tree of the smaller size to that of the larger. */
export interface ConsistencyProof {
  /** Of the checkpoint that isn't the anchored one. */
  readonly size: number;
  readonly hashes: readonly Bytes[];
}

interface Place {
  readonly header: Bytes;
  readonly receipt: { readonly index: number; readonly proof: readonly Bytes[] };
  /** Within the receipt. */
  readonly logIndex: number;
}

export interface CheckpointAnchor extends Place {
  readonly event: 'checkpoint';
  readonly log: { readonly origin: string; readonly kind: LogKind; readonly account: Bytes };
  readonly size: number;
  readonly root: Bytes;
  readonly consistency: readonly ConsistencyProof[];
}

export interface RecordAnchor extends Place {
  readonly event: 'record';
  readonly record: Digest;
}

export type Anchor = CheckpointAnchor | RecordAnchor;

/** Text of at most `limit` characters, as what it stands for. */
function decoded<T>(limit: number, decode: (text: string) => T | undefined, message: string) {
  return z.pipe(
    z.string().check(z.maxLength(limit)),
    z.transform((input: string, context): T => {
      const value = decode(input);
      if (value !== undefined) return value;
      context.issues.push({ code: 'custom', message, input });
      return z.NEVER;
    }),
  );
}

const hexData = (most: number, least = 0) =>
  decoded(
    2 + 2 * most,
    (text) => atLeast(fromHexData(text), least),
    least === most ? `not 0x and ${most} bytes in lowercase hex` : 'not 0x and lowercase hex',
  );
const hash = decoded(44, (text) => ofHash(fromBase64(text)), 'not the base64 of 32 bytes');
const size = z.int().check(z.minimum(1));
const index = z.int().check(z.minimum(0), z.maximum(MAX_INDEX));
const origin = z
  .string()
  .check(z.refine(isOrigin, `not one line of 1 to ${MAX_ORIGIN_BYTES} bytes without control characters`));

const place = {
  header: hexData(MAX_HEADER_BYTES),
  receipt: z.strictObject({
    index,
    proof: listOf(hexData(MAX_NODE_BYTES)).check(
      z.maxLength(MAX_PROOF_NODES),
      z.refine((nodes) => totalLength(nodes) <= MAX_PROOF_BYTES, `more than ${MAX_PROOF_BYTES} bytes`),
    ),
  }),
  log_index: index,
};

const schema = z.discriminatedUnion('event', [
  z.strictObject({
    event: z.literal('checkpoint'),
    ...place,
    log: z.strictObject({
      origin,
      kind: z.enum(['sender', 'signer']),
      account: hexData(ADDRESS_BYTES, ADDRESS_BYTES),
    }),
    size,
    root: hash,
    consistency: listOf(z.strictObject({ size, hashes: listOf(hash).check(z.maxLength(MAX_HASHES)) })).check(
      z.maxLength(MAX_CONSISTENCY),
      z.refine(isAscending, 'sizes that do not ascend'),
    ),
  }),
  z.strictObject({
    event: z.literal('record'),
    ...place,
    record: z.string().check(z.regex(DIGEST_PATTERN)),
  }),
]);

/** An anchor of the right shape, as a bundle holds it; `openAnchor` then says what it shows. */
export function readAnchor(object: JsonObject): Shaped<Anchor> {
  const shaped = checkShape(schema, object);
  if (shaped.fault !== undefined) return shaped;
  const { log_index: logIndex, ...rest } = shaped.value;
  return { value: { ...rest, logIndex } as Anchor };
}

/** What `readAnchor` reads back as the same. */
export function formatAnchor(anchor: Anchor): JsonObject {
  const { index, proof } = anchor.receipt;
  const place = {
    event: anchor.event,
    header: toHexData(anchor.header),
    receipt: { index, proof: proof.map(toHexData) },
    log_index: anchor.logIndex,
  };
  if (anchor.event === 'record') return { ...place, record: anchor.record };
  const { log, size, root, consistency } = anchor;
  return {
    ...place,
    log: { origin: log.origin, kind: log.kind, account: toHexData(log.account) },
    size,
    root: toBase64(root),
    consistency: consistency.map(({ size, hashes }) => ({ size, hashes: hashes.map(toBase64) })),
  };
}

/** The event that an anchor claims, and the contract that emitted it. */
export type AnchoredEvent =
  | ({ readonly event: 'checkpoint'; readonly contract: Bytes } & CheckpointEvent)
  | ({ readonly event: 'record'; readonly contract: Bytes } & SubmittedEvent);

/** What each step found. A step is not there where the one before failed. */
export interface OpenedAnchor {
  readonly header: Read<BlockHeader>;
  /** In the header's receipts trie, at the anchor's index. */
  readonly receipt?: Read<Receipt>;
  /** In the receipt, of a transaction that succeeded, with what the anchor says of it. */
  readonly event?: Read<AnchoredEvent>;
}

/** That the header is of a block of the chain, and the contract the right one, is left to who knows them. */
export function openAnchor(anchor: Anchor): OpenedAnchor {
  const header = readHeader(anchor.header);
  if (header.fault !== undefined) return { header };
  const receipt = openReceipt(header.value, anchor);
  if (receipt.fault !== undefined) return { header, receipt };
  return { header, receipt, event: openEvent(receipt.value, anchor) };
}

function openReceipt({ receiptsRoot }: BlockHeader, { receipt }: Place): Read<Receipt> {
  const proven = provenValue(receiptsRoot, receiptKey(receipt.index), receipt.proof);
  return proven.fault === undefined ? readReceipt(proven.value) : proven;
}

function openEvent({ status, logs }: Receipt, anchor: Anchor): Read<AnchoredEvent> {
  // Where it is 0 there are no logs either, if a client made the receipt.
  if (status !== 1) return mismatch('transaction did not succeed', 'status');
  const log = logs[anchor.logIndex];
  if (log === undefined) return mismatch(`receipt has no log ${anchor.logIndex}`, 'log-index');
  return anchor.event === 'checkpoint' ? openCheckpoint(log, anchor) : openRecord(log, anchor);
}

function openCheckpoint(entry: Log, { log, size, root }: CheckpointAnchor): Read<AnchoredEvent> {
  const event = readCheckpointEvent(entry);
  if (event.fault !== undefined) return event;
  const { value } = event;
  if (value.size !== size) return mismatch(`event is over size ${value.size}, not ${size}`, 'size');
  if (!equalBytes(value.root, root)) return mismatch('event is over another root', 'root');
  if (!equalBytes(value.logId, logId(log.kind, log.account, log.origin)))
    return mismatch('event is of another log', 'log-id');
  return { value: { event: 'checkpoint', contract: entry.address, ...value } };
}

function openRecord(entry: Log, { record }: RecordAnchor): Read<AnchoredEvent> {
  const event = readSubmittedEvent(entry);
  if (event.fault !== undefined) return event;
  if (!equalBytes(event.value.recordHash, digestBytes(record)))
    return mismatch('event is over another record', 'record');
  return { value: { event: 'record', contract: entry.address, ...event.value } };
}

function mismatch(what: string, code: string): Fault {
  return { fault: `the anchored ${what}`, code: `anchor.${code}` };
}

function atLeast(bytes: Bytes | undefined, least: number): Bytes | undefined {
  return bytes !== undefined && bytes.length >= least ? bytes : undefined;
}

function ofHash(bytes: Bytes | undefined): Bytes | undefined {
  return bytes?.length === HASH_BYTES ? bytes : undefined;
}

function totalLength(nodes: readonly Bytes[]): number {
  return nodes.reduce((total, { length }) => total + length, 0);
}

function isAscending(proofs: readonly { readonly size: number }[]): boolean {
  return proofs.every(({ size }, i) => i === 0 || size > proofs[i - 1]!.size);
}

/** A lone surrogate has no UTF-8 of its own: it would hash as U+FFFD does, and two origins be one log. */
function isOrigin(text: string): boolean {
  return /^[^\p{Cc}\p{Cs}\u2028\u2029]+$/u.test(text) && utf8(text).length <= MAX_ORIGIN_BYTES;
}
