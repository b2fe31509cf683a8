/**
 * The parts of bundles, out of a folder that someone gave: a copy of a store, or any files. What each is, its content says; its name
 * says nothing. They are put into a store that is thrown away, so that one way leads from parts to a bundle.
 */

import { createPublicKey } from 'node:crypto';
import { lstatSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isSigstoreBundle, readSigstoreBundle } from '../../attest/sigstore-bundle.ts';
import { type Bytes, equalBytes, utf8 } from '../../core/bytes.ts';
import { type Digest, digestOf } from '../../core/digest.ts';
import { QpoeError } from '../../core/error.ts';
import {
  isJsonObject,
  JsonError,
  type JsonObject,
  type JsonValue,
  parseJsonBytes,
  WRAPPED,
} from '../../core/json.ts';
import { namedDigests } from '../../record/named-digests.ts';
import { readRecord } from '../../record/read-record.ts';
import type { ExecutionRecord } from '../../record/schema.ts';
import { enterFolder, lookAt, readOwn, writeAtomic } from '../../store/files.ts';
import { addReceiptFile, readReceiptFile } from '../../store/receipts.ts';
import { recordStatementsFolder } from '../../store/statements.ts';
import { addRecord, hasStore, openOrCreateStore, openStore, type Store } from '../../store/store.ts';
import { decodeArtifact, isBundleLike, readBundle, readKey } from '../../verify/bundle.ts';
import { statedPayload } from '../record/keep.ts';
import { collectFiles } from '../verify/collect-files.ts';

export interface Parts {
  readonly store: Store;
  readonly keys: readonly Bytes[];
  /** Removes what was made only for this. */
  dispose(): void;
}

const MAX_FILES = 100_000;

/** @throws QpoeError `usage` where there is no such folder, or it holds no record */
export function gatherParts(folder: string): Parts {
  if (lookAt(folder)?.isDirectory() !== true)
    throw new QpoeError(
      'usage',
      `--from ${folder}: no such folder`,
      'name a store, a folder with the parts, or a log',
    );
  if (hasStore(folder)) return { store: openStore(folder), keys: [], dispose: () => {} };
  const found = readFolder(folder);
  if (found.records.length === 0)
    throw new QpoeError(
      'usage',
      `--from ${folder} holds no record`,
      'name a store, a folder with the parts, or a log',
    );
  const made = mkdtempSync(join(tmpdir(), 'qpoe-parts-'));
  try {
    return {
      store: fillStore(join(made, 'store'), found),
      keys: found.keys,
      dispose: () => rmSync(made, { recursive: true, force: true }),
    };
  } catch (error) {
    rmSync(made, { recursive: true, force: true });
    throw error;
  }
}

interface Found {
  readonly records: ExecutionRecord[];
  /** Sigstore bundles. */
  readonly statements: Uint8Array[];
  readonly receipts: { readonly bytes: Uint8Array; readonly signature: Uint8Array | undefined }[];
  readonly objects: Map<Digest, () => Uint8Array>;
  readonly keys: Bytes[];
}

function readFolder(folder: string): Found {
  const found: Found = { records: [], statements: [], receipts: [], objects: new Map(), keys: [] };
  let count = 0;
  for (const { path, skip } of collectFiles(folder)) {
    if (skip !== undefined || lstatSync(path).size > WRAPPED.bytes) continue;
    if (++count > MAX_FILES)
      throw new QpoeError('usage', `--from ${folder} holds more than ${MAX_FILES} files`);
    const bytes = readOwn(path, WRAPPED.bytes);
    found.objects.set(digestOf(bytes), () => readOwn(path, WRAPPED.bytes));
    const value = parse(bytes);
    if (value !== undefined) addValue(found, value, bytes, path);
    else addPem(found, bytes);
  }
  return found;
}

function parse(bytes: Uint8Array): JsonValue | undefined {
  if (bytes[0] !== '{'.charCodeAt(0)) return undefined;
  try {
    return parseJsonBytes(bytes, WRAPPED);
  } catch (error) {
    if (error instanceof JsonError) return undefined;
    throw error;
  }
}

function addValue(found: Found, value: JsonValue, bytes: Uint8Array, path: string): void {
  if (!isJsonObject(value)) return;
  if (isBundleLike(value)) addBundle(found, value);
  else if (isSigstoreBundle(value)) found.statements.push(bytes);
  else {
    const { value: record } = readRecord(value);
    if (record !== undefined) found.records.push(record);
    else if (readReceiptFile(bytes) !== undefined)
      found.receipts.push({ bytes, signature: readBeside(`${path}.sigstore`) });
  }
}

function readBeside(path: string): Uint8Array | undefined {
  return lookAt(path)?.isFile() === true ? readOwn(path, WRAPPED.bytes) : undefined;
}

function addBundle(found: Found, value: JsonObject): void {
  const { value: bundle } = readBundle(value);
  const { value: record } = bundle === undefined ? {} : readRecord(bundle.record);
  if (bundle === undefined || record === undefined) return;
  found.records.push(record);
  for (const statement of bundle.statements) found.statements.push(utf8(`${JSON.stringify(statement)}\n`));
  for (const artifact of Object.values(bundle.artifacts)) {
    const bytes = decodeArtifact(artifact);
    if (bytes !== undefined) found.objects.set(digestOf(bytes), () => bytes);
  }
  for (const receipt of bundle.receipts) {
    const bytes = decodeArtifact(receipt);
    const signature =
      receipt.signature === undefined ? undefined : utf8(`${JSON.stringify(receipt.signature)}\n`);
    if (bytes !== undefined) found.receipts.push({ bytes, signature });
  }
  for (const text of bundle.keys) {
    const key = readKey(text);
    if (key !== undefined) found.keys.push(key.spki);
  }
}

function addPem({ keys }: Found, bytes: Uint8Array): void {
  const text = Buffer.from(bytes.subarray(0, 10_000)).toString('latin1');
  if (!text.startsWith('-----BEGIN PUBLIC KEY-----')) return;
  try {
    keys.push(new Uint8Array(createPublicKey(text).export({ format: 'der', type: 'spki' })));
  } catch {
    // Whatever it is, it is no key.
  }
}

function fillStore(path: string, { records, statements, receipts, objects }: Found): Store {
  const store = openOrCreateStore(path);
  for (const record of records) {
    const named = [...namedDigests(record)].flatMap((digest) => objects.get(digest)?.() ?? []);
    addRecord(store, record, named);
    const payload = statedPayload(record);
    const own = statements.filter((bytes) => equalBytes(payloadOf(bytes), payload));
    const folder = recordStatementsFolder(store, record.record.record_id);
    if (own.length > 0) enterFolder(folder);
    for (const bytes of own)
      writeAtomic(join(folder, `${digestOf(bytes).slice(7, 23)}.sigstore.json`), bytes);
  }
  for (const bytes of statements) addReceipt(store, bytes, undefined);
  for (const { bytes, signature } of receipts) addReceipt(store, bytes, signature);
  return store;
}

function payloadOf(bytes: Uint8Array): Uint8Array {
  const { value } = readSigstoreBundle(parseJsonBytes(bytes, WRAPPED) as JsonObject);
  return value?.envelope?.payload ?? new Uint8Array();
}

function addReceipt(store: Store, bytes: Uint8Array, signature: Uint8Array | undefined): void {
  const found = readReceiptFile(bytes);
  if (found !== undefined) addReceiptFile(store, found, bytes, signature);
}
