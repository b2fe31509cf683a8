import { once } from 'node:events';
import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { entriesFrom, logFiles, newLogPlace } from '../../test/log-place.ts';
import { b64, newP256, rekordRequest, signedRekord } from '../../test/log-requests.ts';
import { pae } from '../attest/dsse.ts';
import { logEntrySchema } from '../attest/log-entry.ts';
import { type Bytes, fromBase64, toBase64, utf8 } from '../core/bytes.ts';
import { sha256 } from '../core/digest.ts';
import { checkShape } from '../core/shape.ts';
import { createLog, type OpenLog } from '../store/log.ts';
import { appendToLog } from '../store/log-append.ts';
import { fsck } from '../store/log-fsck.ts';
import { readCheckpoint, readEntry } from '../store/log-read.ts';
import { openCheckpoint } from '../tlog/checkpoint.ts';
import { formatHashedRekord, parseHashedRekord } from '../tlog/hashedrekord.ts';
import { findInclusionFault, leafHash } from '../tlog/merkle.ts';
import { hashVkey } from '../tlog/vkey.ts';
import { type ServeOptions, serveLog } from './log-server.ts';

interface Served {
  readonly log: OpenLog;
  readonly url: string;
  readonly notes: readonly string[];
  readonly stop: () => Promise<void>;
}

async function serve(count = 0, options: Partial<ServeOptions> = {}): Promise<Served> {
  const log = createLog(newLogPlace());
  if (count > 0) await appendToLog(log, entriesFrom(0, count));
  const notes: string[] = [];
  const controller = new AbortController();
  const { url, closed } = await serveLog(log, {
    port: 0,
    signal: controller.signal,
    note: (line) => notes.push(line),
    ...options,
  });
  const stop = () => {
    controller.abort();
    return closed;
  };
  onTestFinished(stop);
  return { log, url, notes, stop };
}

/** As it stands: fetch would tidy the path up first. */
function raw(url: string, path: string, method = 'GET'): Promise<{ status: number; body: Buffer }> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const request = httpRequest({ hostname, port, path, method }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode!, body: Buffer.concat(chunks) }));
    });
    request.on('error', reject);
    request.end();
  });
}

const ENTRIES = '/api/v2/log/entries';

function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${url}${ENTRIES}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

/** The entry of an answer, held to the log's key and to what was sent. */
async function proven(log: OpenLog, answer: Response, body: Bytes) {
  expect(answer.status).toBe(201);
  expect(answer.headers.get('content-type')).toBe('application/json');
  const { value: entry } = checkShape(logEntrySchema, await answer.json());
  const { inclusionProof: proof, logIndex, logId, canonicalizedBody } = entry!;
  const opened = await openCheckpoint(utf8(proof.checkpoint.envelope), log.vkey);
  const { size, root } = opened.value!.checkpoint;
  expect(logId.keyId).toBe(toBase64(hashVkey(log.vkey)));
  expect(canonicalizedBody).toBe(toBase64(body));
  expect([proof.logIndex, proof.treeSize, proof.rootHash]).toEqual([logIndex, String(size), toBase64(root)]);
  const inclusion = { leaf: leafHash(body), index: Number(logIndex), size, root };
  expect(
    findInclusionFault(
      inclusion,
      proof.hashes.map((hash) => fromBase64(hash)!),
    ),
  ).toBeUndefined();
  return { index: Number(logIndex), size, repeated: answer.headers.get('x-log-index') };
}

