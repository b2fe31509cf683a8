/** Sigstore's own clients, writing to our log and verifying what is in it. */

import { spawn } from 'node:child_process';
import { createPublicKey, type KeyObject, sign } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bundle, bundleFromJSON, bundleToJSON } from '@sigstore/bundle';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { DSSEBundleBuilder, MessageSignatureBundleBuilder, RekorWitness, type Signer } from '@sigstore/sign';
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pae } from '../../src/attest/dsse.ts';
import { type LogEntry, logEntrySchema } from '../../src/attest/log-entry.ts';
import { keyHint, readSigstoreBundle } from '../../src/attest/sigstore-bundle.ts';
import { IN_TOTO_PAYLOAD } from '../../src/attest/statement.ts';
import { RECORD_PREDICATE } from '../../src/core/identifiers.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { checkShape } from '../../src/core/shape.ts';
import { serveLog } from '../../src/online/log-server.ts';
import { coreBytes } from '../../src/record/record.ts';
import { spki } from '../../src/store/identity.ts';
import { createLog, type OpenLog } from '../../src/store/log.ts';
import { appendToLog } from '../../src/store/log-append.ts';
import { fsck } from '../../src/store/log-fsck.ts';
import { trustedRoot } from '../../src/tlog/trusted-root.ts';
import { entriesFrom, logPlaceIn } from '../log-place.ts';
import { newP256, rekordRequest, signedRekord } from '../log-requests.ts';
import { newSigner, signedRecord } from '../records.ts';
import { envelopes, newIdentity, payloadOf } from '../statements.ts';
import { goTool } from './tools.ts';

const COSIGN = goTool('github.com/sigstore/cosign/v3/cmd/cosign@v3.1.3');

const root = mkdtempSync(join(tmpdir(), 'qpoe-log-server-'));
const controller = new AbortController();
let log: OpenLog;
let url: string;
let closed: Promise<void>;
const notes: string[] = [];

beforeAll(async () => {
  log = createLog(logPlaceIn(root));
  await appendToLog(log, entriesFrom(0, 1));
  ({ url, closed } = await serveLog(log, {
    port: 0,
    signal: controller.signal,
    note: (line) => notes.push(line),
  }));
  writeFileSync(join(root, 'trusted_root.json'), trustedRoot(log.vkey, '2026-01-01T00:00:00Z'));
});

afterAll(async () => {
  controller.abort();
  await closed;
  expect(notes).toEqual([]);
  rmSync(root, { recursive: true, force: true });
});

/** One entry is asked for, of a log that only the root names. */
function verify(bundle: unknown, ...keys: readonly KeyObject[]): void {
  const text = readFileSync(join(root, 'trusted_root.json'), 'utf8');
  const known = keys.map((key) => {
    const der = spki(key);
    return [keyHint(der), { rawBytes: Buffer.from(der), keyDetails: 'PKIX_ECDSA_P256_SHA_256' }] as const;
  });
  const trust = toTrustMaterial(TrustedRoot.fromJSON(JSON.parse(text)), Object.fromEntries(known) as never);
  new Verifier(trust, { tlogThreshold: 1, timestampThreshold: 0 }).verify(
    toSignedEntity(bundleFromJSON(bundle)),
  );
}

/** A key of one's own, as @sigstore/sign wants one. */
function signerOf(key: KeyObject): Signer {
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'pem' }) as string;
  return {
    sign: async (data) => ({
      signature: sign('sha256', data, key),
      key: { $case: 'publicKey', publicKey, hint: keyHint(spki(key)) },
    }),
  };
}

const witness = () => new RekorWitness({ rekorBaseURL: url, majorApiVersion: 2 });

