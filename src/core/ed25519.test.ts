import { expect, it } from 'vitest';
import { describeVectors, readVector } from '../../test/shared-vectors.ts';
import { fromHex } from './bytes.ts';
import { findKeyFault, verifyEd25519 } from './ed25519.ts';

interface Wycheproof {
  readonly testGroups: readonly {
    readonly publicKey: { readonly pk: string };
    readonly tests: readonly {
      readonly tcId: number;
      readonly msg: string;
      readonly sig: string;
      readonly result: string;
    }[];
  }[];
}

describeVectors('Wycheproof Ed25519', 'wycheproof/ed25519_test.json', () => {
  const { testGroups } = JSON.parse(
    readVector('wycheproof/ed25519_test.json').toString('utf8'),
  ) as Wycheproof;

  const expectAll = async (): Promise<void> => {
    let count = 0;
    for (const { publicKey, tests } of testGroups)
      for (const { tcId, msg, sig, result } of tests) {
        const valid = await verifyEd25519(fromHex(publicKey.pk)!, fromHex(sig)!, fromHex(msg)!);
        expect(valid, `case ${tcId}`).toBe(result === 'valid');
        count++;
      }
    expect(count).toBe(151);
  };

  it('gives the expected answer to all 151 by WebCrypto', expectAll);

  it('and to all 151 by the synchronous verification of a thread', async () => {
    await import('../store/native-ed25519.ts');
    await expectAll();
  });
});

// The eight points of small order in every encoding that engines have been seen to accept: with the sign bit, and y + p.
it.each([
  '0100000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000080',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0000000000000000000000000000000000000000000000000000000000000080',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
])('refuses the small-order key %s', (hex) => expect(findKeyFault(fromHex(hex)!)).toBe('small-order'));

it.each([
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
])('refuses the unreduced key %s', (hex) => expect(findKeyFault(fromHex(hex)!)).toBe('non-canonical'));

it('accepts the largest reduced y', () =>
  expect(
    findKeyFault(fromHex('ebffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f')!),
  ).toBeUndefined());

it('is false, not an exception, for what is no point of the curve', async () => {
  const noPoint = fromHex('0200000000000000000000000000000000000000000000000000000000000000')!;
  expect(await verifyEd25519(noPoint, new Uint8Array(64), new Uint8Array(32))).toBe(false);
});
