/** Wycheproof's signatures over P-256 and by ML-DSA-65, by the platform and as a browser without ML-DSA verifies them. */

import { expect, it, vi } from 'vitest';
import { describeVectors, readVector } from '../../test/shared-vectors.ts';
import { type Bytes, fromHex } from './bytes.ts';
import { verifyMlDsa65 } from './ml-dsa-65.ts';
import { verifyP256 } from './p256.ts';

interface Case {
  readonly tcId: number;
  readonly comment: string;
  readonly msg: string;
  readonly sig: string;
  readonly ctx?: string;
  readonly result: 'valid' | 'invalid';
}
interface Group {
  readonly publicKeyDer?: string;
  readonly publicKey: string;
  readonly tests: readonly Case[];
}

const readGroups = (path: string): readonly Group[] =>
  (JSON.parse(readVector(path).toString('utf8')) as { testGroups: readonly Group[] }).testGroups;

type Verify = (spki: Bytes, test: Case) => Promise<boolean>;

async function expectAll(groups: readonly Group[], spkiOf: (group: Group) => Bytes, verify: Verify) {
  let count = 0;
  for (const group of groups)
    for (const test of group.tests) {
      const valid = await verify(spkiOf(group), test);
      expect(valid, `case ${test.tcId}, ${test.comment}`).toBe(test.result === 'valid');
      count++;
    }
  return count;
}

describeVectors('Wycheproof P-256', 'wycheproof/ecdsa_secp256r1_sha256_test.json', () => {
  it('gives the expected answer to all 484', async () => {
    const groups = readGroups('wycheproof/ecdsa_secp256r1_sha256_test.json');
    const verify: Verify = (spki, { sig, msg }) => verifyP256(spki, fromHex(sig)!, fromHex(msg)!);
    expect(await expectAll(groups, (group) => fromHex(group.publicKeyDer!)!, verify)).toBe(484);
  });
});

describeVectors('Wycheproof ML-DSA-65', 'wycheproof/mldsa_65_verify_test.json', () => {
  const groups = readGroups('wycheproof/mldsa_65_verify_test.json');
  // Groups of keys that are too long or short have no DER: they get the prefix of a right one.
  const prefix = groups[0]!.publicKeyDer!.slice(0, 2 * 22);
  const spkiOf = ({ publicKeyDer, publicKey }: Group) => fromHex(publicKeyDer ?? prefix + publicKey)!;
  const verify: Verify = (spki, { sig, msg, ctx }) =>
    verifyMlDsa65(spki, fromHex(sig)!, fromHex(msg)!, ...(ctx === undefined ? [] : [fromHex(ctx)!]));

  it('gives the expected answer to all 210 by WebCrypto', async () => {
    expect(await expectAll(groups, spkiOf, verify)).toBe(210);
  });

  it('and to all 210 where WebCrypto has no ML-DSA, as in a browser', async () => {
    vi.spyOn(crypto.subtle, 'importKey').mockRejectedValue(new DOMException('no', 'NotSupportedError'));
    vi.resetModules();
    const { verifyMlDsa65: fresh } = await import('./ml-dsa-65.ts');
    const verifyFresh: Verify = (spki, { sig, msg, ctx }) =>
      fresh(spki, fromHex(sig)!, fromHex(msg)!, ...(ctx === undefined ? [] : [fromHex(ctx)!]));
    expect(await expectAll(groups, spkiOf, verifyFresh)).toBe(210);
    vi.restoreAllMocks();
  });
});
