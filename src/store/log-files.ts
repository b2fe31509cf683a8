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
import { enterFolder, fileError, lookAt, readOwn, syncFolder } from './files.ts';

/** The most entries that one checkpoint adds: it bounds memory, and what a killed writer can leave. */
export const MAX_BATCH = 2048;

export const MAX_BUNDLE_BYTES = FULL_WIDTH * (2 + MAX_ENTRY_BYTES);
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

/** The next writer removes what stays. */
function removeIfPossible(path: string): void {
  try {
    unlinkSync(path);
  } catch {}
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
 * Removes what writers that were killed left beyond the tree of `size`. Of each level they write the tiles in order, so that
 * behind the first index without any there is none. And what they had yet to remove before it.
 */
export function sweepUnpublished(log: string, size: number): void {
  const levels = Array.from({ length: tileLevels(size + MAX_BATCH) }, (_, level) => level);
  for (const level of ['entries' as const, ...levels]) {
    const last = lastIndex(level, size);
    for (let index = last; sweepTile(log, level, index, widthAt(level, index, size)); ) index++;
    if (last > 0) removeSuperseded(log, { level, index: last - 1, width: FULL_WIDTH } as Tile | EntryTile);
  }
}

/** Of the tile at the level's right end, where the next hashes go. */
function lastIndex(level: number | 'entries', size: number): number {
  return Math.floor(size / FULL_WIDTH ** (level === 'entries' ? 1 : level + 1));
}

/** Of a tile, or of the entry bundle below one, in the tree of this size. */
export function widthAt(level: number | 'entries', index: number, size: number): number {
  return tileAt(level === 'entries' ? 0 : level, index, size).width;
}

/** @returns whether there was any file wider than `width` */
function sweepTile(log: string, level: number | 'entries', index: number, width: number): boolean {
  const full = join(log, tilePath({ level, index, width: FULL_WIDTH } as Tile | EntryTile));
  const partials = `${full}.p`;
  try {
    const widths = lookAt(partials)?.isDirectory() ? listFolder(partials) : [];
    const wider = widths.filter((name) => !(Number(name) <= width)).map((name) => join(partials, name));
    const left = [...wider, ...(lookAt(full) === undefined ? [] : [full])];
    for (const path of left) unlinkSync(path);
    if (width === 0 && lookAt(partials)?.isDirectory()) rmdirSync(partials);
    return left.length > 0;
  } catch (error) {
    throw error instanceof QpoeError ? error : fileError('external', 'clear', full, error);
  }
}
