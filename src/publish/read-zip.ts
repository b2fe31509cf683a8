/**
 * A stranger's zip, read so that it can mean one thing only. Zip readers are known to differ (the central directory or the local
 * headers, the first or the last file of a name, what lies before, between and after), and to write outside of their folder or fill
 * the disk: every file must stand where the one before it ends, both headers must say the same, and nothing else may be there.
 * Nothing is unpacked before it is asked for, and never more than the directory says.
 */

import { type Bytes, equalBytes, fromUtf8 } from '../core/bytes.ts';
import { inflate } from '../core/inflate.ts';
import { printable } from '../core/printable.ts';
import { crc32 } from './crc32.ts';
import {
  CENTRAL,
  CENTRAL_BYTES,
  DEFLATED,
  END,
  END_BYTES,
  FILE_TYPE,
  LOCAL,
  LOCAL_BYTES,
  REGULAR_FILE,
  STORED,
  UTF8_NAME,
} from './zip-layout.ts';

/** An archive of 20,000 bundles with a circuit each has fewer. */
const MOST_ENTRIES = 50_000;
/** As much as the largest bundle may have. */
const MOST_ENTRY_BYTES = 70_000_000;
const MOST_TOTAL_BYTES = 4_000_000_000;
const MOST_NAME_BYTES = 240;
/** Bits 1 and 2 say how hard a packer tried. */
const HARMLESS_FLAGS = UTF8_NAME | 0b110;
const ENCRYPTED = 1;
const STREAMED = 1 << 3;
/** Extra fields that hold times and owners, and nothing that a reader could act on: Info-ZIP's UT and ux. */
const HARMLESS_EXTRA = [0x5455, 0x7875];

interface ZipEntry {
  readonly name: string;
  /** Unpacked. */
  readonly size: number;
}

type Unpacked =
  | { readonly value: Bytes; readonly fault?: never; readonly code?: never }
  | { readonly fault: string; readonly code: string; readonly value?: never };

export interface Zip {
  readonly entries: readonly ZipEntry[];
  /** @param name one of the entries' */
  unpack(name: string): Unpacked;
}

export type ReadZip =
  | { readonly value: Zip; readonly fault?: never; readonly code?: never }
  | { readonly fault: string; readonly code: string; readonly value?: never };

const fail = (fault: string, code = 'zip.form') => ({ fault, code });

/** Whether a file means to be a zip: `PK\x03\x04`, or the end record of an empty one. */
export function isZipLike(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && bytes[0] === 0x50 && bytes[1] === 0x4b && [3, 5].includes(bytes[2]!);
}

export function readZip(bytes: Uint8Array): ReadZip {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = bytes.length - END_BYTES;
  if (end < 0 || view.getUint32(end, true) !== END)
    return fail('its last 22 bytes are no end record: cut off, or something was added');
  const count = view.getUint16(end + 10, true);
  const start = view.getUint32(end + 16, true);
  const isWhole = view.getUint32(end + 4, true) === 0 && view.getUint16(end + 8, true) === count;
  if (!isWhole || view.getUint16(end + 20, true) !== 0) return fail('in several parts, or with a comment');
  if (count > MOST_ENTRIES) return fail(`${count} files, over the limit of ${MOST_ENTRIES}`, 'zip.limit');
  if (start + view.getUint32(end + 12, true) !== end)
    return fail('the directory does not end where the end record begins');
  return readDirectory({ bytes, view, start, end }, count);
}

interface Place {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Of the directory. */
  readonly start: number;
  readonly end: number;
}

interface Header {
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  readonly name: Uint8Array;
  readonly extra: Uint8Array;
}

interface Located extends ZipEntry, Pick<Header, 'method' | 'crc' | 'packed'> {
  /** Of the data. */
  readonly at: number;
}

function readDirectory(place: Place, count: number): ReadZip {
  const located = new Map<string, Located>();
  const folded = new Set<string>();
  let at = place.start;
  let data = 0;
  let total = 0;
  for (let number = 0; number < count; number++) {
    const entry = readEntry(place, at, data);
    if (entry.fault !== undefined) return fail(`file ${number + 1}: ${entry.fault}`, entry.code);
    const { value, next } = entry;
    // A disk that knows no case would write one over the other.
    const key = value.name.normalize('NFC').toLowerCase();
    if (folded.has(key)) return fail(`two files are called ${printable(value.name)}`, 'zip.duplicate');
    folded.add(key);
    located.set(value.name, value);
    at = next;
    data = value.at + value.packed;
    total += value.size;
    if (total > MOST_TOTAL_BYTES) return fail(`more than ${MOST_TOTAL_BYTES} bytes unpacked`, 'zip.limit');
  }
  if (at !== place.end || data !== place.start) return fail('something stands between or after its files');
  return {
    value: { entries: [...located.values()], unpack: (name) => unpack(place.bytes, located.get(name)!) },
  };
}

type ReadEntry =
  | { readonly value: Located; readonly next: number; readonly fault?: never; readonly code?: never }
  | { readonly fault: string; readonly code: string };

