/**
 * The store: a folder of plain files (docs/format.md).
 *
 *     records/<record_id>.json   objects/sha256/ab/cdef…   statements/   receipts/   anchors/   openings/   runtime/
 *     index.sqlite (rebuildable)   .gitignore
 *
 * A record is there only once everything that it names by digest is: objects are written first, and every file is made
 * durable before the next. Writers take turns through a lock on the index, which the system releases when one is killed.
 */

import './native-sha256.ts';
import { readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Bytes } from '../core/bytes.ts';
import { type Digest, digestOf } from '../core/digest.ts';
import { QpoeError } from '../core/error.ts';
import { recordText } from '../record/record.ts';
import type { ExecutionRecord } from '../record/schema.ts';
import {
  enterFolder,
  isTemporary,
  lookAt,
  makeFolder,
  readOwn,
  type WholeFile,
  writeAllAtomic,
  writeAtomic,
} from './files.ts';
import { openingFiles } from './openings.ts';
import { openIndex, openIndexToRead, type RecordIndex, type RecordRow } from './record-index.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const MAX_OBJECT_BYTES = 2 ** 31;
const FOLDERS = ['records', 'objects', 'objects/sha256', 'statements', 'receipts', 'anchors'];

export interface Store {
  readonly path: string;
}

/** Whether there is a store: a writer that is killed first thing leaves a folder that is none yet. */
export function hasStore(path: string): boolean {
  return lookAt(join(path, 'records')) !== undefined;
}

/** @throws QpoeError `usage` where there is none, `unsafe` where a part of it is a link */
export function openStore(path: string): Store {
  if (!hasStore(path))
    throw new QpoeError(
      'usage',
      `no store at ${path}`,
      'make the first record with `qpoe run`, or name one with --store DIR',
    );
  refuseLinks(path);
  return { path };
}

/** A store that can be written to: found out before the work whose result it is to keep. */
export function openOrCreateStore(path: string): Store {
  if (path === '') throw new QpoeError('usage', 'the store has no name', 'name it with --store DIR');
  makeFolder(path);
  refuseLinks(path);
  for (const folder of FOLDERS) makeFolder(join(path, folder));
  const ignore = join(path, '.gitignore');
  if (lookAt(ignore) === undefined) writeAtomic(ignore, Buffer.from('*\n'));
  openIndex(path).close();
  return { path };
}

/** A link planted in a store could make us read or write anywhere else. */
function refuseLinks(path: string): void {
  for (const part of ['', ...FOLDERS, 'index.sqlite']) {
    const stats = lookAt(join(path, part));
    if (stats?.isSymbolicLink())
      throw new QpoeError('unsafe', `${join(path, part)} is a link`, 'qpoe follows no links in a store');
    if (stats !== undefined && !stats.isDirectory() && part !== 'index.sqlite')
      throw new QpoeError(
        'unreadable',
        `${join(path, part)} is not a folder`,
        'name a store with --store DIR',
      );
  }
}

/** Where a record of this id lies, or would. @throws QpoeError `usage` for what is no UUID */
export function recordPath(store: Store, recordId: string): string {
  if (!UUID.test(recordId)) throw new QpoeError('usage', `"${recordId}" is not a record id`);
  return join(store.path, 'records', `${recordId}.json`);
}

export function hasRecord(store: Store, recordId: string): boolean {
  return lookAt(recordPath(store, recordId))?.isFile() === true;
}

function objectPath(store: Store, digest: Digest): string {
  const hex = digest.slice('sha256:'.length);
  return join(store.path, 'objects', 'sha256', hex.slice(0, 2), hex.slice(2));
}

/** Keeps a record and the objects it names. @returns where the record lies */
export function addRecord(store: Store, record: ExecutionRecord, objects: readonly Uint8Array[]): string {
  const path = recordPath(store, record.record.record_id);
  const index = openIndex(store.path);
  try {
    index.lock();
    for (const object of objects) putObject(store, object);
    writeAtomic(path, Buffer.from(recordText(record)));
    addToIndex(index, [{ record, path }]);
  } finally {
    index.close();
  }
  return path;
}

export interface AddedRecord {
  readonly record: ExecutionRecord;
  readonly objects: readonly Uint8Array[];
  readonly openings: readonly Bytes[];
}

/** The same of many, for which the disk is waited for together: what they name first, then they. */
export function addRecords(store: Store, added: readonly AddedRecord[]): Promise<void> {
  return asWriterMeanwhile(store, async (index) => {
    const objects = added.flatMap((one) => one.objects.map((bytes) => ({ bytes })));
    const openings = added.flatMap((one) => one.openings);
    await writeAllAtomic([...objectFiles(store, objects), ...openingFiles(store, openings)]);
    const records = added.map(({ record }) => ({ record, path: recordPath(store, record.record.record_id) }));
    await writeAllAtomic(
      records.map(({ record, path }) => ({ path, bytes: Buffer.from(recordText(record)) })),
    );
    addToIndex(index, records);
  });
}

