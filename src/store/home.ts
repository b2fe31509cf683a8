/**
 * The home: the person's keys, trust and settings, and nothing else (design, section 6). What others could have written
 * there is refused, because it would decide whom the person trusts.
 */

import { join } from 'node:path';
import { QpoeError } from '../core/error.ts';
import { type Policy, parsePolicy } from '../verify/policy.ts';
import { lookAt, readBounded, readOwn } from './files.ts';

const MAX_SETTINGS_BYTES = 1_000_000;

export interface Home {
  readonly path: string;
  readonly identity: string;
  readonly policy: string;
  readonly config: string;
}

export function homeAt(path: string): Home {
  return {
    path,
    identity: join(path, 'identity'),
    policy: join(path, 'trust.toml'),
    config: join(path, 'config.toml'),
  };
}

/** `QPOE_HOME`, else `$XDG_CONFIG_HOME/qpoe`, else `~/.config/qpoe`. */
export function defaultHome(environment: NodeJS.ProcessEnv): string {
  if (environment.QPOE_HOME) return environment.QPOE_HOME;
  if (environment.XDG_CONFIG_HOME) return join(environment.XDG_CONFIG_HOME, 'qpoe');
  if (environment.HOME) return join(environment.HOME, '.config', 'qpoe');
  throw new QpoeError('usage', 'no home folder is known', 'set HOME or QPOE_HOME, or give --home DIR');
}

/**
 * @param forbidden the permission bits that no one may have set
 * @throws QpoeError `unsafe`
 */
export function refuseUnsafe(path: string, forbidden: number): void {
  if (process.platform === 'win32') return;
  const stats = lookAt(path);
  if (stats === undefined) return;
  if (stats.isSymbolicLink())
    throw new QpoeError(
      'unsafe',
      `${path} is a link`,
      'put the file itself there: qpoe follows no links in its home',
    );
  const mine = process.getuid!();
  if (stats.uid !== mine && stats.uid !== 0)
    throw new QpoeError('unsafe', `${path} belongs to another user`, 'use a home of your own: --home DIR');
  if ((stats.mode & forbidden) !== 0)
    throw new QpoeError(
      'unsafe',
      `others can ${(forbidden & 0o044) !== 0 ? 'read' : 'write'} ${path}`,
      `chmod ${(forbidden & 0o044) !== 0 ? 'go-rwx' : 'go-w'} ${path}`,
    );
}

export const OTHERS_WRITE = 0o022;
export const OTHERS_ANYTHING = 0o077;

/** The text of a file of the home; undefined where there is none. */
export function readHomeFile(home: Home, path: string): string | undefined {
  if (lookAt(home.path) === undefined || lookAt(path) === undefined) return undefined;
  refuseUnsafe(home.path, OTHERS_WRITE);
  refuseUnsafe(path, OTHERS_WRITE);
  return readOwn(path, MAX_SETTINGS_BYTES).toString('utf8');
}

/** The person's own policy; undefined before `qpoe init`. */
export function readOwnPolicy(home: Home): Policy | undefined {
  const toml = readHomeFile(home, home.policy);
  return toml === undefined ? undefined : parsePolicy(toml, home.policy);
}

/** A policy the person names. Anyone who may write it decides whom the person trusts. */
export function readNamedPolicy(path: string): Policy {
  const bytes = readBounded(path, MAX_SETTINGS_BYTES);
  if (process.platform !== 'win32' && (lookAt(path)!.mode & 0o002) !== 0)
    throw new QpoeError('unsafe', `others can write ${path}`, `chmod o-w ${path}`);
  return parsePolicy(bytes.toString('utf8'), path);
}
