/** `qpoe runtime import`: jobs of IBM Quantum as records, one or every one that the account sees. */

import { utf8 } from '../../core/bytes.ts';
import { QpoeError } from '../../core/error.ts';
import { printable } from '../../core/printable.ts';
import { parseTime } from '../../core/time.ts';
import { JOB_ID } from '../../runtime/answers.ts';
import { titleOf } from '../../runtime/describe-job.ts';
import { goneCsv, isGone } from '../../runtime/gone-csv.ts';
import { asImporter, type Imported, importJobs } from '../../runtime/import-jobs.ts';
import { listAllJobs } from '../../runtime/list-all.ts';
import type { ImportSession } from '../../runtime/session.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { checkOut, writeOut } from '../output.ts';
import { progressOf } from './runtime-progress.ts';
import { openRuntime, type RuntimeOptions } from './runtime-session.ts';

export interface ImportOptions extends RuntimeOptions {
  readonly all?: boolean;
  readonly since?: string;
  readonly csv?: string;
}

export async function importRuntime(
  context: Context,
  jobs: readonly string[],
  options: ImportOptions,
): Promise<ExitCode> {
  checkRequest(jobs, options);
  checkOut(options.csv, '--csv');
  const since = options.since === undefined ? undefined : readSince(options.since);
  const session = await openRuntime(context, options);
  const imported: Imported[] = [];
  try {
    await asImporter(session, async () => {
      const wanted =
        options.all === true ? await listed(context, session, since) : jobs.map((id) => ({ id }));
      await importAll(context, session, wanted, imported);
    });
  } finally {
    // What is known to be gone is told, whatever came after.
    if (options.csv !== undefined) writeOut(options.csv, utf8(goneCsv(imported)));
  }
  const [only] = imported;
  // One that can't be had is the whole answer.
  if (jobs.length === 1 && only?.state === 'refused') throw only.error;
  report(context, session, imported, options);
  return exitOf(imported, options.all === true);
}

function checkRequest(jobs: readonly string[], { all, since }: ImportOptions): void {
  if (jobs.length > 0 === (all === true))
    throw new QpoeError(
      'usage',
      'runtime import takes job ids, or --all',
      'qpoe runtime import --all --since 2026-01-01',
    );
  if (since !== undefined && all !== true)
    throw new QpoeError('usage', '--since is for --all', 'leave it out');
  const strange = jobs.find((id) => !JOB_ID.test(id));
  if (strange !== undefined)
    throw new QpoeError('usage', `"${strange}" is not a job id`, 'it is letters and digits');
}

/** A date, or a time. */
export function readSince(text: string): string {
  const time = /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text;
  if (parseTime(time) === undefined)
    throw new QpoeError(
      'usage',
      `--since ${text} is not a date`,
      'write it like 2026-01-14 or 2026-01-14T02:01:23Z',
    );
  return time;
}

type Wanted = readonly { readonly id: string }[];

export async function listed(
  context: Context,
  session: ImportSession,
  since: string | undefined,
): Promise<Wanted> {
  const jobs = await listAllJobs(session.client, { createdAfter: since }, (count, of) => {
    if (of !== undefined && of > count) context.note(`listing: ${count} of ${of} jobs`);
  });
  return jobs.map((job) => ({ id: job.id, job }));
}

/** @param imported takes each as it comes, so that it is known where the rest fails */
export async function importAll(
  context: Context,
  session: ImportSession,
  wanted: Wanted,
  imported: Imported[],
): Promise<void> {
  const progress = progressOf(context, wanted.length);
  try {
    for await (const one of importJobs(session, wanted)) {
      imported.push(one);
      progress.step();
    }
  } finally {
    progress.end();
    if (imported.length < wanted.length)
      context.note(
        `${imported.length} of ${wanted.length} jobs are done; run it again, and it goes on from there`,
      );
  }
}

