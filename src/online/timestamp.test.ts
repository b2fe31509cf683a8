/** Time stamps of a real authority, OpenSSL's: asked for, and verified without a clock. */

import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { X509Certificate } from '@sigstore/core';
import { afterAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  NO_OPENSSL,
  type OpensslAuthority,
  opensslAuthority,
  type StampOptions,
  serveTimestamps,
} from '../../test/openssl-authority.ts';
import { describeVectors, readVector } from '../../test/shared-vectors.ts';
import { RECEIPTS } from '../../test/signed-receipts.ts';
import { type Bytes, fromBase64, utf8 } from '../core/bytes.ts';
import { PUBLIC_GOOD_ROOT } from './public-good-root.ts';
import { loadTimestampAuthority } from './timestamp-chain.ts';
import { requestTimestamp } from './timestamp-client.ts';
import { verifyTimestamp } from './timestamp-verify.ts';

const root = mkdtempSync(join(tmpdir(), 'qpoe-timestamp-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const SIGNED = utf8('the signature of an envelope');
const DAY_MS = 86_400_000;
const days = (count: number) => new Date(Date.now() + count * DAY_MS);

function authority(): OpensslAuthority {
  const openssl = opensslAuthority(root);
  openssl.certify('root', { extensions: 'root' });
  openssl.certify('tsa', { extensions: 'tsa', issuer: 'root' });
  return openssl;
}

async function askedFrom(
  openssl: OpensslAuthority,
  options: StampOptions = { signer: 'tsa' },
): Promise<Bytes> {
  const server = await serveTimestamps((query) => openssl.stamp(query, options));
  onTestFinished(server.close);
  return requestTimestamp({ url: server.url, attempts: 1 }, SIGNED);
}

const trusting = (...paths: readonly string[]) =>
  paths.map((path) => loadTimestampAuthority(path, '/nowhere'));

describe.skipIf(NO_OPENSSL !== undefined)(`openssl ts as the authority${NO_OPENSSL ?? ''}`, () => {
  it('stamps what it is asked for, and says when', async () => {
    const openssl = authority();
    const before = Math.floor(Date.now() / 1000) * 1000;
    const stamp = await askedFrom(openssl);
    const result = verifyTimestamp(stamp, SIGNED, trusting(openssl.path('root')));
    expect(result).toMatchObject({ status: 'pass', authority: openssl.path('root') });
    const { time } = result as { time: number };
    expect(time).toBeGreaterThanOrEqual(before);
    expect(time).toBeLessThanOrEqual(Date.now());
    expect(openssl.accepts(stamp, SIGNED, 'root')).toBe(true);
  });

  it.each([
    ['RSA and SHA-256', { key: 'rsa', digest: 'sha256', ess: 'sha256' }],
    ['RSA and SHA-512', { key: 'rsa', digest: 'sha512', ess: 'sha512' }],
    ['ECDSA and SHA-384', { key: 'ec', digest: 'sha384', ess: 'sha256' }],
    ['the first form of ESSCertID', { key: 'ec', digest: 'sha256', ess: 'sha1' }],
  ] as const)('verifies with %s', async (_, { key, digest, ess }) => {
    const openssl = opensslAuthority(root);
    openssl.certify('root', { extensions: 'root', key });
    openssl.certify('tsa', { extensions: 'tsa', issuer: 'root', key });
    const stamp = await askedFrom(openssl, { signer: 'tsa', digest, ess });
    expect(verifyTimestamp(stamp, SIGNED, trusting(openssl.path('root')))).toMatchObject({ status: 'pass' });
    expect(verifyTimestamp(stamp, utf8('other bytes'), trusting(openssl.path('root')))).toMatchObject({
      code: 'timestamp.imprint',
    });
  });

  it('leads to a root, or stops at an issuer or at the signer, whichever the policy names', async () => {
    const openssl = opensslAuthority(root);
    openssl.certify('root', { extensions: 'root' });
    openssl.certify('issuer', { extensions: 'short', issuer: 'root' });
    openssl.certify('tsa', { extensions: 'tsa', issuer: 'issuer' });
    const stamp = await askedFrom(openssl, { signer: 'tsa', along: ['issuer'] });
    for (const named of ['root', 'issuer', 'tsa'])
      expect(verifyTimestamp(stamp, SIGNED, trusting(openssl.path(named)))).toMatchObject({
        status: 'pass',
      });
    const alone = await askedFrom(openssl);
    expect(verifyTimestamp(alone, SIGNED, trusting(openssl.path('issuer')))).toMatchObject({
      status: 'pass',
    });
    expect(verifyTimestamp(alone, SIGNED, trusting(openssl.path('root')))).toMatchObject({
      status: 'unknown',
    });
  });

  it('is unknown without an authority, and under another of the same name', async () => {
    const openssl = authority();
    const stamp = await askedFrom(openssl);
    const other = authority();
    for (const named of [[], trusting(other.path('root'))])
      expect(verifyTimestamp(stamp, SIGNED, named)).toMatchObject({
        status: 'unknown',
        code: 'timestamp.authority',
      });
  });

  it('walks no permutations of authorities that share a name and a key', async () => {
    const openssl = authority();
    const twins = Array.from({ length: 15 }, (_, index) => `twin${index}`);
    for (const twin of twins) openssl.recertify('root', twin, 'root');
    const stamp = await askedFrom(openssl, { signer: 'tsa', along: twins });
    const verify = vi.spyOn(X509Certificate.prototype, 'verify');
    onTestFinished(() => verify.mockRestore());
    expect(verifyTimestamp(stamp, SIGNED, trusting(authority().path('root')))).toMatchObject({
      status: 'unknown',
      code: 'timestamp.authority',
    });
    const verified = verify.mock.calls.length;
    expect(verified).toBeGreaterThanOrEqual(twins.length);
    expect(verified).toBeLessThanOrEqual(2 * 16 ** 2);
    expect(verifyTimestamp(stamp, SIGNED, trusting(openssl.path('root')))).toMatchObject({ status: 'pass' });
  });

  it('goes by the one that may issue, of two issuers that share a name and a key', async () => {
    const openssl = opensslAuthority(root);
    openssl.certify('root', { extensions: 'root' });
    openssl.certify('issuer', { extensions: 'short', issuer: 'root' });
    openssl.certify('tsa', { extensions: 'tsa', issuer: 'issuer' });
    openssl.recertify('issuer', 'twin', 'root');
    const stamp = await askedFrom(openssl, { signer: 'tsa', along: ['twin', 'issuer'] });
    expect(verifyTimestamp(stamp, SIGNED, trusting(openssl.path('root')))).toMatchObject({ status: 'pass' });
  });

  it('verifies after the certificates have expired', async () => {
    const openssl = opensslAuthority(root);
    const to = new Date(Date.now() + 3000);
    openssl.certify('root', { extensions: 'root', to });
    openssl.certify('tsa', { extensions: 'tsa', issuer: 'root', to });
    const stamp = await askedFrom(openssl);
    while (openssl.accepts(stamp, SIGNED, 'root')) await new Promise((resolve) => setTimeout(resolve, 500));
    expect(verifyTimestamp(stamp, SIGNED, trusting(openssl.path('root')))).toMatchObject({ status: 'pass' });
  });

  it.each([
    ['the signer’s certificate had expired', {}, { to: days(-1), from: days(-9) }],
    ['the signer’s certificate was not valid yet', {}, { from: days(1) }],
    ['the root had expired', { to: days(-1), from: days(-9) }, {}],
  ])('fails where at its own time %s', async (_, ofRoot, ofSigner) => {
    const openssl = opensslAuthority(root);
    openssl.certify('root', { extensions: 'root', ...ofRoot });
    openssl.certify('tsa', { extensions: 'tsa', issuer: 'root', ...ofSigner });
    const stamp = await askedFrom(openssl);
    expect(verifyTimestamp(stamp, SIGNED, trusting(openssl.path('root')))).toMatchObject({
      status: 'fail',
      code: 'timestamp.chain',
    });
  });

  it.each([
    ['two uses', 'two_uses', 'root', 'timestamp.certificate'],
    ['a use that is not critical', 'uncritical', 'root', 'timestamp.certificate'],
    ['a constraint that is not understood', 'constrained', 'root', 'timestamp.chain'],
    ['an issuer that is no authority', 'tsa', 'no_ca', 'timestamp.chain'],
  ] as const)('fails with a certificate of %s', (_, extensions, issuer, code) => {
    const openssl = opensslAuthority(root);
    openssl.certify('root', { extensions: 'root' });
    openssl.certify('no_ca', { extensions: 'no_ca', issuer: 'root' });
    openssl.certify('odd', { extensions, issuer });
    openssl.certify('good', { extensions: 'tsa', issuer: 'root' });
    const good = openssl.stamp(openssl.query(SIGNED, '-sha256', '-cert'), { signer: 'good' });
    const named = trusting(openssl.path('root'), openssl.path('no_ca'));
    expect(verifyTimestamp(Uint8Array.from(openssl.resign(good, 'good')), SIGNED, named).status).toBe('pass');
    expect(verifyTimestamp(Uint8Array.from(openssl.resign(good, 'odd')), SIGNED, named)).toMatchObject({
      status: 'fail',
      code,
    });
  });

  it('fails where its signature names no certificate, or another of the same key', () => {
    const openssl = authority();
    const stamp = openssl.stamp(openssl.query(SIGNED, '-sha256'), { signer: 'tsa' });
    const copy = openssl.recertify('tsa', 'copy', 'root');
    expect(verifyTimestamp(Uint8Array.from(stamp), SIGNED, trusting(copy))).toMatchObject({
      status: 'fail',
      code: 'timestamp.binding',
    });
    const unbound = Uint8Array.from(openssl.resign(stamp, 'tsa', { bound: false }));
    expect(verifyTimestamp(unbound, SIGNED, trusting(openssl.path('root')))).toMatchObject({
      status: 'fail',
      code: 'timestamp.binding',
    });
  });

  it('without its signer’s certificate verifies by a policy that holds it, and is unknown to others', () => {
    const openssl = authority();
    const stamp = Uint8Array.from(openssl.stamp(openssl.query(SIGNED, '-sha256'), { signer: 'tsa' }));
    expect(verifyTimestamp(stamp, SIGNED, trusting(openssl.path('tsa')))).toMatchObject({ status: 'pass' });
    expect(verifyTimestamp(stamp, SIGNED, trusting(openssl.path('root')))).toMatchObject({
      status: 'unknown',
      code: 'timestamp.signer',
    });
  });

  it('has no byte that could be another', async () => {
    const openssl = authority();
    const stamp = await askedFrom(openssl);
    const named = trusting(openssl.path('root'));
    expect(verifyTimestamp(stamp, SIGNED, named).status).toBe('pass');
    for (let at = 0; at < stamp.length; at += 5) {
      const flipped = stamp.slice();
      flipped[at]! ^= 1;
      expect(verifyTimestamp(flipped, SIGNED, named).status, `byte ${at}`).not.toBe('pass');
    }
  });

  it('is refused with anything behind it, and cut anywhere', async () => {
    const openssl = authority();
    const stamp = await askedFrom(openssl);
    const named = trusting(openssl.path('root'));
    expect(verifyTimestamp(Uint8Array.of(...stamp, 0x05, 0x00), SIGNED, named).status).toBe('fail');
    for (let length = 0; length < stamp.length; length += 7)
      expect(verifyTimestamp(stamp.slice(0, length), SIGNED, named).status).not.toBe('pass');
  });
});

describe.skipIf(NO_OPENSSL !== undefined)('a client', () => {
  const openssl = NO_OPENSSL === undefined ? authority() : undefined!;
  const reply = (...args: readonly string[]) =>
    openssl.stamp(openssl.query(SIGNED, ...args), { signer: 'tsa' });
  const asking = async (answer: (query: Buffer) => Buffer) => {
    const server = await serveTimestamps(answer);
    onTestFinished(server.close);
    return requestTimestamp({ url: server.url, attempts: 1 }, SIGNED);
  };

  it.each([
    ['another nonce', () => reply('-sha256', '-cert'), /answer is to another query/],
    ['no nonce', () => reply('-sha256', '-cert', '-no_nonce'), /answer is to another query/],
    [
      'a refusal',
      () => Buffer.from('30053003020102', 'hex'),
      /does not grant what it was asked for \(status 2\)/,
    ],
    ['HTML', () => Buffer.from('<html>Sign in to the hotel’s network'), /not an RFC 3161 time stamp/],
    ['nothing', () => Buffer.alloc(0), /not an RFC 3161 time stamp/],
  ])('refuses an answer with %s', async (_, answer, message) => {
    await expect(asking(answer)).rejects.toThrow(message);
  });

  it('refuses an answer about other bytes, to its own nonce', async () => {
    const other = (query: Buffer) => {
      const changed = Buffer.from(query);
      changed[24]! ^= 1;
      return openssl.stamp(changed, { signer: 'tsa' });
    };
    await expect(asking(other)).rejects.toThrow(/answer is about other bytes/);
  });

  it('speaks to no service in the clear but on this machine', async () => {
    await expect(requestTimestamp({ url: 'http://tsa.example.org/tsr' }, SIGNED)).rejects.toMatchObject({
      code: 'usage',
    });
  });
});

describe('the file of an authority', () => {
  it('must be there, and be PEM', () => {
    const path = join(root, 'no.pem');
    expect(() => loadTimestampAuthority('none.pem', root)).toThrow(/can't read .*none\.pem: no such/);
    for (const text of ['', 'no PEM', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n']) {
      writeFileSync(path, text);
      expect(() => loadTimestampAuthority('no.pem', root)).toThrow(/no\.pem: not a certificate in PEM/);
    }
  });
  it('is refused where others can write it: they would say when', () => {
    const path = join(root, 'open.pem');
    writeFileSync(path, '');
    chmodSync(path, 0o666);
    expect(() => loadTimestampAuthority('open.pem', root)).toThrow(
      expect.objectContaining({ code: 'unsafe', hint: expect.stringContaining('chmod go-w') }),
    );
  });
});

describeVectors('real stamps of Sigstore’s authority', 'aiir/signed', () => {
  const pem = join(root, 'sigstore.pem');
  const [{ certChain }] = JSON.parse(PUBLIC_GOOD_ROOT).timestampAuthorities;
  const blocks = certChain.certificates.map(
    ({ rawBytes }: { rawBytes: string }) =>
      `-----BEGIN CERTIFICATE-----\n${rawBytes}\n-----END CERTIFICATE-----\n`,
  );

  it.each(RECEIPTS)('%s', (name) => {
    const bundle = JSON.parse(readVector(`aiir/signed/${name}.sigstore`).toString());
    const [{ signedTimestamp }] = bundle.verificationMaterial.timestampVerificationData.rfc3161Timestamps;
    const signed = fromBase64(bundle.messageSignature.signature)!;
    writeFileSync(pem, blocks.join(''));
    const result = verifyTimestamp(fromBase64(signedTimestamp)!, signed, trusting(pem));
    expect(result.status).toBe('pass');
    const [{ integratedTime }] = bundle.verificationMaterial.tlogEntries;
    expect(Math.abs((result as { time: number }).time / 1000 - Number(integratedTime))).toBeLessThan(60);
    writeFileSync(pem, blocks.at(-1)!);
    expect(verifyTimestamp(fromBase64(signedTimestamp)!, signed, trusting(pem)).status).not.toBe('fail');
  });
});

it('the verifier loads nothing that could open a socket', () => {
  const script = `
    const before = new Set(process.moduleLoadList);
    const { verifyTimestamp } = await import(${JSON.stringify(join(import.meta.dirname, 'timestamp-verify.ts'))});
    verifyTimestamp(new Uint8Array(), new Uint8Array(), []);
    console.log(process.moduleLoadList.filter((name) => !before.has(name)).join('\\n'));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  expect(stdout).toMatch(/NativeModule crypto/);
  expect(stdout).not.toMatch(
    /NativeModule (internal\/deps\/undici|_?https?2?|net|tls|dns|dgram|child_process|worker_threads)/,
  );
});