describe('@sigstore/sign’s Rekor v2 client', () => {
  const key = newP256();
  const options = () => ({ signer: signerOf(key), witnesses: [witness()] });
  const statement = {
    data: Buffer.from('{"_type":"https://in-toto.io/Statement/v1"}'),
    type: IN_TOTO_PAYLOAD,
  };

  it('writes a statement, and @sigstore/verify accepts the bundle', async () => {
    const made: Bundle = await new DSSEBundleBuilder(options()).create(statement);
    const json = bundleToJSON(made) as never as JsonObject;
    expect(() => verify(json, key)).not.toThrow();
    const { tlogEntries } = json.verificationMaterial as { tlogEntries: LogEntry[] };
    expect(tlogEntries[0]).toMatchObject({ kindVersion: { kind: 'hashedrekord', version: '0.0.2' } });
    expect(checkShape(logEntrySchema, tlogEntries[0]).fault).toBeUndefined();
  });

  it('writes a file’s signature, and @sigstore/verify accepts the bundle', async () => {
    const data = Buffer.from('a file');
    const made = await new MessageSignatureBundleBuilder(options()).create({ data });
    const trust = TrustedRoot.fromJSON(JSON.parse(trustedRoot(log.vkey, '2026-01-01T00:00:00Z')));
    const keys = { [keyHint(spki(key))]: { rawBytes: Buffer.from(spki(key)), keyDetails: 5 } };
    new Verifier(toTrustMaterial(trust, keys as never), { tlogThreshold: 1, timestampThreshold: 0 }).verify(
      toSignedEntity(made, data),
    );
  });

  it('gets the first entry again for what it wrote before', async () => {
    const { content } = await new DSSEBundleBuilder({ ...options(), witnesses: [] }).create(statement);
    const pem = createPublicKey(key).export({ type: 'spki', format: 'pem' }) as string;
    const [first, again] = [await witness().testify(content, pem), await witness().testify(content, pem)];
    expect(again.tlogEntries![0]!.logIndex).toBe(first.tlogEntries![0]!.logIndex);
  });

  it('is told why its signature is refused', async () => {
    const signer = signerOf(key);
    const wrong: Signer = { sign: (data) => signer.sign(Buffer.concat([data, data])) };
    const made = new DSSEBundleBuilder({ signer: wrong, witnesses: [witness()] }).create(statement);
    await expect(made).rejects.toMatchObject({
      code: 'TLOG_CREATE_ENTRY_ERROR',
      cause: { message: expect.stringContaining('the signature is not by this key over this digest') },
    });
  });
});

/** Our own P-256 statement of a record, with its entry in the served log. */
async function logged(key: ReturnType<typeof newIdentity>) {
  const record = await signedRecord(newSigner());
  const payload = payloadOf(record);
  const [bundle] = envelopes(key, payload);
  const { value } = readSigstoreBundle(bundle);
  if (value?.kind !== 'keyed') throw new Error('not keyed');
  const digest = signedRekord(key.p256, pae(IN_TOTO_PAYLOAD, payload)).digest;
  const answer = await fetch(`${url}/api/v2/log/entries`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(
      rekordRequest({ digest, signature: value.envelope.signature, publicKey: spki(key.p256) }),
    ),
  });
  expect(answer.status).toBe(201);
  return { core: coreBytes(record), bundle, entry: (await answer.json()) as JsonObject };
}

function withEntry(bundle: JsonObject, ...tlogEntries: readonly JsonObject[]): JsonObject {
  const material = bundle.verificationMaterial as JsonObject;
  return { ...bundle, verificationMaterial: { ...material, tlogEntries } };
}

