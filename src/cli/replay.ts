/** `qpoe replay`: a record's circuits again, on the same SDK, with the same seed. It writes no record, and verifies none. */

import type { Circuit } from '../circuit/circuit.ts';
import { utf8 } from '../core/bytes.ts';
import { digestOf } from '../core/digest.ts';
import { QpoeError } from '../core/error.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../core/json.ts';
import { printable } from '../core/printable.ts';
import { summarizeCounts } from '../record/result.ts';
import type { ExecutionRecord, Result } from '../record/schema.ts';
import { SDK_NAMES } from '../sdk/registry.ts';
import type { JobOutcome, Program } from '../sdk/sdk.ts';
import { type Comparison, compareResults } from '../statistics/comparison.ts';
import { findCircuit } from '../verify/held-objects.ts';
import { describeRecord, identify } from './compare.ts';
import { comparisonJson, OUTCOME_EXITS, resultAt, resultsOf } from './compared-results.ts';
import type { Context } from './context.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { type NamedRecord, readNamedRecord } from './named-record.ts';
import { explainOutcome, paint, renderPrograms } from './render-comparison.ts';
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
  const job = { programs: programsOf(named), seed: seedOf(record) };
  const sdk = namedSdk(context, record.workload.sdk, options.python);
  await noteVersion(context, record, sdk);
  const limits = { timeoutMs: options.timeout * 1000, signal: context.signal };
  const outcome = await sdk.run(job, limits);
  return report(context, named, outcome);
}

/** Before the time that a run takes. What is installed is known exactly only afterwards. */
async function noteVersion(
  context: Context,
  { execution }: ExecutionRecord,
  sdk: ReturnType<typeof namedSdk>,
): Promise<void> {
  const status = await sdk.status();
  const recorded = Object.values(packagesOf(execution.environment));
  if (status.usable && recorded.length > 0 && !recorded.includes(status.version))
    context.note(
      `${sdk.name} is ${printable(status.version)} here, and was of another version when it was recorded`,
    );
}

/** @throws QpoeError `refused` for what can't be run again, with the reason */
function programsOf({ record, read, path }: NamedRecord): Program[] {
  const { workload, execution } = record;
  if (execution.class !== 'executed') throw refuse(`${path} can't be replayed: ${WHY_NOT[execution.class]}`);
  if (!SDK_NAMES.includes(workload.sdk))
    throw refuse(`${path} can't be replayed: this version knows no SDK "${printable(workload.sdk, 60)}"`);
  return workload.programs.map((program, at) => {
    if (program.observables !== undefined || resultAt(record, at).kind === 'expectation')
      throw refuse(`program ${at} can't be replayed: its result is expectation values`);
    const circuit: Circuit | string = findCircuit(program, read);
    if (typeof circuit === 'string')
      throw refuse(
        `program ${at} can't be replayed: ${circuit}`,
        'give its bundle, or name the store that holds its circuit by --store',
      );
    return { circuit, shots: program.shots };
  });
}

const WHY_NOT = {
  imported: 'the job ran at its provider, and was imported from there',
  captured: 'the job ran in a process of its own, whose settings no record holds in full',
  supplied: 'its results were supplied as files, and qpoe ran nothing',
} as const;

function seedOf({ execution }: ExecutionRecord): number {
  const { requested } = execution.seeding;
  if (typeof requested === 'number' && Number.isSafeInteger(requested) && requested >= 0) return requested;
  throw refuse("it can't be replayed: the record names no seed");
}

function refuse(message: string, hint = 'run its circuit anew, and `qpoe compare` the two'): QpoeError {
  return new QpoeError('refused', message, hint);
}

/** What is not as it was when the record was made: SDK, its packages, sampler, and the text that the SDK was given. */
function findChanges({ workload, execution }: ExecutionRecord, outcome: JobOutcome): string[] {
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
    const given = digestOf(utf8(outcome.programs[at]!.source.text));
    return source === undefined || source.digest === given
      ? []
      : [`program ${at} is given to the SDK in another text`];
  });
  return [...packages, ...samplers, ...backend, ...texts.slice(0, 3)];
}

function packagesOf(environment: JsonObject): Readonly<Record<string, JsonValue>> {
  return isJsonObject(environment.packages!) ? (environment.packages as JsonObject) : {};
}

function report(context: Context, named: NamedRecord, outcome: JobOutcome): ExitCode {
  const { record } = named;
  const changes = findChanges(record, outcome);
  const replayed = outcome.programs.map(({ counts }) => ({ kind: 'counts', counts }) as const);
  const isIdentical = replayed.every(({ counts }, at) => isSameResult(resultAt(record, at), counts));
  const comparison = compareResults(resultsOf(record, named.read), replayed);
  const verdict = isIdentical ? 'identical' : CONCLUSIONS[comparison.outcome];
  for (const change of changes) context.say(paint('yellow', `! ${printable(change)}`));
  const [colour, word] = HEADLINES[verdict];
  context.say(
    `${paint(['bold', colour], word)}: ${isIdentical ? describeIdentity(record) : explainOutcome(comparison)}`,
  );
  context.say(`A        ${describeRecord(named)}`);
  context.say(`B        run again just now, with the seed ${seedOf(record)}`);
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

/** Also of counts that stand in the record by digest alone. */
function isSameResult(recorded: Result, counts: ReadonlyMap<string, number>): boolean {
  if (recorded.kind !== 'counts') return false;
  const again = summarizeCounts(counts, recorded.bits, 'digest' in recorded ? 0 : counts.size).result;
  if (again.kind !== 'counts') return false;
  if ('digest' in recorded) return 'digest' in again && again.digest === recorded.digest;
  const before = Object.entries(recorded.counts);
  return before.length === counts.size && before.every(([key, count]) => counts.get(key) === count);
}

function describeIdentity({ workload }: ExecutionRecord): string {
  const programs = workload.programs.length;
  return `the same counts, to the shot${programs > 1 ? `, of all ${programs} programs` : ''}`;
}

function showComparison(context: Context, comparison: Comparison): void {
  for (const line of renderPrograms(comparison, process.stdout.columns ?? 80)) context.say(line);
}
