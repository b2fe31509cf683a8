/** Every byte of a real stamp, flipped: of ECDSA and of RSA. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { utf8 } from '../../src/core/bytes.ts';
import { loadTimestampAuthority } from '../../src/online/timestamp-chain.ts';
import { verifyTimestamp } from '../../src/online/timestamp-verify.ts';
import { NO_OPENSSL, opensslAuthority } from '../openssl-authority.ts';

const root = mkdtempSync(join(tmpdir(), 'qpoe-timestamps-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const SIGNED = utf8('the signature of an envelope');

describe.skipIf(NO_OPENSSL !== undefined)(`openssl ts${NO_OPENSSL ?? ''}`, () => {
  it.each([
    ['ec', 'sha256', 8],
    ['ec', 'sha1', 2],
    ['rsa', 'sha512', 2],
  ] as const)('with %s and ESSCertID by %s has no byte that could be another', (key, ess, bits) => {
    const openssl = opensslAuthority(root);
    openssl.certify('root', { extensions: 'root', key });
    openssl.certify('issuer', { extensions: 'short', issuer: 'root', key });
    openssl.certify('tsa', { extensions: 'tsa', issuer: 'issuer', key });
    const query = openssl.query(SIGNED, '-sha256', '-cert');
    const stamp = Uint8Array.from(openssl.stamp(query, { signer: 'tsa', along: ['issuer'], ess }));
    const named = [loadTimestampAuthority(openssl.path('root'), root)];
    expect(verifyTimestamp(stamp, SIGNED, named).status).toBe('pass');
    for (let at = 0; at < stamp.length; at++)
      for (let bit = 0; bit < bits; bit++) {
        const flipped = stamp.slice();
        flipped[at]! ^= 1 << bit;
        expect(verifyTimestamp(flipped, SIGNED, named).status, `byte ${at}, bit ${bit}`).not.toBe('pass');
      }
  });
});
