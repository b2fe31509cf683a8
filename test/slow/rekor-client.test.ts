/** The real Rekor v2 takes our envelopes, each once, whoever is killed in between. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LogEntry } from '../../src/attest/log-entry.ts';
import { readRekorLogs } from '../../src/attest/trusted-root.ts';
import { submitToRekor } from '../../src/online/rekor-client.ts';
import { judgeRekorEntry } from '../../src/verify/rekor-checks.ts';
import { newEnvelope, type Signed } from '../rekor-service.ts';
import { REKOR_TILES, type RekorTiles, rekorTiles } from '../rekor-tiles.ts';
import { goTool } from './tools.ts';

const REKOR = goTool(REKOR_TILES);
const root = mkdtempSync(join(tmpdir(), 'qpoe-rekor-'));

describe.skipIf('reason' in REKOR)('reason' in REKOR ? `Rekor v2 (${REKOR.reason})` : 'Rekor v2', () => {
  let rekor: RekorTiles;
  beforeAll(async () => {
    rekor = await rekorTiles((REKOR as { path: string }).path, mkdtempSync(join(root, 'log-')));
    await rekor.start();
  });
  afterAll(async () => {
    await rekor.close();
    rmSync(root, { recursive: true, force: true });
  });

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
