/**
 * Checks a log on the disk from its entries up: every entry is hashed, every tile made again and compared, the root held to
 * the signed checkpoint; and every other file that lies there is judged too. Any tlog-tiles log will do, ours or another's,
 * also while it is being appended to. One tile of each level is held at a time.
 */

import './native-sha256.ts';
import { type Dirent, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Bytes } from '../core/bytes.ts';
import { QpoeError } from '../core/error.ts';
import { appendLeaves } from '../tlog/append.ts';
import { formatEntryBundle } from '../tlog/entry-bundle.ts';
import type { Read } from '../tlog/fault.ts';
import { HASH_BYTES, leafHash, sameHash } from '../tlog/merkle.ts';
import { edgeRoot, type RightEdge } from '../tlog/right-edge.ts';
import {
  type EntryTile,
  FULL_WIDTH,
  parseTilePath,
  type Tile,
  type TileFile,
  tileAt,
  tilePath,
} from '../tlog/tile.ts';
import { readTileHashes } from '../tlog/tile-hashes.ts';
import type { Vkey } from '../tlog/vkey.ts';
import { fileError, isTemporary, lookAt } from './files.ts';
import { openSignedCheckpoint, readCheckpoint, type SignedCheckpoint } from './log-checkpoint.ts';
import { MAX_BATCH, readEntryBundle, readLogFile, tileReader, widthAt } from './log-files.ts';
import { boundOrigin } from './log-origin.ts';

export interface Fsck {
  /** The first file that is not as it must be; undefined where all are. */
  readonly bad: BadFile | undefined;
  /** Undefined where it can't be read, or the key did not sign it. */
  readonly checkpoint: SignedCheckpoint | undefined;
  /** How many files were judged. */
  readonly files: number;
  /** What a writer that was killed, or is at work, has there beyond the checkpoint. The next one removes it. */
  readonly unpublished: readonly string[];
}

interface BadFile {
  /** In the log's folder. */
  readonly path: string;
  readonly fault: string;
}

interface Log {
  readonly path: string;
  readonly vkey: Vkey;
  readonly checkpoint: SignedCheckpoint;
}

/** @param report is told how many entries are checked, and of how many */
export function fsck(path: string, vkey: Vkey, report?: (entries: number, size: number) => void): Fsck {
  const opened = readSigned(path, vkey);
  if (opened.fault !== undefined)
    return {
      bad: { path: 'checkpoint', fault: opened.fault },
      checkpoint: undefined,
      files: 1,
      unpublished: [],
    };
  const log = { path, vkey, checkpoint: opened.value };
  const bad = judgeTree(log, report);
  return {
    checkpoint: log.checkpoint,
    ...(bad === undefined ? judgeFolder(log) : { bad, files: 1, unpublished: [] }),
  };
}

/** What keeps a file from being read (a link, a folder in its place, its size) is its own fault here, not ours. */
function judged<T>(read: () => Read<T>): Read<T> {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof QpoeError)) throw error;
    return { fault: error.message, code: 'file' };
  }
}

function readSigned(path: string, vkey: Vkey): Read<SignedCheckpoint> {
  return judged(() => {
    const opened = openSignedCheckpoint(readCheckpoint(path), vkey);
    const origin = boundOrigin(path);
    return opened.fault !== undefined || origin === undefined || origin === vkey.name
      ? opened
      : { fault: `it is of ${vkey.name}, but this store holds ${origin}`, code: 'checkpoint.origin' };
  });
}

function judgeTree(log: Log, report?: (entries: number, size: number) => void): BadFile | undefined {
  const { size, root } = log.checkpoint;
  let edge: RightEdge = { size: 0, tiles: [] };
  let mismatch: Tile | undefined;
  while (edge.size < size) {
    const entries = readEntries(log, edge.size / FULL_WIDTH);
    if (entries.fault !== undefined)
      return badTile({ ...tileAt(0, edge.size / FULL_WIDTH, size), level: 'entries' }, entries.fault);
    const appended = appendLeaves(edge, entries.value.map(leafHash));
    for (const { tile, bytes } of appended.tiles as readonly (TileFile & { tile: Tile })[]) {
      if (tile.width !== tileAt(tile.level, tile.index, size).width) continue;
      const read = judged(() => readTileHashes(tile, (wanted) => readNow(log, wanted)));
      if (read.fault !== undefined) return badTile(tile, read.fault);
      if (!sameHash(read.value, bytes)) mismatch ??= tile;
    }
    edge = appended.edge;
    report?.(edge.size, size);
  }
  return nameBad(mismatch, sameHash(edgeRoot(edge), root));
}

