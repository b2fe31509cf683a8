/**
 * A record's job, asked for again: whether the provider still says what the record says. IBM signs nothing, so this is the nearest to
 * a second witness that there is; it takes access to the job, and only as long as the provider has it.
 */

import { digestOf } from '../core/digest.ts';
import { canonicalText } from '../core/jcs.ts';
import type { JsonValue } from '../core/json.ts';
import type { ExecutionRecord, Result } from '../record/schema.ts';
import { type JobAnswer, jobAnswer, statusOf } from './answers.ts';
import { parseAnswer, type RuntimeClient, readJob, readResults, unexpected } from './client.ts';
import type { QpyExporter } from './export-qpy.ts';
import { decodeResults } from './job-results/decode.ts';
import { describePrograms } from './programs.ts';
import { readPubs } from './pub.ts';

export interface Comparison {
  readonly outcome: 'agrees' | 'differs' | 'unknown';
  /** One line. */
  readonly says: string;
}

const OK = 200;
const GONE = [204, 404, 410];
/** Nothing is kept of what is only compared. */
const NO_SPOOL = { begin: () => {}, take: () => {} };

export async function compareWithProvider(
  client: RuntimeClient,
  qpy: QpyExporter,
  id: string,
  record: ExecutionRecord,
): Promise<Comparison> {
  const answer = await readJob(client, id);
  if (answer.status === 404) return unknown('the service has the job no more');
  if (answer.status !== OK) throw unexpected(client, `job ${id}`, answer);
  const job = parseAnswer(jobAnswer, answer, `job ${id}`);
  const circuits = compareCircuits(job, record);
  if (circuits !== undefined) return circuits;
  // Reading them once more would take them from whoever they are for.
  if (job.private === true) return unknown('the job is private: its results are given once');
  return compareResults(client, qpy, job, record);
}

const unknown = (says: string): Comparison => ({ outcome: 'unknown', says });
const differs = (says: string): Comparison => ({ outcome: 'differs', says });
const agrees = (says: string): Comparison => ({ outcome: 'agrees', says });

/** Where the service no longer gives circuits, nothing is said of them. */
function compareCircuits(job: JobAnswer, { workload }: ExecutionRecord): Comparison | undefined {
  const there = new Set(
    readPubs(job.program?.id ?? '', job.params).flatMap(({ source }) =>
      source === undefined ? [] : [digestOf(source.bytes) as string],
    ),
  );
  const recorded = new Set(workload.programs.flatMap(({ source }) => source?.digest ?? []));
  if (there.size === 0 || recorded.size === 0) return undefined;
  const isSame = there.size === recorded.size && [...there].every((digest) => recorded.has(digest as never));
  return isSame ? undefined : differs('the service has other circuits for this job than the record');
}

async function compareResults(
  client: RuntimeClient,
  qpy: QpyExporter,
  job: JobAnswer,
  { execution }: ExecutionRecord,
): Promise<Comparison> {
  const answer = await readResults(client, job.id, NO_SPOOL, false);
  const recorded = execution.result_summary.some(({ kind }) => kind !== 'none');
  if (GONE.includes(answer.status)) {
    const status = statusOf(job);
    if (!recorded && (status === 'failed' || status === 'cancelled'))
      return agrees(`the job ${status}, and there is no result on either side`);
    return unknown(`the service gives no results (${answer.status})`);
  }
  if (answer.status !== OK) throw unexpected(client, `the results of job ${job.id}`, answer);
  if (digestOf(answer.body) === execution.result_digest)
    return agrees('the very bytes that the record names');
  const program = job.program?.id ?? 'unknown';
  const decoded = decodeResults(answer.body);
  if (decoded.form === 'unknown') return unknown(`its results can't be read: ${decoded.reason}`);
  const { results } = describePrograms(readPubs(program, job.params), decoded.pubs, qpy.known, undefined);
  if (results.every(({ kind }) => kind === 'none')) return unknown('its results can’t be told apart');
  return isSame(results, execution.result_summary)
    ? agrees('the same results, written otherwise')
    : differs('the service has other results for this job than the record');
}

function isSame(a: readonly Result[], b: readonly Result[]): boolean {
  return canonicalText(a as unknown as JsonValue) === canonicalText(b as unknown as JsonValue);
}
