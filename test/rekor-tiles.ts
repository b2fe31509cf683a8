/** The real Rekor v2 on a disk, which can be killed and started again; and what lies in its log. */

import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { createReadStream, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createSocket } from 'node:net';
import { join, normalize } from 'node:path';
import { parseCheckpoint } from '../src/tlog/checkpoint.ts';
import { parseEntryBundle } from '../src/tlog/entry-bundle.ts';
import { parseNote } from '../src/tlog/note.ts';
import { tileAt, tilePath } from '../src/tlog/tile.ts';

export const REKOR_TILES = 'github.com/sigstore/rekor-tiles/v2/cmd/rekor-server/posix@v2.3.0';
const HOST = 'log.example.org';

export interface RekorTiles {
  readonly url: string;
  /** Where its files are served. */
  readonly readUrl: string;
  readonly trustedRoot: string;
  /** Resolves once it answers. */
  start(): Promise<void>;
  /** At once, as a machine that loses power. */
  kill(): Promise<void>;
  /** The bodies in the published tree. */
  entries(): readonly Buffer[];
  close(): Promise<void>;
}

/** @param folder for the log, which the caller removes */
export async function rekorTiles(program: string, folder: string): Promise<RekorTiles> {
  const { privateKey } = generateKeyPairSync('ed25519');
  const key = `${folder}.pem`;
  writeFileSync(key, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const [http, grpc, metrics] = [await freePort(), await freePort(), await freePort()];
  const files = createServer(({ url = '' }, response) => {
    const path = join(folder, normalize(url));
    const found = existsSync(path) && statSync(path).isFile();
    response.writeHead(found ? 200 : 404);
    if (found) createReadStream(path).pipe(response);
    else response.end();
  });
  await new Promise<void>((resolve) => files.listen(0, '127.0.0.1', resolve));
  let child: ChildProcess | undefined;
  const url = `http://127.0.0.1:${http}`;

  const kill = async () => {
    const running = child;
    child = undefined;
    if (running === undefined || running.exitCode !== null) return;
    const gone = new Promise((resolve) => running.once('exit', resolve));
    running.kill('SIGKILL');
    await gone;
  };

  return {
    url,
    readUrl: `http://127.0.0.1:${(files.address() as AddressInfo).port}`,
    trustedRoot: trustedRoot(createPublicKey(privateKey).export({ type: 'spki', format: 'der' })),
    start: async () => {
      child = spawn(
        program,
        [
          'serve',
          ...[`--hostname=${HOST}`, `--storage-dir=${folder}`, `--signer-filepath=${key}`],
          ...['--checkpoint-interval=1s', '--persistent-antispam'],
          ...[`--http-port=${http}`, `--grpc-port=${grpc}`, `--http-metrics-port=${metrics}`],
        ],
        { stdio: 'ignore' },
      );
      for (let left = 300; !(await answers(`${url}/healthz`)); left--) {
        if (left === 0) throw new Error('Rekor does not start');
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    kill,
    entries: () => readEntries(folder),
    close: async () => {
      await kill();
      files.closeAllConnections();
      files.close();
    },
  };
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}

function trustedRoot(spki: Buffer): string {
  const keyId = createHash('sha256').update(`${HOST}\n\x01`).update(spki.subarray(-32)).digest('base64');
  return JSON.stringify({
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: [
      {
        baseUrl: `https://${HOST}`,
        hashAlgorithm: 'SHA2_256',
        publicKey: {
          rawBytes: spki.toString('base64'),
          keyDetails: 'PKIX_ED25519',
          validFor: { start: '2026-01-01T00:00:00Z' },
        },
        logId: { keyId },
      },
    ],
  });
}

function readEntries(folder: string): readonly Buffer[] {
  const { size } = parseCheckpoint(parseNote(readFileSync(join(folder, 'checkpoint'))).value!.text).value!;
  const entries: Buffer[] = [];
  for (let index = 0; index * 256 < size; index++) {
    const { width } = tileAt(0, index, size);
    const path = join(folder, tilePath({ level: 'entries', index, width }));
    for (const entry of parseEntryBundle(readFileSync(path), width).value!) entries.push(Buffer.from(entry));
  }
  return entries;
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createSocket().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
