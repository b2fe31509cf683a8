/** An archive that the person names, opened and not judged. */

import { QpoeError } from '../../core/error.ts';
import { printable } from '../../core/printable.ts';
import { type Archive, openArchive } from '../../publish/archive.ts';
import { isZipLike } from '../../publish/zip-layout.ts';
import { readBounded } from '../../store/files.ts';
import { MAX_ARCHIVE_BYTES } from './zip-file.ts';

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
