/** A witness over HTTP: what it answers, what it keeps, and that nothing makes it cosign two trees of one size. */

import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { newTestLog, type TestLog } from '../../test/cosigners.ts';
import { naiveLeaves, naiveProof } from '../../test/naive-tree.ts';
import { utf8 } from '../core/bytes.ts';
import { homeAt } from '../store/home.ts';
import { createWitnessKey, readWitnessKey, type WitnessKey, witnessVkey } from '../store/witness-key.ts';
import { originHash } from '../store/witness-record.ts';
import { type Checkpoint, formatCheckpoint, parseCheckpoint } from '../tlog/checkpoint.ts';
import { collectCosignatures } from '../tlog/cosignature.ts';
import { formatNote, parseNote } from '../tlog/note.ts';
import { formatVkey } from '../tlog/vkey.ts';
import { formatAddCheckpoint } from '../tlog/witness.ts';
import { serveWitness, type WitnessAnswer, type WitnessServerOptions } from './witness-server.ts';

const LEAVES = naiveLeaves(64);

function newHome() {
  const path = mkdtempSync(join(tmpdir(), 'qpoe-witness-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return homeAt(path);
}

async function start(logs: readonly TestLog[], options: Partial<WitnessServerOptions> = {}) {
  const home = newHome();
  const witness = options.witness ?? createWitnessKey(home, undefined, 'witness.example/w1');
  const controller = new AbortController();
  const answers: WitnessAnswer[] = [];
  const { url, closed } = await serveWitness({
    host: '127.0.0.1',
    port: 0,
    witness,
    logs: logs.map(({ vkey }) => vkey),
    signal: controller.signal,
    onAnswer: (answer) => answers.push(answer),
    ...options,
  });
  const stop = () => {
    controller.abort();
    return closed;
  };
  onTestFinished(stop);
  return { url, witness, answers, stop };
}

const requestOf = (log: TestLog, oldSize: number, size: number) =>
  formatAddCheckpoint({
    oldSize,
    proof: oldSize === 0 || oldSize > size ? [] : naiveProof(oldSize, LEAVES.slice(0, size)),
    checkpoint: log.note(size),
  });

async function post(url: string, body: Uint8Array, method = 'POST') {
  const response = await fetch(`${url}/add-checkpoint`, { method, body: new Uint8Array(body) });
  return { status: response.status, type: response.headers.get('content-type'), body: await response.text() };
}

/** The time in an answer to a checkpoint of this size. */
async function timeIn(answer: string, checkpoint: Checkpoint, { vkey }: WitnessKey) {
  const text = formatCheckpoint(checkpoint);
  const { value } = parseNote(utf8(`${text}\n${answer}`));
  const { cosigned, faults } = await collectCosignatures(value!, [vkey]);
  expect(faults).toEqual([]);
  return cosigned[0]?.time;
}

describe('answers', () => {
  it('cosigns from nothing, onwards, and the same again', async () => {
    const log = newTestLog('log.example');
    const { url, witness, answers } = await start([log], { now: () => 1_700_000_000_999 });
    for (const [oldSize, size] of [
      [0, 5],
      [5, 5],
      [5, 17],
    ] as const) {
      const { status, body } = await post(url, requestOf(log, oldSize, size));
      expect(status).toBe(200);
      expect(body).toMatch(/^— witness\.example\/w1 [A-Za-z0-9+/=]+\n$/);
      expect(await timeIn(body, log.checkpoint(size), witness)).toBe(1_700_000_000);
    }
    expect(answers.at(-1)).toEqual({ status: 200, origin: 'log.example', size: 17 });
  });

  it('says the recorded size with 409, in the type of the protocol', async () => {
    const log = newTestLog('log.example');
    const { url } = await start([log]);
    await post(url, requestOf(log, 0, 5));
    expect(await post(url, requestOf(log, 0, 9))).toEqual({
      status: 409,
      type: 'text/x.tlog.size',
      body: '5\n',
    });
  });

  it('keeps several logs apart', async () => {
    const [a, b] = [newTestLog('a.example'), newTestLog('b.example')];
    const { url } = await start([a, b]);
    expect((await post(url, requestOf(a, 0, 5))).status).toBe(200);
    expect((await post(url, requestOf(b, 0, 9))).status).toBe(200);
    expect((await post(url, requestOf(a, 5, 9))).status).toBe(200);
  });

  it('has each other status', async () => {
    const log = newTestLog('log.example');
    const { url, answers } = await start([log]);
    const statuses = [];
    for (const body of [
      utf8('old 0\n'),
      requestOf(log, 7, 5),
      requestOf(newTestLog('unknown.example'), 0, 5),
      requestOf(newTestLog('log.example'), 0, 5),
      formatAddCheckpoint({ oldSize: 0, proof: [new Uint8Array(32)], checkpoint: log.note(5) }),
    ])
      statuses.push((await post(url, body)).status);
    expect(statuses).toEqual([400, 400, 404, 403, 422]);
    expect(answers.every(({ fault }) => fault !== undefined)).toBe(true);
  });

  it('is there under a prefix, by POST, and nowhere else', async () => {
    const log = newTestLog('log.example');
    const { url } = await start([log], { prefix: '/w/1' });
    expect(url).toMatch(/\/w\/1$/);
    expect((await post(url, requestOf(log, 0, 5))).status).toBe(200);
    expect((await post(new URL(url).origin, requestOf(log, 5, 5))).status).toBe(404);
    expect((await post(url, requestOf(log, 5, 5), 'PUT')).status).toBe(405);
    expect((await fetch(`${url}/../../etc/passwd`)).status).toBe(404);
  });

  it('shows monitors the checkpoint cosigned last, and none before', async () => {
    const log = newTestLog('log.example');
    const { url, witness } = await start([log]);
    const monitored = `${url}/${originHash('log.example')}/checkpoint`;
    expect((await fetch(monitored)).status).toBe(404);
    await post(url, requestOf(log, 0, 5));
    await post(url, requestOf(log, 5, 8));
    const { value } = parseNote(new Uint8Array(await (await fetch(monitored)).arrayBuffer()));
    expect(parseCheckpoint(value!.text).value!.size).toBe(8);
    expect(value!.signatures[0]!.keyId).toBe(log.vkey.keyId);
    expect((await collectCosignatures(value!, [witness.vkey])).cosigned).toHaveLength(1);
    expect((await fetch(`${url}/key.pem/checkpoint`)).status).toBe(404);
  });
});

describe('its record', () => {
  it('outlives it', async () => {
    const log = newTestLog('log.example');
    const first = await start([log]);
    await post(first.url, requestOf(log, 0, 5));
    await first.stop();
    const { url } = await start([log], { witness: first.witness });
    expect((await post(url, requestOf(log, 0, 5))).body).toBe('5\n');
    expect((await post(url, requestOf(log, 5, 9))).status).toBe(200);
  });

  it('is written whole, before the answer, and nothing else is left', async () => {
    const log = newTestLog('log.example');
    const { url, witness } = await start([log]);
    writeFileSync(join(witness.folder, '.tmp-0123456789abcdef'), 'killed');
    const again = await start([log], { witness });
    await post(again.url, requestOf(log, 0, 5));
    expect(readdirSync(witness.folder).sort()).toEqual(
      [originHash('log.example'), 'key.pem', 'lock', 'vkey'].sort(),
    );
    expect((await post(url, requestOf(log, 5, 6))).status).toBe(200);
  });

  it('is believed only where this witness wrote it: damaged, nothing is cosigned', async () => {
    const log = newTestLog('log.example');
    const { url, witness, answers } = await start([log]);
    await post(url, requestOf(log, 0, 5));
    const path = join(witness.folder, originHash('log.example'));
    const text = formatCheckpoint(log.checkpoint(3));
    for (const planted of ['', 'x', formatNote({ text, signatures: [log.sign(text)] })]) {
      writeFileSync(path, planted);
      expect((await post(url, requestOf(log, 3, 9))).status).toBe(500);
      expect(answers.at(-1)!.fault).toContain('is damaged');
    }
  });

  it('that can’t be written is a 500, and no cosignature', async () => {
    const log = newTestLog('log.example');
    const { url, witness } = await start([log]);
    mkdirSync(join(witness.folder, originHash('log.example')));
    expect((await post(url, requestOf(log, 0, 5))).body).toBe('not cosigned\n');
  });

  it('has no time before 1970', async () => {
    const log = newTestLog('log.example');
    const { url } = await start([log], { now: () => 0 });
    expect((await post(url, requestOf(log, 0, 5))).status).toBe(500);
  });
});

describe('those who mean no good', () => {
  it('send too much', async () => {
    const { url, answers } = await start([newTestLog('log.example')]);
    const sent = post(url, new Uint8Array(300_000)).then(
      ({ status }) => status,
      () => 'cut off',
    );
    expect([413, 'cut off']).toContain(await sent);
    expect(answers[0]!.status).toBe(413);
    const { port } = new URL(url);
    const chunked = httpRequest({ port, method: 'POST', path: '/add-checkpoint' });
    chunked.on('error', () => {});
    for (let i = 0; i < 30; i++) chunked.write(Buffer.alloc(10_000));
    await expect.poll(() => answers[1]?.status).toBe(413);
    chunked.destroy();
  });

  it('send slowly, or nothing: they are cut off, and others are served meanwhile', async () => {
    const log = newTestLog('log.example');
    const { url } = await start([log], { timeoutMs: 300 });
    const port = Number(new URL(url).port);
    const sent = ['', 'POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nold'];
    const cut = sent.map(
      (text) =>
        new Promise<void>((resolve) => {
          const socket = connect(port, '127.0.0.1', () => socket.write(text));
          socket.on('error', () => {});
          socket.on('close', () => resolve());
          socket.resume();
        }),
    );
    expect((await post(url, requestOf(log, 0, 5))).status).toBe(200);
    await Promise.all(cut);
  });

  it('hang up in the middle', async () => {
    const log = newTestLog('log.example');
    const { url, answers } = await start([log]);
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.write('POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nold');
    setTimeout(() => socket.destroy(), 50);
    await expect.poll(() => answers.length).toBe(1);
    expect((await post(url, requestOf(log, 0, 5))).status).toBe(200);
  });

  it('ask for two trees of one size at once', async () => {
    const log = newTestLog('log.example');
    const { url } = await start([log]);
    const forks = Array.from({ length: 20 }, (_, i) => forkRequest(log, 5, i));
    const answers = await Promise.all(forks.map((body) => post(url, body)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status, body }) => status === 409 && body === '5\n')).toHaveLength(19);
  });
});

