/**
 * Everything that the provider has of one job, on disk before any of it is read: the job itself, its metrics, its results. What an
 * earlier attempt got is not asked for again.
 */

import type { Bytes } from '../core/bytes.ts';
import { type Digest, digestOf } from '../core/digest.ts';
import { QpoeError } from '../core/error.ts';
import { writeAllAtomic } from '../store/files.ts';
import { objectFiles, readObject, type Store } from '../store/store.ts';
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
  writeJournals,
} from './journal.ts';
import { cutPersonal } from './personal.ts';
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
const RESULT_ATTEMPTS = 3;
const MAX_OBJECT_BYTES = 2 ** 31;

/** @throws QpoeError `refused` (not this account's, not there), `external`, `interrupted` */
export async function fetchJob(place: FetchPlace, before: Journal): Promise<Fetched> {
  const { value: job, ...first } = await obtainJob(place, before);
  const status = statusOf(job);
  if (status === 'pending') return { state: 'pending', job };
  const { value: metrics, ...second } = await obtainMetrics(place, before);
  const third: Obtained | undefined =
    before.results === undefined ? await obtainResults(place, job, metrics) : { kept: before.results };
  if (third === undefined) return { state: 'pending', job };
  const results: KeptResults = third.kept;
  const answers = { job: first.kept, metrics: second.kept, results };
  const journal: Journal = { ...before, ...answers, ...outcomeOf(job, results) };
  await keepAnswers(place, journal, [first, second, third]);
  return {
    state: 'ready',
    job,
    status,
    metrics,
    results: results.status === OK ? () => heldResults(place.store, results.digest) : undefined,
    journal,
  };
}

/** An answer that is kept, or is to be. */
interface Obtained {
  readonly kept: KeptAnswer;
  /** Of one that is not on disk yet. */
  readonly bytes?: Uint8Array;
}

type KeptResults = NonNullable<Journal['results']>;

/** All of a job's at once, and then the journal that names them: the disk is waited for twice. */
async function keepAnswers(
  { store, journals }: FetchPlace,
  journal: Journal,
  answers: readonly Obtained[],
): Promise<void> {
  // Holding a user id, the job's own answer is for its owner alone.
  const objects = answers.flatMap(({ bytes }) => (bytes === undefined ? [] : [{ bytes, mode: 0o600 }]));
  if (objects.length > 0) {
    await writeAllAtomic(objectFiles(store, objects));
    await writeJournals(journals, [journal]);
  }
  // Also of what an earlier attempt kept, and was killed before this.
  removeSpool(journals, journal.job_id);
}

/** What became of it. In the journal before there is a record, for the run that comes after a crash. */
function outcomeOf(
  job: JobAnswer,
  { status: http, truncated }: KeptResults,
): Pick<Journal, 'outcome' | 'reason'> {
  const status = statusOf(job);
  const said = job.state?.reason == null ? {} : { reason: cutPersonal(job.state.reason) };
  if (status === 'failed' || status === 'cancelled') return { outcome: status, ...said };
  if (http === OK) return { outcome: 'recorded' };
  if (truncated === true) return { outcome: 'gone', reason: 'the connection broke, and they are given once' };
  const once = job.private === true ? '; a private job’s are given once' : '';
  return { outcome: 'gone', reason: `the service answers ${http}${once}` };
}

async function obtainJob(
  place: FetchPlace,
  { job_id: id, job: kept }: Journal,
): Promise<Obtained & { readonly value: JobAnswer }> {
  const what = `job ${id}`;
  const held = heldAnswer(place.store, kept);
  if (held !== undefined) return { kept: kept!, value: parseAnswer(jobAnswer, held, what) };
  const raw = await readJob(place.client, id);
  if (raw.status !== OK) throw unexpected(place.client, what, raw);
  // Before it is kept: what isn't the job is asked for again by the next import.
  const value = parseAnswer(jobAnswer, raw, what);
  if (value.id !== id) throw new QpoeError('external', `the service answers job ${value.id} for ${what}`);
  return { ...obtained(place, raw), value };
}

