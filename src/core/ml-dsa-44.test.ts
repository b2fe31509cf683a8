/** Wycheproof's ML-DSA-44 signatures, by the platform and as a browser without ML-DSA verifies them. */

import { expect, it, vi } from 'vitest';
import { describeVectors, readVector } from '../../test/shared-vectors.ts';
import { fromHex } from './bytes.ts';
import { verifyMlDsa44 } from './ml-dsa-44.ts';

interface Group {
  readonly publicKey: string;
  readonly tests: readonly {
    readonly tcId: number;
    readonly comment: string;
    readonly msg: string;
    readonly sig: string;
    readonly ctx?: string;
    readonly result: 'valid' | 'invalid';
  }[];
}

const FILE = 'wycheproof/mldsa_44_verify_test.json';

async function expectAll(verify: typeof verifyMlDsa44): Promise<number> {
  const { testGroups } = JSON.parse(readVector(FILE).toString('utf8')) as { testGroups: readonly Group[] };
  let count = 0;
  for (const { publicKey, tests } of testGroups)
    for (const { tcId, comment, msg, sig, ctx, result } of tests) {
      const context = ctx === undefined ? [] : [fromHex(ctx)!];
      const valid = await verify(fromHex(publicKey)!, fromHex(sig)!, fromHex(msg)!, ...context);
      expect(valid, `case ${tcId}, ${comment}`).toBe(result === 'valid');
      count++;
    }
  return count;
}

describeVectors('Wycheproof ML-DSA-44', FILE, () => {
  it('gives the expected answer to all 180 by WebCrypto', async () => {
    expect(await expectAll(verifyMlDsa44)).toBe(180);
  });

  it('and to all 180 where WebCrypto has no ML-DSA, as in a browser', async () => {
    vi.spyOn(crypto.subtle, 'importKey').mockRejectedValue(new DOMException('no', 'NotSupportedError'));
    expect(await expectAll(verifyMlDsa44)).toBe(180);
    vi.restoreAllMocks();
  });
});
