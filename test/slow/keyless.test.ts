/** Every byte of the real keyless signatures, flipped. */

import { expect, it } from 'vitest';
import { verifyKeyless } from '../../src/online/keyless.ts';
import { PUBLIC_GOOD_ROOT } from '../../src/online/public-good-root.ts';
import { describeVectors, readVector } from '../shared-vectors.ts';
import { byteFlips, RECEIPTS, STAMPS } from '../signed-receipts.ts';

describeVectors('each byte of real keyless signatures', 'aiir/signed', () => {
  it.each(RECEIPTS)('%s', (name) => {
    const bundle = JSON.parse(readVector(`aiir/signed/${name}.sigstore`).toString());
    const receipt = { bytes: readVector(`aiir/signed/${name}`), bundle };
    const judge = ({ bytes, bundle }: typeof receipt) =>
      verifyKeyless(bundle, { kind: 'blob', bytes }, PUBLIC_GOOD_ROOT);
    const good = judge(receipt);
    expect(good.status).toBe('pass');
    let passed = 0;
    for (const [where, flipped] of byteFlips(receipt)) {
      const result = judge(flipped());
      if (result.status !== 'pass') continue;
      // CMS covers neither its own version numbers nor the tags around what it signs: the stamp says the same.
      expect(where).toBe(STAMPS);
      expect(result).toEqual(good);
      passed++;
    }
    expect(passed).toBeLessThan(50);
  });
});
