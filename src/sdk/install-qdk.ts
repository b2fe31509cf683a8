/**
 * QDK into the cache, where npm did not bring it as an optional dependency: with the person's own npm, so that the registry and
 * proxy are theirs, and checked against the digest here, so that a registry can withhold it but not choose it.
 */

import { createHash, randomBytes } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { QpoeError } from '../core/error.ts';
import { makeFolder } from '../store/files.ts';
import { demandOwnFolder } from './environment.ts';
import type { InstallOptions } from './install.ts';
import { describeExit, runProcess } from './process.ts';
import { findQdk, QDK_PACKAGE, QDK_VERSION, qdkFolder } from './qdk.ts';

/** Of the package, as npm's registry states it. */
const SHA512 = 'axUcfGquA5wNeLVCrwJMxa0bGQH+Qukpv+oVP3W2MHXebV7Sq+BS0Jan0L1rK92b1XPBtX6zH2wn+9l3qANyOg==';

/** @throws QpoeError `external`, `unsafe`, `interrupted` */
export async function installQdk(
  options: InstallOptions,
): Promise<{ readonly module: string; readonly fresh: boolean }> {
  const found = findQdk(options.cacheDir);
  if (found !== undefined) return { module: found, fresh: false };
  const folder = qdkFolder(options.cacheDir);
  makeFolder(dirname(folder), 0o700);
  await demandOwnFolder(dirname(folder));
  const building = `${folder}-${randomBytes(8).toString('hex')}`;
  try {
    makeFolder(building, 0o700);
    await fetchAndUnpack(building, options);
    await rm(folder, { recursive: true, force: true });
    await rename(building, folder);
  } finally {
    await rm(building, { recursive: true, force: true });
  }
  return { module: findQdk(options.cacheDir)!, fresh: true };
}

async function fetchAndUnpack(building: string, options: InstallOptions): Promise<void> {
  options.onProgress(`Fetching ${QDK_PACKAGE} ${QDK_VERSION}`);
  await npm(building, ['pack', `${QDK_PACKAGE}@${QDK_VERSION}`, '--silent'], options);
  const archive = `${QDK_PACKAGE}-${QDK_VERSION}.tgz`;
  const digest = createHash('sha512').update(await readFile(join(building, archive)));
  if (digest.digest('base64') !== SHA512)
    throw new QpoeError(
      'external',
      `the registry served a ${QDK_PACKAGE} ${QDK_VERSION} that is not the one known here`,
      'Nothing was installed. Check which registry npm is set to use (npm config get registry).',
    );
  await writeFile(join(building, 'package.json'), '{"private":true}\n');
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--offline', '--silent'];
  await npm(building, ['install', ...quiet, `./${archive}`], options);
  await rm(join(building, archive));
}

async function npm(
  folder: string,
  args: readonly string[],
  { env = process.env, signal }: InstallOptions,
): Promise<void> {
  const exit = await runProcess(
    {
      title: 'npm',
      program: process.platform === 'win32' ? 'npm.cmd' : 'npm',
      args,
      env,
      folder,
      advice: { missing: `install npm, or ${QDK_PACKAGE}@${QDK_VERSION} beside qpoe by other means` },
    },
    { signal, timeoutMs: 600_000 },
  );
  if (exit.code === 0) return;
  throw new QpoeError(
    'external',
    `npm ${args[0]} failed with ${describeExit(exit)}`,
    'check the connection, and the registry and proxy that npm is set to use (npm config list)',
  );
}
