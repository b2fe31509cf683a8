/** Our log, cosigned by the witnesses that others wrote; and a log of Tessera's, fed to our witness by their feeder. */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ml_dsa44 } from '@noble/post-quantum/ml-dsa.js';
import { afterAll, describe, expect, it } from 'vitest';
import { toBase64 } from '../../src/core/bytes.ts';
import { type Cosigning, cosignCheckpoint, type WitnessTarget } from '../../src/online/witness-client.ts';
import { serveWitness, type WitnessAnswer } from '../../src/online/witness-server.ts';
import { homeAt } from '../../src/store/home.ts';
import { createLog, type OpenLog } from '../../src/store/log.ts';
import { appendToLog } from '../../src/store/log-append.ts';
import { proveConsistency, readCheckpoint } from '../../src/store/log-read.ts';
import { createWitnessKey } from '../../src/store/witness-key.ts';
import { originHash, readCosignedNote } from '../../src/store/witness-record.ts';
import { openCheckpoint } from '../../src/tlog/checkpoint.ts';
import { collectCosignatures } from '../../src/tlog/cosignature.ts';
import { formatVkey, makeVkey, type Vkey } from '../../src/tlog/vkey.ts';
import { entriesFrom, logPlaceIn } from '../log-place.ts';
import { startTessera, TESSERA_POSIX } from '../tessera.ts';
import { goWitnesses } from './go-witnesses.ts';
import { goTool } from './tools.ts';

const tools = goWitnesses();
const posix = goTool(TESSERA_POSIX);
const root = mkdtempSync(join(tmpdir(), 'qpoe-witness-'));
const running: ChildProcess[] = [];
afterAll(() => {
  for (const child of running) child.kill('SIGKILL');
  rmSync(root, { recursive: true, force: true });
});

const newFolder = () => mkdtempSync(join(root, 'case-'));

/** @returns what it wrote to stderr so far */
function start(program: string, args: readonly string[]): () => string {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  running.push(child);
  let log = '';
  child.stderr.on('data', (data) => {
    log += data;
  });
  return () => log;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function untilAnswers(url: string, log: () => string): Promise<void> {
  const answers = () =>
    fetch(url).then(
      () => true,
      () => log(),
    );
  await expect.poll(answers, { timeout: 20_000 }).toBe(true);
}

/** A secret key as Go writes them. */
const goKey = ({ name, keyId }: Vkey, type: number, secret: Uint8Array) =>
  `PRIVATE+KEY+${name}+${keyId}+${toBase64(Uint8Array.of(type, ...secret))}`;

/** An Ed25519 key in OpenSSH's form, and its raw public half. */
function sshKey(folder: string) {
  const path = join(folder, 'key');
  spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path]);
  const blob = Buffer.from(readFileSync(`${path}.pub`, 'utf8').split(' ')[1]!, 'base64');
  const seedAt = readFileSync(path, 'utf8').split('\n').slice(1, -2).join('');
  const secret = Buffer.from(seedAt, 'base64');
  const publicKey = new Uint8Array(blob.subarray(-32));
  // The secret is seed ‖ public key, so the seed stands before the last copy of the public key.
  const seed = new Uint8Array(
    secret.subarray(secret.lastIndexOf(publicKey) - 32, secret.lastIndexOf(publicKey)),
  );
  return { path, publicKey, seed };
}

const YAML = ({ name }: Vkey, vkey: string, url: string) =>
  `Logs:\n  - Origin: ${name}\n    URL: ${url}\n    PublicKey: ${vkey}\n    Feeder: tiles\n`;