describe('the read paths', () => {
  it('show every file of the log as it lies, with its type and how long it may be kept', async () => {
    const { log, url } = await serve(600);
    const files = logFiles(log.path);
    expect(files).toContain('tile/entries/002.p/88');
    expect(files).toContain('tile/0/001');
    for (const file of files) {
      const answer = await fetch(`${url}/${file}`);
      const bytes = readFileSync(join(log.path, file));
      expect(answer.status, file).toBe(200);
      expect(Buffer.from(await answer.arrayBuffer()).equals(bytes), file).toBe(true);
      expect(answer.headers.get('content-length')).toBe(String(bytes.length));
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
      const isCheckpoint = file === 'checkpoint';
      expect(answer.headers.get('content-type')).toBe(
        isCheckpoint ? 'text/plain; charset=utf-8' : 'application/octet-stream',
      );
      expect(answer.headers.get('cache-control')).toBe(
        isCheckpoint ? 'no-cache' : 'public, max-age=31536000, immutable',
      );
    }
  });

  it('answer HEAD with the headers alone, and pass over a query', async () => {
    const { url } = await serve(3);
    for (const path of ['/checkpoint', '/tile/0/000.p/3', '/checkpoint?now']) {
      const [head, get] = [await fetch(url + path, { method: 'HEAD' }), await fetch(url + path)];
      expect(head.status).toBe(200);
      expect(await head.text()).toBe('');
      expect(head.headers.get('content-length')).toBe(String((await get.arrayBuffer()).byteLength));
    }
  });

  it('look up nothing but tiles', async () => {
    const { log, url } = await serve(3);
    writeFileSync(join(log.path, 'secret'), 'no');
    writeFileSync(join(log.path, '..', 'secret'), 'no');
    for (const path of [
      '/',
      '/secret',
      '/../secret',
      '/tile/../../secret',
      '/tile/0/../../secret',
      '/%2e%2e/secret',
      '/tile/0/..%2f..%2fsecret',
      '//checkpoint',
      '/checkpoint/',
      '/tile',
      '/tile/0',
      '/tile/0/000',
      '/tile/0/000.p/03',
      '/tile/00/000.p/3',
      '/tile/0/000.p/4',
      '/tile/0/001.p/1',
      '/tile/1/000.p/1',
      '/tile/64/000',
      '/tile/entries/000',
      '/tile/0/000.p',
      '/tile/0/000.p/3%00',
      '/tile\\0\\000.p\\3',
      '/api/v2/checkpoint',
      `http://example.org/checkpoint`,
    ]) {
      const { status, body } = await raw(url, path);
      expect(status, path).toBe(404);
      expect(body.toString(), path).toBe('{"code":5,"message":"not found","details":[]}\n');
    }
    expect((await fetch(`${url}/tile/0/000`)).headers.get('cache-control')).toBe('no-store');
  });

  it('never show a tile before a checkpoint covers it: a cache would keep what is half written', async () => {
    const { log, url } = await serve(3);
    writeFileSync(join(log.path, 'tile/0/000.p/4'), 'half');
    writeFileSync(join(log.path, 'tile/0/000'), 'half');
    mkdirSync(join(log.path, 'tile/1'));
    writeFileSync(join(log.path, 'tile/1/000'), 'half');
    for (const path of ['tile/0/000.p/4', 'tile/0/000', 'tile/1/000'])
      expect((await fetch(`${url}/${path}`)).status, path).toBe(404);
  });

  it('follow no links, in place of a file or of a folder', async () => {
    const { log, url } = await serve(3);
    const elsewhere = join(log.path, '..', 'elsewhere');
    for (const part of ['tile/0/000.p/3', 'tile/0/000.p', 'tile/0', 'tile']) {
      renameSync(join(log.path, part), elsewhere);
      symlinkSync(elsewhere, join(log.path, part));
      expect((await fetch(`${url}/tile/0/000.p/3`)).status, part).toBe(404);
      rmSync(join(log.path, part));
      renameSync(elsewhere, join(log.path, part));
      expect((await fetch(`${url}/tile/0/000.p/3`)).status, part).toBe(200);
    }
    rmSync(join(log.path, 'tile/0/000.p/3'));
    mkdirSync(join(log.path, 'tile/0/000.p/3'));
    expect((await fetch(`${url}/tile/0/000.p/3`)).status).toBe(404);
  });

  it('take no other methods', async () => {
    const { url } = await serve(3);
    for (const [path, method, allow] of [
      ['/checkpoint', 'POST', 'GET, HEAD'],
      ['/tile/0/000.p/3', 'DELETE', 'GET, HEAD'],
      [ENTRIES, 'GET', 'POST'],
      [ENTRIES, 'PUT', 'POST'],
    ] as const) {
      const answer = await fetch(url + path, { method });
      expect(answer.status, path).toBe(405);
      expect(answer.headers.get('allow')).toBe(allow);
    }
  });

  it('say that the log is out of order, and tell whoever serves it why', async () => {
    const { log, url, notes } = await serve(3);
    rmSync(join(log.path, 'checkpoint'));
    const answer = await fetch(`${url}/checkpoint`);
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('5');
    expect(await answer.text()).not.toContain(log.path);
    expect((await fetch(`${url}/tile/0/000.p/3`)).status).toBe(503);
    expect(notes).toEqual([`can't read ${log.path}/checkpoint: no such file or folder`]);
  });
});

