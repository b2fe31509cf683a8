/** Whether a file is a zip, by its first bytes: most that is verified is none, and needs nothing that reads one. */

import { closeSync, openSync, readSync } from 'node:fs';
import { isZipLike } from '../../publish/zip-layout.ts';
import { lookAt } from '../../store/files.ts';

/** What a zip without 64-bit records can have, and Node holds in one piece. */
export const MAX_ARCHIVE_BYTES = 2 ** 32 - 2;

/** By its first bytes: only then may a file be larger than any document. */
export function beginsAsZip(path: string): boolean {
  if (lookAt(path)?.isFile() !== true) return false;
  const head = new Uint8Array(4);
  try {
    const file = openSync(path, 'r');
    try {
      return readSync(file, head) === head.length && isZipLike(head);
    } finally {
      closeSync(file);
    }
  } catch {
    // Whoever reads it says why it can't be read.
    return false;
  }
}
