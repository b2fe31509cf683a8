/**
 * The home: the person's keys, trust and settings, and nothing else. What others could have written
 * there is refused, because it would decide whom the person trusts.
 */

import type { Stats } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { fromUtf8, utf8 } from '../core/bytes.ts';
import { type Digest, digestOf } from '../core/digest.ts';
import { QpoeError } from '../core/error.ts';
import { type Policy, parsePolicy } from '../verify/policy.ts';
import { lookAt, readOwn, readWithStats } from './files.ts';

const MAX_SETTINGS_BYTES = 1_000_000;

export interface Home {
  readonly path: string;
  readonly identity: string;
  readonly policy: string;
  readonly config: string;
}

/** The home in this folder, which need not be there yet. @param path absolute */
export function homeAt(path: string): Home {
  return {
    path,
    identity: join(path, 'identity'),
    policy: join(path, 'trust.toml'),
    config: join(path, 'config.toml'),
  };
}

/**
 * `QPOE_HOME`, else `$XDG_CONFIG_HOME/qpoe`, else `~/.config/qpoe`. The last two only as absolute paths: a relative one would
 * take trust from the working directory.
 */
export function defaultHome(environment: NodeJS.ProcessEnv): string {
  const { QPOE_HOME: named, XDG_CONFIG_HOME: settings, HOME: person } = environment;
  if (named) return named;
  if (settings && isAbsolute(settings)) return join(settings, 'qpoe');
  if (person && isAbsolute(person)) return join(person, '.config', 'qpoe');
  throw new QpoeError('usage', 'no home folder is known', 'set HOME or QPOE_HOME, or give --home DIR');
}

/**
 * @param forbidden the permission bits that no one may have set
 * @throws QpoeError `unsafe`
 */
export function refuseUnsafe(path: string, forbidden: number): void {
  const stats = lookAt(path);
  if (stats === undefined) return;
  if (stats.isSymbolicLink())
    throw new QpoeError(
      'unsafe',
      `${path} is a link`,
      'put the file itself there: qpoe follows no links in its home',
    );
  refuseOthers(path, stats, forbidden);
}

/** @throws QpoeError `unsafe` where the file is another user's, or others have one of the `forbidden` permissions */
export function refuseOthers(path: string, stats: Stats, forbidden: number): void {
  if (process.platform === 'win32') return;
  const mine = process.getuid!();
  if (stats.uid !== mine && stats.uid !== 0)
    throw new QpoeError('unsafe', `${path} belongs to another user`, 'use a file or home of your own');
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
  return decodeText(readOwn(path, MAX_SETTINGS_BYTES), path);
}

/** A policy, and the digest of the very bytes that it was read from. */
export interface PolicyFile {
  readonly policy: Policy;
  readonly digest: Digest;
}

/** The person's own policy; undefined before `qpoe init`. */
export function readOwnPolicyFile(home: Home): PolicyFile | undefined {
  const toml = readHomeFile(home, home.policy);
  return toml === undefined
    ? undefined
    : { policy: parsePolicy(toml, home.policy), digest: digestOf(utf8(toml)) };
}

/**
 * The home’s `trust.toml`; undefined where there is none.
 * @throws QpoeError `unsafe` where others can write it, `usage` where it is no policy
 */
export function readOwnPolicy(home: Home): Policy | undefined {
  return readOwnPolicyFile(home)?.policy;
}

/** A policy that the person names. Whoever may write it decides whom the person trusts. */
export function readNamedPolicy(path: string): PolicyFile {
  const { bytes, stats } = orSayNext(() => readWithStats(path, MAX_SETTINGS_BYTES));
  refuseOthers(path, stats, OTHERS_WRITE);
  return { policy: parsePolicy(decodeText(bytes, path), path), digest: digestOf(bytes) };
}

function orSayNext<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof QpoeError)) throw error;
    const next = 'name a policy that you can read, or none for your own trust.toml';
    throw new QpoeError(error.code, error.message, error.hint ?? next, { cause: error });
  }
}

function decodeText(bytes: Uint8Array, path: string): string {
  const text = fromUtf8(bytes);
  if (text === undefined) throw new QpoeError('usage', `${path}: not UTF-8`, 'save it as UTF-8 text');
  return text;
}