async function startOmniwitness(program: string, log: Vkey): Promise<readonly WitnessTarget[]> {
  const folder = newFolder();
  const { publicKey, seed } = sshKey(folder);
  const ed25519 = makeVkey('omni.example/w1', 'cosignature-ed25519', publicKey);
  const pqSeed = new Uint8Array(randomBytes(32));
  const pq = makeVkey(
    'omni.example/pq',
    'cosignature-ml-dsa-44',
    new Uint8Array(ml_dsa44.keygen(pqSeed).publicKey),
  );
  const files = {
    'ed25519.key': goKey(ed25519, 1, seed),
    'pq.key': goKey(pq, 6, pqSeed),
    'logs.yaml': YAML(log, formatVkey(log), 'http://127.0.0.1:1/'),
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const stderr = start(program, [
    `--private_key_path=${join(folder, 'ed25519.key')}`,
    `--private_key_path=${join(folder, 'pq.key')}`,
    `--db_file=${join(folder, 'witness.sqlite')}`,
    `--additional_logs=${join(folder, 'logs.yaml')}`,
    `--listen=127.0.0.1:${port}`,
    '--metrics_listen=',
  ]);
  await untilAnswers(url, stderr);
  return [ed25519, pq].map((vkey) => ({ vkey, url }));
}

async function startLitewitness(program: string, log: Vkey): Promise<WitnessTarget> {
  const folder = newFolder();
  const { path, publicKey } = sshKey(folder);
  const socket = join(folder, 'agent');
  start('ssh-agent', ['-D', '-a', socket]);
  const environment = { ...process.env, SSH_AUTH_SOCK: socket };
  const add = () => spawnSync('ssh-add', ['-q', path], { env: environment }).status;
  await expect.poll(add, { timeout: 10_000 }).toBe(0);
  const fingerprint = spawnSync('ssh-keygen', ['-lf', path], { encoding: 'utf8' }).stdout.split(' ')[1]!;
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const database = join(folder, 'lite.sqlite');
  const stderr = start(program, [
    '-name=lite.example/w1',
    `-key=${fingerprint}`,
    `-db=${database}`,
    `-ssh-agent=${socket}`,
    `-listen=127.0.0.1:${port}`,
  ]);
  await untilAnswers(url, stderr);
  // What `witnessctl add-log` and `add-key` do.
  const known = new DatabaseSync(database);
  const empty = '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=';
  known.prepare('INSERT INTO log (origin, tree_size, tree_hash) VALUES (?, 0, ?)').run(log.name, empty);
  known.prepare('INSERT INTO key (origin, key) VALUES (?, ?)').run(log.name, formatVkey(log));
  known.close();
  return { vkey: makeVkey('lite.example/w1', 'cosignature-ed25519', publicKey), url };
}

function cosign({ path }: OpenLog, targets: readonly WitnessTarget[]): Promise<Cosigning> {
  return cosignCheckpoint(
    (oldSize, size) => proveConsistency(path, oldSize, size),
    readCheckpoint(path),
    targets,
    { quorum: targets.length, signal: new AbortController().signal },
  );
}

/** At sizes that grow, at the same size again, and never at a fork. */
async function expectCosigned(log: OpenLog, targets: readonly WitnessTarget[]): Promise<void> {
  let size = 0;
  for (const count of [0, 1, 2, 253, 1, 0, 300]) {
    if (count > 0) await appendToLog(log, entriesFrom(size, count));
    size += count;
    // An empty tree has nothing to witness.
    if (size === 0) continue;
    const { failed, cosigned, reached, note } = await cosign(log, targets);
    expect(failed.map(({ fault }) => fault)).toEqual([]);
    expect(reached).toBe(true);
    const now = Date.now() / 1000;
    for (const { time } of cosigned) expect(Math.abs(time - now)).toBeLessThan(60);
    expect((await openCheckpoint(note, log.vkey)).value!.checkpoint.size).toBe(size);
  }
}

describe.skipIf('reason' in tools)('our log', () => {
  const programs = tools as Exclude<typeof tools, { reason: string }>;
  const newLog = () => createLog({ ...logPlaceIn(newFolder()), origin: 'qpoe.example' });

  it('is cosigned by omniwitness, by Ed25519 and ML-DSA-44', async () => {
    const log = newLog();
    await expectCosigned(log, await startOmniwitness(programs.omniwitness, log.vkey));
  });

  it('is cosigned by litewitness', async () => {
    const log = newLog();
    await expectCosigned(log, [await startLitewitness(programs.litewitness, log.vkey)]);
  });

  it('is not cosigned by them where they do not know it', async () => {
    const [log, known] = [newLog(), createLog({ ...logPlaceIn(newFolder()), origin: 'known.example' })];
    await appendToLog(log, entriesFrom(0, 3));
    const targets = [
      ...(await startOmniwitness(programs.omniwitness, known.vkey)),
      await startLitewitness(programs.litewitness, known.vkey),
    ];
    const { failed, reached } = await cosign(log, targets);
    // Omniwitness says 500 for a log that it doesn't know.
    for (const { fault } of failed) expect(fault).toMatch(/^answered (?:404|500)/);
    expect(failed).toHaveLength(targets.length);
    expect(reached).toBe(false);
  });
});

/** The log's files, as any static server has them. */
async function serveFolder(folder: string): Promise<string> {
  const server = createServer((request, response) => {
    try {
      response.end(readFileSync(join(folder, new URL(request.url!, 'http://x').pathname)));
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

describe.skipIf('reason' in tools || 'reason' in posix)('our witness', () => {
  it('cosigns a log of Tessera’s that feedwitness feeds it', async () => {
    const path = join(newFolder(), 'tessera');
    const tessera = await startTessera((posix as { path: string }).path, path);
    const controller = new AbortController();
    const witness = createWitnessKey(homeAt(newFolder()), undefined);
    const answers: WitnessAnswer[] = [];
    const { url, closed } = await serveWitness({
      host: '127.0.0.1',
      port: 0,
      witness,
      logs: [tessera.vkey],
      signal: controller.signal,
      onAnswer: (answer) => answers.push(answer),
    });
    const { buildFeeder } = tools as Exclude<typeof tools, { reason: string }>;
    const feeder = buildFeeder(
      newFolder(),
      YAML(tessera.vkey, formatVkey(tessera.vkey), await serveFolder(path)),
    );
    const log = start(feeder, [`--witness_url=${url}`, '--metrics_listen=', '--max_qps=5', '--logtostderr']);
    const cosignedSize = async () => {
      const note = readCosignedNote(witness, originHash(tessera.vkey.name));
      const opened = note && (await openCheckpoint(note, tessera.vkey)).value;
      if (opened === undefined) return log();
      expect((await collectCosignatures(opened.note, [witness.vkey])).cosigned).toHaveLength(1);
      return opened.checkpoint.size;
    };
    let size = 1;
    for (const count of [3, 1, 300]) {
      await Promise.all(entriesFrom(size, count).map(tessera.add));
      size += count;
      await expect.poll(cosignedSize, { timeout: 30_000 }).toBe(size);
    }
    expect(log()).toContain('updated with signature');
    expect(answers.every(({ status }) => status === 200 || status === 409)).toBe(true);
    tessera.stop();
    controller.abort();
    await closed;
  });
});
