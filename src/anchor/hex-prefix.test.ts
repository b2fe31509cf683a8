import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../core/bytes.ts';
import { decodeHexPrefix, encodeHexPrefix, toNibbles } from './hex-prefix.ts';

const nibblesOf = (digits: string): Uint8Array =>
  Uint8Array.from([...digits].map((digit) => Number.parseInt(digit, 16)));

describe('a hex prefix', () => {
  it.each([
    // The examples of https://ethereum.org/developers/docs/data-structures-and-encoding/patricia-merkle-trie
    ['12345', false, '112345'],
    ['012345', false, '00012345'],
    ['0f1cb8', true, '200f1cb8'],
    ['f1cb8', true, '3f1cb8'],
    ['', true, '20'],
  ])('of %s (leaf: %s) is %s', (digits, leaf, compact) => {
    expect(toHex(encodeHexPrefix({ nibbles: nibblesOf(digits), leaf }))).toBe(compact);
    expect(decodeHexPrefix(fromHex(compact)!)).toEqual({ nibbles: nibblesOf(digits), leaf });
  });

  it.each(['', '40', '51', '60', '80', 'f1', '01', '0f00', '21', '2f11'])('is not %s', (compact) =>
    expect(decodeHexPrefix(fromHex(compact)!)).toBeUndefined(),
  );

  it('is one for each path, and one path for each', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 8 }), (bytes) => {
        const read = decodeHexPrefix(bytes);
        if (read !== undefined) expect(encodeHexPrefix(read)).toEqual(bytes);
        for (const leaf of [true, false])
          for (const nibbles of [toNibbles(bytes), toNibbles(bytes).subarray(1)])
            expect(decodeHexPrefix(encodeHexPrefix({ nibbles, leaf }))).toEqual({ nibbles, leaf });
      }),
    );
  });
});