/** @param at of the central header. @param data where the file before it ends */
function readEntry({ bytes, view, end }: Place, at: number, data: number): ReadEntry {
  if (at + CENTRAL_BYTES > end || view.getUint32(at, true) !== CENTRAL)
    return fail('no header in the directory');
  const header = readHeader(bytes, view, at + 6, at + CENTRAL_BYTES, end);
  if (header === undefined) return fail('its header is cut off');
  const fault = findHeaderFault(header) ?? findKindFault(view, at);
  if (fault !== undefined) return fault;
  if (view.getUint32(at + 42, true) !== data) return fail('it does not stand where the one before it ends');
  const local = readLocal(bytes, view, data, end);
  if (local === undefined || !isSame(header, local)) return fail('its two headers say different things');
  const name = readName(header);
  if (name.fault !== undefined) return name;
  const begin = data + LOCAL_BYTES + local.name.length + local.extra.length;
  if (begin + header.packed > end) return fail('its data is cut off');
  const { method, crc, packed, size } = header;
  return {
    value: { name: name.value, size, method, crc, packed, at: begin },
    next: at + CENTRAL_BYTES + header.name.length + header.extra.length,
  };
}

function readLocal(bytes: Uint8Array, view: DataView, at: number, end: number): Header | undefined {
  return at + LOCAL_BYTES <= end && view.getUint32(at, true) === LOCAL
    ? readHeader(bytes, view, at + 4, at + LOCAL_BYTES, end)
    : undefined;
}

/** The 26 bytes from `at` that both headers have. @param names where name and extra field follow */
function readHeader(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  names: number,
  end: number,
): Header | undefined {
  const length = view.getUint16(at + 22, true);
  const extra = view.getUint16(at + 24, true);
  if (names + length + extra > end) return undefined;
  return {
    flags: view.getUint16(at + 2, true),
    method: view.getUint16(at + 4, true),
    crc: view.getUint32(at + 10, true),
    packed: view.getUint32(at + 14, true),
    size: view.getUint32(at + 18, true),
    name: bytes.subarray(names, names + length),
    extra: bytes.subarray(names + length, names + length + extra),
  };
}

type Fault = { readonly fault: string; readonly code: string };

function findHeaderFault({ flags, method, packed, size, extra }: Header): Fault | undefined {
  if ((flags & ENCRYPTED) !== 0) return fail('it is encrypted');
  if ((flags & STREAMED) !== 0)
    return fail('it was packed as a stream, its size behind it: pack it anew as files');
  if ((flags & ~HARMLESS_FLAGS) !== 0) return fail(`flags ${flags} that are not read here`);
  if (method !== STORED && method !== DEFLATED) return fail(`compression method ${method}, and not deflate`);
  if (method === STORED && packed !== size) return fail('it is not packed, and has two sizes');
  if (size > MOST_ENTRY_BYTES)
    return fail(`${size} bytes, over the limit of ${MOST_ENTRY_BYTES}`, 'zip.limit');
  return hasHarmlessExtra(extra) ? undefined : fail('an extra field, which could rename or resize it');
}

function hasHarmlessExtra(extra: Uint8Array): boolean {
  const view = new DataView(extra.buffer, extra.byteOffset, extra.byteLength);
  let at = 0;
  while (at + 4 <= extra.length) {
    if (!HARMLESS_EXTRA.includes(view.getUint16(at, true))) return false;
    at += 4 + view.getUint16(at + 2, true);
  }
  return at === extra.length;
}

/** @param at of the central header, which alone says what kind of file it is */
function findKindFault(view: DataView, at: number): Fault | undefined {
  const mode = view.getUint32(at + 38, true) >>> 16;
  const isUnix = view.getUint16(at + 4, true) >>> 8 === 3;
  if (isUnix && ![0, REGULAR_FILE].includes(mode & FILE_TYPE))
    return fail('a link, folder or device, and no file', 'zip.kind');
  return view.getUint16(at + 32, true) === 0 ? undefined : fail('a comment');
}

/** All but times: those are no one's word for anything. */
function isSame(a: Header, b: Header): boolean {
  return (
    a.flags === b.flags &&
    a.method === b.method &&
    a.crc === b.crc &&
    a.packed === b.packed &&
    a.size === b.size &&
    equalBytes(a.name, b.name) &&
    hasHarmlessExtra(b.extra)
  );
}

type ReadName = { readonly value: string; readonly fault?: never } | Fault;

function readName({ name: bytes, flags }: Header): ReadName {
  const name = fromUtf8(bytes);
  if (name === undefined) return fail('its name is not UTF-8', 'zip.name');
  const isAscii = bytes.every((byte) => byte < 0x80);
  if (!isAscii && (flags & UTF8_NAME) === 0)
    return fail('its name does not say in which letters it is', 'zip.name');
  return isSafeName(name, bytes.length)
    ? { value: name }
    : fail(`its name ${printable(name)} would lead elsewhere or mislead`, 'zip.name');
}

/** Relative, forward, of visible characters: the same file on every system. */
function isSafeName(name: string, length: number): boolean {
  const parts = name.split('/');
  return (
    length <= MOST_NAME_BYTES &&
    !/[\\:*?"<>|]/.test(name) &&
    printable(name) === name &&
    parts.every((part) => part !== '' && !/^\.{1,2}$/.test(part) && !/[. ]$/.test(part))
  );
}

function unpack(bytes: Uint8Array, { name, method, crc, packed, size, at }: Located): Unpacked {
  const data = bytes.subarray(at, at + packed);
  const value = method === STORED ? data.slice() : inflate(data, size);
  const where = printable(name);
  if (value === undefined)
    return fail(`${where}: not what deflate gives, or more than ${size} bytes`, 'zip.data');
  return value.length === size && crc32(value) === crc
    ? { value: value as Bytes }
    : fail(`${where}: damaged: its size or its CRC is another`, 'zip.data');
}
