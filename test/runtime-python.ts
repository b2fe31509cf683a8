/** A Python with the official client, in the project's own cache; installed once. */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from './test-python.ts';

const PACKAGES = [
  'qiskit-ibm-runtime==0.51.0',
  'qiskit==2.6.2',
  'qiskit-aer==0.18.2',
  'qiskit-qasm3-import==0.6.0',
];
const TIMEOUT_MS = 540_000;

/** `QPOE_TEST_PYTHON` if it has the client, else an environment of the project's own; or why there is none. */
export function findRuntimePython(): { readonly python: string } | { readonly reason: string } {
  const named = process.env.QPOE_TEST_PYTHON;
  if (named && run(named, '-c', 'import qiskit_ibm_runtime') === undefined) return { python: named };
  const folder = join(cacheDir, 'tools', 'qiskit-ibm-runtime-0.51.0');
  const python = join(folder, 'bin', 'python');
  const done = join(folder, 'qpoe.done');
  if (existsSync(done)) return { python };
  mkdirSync(join(cacheDir, 'tools'), { recursive: true });
  const fault =
    run('python3', '-m', 'venv', '--clear', folder) ??
    run(python, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...PACKAGES);
  if (fault !== undefined) return { reason: fault };
  writeFileSync(done, '');
  return { python };
}

/** @returns why it failed */
function run(program: string, ...args: string[]): string | undefined {
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8', timeout: TIMEOUT_MS });
  if (status === 0) return undefined;
  return error?.message ?? stderr.trim().split('\n').at(-1) ?? `${program} failed`;
}
