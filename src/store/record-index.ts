/**
 * `index.sqlite`: one row a record, for `list` and `show`. It holds nothing that isn't in the records and is made again
 * from them whenever it differs; and it is the writers' lock, because the system frees a dead process's lock on it.
 */

import { readdirSync, rmSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { QpoeError } from '../core/error.ts';
import { JsonError, MAX_BYTES, parseJsonBytes } from '../core/json.ts';
import { checkShape } from '../core/shape.ts';
import { type ExecutionRecord, recordSchema } from '../record/schema.ts';
import { fileError, isTemporary, lookAt, readOwn } from './files.ts';

const LAYOUT = 1;
const LOCK_WAIT_MS = 30_000;

export interface RecordRow {
  readonly record_id: string;
  readonly created_at: string;
  readonly workload: string;
  readonly sdk: string;
  readonly backend: string;
  readonly class: string;
  readonly shots: number;
  readonly programs: number;
  readonly hash: string;
  readonly signed: number;
  readonly label: string | null;
}

export interface RecordIndex {
  /** Waits for other writers. @throws QpoeError `external` where one doesn't finish */
  lock(): void;
  unlock(): void;
  add(record: ExecutionRecord, file: Stats): void;
  /** Makes the rows agree with the folder. @returns the files in it that are no records */
  reconcile(folder: string): string[];
  /** Newest first. */
  rows(): RecordRow[];
  close(): void;
}

/** @param waitMs how long to wait for another writer */
export function openIndex(storePath: string, waitMs = LOCK_WAIT_MS): RecordIndex {
  const path = join(storePath, 'index.sqlite');
  try {
    return indexOf(openDatabase(path, waitMs), path);
  } catch (error) {
    if (!isDamaged(error)) throw indexError(path, error);
  }
  // It holds nothing of its own: a damaged index is made again.
  rmSync(path);
  return indexOf(openDatabase(path, waitMs), path);
}

function isDamaged(error: unknown): boolean {
  // SQLITE_CORRUPT and SQLITE_NOTADB (sqlite.org/rescode.html).
  return [11, 26].includes((error as { errcode?: number }).errcode ?? 0);
}

function indexError(path: string, error: unknown): Error {
  const code = (error as { errcode?: number }).errcode;
  if (code === undefined) return error as Error;
  if ((code & 0xff) === 5)
    return new QpoeError('external', `${path} stays in use by another qpoe`, 'try again when it is done');
  return fileError('external', 'use', path, {
    code: (code & 0xff) === 13 ? 'ENOSPC' : '',
    message: (error as Error).message,
  });
}

function openDatabase(path: string, waitMs: number): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: waitMs, defensive: true });
  try {
    prepareLayout(database);
  } catch (error) {
    database.close();
    throw error;
  }
  return database;
}

function prepareLayout(database: DatabaseSync): void {
  const { user_version: layout } = database.prepare('PRAGMA user_version').get() as { user_version: number };
  if (layout === LAYOUT) return;
  database.exec(`
    BEGIN IMMEDIATE;
    DROP TABLE IF EXISTS record;
    CREATE TABLE record (
      record_id TEXT PRIMARY KEY, created_at TEXT NOT NULL, workload TEXT NOT NULL, sdk TEXT NOT NULL,
      backend TEXT NOT NULL, class TEXT NOT NULL, shots INTEGER NOT NULL, programs INTEGER NOT NULL,
      hash TEXT NOT NULL, signed INTEGER NOT NULL, label TEXT, size INTEGER NOT NULL, mtime REAL NOT NULL
    ) STRICT, WITHOUT ROWID;
    PRAGMA user_version = ${LAYOUT};
    COMMIT;`);
}

function indexOf(database: DatabaseSync, path: string): RecordIndex {
  const guard = <T>(use: () => T): T => {
    try {
      return use();
    } catch (error) {
      throw error instanceof QpoeError ? error : indexError(path, error);
    }
  };
  const add = (record: ExecutionRecord, file: Stats): void => insertRecord(database, record, file);
  return {
    lock: () => guard(() => database.exec('BEGIN IMMEDIATE')),
    unlock: () => guard(() => database.exec('COMMIT')),
    add: (record, file) => guard(() => add(record, file)),
    reconcile: (folder) => guard(() => reconcile(database, folder, add)),
    rows: () => guard(() => selectRows(database)),
    close: () => database.close(),
  };
}

function insertRecord(database: DatabaseSync, record: ExecutionRecord, file: Stats): void {
  const { workload, execution, labels } = record;
  database
    .prepare('INSERT OR REPLACE INTO record VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
    .run(
      record.record.record_id,
      record.record.created_at,
      workload.name,
      workload.sdk,
      execution.backend,
      execution.class,
      workload.shots,
      workload.programs.length,
      record.record.hash,
      record.record.signature === null ? 0 : 1,
      labels?.label ?? null,
      file.size,
      file.mtimeMs,
    );
}

function selectRows(database: DatabaseSync): RecordRow[] {
  return database
    .prepare(
      `SELECT record_id, created_at, workload, sdk, backend, class, shots, programs, hash, signed, label
       FROM record ORDER BY record_id DESC`,
    )
    .all() as unknown as RecordRow[];
}

function reconcile(
  database: DatabaseSync,
  folder: string,
  add: (record: ExecutionRecord, file: Stats) => void,
): string[] {
  const known = new Map(
    (
      database.prepare('SELECT record_id, size, mtime FROM record').all() as {
        record_id: string;
        size: number;
        mtime: number;
      }[]
    ).map((row) => [`${row.record_id}.json`, row]),
  );
  const strange: string[] = [];
  const changed: [ExecutionRecord, Stats][] = [];
  // A writer that was killed first thing left a store without its folders.
  for (const name of lookAt(folder) === undefined ? [] : readdirSync(folder)) {
    if (isTemporary(name)) continue;
    const file = lookAt(join(folder, name));
    const row = known.get(name);
    if (row !== undefined && file?.size === row.size && file.mtimeMs === row.mtime) {
      known.delete(name);
      continue;
    }
    const record = file?.isFile() ? readRecord(join(folder, name)) : undefined;
    if (record === undefined || `${record.record.record_id}.json` !== name) {
      strange.push(name);
      continue;
    }
    known.delete(name);
    changed.push([record, file!]);
  }
  if (changed.length + known.size === 0) return strange;
  database.exec('BEGIN IMMEDIATE');
  for (const [record, file] of changed) add(record, file);
  for (const { record_id } of known.values())
    database.prepare('DELETE FROM record WHERE record_id = ?').run(record_id);
  database.exec('COMMIT');
  return strange;
}

function readRecord(path: string): ExecutionRecord | undefined {
  try {
    return checkShape(recordSchema, parseJsonBytes(readOwn(path, MAX_BYTES))).value;
  } catch (error) {
    if (error instanceof JsonError || error instanceof QpoeError) return undefined;
    throw error;
  }
}
