/**
 * Personal values that stand in a record only as `{"withheld":"sha256:…"}`: the SHA-256 of the RFC 8785 form of
 *
 *     {"salt":"<base64 of 32 random bytes>","value":…}
 *
 * which is the opening, and lies in the store as `openings/<hex>.json`, for its owner alone. Without the salt a value that can be
 * guessed (a user id, an address) could be found by trying.
 */

import { join } from 'node:path';
import { type Bytes, toBase64 } from '../core/bytes.ts';
import { DIGEST_PATTERN, type Digest, digestOf } from '../core/digest.ts';
import { canonicalBytes } from '../core/jcs.ts';
import { isJsonObject, JsonError, type JsonObject, type JsonValue, parseJsonBytes } from '../core/json.ts';
import { enterFolder, lookAt, readOwn, type WholeFile, writeAtomic } from './files.ts';
import type { Store } from './store.ts';

export interface Withheld {
  readonly [name: string]: JsonValue;
  readonly withheld: Digest;
}

const MAX_OPENING_BYTES = 1_000_000;

function openingPath({ path }: Store, digest: Digest): string {
  return join(path, 'openings', `${digest.slice('sha256:'.length)}.json`);
}

/**
 * What may stand in the record. Twice the same value is withheld as two different ones.
 * @param openings takes the opening, which is to be kept before the record is
 */
export function withhold(openings: Bytes[], value: JsonValue): Withheld {
  const opening = canonicalBytes({ salt: toBase64(crypto.getRandomValues(new Uint8Array(32))), value });
  openings.push(opening);
  return { withheld: digestOf(opening) };
}

/** The files of openings that the store doesn't have yet. @param openings the JCS of `{"salt","value"}` */
export function openingFiles(store: Store, openings: readonly Bytes[]): readonly WholeFile[] {
  if (openings.length === 0) return [];
  enterFolder(join(store.path, 'openings'));
  return openings
    .map((bytes) => ({ path: openingPath(store, digestOf(bytes)), bytes, mode: 0o600 }))
    .filter(({ path }) => lookAt(path) === undefined);
}

/** Keeps openings that came with their digests already in a record. @param openings the JCS of `{"salt","value"}` */
export function addOpenings(store: Store, openings: readonly Bytes[]): void {
  for (const { path, bytes, mode } of openingFiles(store, openings)) writeAtomic(path, bytes, mode);
}

/** What was withheld; undefined where this store doesn't have the opening. */
export function openWithheld(store: Store, section: JsonValue | undefined): JsonValue | undefined {
  const digest = isJsonObject(section) ? section.withheld : undefined;
  if (typeof digest !== 'string' || !DIGEST_PATTERN.test(digest)) return undefined;
  return readOpeningOf(store, digest as Digest)?.value;
}

/** The opening, salt and value; undefined where this store doesn't have it, or has another under its digest. */
export function readOpeningOf(store: Store, digest: Digest): JsonObject | undefined {
  const path = openingPath(store, digest);
  if (lookAt(path)?.isFile() !== true) return undefined;
  const bytes = readOwn(path, MAX_OPENING_BYTES);
  return digestOf(bytes) === digest ? parseOpening(bytes) : undefined;
}

function parseOpening(bytes: Uint8Array): JsonObject | undefined {
  try {
    const opening = parseJsonBytes(bytes);
    return isJsonObject(opening) ? opening : undefined;
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return undefined;
  }
}
