/** An SDK in Python, behind the runner protocol. */

import { OPENQASM3_EMITTER } from '../circuit/openqasm3.ts';
import { emitForSdk } from '../circuit/sdk-text.ts';
import { QpoeError } from '../core/error.ts';
import type { JsonObject } from '../core/json.ts';
import { checkJob } from './job.ts';
import { findPython, type PythonChoice } from './python.ts';
import { PYTHON_SDKS, type PythonSdkName } from './python-sdk-names.ts';
import {
  type Runner,
  type RunnerDescription,
  type RunnerProgram,
  type RunnerResult,
  readCounts,
  runPrograms,
} from './runner.ts';
import type { Job, JobOutcome, Program, ProgramOutcome, RunLimits, Sdk, SdkStatus } from './sdk.ts';
import { judgeProbe, recallSeeding, rememberSeeding, SEEDING_PROBE } from './seeding.ts';

export function pythonSdk(name: PythonSdkName, choice: PythonChoice): Sdk {
  return {
    name,
    status: () => describeStatus(name, choice),
    run: (job, limits) => runJob(name, choice, job, limits),
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
  if (name === 'cirq') checkMemory(job);
  const { python, description } = await findPython(name, choice, limits);
  const runner: Runner = { sdk: name, python };
  const remembered = await recallSeeding(choice.cacheDir, name, versionsOf(description));
  const programs = job.programs.map((program) => programText(name, program));
  const result = await runPrograms(
    runner,
    { programs, seed: job.seed, ...(remembered === undefined ? { probe: SEEDING_PROBE } : {}) },
    limits,
  );
  const tookEffect = remembered ?? judgeProbe(runner, result.probe);
  if (remembered === undefined && tookEffect !== null)
    await rememberSeeding(choice.cacheDir, name, versionsOf(result.environment), tookEffect);
  return {
    backend: result.backend,
    programs: result.programs.map((answered, index) => ({
      source: { format: 'openqasm3', text: programs[index]!.text },
      ...readOutcome(runner, answered, job.programs[index]!),
    })),
    raw: result.raw,
    environment: describeEnvironment(name, result),
    seeding: { requested: job.seed, applied: result.applied, took_effect: tookEffect },
  };
}

function readOutcome(
  runner: Runner,
  { counts, executed }: RunnerResult['programs'][number],
  { circuit, shots }: Program,
): Omit<ProgramOutcome, 'source'> {
  const read = readCounts(runner, counts, circuit.bits, shots);
  return executed === undefined ? { counts: read } : { counts: read, executed };
}

function describeEnvironment(name: PythonSdkName, result: RunnerResult): JsonObject {
  return {
    sdk: name,
    openqasm3_emitter: OPENQASM3_EMITTER,
    ...versionsOf(result.environment),
    settings: result.settings as JsonObject,
  };
}

function programText(sdk: PythonSdkName, { circuit, shots }: Program): RunnerProgram {
  return { format: 'openqasm3', text: emitForSdk(sdk, circuit), shots };
}

function versionsOf({ packages, python, platform }: Omit<RunnerDescription, 'missing'>): JsonObject {
  return { packages, python, platform };
}

/** Two buffers of single-precision amplitudes. Cirq asks for them unchecked, and takes the machine down with it. */
function checkMemory(job: Job): void {
  const qubits = Math.max(...job.programs.map(({ circuit }) => circuit.qubits));
  const needed = 16 * 2 ** qubits;
  const available = process.availableMemory();
  if (needed > available)
    throw new QpoeError(
      'refused',
      `${qubits} qubits need ${gibibytes(needed)} in Cirq; ${gibibytes(available)} are free`,
      'use fewer qubits',
    );
}

function gibibytes(bytes: number): string {
  return `${Number((bytes / 2 ** 30).toPrecision(3))} GiB of memory`;
}
