/**
 * A log's tiles and entry bundles as files. They are written at their final place, without a rename: no one looks for a tile
 * before a checkpoint of its size is published, and a writer that is killed leaves only what the next one removes.
 */

import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  openSync,
  readdirSync,
  renameSync,
  rm,
  rmdirSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { QpoeError } from '../core/error.ts';
import { MAX_ENTRY_BYTES, parseEntryBundle } from '../tlog/entry-bundle.ts';
import type { Read } from '../tlog/fault.ts';
import { HASH_BYTES, leafHash } from '../tlog/merkle.ts';
import {
  type EntryTile,
  FULL_WIDTH,
  type Tile,
  type TileFile,
  tileAt,
  tileLevels,
  tilePath,
} from '../tlog/tile.ts';
import type { ReadTile } from '../tlog/tile-hashes.ts';
import { enterFolder, fileError, lookAt, readOwn, removeIfPossible, syncFolder } from './files.ts';

/** The most entries that one checkpoint adds: it bounds memory, and what a killed writer can leave. */
export const MAX_BATCH = 2048;

export const MAX_BUNDLE_BYTES = FULL_WIDTH * (2 + MAX_ENTRY_BYTES);
type Level = number | 'entries';
/** Held open together, so that the disk can write them in one go. */
const MAX_OPEN = 64;

