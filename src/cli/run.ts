/** `qpoe run`: a workload on an SDK, as a signed record. */

import { type Circuit, circuitBytes, circuitDigest } from '../circuit/circuit.ts';
import {
  buildWorkload,
  findWorkload,
  type Parameters,
  WORKLOAD_NAMES,
  type Workload,
} from '../circuit/workloads.ts';
import { utf8 } from '../core/bytes.ts';
import { digestOf } from '../core/digest.ts';
import { QpoeError } from '../core/error.ts';
import type { RecordContent } from '../record/record.ts';
import { summarizeCounts } from '../record/result.ts';
import { BIT_ORDER } from '../record/schema.ts';
import { type JobOutcome, MAX_SHOTS } from '../sdk/sdk.ts';
import { openOrCreateStore } from '../store/store.ts';
import { readClock } from './clock.ts';
import type { Context } from './context.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { drawHistogram } from './histogram.ts';
import { keepRecord } from './keep.ts';
import { describeLabels } from './labels.ts';
import { checkOut } from './output.ts';
import { chooseSdk } from './sdk.ts';
import { findSigner, type SigningOptions } from './signing.ts';
import { VERSION } from './version.ts';

export interface RunOptions extends SigningOptions {
  readonly sdk?: string;
  readonly framework?: string;
  readonly workload: string;
  readonly nQubits?: number;
  readonly depth?: number;
  readonly theta?: string;
  readonly seed: number;
  readonly shots: number;
  readonly param?: readonly string[];
  readonly label?: string;
  readonly note?: string;
  readonly python?: string;
  readonly timeout: number;
  readonly out?: string;
}

export async function runWorkload(context: Context, options: RunOptions): Promise<ExitCode> {
  checkOut(options.out);
  const workload = chooseWorkload(options.workload);
  const parameters = readParameters(workload, options);
  const circuit = buildWorkload(workload, parameters);
  const shots = checkWhole('--shots', options.shots, 1, MAX_SHOTS);
  const seed = checkWhole('--seed', options.seed, 0, Number.MAX_SAFE_INTEGER);
  const timeoutMs = checkWhole('--timeout', options.timeout, 1, 1_000_000) * 1000;
  const sdk = chooseSdk(context, options);
  const signer = findSigner(context, options);
  const store = openOrCreateStore(context.storePath);

  const startedAt = new Date(readClock()).toISOString();
  const started = performance.now();
  const outcome = await sdk.run(
    { programs: [{ circuit, shots }], seed },
    { timeoutMs, signal: context.signal },
  );
  const elapsedMs = performance.now() - started;
  // From the monotonic clock: a system clock set back during the run must not make it finish before it started.
  const finishedAt = new Date(Date.parse(startedAt) + elapsedMs).toISOString();

  const { content, objects } = describeRun(workload, parameters, circuit, sdk.name, outcome, {
    shots,
    startedAt,
    finishedAt,
    options,
  });
  const { record, path } = await keepRecord(context, store, content, objects, signer, options.out);
  const [program] = outcome.programs;
  context.say(
    `${workload.name} on ${sdk.name} (${outcome.backend}): ${circuit.qubits} qubits, ${shots} shots, ${elapsedMs.toFixed(0)} ms`,
  );
  for (const line of drawHistogram(program!.counts)) context.say(line);
  context.say(`record  ${record.record.record_id}${signer === undefined ? '  (unsigned)' : ''}`);
  context.say(`hash    ${record.record.hash}`);
  context.say(`circuit ${circuitDigest(circuit)}`);
  context.say(`kept    ${path}${options.out === undefined ? '' : `, and ${options.out}`}`);
  context.note(`next: qpoe verify ${options.out ?? path}`);
  context.answer('run', {
    record_id: record.record.record_id,
    path,
    ...(options.out === undefined ? {} : { out: options.out }),
    record,
  });
  return EXIT.pass;
}

function chooseWorkload(name: string): Workload {
  const workload = findWorkload(name);
  if (workload === undefined)
    throw new QpoeError('usage', `no workload "${name}"`, `--workload takes ${WORKLOAD_NAMES.join(' or ')}`);
  return workload;
}

