/** Other people's tools, installed once into the project's own cache, for the tests that need the real ones. */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from '../test-python.ts';

type Tool = { readonly path: string } | { readonly reason: string };

const TIMEOUT_MS = 840_000;

function install(
  path: string,
  command: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Tool {
  if (existsSync(path)) return { path };
  const reason = run(command, args, environment);
  return reason === undefined && existsSync(path)
    ? { path }
    : { reason: reason ?? `${command} made no ${path}` };
}

/** @returns why it failed */
function run(command: string, args: readonly string[], environment: NodeJS.ProcessEnv): string | undefined {
  const { status, stderr, error } = spawnSync(command, args, {
    env: { ...process.env, ...environment },
    timeout: TIMEOUT_MS,
    encoding: 'utf8',
  });
  if (status === 0) return undefined;
  return error?.message || stderr.trim().split('\n').at(-1) || `${command} failed`;
}

/** @param module the package's path, with its exact version after an `@` */
export function goTool(module: string): Tool {
  const folder = join(cacheDir, 'tools', module.replaceAll('/', '_'));
  mkdirSync(folder, { recursive: true });
  const name = module.slice(module.lastIndexOf('/') + 1, module.lastIndexOf('@'));
  return install(join(folder, name), 'go', ['install', '-trimpath', module], { GOBIN: folder });
}

/** A library from PyPI in a folder of its own, for the `PYTHONPATH` of an environment that is not to be changed. */
export function pythonLibrary(python: string, name: string, version: string): Tool {
  const path = join(cacheDir, 'tools', `${name}-${version}-library`);
  if (existsSync(join(path, name))) return { path };
  const made = install(join(path, name), python, [
    ...['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'],
    ...['--target', path, `${name}==${version}`],
  ]);
  return 'reason' in made ? made : { path };
}

/**
 * What is on no registry: its repository as it was at one commit, outside of this one. Without a network, git's own
 * `url.<base>.insteadOf` names where a copy of it lies.
 * @param repository owner/name on GitHub
 */
export function sourceTree(repository: string, commit: string): Tool {
  const path = join(cacheDir, 'tools', `${repository.replace('/', '+')}-${commit}`);
  if (existsSync(path)) return { path };
  const unfinished = `${path}.${process.pid}`;
  const quiet = { GIT_TERMINAL_PROMPT: '0' };
  const reason =
    run(
      'git',
      ['clone', '--quiet', '--no-checkout', `https://github.com/${repository}`, unfinished],
      quiet,
    ) ?? run('git', ['-C', unfinished, 'checkout', '--quiet', '--detach', commit], quiet);
  if (reason === undefined) renameSync(unfinished, path);
  else rmSync(unfinished, { recursive: true, force: true });
  return reason === undefined ? { path } : { reason: `${repository} can't be fetched: ${reason}` };
}

/**
 * A Python program from PyPI, in an environment of its own.
 * @param program what the package calls it
 * @param beside packages that it is to find there
 */
export function pythonTool(
  name: string,
  version: string,
  called = name,
  beside: readonly string[] = [],
): Tool {
  const own = [`${name}-${version}`, ...beside.map((other) => other.replace('==', '-'))].join('+');
  const folder = join(cacheDir, 'tools', own);
  const program = join(folder, 'bin', called);
  if (existsSync(program)) return { path: program };
  const made = install(join(folder, 'bin', 'pip'), 'python3', ['-m', 'venv', folder]);
  if ('reason' in made) return made;
  return install(program, made.path, ['install', '--quiet', ...beside, `${name}==${version}`]);
}