async function obtainMetrics(
  place: FetchPlace,
  { job_id: id, metrics: kept }: Journal,
): Promise<Obtained & { readonly value: MetricsAnswer | undefined }> {
  const what = `the metrics of job ${id}`;
  const read = ({ status }: { readonly status: number }, answer: Pick<Answer, 'body'>) =>
    status === OK ? parseAnswer(metricsAnswer, answer, what) : undefined;
  const held = heldAnswer(place.store, kept);
  if (held !== undefined) return { kept: kept!, value: read(kept!, held) };
  const raw = await readMetrics(place.client, id);
  if (raw.status !== OK && !GONE.includes(raw.status)) throw unexpected(place.client, what, raw);
  return { ...obtained(place, raw), value: read(raw, raw) };
}

function obtained({ now }: FetchPlace, { status, body }: Pick<Answer, 'status' | 'body'>): Obtained {
  return { kept: { status, digest: digestOf(body), at: new Date(now()).toISOString() }, bytes: body };
}

/** @returns what to keep; undefined where they may still come */
async function obtainResults(
  place: FetchPlace,
  job: JobAnswer,
  metrics: MetricsAnswer | undefined,
): Promise<(Obtained & { readonly kept: KeptResults }) | undefined> {
  const { client, journals } = place;
  const { id } = job;
  const earlier = readSpool(journals, id);
  const answer = await askResults(place, job);
  if (answer.status === OK) return obtained(place, answer);
  if (!GONE.includes(answer.status)) throw unexpected(client, `the results of job ${id}`, answer);
  const left = readSpool(journals, id) ?? earlier;
  if (left !== undefined) {
    if (isWhole(left)) return obtained(place, { status: OK, body: left });
    const { kept, bytes } = obtained(place, { status: answer.status, body: left });
    return { kept: { ...kept, truncated: true }, bytes: bytes! };
  }
  const isDone = statusOf(job) === 'completed';
  if (answer.status === NO_CONTENT && isDone && isRecent(answer, metrics, place)) return undefined;
  return obtained(place, answer);
}

/** What is no JSON may be a proxy's page: it is asked for again, unless it is given only once. */
async function askResults(
  { client, journals }: FetchPlace,
  { id, private: isPrivate }: JobAnswer,
): Promise<Answer> {
  const spool = openSpool(journals, id);
  try {
    for (let attempt = 1; ; attempt++) {
      const answer = await readResults(client, id, spool, isPrivate === true);
      const isResult = answer.status !== OK || isPrivate === true || beginsAsJson(answer.body);
      if (isResult || attempt === RESULT_ATTEMPTS) return answer;
    }
  } finally {
    spool.end();
  }
}

function beginsAsJson(bytes: Uint8Array): boolean {
  return /^\s*[[{]/.test(Buffer.from(bytes.subarray(0, 64)).toString('latin1'));
}

/** By the provider's clock on both sides, where it tells its own. */
function isRecent({ date }: Answer, metrics: MetricsAnswer | undefined, { now }: FetchPlace): boolean {
  const finished = providerTime(metrics?.timestamps?.finished ?? '');
  return finished !== undefined && (date ?? now()) - Date.parse(finished) < SETTLING_MS;
}

/** undefined where the store has lost it, which is then asked for again. */
function heldAnswer(store: Store, kept: KeptAnswer | undefined): { readonly body: Bytes } | undefined {
  const body = kept === undefined ? undefined : readObject(store, kept.digest, MAX_OBJECT_BYTES);
  return body === undefined ? undefined : { body };
}

function heldResults(store: Store, digest: Digest): Uint8Array {
  const bytes = readObject(store, digest, MAX_OBJECT_BYTES);
  if (bytes !== undefined) return bytes;
  throw new QpoeError(
    'external',
    `the store has lost ${digest}, the results of a job`,
    'take the job’s file in runtime/ away, and import it again',
  );
}
