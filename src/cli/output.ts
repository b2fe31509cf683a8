/** `--out`: a file written whole, or a device or pipe written to. */

import { writeFileSync } from 'node:fs';
import { fileError, lookAt, writeAtomic } from '../store/files.ts';

export function writeOut(path: string, bytes: Uint8Array): void {
  const stats = lookAt(path);
  if (stats === undefined || stats.isFile()) {
    writeAtomic(path, bytes);
    return;
  }
  try {
    // A link, a pipe or a device (/dev/stdout) stays what it is.
    writeFileSync(path, bytes);
  } catch (error) {
    throw fileError('external', 'write', path, error);
  }
}
