/** `--out`: a file written whole, or a device or pipe written to. */

import {
  accessSync,
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  openSync,
  realpathSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { QpoeError } from '../core/error.ts';
import { fileError, lookAt, writeAtomic } from '../store/files.ts';

/**
 * Refuses an `--out` that can't be written, before the work whose result it is to hold.
 * @param flag what names the file
 */
export function checkOut(path: string | undefined, flag = '--out'): void {
  if (path === undefined) return;
  if (path === '') throw new QpoeError('usage', `${flag} names no file`, 'name one');
  if (path === '-') throw new QpoeError('usage', `${flag} - is no file`, 'name one, or /dev/stdout');
  const folder = statSync(dirname(path), { throwIfNoEntry: false });
  if (folder?.isDirectory() !== true)
    throw new QpoeError('usage', `can't write ${path}: no such folder`, `make ${dirname(path)} first`);
  try {
    accessSync(dirname(path), constants.W_OK);
  } catch (error) {
    throw fileError('usage', 'write into', dirname(path), error);
  }
  if (statBehind(path)?.isDirectory())
    throw new QpoeError('usage', `can't write ${path}: is a folder`, 'name a file');
}

/** Refuses an `--out` that would take the place of what it is made from, under whatever name. @param what that is called */
export function refuseSameFile(out: string | undefined, input: string, what: string): void {
  const [one, other] = [out === undefined ? undefined : statBehind(out), statBehind(input)];
  if (one?.isFile() === true && one.dev === other?.dev && one.ino === other.ino)
    throw new QpoeError('usage', `--out ${out} is ${what}`, 'name another file');
}

/** What can't be looked at fails where it is opened. */
function statBehind(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true });
  } catch {
    return undefined;
  }
}

export function writeOut(path: string, bytes: Uint8Array): void {
  const target = fileBehind(path);
  const stats = lookAt(target);
  if (stats === undefined || stats.isFile()) {
    writeAtomic(target, bytes, stats === undefined ? undefined : stats.mode & 0o777);
    return;
  }
  try {
    // A pipe or a device (/dev/stdout) stays what it is.
    // Without O_NONBLOCK a pipe that no one reads from would hang the writer.
    const opened = openSync(target, constants.O_WRONLY | constants.O_NONBLOCK);
    try {
      writeFileSync(opened, bytes);
    } finally {
      closeSync(opened);
    }
  } catch (error) {
    throw fileError('external', 'write', path, error);
  }
}

/**
 * Where a link leads to a file, that file: written into as it stands, the rest of what it held would stay behind the new bytes.
 * Not where it is what standard output goes to: another file in its place would lose what is printed.
 */
function fileBehind(path: string): string {
  if (lookAt(path)?.isSymbolicLink() !== true) return path;
  const found = statBehind(path);
  if (found?.isFile() !== true || isPrintedTo(found)) return path;
  return realpathSync(path);
}

function isPrintedTo({ dev, ino }: BigIntStats): boolean {
  return [1, 2].some((descriptor) => {
    const own = fstatSync(descriptor, { bigint: true });
    return own.dev === dev && own.ino === ino;
  });
}
