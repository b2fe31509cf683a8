/**
 * Installing an SDK into the cache: a virtual environment of the person's own Python, with exactly the wheels of the
 * committed lock. Every file is checked against its hash, nothing is built from source and no dependency is resolved, so
 * an index can withhold packages but not choose them.
 *
 * It is made under another name and renamed when complete. A virtual environment knows its own path, but only its scripts
 * use it; here only `bin/python -I` is ever started.
 */

import { randomBytes } from 'node:crypto';
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf } from '../core/digest.ts';
import { QpoeError } from '../core/error.ts';
import { printable } from '../core/printable.ts';
import {
  BUILDING,
  environmentFolder,
  environmentsFolder,
  isFinished,
  listFolder,
  lockFile,
  MARKER,
  makeEnvironmentsFolder,
  pythonOf,
} from './environment.ts';
import { describeExit, type Exit, lastLine, runProcess } from './process.ts';
import { PYTHON_SDKS, type PythonSdkName } from './python-sdk-names.ts';
import { describeRunner } from './runner.ts';

export interface InstallOptions {
  readonly cacheDir: string;
  /** The Python to build on; else `python3` on PATH, or a `python3.x` where that one is too old. */
  readonly python?: string | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
  readonly onProgress: (line: string) => void;
  readonly signal: AbortSignal;
}

export interface Installed {
  readonly python: string;
  /** False where it was there already. */
  readonly fresh: boolean;
}

interface BasePython {
  readonly program: string;
  /** Such as `3.12`. */
  readonly version: string;
}

/** What the locks were compiled for. */
const OLDEST_MINOR = 11;
const USUAL_PYTHONS = ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11'];
const ABANDONED_MS = 24 * 3600 * 1000;

/** @throws QpoeError `external`, `unsafe`, `interrupted` */
export async function installSdk(sdk: PythonSdkName, options: InstallOptions): Promise<Installed> {
  const base = await findBasePython(options);
  const folder = await environmentFolder(options.cacheDir, sdk, base.version);
  const python = pythonOf(folder);
  try {
    await makeEnvironmentsFolder(options.cacheDir);
    if (await isUsable(sdk, folder, options.signal)) return { python, fresh: false };
    await removeAbandoned(environmentsFolder(options.cacheDir));
    await buildBeside(sdk, folder, base, options);
    return { python, fresh: true };
  } catch (error) {
    throw error instanceof QpoeError ? error : notWritten(options.cacheDir, error as Error);
  }
}

/** Finished, and its Python still starts: an upgrade of the system's Python can take that away. */
async function isUsable(sdk: PythonSdkName, folder: string, signal: AbortSignal): Promise<boolean> {
  if (!(await isFinished(folder))) return false;
  try {
    const { missing } = await describeRunner(
      { sdk, python: pythonOf(folder) },
      { signal, timeoutMs: 60_000 },
    );
    return missing.length === 0;
  } catch (error) {
    if (!(error instanceof QpoeError) || error.code === 'interrupted') throw error;
    return false;
  }
}

async function findBasePython(options: InstallOptions): Promise<BasePython> {
  const programs = options.python === undefined ? USUAL_PYTHONS : [options.python];
  let tooOld: BasePython | undefined;
  for (const program of programs) {
    const version = await versionOf(program, options);
    if (version === undefined) continue;
    if (isNewEnough(version)) return { program, version };
    tooOld ??= { program, version };
  }
  throw tooOld === undefined ? noPython(programs) : pythonTooOld(tooOld);
}

const PRINT_VERSION = 'import sys; print("%d.%d" % sys.version_info[:2])';

async function versionOf(program: string, options: InstallOptions): Promise<string | undefined> {
  try {
    const exit = await runTool(program, ['-I', '-c', PRINT_VERSION], options, { timeoutMs: 60_000 });
    const version = Buffer.from(exit.stdout).toString().trim();
    return exit.code === 0 && /^[0-9]+\.[0-9]+$/.test(version) ? version : undefined;
  } catch (error) {
    if (!(error instanceof QpoeError) || error.code === 'interrupted') throw error;
    return undefined;
  }
}

function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major === 3 && minor >= OLDEST_MINOR;
}

