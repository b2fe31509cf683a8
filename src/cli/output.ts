/** `--out`: a file written whole, or a device or pipe written to. */

import { accessSync, closeSync, constants, openSync, statSync, writeFileSync } from 'node:fs';
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
  if (lookAt(path)?.isDirectory())
    throw new QpoeError('usage', `can't write ${path}: is a folder`, 'name a file');
}

export function writeOut(path: string, bytes: Uint8Array): void {
  const stats = lookAt(path);
  if (stats === undefined || stats.isFile()) {
    writeAtomic(path, bytes, stats === undefined ? undefined : stats.mode & 0o777);
    return;
  }
  try {
    // A link, a pipe or a device (/dev/stdout) stays what it is.
    // Without O_NONBLOCK a pipe that no one reads from would hang the writer.
    const target = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
    try {
      writeFileSync(target, bytes);
    } finally {
      closeSync(target);
    }
  } catch (error) {
    throw fileError('external', 'write', path, error);
  }
}