/** From nothing to a tree of this size that the log signed, and that is not its others. */
function forkRequest(log: TestLog, size: number, fork: number): Uint8Array {
  const root = new Uint8Array(32).fill(fork);
  const text = formatCheckpoint({ ...log.checkpoint(size), root });
  return utf8(`old 0\n\n${formatNote({ text, signatures: [log.sign(text)] })}`);
}

describe('two processes of one witness, killed again and again', () => {
  it('cosign one tree of each size between them', async () => {
    const home = newHome();
    createWitnessKey(home, undefined);
    const logs = Array.from({ length: 12 }, (_, i) => newTestLog(`log${i}.example`));
    const spawnOne = () => spawnWitness(home.path, logs);
    const cosigned = new Map<string, Set<number>>();
    const processes = await Promise.all([spawnOne(), spawnOne()]);
    const ask = async (log: TestLog, at: number, fork: number) => {
      const { url } = processes[at]!;
      const answer = await post(url, forkRequest(log, 5, fork)).catch(() => undefined);
      if (answer?.status !== 200) return;
      const forks = cosigned.get(log.vkey.name) ?? new Set();
      cosigned.set(log.vkey.name, forks.add(fork));
    };
    for (const [i, log] of logs.entries()) {
      const asked = Array.from({ length: 12 }, (_, fork) => ask(log, fork % 2, fork));
      if (i % 3 === 0) {
        await new Promise((resolve) => setTimeout(resolve, i));
        processes[i % 2]!.child.kill('SIGKILL');
      }
      await Promise.all(asked);
      if (i % 3 === 0) processes[i % 2] = await spawnOne();
      // Whatever was cosigned before the kill is what is cosigned from now on.
      await Promise.all(Array.from({ length: 12 }, (_, fork) => ask(log, fork % 2, fork)));
    }
    expect([...cosigned.values()].every((forks) => forks.size === 1)).toBe(true);
    expect(cosigned.size).toBeGreaterThan(0);
  });
});

