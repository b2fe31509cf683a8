/** Which files a verification is about: those that are named, and everything in the folders. */

import { type Dirent, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileError } from '../../store/files.ts';
import type { FileTask } from './verify-file.ts';

/** A named file as it is; of a folder everything, at any depth, in order of name. */
export function collectFiles(path: string): FileTask[] {
  if (path === '-') return [{ path, named: true }];
  try {
    const isFolder = lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
    return isFolder ? [...walk(path)] : [{ path, named: true }];
  } catch (error) {
    return [unreadable(path, error)];
  }
}

/** Nothing in a folder is passed over in silence: links and devices aren't followed, and are said not to be. */
function* walk(folder: string): Generator<FileTask> {
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    yield unreadable(folder, error);
    return;
  }
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* walk(path);
    else if (entry.isFile()) yield { path, named: false };
    else
      yield {
        path,
        named: false,
        skip: {
          outcome: 'unrecognised',
          reason: entry.isSymbolicLink() ? 'a link, not followed' : 'not a regular file',
        },
      };
  }
}

function unreadable(path: string, error: unknown): FileTask {
  return {
    path,
    named: true,
    skip: { outcome: 'unreadable', reason: fileError('unreadable', 'read', path, error).message },
  };
}
