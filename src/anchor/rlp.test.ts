import { RLP } from '@ethereumjs/rlp';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Bytes, concatenate, fromHex, toHex, utf8 } from '../core/bytes.ts';
import { decodeRlp, encodeRlp, MAX_RLP_BYTES, type RlpItem } from './rlp.ts';
import { integerBytes, readCount, readInteger } from './rlp-integer.ts';

const lengths = fc.oneof(
  { weight: 20, arbitrary: fc.nat({ max: 70 }) },
  fc.constantFrom(55, 56, 255, 256, 257, 65_535, 65_536),
);
const strings = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 1 }),
  lengths.chain((length) => fc.uint8Array({ minLength: length, maxLength: length })),
) as fc.Arbitrary<Bytes>;
const items: fc.Arbitrary<RlpItem> = fc.letrec<{ item: RlpItem }>((tie) => ({
  item: fc.oneof({ maxDepth: 6, withCrossShrink: true }, strings, fc.array(tie('item'), { maxLength: 6 })),
})).item;

const hex = (text: string): Bytes => fromHex(text.replaceAll(' ', ''))!;

describe('RLP', () => {
  it.each<[RlpItem, string]>([
    [utf8('dog'), '83646f67'],
    [[utf8('cat'), utf8('dog')], 'c88363617483646f67'],
    [new Uint8Array(0), '80'],
    [[], 'c0'],
    [Uint8Array.of(0), '00'],
    [Uint8Array.of(15), '0f'],
    [Uint8Array.of(4, 0), '820400'],
    [[[], [[]], [[], [[]]]], 'c7c0c1c0c3c0c1c0'],
    [
      utf8('Lorem ipsum dolor sit amet, consectetur adipisicing elit'),
      `b838${toHex(utf8('Lorem ipsum dolor sit amet, consectetur adipisicing elit'))}`,
    ],
  ])('has the examples of its description: %#', (item, encoded) => {
    expect(toHex(encodeRlp(item))).toBe(encoded);
    expect(decodeRlp(hex(encoded)).value).toEqual(item);
  });

  it('is read back as what was written, and written as another implementation writes it', () => {
    fc.assert(
      fc.property(items, (item) => {
        const encoded = encodeRlp(item);
        expect(toHex(encoded)).toBe(toHex(RLP.encode(item as Uint8Array)));
        expect(decodeRlp(encoded)).toEqual({ value: item });
      }),
      { numRuns: 300 },
    );
  });

  it('is read in one encoding alone, whatever the bytes', () => {
    const noise = fc.uint8Array({ maxLength: 80 });
    const prefixes = fc.tuple(
      fc.constantFrom(0x80, 0x81, 0xb7, 0xb8, 0xb9, 0xbf, 0xc0, 0xc1, 0xf7, 0xf8, 0xf9, 0xfb, 0xff),
      fc.uint8Array({ maxLength: 12 }),
    );
    const likely = prefixes.map(([prefix, rest]) => Uint8Array.of(prefix, ...rest));
    fc.assert(
      fc.property(fc.oneof(noise, likely), (bytes) => {
        const read = decodeRlp(bytes as Bytes);
        if (read.fault === undefined) expect(encodeRlp(read.value)).toEqual(bytes);
      }),
      { numRuns: 5_000 },
    );
  });

  it('is so with a byte of it changed, added or taken away', () => {
    fc.assert(
      fc.property(items, fc.nat(), fc.integer({ min: 0, max: 255 }), (item, pick, byte) => {
        const encoded = encodeRlp(item);
        const at = pick % encoded.length;
        for (const changed of [
          encoded.with(at, byte),
          concatenate([encoded.subarray(0, at), Uint8Array.of(byte), encoded.subarray(at)]),
          concatenate([encoded.subarray(0, at), encoded.subarray(at + 1)]),
        ]) {
          const read = decodeRlp(changed);
          if (read.fault === undefined) expect(encodeRlp(read.value)).toEqual(changed);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('ends where it ends: cut anywhere it is refused, as it is with anything after it', () => {
    fc.assert(
      fc.property(items, fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 3 }), (item, pick, more) => {
        const encoded = encodeRlp(item);
        expect(decodeRlp(encoded.subarray(0, pick % encoded.length)).code).toBe('rlp.truncated');
        expect(decodeRlp(concatenate([encoded, more])).code).toBe('rlp.trailing');
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['', 'truncated'],
    ['81', 'truncated'],
    ['82 41', 'truncated'],
    ['b8', 'truncated'],
    ['b9 01', 'truncated'],
    ['c1', 'truncated'],
    ['c2 81', 'truncated'],
    // The inner string reaches beyond its list, though not beyond the bytes.
    ['c3 c1 81 ff', 'truncated'],
    ['c2 82 ff ff', 'trailing'],
    ['00 00', 'trailing'],
    ['80 80', 'trailing'],
    ['c0 c0', 'trailing'],
    ['81 00', 'canonical'],
    ['81 7f', 'canonical'],
    ['c2 81 7f', 'canonical'],
    [`b8 37 ${'ff'.repeat(55)}`, 'canonical'],
    ['b8 00', 'canonical'],
    ['b8 01 ff', 'canonical'],
    [`b9 00 38 ${'ff'.repeat(56)}`, 'canonical'],
    ['f8 00', 'canonical'],
    [`f8 37 ${'01'.repeat(55)}`, 'canonical'],
    [`f9 00 38 ${'01'.repeat(56)}`, 'canonical'],
    [`bf 00 00 00 00 00 00 00 38 ${'ff'.repeat(56)}`, 'canonical'],
    ['bf ff ff ff ff ff ff ff ff', 'truncated'],
    ['ff ff ff ff ff ff ff ff ff', 'truncated'],
    ['bb ff ff ff ff', 'truncated'],
    ['fb 7f ff ff ff', 'truncated'],
    ['bf 00 00 00 01', 'truncated'],
    ['bc 01 00 00 00 00', 'truncated'],
  ])('%s is refused as %s', (text, code) => expect(decodeRlp(hex(text)).code).toBe(`rlp.${code}`));

  it('goes eight lists deep, and no deeper', () => {
    const nested = (depth: number): RlpItem => (depth === 0 ? Uint8Array.of(1) : [nested(depth - 1)]);
    expect(decodeRlp(encodeRlp(nested(8))).fault).toBeUndefined();
    expect(decodeRlp(encodeRlp(nested(9))).code).toBe('rlp.depth');
    const wall = encodeRlp(nested(1000));
    expect(decodeRlp(wall).code).toBe('rlp.depth');
  });

  it('has bounds for its bytes and its items', () => {
    const zeros = (count: number): RlpItem => Array.from({ length: count }, () => new Uint8Array(0));
    expect(decodeRlp(encodeRlp(zeros(2 ** 18 - 1))).fault).toBeUndefined();
    expect(decodeRlp(encodeRlp(zeros(2 ** 18))).code).toBe('rlp.items');
    expect(decodeRlp(encodeRlp(new Uint8Array(MAX_RLP_BYTES - 4))).fault).toBeUndefined();
    expect(decodeRlp(encodeRlp(new Uint8Array(MAX_RLP_BYTES - 3))).code).toBe('rlp.size');
  });
});

describe('an integer in RLP', () => {
  it('is read back as what was written', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }), (value) => {
        const bytes = integerBytes(value);
        expect(readInteger(bytes, 32)).toBe(value);
        expect(readCount(bytes)).toBe(value <= Number.MAX_SAFE_INTEGER ? Number(value) : undefined);
        if (value > 0n) expect(readInteger(bytes, bytes.length - 1)).toBeUndefined();
      }),
    );
    expect(toHex(integerBytes(0))).toBe('');
    expect(toHex(integerBytes(1024))).toBe('0400');
    expect(readCount(integerBytes(2 ** 53 - 1))).toBe(2 ** 53 - 1);
    expect(readCount(integerBytes(2n ** 53n))).toBeUndefined();
  });

  it('has no leading zero, and is no list', () => {
    expect(readInteger(Uint8Array.of(0), 32)).toBeUndefined();
    expect(readInteger(Uint8Array.of(0, 1), 32)).toBeUndefined();
    expect(readInteger([], 32)).toBeUndefined();
    expect(() => integerBytes(-1)).toThrow(RangeError);
  });
});
