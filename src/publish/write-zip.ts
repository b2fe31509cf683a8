/**
 * A zip whose bytes depend on its files alone: names in order, one date, no owner, and a deflate written in JavaScript, so that
 * another version of Node or of zlib gives the same bytes.
 */

import { deflateSync } from 'fflate/browser';
import { type Bytes, concatenate, utf8 } from '../core/bytes.ts';
import { QpoeError } from '../core/error.ts';
import { crc32 } from './crc32.ts';
import {
  CENTRAL,
  CENTRAL_BYTES,
  DEFLATED,
  END,
  END_BYTES,
  LOCAL,
  LOCAL_BYTES,
  MOST_BYTES,
  MOST_FILES,
  REGULAR_FILE,
  STORED,
  UTF8_NAME,
} from './zip-layout.ts';

/** 1980-01-01, the oldest that the format has. */
const DOS_DATE = 0x0021;
const VERSION = 20;
const UNIX = 3 << 8;
const LEVEL = 6;

/** @throws QpoeError `refused` where it would need more than a zip without 64-bit records holds */
export function writeZip(files: ReadonlyMap<string, Uint8Array>): Bytes {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  for (const [name, bytes] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const entry = packEntry(name, bytes);
    directory.push(centralHeader(entry, at), entry.name);
    parts.push(localHeader(entry), entry.name, entry.data);
    at += LOCAL_BYTES + entry.name.length + entry.data.length;
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

interface Packed {
  readonly name: Bytes;
  readonly method: number;
  readonly crc: number;
  readonly size: number;
  readonly data: Uint8Array;
}

function packEntry(name: string, bytes: Uint8Array): Packed {
  const deflated = deflateSync(bytes, { level: LEVEL });
  const [method, data] = deflated.length < bytes.length ? [DEFLATED, deflated] : [STORED, bytes];
  return { name: utf8(name), method, crc: crc32(bytes), size: bytes.length, data };
}

/** The 26 bytes that both headers have, from the version that is needed to the length of the extra field. */
function writeShared(view: DataView, at: number, { name, method, crc, size, data }: Packed): void {
  view.setUint16(at, VERSION, true);
  view.setUint16(at + 2, UTF8_NAME, true);
  view.setUint16(at + 4, method, true);
  view.setUint16(at + 8, DOS_DATE, true);
  view.setUint32(at + 10, crc, true);
  view.setUint32(at + 14, data.length, true);
  view.setUint32(at + 18, size, true);
  view.setUint16(at + 22, name.length, true);
}

function localHeader(entry: Packed): Uint8Array {
  const view = new DataView(new ArrayBuffer(LOCAL_BYTES));
  view.setUint32(0, LOCAL, true);
  writeShared(view, 4, entry);
  return new Uint8Array(view.buffer);
}

function centralHeader(entry: Packed, offset: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(CENTRAL_BYTES));
  view.setUint32(0, CENTRAL, true);
  view.setUint16(4, UNIX | VERSION, true);
  writeShared(view, 6, entry);
  view.setUint32(38, ((REGULAR_FILE | 0o644) << 16) >>> 0, true);
  view.setUint32(42, offset, true);
  return new Uint8Array(view.buffer);
}

function endRecord(count: number, size: number, start: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(END_BYTES));
  view.setUint32(0, END, true);
  view.setUint16(8, count, true);
  view.setUint16(10, count, true);
  view.setUint32(12, size, true);
  view.setUint32(16, start, true);
  return new Uint8Array(view.buffer);
}
