/** The real Rekor v2 beside our log: one request, one entry; and our audit of its log. */

import { type ChildProcess, spawn } from 'node:child_process';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditLog } from '../../src/online/log-audit.ts';
import { serveLog } from '../../src/online/log-server.ts';
import { createLog, type OpenLog } from '../../src/store/log.ts';
import { makeVkey } from '../../src/tlog/vkey.ts';
import { logPlaceIn } from '../log-place.ts';
import { newP256, rekordRequest, signedRekord } from '../log-requests.ts';
import { goTool } from './tools.ts';

const REKOR = goTool('github.com/sigstore/rekor-tiles/v2/cmd/rekor-server/posix@v2.3.0');
const ORIGIN = 'log.example.org';
const ENTRIES = '/api/v2/log/entries';

const root = mkdtempSync(join(tmpdir(), 'qpoe-rekor-'));
const controller = new AbortController();
const logKey = generateKeyPairSync('ed25519').privateKey;
const key = newP256();

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

async function startRekor(): Promise<{ child: ChildProcess; url: string }> {
  writeFileSync(join(root, 'key.pem'), logKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  const [http, grpc, metrics] = [await freePort(), await freePort(), await freePort()];
  const child = spawn(
    (REKOR as { path: string }).path,
    [
      'serve',
      ...[`--hostname=${ORIGIN}`, `--storage-dir=${join(root, 'rekor')}`, '--signer-filepath=key.pem'],
      ...['--checkpoint-interval=1s', '--batch-max-age=50ms'],
      ...[`--http-port=${http}`, `--grpc-port=${grpc}`, `--http-metrics-port=${metrics}`],
    ],
    { cwd: root, stdio: 'ignore' },
  );
  const url = `http://127.0.0.1:${http}`;
  while (child.exitCode === null && !(await fetch(url).then(Boolean, () => false))) await wait(50);
  return { child, url };
}

function post(url: string, body: unknown): Promise<Response> {
  return fetch(url + ENTRIES, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

describe.skipIf('reason' in REKOR)('reason' in REKOR ? `Rekor v2 (${REKOR.reason})` : 'Rekor v2', () => {
  let rekor: Awaited<ReturnType<typeof startRekor>>;
  let log: OpenLog;
  let ours: string;
  let closed: Promise<void>;

  beforeAll(async () => {
    rekor = await startRekor();
    log = createLog(logPlaceIn(root));
    ({ url: ours, closed } = await serveLog(log, {
      port: 0,
      signal: controller.signal,
      note: (line) => expect.fail(line),
    }));
  });
  afterAll(async () => {
    controller.abort();
    rekor.child.kill();
    await Promise.all([closed, once(rekor.child, 'exit')]);
    rmSync(root, { recursive: true, force: true });
  });

  it('makes the same entry of a request', async () => {
    const request = rekordRequest(signedRekord(key, 'one'));
    const [theirs, own] = [await post(rekor.url, request), await post(ours, request)];
    expect([theirs.status, own.status]).toEqual([201, 201]);
    const [their, our] = [(await theirs.json()) as object, (await own.json()) as object];
    for (const member of ['canonicalizedBody', 'kindVersion', 'logIndex'])
      expect(our).toHaveProperty(member, their[member as never]);
    expect(Object.keys(their)).toEqual(expect.arrayContaining(Object.keys(our)));
  });

  it('refuses with the same status', async () => {
    const rekord = signedRekord(key, 'two');
    for (const request of [
      {},
      { more: 1 },
      rekordRequest({ ...rekord, digest: new Uint8Array(32) }),
      rekordRequest({ ...rekord, digest: rekord.digest.slice(1) }),
      rekordRequest({ ...rekord, publicKey: new Uint8Array(0) }),
    ]) {
      const [theirs, own] = [await post(rekor.url, request), await post(ours, request)];
      expect([theirs.status, own.status], JSON.stringify(request)).toEqual([400, 400]);
      const [their, our] = [(await theirs.json()) as object, (await own.json()) as object];
      expect(Object.keys(our)).toEqual(Object.keys(their));
    }
  });

  it('names the index of what it holds where we also prove it', async () => {
    const request = rekordRequest(signedRekord(key, 'three'));
    for (const url of [rekor.url, ours]) expect((await post(url, request)).status).toBe(201);
    const [theirs, own] = [await post(rekor.url, request), await post(ours, request)];
    expect([theirs.status, own.status]).toEqual([409, 201]);
    expect(own.headers.get('x-log-index')).toBe(theirs.headers.get('x-log-index'));
    expect(await own.json()).toHaveProperty('inclusionProof.treeSize', '2');
  });

  it('keeps a log that the audit accepts, and in which it finds each entry by a key', async () => {
    const rekords = Array.from({ length: 300 }, (_, i) => signedRekord(key, `many ${i}`));
    const first = readFileSync(join(root, 'rekor', 'checkpoint'));
    await Promise.all(rekords.map((rekord) => post(rekor.url, rekordRequest(rekord))));
    const spki = createPublicKey(logKey).export({ type: 'spki', format: 'der' }) as Buffer;
    const vkey = makeVkey(ORIGIN, 'ed25519', new Uint8Array(spki.subarray(-32)));
    const options = { vkey, seen: first, ownKeys: [rekords[0]!.publicKey] };
    const audit = await auditLog({ dir: join(root, 'rekor') }, { ...options, isKnown: () => false });
    expect(audit).toMatchObject({ fault: undefined, entries: 300, strangerCount: 300 });
    expect(audit.strangers.every(({ signed }) => signed)).toBe(true);
  });
});
