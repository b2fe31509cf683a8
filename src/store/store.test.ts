import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { content, newSigner, signedRecord } from '../../test/records.ts';
import { utf8 } from '../core/bytes.ts';
import { digestOf } from '../core/digest.ts';
import { makeRecord, recordText } from '../record/record.ts';
import { openIndex } from './record-index.ts';
import {
  addRecord,
  findRecord,
  listRecords,
  openOrCreateStore,
  openStore,
  recordPath,
  sweepTemporaries,
} from './store.ts';
import { uuidV7 } from './uuid.ts';

let path = '';
beforeEach(() => {
  const root = mkdtempSync(join(tmpdir(), 'qpoe-store-'));
  path = join(root, '.qpoe');
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
});

const objectFile = (text: string): string => {
  const hex = digestOf(utf8(text)).slice(7);
  return join(path, 'objects/sha256', hex.slice(0, 2), hex.slice(2));
};

const newRecord = (label: string, at = Date.now()) =>
  makeRecord({ ...content(), labels: { label } }, uuidV7(at), new Date(at).toISOString());

describe('a store', () => {
  it('keeps a record and its objects, and ignores itself in git', async () => {
    const store = openOrCreateStore(path);
    const record = await newRecord('a');
    const where = addRecord(store, record, [utf8('raw'), utf8('raw'), utf8('circuit')]);
    expect(readFileSync(where, 'utf8')).toBe(recordText(record));
    expect(readFileSync(objectFile('raw'), 'utf8')).toBe('raw');
    expect(readFileSync(join(path, '.gitignore'), 'utf8')).toBe('*\n');
  });

  it('lists the newest first, and finds by beginning or as the last', async () => {
    const store = openOrCreateStore(path);
    const records = [
      await newRecord('a', 1_000_000),
      await newRecord('b', 3_000_000),
      await newRecord('c', 2_000_000),
    ];
    for (const record of records) addRecord(store, record, []);
    expect(listRecords(store).rows.map((row) => row.label)).toEqual(['b', 'c', 'a']);
    expect(findRecord(store, 'last').label).toBe('b');
    expect(findRecord(store, records[0]!.record.record_id).label).toBe('a');
    expect(() => findRecord(store, '0000')).toThrow(/begins 3 record ids/);
    expect(() => findRecord(store, '../../etc/passwd')).toThrow(/no record/);
  });

  it('refuses an id that could name another file', () => {
    for (const id of ['../x', '..', 'a/b', '', `${'0'.repeat(8)}-0000-0000-0000-${'0'.repeat(12)}/..`])
      expect(() => recordPath({ path }, id)).toThrow(/is not a record id/);
  });

  it('writes an object again where its file was damaged', async () => {
    const store = openOrCreateStore(path);
    addRecord(store, await newRecord('a'), [utf8('raw')]);
    writeFileSync(objectFile('raw'), '');
    addRecord(store, await newRecord('b'), [utf8('raw')]);
    expect(readFileSync(objectFile('raw'), 'utf8')).toBe('raw');
  });

  it('follows no link where an object is to lie', async () => {
    const outside = mkdtempSync(join(tmpdir(), 'qpoe-outside-'));
    onTestFinished(() => rmSync(outside, { recursive: true }));
    const store = openOrCreateStore(path);
    symlinkSync(outside, join(objectFile('raw'), '..'));
    const record = await newRecord('a');
    expect(() => addRecord(store, record, [utf8('raw')])).toThrow(/is a link/);
    expect([readdirSync(outside), listRecords(store).rows]).toEqual([[], []]);
  });

  it('follows no links', async () => {
    const outside = mkdtempSync(join(tmpdir(), 'qpoe-outside-'));
    onTestFinished(() => rmSync(outside, { recursive: true }));
    for (const part of ['records', 'objects', 'objects/sha256', 'index.sqlite']) {
      rmSync(path, { recursive: true, force: true });
      mkdirSync(join(path, part, '..'), { recursive: true });
      symlinkSync(outside, join(path, part));
      expect(() => openOrCreateStore(path), part).toThrow(/is a link/);
    }
    rmSync(path, { recursive: true });
    symlinkSync(outside, path);
    expect(() => openOrCreateStore(path)).toThrow(/is a link/);
    expect(readdirSync(outside)).toEqual([]);
  });

  it('does not read a record through a link', async () => {
    const store = openOrCreateStore(path);
    addRecord(store, await newRecord('a'), []);
    const other = await signedRecord(newSigner());
    writeFileSync(join(path, 'other.json'), recordText(other));
    symlinkSync('../other.json', recordPath(store, other.record.record_id));
    expect(listRecords(store)).toMatchObject({
      rows: [{ label: 'a' }],
      strange: [`${other.record.record_id}.json`],
    });
  });

  it('that isn’t there is said to be missing', () => expect(() => openStore(path)).toThrow(/no store at/));
});