async function buildBeside(
  sdk: PythonSdkName,
  folder: string,
  base: BasePython,
  options: InstallOptions,
): Promise<void> {
  const building = join(environmentsFolder(options.cacheDir), BUILDING + randomBytes(8).toString('hex'));
  try {
    options.onProgress(`Making a virtual environment with Python ${base.version}`);
    await makeEnvironment(building, base, options);
    options.onProgress(`Installing ${PYTHON_SDKS[sdk].title}`);
    await installLock(sdk, building, base, options);
    await writeMarker(sdk, building, base);
    await putInPlace(building, folder);
  } finally {
    await rm(building, { recursive: true, force: true });
  }
}

async function makeEnvironment(building: string, base: BasePython, options: InstallOptions): Promise<void> {
  const exit = await runTool(base.program, ['-I', '-m', 'venv', building], options);
  if (exit.code !== 0) throw noEnvironment(base, exit);
}

async function installLock(
  sdk: PythonSdkName,
  building: string,
  base: BasePython,
  options: InstallOptions,
): Promise<void> {
  const args = [
    '-I',
    '-m',
    'pip',
    'install',
    '--require-hashes',
    '--no-deps',
    '--only-binary',
    ':all:',
    '--no-user',
  ];
  const quiet = ['--no-input', '--disable-pip-version-check', '--progress-bar', 'off', '--retries', '2'];
  const exit = await runTool(pythonOf(building), [...args, ...quiet, '-r', lockFile(sdk)], options, {
    onLine: (line) => reportProgress(line, options),
  });
  if (exit.code !== 0) throw notInstalled(sdk, base, exit);
}

/** What is fetched and installed; not what the lock leaves out on this machine, nor where the lock lies. */
function reportProgress(line: string, { onProgress }: InstallOptions): void {
  if (/^(Collecting|Downloading|Using cached|Installing)/.test(line))
    onProgress(line.replace(/ \(from -r .*$/, ''));
}

async function writeMarker(sdk: PythonSdkName, building: string, base: BasePython): Promise<void> {
  const lock = digestOf(await readFile(lockFile(sdk)));
  await writeFile(join(building, MARKER), JSON.stringify({ sdk, lock, python: base.version }) + '\n');
}

/** Where another install was faster, its environment is as good. One that can't be used makes room. */
async function putInPlace(building: string, folder: string): Promise<void> {
  const renamed = await rename(building, folder).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOTEMPTY' || error.code === 'EEXIST') return false;
      throw error;
    },
  );
  if (renamed) return;
  if ((await isFinished(folder)) && (await startedAfter(folder, building))) return;
  const aside = `${building}-replaced`;
  await rename(folder, aside);
  await rename(building, folder);
  await rm(aside, { recursive: true, force: true });
}

/** The folder there was finished while this one was being built. */
async function startedAfter(folder: string, building: string): Promise<boolean> {
  const [finished, started] = await Promise.all([
    stat(join(folder, MARKER)),
    stat(join(building, 'pyvenv.cfg')),
  ]);
  return finished.mtimeMs >= started.mtimeMs;
}

async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await listFolder(folder)) {
    if (!name.startsWith(BUILDING)) continue;
    const path = join(folder, name);
    const { mtimeMs } = await stat(path);
    if (Date.now() - mtimeMs > ABANDONED_MS) await rm(path, { recursive: true, force: true });
  }
}

interface ToolExtras {
  readonly timeoutMs?: number;
  readonly onLine?: (line: string) => void;
}

/** What would send the packages to another folder. The index, proxy and certificates stay the person's. */
const REDIRECTIONS = ['PIP_TARGET', 'PIP_PREFIX', 'PIP_ROOT', 'PIP_USER', 'PIP_DRY_RUN', 'PIP_REQUIREMENT'];

function runTool(
  program: string,
  args: readonly string[],
  { env = process.env, signal }: InstallOptions,
  { timeoutMs, onLine }: ToolExtras = {},
): Promise<Exit> {
  const kept = Object.entries(env).filter(([name]) => !REDIRECTIONS.includes(name));
  return runProcess(
    {
      title: 'the installation',
      program,
      args,
      env: Object.fromEntries(kept),
      ...(onLine === undefined ? {} : { onLine }),
    },
    { signal, ...(timeoutMs === undefined ? {} : { timeoutMs }) },
  );
}

