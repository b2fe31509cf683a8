/** `qpoe run`: a workload, or circuits of one's own, on an SDK, as a signed record. */

import { circuitDigest } from '../../circuit/circuit.ts';
import { type Observable, observableText } from '../../circuit/observable.ts';
import { type ExpectationOutcome, findExpectations } from '../../sdk/expectation-values.ts';
import { type JobOutcome, MAX_SHOTS, type Sdk } from '../../sdk/sdk.ts';
import { openOrCreateStore } from '../../store/store.ts';
import { readClock } from '../clock.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { checkOut } from '../output.ts';
import { answerStatements, describeStatements, type Kept, keepRecord } from '../record/keep.ts';
import type { LabelOptions } from '../record/labels.ts';
import { findSigners, type SigningOptions } from '../record/signing.ts';
import { describeSource, type SourceOptions } from '../record/source.ts';
import { drawHistogram } from '../show/histogram.ts';
import { type DescribedRun, describeExpectations, describeRun } from './describe-run.ts';
import type { CircuitOptions } from './plan-circuits.ts';
import { checkWhole, planJob } from './plan-job.ts';
import { planObservables } from './plan-observables.ts';
import type { WorkloadOptions } from './plan-workload.ts';
import type { PlannedJob } from './planned-job.ts';
import { type ChoiceOptions, chooseSdk } from './sdk.ts';

export interface RunOptions
  extends SigningOptions,
    WorkloadOptions,
    CircuitOptions,
    ChoiceOptions,
    LabelOptions,
    SourceOptions {
  readonly shots?: number;
  readonly observable?: readonly string[];
  readonly timeout: number;
  readonly out?: string;
}

const DEFAULT_SHOTS = 1024;

export async function run(
  context: Context,
  files: readonly string[],
  options: RunOptions,
): Promise<ExitCode> {
  checkOut(options.out);
  const job = planJob(files, options);
  const observables = planObservables(options.observable ?? [], job);
  const seed = checkWhole('--seed', options.seed, 0, Number.MAX_SAFE_INTEGER);
  const timeoutMs = checkWhole('--timeout', options.timeout, 1, 1_000_000) * 1000;
  const asked = options.shots === undefined ? undefined : checkWhole('--shots', options.shots, 1, MAX_SHOTS);
  const sdk = chooseSdk(context, options);
  const signers = findSigners(context, options);
  const store = openOrCreateStore(context.storePath);
  const source = await describeSource(context, store, options);

  const limits = { timeoutMs, signal: context.signal };
  const circuits = job.programs.map(({ circuit }) => circuit);
  const shots = asked ?? DEFAULT_SHOTS;
  const startedAt = new Date(readClock()).toISOString();
  const started = performance.now();
  const found =
    observables.length > 0
      ? { expected: await findExpectations(sdk, { circuits, observables, shots: asked, seed }, limits) }
      : {
          counted: await sdk.run({ programs: circuits.map((circuit) => ({ circuit, shots })), seed }, limits),
        };
  const elapsedMs = performance.now() - started;
  // From the monotonic clock: a system clock set back during the run must not make it finish before it started.
  const finishedAt = new Date(Date.parse(startedAt) + elapsedMs).toISOString();

  const times = { startedAt, finishedAt };
  const { content, objects }: DescribedRun =
    found.expected === undefined
      ? describeRun(job, sdk.name, found.counted, { ...times, shots }, options)
      : describeExpectations(job, sdk.name, found.expected, { ...times, observables }, options);
  const kept = await keepRecord(context, store, { ...content, ...source }, objects, signers, options.out);
  const shown =
    found.expected === undefined
      ? showCounts(job, found.counted, shots)
      : showValues(job, found.expected, observables);
  report(context, job, sdk, shown, { elapsedMs, kept, out: options.out });
  return EXIT.pass;
}

interface Ended {
  readonly elapsedMs: number;
  readonly kept: Kept;
  readonly out: string | undefined;
}

/** What a run found, in words: how it ran, and each program's result. */
interface Shown {
  readonly backend: string;
  readonly how: string;
  readonly results: readonly (readonly string[])[];
}

function showCounts(job: PlannedJob, { backend, programs }: JobOutcome, shots: number): Shown {
  return {
    backend,
    how: `${shots} shots${job.programs.length === 1 ? '' : ' each'}`,
    results: programs.map(({ counts }) => drawHistogram(counts)),
  };
}

function showValues(
  { programs: planned }: PlannedJob,
  { backend, programs }: ExpectationOutcome,
  observables: readonly Observable[],
): Shown {
  const { shots } = programs[0]!;
  return {
    backend,
    how:
      shots === 0
        ? 'exact expectation values'
        : `expectation values from ${shots} shots${planned.length === 1 ? '' : ' each'}`,
    results: programs.map(({ values, errors }) =>
      values.map(
        (value, at) =>
          `  ${observableText(observables[at]!)}  ${value}${errors[at] === 0 ? '' : ` ± ${errors[at]!.toPrecision(2)}`}`,
      ),
    ),
  };
}

const SHOWN_PROGRAMS = 3;

function report(context: Context, job: PlannedJob, sdk: Sdk, shown: Shown, ended: Ended): void {
  const { elapsedMs, out } = ended;
  const { record, path, statements, entered } = ended.kept;
  const size =
    job.programs.length === 1
      ? `${job.programs[0]!.circuit.qubits} qubits`
      : `${job.programs.length} programs`;
  context.say(
    `${job.name} on ${sdk.name} (${shown.backend}): ${size}, ${shown.how}, ${elapsedMs.toFixed(0)} ms`,
  );
  for (const [index, lines] of shown.results.slice(0, SHOWN_PROGRAMS).entries()) {
    if (shown.results.length > 1)
      context.say(`program ${index} ${describeValues(job.programs[index]!.values)}`.trimEnd());
    for (const line of lines) context.say(line);
  }
  if (shown.results.length > SHOWN_PROGRAMS)
    context.say(`… ${shown.results.length - SHOWN_PROGRAMS} more programs`);
  context.say(`record  ${record.record.record_id}${record.record.signature === null ? '  (unsigned)' : ''}`);
  context.say(`hash    ${record.record.hash}`);
  if (job.programs.length === 1) context.say(`circuit ${circuitDigest(job.programs[0]!.circuit)}`);
  context.say(`kept    ${path}${out === undefined ? '' : `, and ${out}`}`);
  for (const line of describeStatements(statements, entered)) context.say(line);
  context.note(statements.length > 0 ? 'next: qpoe bundle last' : `next: qpoe verify ${out ?? path}`);
  context.answer('run', {
    record_id: record.record.record_id,
    path,
    ...(out === undefined ? {} : { out }),
    ...answerStatements(statements, entered),
    record,
  });
}

function describeValues(values: Readonly<Record<string, number>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}
