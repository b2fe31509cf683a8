/** Files read and written so that nothing is ever half there, and no link leads elsewhere. */

import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  type Stats,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { toHex } from '../core/bytes.ts';
import { type ErrorCode, QpoeError } from '../core/error.ts';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
  EACCES: 'no permission',
  EPERM: 'not permitted',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EISDIR: 'is a folder',
  ENOTDIR: 'is not a folder',
  ELOOP: 'is a link',
  ENAMETOOLONG: 'the name is too long',
  ENXIO: 'no one reads from it',
  EMFILE: 'too many open files',
  EIO: 'the disk gave an error',
  EFBIG: 'larger than the disk allows',
};

/** The system's error as one line: what was being done, where, and why it failed. */
export function fileError(code: ErrorCode, doing: string, path: string, cause: unknown): QpoeError {
  const system = (cause as NodeJS.ErrnoException).code ?? '';
  const reason = REASONS[system] ?? (cause as Error).message;
  return new QpoeError(code, `can't ${doing} ${path}: ${reason}`, undefined, { cause });
}

/** What lies at `path` itself, not where a link leads; undefined where nothing does. */
export function lookAt(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    // `file/below` is no less absent than a name in a folder.
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
    throw fileError('unreadable', 'look at', path, error);
  }
}

/** @throws QpoeError `unreadable`, or `refused` past `maxBytes`; the whole file is never held then */
export function readBounded(path: string, maxBytes: number): Buffer<ArrayBuffer> {
  return readWithStats(path, maxBytes).bytes;
}

/** What was read, and the file it was read from: not what a later look at the path would find. */
export function readWithStats(
  path: string,
  maxBytes: number,
  flags = constants.O_RDONLY,
): { readonly bytes: Buffer<ArrayBuffer>; readonly stats: Stats } {
  let file: number;
  try {
    // Without O_NONBLOCK a named pipe that no one writes to would hang the reader.
    file = openSync(path, flags | constants.O_NONBLOCK);
  } catch (error) {
    throw fileError('unreadable', 'read', path, error);
  }
  try {
    const stats = fstatSync(file);
    return { bytes: readWhole(file, stats, path, maxBytes), stats };
  } catch (error) {
    throw error instanceof QpoeError ? error : fileError('unreadable', 'read', path, error);
  } finally {
    closeSync(file);
  }
}

function readWhole(file: number, stats: Stats, path: string, maxBytes: number): Buffer<ArrayBuffer> {
  if (stats.isDirectory()) throw new QpoeError('unreadable', `can't read ${path}: is a folder`);
  if (!stats.isFile()) throw new QpoeError('unreadable', `can't read ${path}: not a regular file`);
  if (stats.size > maxBytes)
    throw new QpoeError('refused', `${path} has ${stats.size} bytes, over the limit of ${maxBytes}`);
  const bytes = Buffer.allocUnsafeSlow(stats.size);
  let at = 0;
  while (at < bytes.length) {
    const read = readSync(file, bytes, at, bytes.length - at, at);
    if (read === 0) break;
    at += read;
  }
  return bytes.subarray(0, at);
}

/** Reads a file of the store or home, where a link is never followed. */
export function readOwn(path: string, maxBytes: number): Buffer<ArrayBuffer> {
  return readWithStats(path, maxBytes, constants.O_RDONLY | constants.O_NOFOLLOW).bytes;
}

const TEMPORARY = /^\.tmp-[0-9a-f]{16}$/;

export function isTemporary(path: string): boolean {
  return TEMPORARY.test(basename(path));
}

/** Writes the whole file or nothing: a temporary file beside it, made durable, then renamed over it. */
export function writeAtomic(path: string, bytes: Uint8Array, mode = 0o644): void {
  const folder = dirname(path);
  const temporary = temporaryBeside(path);
  try {
    writeDurable(temporary, bytes, mode);
    renameSync(temporary, path);
    syncFolder(folder);
  } catch (error) {
    removeIfPossible(temporary);
    throw fileError('external', 'write', path, error);
  }
}

