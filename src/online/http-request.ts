/**
 * HTTP requests to services that may be slow, away, or not what they are taken for: bounded in time and size, never
 * redirected, and tried again where that can help. Nothing that comes back is believed here.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { type Bytes, concatenate } from '../core/bytes.ts';
import { QpoeError } from '../core/error.ts';
import { printable } from '../core/printable.ts';

export interface HttpRequest {
  readonly url: string;
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Bytes;
  /** What to call the address in an error, where the address itself is a secret. */
  readonly shown?: string;
  /** Takes an answer of status 200 as it comes, too: what can be asked for only once is then on disk before a connection breaks. */
  readonly spool?: Spool;
  /** The answer is given once: whoever stops waits for it. */
  readonly once?: boolean | undefined;
}

export interface Spool {
  /** An answer begins: what an attempt before it left is no part of it. */
  begin(): void;
  take(part: Uint8Array): void;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Bytes;
}

export interface Patience {
  /** For each attempt. */
  readonly timeoutMs?: number;
  readonly attempts?: number;
  /** The longest pause before the second attempt; it doubles before each one after it. */
  readonly pauseMs?: number;
  /** Of an answer. */
  readonly maxBytes?: number;
  readonly signal?: AbortSignal | undefined;
}

/** A Rekor v2 answers with its next checkpoint: its documentation asks for 20 seconds at least. */
const TIMEOUT_MS = 30_000;
const ATTEMPTS = 5;
const PAUSE_MS = 500;
/** More than this no `Retry-After` gets: the person is told, and can come back. */
const MAX_PAUSE_MS = 20_000;
const MAX_ANSWER_BYTES = 4_000_000;
const UNAVAILABLE = 503;
const TOO_MANY = 429;
const CLIENT_CLOSED = 499;
const LOOPBACK = ['127.0.0.1', '[::1]', 'localhost'];

/**
 * The address without a slash at its end. Plain http is for this very machine: elsewhere who listens in would know what is
 * being signed before it is published.
 * @throws QpoeError `usage`
 */
export function serviceUrl(text: string): string {
  const url = URL.parse(text);
  const allowed =
    url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.includes(url.hostname));
  if (url !== null && allowed && url.search === '' && url.hash === '' && url.username === '')
    return url.href.replace(/\/+$/, '');
  throw new QpoeError(
    'usage',
    `${printable(text)} is not the https address of a service`,
    'name the service by its https address, without a query',
  );
}

/**
 * The first answer that says what became of the request: no 5xx, no 429, and no 499, which a service gives where it was itself
 * interrupted. Whoever sends again must mean the same: a lost answer says nothing of what was done.
 * @param resume asked before a request is sent again whose answer was lost; what it gives stands for the answer
 * @throws QpoeError `external`: none came, however often it was tried; `interrupted`: the signal
 */
export async function requestPatiently<R = never>(
  request: HttpRequest,
  patience: Patience = {},
  resume?: () => Promise<R | undefined>,
): Promise<HttpAnswer | R> {
  const { attempts = ATTEMPTS, signal } = patience;
  for (let attempt = 1; ; attempt++) {
    const tried = await requestOnce(request, patience);
    if (typeof tried !== 'string' && isFinal(tried.status)) return tried;
    if (attempt >= attempts)
      throw failed(request, typeof tried === 'string' ? tried : `it answers ${tried.status}`);
    await pause(backoffMs(attempt, tried, patience), signal);
    // 503 and 429 say that nothing was done.
    const lost = typeof tried === 'string' || ![UNAVAILABLE, TOO_MANY].includes(tried.status);
    const resumed = lost ? await resume?.() : undefined;
    if (resumed !== undefined) return resumed;
  }
}

function isFinal(status: number): boolean {
  return status < 500 && status !== CLIENT_CLOSED && status !== TOO_MANY;
}

/** At random, so that many clients of a service that comes back do not come all at once. */
function backoffMs(attempt: number, tried: HttpAnswer | string, { pauseMs = PAUSE_MS }: Patience): number {
  const backoff = Math.random() * pauseMs * 2 ** (attempt - 1);
  const asked = typeof tried === 'string' ? 0 : retryAfterMs(tried.headers);
  return Math.min(Math.max(backoff, asked), MAX_PAUSE_MS);
}

/** For what must not be sent again before it is known what became of it. @returns the answer, or why there is none */
export async function requestOnce(
  { url, method, headers, body, shown, spool, once = false }: HttpRequest,
  { timeoutMs = TIMEOUT_MS, maxBytes = MAX_ANSWER_BYTES, signal }: Patience,
): Promise<HttpAnswer | string> {
  const late = AbortSignal.timeout(timeoutMs);
  if (signal?.aborted) throw interrupted();
  try {
    const response = await fetch(url, {
      method,
      redirect: 'error',
      signal: signal === undefined || once ? late : AbortSignal.any([signal, late]),
      ...(headers === undefined ? {} : { headers }),
      ...(body === undefined ? {} : { body }),
    });
    return {
      status: response.status,
      headers: response.headers,
      body: await readBounded(response, shown ?? url, maxBytes, response.status === 200 ? spool : undefined),
    };
  } catch (error) {
    if (signal?.aborted) throw interrupted();
    if (error instanceof QpoeError) throw error;
    return late.aborted ? `no answer in ${timeoutMs / 1000} s` : reasonOf(error as Error);
  }
}

async function readBounded(
  response: Response,
  url: string,
  maxBytes: number,
  spool: Spool | undefined,
): Promise<Bytes> {
  const parts: Uint8Array[] = [];
  let length = 0;
  spool?.begin();
  for await (const part of response.body ?? []) {
    spool?.take(part);
    length += part.length;
    if (length > maxBytes) throw failed({ url }, `its answer is longer than ${maxBytes} bytes`);
    parts.push(part);
  }
  return concatenate(parts);
}

/** fetch says only that it failed; what the system said is the cause. */
function reasonOf({ cause, message }: Error): string {
  return printable(cause instanceof Error && cause.message !== '' ? cause.message : message);
}

/** Whole seconds or a date (RFC 9110, section 10.2.3); 0 where the header says neither. */
export function retryAfterMs(headers: Headers): number {
  const text = headers.get('retry-after') ?? '';
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isFinite(ms) ? ms : 0;
}

/** @throws QpoeError `interrupted` */
export async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(ms, undefined, signal === undefined ? {} : { signal });
  } catch {
    throw interrupted();
  }
}

function failed({ url, shown }: Pick<HttpRequest, 'url' | 'shown'>, reason: string): QpoeError {
  return new QpoeError(
    'external',
    `${printable(shown ?? url)} can't be used: ${reason}`,
    'check the address and the network, and try again: what was made so far is kept',
  );
}

function interrupted(): QpoeError {
  return new QpoeError(
    'interrupted',
    'interrupted while a service was asked',
    'try again: it takes up where it was, without a second entry',
  );
}
