/**
 * The embedded transparency log: C2SP tlog-tiles (https://c2sp.org/tlog-tiles) in the store's `log/`, which any static file
 * server can serve as it lies:
 *
 *     checkpoint      tile/<level>/…      tile/entries/…
 *
 * Its key, and the last checkpoint signed with it, are in the home (`log-key.ts`); whose log it is, and the writers' lock,
 * beside `log/` (`log-origin.ts`, `log-lock.ts`). An append is: entries and tiles durable →
 * checkpoint durable in the home → checkpoint published → entries in the index (`log-index.ts`, beside `log/`) → acknowledged.
 */

import './native-sha256.ts';
import { dirname, join } from 'node:path';
import { count } from '../core/count.ts';
import { QpoeError } from '../core/error.ts';
import { printable } from '../core/printable.ts';
import { type Checkpoint, parseCheckpoint } from '../tlog/checkpoint.ts';
import { parseNote } from '../tlog/note.ts';
import type { Vkey } from '../tlog/vkey.ts';
import { enterFolder, fileError, lookAt, syncFolder } from './files.ts';
import type { Home } from './home.ts';
import { checkpointPath, readCheckpoint } from './log-checkpoint.ts';
import { createLogKey, type LogKey, readLogKey, signedSize } from './log-key.ts';
import { asLogWriter } from './log-lock.ts';
import { bindStore, boundOrigin, originPath } from './log-origin.ts';
import { settleLog } from './log-settle.ts';

/** A log that can be appended to. */
export interface OpenLog extends LogKey {
  /** `<store>/log` */
  readonly path: string;
  /** Its name is the log's origin. */
  readonly vkey: Vkey;
}

export interface LogPlace {
  readonly path: string;
  readonly home: Home;
  readonly passphrase: string | undefined;
}

export function hasLog(path: string): boolean {
  return ['checkpoint', 'tile'].some((part) => lookAt(join(path, part)) !== undefined);
}

/** @throws QpoeError where there is no log, no key for it in the home, or the log contradicts what the home signed last */
export function openLog({ path, home, passphrase }: LogPlace): OpenLog {
  refuseLinks(path);
  if (!hasLog(path)) throw new QpoeError('usage', `no log at ${path}`, '`qpoe log append FILE` makes one');
  const origin = readOrigin(path);
  const log = { path, ...readLogKey(home, origin, passphrase) };
  asLogWriter(log, () => {
    settleLog(path, log);
    bindStore(path, origin);
  });
  return log;
}

/** Makes an empty log, and its key in the home. @param where.origin by default a name that no other log has */
export function createLog(where: LogPlace & { readonly origin?: string }): OpenLog {
  const { path, home, passphrase, origin } = where;
  refuseLinks(path);
  refuseSecond(path);
  refuseLost(path, home);
  enterFolder(path);
  try {
    syncFolder(dirname(path));
  } catch (error) {
    throw fileError('external', 'write', dirname(path), error);
  }
  const log = { path, ...createLogKey(home, passphrase, origin) };
  asLogWriter(log, () => {
    // Another may have made one while we waited.
    refuseSecond(path);
    bindStore(path, log.vkey.name);
    // The home is one checkpoint ahead, as after any append that was cut short.
    settleLog(path, log);
  });
  return log;
}

function refuseSecond(path: string): void {
  if (hasLog(path)) throw new QpoeError('refused', `there is a log at ${path}`, 'a log is never made anew');
}

/** What statements carry proofs by: a second log would hide that it is gone. @throws QpoeError */
export function refuseLost(path: string, home: Home): void {
  const lost = hasLog(path) ? undefined : boundOrigin(path);
  const size = lost === undefined ? undefined : signedSize(home, lost);
  if (!size) return;
  throw new QpoeError(
    'refused',
    `the log ${lost} of this store is gone, and you have signed for ${count(size, 'entry', 'entries')} of it`,
    `restore ${path} from your backup, or remove ${originPath(path)} where there is none: the next run makes another log`,
  );
}

/** By another log's checkpoint, most of what lies here would be what a killed writer left. */
function refuseOther(path: string, origin: string): void {
  const bound = boundOrigin(path);
  if (bound !== undefined && bound !== origin)
    throw new QpoeError(
      'refused',
      `${checkpointPath(path)} is of the log "${printable(origin, 200)}", but this store holds ${printable(bound, 200)}`,
      'restore it from a copy of the store, or from the home: logs/<origin>/checkpoint',
    );
}

/** Whose key signed it is judged once that key is at hand. @throws QpoeError where it is none, or another log's than this store's */
export function readOrigin(path: string): string {
  if (lookAt(checkpointPath(path)) === undefined)
    throw new QpoeError(
      'refused',
      `${checkpointPath(path)} is gone`,
      'the last one that was signed is in the home: logs/<origin>/checkpoint',
    );
  const { origin } = readAsCheckpoint(path, readCheckpoint(path));
  refuseOther(path, origin);
  return origin;
}

/** What a checkpoint says, whoever signed it. @param log where it lies. @throws QpoeError where it says nothing */
export function readAsCheckpoint(log: string, bytes: Uint8Array): Checkpoint {
  const note = parseNote(bytes);
  const checkpoint = note.fault === undefined ? parseCheckpoint(note.value.text) : note;
  if (checkpoint.fault === undefined) return checkpoint.value;
  throw new QpoeError(
    'refused',
    `${checkpointPath(log)} is no checkpoint: ${checkpoint.fault}`,
    `restore ${log} from your backup`,
  );
}

/** A link planted in a store could make us write anywhere else. */
function refuseLinks(path: string): void {
  for (const part of [path, join(path, 'tile'), checkpointPath(path)])
    if (lookAt(part)?.isSymbolicLink())
      throw new QpoeError('unsafe', `${part} is a link`, 'qpoe follows no links in a log');
}
