import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { bundleFromJSON } from '@sigstore/bundle';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify';
import { describe, expect, it, onTestFinished } from 'vitest';
import { naiveLeaf } from '../../test/naive-tree.ts';
import { type AnyEntry, newEnvelope, type Rekor, startRekor } from '../../test/rekor-service.ts';
import { logEntrySchema } from '../attest/log-entry.ts';
import { keyHint, sigstoreBundle } from '../attest/sigstore-bundle.ts';
import { checkShape } from '../core/shape.ts';
import { judgeRekorEntry } from '../verify/rekor-checks.ts';
import { submitToRekor } from './rekor-client.ts';
import type { RekorService } from './rekor-service.ts';

async function start(version: 'v1' | 'v2'): Promise<Rekor> {
  const rekor = await startRekor(version);
  onTestFinished(rekor.close);
  return rekor;
}
const at = ({ url, logs }: Rekor, more: Partial<RekorService> = {}): RekorService => ({
  url,
  logs,
  timeoutMs: 2000,
  attempts: 3,
  pauseMs: 1,
  settleMs: 1,
  ...more,
});
const answers =
  (status: number, body = '', headers: Record<string, string> = {}) =>
  (response: ServerResponse) =>
    void response.writeHead(status, headers).end(body);
function lastBitFlipped(base64: string): string {
  const bytes = Buffer.from(base64, 'base64');
  bytes[bytes.length - 1]! ^= 1;
  return bytes.toString('base64');
}
const posts = (rekor: Rekor) => rekor.requests.filter((request) => request.startsWith('POST'));

