/** Appending to the log: in batches, because what costs is waiting for the disk, and that is the same for one entry and for thousands. */

import { type Bytes, toHex } from '../core/bytes.ts';
import { QpoeError } from '../core/error.ts';
import { appendLeaves } from '../tlog/append.ts';
import type { Checkpoint } from '../tlog/checkpoint.ts';
import { appendEntries, MAX_ENTRY_BYTES } from '../tlog/entry-bundle.ts';
import { findInclusionFault, HASH_BYTES, leafHash, planInclusion, sameHash } from '../tlog/merkle.ts';
import { edgeRoot, type RightEdge } from '../tlog/right-edge.ts';
import { FULL_WIDTH, type TileFile } from '../tlog/tile.ts';
import { readProof } from '../tlog/tile-hashes.ts';
import type { OpenLog } from './log.ts';
import { signCheckpoint } from './log-checkpoint.ts';
import { MAX_BATCH, readEntryBundle, removeSuperseded, tileReader, writeTiles } from './log-files.ts';
import { fullTiles, type LogIndex, openLogIndex } from './log-index.ts';
import { keepCheckpoint } from './log-key.ts';
import { asLogWriter } from './log-lock.ts';
import { damaged, publishCheckpoint, type Settled, settleLog } from './log-settle.ts';

interface EntryIndex {
  readonly index: number;
  /** Whether the entry stood there before, in the log or in the same batch. */
  readonly existed: boolean;
}

export interface Appended {
  /** Of each entry, in order. */
  readonly indexes: readonly EntryIndex[];
  /** A signed note that covers them all. */
  readonly checkpoint: Bytes;
  readonly size: number;
}

interface Call {
  readonly entries: readonly Bytes[];
  resolve(appended: Appended): void;
  reject(error: unknown): void;
}

const waiting = new WeakMap<OpenLog, Call[]>();

/** Durable and published when it resolves. Calls that are made at the same time share a batch. @throws QpoeError */
export async function appendToLog(log: OpenLog, entries: readonly Bytes[]): Promise<Appended> {
  const tooLong = entries.find(({ length }) => length > MAX_ENTRY_BYTES);
  if (tooLong !== undefined)
    throw new QpoeError('refused', `a log entry of ${tooLong.length} bytes: at most ${MAX_ENTRY_BYTES} fit`);
  return new Promise((resolve, reject) => {
    const calls = waiting.get(log) ?? [];
    calls.push({ entries, resolve, reject });
    waiting.set(log, calls);
    // Once everyone who is ready by now has called.
    if (calls.length === 1) setImmediate(() => appendWaiting(log));
  });
}

function appendWaiting(log: OpenLog): void {
  const calls = waiting.get(log)!;
  waiting.delete(log);
  try {
    const { indexes, checkpoint, size } = appendAll(
      log,
      calls.flatMap(({ entries }) => entries),
    );
    let at = 0;
    for (const { entries, resolve } of calls) {
      resolve({ indexes: indexes.slice(at, at + entries.length), checkpoint, size });
      at += entries.length;
    }
  } catch (error) {
    for (const { reject } of calls) reject(error);
  }
}

function appendAll(log: OpenLog, entries: readonly Bytes[]): Appended {
  let appended = appendBatch(log, entries.slice(0, MAX_BATCH));
  for (let at = MAX_BATCH; at < entries.length; at += MAX_BATCH) {
    const next = appendBatch(log, entries.slice(at, at + MAX_BATCH));
    appended = { ...next, indexes: [...appended.indexes, ...next.indexes] };
  }
  return appended;
}

/** Never waits in between: two logs opened in one process would wait for each other's lock for ever. */
function appendBatch(log: OpenLog, entries: readonly Bytes[]): Appended {
  return asLogWriter(log, () => {
    const settled = settleLog(log.path, log);
    const index = openLogIndex(log.path, fullTiles(settled.edge));
    try {
      const placed = placeEntries(log.path, index, settled, entries);
      const { note, size } =
        placed.fresh.length === 0 ? settled.checkpoint : writeFresh(log, settled, index, placed);
      return { indexes: placed.indexes, checkpoint: note, size };
    } finally {
      index.close();
    }
  });
}

