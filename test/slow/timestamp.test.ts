/** Every byte of a real stamp, flipped: of ECDSA and of RSA; and a certificate that takes a search. */

import { createHash, X509Certificate as NodeCertificate } from 'node:crypto';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ASN1Obj } from '@sigstore/core';
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

  // One certificate in some sixty is such, and each is a process.
  it('verifies with a certificate whose hash looks like DER', () => {
    const openssl = opensslAuthority(root);
    openssl.certify('root', { extensions: 'root' });
    openssl.certify('tsa', { extensions: 'tsa', issuer: 'root' });
    const looksNested = (path: string) => {
      const hash = createHash('sha256')
        .update(new NodeCertificate(readFileSync(path)).raw)
        .digest();
      return ASN1Obj.parseBuffer(Buffer.concat([Buffer.of(0x04, 0x20), hash])).subs.length > 0;
    };
    while (!looksNested(openssl.recertify('tsa', 'lookalike', 'root')));
    const key = (name: string) => openssl.path(name).replace(/pem$/, 'key');
    copyFileSync(key('tsa'), key('lookalike'));
    const stamp = Uint8Array.from(
      openssl.stamp(openssl.query(SIGNED, '-sha256', '-cert'), { signer: 'lookalike' }),
    );
    const named = [loadTimestampAuthority(openssl.path('root'), root)];
    expect(verifyTimestamp(stamp, SIGNED, named)).toMatchObject({ status: 'pass' });
  });
});
