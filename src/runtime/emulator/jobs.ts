/** The jobs that the emulator holds, in memory: as they were sent in, how far they are, what came of them. */

import { createHash, randomBytes } from 'node:crypto';
import * as z from 'zod/mini';
import type { JsonObject, JsonValue } from '../../core/json.ts';
import { checkShape } from '../../core/shape.ts';
import { ApiError, CODES, invalid } from './api-error.ts';

export type JobStatus = 'Queued' | 'Running' | 'Completed' | 'Cancelled' | 'Failed';

/** What `/results` answers of a completed job: them, or that they are gone, in one of the ways a service says it. */
export type ResultsFate = 'kept' | 204 | 403 | 404 | 410;

export interface EmulatedJob {
  readonly id: string;
  readonly program: 'sampler' | 'estimator';
  readonly backend: string;
  readonly params: JsonObject;
  readonly userId: string;
  readonly created: number;
  readonly private: boolean;
  readonly cost: number;
  readonly sessionId: string | undefined;
  readonly calibrationId: string | undefined;
  readonly seed: number;
  tags: readonly string[];
  status: JobStatus;
  reason?: string;
  reasonCode?: number;
  running?: number;
  finished?: number;
  /** Of the device's time, as it would be charged. */
  seconds: number;
  qiskitVersion?: string;
  results?: Uint8Array;
  fate: ResultsFate;
  log: string[];
}

export const FINAL: readonly JobStatus[] = ['Completed', 'Cancelled', 'Failed'];

const MAX_TAGS = 8;
const MAX_TAG = 86;
const tag = z.string().check(z.minLength(1), z.maxLength(MAX_TAG));
const tagsSchema = z.looseObject({ tags: z.array(tag).check(z.maxLength(MAX_TAGS)) });

/** @throws ApiError 400 */
export function readTags(body: JsonValue): string[] {
  const shaped = checkShape(tagsSchema, body);
  if (shaped.fault === undefined) return [...new Set(shaped.value.tags)];
  throw invalid(`${shaped.fault}; at most ${MAX_TAGS} tags of at most ${MAX_TAG} characters`);
}

export interface JobBook {
  add(job: Omit<EmulatedJob, 'id' | 'seed' | 'log' | 'seconds' | 'fate'> & Partial<EmulatedJob>): EmulatedJob;
  /** @throws ApiError 404 */
  find(id: string): EmulatedJob;
  remove(id: string): void;
  /** Oldest first. */
  all(): EmulatedJob[];
}

/**
 * Ids never come back: who imports from two emulators must not take one's job for the other's. Seeds do.
 *
 * @param seed  of the first job; each next has the next
 */
export function openJobBook(seed: number, instance = randomBytes(16).toString('hex')): JobBook {
  const jobs = new Map<string, EmulatedJob>();
  let made = 0;
  return {
    add(job) {
      const id = job.id ?? idOf(instance, made);
      const added: EmulatedJob = { seconds: 0, fate: 'kept', log: [], seed: seed + made, ...job, id };
      made++;
      jobs.set(id, added);
      return added;
    },
    find(id) {
      const job = jobs.get(id);
      if (job === undefined) throw new ApiError(404, CODES.noJob, 'Job not found. Verify the job id.');
      return job;
    },
    remove: (id) => void jobs.delete(id),
    all: () => [...jobs.values()],
  };
}

/** Twenty characters, as IBM's are. */
function idOf(instance: string, number: number): string {
  const hash = createHash('sha256').update(`${instance}\n${number}`).digest();
  return `d${[...hash.subarray(0, 19)].map((byte) => (byte & 31).toString(32)).join('')}`;
}

export function showJob(job: EmulatedJob, excludeParams: boolean): JsonObject {
  const { reason, reasonCode } = job;
  const withReason = {
    ...(reason === undefined ? {} : { reason }),
    ...(reasonCode ? { reason_code: reasonCode } : {}),
  };
  return {
    id: job.id,
    backend: job.backend,
    state: { status: job.status, ...withReason },
    status: job.status,
    ...(excludeParams || job.private ? {} : { params: job.params }),
    program: { id: job.program },
    created: new Date(job.created).toISOString(),
    cost: job.cost,
    tags: job.tags,
    ...(job.sessionId === undefined ? {} : { session_id: job.sessionId }),
    user_id: job.userId,
    usage: usageOf(job),
    private: job.private,
    estimated_running_time_seconds: job.seconds,
    ...(job.calibrationId === undefined ? {} : { calibration_id: job.calibrationId }),
  };
}

function usageOf(job: EmulatedJob): JsonObject {
  return FINAL.includes(job.status)
    ? { qpu_charge_time_seconds: job.seconds, status: 'complete' }
    : { qpu_charge_time_seconds: 0, status: 'pending' };
}

export function showMetrics(job: EmulatedJob): JsonObject {
  const time = (ms: number | undefined) => (ms === undefined ? null : new Date(ms).toISOString());
  return {
    timestamps: { created: time(job.created), running: time(job.running), finished: time(job.finished) },
    usage: usageOf(job),
    ...(job.status === 'Completed' ? { circuits_execution_time_ns: Math.round(job.seconds * 1e9) } : {}),
    ...(job.qiskitVersion === undefined ? {} : { qiskit_version: job.qiskitVersion }),
  };
}

/** `GET /jobs` with its filters, newest first. */
export function listJobs(jobs: readonly EmulatedJob[], query: URLSearchParams): JsonObject {
  const limit = inRange(query.get('limit'), 1, MAX_LIMIT) ?? MAX_LIMIT;
  const offset = inRange(query.get('offset'), 0, 2 ** 31 - 1) ?? 0;
  const matching = jobs.filter((job) => matches(job, query));
  if (query.get('sort') !== 'ASC') matching.reverse();
  const page = matching.slice(offset, offset + limit);
  const excludeParams = query.get('exclude_params') !== 'false';
  return { jobs: page.map((job) => showJob(job, excludeParams)), count: matching.length, limit, offset };
}

const MAX_LIMIT = 200;

/** Outside of the range, the default is meant and no error: so the API says of itself. */
function inRange(text: string | null, least: number, most: number): number | undefined {
  const value = text !== null && /^\d{1,10}$/.test(text) ? Number(text) : undefined;
  return value !== undefined && value >= least && value <= most ? value : undefined;
}

function matches(job: EmulatedJob, query: URLSearchParams): boolean {
  const is = (name: string, value: string | undefined): boolean => {
    const wanted = query.get(name);
    return wanted === null || wanted === value;
  };
  return (
    is('program', job.program) &&
    is('backend', job.backend) &&
    is('session_id', job.sessionId) &&
    is('pending', String(!FINAL.includes(job.status))) &&
    query.getAll('tags').every((wanted) => job.tags.includes(wanted)) &&
    job.created >= timeOf(query, 'created_after', Number.NEGATIVE_INFINITY) &&
    job.created <= timeOf(query, 'created_before', Number.POSITIVE_INFINITY)
  );
}

function timeOf(query: URLSearchParams, name: string, absent: number): number {
  const text = query.get(name);
  if (text === null) return absent;
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw invalid(`${name}: not a time`);
  return time;
}
