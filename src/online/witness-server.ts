/**
 * A witness (https://c2sp.org/tlog-witness) over HTTP. Anyone may ask: what protects it is that it cosigns only what a known
 * log signed, and only what extends the tree that it cosigned last.
 *
 *     POST <prefix>/add-checkpoint                 200 with a signature line; 400, 403, 404, 409, 422 as the protocol says
 *     GET <prefix>/<SHA-256 of origin>/checkpoint  the checkpoint cosigned last, for monitors
 *
 * Requests are read and authenticated beside each other. The step that decides, records and signs waits for nothing in this
 * process and holds a lock against others (`witness-record.ts`).
 */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { QpoeError } from '../core/error.ts';
import type { WitnessKey } from '../store/witness-key.ts';
import { cosignSubmission, originHash, readCosignedNote, sweepWitness } from '../store/witness-record.ts';
import type { Vkey } from '../tlog/vkey.ts';
import { openSubmission, TREE_SIZE_TYPE } from '../tlog/witness.ts';

export interface WitnessServerOptions {
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** What stands before `/add-checkpoint`: empty, or `/` and a path. */
  readonly prefix?: string;
  readonly witness: WitnessKey;
  /** The keys of the logs that are cosigned, each named by its log's origin. */
  readonly logs: readonly Vkey[];
  /** Ends the server; what is being answered is answered. */
  readonly signal: AbortSignal;
  readonly onAnswer?: (answer: WitnessAnswer) => void;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** For a whole request to arrive. */
  readonly timeoutMs?: number;
}

/** For the operator; who asked is told no more than the protocol says. */
export interface WitnessAnswer {
  readonly status: number;
  /** Of a log that is known here. */
  readonly origin?: string;
  readonly size?: number;
  readonly fault?: string;
}

export interface RunningWitness {
  readonly url: string;
  /** Once the last connection has ended. */
  readonly closed: Promise<void>;
}

/** A proof, and a checkpoint with sixteen ML-DSA-44 signatures, several times over. */
const MAX_BODY_BYTES = 256 * 1024;
const MAX_HEADER_BYTES = 16 * 1024;
const MAX_CONNECTIONS = 512;
const TIMEOUT_MS = 10_000;
const CLOSING_MS = 2000;

export interface Reply extends WitnessAnswer {
  readonly body?: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

/** @throws QpoeError where the port can't be had */
export async function serveWitness(options: WitnessServerOptions): Promise<RunningWitness> {
  const { host, port, prefix = '', witness, signal, timeoutMs = TIMEOUT_MS } = options;
  sweepWitness(witness);
  const server = createServer(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: timeoutMs,
      requestTimeout: timeoutMs,
      connectionsCheckingInterval: Math.min(1000, timeoutMs / 2),
    },
    (request, response) => void answer(request, response, options),
  );
  server.maxConnections = MAX_CONNECTIONS;
  // Against those who send nothing between requests, and those who never read what they asked for.
  server.keepAliveTimeout = timeoutMs;
  server.setTimeout(2 * timeoutMs, (socket) => socket.destroy());
  await listen(server, host, port);
  const { address, family, port: bound } = server.address() as AddressInfo;
  const name = family === 'IPv6' ? `[${address}]` : address;
  return { url: `http://${name}:${bound}${prefix}`, closed: closeOn(server, signal) };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        new QpoeError('external', `can't listen on ${host}:${port}: ${cause.code}`, 'name another --listen', {
          cause,
        }),
      ),
    );
    server.listen(port, host, resolve);
  });
}

function closeOn(server: Server, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const close = () => {
      server.close(() => resolve());
      setTimeout(() => server.closeAllConnections(), CLOSING_MS).unref();
    };
    if (signal.aborted) close();
    else signal.addEventListener('abort', close, { once: true });
  });
}

async function answer(request: IncomingMessage, response: ServerResponse, options: WitnessServerOptions) {
  const { status, body = '', headers = {}, ...about } = await reply(request, options);
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
    // What was not read of a request would be taken for the next one.
    ...(request.complete ? {} : { Connection: 'close' }),
    ...headers,
  });
  response.end(request.method === 'HEAD' ? undefined : body);
  options.onAnswer?.({ status, ...about });
}

async function reply(request: IncomingMessage, options: WitnessServerOptions): Promise<Reply> {
  const { prefix = '', witness, logs } = options;
  const path = request.url!.split('?', 1)[0]!;
  const route = path.startsWith(`${prefix}/`) ? path.slice(prefix.length) : '';
  try {
    if (route === '/add-checkpoint')
      return request.method === 'POST' ? await addCheckpoint(request, options) : notAllowed('POST');
    const log = logs.find(({ name }) => route === `/${originHash(name)}/checkpoint`);
    if (log === undefined) return { status: 404, body: 'not found\n' };
    if (request.method !== 'GET' && request.method !== 'HEAD') return notAllowed('GET, HEAD');
    const note = readCosignedNote(witness, originHash(log.name));
    return note === undefined
      ? { status: 404, body: 'nothing cosigned yet\n', origin: log.name }
      : { status: 200, body: note, origin: log.name };
  } catch (error) {
    // A full disk, a damaged record, a sender that went away: nothing was cosigned, and the next one may be.
    return { status: 500, body: 'not cosigned\n', fault: (error as Error).message };
  }
}

function notAllowed(methods: string): Reply {
  return { status: 405, body: 'method not allowed\n', headers: { Allow: methods } };
}

async function addCheckpoint(request: IncomingMessage, options: WitnessServerOptions): Promise<Reply> {
  const body = await readBody(request);
  return body === undefined
    ? { status: 413, body: 'too large\n', fault: `more than ${MAX_BODY_BYTES} bytes` }
    : answerSubmission(body, options);
}

/** What a witness says to a submission, however it came. @throws QpoeError where its record or disk fails */
export async function answerSubmission(
  body: Uint8Array,
  { witness, logs, now = Date.now }: Pick<WitnessServerOptions, 'witness' | 'logs' | 'now'>,
): Promise<Reply> {
  const opened = await openSubmission(body, logs);
  if (opened.value === undefined)
    return { status: opened.status, body: `${opened.code}\n`, fault: opened.fault };
  const { origin, size } = opened.value.checkpoint;
  const cosigned = cosignSubmission(witness, opened.value, now);
  const about = { origin, size };
  if (cosigned.status === undefined) return { status: 200, body: cosigned.line, ...about };
  const { status, fault, code } = cosigned;
  if (cosigned.size === undefined) return { status, body: `${code}\n`, fault, ...about };
  return { status, body: `${cosigned.size}\n`, headers: { 'Content-Type': TREE_SIZE_TYPE }, fault, ...about };
}

/** Undefined past the limit: the rest is not read. */
async function readBody(request: IncomingMessage): Promise<Uint8Array | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) return undefined;
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array | undefined>();
  const chunks: Buffer[] = [];
  let length = 0;
  request.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length <= MAX_BODY_BYTES) chunks.push(chunk);
    else {
      request.pause();
      resolve(undefined);
    }
  });
  request.on('end', () => resolve(Buffer.concat(chunks)));
  request.on('error', reject);
  request.on('close', () => reject(new Error('the request ended early')));
  return promise;
}