export interface WholeFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly mode?: number;
}

/** So many are open at a time. */
const TOGETHER = 64;

/**
 * The same of many files: what costs is waiting for the disk, which makes many durable in the time of one. All are when it
 * resolves; where it fails, each of them is there whole or not at all.
 */
export async function writeAllAtomic(files: readonly WholeFile[]): Promise<void> {
  for (let at = 0; at < files.length; at += TOGETHER) await writeSome(files.slice(at, at + TOGETHER));
}

async function writeSome(files: readonly WholeFile[]): Promise<void> {
  const pairs = files.map((file) => ({ ...file, temporary: temporaryBeside(file.path) }));
  const written = await Promise.allSettled(
    pairs.map(({ temporary, bytes, mode }) => writeDurably(temporary, bytes, mode ?? 0o644)),
  );
  try {
    for (const [at, { path, temporary }] of pairs.entries()) {
      const outcome = written[at]!;
      if (outcome.status === 'rejected') throw fileError('external', 'write', path, outcome.reason);
      rename(temporary, path);
    }
    await Promise.all([...new Set(files.map(({ path }) => dirname(path)))].map(makeFolderDurable));
  } catch (error) {
    for (const { temporary } of pairs) removeIfPossible(temporary);
    throw error;
  }
}

function rename(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    throw fileError('external', 'write', to, error);
  }
}

async function writeDurably(path: string, bytes: Uint8Array, mode: number): Promise<void> {
  const file = await open(path, 'wx', mode);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function makeFolderDurable(path: string): Promise<void> {
  try {
    const folder = await open(path, constants.O_RDONLY);
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  } catch (error) {
    throw fileError('external', 'write', path, error);
  }
}

function temporaryBeside(path: string): string {
  return join(dirname(path), `.tmp-${toHex(crypto.getRandomValues(new Uint8Array(8)))}`);
}

/** Writes a file that isn't there yet. @throws QpoeError `refused` where something stands there already */
export function writeNew(path: string, bytes: Uint8Array, mode = 0o644): void {
  try {
    writeDurable(path, bytes, mode);
    syncFolder(dirname(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST')
      throw new QpoeError(
        'refused',
        `${path} is there already`,
        'name a file that is not, or move that one away',
      );
    removeIfPossible(path);
    throw fileError('external', 'write', path, error);
  }
}

/** @throws the system's error; the file may be incomplete then */
export function writeDurable(path: string, bytes: Uint8Array, mode: number): void {
  const file = openSync(path, 'wx', mode);
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, bytes.length - at);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** A rename is durable only once its folder is. */
export function syncFolder(path: string): void {
  const folder = openSync(path, constants.O_RDONLY);
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** Clears up after a failure, which is the one to be told. What stays is temporary: the next writer removes it. */
export function removeIfPossible(path: string): void {
  try {
    unlinkSync(path);
  } catch {}
}

/** Makes a folder and those above it. Not by Node's `recursive`, which never returns where mkdir keeps saying ENOENT (/proc). */
export function makeFolder(path: string, mode = 0o755): void {
  const above = dirname(path);
  if (above !== path && lookAt(above) === undefined) makeFolder(above, mode);
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST')
      throw fileError('external', 'make the folder', path, error);
  }
}

/** Makes a folder of the store, or finds it; never one that a link leads to. */
export function enterFolder(path: string): void {
  const stats = lookAt(path);
  if (stats?.isSymbolicLink())
    throw new QpoeError('unsafe', `${path} is a link`, 'qpoe follows no links in a store');
  if (stats !== undefined && !stats.isDirectory())
    throw new QpoeError('unreadable', `${path} is not a folder`, 'take it away: it stands where one must');
  if (stats === undefined) makeFolder(path);
}
