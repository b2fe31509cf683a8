/** Compiled code kept between runs: a third of the time that a short command takes is compiling. */

import { lstatSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { QpoeError } from '../core/error.ts';
import { cacheFolder } from '../sdk/cache.ts';
import { makeFolder } from '../store/files.ts';

/** What runs from the cache runs as the person: a folder that anyone else could write is not used. */
export function useCompileCache(environment: NodeJS.ProcessEnv): void {
  const folder = join(cacheFolder(environment), 'compiled');
  try {
    makeFolder(folder, 0o700);
  } catch (error) {
    // A home that can't be written to only makes the start slower.
    if (error instanceof QpoeError) return;
    throw error;
  }
  const { uid, mode } = lstatSync(folder);
  if (uid === process.getuid?.() && (mode & 0o022) === 0) enableCompileCache(folder);
}
