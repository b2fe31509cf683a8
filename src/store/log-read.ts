/** What anyone may read from a log, without its key and while others append. Each reads O(log n) files. */

import { join } from 'node:path';
import type { Bytes } from '../core/bytes.ts';
import { QpoeError } from '../core/error.ts';
import { parseCheckpoint } from '../tlog/checkpoint.ts';
import type { Read } from '../tlog/fault.ts';
import { type ProofPlan, planConsistency, planInclusion } from '../tlog/merkle.ts';
import { parseNote } from '../tlog/note.ts';
import { FULL_WIDTH } from '../tlog/tile.ts';
import { readProof } from '../tlog/tile-hashes.ts';
import { checkpointPath, readCheckpoint } from './log-checkpoint.ts';
import { type EntryBundle, readEntryBundle, tileReader } from './log-files.ts';

export { readCheckpoint } from './log-checkpoint.ts';

/** As the tiles say it: a caller checks it against a checkpoint's root before it passes it on. @throws QpoeError */
export function proveInclusion(log: string, index: number, size: number): readonly Bytes[] {
  return readHashes(log, planInclusion(index, size), size);
}

/** Between trees of any two sizes, published or not. @throws QpoeError */
export function proveConsistency(log: string, oldSize: number, newSize: number): readonly Bytes[] {
  return readHashes(log, planConsistency(oldSize, newSize), newSize);
}

function readHashes(log: string, plan: ProofPlan, size: number): readonly Bytes[] {
  const published = publishedSize(log);
  if (size > published)
    throw new QpoeError(
      'usage',
      `${log} has ${published} entries, not ${size}`,
      'ask for a size that it has',
    );
  return orDamaged(log, readProof(plan, size, tileReader(log, published))).map(
    (hash) => new Uint8Array(hash),
  );
}

/** @throws QpoeError where there is no such entry */
export function readEntry(log: string, index: number): Bytes {
  const size = publishedSize(log);
  if (!Number.isSafeInteger(index) || index < 0 || index >= size)
    throw new QpoeError('usage', `${log} has ${size} entries: there is no entry ${index}`);
  const { entries } = orDamaged(log, readBundle(log, Math.floor(index / FULL_WIDTH), size));
  return new Uint8Array(entries[index % FULL_WIDTH]!);
}

/** Those of the tree of this size, in order. @throws QpoeError */
export function* readEntries(log: string, size: number): Generator<Uint8Array> {
  for (let at = 0; at < size; at += FULL_WIDTH)
    yield* orDamaged(log, readBundle(log, at / FULL_WIDTH, size)).entries;
}

function readBundle(log: string, index: number, size: number): Read<EntryBundle> {
  const read = readEntryBundle(log, index, size);
  if (read.code !== 'entries.missing') return read;
  // A writer may have filled it since, and removed what was partial.
  const full = readEntryBundle(log, index, (index + 1) * FULL_WIDTH);
  return full.fault === undefined ? full : read;
}

/** By the log's own checkpoint, whose signature no one has judged here. */
function publishedSize(log: string): number {
  const note = parseNote(readCheckpoint(log));
  const read = note.fault === undefined ? parseCheckpoint(note.value.text) : note;
  if (read.fault === undefined) return read.value.size;
  throw new QpoeError('refused', `${checkpointPath(log)}: ${read.fault}`);
}

function orDamaged<T>(log: string, read: Read<T>): T {
  if (read.fault === undefined) return read.value;
  throw new QpoeError(
    'refused',
    `${join(log, read.fault)}`,
    '`qpoe log fsck` checks every file of the log; restore what is bad from a copy',
  );
}
