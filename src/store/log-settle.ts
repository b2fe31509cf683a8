/**
 * What a writer does first, under the lock: it brings home and log to one checkpoint, and makes sure of the tree's right edge.
 *
 * A checkpoint is kept in the home before the log shows it, and after its tiles are durable. So a home that is ahead is a
 * writer that was killed in between, and its tiles are all there; where they are not, the log is an older copy, and to sign
 * for it would be to sign a fork. A log that is ahead is one whose home was restored from a backup.
 */

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { QpoeError } from '../core/error.ts';
import { completeRoot, findConsistencyFault, HASH_BYTES, planConsistency, sameHash } from '../tlog/merkle.ts';
import { edgeRoot, type RightEdge, readEdge } from '../tlog/right-edge.ts';
import { FULL_WIDTH, type Tile, tilePath } from '../tlog/tile.ts';
import { readProof } from '../tlog/tile-hashes.ts';
import { fileError, isTemporary, lookAt, writeAtomic } from './files.ts';
import {
  checkpointPath,
  openSignedCheckpoint,
  readCheckpoint,
  type SignedCheckpoint,
} from './log-checkpoint.ts';
import {
  discardFolder,
  hashEntries,
  listFolder,
  readEntryBundle,
  readLogFile,
  sweepUnpublished,
  tileReader,
} from './log-files.ts';
import { keepCheckpoint, type LogKey, readKeptCheckpoint } from './log-key.ts';

/** A log as a writer finds it, every part of it bound to the checkpoint that the home signed last. */
export interface Settled {
  readonly checkpoint: SignedCheckpoint;
  readonly edge: RightEdge;
  /** The bytes of the partial entry bundle; none where the last one is full. */
  readonly bundle: Uint8Array;
}

const RESTORE = '`qpoe log fsck` checks every file of it; restore what is bad from a copy of the log';

/** @throws QpoeError; nothing is written then but what the checkpoints of before say */
export function settleLog(log: string, own: LogKey): Settled {
  const kept = readKeptCheckpoint(own);
  const published = readPublished(log, own);
  if (published !== undefined && published.size > kept.size) {
    refuseFork(log, kept, published);
    const settled = readTree(log, published);
    keepCheckpoint(own, published.note);
    return sweep(log, own, settled);
  }
  if (published?.size === kept.size && !sameHash(published.root, kept.root)) throw notThisLog(log, own, kept);
  const ahead = published?.size !== kept.size;
  const settled = ahead ? readTreeAhead(log, own, kept) : readTree(log, published);
  if (ahead) publishCheckpoint(log, kept);
  return sweep(log, own, settled);
}

export function publishCheckpoint(log: string, { note }: SignedCheckpoint): void {
  writeAtomic(checkpointPath(log), note);
}

/** Undefined where a writer was killed before the first one. */
function readPublished(log: string, { vkey, folder }: LogKey): SignedCheckpoint | undefined {
  if (lookAt(checkpointPath(log)) === undefined) return undefined;
  const opened = openSignedCheckpoint(readCheckpoint(log), vkey);
  if (opened.fault === undefined) return opened.value;
  throw new QpoeError(
    'refused',
    `${checkpointPath(log)} is damaged: ${opened.fault}`,
    `the last one that was signed is ${join(folder, 'checkpoint')}`,
  );
}

/** @throws QpoeError unless the log's tree begins with the one that the home knows */
function refuseFork(log: string, kept: SignedCheckpoint, published: SignedCheckpoint): void {
  if (kept.size === 0) return;
  const plan = planConsistency(kept.size, published.size);
  const proof = readProof(plan, published.size, tileReader(log, published.size));
  const fault =
    proof.fault ??
    findConsistencyFault(
      { oldSize: kept.size, oldRoot: kept.root, newSize: published.size, newRoot: published.root },
      proof.value,
    )?.fault;
  if (fault !== undefined)
    throw new QpoeError(
      'refused',
      `${log} does not extend the tree of ${kept.size} entries that this home signed: ${fault}`,
      RESTORE,
    );
}

