import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHexData, fromHexQuantity, toHexData } from './hex-data.ts';

describe('hex data', () => {
  it('reads back as it was written', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 99 }), (bytes) => {
        expect(fromHexData(toHexData(bytes))).toEqual(bytes);
      }),
    );
    expect(toHexData(Uint8Array.of(0, 0xab))).toBe('0x00ab');
    expect(fromHexData('0x')).toEqual(new Uint8Array(0));
  });

  it.each(['', 'x', '00', '0X00', '0x0', '0xAB', '0xg0', ' 0x00', '0x00 ', '0x00\n', '0x0x00', '0x００'])(
    'is not "%s"',
    (text) => expect(fromHexData(text)).toBeUndefined(),
  );
});

describe('a hex quantity', () => {
  it.each([
    ['0x0', 0n],
    ['0x1f', 31n],
    [`0x${'f'.repeat(64)}`, 2n ** 256n - 1n],
  ])('%s is read', (text, value) => expect(fromHexQuantity(text)).toBe(value));

  it.each(['', '0x', '0x00', '0x01', '0xA', '1', '-0x1', '0x1 ', '0x1\n', `0x1${'0'.repeat(64)}`])(
    'is not "%s"',
    (text) => expect(fromHexQuantity(text)).toBeUndefined(),
  );
});