describe('the index', () => {
  it('is made again from the records: missing, damaged, foreign or out of date', async () => {
    const store = openOrCreateStore(path);
    const [a, b] = [await newRecord('a', 1_000_000), await newRecord('b', 2_000_000)];
    addRecord(store, a, []);
    addRecord(store, b, []);
    const expected = listRecords(store).rows;
    const index = join(path, 'index.sqlite');
    for (const damage of [
      () => rmSync(index),
      () => writeFileSync(index, 'not a database, but long enough to be read as one'),
      () => writeFileSync(index, ''),
    ]) {
      damage();
      expect(listRecords(store).rows).toEqual(expected);
    }
    writeFileSync(recordPath(store, a.record.record_id), recordText({ ...a, labels: { label: 'changed' } }));
    rmSync(recordPath(store, b.record.record_id));
    expect(listRecords(store).rows.map((row) => row.label)).toEqual(['changed']);
  });

  it('is done without where the store can’t be written', async () => {
    const store = openOrCreateStore(path);
    addRecord(store, await newRecord('a'), []);
    rmSync(join(path, 'index.sqlite'));
    mkdirSync(join(path, 'index.sqlite'));
    expect(listRecords(store).rows.map((row) => row.label)).toEqual(['a']);
    expect(() => openOrCreateStore(path)).toThrow(/can't use/);
  });

  it('of another layout is made again', async () => {
    const store = openOrCreateStore(path);
    addRecord(store, await newRecord('a'), []);
    const { DatabaseSync } = await import('node:sqlite');
    const database = new DatabaseSync(join(path, 'index.sqlite'));
    database.exec('DROP TABLE record');
    database.close();
    expect(listRecords(store).rows.map((row) => row.label)).toEqual(['a']);
  });

  it('names files that are no records', async () => {
    const store = openOrCreateStore(path);
    const record = await newRecord('a');
    addRecord(store, record, []);
    writeFileSync(join(path, 'records/notes.txt'), 'x');
    writeFileSync(join(path, 'records', `${uuidV7(1)}.json`), recordText(record));
    writeFileSync(join(path, 'records/.tmp-0123456789abcdef'), 'half');
    const { rows, strange } = listRecords(store);
    expect([rows.length, strange.length, strange.includes('notes.txt')]).toEqual([1, 2, true]);
  });

  it('is a lock: a second writer waits, and says so when it can wait no more', async () => {
    openOrCreateStore(path);
    const first = openIndex(path);
    const second = openIndex(path, 50);
    first.lock();
    expect(() => second.lock()).toThrow(/in use by another qpoe/);
    first.unlock();
    second.lock();
    second.unlock();
    first.close();
    second.close();
  });

  it('is freed by a writer that fails', async () => {
    const store = openOrCreateStore(path);
    const record = await newRecord('a');
    mkdirSync(recordPath(store, record.record.record_id));
    expect(() => addRecord(store, record, [utf8('raw')])).toThrow(/can't write/);
    addRecord(store, await newRecord('b'), []);
    expect(listRecords(store).rows.map((row) => row.label)).toEqual(['b']);
    expect(readdirSync(join(path, 'records')).filter((name) => name.startsWith('.tmp'))).toEqual([]);
  });
});

it('sweeps what killed writers left', async () => {
  const store = openOrCreateStore(path);
  addRecord(store, await newRecord('a'), [utf8('raw')]);
  writeFileSync(join(path, 'records/.tmp-0123456789abcdef'), 'half');
  writeFileSync(join(path, 'objects/.tmp-0123456789abcdef'), 'half');
  writeFileSync(join(path, 'records/.tmp-mine'), 'not ours');
  expect(sweepTemporaries(store)).toBe(2);
  expect(readdirSync(join(path, 'records'))).toContain('.tmp-mine');
});
