/** Our statements, as Sigstore's own tools see them: cosign by the commands of docs/format.md. */

import { spawnSync } from 'node:child_process';
import { createPublicKey } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleFromJSON } from '@sigstore/bundle';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify';
import { afterAll, describe, expect, it } from 'vitest';
import { RECORD_PREDICATE } from '../../src/core/identifiers.ts';
import { placeIn } from '../cli.ts';
import { goTool } from './tools.ts';

const COSIGN = goTool('github.com/sigstore/cosign/v3/cmd/cosign@v3.1.3');

const root = mkdtempSync(join(tmpdir(), 'qpoe-sigstore-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const place = placeIn(root);
expect(place.qpoe('run', '--seed', '7', '--out', 'record.json').code).toBe(0);
expect(place.qpoe('hash', '--core', '--out', 'core.json', 'record.json').code).toBe(0);
const [id] = readdirSync(place.path('.qpoe/statements'));
const bundlePath = readdirSync(place.path('.qpoe/statements', id!))
  .filter((name) => name.startsWith('p256-'))
  .map((name) => place.path('.qpoe/statements', id!, name))[0]!;
const bundle = JSON.parse(readFileSync(bundlePath, 'utf8'));
const spki = createPublicKey(readFileSync(join(place.home, 'identity', 'p256.pem'))).export({
  type: 'spki',
  format: 'pem',
});
writeFileSync(place.path('p256.pub'), spki);
expect(place.qpoe('log', 'trusted-root', '--out', 'trusted_root.json').code).toBe(0);

/** The text with the character in its middle changed. */
function change(text: string): string {
  const at = Math.floor(text.length / 2);
  return text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1);
}

describe.skipIf('reason' in COSIGN)('reason' in COSIGN ? `cosign (${COSIGN.reason})` : 'cosign', () => {
  const cosign = (bundleFile: string, artifact: string) =>
    spawnSync(
      (COSIGN as { path: string }).path,
      [
        'verify-blob-attestation',
        ...['--key', 'p256.pub', '--bundle', bundleFile, '--type', RECORD_PREDICATE],
        ...['--insecure-ignore-tlog', artifact],
      ],
      { cwd: place.folder, encoding: 'utf8', env: { ...place.environment, HOME: root } },
    );

  it('accepts the P-256 bundle for the record’s core', () => {
    const { status, stderr } = cosign(bundlePath, 'core.json');
    expect(stderr).toContain('Verified OK');
    expect(status).toBe(0);
  });

  it('accepts the parts of an unpacked bundle, by the key and with the log', () => {
    expect(place.qpoe('bundle', 'last', '--out', 'b.json').code).toBe(0);
    expect(place.qpoe('bundle', 'unpack', 'b.json', '--out', 'parts').code).toBe(0);
    const name = readdirSync(place.path('parts/statements')).find((file) =>
      /p256.*\.sigstore\.json$/.test(file),
    )!;
    const key = readdirSync(place.path('parts/keys')).find((file) => file.startsWith('p256-'))!;
    const args = [
      'verify-blob-attestation',
      ...['--key', `parts/keys/${key}`, '--bundle', `parts/statements/${name}`, '--type', RECORD_PREDICATE],
    ];
    for (const log of [['--insecure-ignore-tlog'], ['--trusted-root', 'trusted_root.json']]) {
      const { status, stderr } = spawnSync(
        (COSIGN as { path: string }).path,
        [...args, ...log, 'parts/record.core.json'],
        { cwd: place.folder, encoding: 'utf8', env: { ...place.environment, HOME: root } },
      );
      expect(stderr).toContain('Verified OK');
      expect(status).toBe(0);
    }
  });

  it('refuses it for a core with one byte changed', () => {
    writeFileSync(place.path('other.json'), change(readFileSync(place.path('core.json'), 'utf8')));
    expect(cosign(bundlePath, 'other.json').status).not.toBe(0);
  });

  it.each([
    ['payload', () => ({ ...bundle.dsseEnvelope, payload: change(bundle.dsseEnvelope.payload) })],
    [
      'signature',
      () => ({
        ...bundle.dsseEnvelope,
        signatures: [
          { ...bundle.dsseEnvelope.signatures[0], sig: change(bundle.dsseEnvelope.signatures[0].sig) },
        ],
      }),
    ],
  ])('refuses it with one byte of its %s changed', (_, edited) => {
    writeFileSync(place.path('edited.json'), JSON.stringify({ ...bundle, dsseEnvelope: edited() }));
    expect(cosign('edited.json', 'core.json').status).not.toBe(0);
  });
});

describe('@sigstore/verify', () => {
  const der = createPublicKey(spki).export({ type: 'spki', format: 'der' });
  const keys = {
    [bundle.verificationMaterial.publicKey.hint]: {
      rawBytes: der,
      keyDetails: 'PKIX_ECDSA_P256_SHA_256' as never,
    },
  };
  const trustedRoot = TrustedRoot.fromJSON(JSON.parse(place.qpoe('log', 'trusted-root').stdout));
  const verify = (json: unknown) =>
    new Verifier(toTrustMaterial(trustedRoot, keys as never), {
      tlogThreshold: 1,
      timestampThreshold: 0,
    }).verify(toSignedEntity(bundleFromJSON(json)));

  it('accepts the P-256 bundle', () => {
    expect(() => verify(bundle)).not.toThrow();
  });

  it('refuses a changed payload', () => {
    const { dsseEnvelope } = bundle;
    const edited = { ...bundle, dsseEnvelope: { ...dsseEnvelope, payload: change(dsseEnvelope.payload) } };
    expect(() => verify(edited)).toThrow();
  });
});
