/**
 * The Python environments that `qpoe sdk install` makes, in the cache:
 *
 *     python/qiskit-0123456789ab-py3.12/     a virtual environment, named for its SDK, lock and Python
 *       qpoe.json                            written last: without it the folder is not an environment of ours
 *     python/.building-…/                    one that is being made, or whose making was killed
 */

import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { toHex } from '../core/bytes.ts';
import { sha256 } from '../core/digest.ts';
import { QpoeError } from '../core/error.ts';
import { printable } from '../core/printable.ts';
import { makeFolder } from '../store/files.ts';
import { packageRoot } from '../store/package-root.ts';
import type { PythonSdkName } from './python-sdk-names.ts';

export const MARKER = 'qpoe.json';
export const BUILDING = '.building-';

export function environmentsFolder(cacheDir: string): string {
  return join(cacheDir, 'python');
}

export function lockFile(sdk: PythonSdkName): string {
  return join(packageRoot(), 'python', 'locks', `${sdk}.txt`);
}

async function environmentPrefix(sdk: PythonSdkName): Promise<string> {
  return `${sdk}-${toHex(sha256(await readFile(lockFile(sdk)))).slice(0, 12)}-py`;
}

/** `python` is its `major.minor`. */
export async function environmentFolder(
  cacheDir: string,
  sdk: PythonSdkName,
  python: string,
): Promise<string> {
  return join(environmentsFolder(cacheDir), (await environmentPrefix(sdk)) + python);
}

/** @throws QpoeError `unsafe` */
export async function makeEnvironmentsFolder(cacheDir: string): Promise<void> {
  makeFolder(environmentsFolder(cacheDir), 0o700);
  await demandOwnFolder(environmentsFolder(cacheDir));
}

/** Whoever can write here decides what code runs as this person, and signs with their keys. */
export async function demandOwnFolder(folder: string): Promise<void> {
  const uid = process.getuid?.();
  if (uid === undefined) return;
  const found = await stat(folder);
  if (found.uid === uid && (found.mode & 0o022) === 0) return;
  throw new QpoeError(
    'unsafe',
    `others can write ${printable(folder)}`,
    'remove that folder, or set QPOE_CACHE to a folder of your own',
  );
}

/**
 * The finished environments of this package's lock, newest Python first.
 *
 * @throws QpoeError `unsafe`
 */
export async function installedEnvironments(cacheDir: string, sdk: PythonSdkName): Promise<string[]> {
  const prefix = await environmentPrefix(sdk);
  const minor = (name: string) => Number(name.slice(prefix.length).split('.')[1]);
  const names = (await listFolder(environmentsFolder(cacheDir)))
    .filter((name) => name.startsWith(prefix))
    .sort((a, b) => minor(b) - minor(a));
  if (names.length > 0) await demandOwnFolder(environmentsFolder(cacheDir));
  const folders = names.map((name) => join(environmentsFolder(cacheDir), name));
  const finished = await Promise.all(folders.map(isFinished));
  return folders.filter((_, index) => finished[index]);
}

export async function isFinished(environment: string): Promise<boolean> {
  return exists(join(environment, MARKER));
}

export function pythonOf(environment: string): string {
  return process.platform === 'win32'
    ? join(environment, 'Scripts', 'python.exe')
    : join(environment, 'bin', 'python');
}

/** Names in a folder; none where there is no folder, or no reading it: then nothing is installed for this person. */
export async function listFolder(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
