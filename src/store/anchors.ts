/**
 * `anchors/<id>.json`: what became of each transaction that anchors something, written before it is sent. What was signed
 * stands there with its nonce, and nothing is ever sent for the same purpose under another nonce while that one may still be
 * mined: an interrupted submission is taken up again, and never paid twice.
 */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { DIGEST_PATTERN } from '../core/digest.ts';
import { QpoeError } from '../core/error.ts';
import { checkShape } from '../core/shape.ts';
import { enterFolder, fileError, lookAt, writeAtomic } from './files.ts';
import { holdLock } from './log-lock.ts';
import { readOwnJson } from './own-json.ts';
import type { Store } from './store.ts';

const NAME = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\.json$/;

const hexOf = (length: string) =>
  z.templateLiteral(['0x', z.string().check(z.regex(new RegExp(`^[0-9a-f]{${length}}$`)))]);
const address = hexOf('40');
const hash = hexOf('64');
const hexData = z.templateLiteral(['0x', z.string().check(z.regex(/^(?:[0-9a-f]{2})*$/))]);
const count = z.int().check(z.nonnegative());
const wei = z.string().check(z.regex(/^(?:0|[1-9]\d{0,77})$/));
const text = z.string().check(z.minLength(1));

const anchored = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('checkpoint'),
    log: z.strictObject({ origin: text, kind: z.enum(['sender', 'signer']), account: address }),
    size: count,
    /** base64 */
    root: text,
  }),
  z.strictObject({
    kind: z.literal('record'),
    record_id: text,
    hash: z.string().check(z.regex(DIGEST_PATTERN)),
  }),
  z.strictObject({ kind: z.literal('contract') }),
]);

const transaction = z.strictObject({
  /** Not yet known of one that a node signs. */
  hash: z.optional(hash),
  raw: z.optional(hexData),
  max_fee_per_gas: wei,
  max_priority_fee_per_gas: wei,
});

const entrySchema = z.strictObject({
  version: z.literal(1),
  id: text,
  chain: z.strictObject({ name: text, chain_id: count, contract: address }),
  anchored,
  /** Absent where it was found on the chain, and not sent from here. */
  sent: z.optional(
    z.strictObject({
      from: address,
      nonce: count,
      data: hexData,
      gas: wei,
      /** All of the one nonce, so that one of them at most is ever mined. */
      transactions: z.array(transaction),
    }),
  ),
  /** `mined` may still be undone by a reorganization; `replaced`: another transaction of the account took the nonce. */
  state: z.enum(['pending', 'mined', 'finalized', 'failed', 'replaced']),
  block: z.optional(z.strictObject({ number: count, hash })),
  /** As it goes into bundles, without a consistency proof. */
  evidence: z.optional(z.record(z.string(), z.unknown())),
});

export type AnchorEntry = z.infer<typeof entrySchema>;
export type Anchored = AnchorEntry['anchored'];
export type Sent = NonNullable<AnchorEntry['sent']>;

function folderOf(store: Store): string {
  return join(store.path, 'anchors');
}

/**
 * Two submissions at once would each send what one of them pays for, and each write over what the other keeps.
 * @returns what releases the lock. @throws QpoeError `external` where another command doesn't finish
 */
export function lockAnchors(store: Store): () => void {
  return holdLock(join(store.path, 'anchors.lock'));
}

export function saveAnchor(store: Store, entry: AnchorEntry): void {
  enterFolder(folderOf(store));
  writeAtomic(join(folderOf(store), `${entry.id}.json`), Buffer.from(`${JSON.stringify(entry, null, 1)}\n`));
}

/** Oldest first. @throws QpoeError where a file is not what it must be: what it says may have been paid for */
export function listAnchors(store: Store): readonly AnchorEntry[] {
  if (lookAt(folderOf(store)) === undefined) return [];
  return readNames(folderOf(store))
    .filter((name) => NAME.test(name))
    .sort()
    .map((name) => readAnchorFile(join(folderOf(store), name)));
}

function readNames(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    throw fileError('unreadable', 'list', folder, error);
  }
}

function readAnchorFile(path: string): AnchorEntry {
  const { value, fault } = checkShape(entrySchema, readOwnJson(path));
  if (fault === undefined) return value;
  throw new QpoeError('unreadable', `${path}: ${fault}`, 'restore it, or take it away');
}
