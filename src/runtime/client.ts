/**
 * IBM Quantum Compute's REST API (formerly Qiskit Runtime), as far as it is read here. Every answer is given as the bytes that
 * came: who asks keeps them first and reads them then.
 */

import type * as z from 'zod/mini';
import { type Bytes, fromUtf8, utf8 } from '../core/bytes.ts';
import { QpoeError } from '../core/error.ts';
import { JsonError, type JsonObject, parseJson } from '../core/json.ts';
import { printable } from '../core/printable.ts';
import { checkShape } from '../core/shape.ts';
import {
  type HttpAnswer,
  type HttpRequest,
  type Patience,
  requestOnce,
  requestPatiently,
  retryAfterMs,
  type Spool,
} from '../online/http-request.ts';
import { backendsAnswer, errorAnswer, jobsAnswer, sessionAnswer } from './answers.ts';
import type { TokenSource } from './iam.ts';

export const API_VERSION = '2026-04-15';

export interface RuntimeClient {
  readonly api: string;
  readonly crn: string;
  readonly tokens: TokenSource;
  readonly patience: Patience;
}

export interface Answer {
  readonly status: number;
  readonly body: Bytes;
  /** The provider's clock, milliseconds since 1970; undefined where it doesn't say. */
  readonly date: number | undefined;
}

const UNAUTHORIZED = 401;
const MAX_ANSWER_BYTES = 256_000_000;
/** JavaScript holds no longer text. */
const MAX_RESULT_BYTES = 512_000_000;

export const readJob = (client: RuntimeClient, id: string): Promise<Answer> => get(client, `/jobs/${id}`);

export const readMetrics = (client: RuntimeClient, id: string): Promise<Answer> =>
  get(client, `/jobs/${id}/metrics`);

/** A private job's results are given `once`: `spool` has them, whatever happens. */
export const readResults = (
  client: RuntimeClient,
  id: string,
  spool: Spool,
  once: boolean,
): Promise<Answer> => patiently(client, { method: 'GET', path: `/jobs/${id}/results`, spool, once });

export const readConfiguration = (
  client: RuntimeClient,
  backend: string,
  query: URLSearchParams,
): Promise<Answer> => get(client, `/backends/${encodeURIComponent(backend)}/configuration${suffix(query)}`);

export const readProperties = (
  client: RuntimeClient,
  backend: string,
  query: URLSearchParams,
): Promise<Answer> => get(client, `/backends/${encodeURIComponent(backend)}/properties${suffix(query)}`);

export interface JobPage {
  readonly offset: number;
  readonly limit: number;
  readonly createdAfter?: string | undefined;
  readonly sessionId?: string | undefined;
  /** Only jobs that have it. */
  readonly tag?: string | undefined;
}

/** Oldest first: jobs that are submitted meanwhile come at the end, and shift no page. */
export async function listJobs(
  client: RuntimeClient,
  { offset, limit, createdAfter, sessionId, tag }: JobPage,
): Promise<z.infer<typeof jobsAnswer>> {
  const query = new URLSearchParams({ limit: String(limit), offset: String(offset), sort: 'ASC' });
  if (createdAfter !== undefined) query.set('created_after', createdAfter);
  if (sessionId !== undefined) query.set('session_id', sessionId);
  if (tag !== undefined) query.set('tags', tag);
  const answer = await get(client, `/jobs${suffix(query)}`);
  if (answer.status !== 200) throw unexpected(client, 'the list of jobs', answer);
  return parseAnswer(jobsAnswer, answer, 'the list of jobs');
}

/** How a job is, without what was sent in. */
export const readJobState = (client: RuntimeClient, id: string): Promise<Answer> =>
  get(client, `/jobs/${id}?exclude_params=true`);

export interface Sent {
  readonly answer: Answer;
  /** What `Retry-After` asks for; 0 where it asks for nothing. */
  readonly retryAfterMs: number;
}

/**
 * Submits a job, once: another attempt could run, and be paid for, beside this one.
 * @returns why there is no answer, where there is none: the job may be there all the same
 */
export async function postJob(client: RuntimeClient, body: Bytes): Promise<Sent | string> {
  const token = await client.tokens.get();
  const once = (bearer: string): Promise<HttpAnswer | string> =>
    requestOnce(requestFor(client, { method: 'POST', path: '/jobs', body }, bearer), client.patience);
  const first = await once(token);
  // Who isn't let in has submitted nothing.
  const isShut = typeof first !== 'string' && first.status === UNAUTHORIZED;
  const answer = isShut ? await once(await client.tokens.get(token)) : first;
  if (typeof answer === 'string') return answer;
  return { answer: described(answer), retryAfterMs: retryAfterMs(answer.headers) };
}

/** Replaces all tags of a job. The same again changes nothing, and so may be sent again. */
export async function replaceTags(client: RuntimeClient, id: string, tags: readonly string[]): Promise<void> {
  const body = utf8(JSON.stringify({ tags }));
  const answer = await patiently(client, { method: 'PUT', path: `/jobs/${id}/tags`, body });
  if (answer.status !== 204 && answer.status !== 200)
    throw unexpected(client, `the tags of job ${id}`, answer);
}

