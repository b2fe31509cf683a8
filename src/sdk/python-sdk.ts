/** An SDK in Python, behind the runner protocol. */

import type { Circuit } from '../circuit/circuit.ts';
import { OPENQASM3_EMITTER } from '../circuit/openqasm3.ts';
import { type CircuitText, emitForSdk } from '../circuit/sdk-text.ts';
import { QpoeError } from '../core/error.ts';
import type { JsonObject } from '../core/json.ts';
import { checkJob } from './job.ts';
import { findPython, type PythonChoice } from './python.ts';
import { factsOf, PYTHON_SDKS, type PythonSdkName } from './python-sdk-names.ts';
import { estimatePrograms, type Runner, type RunnerResult, readCounts, runPrograms } from './runner.ts';
import type {
  EstimateJob,
  EstimateOutcome,
  Job,
  JobOutcome,
  Program,
  ProgramOutcome,
  RunLimits,
  Sdk,
  SdkStatus,
} from './sdk.ts';
import { judgeProbe, recallSeeding, rememberSeeding, seedingProbe } from './seeding.ts';

export function pythonSdk(name: PythonSdkName, choice: PythonChoice): Sdk {
  return {
    name,
    status: () => describeStatus(name, choice),
    run: (job, limits) => runJob(name, choice, job, limits),
    estimate: (job, limits) => estimateJob(name, choice, job, limits),
  };
}

async function describeStatus(name: PythonSdkName, choice: PythonChoice): Promise<SdkStatus> {
  try {
    const { where, python, description } = await findPython(name, choice, {
      signal: new AbortController().signal,
    });
    const version = description.packages[PYTHON_SDKS[name].distribution] ?? 'unknown';
    return { usable: true, version, where: where.includes(python) ? where : `${where} (${python})` };
  } catch (error) {
    if (!(error instanceof QpoeError)) throw error;
    return { usable: false, reason: error.message, hint: error.hint ?? '' };
  }
}

async function runJob(
  name: PythonSdkName,
  choice: PythonChoice,
  job: Job,
  limits: RunLimits,
): Promise<JobOutcome> {
  checkJob(job);
  checkMemory(
    name,
    job.programs.map(({ circuit }) => circuit),
  );
  const { python, description } = await findPython(name, choice, limits);
  const runner: Runner = { sdk: name, python };
  const remembered = await recallSeeding(choice.cacheDir, name, versionsOf(description));
  const programs = job.programs.map(({ circuit, shots }) => ({ ...emitForSdk(name, circuit), shots }));
  const result = await runPrograms(
    runner,
    { programs, seed: job.seed, ...(remembered === undefined ? { probe: seedingProbe(name) } : {}) },
    limits,
  );
  const tookEffect = remembered ?? judgeProbe(runner, result.probe);
  if (remembered === undefined && tookEffect !== null)
    await rememberSeeding(choice.cacheDir, name, versionsOf(result.environment), tookEffect);
  return {
    backend: result.backend,
    programs: result.programs.map((answered, index) => ({
      source: { format: programs[index]!.format, text: programs[index]!.text },
      ...readOutcome(runner, answered, job.programs[index]!),
    })),
    raw: result.raw,
    environment: describeEnvironment(name, programs, result),
    seeding: { requested: job.seed, applied: result.applied, took_effect: tookEffect },
  };
}

export function readOutcome(
  runner: Runner,
  { counts, executed }: RunnerResult['programs'][number],
  { circuit, shots }: Program,
): Omit<ProgramOutcome, 'source'> {
  const read = readCounts(runner, counts, circuit.bits, shots);
  return executed === undefined ? { counts: read } : { counts: read, executed };
}

async function estimateJob(
  name: PythonSdkName,
  choice: PythonChoice,
  { circuits, observables }: EstimateJob,
  limits: RunLimits,
): Promise<EstimateOutcome> {
  checkMemory(name, circuits);
  const { python } = await findPython(name, choice, limits);
  const programs = circuits.map((circuit) => emitForSdk(name, circuit));
  const estimate = await estimatePrograms({ sdk: name, python }, { programs, observables }, limits);
  return {
    backend: estimate.backend,
    programs: estimate.programs.map(
      (answered, index) => ({ source: programs[index]!, ...answered }) as never,
    ),
    raw: estimate.raw,
    environment: describeEnvironment(name, programs, estimate),
  };
}

/** @param texts what was sent: the emitter's version is said where it wrote one of them */
export function describeEnvironment(
  name: string,
  texts: readonly CircuitText[],
  { environment, settings }: Pick<RunnerResult, 'environment' | 'settings'>,
): JsonObject {
  const isEmitted = texts.some(({ format }) => format === 'openqasm3');
  return {
    sdk: name,
    ...(isEmitted ? { openqasm3_emitter: OPENQASM3_EMITTER } : {}),
    ...versionsOf(environment),
    settings: settings as JsonObject,
  };
}

/** The same whichever answer they came with. */
export function versionsOf(environment: RunnerResult['environment']): JsonObject {
  const { packages, python, node, platform } = environment;
  return {
    packages,
    ...(python === undefined ? {} : { python }),
    ...(node === undefined ? {} : { node }),
    platform,
  };
}

function checkMemory(name: PythonSdkName, circuits: readonly Circuit[]): void {
  const { title, bytesPerAmplitude } = factsOf(name);
  if (bytesPerAmplitude === undefined) return;
  const qubits = Math.max(...circuits.map((circuit) => circuit.qubits));
  const needed = bytesPerAmplitude * 2 ** qubits;
  const available = process.availableMemory();
  if (needed > available)
    throw new QpoeError(
      'refused',
      `${qubits} qubits need ${gibibytes(needed)} in ${title}; ${gibibytes(available)} are free`,
      'use fewer qubits',
    );
}

function gibibytes(bytes: number): string {
  return `${Number((bytes / 2 ** 30).toPrecision(3))} GiB of memory`;
}