function readTreeAhead(log: string, own: LogKey, kept: SignedCheckpoint): Settled {
  try {
    return readTree(log, kept);
  } catch (error) {
    throw error instanceof QpoeError && error.code === 'refused' ? notThisLog(log, own, kept, error) : error;
  }
}

function notThisLog(log: string, { folder }: LogKey, { size }: SignedCheckpoint, cause?: unknown): QpoeError {
  return new QpoeError(
    'refused',
    `${log} is not the log of ${size} entries that this home signed last: an older copy, or damaged`,
    `use the newest copy of the store; nothing that contradicts ${join(folder, 'checkpoint')} is ever signed`,
    { cause },
  );
}

/** The edge of the tree that this checkpoint is about. Neither tiles nor entries are believed before they lead to its root. */
function readTree(log: string, checkpoint: SignedCheckpoint): Settled {
  const { size, root } = checkpoint;
  const edge = readEdge(size, (tile) => readLogFile(log, tile));
  if (edge.fault !== undefined) throw damaged(log, edge.fault);
  if (!sameHash(edgeRoot(edge.value), root))
    throw damaged(log, `${findBadTile(log, edge.value, root)} does not lead to the signed root`);
  return { checkpoint, edge: edge.value, bundle: readLastBundle(log, edge.value) };
}

function readLastBundle(log: string, { size, tiles }: RightEdge): Uint8Array {
  const width = size % FULL_WIDTH;
  if (width === 0) return new Uint8Array(0);
  const index = Math.floor(size / FULL_WIDTH);
  const read = readEntryBundle(log, index, size);
  if (read.fault !== undefined) throw damaged(log, read.fault);
  if (sameHash(hashEntries(read.value.entries), tiles[0]!)) return read.value.bytes;
  throw damaged(log, `${tilePath({ level: 'entries', index, width })} holds other entries than were signed`);
}

export function damaged(log: string, fault: string): QpoeError {
  return new QpoeError('refused', `${log} is damaged: ${fault}`, RESTORE);
}

/** The one tile of the edge that leads to the root once it is made again from what lies below it. */
function findBadTile(log: string, edge: RightEdge, root: Uint8Array): string {
  const bad = edge.tiles.findIndex((hashes, level) => {
    const rebuilt = hashes.length === 0 ? undefined : rebuildTile(log, edge.size, level);
    return (
      rebuilt !== undefined && sameHash(edgeRoot({ ...edge, tiles: edge.tiles.with(level, rebuilt) }), root)
    );
  });
  return bad < 0 ? 'tile' : tilePath(edgeTile(bad, edge.size));
}

function edgeTile(level: number, size: number): Tile {
  const hashes = Math.floor(size / FULL_WIDTH ** level);
  return { level, index: Math.floor(hashes / FULL_WIDTH), width: hashes % FULL_WIDTH };
}

function rebuildTile(log: string, size: number, level: number): Uint8Array | undefined {
  const { index, width } = edgeTile(level, size);
  if (level === 0) {
    const entries = readEntryBundle(log, index, size).value?.entries;
    return entries && hashEntries(entries);
  }
  const rebuilt = new Uint8Array(width * HASH_BYTES);
  for (let i = 0; i < width; i++) {
    const child = readLogFile(log, { level: level - 1, index: index * FULL_WIDTH + i, width: FULL_WIDTH });
    if (child?.length !== FULL_WIDTH * HASH_BYTES) return undefined;
    rebuilt.set(completeRoot(child), i * HASH_BYTES);
  }
  return rebuilt;
}

/** Removes what killed writers left: under the lock no one else's file is temporary. */
function sweep(log: string, { folder }: LogKey, settled: Settled): Settled {
  sweepUnpublished(log, settled.checkpoint.size);
  for (const place of [log, folder])
    for (const name of listFolder(place).filter(isTemporary)) sweepTemporary(join(place, name));
  return settled;
}

/** One may be gone by the time it is looked at: folders are removed while no one waits. */
function sweepTemporary(path: string): void {
  try {
    if (lookAt(path)?.isDirectory()) discardFolder(path);
    else rmSync(path, { force: true });
  } catch (error) {
    throw error instanceof QpoeError ? error : fileError('external', 'remove', path, error);
  }
}
