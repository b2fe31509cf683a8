/** A record's circuits run again on its SDK, and what came out beside what the record says. */

import type { CircuitText } from '../../circuit/sdk-text.ts';
import { utf8 } from '../../core/bytes.ts';
import { digestOf } from '../../core/digest.ts';
import { QpoeError } from '../../core/error.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import { summarizeCounts } from '../../record/result.ts';
import type { ExecutionRecord, Result } from '../../record/schema.ts';
import { type ExpectationJob, findExpectations } from '../../sdk/expectation-values.ts';
import type { Job, JobOutcome, RunLimits, Sdk } from '../../sdk/sdk.ts';
import type { ComparableResult, Comparison } from '../../statistics/comparison.ts';
import type { Context } from '../context.ts';
import type { NamedRecord } from '../show/named-record.ts';
import { resultAt, resultsOf } from './compared-results.ts';

export interface ReplayOptions {
  readonly python?: string;
  readonly timeout: number;
}

export function limitsOf({ signal }: Context, { timeout }: ReplayOptions): RunLimits {
  if (!Number.isSafeInteger(timeout) || timeout < 1)
    throw new QpoeError('usage', '--timeout must be a whole number of seconds from 1 on');
  return { timeoutMs: timeout * 1000, signal };
}

export type RerunOutcome = 'identical' | 'consistent' | 'different' | 'unknown';

/** What statistics say where a result is not the very same. */
export const CONCLUSIONS = {
  agree: 'consistent',
  differ: 'different',
  unknown: 'unknown',
} as const satisfies Readonly<Record<Comparison['outcome'], RerunOutcome>>;

export interface Rerun {
  readonly backend: string;
  readonly environment: JsonObject;
  /** What is not as it was when the record was made. */
  readonly changes: readonly string[];
  readonly isIdentical: boolean;
  /** To be held against each other. */
  readonly recorded: readonly ComparableResult[];
  readonly results: readonly Replayed[];
}

/** @param job the record's own */
export async function rerun(
  sdk: Sdk,
  named: NamedRecord,
  job: Job | ExpectationJob,
  limits: RunLimits,
): Promise<Rerun> {
  const { record } = named;
  const again = await runAgain(sdk, job, limits);
  const { backend, environment, results } = again;
  return {
    backend,
    environment,
    changes: [...findChanges(record, again), ...findOtherErrors(record, results)],
    isIdentical: results.every((result, at) => isSameResult(resultAt(record, at), result)),
    recorded: recordedResults(named, results),
    results,
  };
}

/** What came of running it again, of counts and of expectation values alike. */
interface Again extends Pick<JobOutcome, 'backend' | 'environment'> {
  readonly sources: readonly CircuitText[];
  readonly results: readonly Replayed[];
}

export type Replayed = Exclude<ComparableResult, { readonly kind: 'none' }>;

async function runAgain(sdk: Sdk, job: Job | ExpectationJob, limits: RunLimits): Promise<Again> {
  if ('programs' in job) {
    const outcome = await sdk.run(job, limits);
    return {
      ...outcome,
      sources: outcome.programs.map(({ source }) => source),
      results: outcome.programs.map(({ counts }) => ({ kind: 'counts', counts })),
    };
  }
  const outcome = await findExpectations(sdk, job, limits);
  return {
    ...outcome,
    sources: outcome.programs.map(({ source }) => source),
    results: outcome.programs.map(({ values, errors }) => ({ kind: 'expectation', values, errors })),
  };
}

/** What is not as it was when the record was made: SDK, its packages, sampler, and the text that the SDK was given. */
function findChanges({ workload, execution }: ExecutionRecord, outcome: Again): string[] {
  const before = packagesOf(execution.environment);
  const now = packagesOf(outcome.environment);
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])].sort();
  const packages = names
    .filter((name) => before[name] !== now[name])
    .map((name) => `${name} was ${before[name] ?? 'not recorded'}, is ${now[name] ?? 'not there'}`);
  const { sampler } = execution.environment;
  const samplers =
    JSON.stringify(sampler) === JSON.stringify(outcome.environment.sampler)
      ? []
      : [`the sampler was ${JSON.stringify(sampler)}, is ${JSON.stringify(outcome.environment.sampler)}`];
  const backend =
    execution.backend === outcome.backend
      ? []
      : [`the backend was ${execution.backend}, is ${outcome.backend}`];
  const texts = workload.programs.flatMap(({ source }, at) => {
    const given = digestOf(utf8(outcome.sources[at]!.text));
    return source === undefined || source.digest === given
      ? []
      : [`program ${at} is given to the SDK in another text`];
  });
  return [...packages, ...samplers, ...backend, ...texts.slice(0, 3)];
}

export function packagesOf(environment: JsonObject): Readonly<Record<string, JsonValue>> {
  return isJsonObject(environment.packages!) ? (environment.packages as JsonObject) : {};
}

/**
 * With the errors that were found just now: of the same circuit and as many shots they are the recorded ones, where those are true.
 * A record that states large ones would otherwise be consistent with anything.
 */
function recordedResults({ record, read }: NamedRecord, again: readonly Replayed[]): ComparableResult[] {
  return resultsOf(record, read).map((recorded, at) => {
    const now = again[at]!;
    return recorded.kind === 'expectation' && now.kind === 'expectation'
      ? { ...recorded, errors: now.errors }
      : recorded;
  });
}

function findOtherErrors(record: ExecutionRecord, again: readonly Replayed[]): string[] {
  return again.flatMap((now, at) => {
    const recorded = resultAt(record, at);
    if (recorded.kind !== 'expectation' || now.kind !== 'expectation') return [];
    const stated = recorded.std_errors;
    const isOther = isSameList(recorded.values, now.values) && stated && !isSameList(stated, now.errors!);
    return isOther ? [`program ${at} states other errors than its values have`] : [];
  });
}

function isSameResult(recorded: Result, again: Replayed): boolean {
  if (again.kind === 'counts') return isSameCounts(recorded, again.counts);
  if (recorded.kind !== 'expectation' || !isSameList(recorded.values, again.values)) return false;
  return recorded.std_errors === undefined || isSameList(recorded.std_errors, again.errors!);
}

function isSameList(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((value, at) => value === b[at]);
}

/** Also of counts that stand in the record by digest alone. */
function isSameCounts(recorded: Result, counts: ReadonlyMap<string, number>): boolean {
  if (recorded.kind !== 'counts') return false;
  const again = summarizeCounts(counts, recorded.bits, 'digest' in recorded ? 0 : counts.size).result;
  if (again.kind !== 'counts') return false;
  if ('digest' in recorded) return 'digest' in again && again.digest === recorded.digest;
  const before = Object.entries(recorded.counts);
  return before.length === counts.size && before.every(([key, count]) => counts.get(key) === count);
}
