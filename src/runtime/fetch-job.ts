/**
 * Everything that the provider has of one job, on disk before any of it is read: the job itself, its metrics, its results. What an
 * earlier attempt got is not asked for again.
 */

import { type Digest, digestOf } from '../core/digest.ts';
import { QpoeError } from '../core/error.ts';
import { putObject, readObject, type Store } from '../store/store.ts';
import {
  type JobAnswer,
  type JobStatus,
  jobAnswer,
  type MetricsAnswer,
  metricsAnswer,
  statusOf,
} from './answers.ts';
import {
  type Answer,
  parseAnswer,
  type RuntimeClient,
  readJob,
  readMetrics,
  readResults,
  unexpected,
} from './client.ts';
import {
  isWhole,
  type Journal,
  type JournalFolder,
  type KeptAnswer,
  openSpool,
  readSpool,
  removeSpool,
  writeJournal,
} from './journal.ts';
import { providerTime } from './provider-time.ts';

export interface FetchPlace {
  readonly client: RuntimeClient;
  readonly store: Store;
  readonly journals: JournalFolder;
  /** This machine's clock, milliseconds since 1970. */
  readonly now: () => number;
}

export interface FetchedJob {
  readonly state: 'ready';
  readonly job: JobAnswer;
  readonly status: JobStatus;
  readonly metrics: MetricsAnswer | undefined;
  /** Reads them from disk: those of many jobs don't fit into memory at once. undefined where there are none. */
  readonly results: (() => Uint8Array) | undefined;
  /** With the answers that these were read from. */
  readonly journal: Journal;
}

export type Fetched = FetchedJob | { readonly state: 'pending'; readonly job: JobAnswer };

const OK = 200;
const NO_CONTENT = 204;
/** What says that results aren't there, or no longer. */
const GONE = [NO_CONTENT, 404, 410];
/** A job that has just finished may have its results a little later. */
const SETTLING_MS = 3_600_000;
const MAX_OBJECT_BYTES = 2 ** 31;

/** @throws QpoeError `refused` (not this account's, not there), `external`, `interrupted` */
export async function fetchJob(place: FetchPlace, before: Journal): Promise<Fetched> {
  let journal = before;
  const keep = (part: Partial<Journal>): void => {
    journal = { ...journal, ...part };
    writeJournal(place.journals, journal);
  };
  const id = journal.job_id;
  const { job, raw } = await obtainJob(place, journal);
  const status = statusOf(job);
  if (status === 'pending') return { state: 'pending', job };
  if (raw !== undefined) keep({ job: keepAnswer(place, raw) });
  if (journal.metrics === undefined) {
    const answer = await readMetrics(place.client, id);
    if (answer.status === OK || GONE.includes(answer.status)) keep({ metrics: keepAnswer(place, answer) });
    else throw unexpected(place.client, `the metrics of job ${id}`, answer);
  }
  const metrics = metricsOf(place.store, journal);
  if (journal.results === undefined) {
    const results = await obtainResults(place, id, status, metrics);
    if (results === undefined) return { state: 'pending', job };
    keep({ results });
    removeSpool(place.journals, id);
  }
  const { results } = journal;
  return {
    state: 'ready',
    job,
    status,
    metrics,
    results: results!.status === OK ? () => heldObject(place.store, results!.digest) : undefined,
    journal,
  };
}

interface ObtainedJob {
  readonly job: JobAnswer;
  /** The answer that is not kept yet. */
  readonly raw?: Answer;
}

async function obtainJob(place: FetchPlace, { job_id: id, job }: Journal): Promise<ObtainedJob> {
  const what = `job ${id}`;
  if (job !== undefined)
    return { job: parseAnswer(jobAnswer, { body: heldObject(place.store, job.digest) }, what) };
  const raw = await readJob(place.client, id);
  if (raw.status !== OK) throw unexpected(place.client, what, raw);
  const answer = parseAnswer(jobAnswer, raw, what);
  if (answer.id !== id) throw new QpoeError('external', `the service answers job ${answer.id} for ${what}`);
  return { job: answer, raw };
}

/** Holding a user id, the job's own answer is for its owner alone. */
function keepAnswer({ store, now }: FetchPlace, { status, body }: Answer): KeptAnswer {
  return { status, digest: putObject(store, body, 0o600), at: new Date(now()).toISOString() };
}

function metricsOf(store: Store, { job_id: id, metrics }: Journal): MetricsAnswer | undefined {
  if (metrics?.status !== OK) return undefined;
  return parseAnswer(metricsAnswer, { body: heldObject(store, metrics.digest) }, `the metrics of job ${id}`);
}

/** @returns what to keep; undefined where they may still come */
async function obtainResults(
  place: FetchPlace,
  id: string,
  status: JobStatus,
  metrics: MetricsAnswer | undefined,
): Promise<Journal['results'] | undefined> {
  const { client, journals, store } = place;
  const earlier = readSpool(journals, id);
  const spool = openSpool(journals, id);
  let answer: Answer;
  try {
    answer = await readResults(client, id, spool);
  } finally {
    spool.end();
  }
  if (answer.status === OK) return keepAnswer(place, answer);
  if (!GONE.includes(answer.status)) throw unexpected(client, `the results of job ${id}`, answer);
  const left = readSpool(journals, id) ?? earlier;
  if (left !== undefined) {
    const digest = putObject(store, left, 0o600);
    const at = new Date(place.now()).toISOString();
    return isWhole(left)
      ? { status: OK, digest, at }
      : { status: answer.status, digest, at, truncated: true };
  }
  if (answer.status === NO_CONTENT && status === 'completed' && isRecent(answer, metrics, place))
    return undefined;
  return keepAnswer(place, answer);
}

/** By the provider's clock on both sides, where it tells its own. */
function isRecent({ date }: Answer, metrics: MetricsAnswer | undefined, { now }: FetchPlace): boolean {
  const finished = providerTime(metrics?.timestamps?.finished ?? '');
  return finished !== undefined && (date ?? now()) - Date.parse(finished) < SETTLING_MS;
}

function heldObject(store: Store, digest: Digest): Uint8Array<ArrayBuffer> {
  const bytes = readObject(store, digest, MAX_OBJECT_BYTES);
  if (bytes !== undefined && digestOf(bytes) === digest) return bytes;
  throw new QpoeError(
    'refused',
    `the store has lost ${digest}, an answer of the provider`,
    'take the job’s file in runtime/ away, and import it again',
  );
}
