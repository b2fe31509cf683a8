/** The real Rekor v2 takes our envelopes, each once, whoever is killed in between. */

import { spawnSync } from 'node:child_process';
import { createHash, createPublicKey } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { LogEntry } from '../../src/attest/log-entry.ts';
import { keyHint, sigstoreBundle } from '../../src/attest/sigstore-bundle.ts';
import { readRekorLogs } from '../../src/attest/trusted-root.ts';
import { submitToRekor } from '../../src/online/rekor-client.ts';
import { judgeRekorEntry } from '../../src/verify/rekor-checks.ts';
import { newEnvelope, type Signed, startRekor } from '../rekor-service.ts';
import { REKOR_TILES, type RekorTiles, rekorTiles } from '../rekor-tiles.ts';
import { goTool } from './tools.ts';

const REKOR = goTool(REKOR_TILES);
const COSIGN = goTool('github.com/sigstore/cosign/v3/cmd/cosign@v3.1.3');
const root = mkdtempSync(join(tmpdir(), 'qpoe-rekor-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe.skipIf('reason' in REKOR)('reason' in REKOR ? `Rekor v2 (${REKOR.reason})` : 'Rekor v2', () => {
  let rekor: RekorTiles;
  beforeAll(async () => {
    rekor = await rekorTiles((REKOR as { path: string }).path, mkdtempSync(join(root, 'log-')));
    await rekor.start();
  });
  afterAll(() => rekor.close());

  const logs = () => readRekorLogs(rekor.trustedRoot).value!;
  const submit = (envelope: Signed, signal?: AbortSignal) =>
    submitToRekor(
      {
        ...{ url: rekor.url, readUrl: rekor.readUrl, version: 'v2', logs: logs() },
        ...{ settleMs: 4000, signal },
      },
      envelope,
    );
  const countOf = ({ canonicalizedBody }: LogEntry) =>
    rekor.entries().filter((entry) => entry.toString('base64') === canonicalizedBody).length;

  it('takes an envelope, and its proof verifies offline', async () => {
    const envelope = newEnvelope();
    const entry = await submit(envelope);
    const verdict = await judgeRekorEntry(entry, envelope, logs());
    expect([verdict.entry, verdict.inclusion, verdict.checkpoint]).toMatchObject(
      Array(3).fill({ status: 'pass' }),
    );
    expect(countOf(entry)).toBe(1);
  });

  it('has an envelope once, and proves it from its tiles when it comes again', async () => {
    const envelope = newEnvelope();
    const first = await submit(envelope);
    await Promise.all(Array.from({ length: 20 }, (_, i) => submit(newEnvelope(`another ${i}`))));
    const again = await submit(envelope);
    expect(again.logIndex).toBe(first.logIndex);
    expect(Number(again.inclusionProof.treeSize)).toBeGreaterThan(Number(first.inclusionProof.treeSize));
    expect((await judgeRekorEntry(again, envelope, logs())).log).toBeDefined();
    expect(countOf(first)).toBe(1);
  });

  it.each([1, 5, 20, 100, 250, 400, 700, 1200])(
    'has one entry where the client is stopped after %d ms and comes back',
    async (ms) => {
      const envelope = newEnvelope(`client, ${ms} ms`);
      await submit(envelope, AbortSignal.timeout(ms)).catch(({ code }) => expect(code).toBe('interrupted'));
      expect(countOf(await submit(envelope))).toBe(1);
    },
  );

  it.each([1, 5, 20, 100, 250, 300, 400, 700, 1000, 1200])(
    'has one entry where it is killed after %d ms and comes back',
    async (ms) => {
      const envelope = newEnvelope(`server, ${ms} ms`);
      const submitted = submit(envelope);
      await new Promise((resolve) => setTimeout(resolve, ms));
      await rekor.kill();
      await rekor.start();
      const entry = await submitted;
      expect(countOf(await submit(envelope))).toBe(1);
      expect((await judgeRekorEntry(entry, envelope, logs())).log).toBeDefined();
    },
  );

  it.each([20, 300, 700])('has one entry where both are killed after %d ms and come back', async (ms) => {
    const envelope = newEnvelope(`both, ${ms} ms`);
    await Promise.all([
      submit(envelope, AbortSignal.timeout(ms)).catch(({ code }) => expect(code).toBe('interrupted')),
      new Promise((resolve) => setTimeout(resolve, ms)).then(rekor.kill),
    ]);
    await rekor.start();
    await new Promise((resolve) => setTimeout(resolve, 2000));
    expect(countOf(await submit(envelope))).toBe(1);
  });
});

describe.skipIf('reason' in COSIGN)('reason' in COSIGN ? `cosign (${COSIGN.reason})` : 'cosign', () => {
  const artifact = 'the artifact';
  const predicateType = 'https://example.org/predicate';
  const statement = JSON.stringify({
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: 'artifact', digest: { sha256: createHash('sha256').update(artifact).digest('hex') } }],
    predicateType,
    predicate: {},
  });

  /** @returns what cosign says against the bundle with this entry; empty where it accepts it */
  function complaint({ envelope, spki }: Signed, entry: LogEntry, trustedRoot: string): string {
    const folder = mkdtempSync(join(root, 'cosign-'));
    const bundle = sigstoreBundle({ ...envelope, keyid: keyHint(spki) }) as {
      verificationMaterial: object;
    };
    const material = { ...bundle.verificationMaterial, tlogEntries: [entry] };
    const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
    writeFileSync(join(folder, 'artifact'), artifact);
    writeFileSync(join(folder, 'key.pub'), key.export({ type: 'spki', format: 'pem' }));
    writeFileSync(join(folder, 'root.json'), trustedRoot);
    writeFileSync(join(folder, 'bundle.json'), JSON.stringify({ ...bundle, verificationMaterial: material }));
    const { status, stderr } = spawnSync(
      (COSIGN as { path: string }).path,
      [
        ...['verify-blob-attestation', '--key', 'key.pub', '--bundle', 'bundle.json'],
        ...['--type', predicateType, '--trusted-root', 'root.json', 'artifact'],
      ],
      { cwd: folder, encoding: 'utf8', env: { ...process.env, HOME: folder } },
    );
    return status === 0 ? '' : stderr;
  }

  it.each(['v1', 'v2'] as const)('accepts the entry that a Rekor %s answered with', async (version) => {
    const rekor = await startRekor(version);
    onTestFinished(rekor.close);
    const envelope = newEnvelope(statement);
    const entry = await submitToRekor({ url: rekor.url, logs: rekor.logs }, envelope);
    expect(complaint(envelope, entry, rekor.trustedRoot)).toBe('');
    const other = await submitToRekor({ url: rekor.url, logs: rekor.logs }, newEnvelope(statement));
    expect(complaint(envelope, other, rekor.trustedRoot)).not.toBe('');
  });

  it.skipIf('reason' in REKOR)('accepts the entry that the real one answered with', async () => {
    const rekor = await rekorTiles((REKOR as { path: string }).path, mkdtempSync(join(root, 'log-')));
    onTestFinished(rekor.close);
    await rekor.start();
    const envelope = newEnvelope(statement);
    const service = { url: rekor.url, readUrl: rekor.readUrl, logs: readRekorLogs(rekor.trustedRoot).value! };
    const first = await submitToRekor(service, envelope);
    expect(complaint(envelope, first, rekor.trustedRoot)).toBe('');
    expect(complaint(envelope, await submitToRekor(service, envelope), rekor.trustedRoot)).toBe('');
  });
});
