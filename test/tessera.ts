/** The real Tessera: its reference log on a disk, and its fsck. */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { toBase64 } from '../src/core/bytes.ts';
import { formatVkey, makeVkey, type Vkey } from '../src/tlog/vkey.ts';

export const TESSERA_POSIX = 'github.com/transparency-dev/tessera/cmd/conformance/posix@v1.0.4';
export const TESSERA_FSCK = 'github.com/transparency-dev/tessera/cmd/fsck@v1.0.4';

/** @returns why Tessera's fsck refuses the log; undefined where it accepts it. Its exit code is 0 either way. */
export function tesseraFault(program: string, log: string, vkey: Vkey): string | undefined {
  const key = `${log}.vkey`;
  writeFileSync(key, formatVkey(vkey));
  const args = [`--storage_url=file://${log}`, `--public_key=${key}`, '--N=2', '--ui=false', '--logtostderr'];
  const { stderr } = spawnSync(program, args, { encoding: 'utf8' });
  return stderr.includes("Successfully fsck'd") && !stderr.includes('fsck failed') ? undefined : stderr;
}

export interface Tessera {
  readonly vkey: Vkey;
  /** @returns the entry's index, once it is in the published tree. */
  add(entry: Uint8Array): Promise<number>;
  stop(): void;
}

export async function startTessera(program: string, log: string): Promise<Tessera> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = (key: 'x' | 'd') => Buffer.from(privateKey.export({ format: 'jwk' })[key]!, 'base64url');
  const vkey = makeVkey('tessera.example', 'ed25519', new Uint8Array(raw('x')));
  if (publicKey.asymmetricKeyType !== 'ed25519') throw new Error('no Ed25519');
  const seed = toBase64(Uint8Array.of(1, ...raw('d')));
  const key = join(`${log}.key`);
  writeFileSync(key, `PRIVATE+KEY+${vkey.name}+${vkey.keyId}+${seed}`);
  const port = await freePort();
  const child: ChildProcess = spawn(
    program,
    [`--storage_dir=${log}`, `--listen=127.0.0.1:${port}`, `--private_key=${key}`],
    { stdio: 'ignore' },
  );
  const add = (entry: Uint8Array) => post(port, entry);
  for (let left = 100; ; left--) {
    try {
      await add(new TextEncoder().encode('the first entry'));
      break;
    } catch (error) {
      if (left === 0) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  return { vkey, add, stop: () => void child.kill('SIGKILL') };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

function post(port: number, body: Uint8Array): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request({ port, host: '127.0.0.1', method: 'POST', path: '/add' }, (answer) => {
      let text = '';
      answer.on('data', (data) => {
        text += data;
      });
      answer.on('end', () =>
        answer.statusCode === 200 ? resolve(Number(text)) : reject(new Error(`${answer.statusCode} ${text}`)),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