describe('POST /api/v2/log/entries', () => {
  const key = newP256();

  it('logs a signed digest, and answers with its proof', async () => {
    const { log, url } = await serve(300);
    const rekord = signedRekord(key, 'one');
    const answer = await post(url, rekordRequest(rekord));
    const body = formatHashedRekord(rekord);
    expect(await proven(log, answer, body)).toEqual({ index: 300, size: 301, repeated: null });
    expect(readEntry(log.path, 300)).toEqual(body);
    expect(fsck(log.path, log.vkey).bad).toBeUndefined();
  });

  it('logs an envelope as the digest of what its signature is over', async () => {
    const { log, url } = await serve();
    const payload = utf8('{"a":1}');
    const rekord = signedRekord(key, pae('application/vnd.in-toto+json', payload));
    const verifier = {
      keyDetails: 'PKIX_ECDSA_P256_SHA_256',
      publicKey: { rawBytes: b64(rekord.publicKey) },
    };
    const envelope = {
      payload: b64(payload),
      payloadType: 'application/vnd.in-toto+json',
      signatures: [{ sig: b64(rekord.signature), keyid: 'H' }],
    };
    const answer = await post(url, { dsseRequestV002: { envelope, verifiers: [verifier] } });
    await proven(log, answer, formatHashedRekord(rekord));
    for (const edited of [
      { envelope: { ...envelope, payload: b64(utf8('{"a":2}')) }, verifiers: [verifier] },
      { envelope: { ...envelope, signatures: [] }, verifiers: [verifier] },
      {
        envelope: { ...envelope, signatures: [...envelope.signatures, ...envelope.signatures] },
        verifiers: [verifier],
      },
      { envelope, verifiers: [] },
      { envelope, verifiers: [verifier, verifier] },
    ])
      expect((await post(url, { dsseRequestV002: edited })).status).toBe(400);
  });

  it('reads both names that protobuf has for a field, never two for one', async () => {
    const { log, url } = await serve();
    const rekord = signedRekord(key, 'snake');
    const text = JSON.stringify(rekordRequest(rekord))
      .replace('keyDetails', 'key_details')
      .replace('publicKey', 'public_key')
      .replace('rawBytes', 'raw_bytes');
    await proven(log, await post(url, text), formatHashedRekord(rekord));
    const twice = text.replace('"key_details"', '"keyDetails":"PKIX_ED25519","key_details"');
    expect((await post(url, twice)).status).toBe(400);
  });

  it('answers what it holds with the same entry and a proof', async () => {
    const { log, url } = await serve(5);
    const rekord = signedRekord(key, 'again');
    const body = formatHashedRekord(rekord);
    await proven(log, await post(url, rekordRequest(rekord)), body);
    await appendToLog(log, entriesFrom(5, 10));
    expect(await proven(log, await post(url, rekordRequest(rekord)), body)).toEqual({
      index: 5,
      size: 16,
      repeated: '5',
    });
  });

  it('logs fifty at once, each once', async () => {
    const { log, url } = await serve(250);
    const rekords = Array.from({ length: 50 }, (_, i) => signedRekord(key, `many ${i}`));
    const answers = await Promise.all(rekords.map((rekord) => post(url, rekordRequest(rekord))));
    const placed = await Promise.all(
      answers.map((answer, i) => proven(log, answer, formatHashedRekord(rekords[i]!))),
    );
    expect(placed.map(({ index }) => index).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 50 }, (_, i) => 250 + i),
    );
    expect(fsck(log.path, log.vkey).bad).toBeUndefined();
  });

  it('publishes what arrives together together', async () => {
    const { log, url } = await serve();
    const requests = Array.from({ length: 20 }, (_, i) => {
      const body = JSON.stringify(rekordRequest(signedRekord(key, `together ${i}`)));
      return `POST ${ENTRIES} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
    });
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    let answers = '';
    socket.on('data', (chunk) => {
      answers += chunk;
    });
    socket.write(requests.join(''));
    while (answers.split('"canonicalizedBody"').length <= 20) await once(socket, 'data');
    socket.destroy();
    expect(answers.match(/HTTP\/1\.1 201 /g)).toHaveLength(20);
    expect(new Set(answers.match(/"treeSize":"\d+"/g)).size).toBeLessThan(20);
    expect(fsck(log.path, log.vkey)).toMatchObject({ bad: undefined, checkpoint: { size: 20 } });
  });

  it('takes the high form of a signature too', async () => {
    const { log, url } = await serve();
    for (let i = 0; i < 8; i++) {
      const rekord = signedRekord(key, `either ${i}`);
      await proven(log, await post(url, rekordRequest(rekord)), formatHashedRekord(rekord));
    }
  });

  const good = signedRekord(key, 'good');
  const request = rekordRequest(good) as never as {
    hashedRekordRequestV002: { digest: string; signature: { content: string; verifier: object } };
  };
  const { hashedRekordRequestV002: rekord } = request;
  const withVerifier = (verifier: object) => ({
    hashedRekordRequestV002: { ...rekord, signature: { ...rekord.signature, verifier } },
  });
  const other = signedRekord(newP256(), 'good');
  it.each<[string, unknown, RegExp]>([
    ['no JSON', '{', /^not JSON: /],
    ['two names in one', '{"a":1,"a":2}', /^not JSON: /],
    ['nothing', '', /^not JSON: /],
    ['a list', [], /the top level: expected/],
    ['no request', {}, /expected hashedRekordRequestV002/],
    ['an unknown kind', { intotoRequestV002: {} }, /unknown member/],
    ['an unknown member', { hashedRekordRequestV002: { ...rekord, more: 1 } }, /unknown member "more"/],
    ...['_Proto__', '__proto__', 'more_members', 'Raw_bytes'].map((name): [string, unknown, RegExp] => [
      `the unknown member ${name}, by the name it was sent under`,
      `{"hashedRekordRequestV002":{"${name}":1,${JSON.stringify(rekord).slice(1)}}`,
      new RegExp(`unknown member "${name}"$`),
    ]),
    ['a digest that is not base64', { hashedRekordRequestV002: { ...rekord, digest: '?' } }, /digest: not/],
    ['a short digest', { hashedRekordRequestV002: { ...rekord, digest: 'AAAA' } }, /^digest: not a SHA-256/],
    [
      'another digest',
      { hashedRekordRequestV002: { ...rekord, digest: b64(sha256(utf8('bad'))) } },
      /signature is not by this key/,
    ],
    [
      'another’s signature',
      {
        hashedRekordRequestV002: {
          ...rekord,
          signature: { ...rekord.signature, content: b64(other.signature) },
        },
      },
      /signature is not by this key/,
    ],
    [
      'a signature that is not DER',
      { hashedRekordRequestV002: { ...rekord, signature: { ...rekord.signature, content: 'AAAA' } } },
      /signature is not by this key/,
    ],
    [
      'another algorithm',
      withVerifier({ keyDetails: 'PKIX_ED25519', publicKey: { rawBytes: b64(good.publicKey) } }),
      /takes PKIX_ECDSA_P256_SHA_256 alone/,
    ],
    ['no key', withVerifier({ keyDetails: 'PKIX_ECDSA_P256_SHA_256' }), /expected publicKey/],
    [
      'a key that is no point',
      withVerifier({
        keyDetails: 'PKIX_ECDSA_P256_SHA_256',
        publicKey: { rawBytes: b64(Uint8Array.of(...good.publicKey.subarray(0, 90), 1)) },
      }),
      /signature is not by this key/,
    ],
    [
      'a compressed key',
      withVerifier({ keyDetails: 'PKIX_ECDSA_P256_SHA_256', publicKey: { rawBytes: 'MDkwEwYH' } }),
      /publicKey: not the SPKI/,
    ],
    [
      'a certificate',
      withVerifier({ keyDetails: 'PKIX_ECDSA_P256_SHA_256', x509Certificate: { rawBytes: 'MIIB' } }),
      /no certificates/,
    ],
  ])('refuses %s in one line', async (_, body, message) => {
    const { log, url, notes } = await serve();
    const answer = await post(url, body);
    expect(answer.status).toBe(400);
    const json = (await answer.json()) as { code: number; message: string };
    expect(json.code).toBe(3);
    expect(json.message).toMatch(message);
    expect(json.message).not.toContain('\n');
    expect(notes).toEqual([]);
    expect((await openCheckpoint(readCheckpoint(log.path), log.vkey)).value!.checkpoint.size).toBe(0);
  });

  it('refuses what is too large, announced or not, and goes on', async () => {
    const { log, url } = await serve();
    const large = `{"a":"${'x'.repeat(100_000)}"}`;
    const announced = await post(url, large);
    expect(announced.status).toBe(413);
    const chunked = await fetch(`${url}${ENTRIES}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: new Blob([large]).stream(),
      duplex: 'half',
    } as RequestInit);
    expect(chunked.status).toBe(413);
    const rekord = signedRekord(key, 'after');
    await proven(log, await post(url, rekordRequest(rekord)), formatHashedRekord(rekord));
  });

  it('refuses a type that any web page could send here', async () => {
    const { url } = await serve();
    const body = JSON.stringify(rekordRequest(signedRekord(key, 'page')));
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp', ''])
      expect((await post(url, body, { 'content-type': type })).status, type).toBe(415);
    expect((await post(url, body, { 'content-encoding': 'gzip' })).status).toBe(415);
    expect((await post(url, body, { 'content-type': 'application/json; charset=utf-8' })).status).toBe(201);
  });

  it('asks to be tried later where the disk fails, and tells it once', async () => {
    const { log, url, notes } = await serve(3);
    renameSync(join(log.folder, 'checkpoint'), join(log.folder, 'gone'));
    const rekords = Array.from({ length: 4 }, (_, i) => signedRekord(key, `later ${i}`));
    const answers = await Promise.all(rekords.map((rekord) => post(url, rekordRequest(rekord))));
    for (const answer of answers) {
      expect(answer.status).toBe(503);
      expect(answer.headers.get('retry-after')).toBe('5');
      expect(await answer.text()).not.toContain(log.folder);
    }
    expect(notes).toEqual([`can't read ${log.folder}/checkpoint: no such file or folder`]);
    renameSync(join(log.folder, 'gone'), join(log.folder, 'checkpoint'));
    await proven(log, await post(url, rekordRequest(rekords[0]!)), formatHashedRekord(rekords[0]!));
  });

  it('logs what a strict reader reads', async () => {
    const { log, url } = await serve();
    const rekord = signedRekord(key, 'strict');
    await post(url, rekordRequest(rekord));
    expect(parseHashedRekord(readEntry(log.path, 0)).value).toEqual(rekord);
  });
});

