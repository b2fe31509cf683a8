/**
 * Sending a submission in, once. Each attempt stands in its file before it is made; where what became of one isn't known, the
 * instance's jobs are searched for the submission's marker before another is made.
 */

import { concatenate, utf8 } from '../core/bytes.ts';
import { QpoeError } from '../core/error.ts';
import type { JsonObject } from '../core/json.ts';
import { printable } from '../core/printable.ts';
import { pause } from '../online/http-request.ts';
import { tagsOfBinding } from '../record/binding-tags.ts';
import { holdLock } from '../store/log-lock.ts';
import type { Store } from '../store/store.ts';
import { createdAnswer, type JobAnswer } from './answers.ts';
import { createSession, parseAnswer, postJob, type RuntimeClient, reasonOf, unexpected } from './client.ts';
import { type JournalFolder, readJournal, submissionsLock, writeJournal } from './journal.ts';
import { listAllJobs } from './list-all.ts';
import { providerTime } from './provider-time.ts';
import { bindingOf } from './receipt-entry.ts';
import {
  findSubmission,
  type HeldSubmission,
  heldBytes,
  listSubmissions,
  writeSubmission,
} from './submission.ts';

export interface SendPlace {
  readonly client: RuntimeClient;
  readonly store: Store;
  readonly journals: JournalFolder;
  readonly importer: { readonly id: string | undefined };
  readonly now: () => number;
  readonly signal: AbortSignal;
  /** Is told what is waited for. */
  readonly note: (line: string) => void;
}

/** IBM's own limit, of each user. */
const JOBS = 5;
const WINDOW_MS = 60_000;
const ATTEMPTS = 6;
const PAUSE_MS = 500;
/** How long after a lost answer the job is looked for, in pauses: the service may still have been at it. */
const LOOKS = [0, 3, 8];
/** Of the two machines' clocks. */
const SKEW_MS = 600_000;
const MAX_RETRY_AFTER_MS = 120_000;

/** @returns the submission with its job's id. @throws QpoeError `refused`, `external`, `interrupted` */
export async function sendSubmission(place: SendPlace, held: HeldSubmission): Promise<HeldSubmission> {
  let last = '';
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const step = await asSender(place, () => tryOnce(place, held));
    if ('sent' in step) return step.sent;
    last = step.reason;
    if (step.waitMs > WINDOW_MS / 10)
      place.note(`${step.reason}: waiting ${Math.ceil(step.waitMs / 1000)} s`);
    // Waiting for one's turn is no attempt.
    if (step.isTurn) attempt--;
    await pause(step.waitMs, place.signal);
  }
  throw new QpoeError(
    'external',
    `the job could not be submitted: ${last}`,
    'run the same command again: it looks for the job before it sends another',
  );
}

/** Senders of one store take turns: of two with one request, the second finds what the first sent. */
async function asSender<T>({ journals }: SendPlace, use: () => Promise<T>): Promise<T> {
  const release = holdLock(submissionsLock(journals));
  try {
    return await use();
  } finally {
    release();
  }
}

type Step =
  | { readonly sent: HeldSubmission }
  | { readonly reason: string; readonly waitMs: number; readonly isTurn?: boolean };

async function tryOnce(place: SendPlace, asked: HeldSubmission): Promise<Step> {
  // Another process may have sent it since.
  const held = reread(place, asked);
  if (held.submission.job_id !== undefined) return { sent: held };
  if (held.submission.attempts.length > 0) {
    const found = await findByMarker(place, held);
    if (found !== undefined) return { sent: settle(place, held, found) };
  }
  const turnMs = untilTurn(place);
  if (turnMs > 0) return { reason: `the service takes ${JOBS} jobs a minute`, waitMs: turnMs, isTurn: true };
  const ready = await inSession(place, held);
  return post(place, ready);
}

function reread({ journals }: SendPlace, { number, submission }: HeldSubmission): HeldSubmission {
  const newest = findSubmission(journals, submission.request);
  return newest?.number === number ? newest : { number, submission };
}

/** By this store's own attempts: what is asked beyond the limit would only be refused. */
function untilTurn({ journals, now }: SendPlace): number {
  const time = now();
  const recent = listSubmissions(journals)
    .flatMap(({ submission }) => submission.attempts.map((at) => Date.parse(at)))
    .filter((at) => at > time - WINDOW_MS && at <= time)
    .sort((a, b) => a - b);
  return recent.length < JOBS ? 0 : recent.at(-JOBS)! + WINDOW_MS - time;
}

/** A session that was made and whose answer was lost stays empty: it costs nothing, and the provider ends it. */
async function inSession(place: SendPlace, held: HeldSubmission): Promise<HeldSubmission> {
  const { wants_session: wanted, session_id: known, backend } = held.submission;
  if (wanted !== true || known !== undefined) return held;
  const session = await createSession(place.client, backend);
  return keep(place, held, { session_id: session });
}

function keep(
  { journals }: SendPlace,
  { number, submission }: HeldSubmission,
  part: Partial<HeldSubmission['submission']>,
): HeldSubmission {
  const kept = { number, submission: { ...submission, ...part } };
  writeSubmission(journals, kept);
  return kept;
}

