/**
 * Deflate (RFC 1951) and zlib's wrapping (RFC 1950), unpacked to a bound. Node and browsers have nothing synchronous in common,
 * two inflaters could judge one file differently, and most pass over bytes behind the end: in an archive those would be
 * bytes that no digest covers. This one takes what zlib takes, to the last byte, but for floods of blocks that give next to
 * nothing: no packer makes them, and each may bring codes that cost far more to read than to send.
 */

import type { Bytes } from './bytes.ts';

class Broken extends Error {}

/** What blocks give on average at least, after the first few. Packers begin a new one after thousands of symbols. */
const LEAST_A_BLOCK = 1024;
const SPARE_BLOCKS = 16;

/** Stops at the first byte beyond `most`: a bomb says that it is small. Undefined where it is more, or not deflate's alone. */
export function inflate(packed: Uint8Array, most: number): Bytes | undefined {
  const input: Input = { bytes: packed, at: 0, held: 0, count: 0 };
  const output: Output = { bytes: new Uint8Array(Math.min(most, packed.length * 4)), length: 0, most };
  try {
    for (let blocks = 0; ; blocks++) {
      if (blocks > SPARE_BLOCKS + output.length / LEAST_A_BLOCK) return undefined;
      if (readBlock(input, output)) break;
    }
  } catch (error) {
    if (error instanceof Broken) return undefined;
    throw error;
  }
  giveBack(input);
  return input.at === packed.length ? output.bytes.slice(0, output.length) : undefined;
}

/** Bits come from each byte's least significant end. */
interface Input {
  readonly bytes: Uint8Array;
  at: number;
  /** Read, and not taken yet: `count` bits. */
  held: number;
  count: number;
}

interface Output {
  bytes: Bytes;
  length: number;
  readonly most: number;
}

/** Up to 16. */
function take(input: Input, bits: number): number {
  while (input.count < bits) {
    if (input.at === input.bytes.length) throw new Broken();
    input.held |= input.bytes[input.at++]! << input.count;
    input.count += 8;
  }
  return drop(input, bits);
}

function drop(input: Input, bits: number): number {
  const value = input.held & ((1 << bits) - 1);
  input.held >>>= bits;
  input.count -= bits;
  return value;
}

/** To the byte that was begun last. */
function giveBack(input: Input): void {
  input.at -= input.count >> 3;
  input.held = 0;
  input.count = 0;
}

/** Room for so many bytes more. */
function reserve(output: Output, more: number): void {
  const needed = output.length + more;
  if (needed > output.most) throw new Broken();
  if (needed <= output.bytes.length) return;
  const grown = new Uint8Array(Math.min(output.most, Math.max(needed, 2 * output.bytes.length)));
  grown.set(output.bytes.subarray(0, output.length));
  output.bytes = grown;
}

/** @returns whether it was the last */
function readBlock(input: Input, output: Output): boolean {
  const isLast = take(input, 1) === 1;
  const kind = take(input, 2);
  if (kind === 0) copyStored(input, output);
  else if (kind === 3) throw new Broken();
  else unpackBlock(input, output, kind === 1 ? fixedCodes() : readCodes(input));
  return isLast;
}

function copyStored(input: Input, output: Output): void {
  giveBack(input);
  const length = take(input, 16);
  if ((take(input, 16) ^ length) !== 0xffff || input.at + length > input.bytes.length) throw new Broken();
  reserve(output, length);
  output.bytes.set(input.bytes.subarray(input.at, input.at + length), output.length);
  output.length += length;
  input.at += length;
}

interface Codes {
  readonly literals: Code;
  readonly distances: Code;
}

const END_OF_BLOCK = 256;
const LEAST_LENGTH = 3;
const BASES = steps(4, LEAST_LENGTH);
const MOST_LENGTH = 258;
const DISTANCES = steps(2, 1);

/** How the numbers behind a code run: after the first `2 × group` each further group of so many has one bit more. */
function steps(group: number, first: number): readonly (readonly [base: number, extra: number])[] {
  const found: [number, number][] = [];
  let base = first;
  for (let code = 0; code < (group === 4 ? 28 : 30); code++) {
    const extra = Math.max(0, Math.floor(code / group) - 1);
    found.push([base, extra]);
    base += 1 << extra;
  }
  return found;
}

function unpackBlock(input: Input, output: Output, { literals, distances }: Codes): void {
  for (;;) {
    const symbol = decode(input, literals);
    if (symbol === END_OF_BLOCK) return;
    if (symbol < END_OF_BLOCK) {
      reserve(output, 1);
      output.bytes[output.length++] = symbol;
    } else {
      // The last has one length of its own.
      const length = symbol === 285 ? MOST_LENGTH : numberOf(input, BASES[symbol - END_OF_BLOCK - 1]);
      repeat(output, length, numberOf(input, DISTANCES[decode(input, distances)]));
    }
  }
}

function numberOf(input: Input, step: readonly [number, number] | undefined): number {
  if (step === undefined) throw new Broken();
  return step[0] + take(input, step[1]);
}

/** From what it is itself writing, where the distance is shorter than the length. */
function repeat(output: Output, length: number, distance: number): void {
  if (distance > output.length) throw new Broken();
  reserve(output, length);
  const { bytes, length: from } = output;
  // What a bomb is made of.
  if (distance === 1) bytes.fill(bytes[from - 1]!, from, from + length);
  else for (let at = from; at < from + length; at++) bytes[at] = bytes[at - distance]!;
  output.length += length;
}

