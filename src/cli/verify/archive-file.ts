/** An archive that the person names, opened and not judged. */

import { closeSync, openSync, readSync } from 'node:fs';
import { QpoeError } from '../../core/error.ts';
import { printable } from '../../core/printable.ts';
import { type Archive, openArchive } from '../../publish/archive.ts';
import { isZipLike } from '../../publish/read-zip.ts';
import { lookAt, readBounded } from '../../store/files.ts';

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

/** @throws QpoeError `usage` where it is no archive of a known version */
export function readArchiveFile(path: string): Archive {
  return openArchiveBytes(path, readBounded(path, MAX_ARCHIVE_BYTES));
}

/** @param path what it is called @throws as `readArchiveFile` */
export function openArchiveBytes(path: string, bytes: Uint8Array): Archive {
  const { value, fault } = isZipLike(bytes) ? openArchive(bytes) : { fault: 'not a zip' };
  if (value !== undefined) return value;
  throw new QpoeError(
    'usage',
    `${path}: ${printable(fault!)}`,
    'give an archive, as `qpoe publish` writes it',
  );
}