async function post(place: SendPlace, held: HeldSubmission): Promise<Step> {
  const { client, now } = place;
  const attempts = [...held.submission.attempts, new Date(now()).toISOString()];
  const begun = keep(place, held, { attempts });
  const sent = await postJob(client, requestBody(place, begun));
  const waitMs = PAUSE_MS * 2 ** Math.min(attempts.length - 1, 5);
  if (typeof sent === 'string') return { reason: sent, waitMs };
  const { answer, retryAfterMs } = sent;
  // These answers say that nothing was done: no such attempt is looked for.
  if (answer.status >= 400 && answer.status < 500 && ![408, 499].includes(answer.status))
    keep(place, begun, { attempts: held.submission.attempts });
  if (answer.status === 429)
    return {
      reason: `the service takes no more jobs for now (${reasonOf(answer)})`,
      waitMs: Math.min(Math.max(retryAfterMs, waitMs), MAX_RETRY_AFTER_MS),
    };
  if (answer.status >= 500 || answer.status === 408 || answer.status === 499)
    return {
      reason: `it answers ${reasonOf(answer)}`,
      waitMs: Math.max(waitMs, Math.min(retryAfterMs, 20_000)),
    };
  if (answer.status >= 400) throw refusedJob(begun, unexpected(client, 'the job', answer));
  const id = idOf(answer);
  // What can't be read may be the answer of a proxy, or half of the service's.
  if (id === undefined) return { reason: 'its answer could not be read', waitMs };
  return { sent: settle(place, begun, id) };
}

function requestBody({ store }: SendPlace, { submission }: HeldSubmission) {
  const { program_id, backend, session_id, marker, provenance } = submission;
  const tags = [...(provenance === undefined ? [] : tagsOfBinding(provenance)), marker];
  const rest: JsonObject = {
    program_id,
    backend,
    tags,
    ...(session_id === undefined ? {} : { session_id }),
  };
  // The params are sent as the very bytes that were kept.
  return concatenate([
    utf8(`${JSON.stringify(rest).slice(0, -1)},"params":`),
    heldBytes(store, submission.params),
    utf8('}'),
  ]);
}

function idOf(answer: {
  readonly status: number;
  readonly body: Uint8Array<ArrayBuffer>;
}): string | undefined {
  try {
    return parseAnswer(createdAnswer, answer, 'the job').id;
  } catch (error) {
    if (!(error instanceof QpoeError)) throw error;
    return undefined;
  }
}

/** The device may be gone, the session closed, the limit reached: nothing was submitted, and sending again would not help. */
function refusedJob({ submission }: HeldSubmission, error: QpoeError): QpoeError {
  const where = printable(submission.backend, 80);
  return new QpoeError(
    'refused',
    `${where} takes no such job: ${error.message}`,
    'nothing was submitted: is the device still there, the session open, and the instance allowed to use it?',
  );
}

/** The id is the job's key from here on: first in the submission's file, then in the job's own. */
function settle(place: SendPlace, held: HeldSubmission, id: string): HeldSubmission {
  const sent = keep(place, held, { job_id: id });
  noteJob(place.journals, sent);
  return sent;
}

/** What a kill between the two files left out is made up for here, as often as it is called. */
export function noteJob(journals: JournalFolder, { number, submission }: HeldSubmission): void {
  const { job_id: id, request, provenance, session_id } = submission;
  if (id === undefined) return;
  const journal = readJournal(journals, id);
  if (journal.submission !== undefined) return;
  writeJournal(journals, {
    ...journal,
    submission: { request, number },
    ...(provenance === undefined ? {} : { binding: bindingOf(provenance, id, session_id) }),
  });
}

/** @returns the job that carries the submission's marker; undefined where there is none, a while after it was sent */
async function findByMarker(place: SendPlace, { submission }: HeldSubmission): Promise<string | undefined> {
  const { client, signal } = place;
  const since = Date.parse(submission.begun_at) - SKEW_MS;
  const filter = { tag: submission.marker, createdAfter: new Date(since).toISOString() };
  for (const [index, pauses] of LOOKS.entries()) {
    await pause((pauses - (LOOKS[index - 1] ?? 0)) * PAUSE_MS, signal);
    const listed = await listAllJobs(client, filter);
    const own = listed.filter((job) => isOwn(place, submission, job, since));
    if (own.length > 0) return own[0]!.id;
  }
  return undefined;
}

/** Whoever sees the instance can copy a tag onto a job of their own. */
function isOwn(
  { importer }: SendPlace,
  { marker, backend, program_id }: HeldSubmission['submission'],
  job: JobAnswer,
  since: number,
): boolean {
  const created = Date.parse(providerTime(job.created ?? '') ?? '');
  return (
    (job.tags ?? []).includes(marker) &&
    (job.backend ?? backend) === backend &&
    (job.program?.id ?? program_id) === program_id &&
    !(created < since) &&
    (job.user_id == null || importer.id === undefined || job.user_id === importer.id)
  );
}