const MOST_BITS = 15;

/** By the bits that come next, `longest` of them: the symbol above four bits that say how many are its own; 0 for none. */
interface Code {
  readonly table: Uint16Array;
  readonly longest: number;
}

function decode(input: Input, { table, longest }: Code): number {
  while (input.count < longest && input.at < input.bytes.length) {
    input.held |= input.bytes[input.at++]! << input.count;
    input.count += 8;
  }
  const entry = table[input.held & (table.length - 1)]!;
  const length = entry & 15;
  if (length === 0 || length > input.count) throw new Broken();
  drop(input, length);
  return entry >> 4;
}

/** @param mayLack as zlib has it: one symbol alone may leave half of its code unused */
function makeCode(lengths: Uint8Array, mayLack = true): Code {
  const counts = new Uint16Array(MOST_BITS + 1);
  for (const length of lengths) counts[length]!++;
  const next = new Uint16Array(MOST_BITS + 2);
  let longest = 0;
  let left = 1;
  for (let length = 1; length <= MOST_BITS; length++) {
    const count = counts[length]!;
    if (count > 0) longest = length;
    left = 2 * left - count;
    if (left < 0) throw new Broken();
    next[length + 1] = (next[length]! + count) << 1;
  }
  if (left > 0 && !(mayLack && longest <= 1)) throw new Broken();
  const table = new Uint16Array(1 << longest);
  for (const [symbol, length] of lengths.entries())
    if (length > 0)
      for (let at = reversed(next[length]!++, length); at < table.length; at += 1 << length)
        table[at] = (symbol << 4) | length;
  return { table, longest };
}

/** Codes alone begin at their most significant bit. */
function reversed(code: number, length: number): number {
  let bits = 0;
  for (let at = 0; at < length; at++) bits |= ((code >> at) & 1) << (length - 1 - at);
  return bits;
}

let fixed: Codes | undefined;

/** Made once, and not for each block: a block of them may be ten bits. */
function fixedCodes(): Codes {
  fixed ??= makeFixedCodes();
  return fixed;
}

function makeFixedCodes(): Codes {
  const literals = Uint8Array.from({ length: 288 }, (_, symbol) =>
    symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8,
  );
  return { literals: makeCode(literals), distances: makeCode(new Uint8Array(32).fill(5)) };
}

const LENGTH_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

function readCodes(input: Input): Codes {
  const literals = 257 + take(input, 5);
  const distances = 1 + take(input, 5);
  const given = 4 + take(input, 4);
  if (literals > 286 || distances > 30) throw new Broken();
  const own = new Uint8Array(LENGTH_ORDER.length);
  for (const place of LENGTH_ORDER.slice(0, given)) own[place] = take(input, 3);
  const lengths = readLengths(input, makeCode(own, false), literals + distances);
  if (lengths[END_OF_BLOCK] === 0) throw new Broken();
  return {
    literals: makeCode(lengths.subarray(0, literals)),
    distances: makeCode(lengths.subarray(literals)),
  };
}

function readLengths(input: Input, code: Code, count: number): Uint8Array {
  const lengths = new Uint8Array(count);
  for (let at = 0; at < count; ) {
    const symbol = decode(input, code);
    if (symbol < 16) {
      lengths[at++] = symbol;
      continue;
    }
    if (symbol === 16 && at === 0) throw new Broken();
    const value = symbol === 16 ? lengths[at - 1]! : 0;
    const times =
      symbol === 16 ? 3 + take(input, 2) : symbol === 17 ? 3 + take(input, 3) : 11 + take(input, 7);
    if (at + times > count) throw new Broken();
    lengths.fill(value, at, at + times);
    at += times;
  }
  return lengths;
}

const HEADER_BYTES = 2;
const CHECKSUM_BYTES = 4;
const DEFLATE = 8;
const MOST_WINDOW = 7;
const DICTIONARY = 1 << 5;

/** @throws Error where it is broken, or inflates to more than `most` bytes */
export function inflateZlib(packed: Uint8Array, most: number): Bytes {
  const end = packed.length - CHECKSUM_BYTES;
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  const header = end < HEADER_BYTES ? 0 : view.getUint16(0);
  const isZlib = ((header >> 8) & 0xf) === DEFLATE && header >> 12 <= MOST_WINDOW && header % 31 === 0;
  if (!isZlib || (header & DICTIONARY) !== 0) throw new Error('not the header of zlib');
  const value = inflate(packed.subarray(HEADER_BYTES, end), most);
  if (value === undefined) throw new Error(`not what deflate gives, or more than ${most} bytes`);
  if (adler32(value) !== view.getUint32(end)) throw new Error('its checksum is another');
  return value;
}

const PRIME = 65_521;
/** So many bytes and no sum leaves 32 bits. */
const UNREDUCED = 5552;

function adler32(bytes: Uint8Array): number {
  let a = 1;
  let b = 0;
  for (let at = 0; at < bytes.length; at += UNREDUCED) {
    for (const byte of bytes.subarray(at, at + UNREDUCED)) {
      a += byte;
      b += a;
    }
    a %= PRIME;
    b %= PRIME;
  }
  return b * 65_536 + a;
}
