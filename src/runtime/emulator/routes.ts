/** IBM Quantum Compute's API as far as it is emulated: which request is answered with what. */

import * as z from 'zod/mini';
import { JsonError, type JsonObject, type JsonValue, parseJsonBytes } from '../../core/json.ts';
import { checkShape } from '../../core/shape.ts';
import type { Account, Accounts } from './accounts.ts';
import { type Answer, json, jsonBytes, nothing, text } from './answer.ts';
import { ApiError, CODES, invalid } from './api-error.ts';
import { type Calibration, calibrationBefore, type Device } from './device.ts';
import type { JobQueue } from './job-queue.ts';
import { type EmulatedJob, FINAL, type JobBook, listJobs, readTags, showJob, showMetrics } from './jobs.ts';
import { readParams } from './pubs.ts';
import type { RateLimit } from './rate-limit.ts';
import { type Sessions, showSession } from './sessions.ts';

/** The newest version of the API that is emulated. */
const API_VERSION = '2026-04-15';

export interface Emulation {
  readonly accounts: Accounts;
  readonly devices: ReadonlyMap<string, Device>;
  readonly book: JobBook;
  readonly queue: JobQueue;
  readonly sessions: Sessions;
  readonly rate: RateLimit;
  readonly now: () => number;
}

export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
}

interface Call {
  readonly request: ApiRequest;
  readonly caller: Account;
  /** What stands in the path where the route has a `*`. */
  readonly name: string;
}

type Handler = (emulation: Emulation, call: Call) => Answer;

const API = /^(?:\/experimental)?\/api\/v1(?=\/)/;

/** @throws ApiError */
export function answerRequest(emulation: Emulation, request: ApiRequest): Answer {
  const platform = answerPlatform(emulation, request);
  if (platform !== undefined) return platform;
  const prefix = API.exec(request.path)?.[0];
  if (prefix === undefined) throw notFound();
  const caller = emulation.accounts.authorize({
    authorization: request.headers.authorization,
    crn: request.headers['service-crn'],
  });
  demandVersion(request.headers['ibm-api-version'], emulation.now());
  const path = request.path.slice(prefix.length);
  const { handler, name } = findRoute(request.method, path);
  const answer = handler(emulation, { request, caller, name });
  return { ...answer, headers: { 'ibm-api-version': API_VERSION, ...answer.headers } };
}

/** Of a day to come there is no version. None named means any. */
function demandVersion(version: string | undefined, now: number): void {
  if (version === undefined) return;
  const day = /^\d{4}-\d{2}-\d{2}$/.test(version) ? Date.parse(version) : Number.NaN;
  // Clocks of two machines may be a day apart.
  if (!(day <= now + 86_400_000))
    throw invalid(`IBM-API-Version: not a version: the newest is ${API_VERSION}`);
}

/** What of IBM Cloud the official client asks before it comes to the API. */
function answerPlatform({ accounts }: Emulation, { method, path, body }: ApiRequest): Answer | undefined {
  if (method === 'POST' && path === '/identity/token')
    return accounts.answerToken(new URLSearchParams(Buffer.from(body).toString('utf8')));
  if (method === 'POST' && path === '/v3/resources/search')
    return json({
      items: [
        {
          crn: accounts.crn,
          name: INSTANCE_NAME,
          service_plan_unique_id: PLAN_ID,
          doc: { extensions: [{ emulated: true }] },
          tags: [],
        },
      ],
      limit: 100,
    });
  if (method === 'GET' && path === `/catalog/${PLAN_ID}`)
    return json({
      id: PLAN_ID,
      name: 'open',
      overview_ui: { en: { display_name: 'Open' } },
      metadata: { pricing: { type: 'free' } },
    });
  return undefined;
}

const INSTANCE_NAME = 'qpoe-emulator';
const PLAN_ID = '00000000-0000-4000-8000-000000000000';

const ROUTES: readonly (readonly [method: string, path: string, handler: Handler])[] = [
  ['GET', '/versions', () => json({ versions: [API_VERSION] })],
  ['GET', '/instances/usage', showUsage],
  ['GET', '/backends', listBackends],
  ['GET', '/backends/*/configuration', showConfiguration],
  ['GET', '/backends/*/properties', showProperties],
  ['GET', '/backends/*/status', showStatus],
  ['POST', '/jobs', createJob],
  ['GET', '/jobs', ({ book }, { request }) => json(listJobs(book.all(), request.query))],
  ['GET', '/jobs/*', getJob],
  ['DELETE', '/jobs/*', deleteJob],
  ['GET', '/jobs/*/results', getResults],
  ['GET', '/jobs/*/metrics', ({ book }, { name }) => json(showMetrics(book.find(name)))],
  ['GET', '/jobs/*/logs', getLogs],
  ['PUT', '/jobs/*/tags', putTags],
  ['POST', '/jobs/*/cancel', cancelJob],
  ['POST', '/sessions', createSession],
  ['GET', '/sessions/*', ({ sessions }, { name }) => json(showSession(sessions.find(name)))],
  ['PATCH', '/sessions/*', updateSession],
  ['DELETE', '/sessions/*/close', closeSession],
];

