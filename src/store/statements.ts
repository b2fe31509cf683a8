/**
 * The store's signed statements, each an untouched Sigstore bundle in a file of its own:
 *
 *     statements/<record_id>/<algorithm>-<key>.sigstore.json      of a record
 *     receipts/<digest>/<algorithm>-<key>.sigstore.json           of a receipt; <digest> is the SHA-256 of the payload
 *     receipts/<digest>/receipt.json, receipt.json.sigstore       one that came without a statement; <digest> is the file's
 *     publications/<digest>/<algorithm>-<key>.sigstore.json       of an archive's manifest, or of a link; <digest> is the payload's
 *
 * <key> is the beginning of the key's SHA-256: whoever signs the same again with another key adds a file, and whoever signs it
 * again with the same key changes nothing.
 */

import { createPublicKey, verify } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pae } from '../attest/dsse.ts';
import { isSigstoreBundle, type KeyedEnvelope, readSigstoreBundle } from '../attest/sigstore-bundle.ts';
import { type Bytes, equalBytes, toHex } from '../core/bytes.ts';
import { type Digest, sha256 } from '../core/digest.ts';
import { QpoeError } from '../core/error.ts';
import { JsonError, parseJsonBytes, WRAPPED } from '../core/json.ts';
import { enterFolder, isTemporary, lookAt, readOwn, writeAllAtomic, writeAtomic } from './files.ts';
import type { SignedEnvelope } from './sign-statement.ts';
import { asWriter, asWriterMeanwhile, recordPath, type Store } from './store.ts';

export interface KeptStatement {
  readonly algorithm: SignedEnvelope['algorithm'];
  readonly spki?: Bytes;
  readonly path: string;
  /** Whether this key's envelope was there already, and stays the one. */
  readonly existed: boolean;
}

export function recordStatementsFolder(store: Store, recordId: string): string {
  // Refuses an id that could name any other folder.
  recordPath(store, recordId);
  return join(store.path, 'statements', recordId);
}

export function receiptFolder(store: Store, digest: Digest): string {
  return join(store.path, 'receipts', digest.slice('sha256:'.length));
}

export function publicationFolder(store: Store, digest: Digest): string {
  return join(store.path, 'publications', digest.slice('sha256:'.length));
}

/** @param folder one of those above */
export function addStatements(
  store: Store,
  folder: string,
  envelopes: readonly SignedEnvelope[],
): readonly KeptStatement[] {
  return asWriter(store, () =>
    planStatements(folder, envelopes).map(({ kept, bytes }) => {
      if (!kept.existed) writeAtomic(kept.path, bytes);
      return kept;
    }),
  );
}

/** The same of many folders, for which the disk is waited for together. @returns of each folder */
export function addAllStatements(
  store: Store,
  places: readonly { readonly folder: string; readonly envelopes: readonly SignedEnvelope[] }[],
): Promise<readonly (readonly KeptStatement[])[]> {
  return asWriterMeanwhile(store, async () => {
    const planned = places.map(({ folder, envelopes }) => planStatements(folder, envelopes));
    await writeAllAtomic(
      planned.flat().flatMap(({ kept, bytes }) => (kept.existed ? [] : [{ path: kept.path, bytes }])),
    );
    return planned.map((folder) => folder.map(({ kept }) => kept));
  });
}

interface PlannedStatement {
  readonly kept: KeptStatement;
  readonly bytes: Bytes;
}

function planStatements(folder: string, envelopes: readonly SignedEnvelope[]): PlannedStatement[] {
  if (envelopes.length === 0) return [];
  enterFolder(folder);
  return envelopes.map((envelope) => planStatement(folder, envelope));
}

function planStatement(
  folder: string,
  { algorithm, signedBy, spki, bundle }: SignedEnvelope,
): PlannedStatement {
  const path = statementPath(folder, algorithm, signedBy);
  const existed = lookAt(path) !== undefined;
  if (existed && !holds(path, algorithm, spki, readSigstoreBundle(bundle).value!.envelope!.payload))
    throw new QpoeError(
      'refused',
      `${path} is not the statement that it is named for`,
      'someone put it there: take it away, and sign again',
    );
  const kept = { algorithm, path, existed, ...(spki === undefined ? {} : { spki }) };
  return { kept, bytes: Buffer.from(`${JSON.stringify(bundle)}\n`) };
}

function statementPath(folder: string, algorithm: SignedEnvelope['algorithm'], signedBy: Uint8Array): string {
  return join(folder, `${algorithm}-${toHex(signedBy).slice(0, 16)}.sigstore.json`);
}

/** Whether a folder holds this P-256 key's envelope of exactly this payload. */
export function isStatedBy(folder: string, spki: Bytes, payload: Uint8Array): boolean {
  const path = statementPath(folder, 'p256', sha256(spki));
  return lookAt(path)?.isFile() === true && holds(path, 'p256', spki, payload);
}

/** What stands there may have been put there: only its payload and signature say what it is. */
function holds(
  path: string,
  algorithm: SignedEnvelope['algorithm'],
  spki: Bytes | undefined,
  payload: Uint8Array,
): boolean {
  const held = readEnvelope(readOwn(path, WRAPPED.bytes));
  if (held === undefined || !equalBytes(held.payload, payload)) return false;
  return spki === undefined || holdsBy(spki, algorithm, held);
}

function readEnvelope(bytes: Uint8Array): KeyedEnvelope | undefined {
  try {
    const value = parseJsonBytes(bytes, WRAPPED);
    const bundle = isSigstoreBundle(value) ? readSigstoreBundle(value).value : undefined;
    return bundle?.envelope as KeyedEnvelope | undefined;
  } catch (error) {
    if (error instanceof JsonError) return undefined;
    throw error;
  }
}

function holdsBy(spki: Bytes, algorithm: SignedEnvelope['algorithm'], envelope: KeyedEnvelope): boolean {
  const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
  const message = pae(envelope.payloadType, envelope.payload);
  return verify(algorithm === 'p256' ? 'sha256' : null, message, key, envelope.signature);
}

/** What lies in a folder of statements, by name; nothing where there is no folder. */
export function listStatementFiles(folder: string): readonly string[] {
  const stats = lookAt(folder);
  if (stats === undefined || !stats.isDirectory()) return [];
  return readdirSync(folder)
    .filter((name) => !isTemporary(name))
    .sort()
    .map((name) => join(folder, name));
}

/** The P-256 envelopes of everything stated that the store holds: what a log takes. */
export function* statementFiles(store: Store): Generator<string> {
  for (const kind of ['statements', 'receipts', 'publications'])
    for (const folder of listStatementFiles(join(store.path, kind)))
      for (const path of listStatementFiles(folder))
        if (basename(path).startsWith('p256-') && lookAt(path)?.isFile()) yield path;
}

/** The SHA-256 of what each of those that this P-256 key really signed is signed over: what a log's entry of it names. */
export function* statedDigests(store: Store, spki: Bytes): Generator<Bytes> {
  const name = basename(statementPath('', 'p256', sha256(spki)));
  for (const path of statementFiles(store)) {
    if (basename(path) !== name) continue;
    const envelope = readEnvelope(readOwn(path, WRAPPED.bytes));
    if (envelope !== undefined && holdsBy(spki, 'p256', envelope))
      yield sha256(pae(envelope.payloadType, envelope.payload));
  }
}
