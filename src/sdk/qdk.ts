/**
 * Microsoft's QDK, from npm (`qsharp-lang`): WebAssembly, so no Python. It is an optional dependency, or lies in the cache by
 * `qpoe sdk install qdk`; it is loaded by the runner alone, in a process a run (`qdk-runner.ts` says why).
 *
 * The probe of its seed is therefore six processes, and not one.
 */

import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { emitForSdk } from '../circuit/sdk-text.ts';
import { QpoeError } from '../core/error.ts';
import { packageRoot } from '../store/package-root.ts';
import { demandOwnFolder } from './environment.ts';
import { checkJob } from './job.ts';
import { describeEnvironment, readOutcome, versionsOf } from './python-sdk.ts';
import { type Runner, runPrograms } from './runner.ts';
import type { Job, JobOutcome, RunLimits, Sdk, SdkStatus } from './sdk.ts';
import { judgeProbe, recallSeeding, rememberSeeding, seedingProbe } from './seeding.ts';

export const QDK_PACKAGE = 'qsharp-lang';
export const QDK_VERSION = '1.32.5-dev';

export function qdkSdk(cacheDir: string): Sdk {
  return {
    name: 'qdk',
    status: async () => describeStatus(cacheDir),
    run: (job, limits) => runJob(cacheDir, job, limits),
  };
}

/** Where `qpoe sdk install qdk` puts it. */
export function qdkFolder(cacheDir: string): string {
  return join(cacheDir, 'node', `${QDK_PACKAGE}-${QDK_VERSION}`);
}

/** The folder of the package: beside this one, as npm would find it, or in the cache. */
export function findQdk(cacheDir: string): string | undefined {
  try {
    return dirname(dirname(createRequire(join(packageRoot(), 'package.json')).resolve(QDK_PACKAGE)));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
  }
  const installed = join(qdkFolder(cacheDir), 'node_modules', QDK_PACKAGE);
  return existsSync(join(installed, 'package.json')) ? installed : undefined;
}

function describeStatus(cacheDir: string): SdkStatus {
  const module = findQdk(cacheDir);
  if (module === undefined)
    return { usable: false, reason: `no ${QDK_PACKAGE} found`, hint: 'run `qpoe sdk install qdk`' };
  const { version } = JSON.parse(readFileSync(join(module, 'package.json'), 'utf8'));
  return { usable: true, version, where: module };
}

async function runJob(cacheDir: string, job: Job, limits: RunLimits): Promise<JobOutcome> {
  checkJob(job);
  const module = findQdk(cacheDir);
  if (module === undefined)
    throw new QpoeError('external', `no ${QDK_PACKAGE} found`, 'run `qpoe sdk install qdk`');
  // Whoever can write there decides what code runs as this person.
  if (module.startsWith(qdkFolder(cacheDir))) await demandOwnFolder(dirname(qdkFolder(cacheDir)));
  const runner: Runner = { sdk: 'qdk', module };
  const programs = job.programs.map(({ circuit, shots }) => ({ ...emitForSdk('qdk', circuit), shots }));
  const result = await runPrograms(runner, { programs, seed: job.seed }, limits);
  return {
    backend: result.backend,
    programs: result.programs.map((answered, index) => ({
      source: { format: programs[index]!.format, text: programs[index]!.text },
      ...readOutcome(runner, answered, job.programs[index]!),
    })),
    raw: result.raw,
    environment: describeEnvironment('qdk', programs, result),
    seeding: {
      requested: job.seed,
      applied: result.applied,
      took_effect: await tookEffect(cacheDir, runner, versionsOf(result.environment), limits),
    },
  };
}

async function tookEffect(
  cacheDir: string,
  runner: Runner,
  versions: ReturnType<typeof versionsOf>,
  limits: RunLimits,
): Promise<boolean | null> {
  const remembered = await recallSeeding(cacheDir, 'qdk', versions);
  if (remembered !== undefined) return remembered;
  const { program, seeds } = seedingProbe('qdk');
  const results = await Promise.all(
    seeds.map((seed) => runPrograms(runner, { programs: [program], seed }, limits)),
  );
  const probe = results.map(({ programs }) => programs[0]!.counts);
  const judged = judgeProbe(runner, probe);
  if (judged !== null) await rememberSeeding(cacheDir, 'qdk', versions, judged);
  return judged;
}