/** From `--param` and the parameters' own flags, which may not say the same thing twice. */
function readParameters(workload: Workload, options: RunOptions): Parameters {
  const given = new Map<string, number>();
  const give = (name: string, value: number, flag: string): void => {
    if (!Object.hasOwn(workload.parameters, name))
      throw new QpoeError(
        'usage',
        `${workload.name} takes no ${flag}`,
        `its parameters: ${Object.keys(workload.parameters).join(', ')}`,
      );
    if (given.has(name)) throw new QpoeError('usage', `${name} is given twice`, 'give it once');
    given.set(name, value);
  };
  if (options.nQubits !== undefined) give('n_qubits', options.nQubits, '--n-qubits');
  if (options.depth !== undefined) give('depth', options.depth, '--depth');
  if (options.theta !== undefined) give('theta', readNumber('--theta', options.theta), '--theta');
  for (const assignment of options.param ?? []) {
    const [name, value] = splitAssignment(assignment);
    // The seed is the sampling's too: one flag sets both.
    if (name === 'seed') throw new QpoeError('usage', 'the seed is no --param', 'give it as --seed');
    give(name, readNumber(`--param ${name}`, value), `--param ${name}`);
  }
  const withDefaults = Object.entries(workload.parameters).map(([name, { default: fallback }]) => [
    name,
    given.get(name) ?? (name === 'seed' ? options.seed : fallback),
  ]);
  return Object.fromEntries(withDefaults);
}

function splitAssignment(text: string): [string, string] {
  const at = text.indexOf('=');
  if (at < 1)
    throw new QpoeError('usage', `--param ${text} is not name=value`, 'for example --param depth=4');
  return [text.slice(0, at), text.slice(at + 1)];
}

function readNumber(flag: string, text: string): number {
  const value = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isFinite(value)) throw new QpoeError('usage', `${flag} must be a number, not "${text}"`);
  return value + 0;
}

function checkWhole(flag: string, value: number, min: number, max: number): number {
  if (!Number.isSafeInteger(value) || value < min || value > max)
    throw new QpoeError('usage', `${flag} must be a whole number from ${min} to ${max}`);
  return value;
}

interface RunFacts {
  readonly shots: number;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly options: RunOptions;
}

function describeRun(
  workload: Workload,
  parameters: Parameters,
  circuit: Circuit,
  sdk: string,
  outcome: JobOutcome,
  { shots, startedAt, finishedAt, options }: RunFacts,
): { content: RecordContent; objects: Uint8Array[] } {
  const summaries = outcome.programs.map(({ counts }) => summarizeCounts(counts, circuit.bits));
  const sources = outcome.programs.map(({ source }) => utf8(source.text));
  const executed = outcome.programs.flatMap(({ executed: text }, program) =>
    text === undefined ? [] : [{ program, format: text.format, bytes: utf8(text.text) }],
  );
  const content: RecordContent = {
    workload: {
      name: workload.name,
      sdk,
      parameters: { ...parameters },
      shots,
      programs: outcome.programs.map(({ source }, index) => ({
        circuit: circuitDigest(circuit),
        source: { format: source.format, digest: digestOf(sources[index]!) },
        values: {},
        shots,
      })),
    },
    execution: {
      class: 'executed',
      backend: outcome.backend,
      started_at: startedAt,
      finished_at: finishedAt,
      bit_order: BIT_ORDER,
      result_summary: summaries.map(({ result }) => result),
      result_digest: digestOf(outcome.raw),
      environment: { ...outcome.environment, qpoe: VERSION },
      seeding: { ...outcome.seeding },
      job: {},
      calibration: {},
      executed_circuits: executed.map(({ program, format, bytes }) => ({
        program,
        format,
        digest: digestOf(bytes),
      })),
      timing: {},
      mitigation: {},
    },
    ...describeLabels(options),
  };
  const large = summaries.flatMap(({ object }) => (object === undefined ? [] : [object]));
  return {
    content,
    objects: [
      circuitBytes(circuit),
      ...sources,
      ...executed.map(({ bytes }) => bytes),
      ...large,
      outcome.raw,
    ],
  };
}
