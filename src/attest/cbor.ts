/**
 * Deterministic CBOR (RFC 8949, section 4.2) of what JSON without fractions can say. One encoding of a value only: shortest forms,
 * definite lengths, names in the order of their encodings, nothing after the end. No byte strings, tags or floating-point numbers.
 *
 *     first byte: major type (3 bits), argument (5 bits: itself below 24, else in the 1, 2, 4 or 8 bytes that follow)
 *     0 whole number   1 negative: −1 − n   3 text   4 array   5 map   7: 20 false, 21 true, 22 null
 */

import { type Bytes, fromUtf8 } from '../core/bytes.ts';
import { type PythonObject, type PythonValue, toPythonInt } from '../core/python-json.ts';

export class CborError extends Error {
  /** `cbor.canonical`: another encoding of what could be said. */
  readonly code: 'cbor.syntax' | 'cbor.canonical';
  constructor(message: string, code: CborError['code'] = 'cbor.syntax') {
    super(message);
    this.code = code;
  }
}

export interface CborLimits {
  readonly depth: number;
  /** Of numbers, texts, names and so on. */
  readonly items: number;
}

interface Reader {
  readonly bytes: Uint8Array;
  readonly limits: CborLimits;
  at: number;
  items: number;
}

/** @throws CborError */
export function readCbor(bytes: Uint8Array, limits: CborLimits): PythonValue {
  const reader: Reader = { bytes, limits, at: 0, items: 0 };
  const value = readItem(reader, 1);
  if (reader.at !== bytes.length) throw new CborError('CBOR with bytes after its end');
  return value;
}

interface Head {
  readonly major: number;
  readonly argument: bigint;
}

/** @param depth of an array or map that begins here */
function readItem(reader: Reader, depth: number): PythonValue {
  const { major, argument } = readHead(reader);
  switch (major) {
    case 0:
      return toPythonInt(argument);
    case 1:
      return toPythonInt(-1n - argument);
    case 3:
      return readText(reader, argument);
    case 4:
      return readArray(reader, countOf(reader, argument, depth), depth);
    case 5:
      return readMap(reader, countOf(reader, argument, depth), depth);
    case 7:
      return readSimple(argument);
    default:
      throw new CborError('CBOR of a type that is not read: bytes or a tag');
  }
}

const EXTENDED = 24;
const SIMPLE = 7;

function readHead(reader: Reader): Head {
  if (++reader.items > reader.limits.items) throw new CborError(`CBOR of over ${reader.limits.items} items`);
  const [first] = takeBytes(reader, 1) as unknown as [number];
  const [major, low] = [first >> 5, first & 31];
  if (low < EXTENDED) return { major, argument: BigInt(low) };
  if (low > 27) throw new CborError('CBOR of indefinite length, or a break');
  if (major === SIMPLE) throw new CborError('CBOR of a type that is not read: a fraction or a simple value');
  const argument = takeBytes(reader, 1 << (low - EXTENDED)).reduce(
    (sum, byte) => (sum << 8n) | BigInt(byte),
    0n,
  );
  const least = low === EXTENDED ? BigInt(EXTENDED) : 1n << BigInt(8 << (low - EXTENDED - 1));
  if (argument < least) throw new CborError('CBOR with a number longer than it must be');
  return { major, argument };
}

function takeBytes(reader: Reader, length: number): Bytes {
  const end = reader.at + length;
  if (end > reader.bytes.length) throw new CborError('CBOR that ends too early');
  const taken = reader.bytes.slice(reader.at, end);
  reader.at = end;
  return taken;
}

/** A lone byte that says billions is found out before anything is made of it. */
function withinBytes(reader: Reader, argument: bigint): number {
  if (argument > BigInt(reader.bytes.length - reader.at)) throw new CborError('CBOR that ends too early');
  return Number(argument);
}

function countOf(reader: Reader, argument: bigint, depth: number): number {
  if (depth > reader.limits.depth) throw new CborError(`CBOR nested deeper than ${reader.limits.depth}`);
  return withinBytes(reader, argument);
}

function readText(reader: Reader, argument: bigint): string {
  const text = fromUtf8(takeBytes(reader, withinBytes(reader, argument)));
  if (text === undefined) throw new CborError('CBOR text that is not UTF-8');
  return text;
}

function readArray(reader: Reader, count: number, depth: number): PythonValue[] {
  const values: PythonValue[] = [];
  for (let at = 0; at < count; at++) values.push(readItem(reader, depth + 1));
  return values;
}

function readMap(reader: Reader, count: number, depth: number): PythonObject {
  const members: [string, PythonValue][] = [];
  let last: Uint8Array | undefined;
  for (let at = 0; at < count; at++) {
    const from = reader.at;
    const { major, argument } = readHead(reader);
    if (major !== 3) throw new CborError('CBOR with a name that is no text');
    const name = readText(reader, argument);
    // As in JSON: plain assignment loses sight of it.
    if (name === '__proto__') throw new CborError('a member named __proto__');
    const encoded = reader.bytes.subarray(from, reader.at);
    if (last !== undefined) demandOrder(last, encoded);
    last = encoded;
    members.push([name, readItem(reader, depth + 1)]);
  }
  return Object.fromEntries(members);
}

function demandOrder(before: Uint8Array, after: Uint8Array): void {
  const differs = before.findIndex((byte, at) => byte !== after[at]);
  // No encoded name is the beginning of another: its length stands first.
  if (differs < 0) throw new CborError('CBOR with two names that are the same');
  if (before[differs]! > after[differs]!) throw new CborError('not deterministic CBOR', 'cbor.canonical');
}

function readSimple(argument: bigint): boolean | null {
  const value = ([false, true, null] as const)[Number(argument) - 20];
  if (value === undefined) throw new CborError('CBOR of a type that is not read: a simple value');
  return value;
}
