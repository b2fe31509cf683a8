/** Other people's tools, installed once into the project's own cache, for the tests that need the real ones. */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
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
  const { status, stderr, error } = spawnSync(command, args, {
    env: { ...process.env, ...environment },
    timeout: TIMEOUT_MS,
    encoding: 'utf8',
  });
  if (status === 0 && existsSync(path)) return { path };
  return { reason: error?.message ?? stderr.trim().split('\n').at(-1) ?? `${command} failed` };
}

/** @param module the package's path, with its exact version after an `@` */
export function goTool(module: string): Tool {
  const folder = join(cacheDir, 'tools', module.replaceAll('/', '_'));
  mkdirSync(folder, { recursive: true });
  const name = module.slice(module.lastIndexOf('/') + 1, module.lastIndexOf('@'));
  return install(join(folder, name), 'go', ['install', '-trimpath', module], { GOBIN: folder });
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
