/**
 * The spool: captures that processes left to be recorded, each a file that was renamed into place whole.
 *
 *     spool/<name>.json                  waiting; <name>.raw beside it, where the result was too long for it
 *     spool/<name>.json.<record_id>      taken: this is to be that record
 *     spool/refused/<name>.json, .txt    no capture, and why
 *
 * Whoever drains it names the record before the record is there, so that a killed drainer's captures become neither lost nor
 * two records. Drainers take turns, by a lock that the system releases: what is taken under the lock was left by a dead one.
 */

import { readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { utf8 } from '../core/bytes.ts';
import { enterFolder, fileError, isTemporary, lookAt, makeFolder, writeAtomic } from './files.ts';
import { holdLock } from './log-lock.ts';

const WAITING = /^([A-Za-z0-9][A-Za-z0-9._-]{0,150})\.json$/;
const TAKEN =
  /^([A-Za-z0-9][A-Za-z0-9._-]{0,150})\.json\.([0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12})$/;

export interface Spooled {
  readonly folder: string;
  readonly name: string;
  /** Which record it is to be, where a drainer began on it. */
  readonly recordId?: string;
}

export function openSpool(folder: string): string {
  makeFolder(folder, 0o700);
  enterFolder(folder);
  return folder;
}

/** What waits, the oldest name first; what a dead drainer had begun before all. */
export function listSpool(folder: string): readonly Spooled[] {
  if (lookAt(folder)?.isDirectory() !== true) return [];
  const names = readNames(folder).sort();
  const taken = names.flatMap((name) => {
    const [, own, recordId] = TAKEN.exec(name) ?? [];
    return own === undefined ? [] : [{ folder, name: own, recordId: recordId! }];
  });
  const waiting = names.flatMap((name) => {
    const own = WAITING.exec(name)?.[1];
    return own === undefined ? [] : [{ folder, name: own }];
  });
  return [...taken, ...waiting];
}

function readNames(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => !isTemporary(name));
  } catch (error) {
    throw fileError('unreadable', 'read', folder, error);
  }
}

/** The folder itself, and those that runs made in it. */
export function listSpools(folder: string): readonly string[] {
  if (lookAt(folder)?.isDirectory() !== true) return [];
  const below = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name.startsWith('run-'))
    .map((entry) => join(folder, entry.name));
  return [folder, ...below.sort()];
}

export function spooledPath({ folder, name, recordId }: Spooled): string {
  return join(folder, recordId === undefined ? `${name}.json` : `${name}.json.${recordId}`);
}

/** From here on it is this record, whoever goes on with it. */
export function takeSpooled(spooled: Spooled, recordId: string): Spooled {
  const taken = { ...spooled, recordId };
  moveFile(spooledPath(spooled), spooledPath(taken));
  return taken;
}

export function removeSpooled(spooled: Spooled): void {
  removeFile(spooledPath(spooled));
  removeFile(join(spooled.folder, `${spooled.name}.raw`));
}

/** What can't be removed must not be taken up for ever. */
function removeFile(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch (error) {
    throw fileError('external', 'remove', path, error);
  }
}

/** A folder that one run spooled into, once nothing waits in it; what was refused stays. */
export function closeSpool(folder: string): void {
  removeFile(join(folder, 'lock'));
  try {
    rmdirSync(folder);
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? ''))
      throw fileError('external', 'remove', folder, error);
  }
}

/** Kept where it is in no one's way, with the reason: it may be all that is left of a run. */
export function refuseSpooled(spooled: Spooled, reason: string): string {
  const refused = join(spooled.folder, 'refused');
  enterFolder(refused);
  const path = join(refused, `${spooled.name}.json`);
  moveFile(spooledPath(spooled), path);
  writeAtomic(join(refused, `${spooled.name}.txt`), utf8(`${reason}\n`));
  return path;
}

function moveFile(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    throw fileError('external', 'move', from, error);
  }
}

/** @throws QpoeError `external` where another drainer doesn't finish its batch */
export function holdSpool(folder: string): () => void {
  return holdLock(join(folder, 'lock'));
}
