/**
 * The one form of a zip (PKWARE APPNOTE 6.3.10) that is written and read here:
 *
 *     local header, name, data   one a file, one after another from the first byte
 *     central header, name       one a file, in the same order
 *     end record                 the last 22 bytes
 *
 * A header follows from its file alone, to the byte: no extra field, comment, owner or time, in which a second zip could hide for
 * readers who look elsewhere. It never changes, because archives that exist are read by it.
 */

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const LOCAL_BYTES = 30;
export const CENTRAL_BYTES = 46;
export const END_BYTES = 22;
/** General purpose bit 11: the name is UTF-8. */
const UTF8_NAME = 0x0800;
export const STORED = 0;
export const DEFLATED = 8;
const PLAIN_FILE = 0o100644;
/** 1980-01-01, the oldest that the format has. */
const DOS_DATE = 0x0021;
const VERSION = 20;
const UNIX = 3 << 8;
/** Past these a zip needs the 64-bit records, of which there are none here. */
export const MOST_FILES = 0xfffe;
export const MOST_BYTES = 0xfffffffe;

/** What its headers say of a file. */
export interface ZipFile {
  readonly name: Uint8Array;
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
  /** Unpacked. */
  readonly size: number;
}

/** The 26 bytes that both headers have, from the version that is needed to the length of the extra field. */
function writeShared(view: DataView, at: number, { name, method, crc, packed, size }: ZipFile): void {
  view.setUint16(at, VERSION, true);
  view.setUint16(at + 2, UTF8_NAME, true);
  view.setUint16(at + 4, method, true);
  view.setUint16(at + 8, DOS_DATE, true);
  view.setUint32(at + 10, crc, true);
  view.setUint32(at + 14, packed, true);
  view.setUint32(at + 18, size, true);
  view.setUint16(at + 22, name.length, true);
}

/** With the name behind it. */
export function localHeader(file: ZipFile): Uint8Array {
  const bytes = new Uint8Array(LOCAL_BYTES + file.name.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, LOCAL, true);
  writeShared(view, 4, file);
  bytes.set(file.name, LOCAL_BYTES);
  return bytes;
}

/** With the name behind it. @param offset of the local header */
export function centralHeader(file: ZipFile, offset: number): Uint8Array {
  const bytes = new Uint8Array(CENTRAL_BYTES + file.name.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, CENTRAL, true);
  view.setUint16(4, UNIX | VERSION, true);
  writeShared(view, 6, file);
  view.setUint32(38, (PLAIN_FILE << 16) >>> 0, true);
  view.setUint32(42, offset, true);
  bytes.set(file.name, CENTRAL_BYTES);
  return bytes;
}

/** @param size of the directory, which begins at `start` */
export function endRecord(count: number, size: number, start: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(END_BYTES));
  view.setUint32(0, END, true);
  view.setUint16(8, count, true);
  view.setUint16(10, count, true);
  view.setUint32(12, size, true);
  view.setUint32(16, start, true);
  return new Uint8Array(view.buffer);
}

/** Whether a file means to be a zip: `PK\x03\x04`, or the end record of an empty one. */
export function isZipLike(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && bytes[0] === 0x50 && bytes[1] === 0x4b && [3, 5].includes(bytes[2]!);
}
