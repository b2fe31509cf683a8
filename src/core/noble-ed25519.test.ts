import { createPublicKey, verify } from 'node:crypto';
import { Point } from '@noble/ed25519';
import { sha512 } from '@noble/hashes/sha2.js';
import { expect, it, vi } from 'vitest';
import { describeVectors, readVector } from '../../test/shared-vectors.ts';
import { type Bytes, concatenate, fromHex, toHex, utf8 } from './bytes.ts';
import { findKeyFault, verifyEd25519 } from './ed25519.ts';
import { verifyByNoble } from './noble-ed25519.ts';
import { ed25519Spki } from './spki.ts';

describeVectors('Wycheproof Ed25519', 'wycheproof/ed25519_test.json', () => {
  it('gives the expected answer to all 151 without WebCrypto’s', async () => {
    const { testGroups } = JSON.parse(readVector('wycheproof/ed25519_test.json').toString('utf8'));
    const unsupported = vi
      .spyOn(crypto.subtle, 'importKey')
      .mockRejectedValue(new DOMException('unrecognized name', 'NotSupportedError'));
    let count = 0;
    for (const { publicKey, tests } of testGroups)
      for (const { tcId, msg, sig, result } of tests) {
        const valid = await verifyEd25519(fromHex(publicKey.pk)!, fromHex(sig)!, fromHex(msg)!);
        expect(valid, `case ${tcId}`).toBe(result === 'valid');
        count++;
      }
    expect(count).toBe(151);
    expect(unsupported).toHaveBeenCalled();
    unsupported.mockRestore();
  });
});

const ORDER = 0x1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3edn;
const number = (bytes: Uint8Array): bigint => BigInt(`0x${toHex(bytes.slice().reverse())}`);
const bytesOf = (value: bigint): Bytes => fromHex(value.toString(16).padStart(64, '0'))!.reverse() as Bytes;

/** What the holder of a key can make: both sides of the equation differ by a point of order 8. */
it('refuses what holds only with the cofactor, as OpenSSL does', () => {
  const [a, r] = [123456789n, 987654321n];
  const torsion = Point.fromBytes(
    fromHex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05')!,
  );
  const key = Point.BASE.multiply(a).toBytes() as Bytes;
  const message = utf8('a record’s hash');
  const sign = (R: Bytes): Bytes => {
    const k = number(sha512(concatenate([R, key, message]))) % ORDER;
    return concatenate([R, bytesOf((r + k * a) % ORDER)]);
  };
  const honest = sign(Point.BASE.multiply(r).toBytes() as Bytes);
  const twisted = sign(Point.BASE.multiply(r).add(torsion).toBytes() as Bytes);
  const native = createPublicKey({ key: Buffer.from(ed25519Spki(key)), format: 'der', type: 'spki' });
  expect(findKeyFault(key)).toBeUndefined();
  for (const [signature, expected] of [
    [honest, true],
    [twisted, false],
  ] as const) {
    expect(verifyByNoble(key, signature, message)).toBe(expected);
    expect(verify(null, message, native, signature)).toBe(expected);
  }
});
