/**
 * Half-bytes of a key and their compact form in a trie's node (yellow paper, appendix C):
 *
 *     0 0, pairs        an extension's, of an even number      2 0, pairs        a leaf's
 *     1 n, pairs        an extension's, of an odd number       3 n, pairs        a leaf's
 */

import type { Bytes } from '../core/bytes.ts';

/** Each from 0 to 15. */
export type Nibbles = Uint8Array;

export interface HexPrefix {
  readonly nibbles: Nibbles;
  readonly leaf: boolean;
}

export function toNibbles(bytes: Uint8Array): Nibbles {
  const nibbles = new Uint8Array(2 * bytes.length);
  for (const [i, byte] of bytes.entries()) nibbles.set([byte >> 4, byte & 15], 2 * i);
  return nibbles;
}

export function encodeHexPrefix({ nibbles, leaf }: HexPrefix): Bytes {
  const odd = nibbles.length % 2;
  const flag = (leaf ? 2 : 0) + odd;
  const all = odd === 1 ? [flag, ...nibbles] : [flag, 0, ...nibbles];
  return Uint8Array.from({ length: all.length / 2 }, (_, i) => (all[2 * i]! << 4) | all[2 * i + 1]!);
}

/** Undefined for an unknown flag, and for a padding that isn't zero. */
export function decodeHexPrefix(bytes: Uint8Array): HexPrefix | undefined {
  const [flag = 4, padding, ...rest] = toNibbles(bytes);
  if (flag > 3) return undefined;
  if (flag % 2 === 1) return { nibbles: Uint8Array.of(padding!, ...rest), leaf: flag > 1 };
  return padding === 0 ? { nibbles: Uint8Array.from(rest), leaf: flag > 1 } : undefined;
}
