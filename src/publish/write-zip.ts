/**
 * A zip whose bytes depend on its files alone: names in order, one date, no owner, and a deflate written in JavaScript, so that
 * another version of Node or of zlib gives the same bytes.
 */

import { deflateSync } from 'fflate/browser';
import { type Bytes, concatenate, utf8 } from '../core/bytes.ts';
import { QpoeError } from '../core/error.ts';
import { crc32 } from './crc32.ts';
import {
  centralHeader,
  DEFLATED,
  endRecord,
  localHeader,
  MOST_BYTES,
  MOST_FILES,
  STORED,
  type ZipFile,
} from './zip-layout.ts';

const LEVEL = 6;

/** @throws QpoeError `refused` where it would need more than a zip without 64-bit records holds */
export function writeZip(files: ReadonlyMap<string, Uint8Array>): Bytes {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  for (const [name, bytes] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const { file, data } = packEntry(name, bytes);
    const local = localHeader(file);
    directory.push(centralHeader(file, at));
    parts.push(local, data);
    at += local.length + data.length;
  }
  const size = directory.reduce((total, { length }) => total + length, 0);
  if (files.size > MOST_FILES || at + size > MOST_BYTES)
    throw new QpoeError(
      'refused',
      `${files.size} files of ${at} bytes are too much for one archive`,
      'publish fewer',
    );
  return concatenate([...parts, ...directory, endRecord(files.size, size, at)]);
}

function packEntry(name: string, bytes: Uint8Array): { readonly file: ZipFile; readonly data: Uint8Array } {
  const deflated = deflateSync(bytes, { level: LEVEL });
  const [method, data] = deflated.length < bytes.length ? [DEFLATED, deflated] : [STORED, bytes];
  const file = { name: utf8(name), method, crc: crc32(bytes), packed: data.length, size: bytes.length };
  return { file, data };
}