function noPython(programs: readonly string[]): QpoeError {
  return new QpoeError(
    'external',
    `no Python found: tried ${programs.map((program) => printable(program)).join(', ')}`,
    'install Python 3.11 or newer, or name one with --python FILE',
  );
}

function pythonTooOld({ program, version }: BasePython): QpoeError {
  return new QpoeError(
    'external',
    `${printable(program)} is Python ${version}; 3.${OLDEST_MINOR} or newer is needed`,
    'name a newer one with --python FILE',
  );
}

function noEnvironment(base: BasePython, exit: Exit): QpoeError {
  const said = `${exit.stderr}\n${Buffer.from(exit.stdout).toString()}`;
  if (/ensurepip|No module named venv/.test(said))
    return new QpoeError(
      'external',
      `${printable(base.program)} has no venv module`,
      `install it (on Debian and Ubuntu: apt install python${base.version}-venv, or python3-venv), then run this again`,
    );
  return (
    diskFull(said) ?? new QpoeError('external', `no virtual environment could be made: ${describeExit(exit)}`)
  );
}

/** pip names the cause in the middle of its output and something general at the end. */
function notInstalled(sdk: PythonSdkName, base: BasePython, exit: Exit): QpoeError {
  const said = `${exit.stderr}\n${Buffer.from(exit.stdout).toString()}`;
  return (
    diskFull(said) ?? hashMismatch(sdk, said) ?? outOfReach(said) ?? noWheel(base, said) ?? pipFailed(exit)
  );
}

function diskFull(said: string): QpoeError | undefined {
  if (!/No space left on device|Disk quota exceeded|ENOSPC/.test(said)) return undefined;
  return new QpoeError(
    'external',
    'the disk is full',
    'make room for about 1 GB, or set QPOE_CACHE to another disk',
  );
}

function hashMismatch(sdk: PythonSdkName, said: string): QpoeError | undefined {
  if (!/DO NOT MATCH THE HASHES/.test(said)) return undefined;
  const of = /^\s*(\S+==\S+|\S+) from \S+.*:\s*$/m.exec(said)?.[1];
  return new QpoeError(
    'external',
    `the index served a package that is not the one in the lock of ${sdk}${of === undefined ? '' : `: ${printable(of)}`}`,
    'Nothing was installed. Check which package index and mirror pip is set to use.',
  );
}

/** The names of urllib3's errors, as pip prints them, and pip's own words. */
const UNREACHABLE =
  /NewConnectionError|NameResolutionError|ConnectTimeoutError|ReadTimeoutError|ProxyError|SSLError|ProtocolError|RemoteDisconnected|Temporary failure in name resolution|Could not fetch URL|HTTP error|not a trusted or secure host/;

function outOfReach(said: string): QpoeError | undefined {
  const kind = UNREACHABLE.exec(said)?.[0];
  if (kind === undefined) return undefined;
  return new QpoeError(
    'external',
    `the package index is out of reach (${kind})`,
    'check the connection, and the index and proxy that pip is set to use (pip config list)',
  );
}

function noWheel(base: BasePython, said: string): QpoeError | undefined {
  const of = /No matching distribution found for (\S+)/.exec(said)?.[1];
  if (of === undefined) return undefined;
  return new QpoeError(
    'external',
    `the index has no wheel of ${printable(of)} for Python ${base.version} on ${process.platform} ${process.arch}`,
    'name another Python with --python FILE (3.11 to 3.14 are known to work), or use --sdk simulator',
  );
}

function pipFailed(exit: Exit): QpoeError {
  const errors = exit.stderr.split('\n').filter((line) => line.startsWith('ERROR'));
  return new QpoeError('external', `pip failed with ${lastLine(errors.join('\n')) ?? describeExit(exit)}`);
}

function notWritten(cacheDir: string, cause: Error): QpoeError {
  return (
    diskFull(cause.message) ??
    new QpoeError(
      'external',
      `the cache can't be written: ${printable(cause.message)}`,
      `make ${printable(cacheDir)} writable, or set QPOE_CACHE to another folder`,
      { cause },
    )
  );
}
