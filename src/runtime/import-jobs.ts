/**
 * Jobs as records, each once. Answers are fetched for a few jobs at a time and lie on disk before any is read; then their circuits
 * are read in one go, and their records made one after another.
 */

import { QpoeError } from '../core/error.ts';
import { holdLock } from '../store/log-lock.ts';
import { hasRecord } from '../store/store.ts';
import type { JobAnswer } from './answers.ts';
import type { Calibration } from './calibration.ts';
import { type DescribedJob, describeJob } from './describe-job.ts';
import { type Fetched, type FetchedJob, fetchJob } from './fetch-job.ts';
import { bindingOfJob } from './job-binding.ts';
import {
  type Journal,
  journalsLock,
  listJournals,
  readJournal,
  writeJournal,
  writeJournals,
} from './journal.ts';
import { cutPersonal } from './personal.ts';
import { providerTime } from './provider-time.ts';
import { readPubs } from './pub.ts';
import { type ImportSession, unnamedRecords } from './session.ts';
import { submittedOf } from './submitted.ts';

export type Imported = { readonly jobId: string; readonly job?: JobAnswer | undefined } & (
  | {
      /** Made now, or there already. */
      readonly state: 'recorded' | 'known';
      readonly recordId: string;
      readonly outcome: NonNullable<Journal['outcome']>;
      readonly reason: string | undefined;
      /** Why the results, which are kept, could not be read. */
      readonly unread?: string | undefined;
    }
  | { readonly state: 'pending' }
  /** It can't be had: not this account's, not there, or the service keeps failing. */
  | { readonly state: 'refused'; readonly reason: string; readonly error: QpoeError }
);

/** Both bound what lies in memory and how hard the service is pressed. */
const AT_ONCE = 4;
const TOGETHER = 12;
/** One job that the service can't give is passed over; so many in a row mean that it is away. */
const MOST_FAILURES = 5;

/** Runs `use` as the store's one importer. */
export async function asImporter<T>({ journals }: ImportSession, use: () => Promise<T>): Promise<T> {
  const release = holdLock(journalsLock(journals));
  try {
    return await use();
  } finally {
    release();
  }
}

/** @throws QpoeError `interrupted`, `external` where the service is away; what was imported by then is kept */
export async function* importJobs(
  session: ImportSession,
  asked: readonly { readonly id: string; readonly job?: JobAnswer }[],
): AsyncGenerator<Imported> {
  const jobs = [...new Map(asked.map((one) => [one.id, one])).values()];
  const records = lazily(() => recordsOfJobs(session));
  let failures = 0;
  for (let at = 0; at < jobs.length; at += TOGETHER) {
    const batch = jobs.slice(at, at + TOGETHER);
    const fetched = await mapAtOnce(batch, ({ id, job }) => obtain(session, records, id, job));
    const ready = fetched.filter((one): one is ReadyJob => one.state === 'ready');
    await session.qpy.add(ready.flatMap(({ fetched: { job } }) => qpyOf(job)));
    const recorded = await recordAll(session, ready);
    for (const each of fetched) {
      const one = each.state === 'ready' ? recorded.get(each.jobId)! : each;
      yield one;
      failures = one.state === 'refused' && one.error.code === 'external' ? failures + 1 : 0;
      if (one.state === 'refused' && failures >= MOST_FAILURES) throw one.error;
    }
  }
}

function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function recordsOfJobs(session: ImportSession): ReadonlyMap<string, string> {
  const named = new Set<string>();
  for (const { record_id: id } of listJournals(session.journals)) if (id !== undefined) named.add(id);
  return unnamedRecords(session, named);
}

/** Where one fails the others still come to their end: what they got is on disk before anything else is done. */
async function mapAtOnce<T, R>(items: readonly T[], map: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    try {
      for (let at = next++; at < items.length; at = next++) results[at] = await map(items[at]!);
    } catch (error) {
      next = items.length;
      throw error;
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: AT_ONCE }, work));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return results;
}

interface ReadyJob {
  readonly state: 'ready';
  readonly jobId: string;
  readonly fetched: FetchedJob;
}

async function obtain(
  session: ImportSession,
  records: () => ReadonlyMap<string, string>,
  jobId: string,
  listed: JobAnswer | undefined,
): Promise<Imported | ReadyJob> {
  const journal = readJournal(session.journals, jobId);
  const known = await knownRecord(session, journal, records);
  if (known !== undefined) return { ...known, job: listed };
  let fetched: Fetched;
  try {
    fetched = await fetchJob(session, journal);
  } catch (error) {
    return refusal(jobId, listed, error);
  }
  if (fetched.state === 'pending') return { state: 'pending', jobId, job: fetched.job };
  return { state: 'ready', jobId, fetched };
}

