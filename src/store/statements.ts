/**
 * The store's signed statements, each an untouched Sigstore bundle in a file of its own:
 *
 *     statements/<record_id>/<algorithm>-<key>.sigstore.json      of a record
 *     receipts/<digest>/<algorithm>-<key>.sigstore.json           of a receipt; <digest> is the SHA-256 of the payload
 *     receipts/<digest>/receipt.json, receipt.sigstore            one that came without a statement; <digest> is the file's
 *
 * <key> is the beginning of the key's SHA-256: whoever signs the same again with another key adds a file, and whoever signs it
 * again with the same key changes nothing.
 */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Bytes, toHex } from '../core/bytes.ts';
import type { Digest } from '../core/digest.ts';
import { enterFolder, isTemporary, lookAt, writeAtomic } from './files.ts';
import type { SignedEnvelope } from './sign-statement.ts';
import { recordPath, type Store } from './store.ts';

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

/** @param folder one of the two above */
export function addStatements(
  folder: string,
  envelopes: readonly SignedEnvelope[],
): readonly KeptStatement[] {
  enterFolder(folder);
  return envelopes.map(({ algorithm, signedBy, spki, bundle }) => {
    const path = join(folder, `${algorithm}-${toHex(signedBy).slice(0, 16)}.sigstore.json`);
    const existed = lookAt(path) !== undefined;
    if (!existed) writeAtomic(path, Buffer.from(JSON.stringify(bundle) + '\n'));
    return { algorithm, path, existed, ...(spki === undefined ? {} : { spki }) };
  });
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
