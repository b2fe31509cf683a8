/** `--external`: what is too large for a bundle, in a folder beside the archive that names it. Without the archive it is nothing. */

import { rmdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Digest } from '../../core/digest.ts';
import { QpoeError } from '../../core/error.ts';
import { lookAt, makeFolder, removeIfPossible, writeAtomic } from '../../store/files.ts';
import { readObject, type Store } from '../../store/store.ts';
import { MAX_EXTERNAL_BYTES } from './publish-records.ts';

/** @returns takes away what was added, and nothing that was there */
export function writeExternal(store: Store, folder: string, digests: readonly Digest[]): () => void {
  const made = foldersToMake(folder);
  const added: string[] = [];
  const undo = (): void => {
    for (const path of added) removeIfPossible(path);
    for (const path of made) removeIfEmpty(path);
  };
  try {
    makeFolder(folder);
    for (const digest of digests) {
      const path = join(folder, digest.slice('sha256:'.length));
      if (lookAt(path) === undefined) added.push(path);
      writeAtomic(path, readSound(store, digest));
    }
  } catch (error) {
    undo();
    throw error;
  }
  return undo;
}

function readSound(store: Store, digest: Digest): Uint8Array {
  const bytes = readObject(store, digest, MAX_EXTERNAL_BYTES);
  if (bytes !== undefined) return bytes;
  throw new QpoeError(
    'refused',
    `the store’s ${digest} is damaged`,
    'nothing was published; restore it, or publish without --external',
  );
}

/** The deepest first. */
function foldersToMake(folder: string): readonly string[] {
  return lookAt(folder) === undefined ? [folder, ...foldersToMake(dirname(folder))] : [];
}

/** Clears up after a failure, which is the one to be told. */
function removeIfEmpty(path: string): void {
  try {
    rmdirSync(path);
  } catch {}
}
