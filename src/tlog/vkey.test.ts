import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fromBase64, fromHex, toBase64, toHex } from '../core/bytes.ts';
import { formatVkey, hashVkey, makeVkey, parseVkey, type VkeyType } from './vkey.ts';

/** The example of the specification. */
const EXAMPLE = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k';
const KEY = fromBase64(EXAMPLE.split('+')[2]!)!.slice(1);

it("reads the specification's example and writes it again", () => {
  const { value } = parseVkey(EXAMPLE);
  expect(value).toEqual({ name: 'example.com/foo', keyId: '530d903a', type: 'ed25519', publicKey: KEY });
  expect(formatVkey(value!)).toBe(EXAMPLE);
});

it.each<[VkeyType, number, number]>([
  ['ed25519', 0x01, 32],
  ['cosignature-ed25519', 0x04, 32],
  ['cosignature-ml-dsa-44', 0x06, 1312],
])('writes and reads %s keys, with the id that their type byte gives', (type, byte, length) => {
  const publicKey = new Uint8Array(length).fill(7);
  const vkey = makeVkey('w.example.org', type, publicKey);
  const hash = createHash('sha256')
    .update('w.example.org\n')
    .update(Uint8Array.of(byte))
    .update(publicKey)
    .digest();
  expect(vkey.keyId).toBe(hash.toString('hex').slice(0, 8));
  expect(toHex(hashVkey(vkey))).toBe(hash.toString('hex'));
  expect(parseVkey(formatVkey(vkey)).value).toEqual(vkey);
});

it('reads a key whose base64 holds a plus', () => {
  let publicKey = KEY;
  for (let i = 0; !toBase64(publicKey).includes('+'); i++) publicKey = publicKey.with(5, i) as typeof KEY;
  const vkey = makeVkey('n', 'ed25519', publicKey);
  expect(parseVkey(formatVkey(vkey)).value).toEqual(vkey);
});

describe('refuses', () => {
  const encode = (...material: readonly number[]): string =>
    `n+00000000+${toBase64(Uint8Array.of(...material))}`;

  it.each<[string, string, string]>([
    ['nothing', '', 'vkey.syntax'],
    ['two parts', 'example.com/foo+530d903a', 'vkey.syntax'],
    ['no name', EXAMPLE.slice(EXAMPLE.indexOf('+')), 'vkey.syntax'],
    ['a space in the name', `a ${EXAMPLE}`, 'vkey.syntax'],
    ['a line break in the name', `a\n${EXAMPLE}`, 'vkey.syntax'],
    ['an id in capitals', EXAMPLE.replace('530d903a', '530D903A'), 'vkey.syntax'],
    ['an id of seven digits', EXAMPLE.replace('530d903a', '30d903a'), 'vkey.syntax'],
    ['another id', EXAMPLE.replace('530d903a', '530d903b'), 'vkey.id'],
    ['another name', EXAMPLE.replace('foo', 'bar'), 'vkey.id'],
    ['a key that is not base64', `${EXAMPLE} `, 'vkey.encoding'],
    ['a line break at the end', `${EXAMPLE}\n`, 'vkey.encoding'],
    ['no key', 'n+00000000+', 'vkey.type'],
    ['ECDSA', encode(0x02, ...KEY), 'vkey.type'],
    ['type ff', encode(0xff, ...KEY), 'vkey.type'],
    ['a short key', encode(0x01, ...KEY.slice(1)), 'vkey.key.length'],
    ['a long cosignature key', encode(0x04, ...KEY, 0), 'vkey.key.length'],
    ['an ML-DSA-44 key of Ed25519 size', encode(0x06, ...KEY), 'vkey.key.length'],
    ['a key of small order', encode(0x01, 1, ...new Uint8Array(31)), 'vkey.key.small-order'],
    ['the same for cosignatures', encode(0x04, 1, ...new Uint8Array(31)), 'vkey.key.small-order'],
    [
      'a key that is not reduced',
      encode(0x01, ...fromHex(`ed${'ff'.repeat(30)}7f`)!),
      'vkey.key.non-canonical',
    ],
    ['what is far too long', EXAMPLE.padEnd(5000, 'A'), 'vkey.size'],
  ])('%s', (_, text, code) => expect(parseVkey(text).code).toBe(code));
});