export async function createSession(client: RuntimeClient, backend: string): Promise<string> {
  const asked: JsonObject = { mode: 'dedicated', backend };
  const body = utf8(JSON.stringify(asked));
  const answer = await patiently(client, { method: 'POST', path: '/sessions', body });
  if (answer.status !== 200 && answer.status !== 201)
    throw unexpected(client, `a session on ${backend}`, answer);
  return parseAnswer(sessionAnswer, answer, 'a session').id;
}

export const readSession = (client: RuntimeClient, id: string): Promise<Answer> =>
  get(client, `/sessions/${encodeURIComponent(id)}`);

/** The devices, with what their queues are like now. */
export async function listBackends(client: RuntimeClient): Promise<z.infer<typeof backendsAnswer>> {
  const answer = await get(client, '/backends?fields=wait_time_seconds');
  if (answer.status !== 200) throw unexpected(client, 'the list of devices', answer);
  return parseAnswer(backendsAnswer, answer, 'the list of devices');
}

function suffix(query: URLSearchParams): string {
  return query.size === 0 ? '' : `?${query}`;
}

interface Asked {
  readonly method: HttpRequest['method'];
  readonly path: string;
  readonly body?: Bytes;
  readonly spool?: Spool | undefined;
  readonly once?: boolean;
}

const get = (client: RuntimeClient, path: string): Promise<Answer> =>
  patiently(client, { method: 'GET', path });

/** A token that ended before its time is replaced once. */
async function patiently(client: RuntimeClient, asked: Asked): Promise<Answer> {
  const token = await client.tokens.get();
  const answer = await ask(client, asked, token);
  if (answer.status !== UNAUTHORIZED) return described(answer);
  const fresh = await client.tokens.get(token);
  const again = fresh === token ? answer : await ask(client, asked, fresh);
  if (again.status === UNAUTHORIZED) throw unexpected(client, 'the instance', described(again));
  return described(again);
}

function ask(client: RuntimeClient, asked: Asked, token: string): Promise<HttpAnswer> {
  const maxBytes = asked.spool === undefined ? MAX_ANSWER_BYTES : MAX_RESULT_BYTES;
  return requestPatiently(requestFor(client, asked, token), { ...client.patience, maxBytes });
}

function requestFor(
  client: RuntimeClient,
  { method, path, body, spool, once }: Asked,
  token: string,
): HttpRequest {
  return {
    url: `${client.api}${path}`,
    method,
    headers: {
      authorization: `Bearer ${token}`,
      'service-crn': client.crn,
      'ibm-api-version': API_VERSION,
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body }),
    ...(spool === undefined ? {} : { spool }),
    once,
  };
}

function described({ status, body, headers }: HttpAnswer): Answer {
  const date = Date.parse(headers.get('date') ?? '');
  return { status, body, date: Number.isNaN(date) ? undefined : date };
}

const NO_ANSWER = 'try again; if it stays so, is the account’s address the service’s?';

/** @throws QpoeError `external` where the answer isn't what the API promises */
export function parseAnswer<T>(schema: z.ZodMiniType<T>, { body }: Pick<Answer, 'body'>, what: string): T {
  try {
    const shaped = checkShape(schema, parseJson(fromUtf8(body) ?? ''));
    if (shaped.fault === undefined) return shaped.value;
    throw new QpoeError(
      'external',
      `the service's answer for ${what} is not what it must be: ${shaped.fault}`,
      NO_ANSWER,
    );
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new QpoeError(
      'external',
      `the service's answer for ${what} is not strict JSON: ${error.message}`,
      NO_ANSWER,
    );
  }
}

/** The first thing that the service says is wrong, as one line. */
export function reasonOf({ status, body }: Pick<Answer, 'status' | 'body'>): string {
  try {
    const shaped = checkShape(errorAnswer, parseJson(fromUtf8(body) ?? ''));
    const first = shaped.value?.errors[0];
    if (first === undefined) return String(status);
    return printable([status, first.code, first.message].filter((part) => part != null).join(' '), 300);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return String(status);
  }
}

const WHY: Readonly<Record<number, readonly [string, string]>> = {
  400: ['not asked for rightly', 'is the CRN the instance’s? --instance names another'],
  401: [
    'not open to this API key',
    'is it the account’s that the instance belongs to? --account names another',
  ],
  403: ['not open to this account', 'ask whoever it belongs to, or name another instance with --instance'],
  404: ['not there', 'is it of this instance? --instance names another'],
  409: ['more than this instance may use', 'its limit is the provider’s to raise'],
};

const MANY = /^the (?:results|metrics) /;

/** An answer that leaves nothing to do. */
export function unexpected(client: RuntimeClient, what: string, answer: Answer): QpoeError {
  const [why, hint] = WHY[answer.status] ?? ['not to be had', 'try again later'];
  const said = reasonOf(answer).replaceAll(client.crn, '…');
  // A key that the instance doesn't take is every job's matter, and the person's to mend.
  const code = answer.status === UNAUTHORIZED ? 'usage' : answer.status in WHY ? 'refused' : 'external';
  return new QpoeError(code, `${what} ${MANY.test(what) ? 'are' : 'is'} ${why} (${said})`, hint);
}