function spawnWitness(
  home: string,
  logs: readonly TestLog[],
): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const program = join(import.meta.dirname, '../../test/witness-process.ts');
  const args = ['--no-warnings', program, home, ...logs.map(({ vkey }) => formatVkey(vkey))];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  return new Promise((resolve) =>
    child.stdout.on('data', (data) => resolve({ child, url: String(data).trim() })),
  );
}

describe('its key', () => {
  it('is made once, with a name of its own, and read again', () => {
    const home = newHome();
    expect(witnessVkey(home)).toBeUndefined();
    const { vkey } = createWitnessKey(home, 'secret');
    expect(vkey.name).toMatch(/^[0-9a-f]{8}\.witness\.qpoe\.internal$/);
    expect(witnessVkey(home)).toEqual(vkey);
    expect(readWitnessKey(home, 'secret').vkey).toEqual(vkey);
    expect(() => readWitnessKey(home, 'wrong')).toThrow();
    expect(() => createWitnessKey(home, 'secret')).toThrow(/has a witness key/);
    expect(readFileSync(join(home.path, 'witness', 'key.pem'), 'utf8')).toContain('ENCRYPTED');
  });

  it('is refused with a name that no note can carry', () => {
    for (const name of ['', 'a b', 'a+b', 'x'.repeat(256)])
      expect(() => createWitnessKey(newHome(), undefined, name)).toThrow(/can't be a witness's name/);
  });

  it('is refused where others could read it, or it is another key', () => {
    const home = newHome();
    createWitnessKey(home, undefined);
    const path = join(home.path, 'witness', 'key.pem');
    chmodSync(path, 0o644);
    expect(() => readWitnessKey(home, undefined)).toThrow(/others can read/);
    const second = newHome();
    createWitnessKey(second, undefined);
    writeFileSync(path, readFileSync(join(second.path, 'witness', 'key.pem')));
    chmodSync(path, 0o600);
    expect(() => readWitnessKey(home, undefined)).toThrow(/is not the key of/);
    expect(() => readWitnessKey(newHome(), undefined)).toThrow(/has no witness key/);
  });
});