describe.each(['v1', 'v2'] as const)('a Rekor %s', (version) => {
  it('takes an envelope, and its entry is one that a stranger can verify', async () => {
    const rekor = await start(version);
    const envelope = newEnvelope();
    const entry = await submitToRekor(at(rekor), envelope);
    expect(checkShape(logEntrySchema, JSON.parse(JSON.stringify(entry))).fault).toBeUndefined();
    const verdict = await judgeRekorEntry(entry, envelope, rekor.logs);
    expect(Object.values(verdict).slice(0, 3)).toMatchObject(Array(3).fill({ status: 'pass' }));
    if (version === 'v1') expect(Math.abs(verdict.integrated! - Date.now())).toBeLessThan(10_000);
    else expect(verdict.integrated).toBeUndefined();
  });

  it('makes an entry that @sigstore/verify takes with the same trusted root', async () => {
    const rekor = await start(version);
    const { envelope, spki } = newEnvelope();
    const entry = await submitToRekor(at(rekor), { envelope, spki });
    const hint = keyHint(spki);
    const bundle = sigstoreBundle({ ...envelope, keyid: hint }) as AnyEntry;
    bundle.verificationMaterial.tlogEntries = [entry];
    const keys = { [hint]: { rawBytes: Buffer.from(spki), keyDetails: 'PKIX_ECDSA_P256_SHA_256' } };
    const root = TrustedRoot.fromJSON(JSON.parse(rekor.trustedRoot));
    const verifier = new Verifier(toTrustMaterial(root, keys as never), {
      tlogThreshold: 1,
      timestampThreshold: 0,
    });
    expect(() => verifier.verify(toSignedEntity(bundleFromJSON(bundle)))).not.toThrow();
  });

  it('has one entry of an envelope, however often it is submitted', async () => {
    const rekor = await start(version);
    const envelope = newEnvelope();
    const first = await submitToRekor(at(rekor), envelope);
    await submitToRekor(at(rekor), newEnvelope('another'));
    const again = await submitToRekor(at(rekor), envelope);
    expect(again.canonicalizedBody).toBe(first.canonicalizedBody);
    expect(again.logIndex).toBe(first.logIndex);
    expect(rekor.entries).toHaveLength(3);
  });

  it('is asked again after 5xx, and where the answer was lost', async () => {
    const rekor = await start(version);
    const envelope = newEnvelope();
    rekor.instead.push(answers(503, 'full'), answers(500));
    await submitToRekor(at(rekor, { version }), envelope);
    expect(posts(rekor)).toHaveLength(3);
    const lost = newEnvelope('lost');
    rekor.drops = 1;
    await submitToRekor(at(rekor, { version }), lost);
    expect(rekor.entries).toHaveLength(3);
  });

  it('is given up after as many attempts as are allowed', async () => {
    const rekor = await start(version);
    rekor.instead.push(...Array.from({ length: 5 }, () => answers(502, '<html>Bad gateway')));
    await expect(submitToRekor(at(rekor, { version }), newEnvelope())).rejects.toThrow(
      /can't be used: it answers 502$/,
    );
    expect(posts(rekor)).toHaveLength(3);
  });

  it('is not asked again after 4xx', async () => {
    const rekor = await start(version);
    rekor.instead.push(answers(400, '{"code":3,"message":"invalid hashedrekord\\u001b[31m request"}'));
    await expect(submitToRekor(at(rekor, { version }), newEnvelope())).rejects.toMatchObject({
      code: 'external',
      message: expect.stringMatching(/it answers 400: \{"code":3/),
    });
    expect(posts(rekor)).toHaveLength(1);
  });

  it.each([
    ['HTML', answers(200, '<html>Sign in to the hotel’s network'), /it answers 200 and no JSON: <html>Sign/],
    ['another document', answers(201, '{}'), /no log entry|several entries, or none/],
    [
      'no text',
      (response: ServerResponse) => void response.writeHead(201).end(Buffer.of(0xff)),
      /no JSON: 1 bytes/,
    ],
    ['nothing', answers(201), /no JSON: nothing/],
    ['that it exists, nowhere', answers(409, '{}'), /does not say where/],
    ['a redirection', answers(302, '', { location: 'http://127.0.0.1:9/' }), /can't be used/],
  ])('is refused where it answers %s', async (_, answer, message) => {
    const rekor = await start(version);
    rekor.instead.push(answer);
    await expect(submitToRekor(at(rekor, { version, attempts: 1 }), newEnvelope())).rejects.toThrow(message);
  });

  it('is refused with the entry of another envelope', async () => {
    const rekor = await start(version);
    let other: AnyEntry;
    rekor.edit = (entry) => {
      other = structuredClone(entry);
    };
    await submitToRekor(at(rekor), newEnvelope('another'));
    rekor.edit = (entry) => Object.assign(entry, other);
    await expect(submitToRekor(at(rekor), newEnvelope())).rejects.toThrow(
      /entry of another envelope|the entry is of another payload/,
    );
  });

  it('is refused with a proof of another entry', async () => {
    const rekor = await start(version);
    rekor.edit = (entry) => {
      const proof = (entry.verification ?? entry).inclusionProof;
      const index = Number(proof.logIndex) - 1;
      proof.logIndex = version === 'v1' ? index : String(index);
      if (version === 'v2') entry.logIndex = String(index);
    };
    await expect(submitToRekor(at(rekor), newEnvelope())).rejects.toThrow(
      /the inclusion proof leads to another root/,
    );
  });

  it('is refused with a checkpoint that its key did not sign', async () => {
    const rekor = await start(version);
    const other = await start(version);
    await expect(submitToRekor({ ...at(rekor), logs: other.logs }, newEnvelope())).rejects.toThrow(
      /is none that you trust/,
    );
    rekor.edit = (entry) => {
      const proof = (entry.verification ?? entry).inclusionProof;
      const forged = (note: string) => note.replace(/(\S+)\n$/, (_, line) => `${lastBitFlipped(line)}\n`);
      if (version === 'v1') proof.checkpoint = forged(proof.checkpoint);
      else proof.checkpoint.envelope = forged(proof.checkpoint.envelope);
    };
    await expect(submitToRekor(at(rekor), newEnvelope('2'))).rejects.toThrow(/is not over this text/);
  });

  it('is given up when it is slow, or goes on for ever', async () => {
    const rekor = await start(version);
    rekor.instead.push(() => {});
    await expect(
      submitToRekor(at(rekor, { version, timeoutMs: 100, attempts: 1 }), newEnvelope()),
    ).rejects.toThrow(/no answer in 0\.1 s/);
    rekor.instead.push((response) => {
      response.writeHead(201);
      const more = setInterval(() => response.write('x'.repeat(1_000_000)), 1);
      response.on('close', () => clearInterval(more));
    });
    await expect(submitToRekor(at(rekor, { version, attempts: 1 }), newEnvelope())).rejects.toThrow(
      /its answer is longer than 4000000 bytes/,
    );
  });

  it('can be interrupted, while it is slow and between two attempts', async () => {
    const rekor = await start(version);
    for (const answer of [() => {}, answers(503, '', { 'retry-after': '10' })]) {
      rekor.instead.push(answer);
      await expect(
        submitToRekor(at(rekor, { version, signal: AbortSignal.timeout(100) }), newEnvelope()),
      ).rejects.toMatchObject({ code: 'interrupted' });
    }
  });
});

describe('a Rekor', () => {
  it('is waited for as long as it asks, within bounds', async () => {
    const rekor = await start('v2');
    rekor.instead.push(answers(503, '', { 'retry-after': '1' }));
    const before = performance.now();
    await submitToRekor(at(rekor), newEnvelope());
    expect(posts(rekor)).toHaveLength(2);
    expect(performance.now() - before).toBeGreaterThan(990);
  });

  const hidden = answers(404);

  it('of v2 has existing entries proven from its tiles, also from a full one where the partial is gone', async () => {
    const rekor = await start('v2');
    const envelope = newEnvelope();
    await submitToRekor(at(rekor), envelope);
    for (let i = 0; i < 100; i++) rekor.entries.push(Buffer.from(`entry ${i}`));
    rekor.insteadOfReads.push(hidden);
    const entry = await submitToRekor(at(rekor), envelope);
    expect(posts(rekor)).toHaveLength(2);
    expect(entry.inclusionProof.treeSize).toBe('102');
    expect(entry.logIndex).toBe('1');
    for (let i = 100; i < 260; i++) rekor.entries.push(Buffer.from(`entry ${i}`));
    rekor.published = 40;
    rekor.insteadOfReads.push(hidden);
    expect((await submitToRekor(at(rekor), envelope)).inclusionProof.treeSize).toBe('40');
    expect(rekor.requests.slice(-2)).toEqual(['GET /api/v2/tile/0/000.p/40', 'GET /api/v2/tile/0/000']);
  });

  it('of v2 is waited for until its checkpoint covers the entry that it has', async () => {
    const rekor = await start('v2');
    const envelope = newEnvelope();
    await submitToRekor(at(rekor), envelope);
    rekor.published = 1;
    setTimeout(() => {
      rekor.published = 2;
    }, 500);
    expect((await submitToRekor(at(rekor), envelope)).inclusionProof.treeSize).toBe('2');
  });

  it('of v2 that lost its memory of duplicates still has an entry once', async () => {
    const rekor = await start('v2');
    rekor.forgetful = true;
    const envelope = newEnvelope();
    rekor.drops = 1;
    const first = await submitToRekor(at(rekor), envelope);
    expect(await submitToRekor(at(rekor), envelope)).toEqual(first);
    expect(posts(rekor)).toHaveLength(1);
    expect(rekor.entries).toHaveLength(2);
  });

  it('of v2 is sent what a tile of a wrong length seems to hold', async () => {
    const rekor = await start('v2');
    const envelope = newEnvelope();
    await submitToRekor(at(rekor), envelope);
    const leaf = naiveLeaf(rekor.entries[1]!);
    const shifted = (response: ServerResponse) => void response.end(Buffer.concat([Buffer.alloc(31), leaf]));
    rekor.insteadOfReads.push(answers(200, rekor.checkpoint(2)), shifted);
    expect((await submitToRekor(at(rekor), envelope)).logIndex).toBe('1');
    expect(posts(rekor)).toHaveLength(2);
  });

  it('of v2 that says that nothing was done is asked again at once', async () => {
    const rekor = await start('v2');
    rekor.instead.push(answers(503, 'pushback'));
    await submitToRekor(at(rekor, { settleMs: 60_000 }), newEnvelope());
    expect(posts(rekor)).toHaveLength(2);
  });

  it('of v2 that was itself interrupted is asked again', async () => {
    const rekor = await start('v2');
    rekor.instead.push(answers(499, '{"code":1,"message":"context canceled"}'));
    await submitToRekor(at(rekor), newEnvelope());
    expect(posts(rekor)).toHaveLength(2);
  });

  it('of v2 is refused where its tiles or its checkpoint are wrong', async () => {
    const rekor = await start('v2');
    const envelope = newEnvelope();
    await submitToRekor(at(rekor), envelope);
    const asking = (index: number, ...reads: ((response: ServerResponse) => void)[]) => {
      rekor.instead.push(answers(409, '{}', { 'x-log-index': String(index) }));
      rekor.insteadOfReads.push(hidden, ...reads);
      return submitToRekor(at(rekor), envelope);
    };
    const checkpoint = answers(200, rekor.checkpoint(2));
    await expect(asking(0)).rejects.toThrow(/leads to another root/);
    await expect(asking(1, answers(200, 'garbage'))).rejects.toThrow(/no blank line/);
    await expect(asking(1, checkpoint, answers(200, 'x'.repeat(64)))).rejects.toThrow(
      /leads to another root/,
    );
    await expect(asking(1, checkpoint, answers(200, 'x'))).rejects.toThrow(/has 1 bytes, not 64/);
    await expect(asking(1, hidden)).rejects.toThrow(/it has no checkpoint/);
    const other = await start('v2');
    await expect(asking(1, answers(200, other.checkpoint(1)))).rejects.toThrow(/signed by no log/);
  });

  it('of v2 alone is asked for what only v2 has', async () => {
    const rekor = await start('v1');
    await expect(submitToRekor(at(rekor, { version: 'v2' }), newEnvelope())).rejects.toThrow(/no Rekor v2/);
  });

  it('of v1 must sign the time that it says', async () => {
    const rekor = await start('v1');
    rekor.edit = (entry) => {
      entry.integratedTime -= 3600;
    };
    await expect(submitToRekor(at(rekor), newEnvelope())).rejects.toThrow(
      /did not sign this entry’s time and index/,
    );
  });

  it('that cuts the connection is asked again, and then given up', async () => {
    let asked = 0;
    const server = createServer((request) => {
      if (request.method === 'POST') asked++;
      request.socket.destroy();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const { logs } = await start('v2');
    const asking = () => submitToRekor({ url, logs, attempts: 3, pauseMs: 1, settleMs: 1 }, newEnvelope());
    await expect(asking()).rejects.toMatchObject({ code: 'external' });
    expect(asked).toBe(3);
    server.close();
    await expect(asking()).rejects.toThrow(/ECONNREFUSED/);
  });

  it.each(['http://rekor.example.org', 'ftp://x', 'nothing', 'https://a:b@x', 'https://x/?q'])(
    'is not %s',
    async (url) => {
      const { logs } = await start('v2');
      await expect(submitToRekor({ url, logs }, newEnvelope())).rejects.toMatchObject({ code: 'usage' });
    },
  );

  it('is not asked where no key of it is known', async () => {
    const rekor = await start('v2');
    await expect(submitToRekor({ ...at(rekor), logs: [] }, newEnvelope())).rejects.toMatchObject({
      code: 'usage',
    });
    expect(rekor.requests).toEqual([]);
  });
});
