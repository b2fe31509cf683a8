import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatenate, fromBase64, fromHex, fromUtf8, toBase64, toHex } from './bytes.ts';

const bytes = fc.uint8Array({ maxLength: 200 });

describe('base64', () => {
  it('writes what Node writes and reads it back', () => {
    fc.assert(
      fc.property(bytes, (value) => {
        const text = toBase64(value);
        expect(text).toBe(Buffer.from(value).toString('base64'));
        expect(fromBase64(text)).toEqual(new Uint8Array(value));
      }),
    );
  });

  it.each([
    'A',
    'AA',
    'AAA',
    'AA=A',
    'AB==',
    'AAB=',
    '====',
    'AA==AA==',
    'A A=',
    'AA\n=',
    '_-==',
    'AAé=',
    '=AAA',
  ])('refuses %j', (text) => expect(fromBase64(text)).toBeUndefined());

  it('accepts only the text that it would write', () => {
    fc.assert(
      fc.property(fc.base64String({ maxLength: 40 }), (text) => {
        const value = fromBase64(text);
        if (value !== undefined) expect(toBase64(value)).toBe(text);
      }),
    );
  });
});

it('concatenates what is too long to be spread', () => {
  const long = new Uint8Array(1_000_000).fill(1);
  const all = concatenate([Uint8Array.of(0), long, new Uint8Array(0), Uint8Array.of(2)]);
  expect([all.length, all[0], all[1_000_000], all[1_000_001]]).toEqual([1_000_002, 0, 1, 2]);
});

describe('hex', () => {
  it('round-trips', () => {
    fc.assert(
      fc.property(bytes, (value) => {
        expect(fromHex(toHex(value))).toEqual(new Uint8Array(value));
      }),
    );
  });

  it.each(['0', 'AB', '0g', ' 00', '0x00'])('refuses %j', (text) => expect(fromHex(text)).toBeUndefined());
});

describe('UTF-8', () => {
  it('refuses what is not well-formed', () => {
    expect(fromUtf8(Uint8Array.of(0xc0, 0x80))).toBeUndefined();
    expect(fromUtf8(Uint8Array.of(0xed, 0xa0, 0x80))).toBeUndefined();
  });

  it('keeps a byte order mark', () => expect(fromUtf8(Uint8Array.of(0xef, 0xbb, 0xbf))).toBe('\ufeff'));
});