describe('a bundle of ours with an entry in our log', () => {
  const identity = newIdentity();
  let one: Awaited<ReturnType<typeof logged>>;
  let other: Awaited<ReturnType<typeof logged>>;
  beforeAll(async () => {
    [one, other] = [await logged(identity), await logged(identity)];
    writeFileSync(join(root, 'core.json'), one.core);
    writeFileSync(
      join(root, 'p256.pub'),
      createPublicKey(identity.p256).export({ type: 'spki', format: 'pem' }),
    );
  });

  it('is accepted by @sigstore/verify', () => {
    expect(() => verify(withEntry(one.bundle, one.entry), identity.p256)).not.toThrow();
  });

  it('is refused by @sigstore/verify with the entry of another envelope, and with none', () => {
    expect(() => verify(withEntry(one.bundle, other.entry), identity.p256)).toThrow(/signature mismatch/);
    expect(() => verify(one.bundle, identity.p256)).toThrow();
  });

  // Not spawnSync: the log is served by this very process.
  const cosign = (...args: readonly string[]) =>
    new Promise<{ status: number | null; stderr: string }>((resolve) => {
      const child = spawn((COSIGN as { path: string }).path, args, {
        cwd: root,
        env: { PATH: process.env.PATH, HOME: root, COSIGN_PASSWORD: '' },
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      let stderr = '';
      child.stderr.on('data', (chunk) => {
        stderr += chunk;
      });
      child.on('close', (status) => resolve({ status, stderr }));
    });

  const verifyBlob = (bundle: JsonObject | string, key = 'p256.pub') => {
    if (typeof bundle !== 'string') writeFileSync(join(root, 'bundle.json'), JSON.stringify(bundle));
    return cosign(
      'verify-blob-attestation',
      ...['--key', key, '--bundle', typeof bundle === 'string' ? bundle : 'bundle.json'],
      ...['--type', RECORD_PREDICATE, '--trusted-root', 'trusted_root.json', 'core.json'],
    );
  };

  describe.skipIf('reason' in COSIGN)('reason' in COSIGN ? `cosign (${COSIGN.reason})` : 'cosign', () => {
    it('accepts it with our trusted root', async () => {
      const { status, stderr } = await verifyBlob(withEntry(one.bundle, one.entry));
      expect(stderr).toContain('Verified OK');
      expect(status).toBe(0);
    });

    it('refuses it with the entry of another envelope, and with none', async () => {
      expect((await verifyBlob(withEntry(one.bundle, other.entry))).status).not.toBe(0);
      expect((await verifyBlob(one.bundle)).status).not.toBe(0);
    });

    it('refuses it with another log’s root', async () => {
      const place = logPlaceIn(mkdtempSync(join(root, 'other-')));
      const text = readFileSync(join(root, 'trusted_root.json'), 'utf8');
      writeFileSync(
        join(root, 'trusted_root.json'),
        trustedRoot(createLog(place).vkey, '2026-01-01T00:00:00Z'),
      );
      expect((await verifyBlob(withEntry(one.bundle, one.entry))).status).not.toBe(0);
      writeFileSync(join(root, 'trusted_root.json'), text);
    });

    it('writes to our log as to a Rekor v2, and accepts what it wrote', async () => {
      const validFor = { start: '2026-01-01T00:00:00Z' };
      const service = { url, majorApiVersion: 2, validFor, operator: 'test' };
      writeFileSync(
        join(root, 'signing_config.json'),
        JSON.stringify({
          mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json',
          rekorTlogUrls: [service],
          rekorTlogConfig: { selector: 'ANY' },
          tsaConfig: { selector: 'ANY' },
        }),
      );
      writeFileSync(join(root, 'predicate.json'), one.core);
      expect((await cosign('generate-key-pair')).status).toBe(0);
      const { status, stderr } = await cosign(
        'attest-blob',
        ...['--key', 'cosign.key', '--signing-config', 'signing_config.json'],
        ...['--trusted-root', 'trusted_root.json', '--predicate', 'predicate.json'],
        ...['--type', RECORD_PREDICATE, '--bundle', 'theirs.json', '--yes', 'core.json'],
      );
      expect(stderr).not.toMatch(/error/i);
      expect(status).toBe(0);
      expect((await verifyBlob('theirs.json', 'cosign.pub')).stderr).toContain('Verified OK');
    });
  });

  it('leaves a log in which every file is right', () => {
    const { bad, checkpoint } = fsck(log.path, log.vkey);
    expect(bad).toBeUndefined();
    expect(checkpoint!.size).toBeGreaterThan(4);
  });
});