interface Placed {
  readonly indexes: readonly EntryIndex[];
  readonly fresh: readonly Bytes[];
  readonly leaves: readonly Bytes[];
}

/** Where each entry stands already, or will stand. */
function placeEntries(
  log: string,
  index: LogIndex,
  { checkpoint: tree, edge }: Settled,
  entries: readonly Bytes[],
): Placed {
  const fresh: Bytes[] = [];
  const leaves: Bytes[] = [];
  const placed = lastLeaves(edge);
  const indexes = entries.map((entry) => {
    const leaf = leafHash(entry);
    const id = toHex(leaf);
    const found = placed.get(id) ?? index.find(leaf).find((at) => isIncluded(log, tree, leaf, at));
    placed.set(id, found ?? tree.size + fresh.length);
    if (found !== undefined) return { index: found, existed: true };
    leaves.push(leaf);
    fresh.push(entry);
    return { index: tree.size + fresh.length - 1, existed: false };
  });
  return { indexes, fresh, leaves };
}

/** Where the leaves of the partial tile stand, which the index leaves out. */
function lastLeaves({ size, tiles }: RightEdge): Map<string, number> {
  const hashes = tiles[0] ?? new Uint8Array(0);
  const first = size - hashes.length / HASH_BYTES;
  const leaves = new Map<string, number>();
  // Backwards: should another program have put a leaf there twice, the first one counts.
  for (let at = hashes.length - HASH_BYTES; at >= 0; at -= HASH_BYTES)
    leaves.set(toHex(hashes.subarray(at, at + HASH_BYTES)), first + at / HASH_BYTES);
  return leaves;
}

/** An entry is only said to be there where that can be proven to everyone. @throws QpoeError where it is there without proof */
function isIncluded(log: string, { size, root }: Checkpoint, leaf: Bytes, index: number): boolean {
  if (index >= size) return false;
  const proof = readProof(planInclusion(index, size), size, tileReader(log, size));
  const fault = proof.fault ?? findInclusionFault({ leaf, index, size, root }, proof.value)?.fault;
  if (fault === undefined) return true;
  // Another entry whose leaf hash begins with the same 8 bytes; or a bad tile, for which nothing may be entered twice.
  const bundle = readEntryBundle(log, Math.floor(index / FULL_WIDTH), size);
  if (bundle.fault !== undefined) throw damaged(log, bundle.fault);
  if (!sameHash(leafHash(bundle.value.entries[index % FULL_WIDTH]!), leaf)) return false;
  throw damaged(log, `entry ${index} is there, but its proof fails: ${fault}`);
}

/** Everything of a step is durable before the next begins. @returns the published checkpoint */
function writeFresh(log: OpenLog, settled: Settled, index: LogIndex, { fresh, leaves }: Placed) {
  const { size } = settled.edge;
  const { edge, tiles } = appendLeaves(settled.edge, leaves);
  const files: readonly TileFile[] = [...appendEntries(size, settled.bundle, fresh), ...tiles];
  writeTiles(log.path, files);
  const checkpoint = signCheckpoint(edge.size, edgeRoot(edge), log.vkey, log.key);
  keepCheckpoint(log, checkpoint.note);
  publishCheckpoint(log.path, checkpoint);
  if (files.some(({ tile }) => tile.width === FULL_WIDTH)) coverByIndex(index, edge);
  for (const { tile } of files) if (tile.width === FULL_WIDTH) removeSuperseded(log.path, tile);
  return checkpoint;
}

/** The entries stand by now. An index that can't take them (a full disk) is brought up by the next writer. */
function coverByIndex(index: LogIndex, edge: RightEdge): void {
  try {
    index.cover(fullTiles(edge));
  } catch (error) {
    if (!(error instanceof QpoeError)) throw error;
  }
}