function report(
  context: Context,
  session: ImportSession,
  imported: readonly Imported[],
  options: ImportOptions,
): void {
  if (options.all !== true || imported.length === 1) for (const one of imported) context.say(describe(one));
  else for (const line of summarize(imported)) context.say(line);
  const missing = session.qpy.missing();
  if (missing !== undefined)
    context.note(
      `circuits in QPY are only hashed: ${printable(missing, 300)}; \`qpoe sdk install qiskit\` lets the next import read them`,
    );
  if (options.csv !== undefined) context.note(`what is gone: ${options.csv}`);
  context.answer('runtime-import', { jobs: imported.map(answerOf), csv: options.csv });
}

export function answerOf(one: Imported): object {
  return {
    job_id: one.jobId,
    state: one.state,
    ...('recordId' in one ? { record_id: one.recordId, outcome: one.outcome } : {}),
    ...('reason' in one && one.reason !== undefined ? { reason: one.reason } : {}),
  };
}

const SAID = {
  recorded: 'recorded',
  gone: 'recorded without results: they are gone',
  failed: 'recorded: it failed',
  cancelled: 'recorded: it was cancelled',
} as const;

export function describe(one: Imported): string {
  const id = printable(one.jobId, 130);
  const title = one.job === undefined ? '' : `, ${printable(titleOf(one.job), 120)}`;
  if (one.state === 'pending') return `job ${id}${title}: not finished; nothing is recorded yet`;
  if (one.state === 'refused') return `job ${id}${title}: ${printable(one.reason, 400)}`;
  const reason = one.reason === undefined ? '' : ` (${printable(one.reason, 300)})`;
  const said = one.state === 'known' ? 'is recorded already' : `${SAID[one.outcome]}${reason}`;
  const unread =
    one.unread === undefined ? '' : `; its results are kept, and not read: ${printable(one.unread, 300)}`;
  return `job ${id}${title}: ${said}${unread}\nrecord  ${one.recordId}`;
}

const SHOWN_GONE = 10;

/** What became of many. */
export function summarize(imported: readonly Imported[]): string[] {
  const count = (of: (one: Imported) => boolean): number => imported.filter(of).length;
  const fresh = count(({ state }) => state === 'recorded');
  const parts: readonly (readonly [number, string])[] = [
    [count((one) => one.state === 'recorded' && one.outcome === 'gone'), 'without results: they are gone'],
    [count((one) => one.state === 'recorded' && one.outcome === 'failed'), 'that failed'],
    [count((one) => one.state === 'recorded' && one.outcome === 'cancelled'), 'that were cancelled'],
  ];
  const among = parts.filter(([number]) => number > 0).map(([number, what]) => `${number} ${what}`);
  const lines = [
    `${imported.length} jobs: ${fresh} recorded${among.length === 0 ? '' : ` (${among.join(', ')})`}`,
  ];
  const rest: readonly (readonly [number, string])[] = [
    [count(({ state }) => state === 'known'), 'recorded already'],
    [count(({ state }) => state === 'pending'), 'not finished'],
    [count(({ state }) => state === 'refused'), 'not to be had'],
    [count((one) => 'unread' in one && one.unread !== undefined), 'with results that are kept, and not read'],
  ];
  for (const [number, what] of rest) if (number > 0) lines.push(`  ${number} ${what}`);
  const gone = imported.filter(isGone);
  for (const one of gone.slice(0, SHOWN_GONE))
    lines.push(
      `  gone: ${printable(one.jobId, 130)}: ${printable('reason' in one ? (one.reason ?? '') : '', 300)}`,
    );
  if (gone.length > SHOWN_GONE) lines.push(`  … ${gone.length - SHOWN_GONE} more; --csv FILE lists them all`);
  return lines;
}

function exitOf(imported: readonly Imported[], all: boolean): ExitCode {
  const refused = imported.flatMap((one) => (one.state === 'refused' ? [one.error] : []));
  // A job of someone else's among many is nothing that could be done better.
  const failed = all ? refused.filter(({ code }) => code === 'external') : refused;
  const [first] = failed;
  if (first !== undefined) return first.code === 'external' ? EXIT.external : EXIT.usage;
  return !all && imported.some(({ state }) => state === 'pending') ? EXIT.inconclusive : EXIT.pass;
}
