/**
 * The log over HTTP: what any static file server would show of it (https://c2sp.org/tlog-tiles), and Rekor v2's way in
 * (https://github.com/sigstore/rekor-tiles, `rekor_service.proto`), so that Sigstore's clients can write to it.
 *
 *     GET  /checkpoint   /tile/…
 *     POST /api/v2/log/entries     → 201 and a TransparencyLogEntry with its inclusion proof
 *
 * Anyone who reaches it may ask anything: time, size and number of requests are bounded, and no path but a tile's is looked up.
 */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { QpoeError } from '../core/error.ts';
import { printable } from '../core/printable.ts';
import type { OpenLog } from '../store/log.ts';
import { parseTilePath } from '../tlog/tile.ts';
import { type Answer, notFound, refusal, tryLater } from './log-server-answer.ts';
import { serveCheckpoint, serveTile } from './log-server-read.ts';
import { createEntry } from './log-server-write.ts';

export interface ServeOptions {
  /** By default this machine alone can reach it. */
  readonly host?: string;
  /** 0 takes any that is free. */
  readonly port: number;
  /** Ends it: what was begun is answered first. */
  readonly signal: AbortSignal;
  /** Is told in one line why a request could not be answered, where the log is at fault and not who asked. */
  readonly note: (line: string) => void;
  /** For a whole request to arrive. */
  readonly requestTimeoutMs?: number;
}

export interface ServedLog {
  readonly url: string;
  readonly closed: Promise<void>;
}

const REQUEST_TIMEOUT_MS = 20_000;
/** How often timeouts are looked for. */
const CHECK_MS = 1_000;
/** Nothing sent or received. */
const IDLE_TIMEOUT_MS = 30_000;
const KEEP_ALIVE_MS = 5_000;
const MAX_HEADER_BYTES = 8192;
const MAX_CONNECTIONS = 256;
/** One connection can ask many things before it reads the first answer. */
const MAX_REQUESTS = 512;
const CLOSE_GRACE_MS = 5_000;
const TELL_AGAIN_MS = 60_000;

/** @throws QpoeError `external` where it can't listen there */
export async function serveLog(log: OpenLog, options: ServeOptions): Promise<ServedLog> {
  const { host = '127.0.0.1', port, signal, requestTimeoutMs = REQUEST_TIMEOUT_MS } = options;
  const server = createServer(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: requestTimeoutMs,
      requestTimeout: requestTimeoutMs,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: Math.min(CHECK_MS, requestTimeoutMs),
    },
    requestListener(log, options),
  );
  server.maxConnections = MAX_CONNECTIONS;
  server.timeout = IDLE_TIMEOUT_MS;
  await listen(server, host, port);
  const closed = new Promise<void>((resolve) => server.once('close', resolve));
  const { port: bound } = server.address() as AddressInfo;
  if (signal.aborted) close(server);
  else signal.addEventListener('abort', () => close(server), { once: true });
  return { url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`, closed };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      const { code } = cause as NodeJS.ErrnoException;
      const why = code === 'EADDRINUSE' ? 'another program listens there' : cause.message;
      reject(
        new QpoeError('external', `can't listen on ${host}:${port}: ${why}`, 'choose another --port', {
          cause,
        }),
      );
    });
    server.listen(port, host, resolve);
  });
}

function close(server: Server): void {
  server.close();
  setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS).unref();
}

function requestListener(log: OpenLog, { signal, note }: ServeOptions) {
  const tell = tellOnce(note);
  let active = 0;
  return async (request: IncomingMessage, response: ServerResponse) => {
    active++;
    try {
      const answer = active > MAX_REQUESTS ? tryLater('too many requests') : await dispatch(log, request);
      await send(request, response, answer, signal);
    } catch (error) {
      // Who asked has gone: there is no one to answer.
      if (request.socket.destroyed) return;
      tell(error instanceof QpoeError ? error.message : printable(String(error)));
      await send(request, response, failure(error), signal).catch(() => response.destroy());
    } finally {
      active--;
    }
  };
}

/** A batch that fails, fails for everyone in it, and anyone can ask again and again: one line a minute says it. */
function tellOnce(note: (line: string) => void): (line: string) => void {
  let last = { line: '', at: 0 };
  return (line) => {
    const at = performance.now();
    if (line === last.line && at - last.at < TELL_AGAIN_MS) return;
    last = { line, at };
    note(line);
  };
}

/** Nothing of what happened here is the asker's business: it may name folders. */
function failure(error: unknown): Answer {
  return error instanceof QpoeError
    ? tryLater('the log can’t answer now')
    : refusal(500, 'the log failed to answer');
}

const ENTRIES = '/api/v2/log/entries';
const READS = ['GET', 'HEAD'];

async function dispatch(log: OpenLog, request: IncomingMessage): Promise<Answer> {
  const [path = ''] = request.url!.split('?', 1);
  if (path === ENTRIES) return request.method === 'POST' ? createEntry(log, request) : notAllowed('POST');
  const tile = parseTilePath(path.slice(1));
  if (tile === undefined && path !== '/checkpoint') return notFound();
  if (!READS.includes(request.method!)) return notAllowed(READS.join(', '));
  return tile === undefined ? serveCheckpoint(log.path) : serveTile(log.path, tile);
}

function notAllowed(allow: string): Answer {
  return refusal(405, `only ${allow}`, { allow });
}

async function send(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, body }: Answer,
  { aborted }: AbortSignal,
): Promise<void> {
  try {
    response.writeHead(status, {
      ...headers,
      'content-length': body.length,
      'x-content-type-options': 'nosniff',
      ...(aborted ? { connection: 'close' } : {}),
    });
    if (request.method === 'HEAD' || body.length === 0) response.end();
    else if (body instanceof Uint8Array) response.end(body);
    else await pipeline(body.file.createReadStream({ end: body.length - 1, autoClose: false }), response);
  } finally {
    if (!(body instanceof Uint8Array)) await body.file.close();
  }
}