function findRoute(method: string, path: string): { handler: Handler; name: string } {
  const [, collection, name, ...rest] = path.split('/');
  const shape = [collection, ...(name === undefined ? [] : ['*']), ...rest];
  const exact = ROUTES.filter((route) => route[1] === path);
  const found = exact.length > 0 ? exact : ROUTES.filter((route) => route[1] === `/${shape.join('/')}`);
  const route = found.find(([own]) => own === method);
  if (route !== undefined) return { handler: route[2], name: decode(name ?? '') };
  if (found.length === 0) throw notFound();
  const allow = found.map(([own]) => own).join(', ');
  throw new ApiError(405, CODES.noRoute, `Only ${allow}.`, { allow });
}

function decode(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    throw notFound();
  }
}

function notFound(): ApiError {
  return new ApiError(404, CODES.noRoute, 'Not found.');
}

function readBody({ body }: ApiRequest): JsonValue {
  try {
    return parseJsonBytes(body);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw invalid(`The body is not JSON: ${error.message}`);
  }
}

function showUsage({ accounts, book, now }: Emulation): Answer {
  const consumed = book.all().reduce((sum, { seconds }) => sum + seconds, 0);
  const month = new Date(now()).toISOString().slice(0, 7);
  return json({
    instance_id: accounts.crn,
    plan_id: PLAN_ID,
    usage_consumed_seconds: consumed,
    usage_period: { start_time: `${month}-01T00:00:00.000Z`, end_time: new Date(now()).toISOString() },
    usage_limit_reached: false,
  });
}

function listBackends({ devices, queue }: Emulation, { request }: Call): Answer {
  const asked = request.query.get('fields') === 'wait_time_seconds';
  // The emulator's jobs wait for those before them alone.
  const wait = { average: 0, p50: 0, p95: 0 };
  return json({
    devices: [...devices.values()].map(({ name, configuration }) => ({
      name,
      ...(asked ? { wait_time_seconds: wait } : {}),
      status: { name: 'online' },
      queue_length: queue.length(name),
      qubits: configuration.n_qubits,
      physical_qubits: configuration.n_qubits,
      is_simulator: false,
      processor_type: (configuration.processor_type as JsonObject | undefined) ?? null,
    })),
  });
}

function findDevice({ devices }: Emulation, name: string): Device {
  const device = devices.get(name);
  if (device === undefined) throw new ApiError(404, CODES.noBackend, 'Backend not found. Verify its name.');
  return device;
}

function showConfiguration(emulation: Emulation, { name, request }: Call): Answer {
  const device = findDevice(emulation, name);
  findCalibration(device, request.query.get('calibration_id'));
  return json(device.configuration as JsonObject);
}

/** @throws ApiError 404 for one that the device never had */
function findCalibration({ calibrations }: Device, id: string | null): Calibration | undefined {
  if (id === null) return undefined;
  const found = calibrations.find((calibration) => calibration.id === id);
  if (found === undefined) throw new ApiError(404, CODES.noCalibration, 'Calibration not found.');
  return found;
}

function showProperties(emulation: Emulation, { name, request }: Call): Answer {
  const device = findDevice(emulation, name);
  const before = request.query.get('updated_before');
  const time = before === null ? Number.POSITIVE_INFINITY : Date.parse(before);
  if (Number.isNaN(time)) throw invalid('updated_before: not a time');
  const calibration =
    findCalibration(device, request.query.get('calibration_id')) ?? calibrationBefore(device, time);
  if (calibration === undefined) throw new ApiError(404, CODES.noCalibration, 'No properties of that time.');
  return json(calibration.properties as JsonObject);
}

function showStatus(emulation: Emulation, { name }: Call): Answer {
  const { configuration } = findDevice(emulation, name);
  return json({
    state: true,
    status: 'active',
    message: '',
    length_queue: emulation.queue.length(name),
    backend_version: configuration.backend_version,
  });
}

