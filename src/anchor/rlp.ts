/**
 * Recursive length prefix (yellow paper, appendix B; https://ethereum.org/developers/docs/data-structures-and-encoding/rlp):
 *
 *     00 … 7f                      that byte, a string of itself
 *     80+n, n bytes                a string of n ≤ 55 bytes
 *     b7+w, n in w bytes, n bytes  a longer string
 *     c0+n, n bytes                a list whose items take n ≤ 55 bytes
 *     f7+w, n in w bytes, n bytes  a longer list
 *
 * What is hashed is always the shortest form, so no other is read: where a second encoding of one value passed, a reader
 * that hashes the bytes and one that hashes the value would take one file for two things.
 */

import { type Bytes, concatenate } from '../core/bytes.ts';
import type { Fault, Read } from '../tlog/fault.ts';

export type RlpItem = Bytes | readonly RlpItem[];

export const MAX_RLP_BYTES = 2 ** 20;
/** A receipt's logs, at their densest, are an item every six bytes: zero-byte strings alone would be one every byte. */
const MAX_ITEMS = 2 ** 18;
/** Topics in a log in a receipt's list of logs are four lists deep, as are the embedded nodes of a trie. */
const MAX_DEPTH = 8;

const SHORT = 55;

export function isList(item: RlpItem): item is readonly RlpItem[] {
  return Array.isArray(item);
}

/** Strings in it are views of `bytes`. */
export function decodeRlp(bytes: Bytes): Read<RlpItem> {
  if (bytes.length > MAX_RLP_BYTES) return malformed(`is longer than ${MAX_RLP_BYTES} bytes`, 'size');
  const span = readSpan(bytes, 0, bytes.length);
  if (span.fault !== undefined) return span;
  if (span.value.end < bytes.length) return malformed('has bytes after its end', 'trailing');
  return readItem(bytes, span.value, MAX_DEPTH, { items: MAX_ITEMS });
}

/** Where an item's content lies. */
interface Span {
  readonly list: boolean;
  readonly start: number;
  readonly end: number;
}

function readItem(
  bytes: Bytes,
  { list, start, end }: Span,
  depth: number,
  left: { items: number },
): Read<RlpItem> {
  if (left.items-- === 0) return malformed(`has more than ${MAX_ITEMS} items`, 'items');
  if (!list) return { value: bytes.subarray(start, end) };
  if (depth === 0) return malformed(`has lists more than ${MAX_DEPTH} deep`, 'depth');
  const items: RlpItem[] = [];
  for (let at = start; at < end; ) {
    const span = readSpan(bytes, at, end);
    if (span.fault !== undefined) return span;
    const item = readItem(bytes, span.value, depth - 1, left);
    if (item.fault !== undefined) return item;
    items.push(item.value);
    at = span.value.end;
  }
  return { value: items };
}

/** The prefix at `at` of an item that must end at or before `end`. */
function readSpan(bytes: Bytes, at: number, end: number): Read<Span> {
  const first = at < end ? bytes[at]! : undefined;
  if (first === undefined) return malformed('is empty', 'truncated');
  if (first < 0x80) return { value: { list: false, start: at, end: at + 1 } };
  const list = first >= 0xc0;
  const prefix = first - (list ? 0xc0 : 0x80);
  const width = Math.max(0, prefix - SHORT);
  const length = width === 0 ? { value: prefix } : readLength(bytes.subarray(at + 1, end), width);
  if (length.fault !== undefined) return length;
  const start = at + 1 + width;
  if (length.value > end - start) return malformed('ends before one of its items does', 'truncated');
  if (!list && length.value === 1 && bytes[start]! < 0x80)
    return malformed('wraps a byte that stands for itself', 'canonical');
  return { value: { list, start, end: start + length.value } };
}

/** A length of `width` bytes at the start of `rest`. Beyond 2^53 it is inexact, and still beyond all that follows. */
function readLength(rest: Bytes, width: number): Read<number> {
  if (rest.length < width) return malformed('ends within a length', 'truncated');
  if (rest[0] === 0) return malformed('has a length with a leading zero', 'canonical');
  const length = rest.subarray(0, width).reduce((value, byte) => value * 256 + byte, 0);
  return length > SHORT ? { value: length } : malformed('has a long form of a short length', 'canonical');
}

export function encodeRlp(item: RlpItem): Bytes {
  if (isList(item)) {
    const content = item.map(encodeRlp);
    return concatenate([
      prefixFor(
        0xc0,
        content.reduce((total, { length }) => total + length, 0),
      ),
      ...content,
    ]);
  }
  if (item.length === 1 && item[0]! < 0x80) return item.slice();
  return concatenate([prefixFor(0x80, item.length), item]);
}

function prefixFor(offset: number, length: number): Bytes {
  if (length <= SHORT) return Uint8Array.of(offset + length);
  const digits = bigEndian(length);
  return Uint8Array.of(offset + SHORT + digits.length, ...digits);
}

function bigEndian(length: number): readonly number[] {
  return length === 0 ? [] : [...bigEndian(Math.floor(length / 256)), length % 256];
}

function malformed(what: string, code: string): Fault {
  return { fault: `the RLP ${what}`, code: `rlp.${code}` };
}
