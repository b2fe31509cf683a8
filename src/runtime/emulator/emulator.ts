/**
 * IBM Quantum Compute on this machine: its API over HTTP, on a device that is a file, with a simulator behind it. Nothing is
 * written: jobs live as long as the process. What it answers is evidence of nothing; it is for trying and for tests.
 */

import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { QpoeError } from '../../core/error.ts';
import type { JsonObject } from '../../core/json.ts';
import { printable } from '../../core/printable.ts';
import type { PythonChoice } from '../../sdk/python.ts';
import { type Account, openAccounts } from './accounts.ts';
import { type Answer, refusal } from './answer.ts';
import { ApiError, CODES } from './api-error.ts';
import type { Device } from './device.ts';
import { type Engine, simulatorEngine } from './engine.ts';
import type { Fault, FaultHook } from './faults.ts';
import { openQueue } from './job-queue.ts';
import { type EmulatedJob, type JobStatus, openJobBook, type ResultsFate } from './jobs.ts';
import { limitRate } from './rate-limit.ts';
import { answerRequest, type Emulation } from './routes.ts';
import { openSessions } from './sessions.ts';
import { syntheticDevice } from './synthetic-device.ts';

export interface EmulatorOptions {
  /** 0 takes any that is free. It listens on this machine's loopback alone. */
  readonly port?: number;
  readonly signal: AbortSignal;
  /** By default one of seven qubits that no one built. */
  readonly devices?: readonly Device[];
  readonly engine?: Engine;
  /** Which Python reads QPY. */
  readonly python: PythonChoice;
  /** Of the first job that names none; each next has the next. */
  readonly seed?: number;
  /** The first is the one that is told to the person. */
  readonly accounts?: readonly Account[];
  readonly tokenSeconds?: number;
  readonly jobsPerMinute?: number;
  /** Before each answer. */
  readonly latencyMs?: number;
  /** What each job waits for before it runs. */
  readonly queueMs?: number;
  readonly onRequest?: FaultHook;
  /** Is told in one line why a request could not be answered, where the emulator is at fault. */
  readonly note?: (line: string) => void;
  /** The service's clock, which may go wrong. */
  readonly now?: () => number;
}

/** A job that is over already, for tests of what reads them. */
interface SeededJob {
  readonly program?: 'sampler' | 'estimator';
  readonly params?: JsonObject;
  readonly results?: JsonObject | Uint8Array;
  readonly status?: JobStatus;
  readonly reason?: string;
  readonly tags?: readonly string[];
  readonly created?: number;
  readonly userId?: string;
  readonly private?: boolean;
  readonly fate?: ResultsFate;
  readonly sessionId?: string;
  readonly seconds?: number;
}

export interface Emulator {
  /** `http://127.0.0.1:P` */
  readonly url: string;
  readonly apiUrl: string;
  readonly apiKey: string;
  readonly crn: string;
  /** What makes the official client, unchanged, come here. */
  readonly environment: Readonly<Record<string, string>>;
  readonly closed: Promise<void>;
  /** @returns its id */
  seedJob(job: SeededJob): string;
  /** @throws ApiError 404 */
  job(id: string): EmulatedJob;
  /** Oldest first. */
  jobs(): readonly EmulatedJob[];
  /** Once no job waits or runs. */
  idle(): Promise<void>;
  expireTokens(): void;
}

const CRN_PREFIX = 'crn:v1:bluemix:public:quantum-computing:us-east:a/qpoe-emulator:';
const TOKEN_SECONDS = 3600;
const JOBS_PER_MINUTE = 5;
const MAX_BODY = 50_000_000;
const REQUEST_TIMEOUT_MS = 60_000;
const MAX_CONNECTIONS = 256;
const CLOSE_GRACE_MS = 1_000;

/** @throws QpoeError `external` where it can't listen there */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  const { signal, port = 0, now = Date.now } = options;
  const account = options.accounts?.[0] ?? {
    apiKey: randomBytes(16).toString('hex'),
    userId: 'IBMid-EMULATED',
  };
  const crn = `${CRN_PREFIX}${randomBytes(8).toString('hex')}::`;
  const emulation = openEmulation(options, account, crn, now);
  const server = createServer(
    { requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS },
    requestListener(emulation, options),
  );
  server.maxConnections = MAX_CONNECTIONS;
  await listen(server, port);
  const closed = new Promise<void>((resolve) => server.once('close', resolve));
  if (signal.aborted) close(server);
  else signal.addEventListener('abort', () => close(server), { once: true });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    apiUrl: `${url}/api/v1`,
    apiKey: account.apiKey,
    crn,
    environment: environmentFor(url, account.apiKey, crn),
    closed,
    seedJob: (job) => seedJob(emulation, job, account.userId),
    job: (id) => emulation.book.find(id),
    jobs: () => emulation.book.all(),
    idle: () => emulation.queue.idle(),
    expireTokens: () => emulation.accounts.expireAll(),
  };
}

/** The client leaves a URL as it is where the word `experimental` stands in it; any other it takes for a region of IBM's. */
function environmentFor(url: string, apiKey: string, crn: string): Record<string, string> {
  return {
    QISKIT_IBM_CHANNEL: 'ibm_quantum_platform',
    QISKIT_IBM_TOKEN: apiKey,
    QISKIT_IBM_INSTANCE: crn,
    QISKIT_IBM_URL: `${url}/experimental/api/v1`,
    IAM_URL: url,
    GLOBAL_SEARCH_URL: url,
    GLOBAL_CATALOG_URL: `${url}/catalog`,
  };
}

