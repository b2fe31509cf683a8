/**
 * A stranger's zip, read so that it can mean one thing only. Zip readers are known to differ (the central directory or the local
 * headers, the first or the last file of a name, what lies before, between and after, what extra fields and 64-bit records say), and
 * to write outside of their folder or fill the disk. So only what our own writer writes is read, to the byte: what someone packed
 * anew is another file than the one that was published. Nothing is unpacked before it is asked for, and never more than the
 * directory says.
 */

import { type Bytes, equalBytes, fromUtf8 } from '../core/bytes.ts';
import { inflate } from '../core/inflate.ts';
import { printable } from '../core/printable.ts';
import { crc32 } from './crc32.ts';
import {
  CENTRAL_BYTES,
  centralHeader,
  DEFLATED,
  END_BYTES,
  endRecord,
  localHeader,
  STORED,
  type ZipFile,
} from './zip-layout.ts';

/** An archive of 20,000 bundles with a circuit each has fewer. */
const MOST_ENTRIES = 50_000;
/** As much as the largest bundle may have. */
const MOST_ENTRY_BYTES = 70_000_000;
const MOST_TOTAL_BYTES = 4_000_000_000;
const MOST_NAME_BYTES = 240;

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
const NOT_AS_WRITTEN = 'not as `qpoe publish` writes it: changed, or packed anew';

export function readZip(bytes: Uint8Array): ReadZip {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = bytes.length - END_BYTES;
  if (end < 0) return fail('its last 22 bytes are no end record: cut off');
  const count = view.getUint16(end + 10, true);
  const start = view.getUint32(end + 16, true);
  if (start > end || !holds(bytes, end, endRecord(count, end - start, start)))
    return fail(`its last 22 bytes: no end record, or ${NOT_AS_WRITTEN}`);
  if (count > MOST_ENTRIES) return fail(`${count} files, over the limit of ${MOST_ENTRIES}`, 'zip.limit');
  return readDirectory({ bytes, view, start, end }, count);
}

function holds(bytes: Uint8Array, at: number, part: Uint8Array): boolean {
  return equalBytes(bytes.subarray(at, at + part.length), part);
}

interface Place {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Of the directory. */
  readonly start: number;
  readonly end: number;
}

interface Located extends ZipEntry, Pick<ZipFile, 'method' | 'crc' | 'packed'> {
  /** Of the data. */
  readonly at: number;
}

function readDirectory(place: Place, count: number): ReadZip {
  const located = new Map<string, Located>();
  const taken = new Map<string, string>();
  let at = place.start;
  let data = 0;
  let total = 0;
  let last = '';
  for (let number = 0; number < count; number++) {
    const entry = readEntry(place, at, data);
    if (entry.fault !== undefined) return fail(`file ${number + 1}: ${entry.fault}`, entry.code);
    const { value } = entry;
    if (!take(taken, value.name))
      return fail(`${printable(value.name)} stands where another file or folder does`, 'zip.duplicate');
    if (value.name < last) return fail(`${printable(value.name)} is not in its order: ${NOT_AS_WRITTEN}`);
    last = value.name;
    located.set(value.name, value);
    at += CENTRAL_BYTES + value.name.length;
    data = value.at + value.packed;
    total += value.size;
    if (total > MOST_TOTAL_BYTES) return fail(`more than ${MOST_TOTAL_BYTES} bytes unpacked`, 'zip.limit');
  }
  if (at !== place.end || data !== place.start) return fail('something stands between or after its files');
  return {
    value: { entries: [...located.values()], unpack: (name) => unpack(place.bytes, located.get(name)!) },
  };
}

/**
 * Takes the name's place, and its folder's, on a disk that knows no case: there one file would be written over the other, or could
 * not be where a folder is. @returns whether they were free
 */
function take(taken: Map<string, string>, name: string): boolean {
  const folder = name.slice(0, name.indexOf('/') + 1);
  if (folder !== '') {
    const place = folder.slice(0, -1).toLowerCase();
    if ((taken.get(place) ?? folder) !== folder) return false;
    taken.set(place, folder);
  }
  const place = name.toLowerCase();
  if (taken.has(place)) return false;
  taken.set(place, name);
  return true;
}

type Fault = { readonly fault: string; readonly code: string };
type ReadEntry = { readonly value: Located; readonly fault?: never; readonly code?: never } | Fault;

/**
 * Of a header only what differs between files is read; all else must be as it is written for such a file.
 * @param at of the central header. @param data where the file before it ends
 */
function readEntry({ bytes, view, start, end }: Place, at: number, data: number): ReadEntry {
  if (at + CENTRAL_BYTES > end) return fail('no header in the directory');
  const named = at + CENTRAL_BYTES;
  const file: ZipFile = {
    method: view.getUint16(at + 10, true),
    crc: view.getUint32(at + 16, true),
    packed: view.getUint32(at + 20, true),
    size: view.getUint32(at + 24, true),
    name: bytes.subarray(named, Math.min(named + view.getUint16(at + 28, true), end)),
  };
  const fault = findSizeFault(file) ?? findNameFault(file.name);
  if (fault !== undefined) return fault;
  if (!holds(bytes, at, centralHeader(file, data)))
    return fail(`its header in the directory is ${NOT_AS_WRITTEN}`);
  const local = localHeader(file);
  if (!holds(bytes, data, local)) return fail(`its own header is ${NOT_AS_WRITTEN}`);
  const { method, crc, packed, size } = file;
  const begin = data + local.length;
  if (begin + packed > start) return fail('its data is cut off');
  return { value: { name: fromUtf8(file.name)!, size, method, crc, packed, at: begin } };
}

/** What packs to no less is stored as it is: else a packer's empty blocks, which give nothing, could go on for as long as the file. */
function findSizeFault({ method, packed, size }: ZipFile): Fault | undefined {
  if (method !== STORED && method !== DEFLATED) return fail(`compression method ${method}, and not deflate`);
  if (method === STORED ? packed !== size : packed >= size)
    return fail(`${size} bytes that take ${packed}: ${NOT_AS_WRITTEN}`);
  return size > MOST_ENTRY_BYTES
    ? fail(`${size} bytes, over the limit of ${MOST_ENTRY_BYTES}`, 'zip.limit')
    : undefined;
}

function findNameFault(bytes: Uint8Array): Fault | undefined {
  const name = fromUtf8(bytes);
  if (name === undefined) return fail('its name is not UTF-8', 'zip.name');
  return isSafeName(name)
    ? undefined
    : fail(`its name ${printable(name)} would lead elsewhere or mislead`, 'zip.name');
}

/** What Windows opens as a device, whatever follows the first dot. */
const DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;
const PART = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9_-])?$/;

/**
 * The same file on every system and in every shell: letters of ASCII, of which alone all disks know the same pairs, no hidden file and
 * no option, in one folder at most. No file of an archive is called otherwise.
 */
function isSafeName(name: string): boolean {
  const parts = name.split('/');
  return (
    name.length <= MOST_NAME_BYTES &&
    parts.length <= 2 &&
    parts.every((part) => PART.test(part) && !DEVICE.test(part))
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