const jobSchema = z.looseObject({
  program_id: z.string(),
  backend: z.optional(z.string()),
  params: z.unknown(),
  tags: z.optional(z.nullable(z.array(z.string()))),
  session_id: z.optional(z.nullable(z.string())),
  calibration_id: z.optional(z.nullable(z.string())),
  private: z.optional(z.nullable(z.boolean())),
  cost: z.optional(z.nullable(z.int().check(z.nonnegative()))),
});

const MAX_COST = 10_800;

function createJob(emulation: Emulation, { request, caller }: Call): Answer {
  const { book, queue, sessions, devices, rate, now } = emulation;
  const shaped = checkShape(jobSchema, readBody(request));
  if (shaped.fault !== undefined) throw invalid(shaped.fault);
  const asked = shaped.value;
  const program = readProgram(asked.program_id);
  const backend = asked.backend ?? [...devices.keys()][0]!;
  if (!devices.has(backend)) throw new ApiError(400, CODES.noBackend, 'Backend not found. Verify its name.');
  findCalibration(devices.get(backend)!, asked.calibration_id ?? null);
  const tags = readTags({ tags: asked.tags ?? [] });
  readParams(program, asked.params as JsonValue);
  if (asked.session_id) sessions.demandAccepting(asked.session_id, backend);
  // Last, so that what is refused for another reason costs no one a minute.
  rate.count(caller.userId);
  const job = book.add({
    program,
    backend,
    params: asked.params as JsonObject,
    userId: caller.userId,
    created: now(),
    private: asked.private === true,
    cost: Math.min(asked.cost ?? MAX_COST, MAX_COST),
    sessionId: asked.session_id ?? undefined,
    calibrationId: asked.calibration_id ?? undefined,
    tags,
    status: 'Queued',
  });
  queue.enqueue(job);
  return json({
    id: job.id,
    backend,
    ...(job.sessionId === undefined ? {} : { session_id: job.sessionId }),
    ...(job.private ? { private: true } : {}),
    ...(job.calibrationId === undefined ? {} : { calibration_id: job.calibrationId }),
  });
}

function readProgram(name: string): 'sampler' | 'estimator' {
  if (name === 'sampler' || name === 'estimator') return name;
  throw new ApiError(404, CODES.noProgram, 'Program not found: this emulator runs sampler and estimator.');
}

function getJob({ book }: Emulation, { name, request }: Call): Answer {
  const job = book.find(name);
  const exclude = request.query.get('exclude_params') === 'true' || job.fate === 403;
  return json(showJob(job, exclude));
}

function deleteJob({ book }: Emulation, { name }: Call): Answer {
  const job = book.find(name);
  if (!FINAL.includes(job.status))
    throw new ApiError(400, CODES.notDeletable, `The job is ${job.status}: cancel it first.`);
  book.remove(name);
  return nothing();
}

/** A private job's results leave with the first answer, whether it arrives or not. */
function getResults({ book }: Emulation, { name }: Call): Answer {
  const job = book.find(name);
  if (job.fate !== 'kept') return goneResults(job.fate);
  if (job.results === undefined) return nothing();
  const answer = jsonBytes(job.results);
  if (job.private) job.fate = 404;
  return answer;
}

function goneResults(fate: Exclude<EmulatedJob['fate'], 'kept'>): Answer {
  if (fate === 204) return nothing();
  if (fate === 403)
    throw new ApiError(403, CODES.forbidden, 'The job belongs to another user, who alone may read it.');
  throw new ApiError(fate, CODES.noResult, 'The results are no longer there.');
}

function getLogs({ book }: Emulation, { name }: Call): Answer {
  const { log } = book.find(name);
  return text(log.map((line) => `${line}\n`).join(''));
}

function putTags({ book }: Emulation, { name, request }: Call): Answer {
  const job = book.find(name);
  job.tags = readTags(readBody(request));
  return nothing();
}

function cancelJob({ book, queue }: Emulation, { name }: Call): Answer {
  queue.cancel(book.find(name));
  return nothing();
}

function createSession({ sessions, devices }: Emulation, { request, caller }: Call): Answer {
  const session = sessions.create(readBody(request), caller.userId, (backend) => devices.has(backend));
  return json(showSession(session));
}

function updateSession({ sessions, book }: Emulation, { name, request }: Call): Answer {
  const pending = book.all().some((job) => job.sessionId === name && !FINAL.includes(job.status));
  sessions.update(name, readBody(request), pending);
  return nothing();
}

/** Jobs that wait will not run; one that runs does. */
function closeSession({ sessions, book, queue }: Emulation, { name }: Call): Answer {
  const session = sessions.find(name);
  for (const job of book.all())
    if (job.sessionId === session.id && job.status === 'Queued') queue.cancel(job);
  sessions.close(name);
  return nothing();
}
