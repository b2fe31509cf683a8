/**
 * What the store keeps of anonymous archives, for its owner alone: whose each is, and of which records, with the salts that show it.
 *
 *     anonymous/<hex>.json     <hex> is the digest of the archive's manifest
 */

import { join } from 'node:path';
import { utf8 } from '../core/bytes.ts';
import type { Digest } from '../core/digest.ts';
import type { JsonObject } from '../core/json.ts';
import { enterFolder, lookAt, removeIfPossible, writeAtomic } from './files.ts';
import { readOwnJson } from './own-json.ts';
import type { Store } from './store.ts';

function anonymousPath({ path }: Store, manifest: Digest): string {
  return join(path, 'anonymous', `${manifest.slice('sha256:'.length)}.json`);
}

/** @param kept salts and values */
export function keepAnonymous(store: Store, manifest: Digest, kept: object): void {
  enterFolder(join(store.path, 'anonymous'));
  writeAtomic(anonymousPath(store, manifest), utf8(`${JSON.stringify(kept)}\n`), 0o600);
}

/** Of an archive that could not be written: there is nothing to link. */
export function forgetAnonymous(store: Store, manifest: Digest): void {
  removeIfPossible(anonymousPath(store, manifest));
}

/** Undefined where this store made no such archive. */
export function readAnonymous(store: Store, manifest: Digest): JsonObject | undefined {
  const path = anonymousPath(store, manifest);
  return lookAt(path)?.isFile() === true ? readOwnJson(path) : undefined;
}
