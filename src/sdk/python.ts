/** Which Python runs an SDK: the one that was named, else the first of the usual places that has the SDK. */

import { QpoeError } from '../core/error.ts';
import { printable } from '../core/printable.ts';
import { installedEnvironments, pythonOf } from './environment.ts';
import type { ProcessLimits } from './process.ts';
import { PYTHON_SDKS, type PythonSdkName } from './python-sdk-names.ts';
import { describeRunner, type RunnerDescription } from './runner.ts';

export interface PythonChoice {
  /** The Python the person named. */
  readonly python?: string | undefined;
  readonly cacheDir: string;
  readonly env: NodeJS.ProcessEnv;
  /** What it must have, where that is less than what running a job needs. */
  readonly packages?: readonly string[];
}

export interface FoundPython {
  readonly python: string;
  /** In words, for people. */
  readonly where: string;
  readonly description: RunnerDescription;
}

interface Candidate {
  readonly python: string;
  readonly where: string;
}

/** Reading a description imports nothing; a cold disk or a slow network home is what takes time. */
const DESCRIBE_TIMEOUT_MS = 30_000;

/** @throws QpoeError `external` where none has the SDK, `unsafe`, `interrupted` */
export async function findPython(
  sdk: PythonSdkName,
  choice: PythonChoice,
  limits: ProcessLimits,
): Promise<FoundPython> {
  const brief = {
    ...limits,
    timeoutMs: Math.min(limits.timeoutMs ?? DESCRIBE_TIMEOUT_MS, DESCRIBE_TIMEOUT_MS),
  };
  if (choice.python !== undefined) return demandNamed(sdk, choice, choice.python, brief);
  const reasons: string[] = [];
  for await (const candidate of listCandidates(sdk, choice)) {
    const found = await tryCandidate(sdk, candidate, brief, choice.packages);
    if (typeof found !== 'string') return found;
    reasons.push(`${candidate.where}: ${found}`);
  }
  throw new QpoeError(
    'external',
    `no Python with ${PYTHON_SDKS[sdk].title} found (${reasons.join('; ')})`,
    `run \`qpoe sdk install ${sdk}\``,
  );
}

/** A named Python is the one that is meant: to run on another would record what the person did not ask for. */
async function demandNamed(
  sdk: PythonSdkName,
  { packages }: PythonChoice,
  python: string,
  limits: ProcessLimits,
): Promise<FoundPython> {
  const where = `the Python named (${printable(python)})`;
  const found = await tryCandidate(sdk, { python, where }, limits, packages);
  if (typeof found !== 'string') return found;
  throw new QpoeError(
    'external',
    `${where} can't run ${PYTHON_SDKS[sdk].title}: ${found}`,
    `install it there, or leave --python out and run \`qpoe sdk install ${sdk}\``,
  );
}

async function* listCandidates(
  sdk: PythonSdkName,
  { cacheDir, env }: PythonChoice,
): AsyncGenerator<Candidate> {
  if (env.VIRTUAL_ENV) yield { python: pythonOf(env.VIRTUAL_ENV), where: 'the active virtual environment' };
  if (env.CONDA_PREFIX) yield { python: pythonOf(env.CONDA_PREFIX), where: 'the active conda environment' };
  yield { python: 'python3', where: 'python3 on PATH' };
  for (const environment of await installedEnvironments(cacheDir, sdk))
    yield { python: pythonOf(environment), where: 'the environment of `qpoe sdk install`' };
}

/** The Python with its packages, or why it can't be used. */
async function tryCandidate(
  sdk: PythonSdkName,
  { python, where }: Candidate,
  limits: ProcessLimits,
  packages?: readonly string[],
): Promise<FoundPython | string> {
  try {
    const description = await describeRunner({ sdk, python }, limits);
    const missing = description.missing.filter((name) => packages?.includes(name) ?? true);
    if (missing.length > 0) return `no ${missing.map((name) => printable(name)).join(', ')}`;
    return { python, where, description };
  } catch (error) {
    if (!(error instanceof QpoeError) || error.code === 'interrupted') throw error;
    return error.message;
  }
}
