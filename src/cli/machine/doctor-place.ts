/** Whether a folder takes files, found by making one: permissions say less than the disk, the mount or a quota does. */

import { mkdtempSync, rmdirSync, statfsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { QpoeError } from '../../core/error.ts';
import { fileError } from '../../store/files.ts';

/** A record with its statements takes about 30 kB; the log's tiles and the index grow beside it. */
const LEAST_BYTES = 10_000_000;

/** @throws QpoeError `external` where nothing could be written below `path`, whether it is there yet or not */
export function refuseUnwritable(path: string): void {
  const folder = nearest(resolve(path));
  if (!statSync(folder).isDirectory())
    throw new QpoeError(
      'external',
      `${folder} is a file, and ${path} can't be made there`,
      'name another folder',
    );
  try {
    rmdirSync(mkdtempSync(join(folder, '.tmp-doctor-')));
  } catch (error) {
    const { message } = fileError('external', 'write into', folder, error);
    throw new QpoeError(
      'external',
      message,
      'make it yours to write, or name another with --store or --home',
    );
  }
  const { bavail, bsize, blocks } = statfsSync(folder);
  // A file system without blocks (a service's, shown as files) has no such number.
  if (blocks > 0 && bavail * bsize < LEAST_BYTES)
    throw new QpoeError(
      'external',
      `the disk of ${folder} has ${Math.floor((bavail * bsize) / 1_000_000)} MB left`,
      'free some, or name a folder on another disk with --store',
    );
}

/** The folder itself, or the nearest above it that is there. */
function nearest(path: string): string {
  let folder = path;
  while (exists(folder) === undefined) folder = dirname(folder);
  return folder;
}

function exists(path: string): unknown {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
    throw fileError('unreadable', 'look at', path, error);
  }
}
