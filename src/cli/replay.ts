/** `qpoe replay`: a record's circuits again, on the same SDK, with the same seed. It writes no record, and verifies none. */

import type { CircuitText } from '../circuit/sdk-text.ts';
import { utf8 } from '../core/bytes.ts';
import { digestOf } from '../core/digest.ts';
import { QpoeError } from '../core/error.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../core/json.ts';
import { printable } from '../core/printable.ts';
import { summarizeCounts } from '../record/result.ts';
import type { ExecutionRecord, Result } from '../record/schema.ts';
import { type ExpectationJob, findExpectations } from '../sdk/expectation-values.ts';
import type { Job, JobOutcome, RunLimits, Sdk } from '../sdk/sdk.ts';
import { type ComparableResult, type Comparison, compareResults } from '../statistics/comparison.ts';
import { describeRecord, identify } from './compare.ts';
import { comparisonJson, OUTCOME_EXITS, resultAt, resultsOf } from './compared-results.ts';
import type { Context } from './context.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { type NamedRecord, readNamedRecord } from './named-record.ts';
import { explainOutcome, paint, renderPrograms } from './render-comparison.ts';
import { jobOf } from './replayed-job.ts';
import { namedSdk } from './sdk.ts';

export interface ReplayOptions {
  readonly python?: string;
  readonly timeout: number;
}

type Outcome = 'identical' | 'consistent' | 'different' | 'unknown';

export async function replay(context: Context, name: string, options: ReplayOptions): Promise<ExitCode> {
  if (!Number.isSafeInteger(options.timeout) || options.timeout < 1)
    throw new QpoeError('usage', '--timeout must be a whole number of seconds from 1 on');
  const named = readNamedRecord(context, name);
  const { record } = named;
  const job = jobOf(named);
  const sdk = namedSdk(context, record.workload.sdk, options.python);
  await noteVersion(context, record, sdk);
  const limits = { timeoutMs: options.timeout * 1000, signal: context.signal };
  return report(context, named, job, await runAgain(sdk, job, limits));
}

/** Before the time that a run takes. What is installed is known exactly only afterwards. */
async function noteVersion(context: Context, { execution }: ExecutionRecord, sdk: Sdk): Promise<void> {
  const status = await sdk.status();
  const recorded = Object.values(packagesOf(execution.environment));
  if (status.usable && recorded.length > 0 && !recorded.includes(status.version))
    context.note(
      `${sdk.name} is ${printable(status.version)} here, and was of another version when it was recorded`,
    );
}

/** What came of running it again, of counts and of expectation values alike. */
interface Again extends Pick<JobOutcome, 'backend' | 'environment'> {
  readonly sources: readonly CircuitText[];
  readonly results: readonly Replayed[];
}

type Replayed = Exclude<ComparableResult, { readonly kind: 'none' }>;

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

function packagesOf(environment: JsonObject): Readonly<Record<string, JsonValue>> {
  return isJsonObject(environment.packages!) ? (environment.packages as JsonObject) : {};
}

function report(
  context: Context,
  named: NamedRecord,
  job: Job | ExpectationJob,
  { results, ...outcome }: Again,
): ExitCode {
  const { record } = named;
  const changes = [...findChanges(record, { results, ...outcome }), ...findOtherErrors(record, results)];
  const isIdentical = results.every((result, at) => isSameResult(resultAt(record, at), result));
  const comparison = compareResults(recordedResults(named, results), results);
  const verdict = isIdentical ? 'identical' : CONCLUSIONS[comparison.outcome];
  for (const change of changes) context.say(paint('yellow', `! ${printable(change)}`));
  const [colour, word] = HEADLINES[verdict];
  context.say(
    `${paint(['bold', colour], word)}: ${isIdentical ? describeIdentity(results) : explainOutcome(comparison)}`,
  );
  context.say(`A        ${describeRecord(named)}`);
  context.say(`B        ${describeAgain(job)}`);
  if (!isIdentical) showComparison(context, comparison);
  context.note('nothing was verified here, and nothing was recorded');
  context.answer('replay', {
    outcome: verdict,
    changes,
    record: identify(named),
    environment: outcome.environment,
    comparison: comparisonJson(comparison),
  });
  return isIdentical ? EXIT.pass : OUTCOME_EXITS[comparison.outcome];
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

const CONCLUSIONS = {
  agree: 'consistent',
  differ: 'different',
  unknown: 'unknown',
} as const satisfies Readonly<Record<Comparison['outcome'], Outcome>>;

const HEADLINES = {
  identical: ['green', 'IDENTICAL'],
  consistent: ['green', 'CONSISTENT'],
  different: ['red', 'DIFFERENT'],
  unknown: ['yellow', "CAN'T SAY"],
} as const satisfies Readonly<Record<Outcome, readonly [string, string]>>;

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

function describeIdentity(results: readonly Replayed[]): string {
  const same =
    results[0]!.kind === 'counts' ? 'the same counts, to the shot' : 'the same values, to the digit';
  return `${same}${results.length > 1 ? `, of all ${results.length} programs` : ''}`;
}

function describeAgain(job: Job | ExpectationJob): string {
  const isExact = 'observables' in job && job.shots === undefined;
  return isExact ? 'computed again just now' : `run again just now, with the seed ${job.seed}`;
}

function showComparison(context: Context, comparison: Comparison): void {
  for (const line of renderPrograms(comparison, process.stdout.columns ?? 80)) context.say(line);
}
