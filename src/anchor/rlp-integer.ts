/**
 * Integers in RLP (yellow paper, appendix B): big-endian, without leading zeros; zero is the empty string.
 *
 *     0 → 80      15 → 0f      1024 → 82 04 00
 */

import { type Bytes, fromHex, toHex } from '../core/bytes.ts';
import { isList, type RlpItem } from './rlp.ts';

/** Undefined for a list, for leading zeros, and beyond `width` bytes. */
export function readInteger(item: RlpItem, width: number): bigint | undefined {
  if (isList(item) || item.length > width || item[0] === 0) return undefined;
  return item.length === 0 ? 0n : BigInt(`0x${toHex(item)}`);
}

/** An integer of up to 2^53−1, which arithmetic on numbers keeps exact. */
export function readCount(item: RlpItem): number | undefined {
  const integer = readInteger(item, 7);
  return integer !== undefined && integer <= Number.MAX_SAFE_INTEGER ? Number(integer) : undefined;
}

/** @param integer not negative */
export function integerBytes(integer: bigint | number): Bytes {
  if (integer < 0) throw new RangeError('a negative integer has no RLP');
  const digits = integer.toString(16);
  return BigInt(integer) === 0n
    ? new Uint8Array(0)
    : fromHex(digits.padStart(digits.length + (digits.length % 2), '0'))!;
}
