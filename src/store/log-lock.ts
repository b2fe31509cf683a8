/**
 * The lock of a log's writers, `logs/<origin>/lock` in the home. It lies beside the key and not in the store, because it is
 * the key that must not speak for two trees: writers of two copies of one store take turns too.
 *
 * SQLite's lock on an empty file: the system releases it when a writer is killed, and there is nothing in it to damage.
 */

import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { indexError } from './record-index.ts';

const WAIT_MS = 30_000;

/** @param folder the log's folder in the home. @throws QpoeError `external` where another writer doesn't finish */
export function withLogLock<T>(folder: string, use: () => T): T {
  const lock = takeLock(join(folder, 'lock'));
  try {
    return use();
  } finally {
    lock.close();
  }
}

function takeLock(path: string): DatabaseSync {
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(path, { timeout: WAIT_MS, defensive: true });
    // Nothing is ever written to it, so there is nothing to roll back from a file.
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN IMMEDIATE');
    return lock;
  } catch (error) {
    lock?.close();
    throw indexError(path, error);
  }
}