/** Where the entries make the signed root a tile that differs is wrong; where they don't, the entries below the first such are. */
function nameBad(mismatch: Tile | undefined, entriesHold: boolean): BadFile | undefined {
  if (mismatch === undefined)
    return entriesHold
      ? undefined
      : { path: 'checkpoint', fault: 'it is signed for another tree than entries and tiles make' };
  if (entriesHold || mismatch.level > 0)
    return badTile(mismatch, 'it holds other hashes than what lies below it makes');
  return badTile({ ...mismatch, level: 'entries' }, 'it holds other entries than were signed');
}

function badTile(tile: Tile | EntryTile, fault: string): BadFile {
  return { path: tilePath(tile), fault };
}

function readEntries(log: Log, index: number): Read<readonly Uint8Array[]> {
  const { size } = log.checkpoint;
  const read = judged(() => readEntryBundle(log.path, index, size));
  if (read.code !== 'entries.missing') return entriesOf(read);
  const now = sizeNow(log);
  if (now === size) return read;
  const { width } = tileAt(0, index, size);
  const grown = entriesOf(judged(() => readEntryBundle(log.path, index, now)));
  return grown.fault === undefined ? { value: grown.value.slice(0, width) } : grown;
}

function entriesOf(read: Read<{ readonly entries: readonly Uint8Array[] }>): Read<readonly Uint8Array[]> {
  return read.fault === undefined ? { value: read.value.entries } : read;
}

/** Partial tiles go when a writer fills them while we read. */
function readNow(log: Log, tile: Tile): Uint8Array | undefined {
  const exact = readLogFile(log.path, tile);
  if (exact !== undefined) return exact;
  const now = sizeNow(log);
  return now === log.checkpoint.size ? undefined : tileReader(log.path, now)(tile);
}

function sizeNow({ path, vkey, checkpoint }: Log): number {
  return readSigned(path, vkey).value?.size ?? checkpoint.size;
}

/** Tessera keeps its own state there, beside the log that it serves. */
const OTHERS_STATE = '.state';

/** Judges what the tree of the checkpoint doesn't need, once all that it needs is right. */
function judgeFolder(log: Log): Omit<Fsck, 'checkpoint'> {
  const unpublished: string[] = [];
  let files = 0;
  for (const { path, entry } of filesBelow(log.path, '')) {
    files++;
    const verdict = judgeFile(log, path, entry);
    if (verdict === 'unpublished') unpublished.push(path);
    else if (verdict !== undefined) return { bad: { path, fault: verdict }, files, unpublished };
  }
  return { bad: undefined, files, unpublished };
}

function* filesBelow(log: string, folder: string): Generator<{ path: string; entry: Dirent }> {
  for (const entry of readFolder(join(log, folder))) {
    if (folder === '' && (entry.name === OTHERS_STATE || isTemporary(entry.name))) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(log, path);
    else yield { path, entry };
  }
}

function readFolder(path: string): readonly Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    // A full tile has taken the place of its partial ones.
    if (lookAt(path) === undefined) return [];
    throw fileError('unreadable', 'read', path, error);
  }
}

/** @returns why the file is wrong, or that it is not part of the log yet */
function judgeFile(log: Log, path: string, entry: Dirent): string | undefined {
  if (!entry.isFile()) return 'it is no regular file';
  if (path === 'checkpoint') return undefined;
  const tile = parseTilePath(path);
  if (tile === undefined) return 'no log has such a file';
  const width = widthAt(tile.level, tile.index, log.checkpoint.size);
  if (tile.width === width) return undefined;
  if (tile.width < width) return judgeSuperseded(log, tile, width);
  return tile.width <= widthAt(tile.level, tile.index, sizeNow(log) + MAX_BATCH)
    ? 'unpublished'
    : `it lies beyond the ${log.checkpoint.size} entries`;
}

/** A partial tile of an earlier size is the beginning of the later one. */
function judgeSuperseded(log: Log, tile: Tile | EntryTile, width: number): string | undefined {
  const read = judged<Bytes | undefined>(() => ({ value: readLogFile(log.path, tile) as Bytes | undefined }));
  if (read.fault !== undefined) return read.fault;
  if (read.value === undefined) return undefined;
  const later = tile.level === 'entries' ? firstEntries(log, tile) : readNow(log, { ...tile, width });
  const expected = tile.level === 'entries' ? later : later?.subarray(0, tile.width * HASH_BYTES);
  return expected !== undefined && sameHash(read.value, expected)
    ? undefined
    : 'it is not the beginning of the one that took its place';
}

function firstEntries(log: Log, { index, width }: EntryTile): Bytes | undefined {
  const entries = readEntries(log, index).value;
  return entries && formatEntryBundle(entries.slice(0, width));
}
