/**
 * `index.sqlite`: one row a record, for `list` and `show`. It holds nothing that isn't in the records and is made again
 * from them whenever it differs; and it is the writers' lock, because the system frees a dead process's lock on it.
 */

import { accessSync, constants, readdirSync, rmSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { QpoeError } from '../core/error.ts';
import { JsonError, MAX_BYTES, parseJsonBytes } from '../core/json.ts';
import { readRecord } from '../record/read-record.ts';
import type { ExecutionRecord } from '../record/schema.ts';
import { fileError, isTemporary, lookAt, readOwn } from './files.ts';

const LAYOUT = 1;
const SELECT_ROWS = `
  SELECT record_id, created_at, workload, sdk, backend, class, shots, programs, hash, signed, label
  FROM record ORDER BY record_id DESC`;
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
  reconcile(folder: string): readonly string[];
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
  rmSync(path, { force: true });
  try {
    return indexOf(openDatabase(path, waitMs), path);
  } catch (error) {
    throw indexError(path, error);
  }
}

/** The index, or where it can't be opened (a read-only folder, an archive) one in memory, made from the records. */
export function openIndexToRead(storePath: string): RecordIndex {
  const path = join(storePath, 'index.sqlite');
  try {
    accessSync(storePath, constants.W_OK);
    if (lookAt(path) !== undefined) accessSync(path, constants.W_OK);
    return openIndex(storePath);
  } catch (error) {
    if (!(error instanceof QpoeError) && (error as NodeJS.ErrnoException).code === undefined) throw error;
    // The records themselves say all that the index would.
    return indexOf(openDatabase(':memory:', 0), path);
  }
}

/** SQLITE_ERROR (a table is missing or another), SQLITE_CORRUPT and SQLITE_NOTADB (sqlite.org/rescode.html). */
export function isDamaged(error: unknown): boolean {
  return [1, 11, 26].includes(((error as { errcode?: number }).errcode ?? 0) & 0xff);
}

export function indexError(path: string, error: unknown): Error {
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
    database.prepare(SELECT_ROWS);
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
      hash TEXT NOT NULL, signed INTEGER NOT NULL, label TEXT, version TEXT NOT NULL
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
    .prepare('INSERT OR REPLACE INTO record VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
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
      fileVersion(file),
    );
}

/** Changes whenever the file does: its change time can't be set back. */
function fileVersion({ size, mtimeMs, ctimeMs, ino }: Stats): string {
  return [size, mtimeMs, ctimeMs, ino].join(' ');
}

function selectRows(database: DatabaseSync): RecordRow[] {
  return database.prepare(SELECT_ROWS).all() as unknown as RecordRow[];
}

interface Differences {
  /** Records that are new or changed. */
  readonly changed: readonly (readonly [ExecutionRecord, Stats])[];
  /** Ids of rows without a record. */
  readonly gone: readonly string[];
  /** Files that are no records. */
  readonly strange: readonly string[];
}

function reconcile(
  database: DatabaseSync,
  folder: string,
  add: (record: ExecutionRecord, file: Stats) => void,
): readonly string[] {
  const { changed, gone, strange } = findDifferences(database, folder);
  if (changed.length + gone.length === 0) return strange;
  database.exec('BEGIN IMMEDIATE');
  for (const [record, file] of changed) add(record, file);
  for (const recordId of gone) database.prepare('DELETE FROM record WHERE record_id = ?').run(recordId);
  database.exec('COMMIT');
  return strange;
}

function findDifferences(database: DatabaseSync, folder: string): Differences {
  const rows = database.prepare('SELECT record_id, version FROM record').all() as {
    record_id: string;
    version: string;
  }[];
  const versions = new Map(rows.map((row) => [row.record_id, row.version]));
  const changed: [ExecutionRecord, Stats][] = [];
  const strange: string[] = [];
  // A writer that was killed first thing left a store without its folders.
  for (const name of lookAt(folder) === undefined ? [] : readdirSync(folder)) {
    if (isTemporary(name)) continue;
    const file = lookAt(join(folder, name));
    const recordId = name.endsWith('.json') ? name.slice(0, -'.json'.length) : '';
    const known = file !== undefined && versions.get(recordId) === fileVersion(file);
    const record = known || !file?.isFile() ? undefined : readRecordFile(join(folder, name));
    if (record?.record.record_id === recordId) changed.push([record, file!]);
    if (known || record?.record.record_id === recordId) versions.delete(recordId);
    else strange.push(name);
  }
  return { changed, gone: [...versions.keys()], strange };
}

function readRecordFile(path: string): ExecutionRecord | undefined {
  try {
    return readRecord(parseJsonBytes(readOwn(path, MAX_BYTES))).value;
  } catch (error) {
    if (error instanceof JsonError || error instanceof QpoeError) return undefined;
    throw error;
  }
}