/** The bytes of a file of the log; undefined where there is none. */
export function readLogFile(log: string, tile: Tile | EntryTile): Uint8Array | undefined {
  const path = join(log, tilePath(tile));
  try {
    const { buffer, byteOffset, length } = readOwn(path, MAX_BUNDLE_BYTES);
    return new Uint8Array(buffer, byteOffset, length);
  } catch (error) {
    const { code } = ((error as QpoeError).cause ?? {}) as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

/**
 * Reads tiles of any tree up to the published one. A partial tile of another size, published or not, begins the one that
 * the tree of `size` has; that one is gone only once the full one is there, so the full one is tried last.
 */
export function tileReader(log: string, size: number): ReadTile {
  return (tile) => {
    const exact = readLogFile(log, tile);
    if (exact !== undefined || tile.width === FULL_WIDTH) return exact;
    const longer =
      readLogFile(log, tileAt(tile.level, tile.index, size)) ??
      readLogFile(log, { ...tile, width: FULL_WIDTH });
    return longer?.subarray(0, tile.width * HASH_BYTES);
  };
}

export interface EntryBundle {
  readonly bytes: Uint8Array;
  readonly entries: readonly Uint8Array[];
}

/** The entry bundle with this index, as the tree of `size` has it. */
export function readEntryBundle(log: string, index: number, size: number): Read<EntryBundle> {
  const { width } = tileAt(0, index, size);
  const tile: EntryTile = { level: 'entries', index, width };
  const bytes = readLogFile(log, tile);
  if (bytes === undefined) return { fault: `${tilePath(tile)} is not there`, code: 'entries.missing' };
  const parsed = parseEntryBundle(bytes, width);
  return parsed.fault === undefined
    ? { value: { bytes, entries: parsed.value } }
    : { fault: `${tilePath(tile)}: ${parsed.fault}`, code: parsed.code };
}

export function hashEntries(entries: readonly Uint8Array[]): Uint8Array {
  const hashes = new Uint8Array(entries.length * HASH_BYTES);
  for (const [i, entry] of entries.entries()) hashes.set(leafHash(entry), i * HASH_BYTES);
  return hashes;
}

/** Writes files that no checkpoint shows yet: durable when this returns, and removed again where it can't finish. */
export function writeTiles(log: string, files: readonly TileFile[]): void {
  const folders = new Set<string>();
  try {
    for (const { tile } of files) enterFolders(log, dirname(join(log, tilePath(tile))), folders);
    for (let at = 0; at < files.length; at += MAX_OPEN) writeTogether(log, files.slice(at, at + MAX_OPEN));
    for (const folder of folders) syncOne(folder);
  } catch (error) {
    for (const { tile } of files) removeIfPossible(join(log, tilePath(tile)));
    throw error;
  }
}

/**
 * Makes the folders from the log down to this one, and collects them. Those that were there are made durable again too: a
 * killed writer may have made them and never got so far.
 */
function enterFolders(log: string, folder: string, entered: Set<string>): void {
  if (entered.has(folder)) return;
  if (folder !== log) enterFolders(log, dirname(folder), entered);
  enterFolder(folder);
  entered.add(folder);
}

function writeTogether(log: string, files: readonly TileFile[]): void {
  const open: { readonly path: string; readonly file: number }[] = [];
  let path = log;
  try {
    for (const { tile, bytes } of files) {
      path = join(log, tilePath(tile));
      const file = openNew(path);
      open.push({ path, file });
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, bytes.length - at);
    }
    for (const written of open) {
      path = written.path;
      fsyncSync(written.file);
    }
  } catch (error) {
    throw error instanceof QpoeError ? error : fileError('external', 'write', path, error);
  } finally {
    for (const { file } of open) closeSync(file);
  }
}

/** A regular file that lies there was never published, and goes. Anything else was planted. */
function openNew(path: string): number {
  try {
    return openSync(path, 'wx', 0o644);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  if (!lookAt(path)?.isFile())
    throw new QpoeError('unsafe', `${path} is no regular file`, 'remove it: qpoe follows no links in a log');
  unlinkSync(path);
  return openSync(path, 'wx', 0o644);
}

/** The names in a folder. @throws QpoeError */
export function listFolder(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    throw fileError('unreadable', 'read', folder, error);
  }
}

function syncOne(folder: string): void {
  try {
    syncFolder(folder);
  } catch (error) {
    throw fileError('external', 'write', folder, error);
  }
}

/**
 * Removes the partial tiles that a full one has taken the place of. They say nothing wrong: where it fails, the next writer
 * tries again.
 */
export function removeSuperseded(log: string, full: Tile | EntryTile): void {
  const partials = `${join(log, tilePath({ ...full, width: FULL_WIDTH }))}.p`;
  if (!lookAt(partials)?.isDirectory()) return;
  const aside = join(log, `.tmp-${randomBytes(8).toString('hex')}`);
  try {
    renameSync(partials, aside);
  } catch {
    return;
  }
  discardFolder(aside);
}

const discarded = new Set<string>();

/** Removes a folder that has no name in the log any more. No one waits: hundreds of files can take a disk most of a second. */
export function discardFolder(path: string): void {
  if (discarded.has(path)) return;
  discarded.add(path);
  rm(path, { recursive: true, force: true }, () => discarded.delete(path));
}

/**
 * Removes what a writer that was killed left beyond the tree of `size`: one batch at most. And what it had yet to remove
 * before it. Where more lies there, it is the checkpoint that is wrong, and those are entries that were acknowledged.
 * @throws QpoeError; nothing is removed where it is `refused`
 */
export function sweepUnpublished(log: string, size: number): void {
  const levels = ['entries' as const, ...Array.from({ length: tileLevels(size + MAX_BATCH) }, (_, i) => i)];
  for (const tile of levels.flatMap((level) => findUnpublished(log, level, size))) clearTile(tile);
  for (const level of levels) {
    const last = lastIndex(level, size);
    if (last > 0) removeSuperseded(log, { level, index: last - 1, width: FULL_WIDTH } as Tile | EntryTile);
  }
}

/** Of each level the tiles are written in order, so that behind the first index without any there is none. */
function findUnpublished(log: string, level: Level, size: number): readonly Unpublished[] {
  const found: Unpublished[] = [];
  for (let index = lastIndex(level, size); ; index++) {
    const tile = widerFiles(log, level, index, widthAt(level, index, size));
    if (tile.widths.length === 0) return found;
    if (tile.widths.some((width) => width > widthAt(level, index, size + MAX_BATCH)))
      throw new QpoeError(
        'refused',
        `${log} has tiles beyond the ${size} entries of its checkpoint, and no writer left those: ${tile.full.slice(log.length + 1)}`,
        'the checkpoint is too old, or of another log: `qpoe log fsck` checks it; restore it from a copy',
      );
    found.push(tile);
  }
}

/** Of the tile at the level's right end, where the next hashes go. */
function lastIndex(level: Level, size: number): number {
  return Math.floor(size / FULL_WIDTH ** (level === 'entries' ? 1 : level + 1));
}

/** Of a tile, or of the entry bundle below one, in the tree of this size. */
export function widthAt(level: Level, index: number, size: number): number {
  return tileAt(level === 'entries' ? 0 : level, index, size).width;
}

interface Unpublished {
  readonly full: string;
  readonly left: readonly string[];
  /** NaN of a file that is no tile. */
  readonly widths: readonly number[];
  /** Whether the tree has nothing of this tile. */
  readonly whole: boolean;
}

/** The files of one tile that are wider than the tree has it. */
function widerFiles(log: string, level: Level, index: number, width: number): Unpublished {
  const full = join(log, tilePath({ level, index, width: FULL_WIDTH } as Tile | EntryTile));
  const partials = `${full}.p`;
  const names = lookAt(partials)?.isDirectory() ? listFolder(partials) : [];
  const wider = names.filter((name) => !(Number(name) <= width));
  const fulls = lookAt(full) === undefined ? [] : [full];
  return {
    full,
    left: [...wider.map((name) => join(partials, name)), ...fulls],
    widths: [...wider.map(Number), ...fulls.map(() => FULL_WIDTH)],
    whole: width === 0,
  };
}

function clearTile({ full, left, whole }: Unpublished): void {
  const partials = `${full}.p`;
  try {
    for (const path of left) unlinkSync(path);
    if (whole && lookAt(partials)?.isDirectory()) rmdirSync(partials);
  } catch (error) {
    throw error instanceof QpoeError ? error : fileError('external', 'clear', full, error);
  }
}