/** As `asWriter`, for what waits. Nothing else of this process may write meanwhile: it would wait for itself. */
export async function asWriterMeanwhile<T>(
  store: Store,
  write: (index: RecordIndex) => Promise<T>,
): Promise<T> {
  const index = openIndex(store.path);
  try {
    index.lock();
    return await write(index);
  } finally {
    // What was not committed by then is rolled back: there is nothing but rows in it.
    index.close();
  }
}

/** Runs `write` as the store's one writer. */
export function asWriter<T>(store: Store, write: () => T): T {
  const index = openIndex(store.path);
  try {
    index.lock();
    const result = write();
    index.unlock();
    return result;
  } finally {
    index.close();
  }
}

/** The records stand by now. An index that can't take it (a full disk) is put right by whoever reads it next. */
function addToIndex(
  index: RecordIndex,
  records: readonly { readonly record: ExecutionRecord; readonly path: string }[],
): void {
  try {
    for (const { record, path } of records) index.add(record, lookAt(path)!);
    index.unlock();
  } catch (error) {
    if (!(error instanceof QpoeError)) throw error;
  }
}

/** Keeps bytes by their digest. @param mode of the file: what holds personal data is for its owner alone */
export function putObject(store: Store, bytes: Uint8Array, mode?: number): Digest {
  const digest = digestOf(bytes);
  for (const file of objectFiles(store, [{ bytes, mode }])) writeAtomic(file.path, file.bytes, file.mode);
  return digest;
}

export interface StoredObject {
  readonly bytes: Uint8Array;
  readonly mode?: number | undefined;
}

/** The files of those objects that the store doesn't have yet. */
export function objectFiles(store: Store, objects: readonly StoredObject[]): readonly WholeFile[] {
  return objects.flatMap(({ bytes, mode }) => {
    const digest = digestOf(bytes);
    const path = objectPath(store, digest);
    enterFolder(dirname(path));
    // A file of that name may be damaged: only its content says that the object is there.
    const isThere = lookAt(path)?.isFile() && digestOf(readOwn(path, MAX_OBJECT_BYTES)) === digest;
    return isThere ? [] : [{ path, bytes, ...(mode === undefined ? {} : { mode }) }];
  });
}

/** What the store holds under a digest; undefined where it is not there, is larger, or is damaged. */
export function readObject(store: Store, digest: Digest, maxBytes: number): Buffer<ArrayBuffer> | undefined {
  const path = objectPath(store, digest);
  const stats = lookAt(path);
  if (stats === undefined || !stats.isFile() || stats.size > maxBytes) return undefined;
  const bytes = readOwn(path, maxBytes);
  return digestOf(bytes) === digest ? bytes : undefined;
}

/** The size of what the store holds under a digest, without a look at it. */
export function objectSize(store: Store, digest: Digest): number | undefined {
  const stats = lookAt(objectPath(store, digest));
  return stats?.isFile() === true ? stats.size : undefined;
}

/** What the records folder holds, newest first, with the files in it that are no records. */
export function listRecords(store: Store): {
  readonly rows: readonly RecordRow[];
  readonly strange: readonly string[];
} {
  const index = openIndexToRead(store.path);
  try {
    const strange = index.reconcile(join(store.path, 'records'));
    return { rows: index.rows(), strange };
  } finally {
    index.close();
  }
}

/** The one record that `id` names: a whole id, the beginning of one, or `last`. */
export function findRecord(store: Store, id: string): RecordRow {
  const { rows } = listRecords(store);
  const matches = id === 'last' ? rows.slice(0, 1) : rows.filter((row) => row.record_id.startsWith(id));
  const [row] = matches;
  if (row === undefined)
    throw new QpoeError('usage', `no record "${id}" in ${store.path}`, '`qpoe list` shows what is there');
  if (matches.length > 1)
    throw new QpoeError('usage', `"${id}" begins ${matches.length} record ids`, 'give more of the id');
  return row;
}

/** Each with what is below it. */
const SWEPT = [
  ...FOLDERS.filter((folder) => !folder.includes('/')),
  'publications',
  'anonymous',
  'chain',
  'openings',
  'runtime',
];

/** Removes what killed writers left behind; only while no one writes. @returns how many files */
export function sweepTemporaries(store: Store): number {
  return asWriter(store, () => {
    const left = SWEPT.map((folder) => join(store.path, folder))
      .filter((folder) => lookAt(folder) !== undefined)
      .flatMap((folder) => readdirSync(folder, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile() && isTemporary(entry.name))
      .map((entry) => join(entry.parentPath, entry.name));
    for (const path of left) rmSync(path);
    return left.length;
  });
}
