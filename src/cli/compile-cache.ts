/** Compiled code kept between runs: a third of the time that a short command takes is compiling. */

import { lstatSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { QpoeError } from '../core/error.ts';
import { cacheFolder } from '../sdk/cache.ts';
import { makeFolder } from '../store/files.ts';

/** What runs from the cache runs as the person: a folder that anyone else could write is not used. */
export function useCompileCache(environment: NodeJS.ProcessEnv): void {
  try {
    const folder = join(cacheFolder(environment), 'compiled');
    makeFolder(folder, 0o700);
    const { uid, mode } = lstatSync(folder);
    if (uid === process.getuid?.() && (mode & 0o022) === 0) enableCompileCache(folder);
  } catch (error) {
    // No cache, or none that can be written: that only makes the start slower.
    if (!(error instanceof QpoeError) && (error as NodeJS.ErrnoException).code === undefined) throw error;
  }
}