/** The record that there is of a job already: one job is one record, whatever was interrupted. */
async function knownRecord(
  session: ImportSession,
  journal: Journal,
  records: () => ReadonlyMap<string, string>,
): Promise<(Imported & { state: 'known' }) | undefined> {
  const { job_id: jobId, record_id: own, outcome = 'recorded', reason } = journal;
  if (own !== undefined && hasRecord(session.store, own))
    return { state: 'known', jobId, recordId: own, outcome, reason };
  const recordId = records().get(jobId);
  if (recordId === undefined) return undefined;
  await session.keeper.complete(recordId);
  writeJournal(session.journals, { ...journal, record_id: recordId, outcome });
  return { state: 'known', jobId, recordId, outcome, reason };
}

/** @throws what is no matter of this one job */
function refusal(jobId: string, job: JobAnswer | undefined, error: unknown): Imported {
  if (!(error instanceof QpoeError) || !['external', 'refused'].includes(error.code)) throw error;
  return { state: 'refused', jobId, job, reason: cutPersonal(error.message), error };
}

/** Past so many bytes of what records name, they are kept before the next are described. */
const MAX_HELD_BYTES = 32_000_000;

interface DescribedReady extends ReadyJob {
  readonly described: DescribedJob;
}

/** Their answers are on disk: what fails of one (the device's calibration, a record that would not verify) must not cost others theirs. */
async function recordAll(
  session: ImportSession,
  ready: readonly ReadyJob[],
): Promise<ReadonlyMap<string, Imported>> {
  const recorded = new Map<string, Imported>();
  const calibrations = await calibrateAll(session, ready);
  let held: DescribedReady[] = [];
  for (const one of ready) {
    const described = describeOrSayWhy(session, one, calibrations.get(one.jobId)!);
    if ('state' in described) recorded.set(one.jobId, described);
    else held.push({ ...one, described });
    const bytes = held
      .flatMap(({ described: { objects } }) => objects)
      .reduce((sum, { length }) => sum + length, 0);
    if (bytes < MAX_HELD_BYTES && one !== ready.at(-1)) continue;
    for (const kept of await keepDescribed(session, held)) recorded.set(kept.jobId, kept);
    held = [];
  }
  return recorded;
}

/** Of each job, or why it can't be had. The last to run first: one answer is good for all that ran since the device was calibrated. */
async function calibrateAll(
  session: ImportSession,
  ready: readonly ReadyJob[],
): Promise<ReadonlyMap<string, Calibration | Imported>> {
  const found = new Map<string, Calibration | Imported>();
  const timed = ready.map((one) => ({ one, time: ranAt(one.fetched) }));
  for (const { one, time } of timed.sort((a, b) => ((a.time ?? '') < (b.time ?? '') ? 1 : -1)))
    found.set(one.jobId, await calibrateOrSayWhy(session, one, time));
  return found;
}

function ranAt({ job, metrics }: FetchedJob): string | undefined {
  return providerTime(metrics?.timestamps?.running ?? '') ?? providerTime(job.created ?? '');
}

async function calibrateOrSayWhy(
  session: ImportSession,
  { jobId, fetched: { job } }: ReadyJob,
  time: string | undefined,
): Promise<Calibration | Imported> {
  if (!job.backend) return { calibration: {}, device: {} };
  try {
    const calibrationId = job.calibration_id || undefined;
    return await session.calibrations({ backend: job.backend, calibrationId, time });
  } catch (error) {
    return refusal(jobId, job, error);
  }
}

function describeOrSayWhy(
  session: ImportSession,
  { jobId, fetched }: ReadyJob,
  calibration: Calibration | Imported,
): DescribedJob | Imported {
  if ('state' in calibration) return calibration;
  const { job, journal } = fetched;
  try {
    return describeJob(session, fetched, calibration, {
      bound: session.withoutBinding === true ? { notes: [] } : bindingOfJob(session, journal, job),
      submitted: submittedOf(session.store, session.journals, journal),
    });
  } catch (error) {
    return refusal(jobId, job, error);
  }
}

async function keepDescribed(
  session: ImportSession,
  ready: readonly DescribedReady[],
): Promise<readonly Imported[]> {
  if (session.signal.aborted)
    throw new QpoeError('interrupted', 'stopped between two jobs', 'run it again: it goes on');
  const kept = await session.keeper.keepAll(ready.map(({ described }) => described));
  const imported = ready.map((one, at) => importedOf(one, kept[at]!));
  await writeJournals(
    session.journals,
    ready.flatMap(({ fetched: { journal } }, at) => {
      const id = kept[at]!;
      return typeof id === 'string' ? [{ ...journal, record_id: id }] : [];
    }),
  );
  return imported;
}

function importedOf(
  { jobId, fetched: { job, journal }, described: { unread } }: DescribedReady,
  kept: string | QpoeError,
): Imported {
  if (typeof kept !== 'string') return refusal(jobId, job, kept);
  const { outcome = 'recorded', reason } = journal;
  return { state: 'recorded', jobId, job, recordId: kept, outcome, reason, unread };
}

function qpyOf({ program, params }: JobAnswer): Uint8Array[] {
  return readPubs(program?.id ?? '', params).flatMap(({ source }) =>
    source?.format === 'qpy' ? [source.bytes] : [],
  );
}
