/**
 * The locks of a log's writers, taken in this order:
 *
 *     <home>/logs/<origin>/lock    beside the key, which must not speak for two trees: writers of two copies of a store take turns
 *     <store>/log.lock             beside the log, which must not hold two trees: writers from two copies of a home take turns
 *
 * SQLite's lock on an empty file: the system releases it when a writer is killed, and there is nothing in it to damage.
 */

import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { QpoeError } from '../core/error.ts';
import { lookAt } from './files.ts';
import { indexError } from './record-index.ts';

const WAIT_MS = 30_000;

interface LogFolders {
  /** Of the log, in the home. */
  readonly folder: string;
  /** `<store>/log` */
  readonly path: string;
}

/** Runs `use` as the log's one writer, of all homes and stores that hold it. @throws QpoeError as `withLock` */
export function asLogWriter<T>({ folder, path }: LogFolders, use: () => T): T {
  return withLogLock(folder, () => withLock(`${path}.lock`, use));
}

/** @param folder the folder in the home of a log, or of a witness. @throws QpoeError as `withLock` */
export function withLogLock<T>(folder: string, use: () => T): T {
  return withLock(join(folder, 'lock'), use);
}

/** @throws QpoeError `external` where another writer doesn't finish */
export function withLock<T>(path: string, use: () => T): T {
  const release = holdLock(path);
  try {
    return use();
  } finally {
    release();
  }
}

/** For what takes time and waits for others. @returns what releases it. @throws QpoeError as `withLock` */
export function holdLock(path: string): () => void {
  if (lookAt(path)?.isSymbolicLink())
    throw new QpoeError('unsafe', `${path} is a link`, 'remove it: qpoe locks only files of its own');
  const lock = takeLock(path);
  return () => lock.close();
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