function openEmulation(
  options: EmulatorOptions,
  account: Account,
  crn: string,
  now: () => number,
): Emulation {
  const devices = new Map((options.devices ?? [syntheticDevice()]).map((device) => [device.name, device]));
  const book = openJobBook(options.seed ?? 0);
  const sessions = openSessions(now);
  const { engine = simulatorEngine, python, queueMs = 0, signal } = options;
  return {
    accounts: openAccounts({
      crn,
      accounts: options.accounts ?? [account],
      lifetimeSeconds: options.tokenSeconds ?? TOKEN_SECONDS,
      now,
    }),
    devices,
    book,
    sessions,
    queue: openQueue({ book, sessions, devices, engine, python, queueMs, now, signal }),
    rate: limitRate(options.jobsPerMinute ?? JOBS_PER_MINUTE, now),
    now,
  };
}

function seedJob({ book, devices, now }: Emulation, job: SeededJob, owner: string): string {
  const { results, status = 'Completed', created = now(), fate = 'kept' } = job;
  const added = book.add({
    program: job.program ?? 'sampler',
    backend: [...devices.keys()][0]!,
    params: job.params ?? {},
    userId: job.userId ?? owner,
    created,
    private: job.private === true,
    cost: 0,
    sessionId: job.sessionId,
    calibrationId: undefined,
    tags: job.tags ?? [],
    status,
    running: created,
    finished: created,
    seconds: job.seconds ?? 1,
    fate,
    ...(job.reason === undefined ? {} : { reason: job.reason }),
  });
  if (results !== undefined)
    added.results = results instanceof Uint8Array ? results : Buffer.from(JSON.stringify(results));
  return added.id;
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      const { code } = cause as NodeJS.ErrnoException;
      const why = code === 'EADDRINUSE' ? 'another program listens there' : cause.message;
      reject(
        new QpoeError('external', `can't listen on 127.0.0.1:${port}: ${why}`, 'choose another --port', {
          cause,
        }),
      );
    });
    server.listen(port, '127.0.0.1', resolve);
  });
}

function close(server: Server): void {
  server.close();
  server.closeIdleConnections();
  setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS).unref();
}

function requestListener(emulation: Emulation, options: EmulatorOptions) {
  const { onRequest, note = () => {}, latencyMs = 0, signal } = options;
  return async (request: IncomingMessage, response: ServerResponse) => {
    try {
      response.setHeader('date', new Date(emulation.now()).toUTCString());
      const url = readUrl(request);
      const fault = onRequest?.({ method: request.method!, path: url.pathname });
      const body = await readBody(request);
      const delay = latencyMs + (fault?.kind === 'slow' ? fault.ms : 0);
      if (delay > 0) await wait(delay, undefined, { signal }).catch(() => {});
      if (fault?.kind === 'drop') response.destroy();
      else send(response, fault, answer(emulation, request, url, body, fault, note), signal.aborted);
    } catch (error) {
      // Who asked has gone: there is no one to answer.
      if (response.destroyed) return;
      const refused = error instanceof ApiError ? error : broken(error, note);
      send(response, undefined, refusal(refused), true);
    }
  };
}

function answer(
  emulation: Emulation,
  request: IncomingMessage,
  { pathname, searchParams }: URL,
  body: Uint8Array,
  fault: Fault | undefined,
  note: (line: string) => void,
): Answer {
  if (fault?.kind === 'status') return refusal(faultError(fault.status));
  try {
    return answerRequest(emulation, {
      method: request.method!,
      path: pathname,
      query: searchParams,
      headers: request.headers as Record<string, string | undefined>,
      body,
    });
  } catch (error) {
    return refusal(error instanceof ApiError ? error : broken(error, note));
  }
}

function faultError(status: number): ApiError {
  const headers: Record<string, string> = status === 429 || status === 503 ? { 'retry-after': '1' } : {};
  return new ApiError(status, CODES.broken, `A fault on demand: ${status}.`, headers);
}

function broken(error: unknown, note: (line: string) => void): ApiError {
  note(`the emulator failed: ${printable(String(error))}`);
  return new ApiError(500, CODES.broken, 'The emulator failed to answer.');
}

async function readBody(request: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  // Whoever sends too much is still owed an answer: the stream is left open for it.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY) throw new ApiError(413, CODES.invalid, `A body of more than ${MAX_BODY} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** @throws ApiError 400 */
function readUrl({ url }: IncomingMessage): URL {
  const read = URL.parse(url!, 'http://127.0.0.1');
  if (read === null) throw new ApiError(400, CODES.invalid, 'Not a URL.');
  return read;
}

const GARBAGE = Buffer.from('<html><body>upstream connect error</body></html>');

function send(response: ServerResponse, fault: Fault | undefined, answer: Answer, last: boolean): void {
  if (fault?.kind === 'cut') {
    response.destroy();
    return;
  }
  const { status, headers } = answer;
  const body = fault?.kind === 'garbage' ? GARBAGE : answer.body;
  response.writeHead(status, {
    ...headers,
    ...(status === 204 ? {} : { 'content-length': body.length }),
    ...(last ? { connection: 'close' } : {}),
  });
  if (fault?.kind !== 'truncate') response.end(body);
  else response.write(body.subarray(0, body.length >> 1), () => response.destroy());
}