describe('the server', () => {
  it('listens on this machine alone unless told otherwise', async () => {
    const { url } = await serve();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect((await serve(0, { host: '::1' })).url).toMatch(/^http:\/\/\[::1\]:\d+$/);
  });

  it('says where it can’t listen', async () => {
    const { url } = await serve();
    const port = Number(new URL(url).port);
    await expect(serve(0, { port })).rejects.toThrow(
      `can't listen on 127.0.0.1:${port}: another program listens there`,
    );
  });

  it.each([
    'GET /checkpoint HTTP/1.1\r\nhost: x\r\n',
    `POST ${ENTRIES} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{`,
  ])('does not wait for ever for the rest of a request', async (begun) => {
    const { url, notes } = await serve(0, { requestTimeoutMs: 300 });
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.write(begun);
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    await once(socket, 'close');
    expect(Buffer.concat(chunks).toString()).toMatch(/^HTTP\/1\.1 408 /);
    expect(notes).toEqual([]);
  });

  it('refuses a header that goes on for ever', async () => {
    const { url } = await serve();
    const answer = await fetch(`${url}/checkpoint`, { headers: { x: 'y'.repeat(10_000) } });
    expect(answer.status).toBe(431);
  });

  it('survives clients that go away in the middle', async () => {
    const { log, url, notes } = await serve(300);
    for (const begun of [
      `POST ${ENTRIES} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{`,
      `GET /tile/entries/000 HTTP/1.1\r\nhost: x\r\n\r\n`.repeat(200),
    ]) {
      const socket = connect(Number(new URL(url).port), '127.0.0.1');
      await once(socket, 'connect');
      socket.write(begun);
      await new Promise((resolve) => setTimeout(resolve, 20));
      socket.resetAndDestroy();
    }
    const rekord = signedRekord(newP256(), 'still there');
    await proven(log, await post(url, rekordRequest(rekord)), formatHashedRekord(rekord));
    expect(notes).toEqual([]);
  });

  it('does not take on all that one connection can ask at once', async () => {
    const { url } = await serve(300);
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    let answers = '';
    socket.on('data', (chunk) => {
      answers += chunk.toString('latin1');
    });
    socket.write('GET /tile/0/000 HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(1000));
    const count = (status: number) => answers.split(`HTTP/1.1 ${status} `).length - 1;
    while (count(200) + count(503) < 1000) await once(socket, 'data');
    socket.destroy();
    expect(count(503)).toBeGreaterThan(0);
    expect(count(200)).toBeGreaterThanOrEqual(512);
    expect((await fetch(`${url}/tile/0/000`)).status).toBe(200);
  });

  it('answers what was begun before it ends', async () => {
    const { log, url, stop } = await serve();
    const rekord = signedRekord(newP256(), 'last');
    const body = JSON.stringify(rekordRequest(rekord));
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.write(
      `POST ${ENTRIES} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body.slice(0, 9)}`,
    );
    await new Promise((resolve) => setTimeout(resolve, 50));
    const stopped = stop();
    await expect(fetch(`${url}/checkpoint`)).rejects.toThrow();
    socket.write(body.slice(9));
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    await once(socket, 'close');
    await stopped;
    expect(Buffer.concat(chunks).toString()).toMatch(/^HTTP\/1\.1 201 .*connection: close/is);
    expect(readEntry(log.path, 0)).toEqual(formatHashedRekord(rekord));
  });

  it('ends at once where it was stopped before it began', async () => {
    const log = createLog(newLogPlace());
    const { closed } = await serveLog(log, { port: 0, signal: AbortSignal.abort(), note: () => {} });
    await closed;
  });
});
