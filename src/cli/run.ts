/** `qpoe run`: a workload, or circuits of one's own, on an SDK, as a signed record. */

import { circuitDigest } from '../circuit/circuit.ts';
import { type JobOutcome, MAX_SHOTS, type Sdk } from '../sdk/sdk.ts';
import { openOrCreateStore } from '../store/store.ts';
import { readClock } from './clock.ts';
import type { Context } from './context.ts';
import { describeRun } from './describe-run.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { drawHistogram } from './histogram.ts';
import { answerStatements, describeStatements, type Kept, keepRecord } from './keep.ts';
import type { LabelOptions } from './labels.ts';
import { checkOut } from './output.ts';
import type { CircuitOptions } from './plan-circuits.ts';
import { checkWhole, planJob } from './plan-job.ts';
import type { WorkloadOptions } from './plan-workload.ts';
import type { PlannedJob } from './planned-job.ts';
import { type ChoiceOptions, chooseSdk } from './sdk.ts';
import { findSigners, type SigningOptions } from './signing.ts';
import { describeSource, type SourceOptions } from './source.ts';

export interface RunOptions
  extends SigningOptions,
    WorkloadOptions,
    CircuitOptions,
    ChoiceOptions,
    LabelOptions,
    SourceOptions {
  readonly shots: number;
  readonly timeout: number;
  readonly out?: string;
}

export async function run(
  context: Context,
  files: readonly string[],
  options: RunOptions,
): Promise<ExitCode> {
  checkOut(options.out);
  const job = planJob(files, options);
  const shots = checkWhole('--shots', options.shots, 1, MAX_SHOTS);
  const seed = checkWhole('--seed', options.seed, 0, Number.MAX_SAFE_INTEGER);
  const timeoutMs = checkWhole('--timeout', options.timeout, 1, 1_000_000) * 1000;
  const sdk = chooseSdk(context, options);
  const signers = findSigners(context, options);
  const store = openOrCreateStore(context.storePath);
  const source = await describeSource(context, store, options);

  const startedAt = new Date(readClock()).toISOString();
  const started = performance.now();
  const programs = job.programs.map(({ circuit }) => ({ circuit, shots }));
  const outcome = await sdk.run({ programs, seed }, { timeoutMs, signal: context.signal });
  const elapsedMs = performance.now() - started;
  // From the monotonic clock: a system clock set back during the run must not make it finish before it started.
  const finishedAt = new Date(Date.parse(startedAt) + elapsedMs).toISOString();

  const { content, objects } = describeRun(job, sdk.name, outcome, { shots, startedAt, finishedAt }, options);
  const kept = await keepRecord(context, store, { ...content, ...source }, objects, signers, options.out);
  report(context, job, sdk, outcome, { shots, elapsedMs, kept, out: options.out });
  return EXIT.pass;
}

interface Ended {
  readonly shots: number;
  readonly elapsedMs: number;
  readonly kept: Kept;
  readonly out: string | undefined;
}

const SHOWN_PROGRAMS = 3;

function report(context: Context, job: PlannedJob, sdk: Sdk, outcome: JobOutcome, ended: Ended): void {
  const { shots, elapsedMs, out } = ended;
  const { record, path, statements, entered } = ended.kept;
  const size =
    job.programs.length === 1
      ? `${job.programs[0]!.circuit.qubits} qubits`
      : `${job.programs.length} programs`;
  context.say(
    `${job.name} on ${sdk.name} (${outcome.backend}): ${size}, ${shots} shots${job.programs.length === 1 ? '' : ' each'}, ${elapsedMs.toFixed(0)} ms`,
  );
  for (const [index, { counts }] of outcome.programs.slice(0, SHOWN_PROGRAMS).entries()) {
    if (outcome.programs.length > 1)
      context.say(`program ${index} ${describeValues(job.programs[index]!.values)}`.trimEnd());
    for (const line of drawHistogram(counts)) context.say(line);
  }
  if (outcome.programs.length > SHOWN_PROGRAMS)
    context.say(`… ${outcome.programs.length - SHOWN_PROGRAMS} more programs`);
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
