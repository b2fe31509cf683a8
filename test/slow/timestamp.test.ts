/** Every byte of a real stamp, flipped: of ECDSA and of RSA, while its certificates are valid and after. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RFC3161Timestamp } from '@sigstore/core';
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
    ['ec', 'sha256'],
    ['ec', 'sha1'],
    ['rsa', 'sha512'],
  ] as const)('with %s and ESSCertID by %s has no byte that could be another', (key, ess) => {
    const openssl = opensslAuthority(root);
    const to = new Date(Date.now() + 5000);
    openssl.certify('root', { extensions: 'root', key, to });
    openssl.certify('issuer', { extensions: 'short', issuer: 'root', key, to });
    openssl.certify('tsa', { extensions: 'tsa', issuer: 'issuer', key, to });
    const query = openssl.query(SIGNED, '-sha256', '-cert');
    const stamp = Uint8Array.from(openssl.stamp(query, { signer: 'tsa', along: ['issuer'], ess }));
    const named = [loadTimestampAuthority(openssl.path('root'), root)];
    const good = verifyTimestamp(stamp, SIGNED, named);
    expect(good.status).toBe('pass');
    const content = RFC3161Timestamp.parse(Buffer.from(stamp)).tstInfo.raw;
    const start = Buffer.from(stamp).indexOf(content);
    const passed: number[] = [];
    for (let at = 0; at < stamp.length; at++)
      for (let bit = 0; bit < 8; bit++) {
        const flipped = stamp.slice();
        flipped[at]! ^= 1 << bit;
        const result = verifyTimestamp(flipped, SIGNED, named);
        if (result.status !== 'pass') continue;
        expect(result, `byte ${at}`).toEqual(good);
        expect(at < start || at >= start + content.length, `byte ${at} of the content`).toBe(true);
        passed.push(at);
      }
    console.log(
      `${key}, ${ess}: ${passed.length} of ${8 * stamp.length} flips say the same:`,
      [...new Set(passed)].join(' '),
    );
  });
});
