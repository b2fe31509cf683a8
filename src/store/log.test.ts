import { spawn } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { entriesFrom, logFiles, newLogPlace } from '../../test/log-place.ts';
import { naiveLeaf, naivePath, naiveProof, naiveRoot } from '../../test/naive-tree.ts';
import { type Bytes, utf8 } from '../core/bytes.ts';
import { openCheckpoint } from '../tlog/checkpoint.ts';
import { leafHash } from '../tlog/merkle.ts';
import { formatVkey } from '../tlog/vkey.ts';
import { sweepHome } from './identity.ts';
import { createLog, hasLog, type LogPlace, type OpenLog, openLog } from './log.ts';
import { appendToLog } from './log-append.ts';
import { fsck } from './log-fsck.ts';
import { logVkeys } from './log-key.ts';
import { proveConsistency, proveInclusion, readCheckpoint, readEntry } from './log-read.ts';

/** A log with this many entries. */
async function newLog(count: number): Promise<{ readonly place: LogPlace; readonly log: OpenLog }> {
  const place = newLogPlace();
  const log = createLog(place);
  if (count > 0) await appendToLog(log, entriesFrom(0, count));
  return { place, log };
}

function flip(path: string, at?: number): void {
  const bytes = readFileSync(path);
  bytes[at ?? Math.floor(bytes.length / 2)]! ^= 1;
  writeFileSync(path, bytes);
}

const root = (entries: readonly Uint8Array[]): Uint8Array => naiveRoot(entries.map(naiveLeaf));

describe('a new log', () => {
  it('is empty, signed, and known to the home', async () => {
    const { place, log } = await newLog(0);
    expect(hasLog(place.path)).toBe(true);
    expect(log.vkey.name).toMatch(/^[0-9a-f]{8}\.[0-9a-f]{8}\.qpoe\.internal$/);
    const opened = (await openCheckpoint(readCheckpoint(place.path), log.vkey)).value!;
    expect(opened.checkpoint).toMatchObject({ origin: log.vkey.name, size: 0, extensions: [] });
    expect(logVkeys(place.home).map(formatVkey)).toEqual([formatVkey(log.vkey)]);
    expect(logFiles(place.path)).toEqual(['checkpoint']);
    expect(fsck(place.path, log.vkey)).toMatchObject({ bad: undefined, files: 1 });
    expect(statSync(join(log.folder, 'key.pem')).mode & 0o777).toBe(0o600);
  });

  it('takes another name, but only a host name', () => {
    expect(createLog({ ...newLogPlace(), origin: 'log.example.org' }).vkey.name).toBe('log.example.org');
    for (const origin of [
      '',
      '.',
      '..',
      '../x',
      'a/b',
      'Log.example',
      'a b',
      'a+b',
      'a..b',
      '-a',
      'a'.repeat(65),
    ])
      expect(() => createLog({ ...newLogPlace(), origin }), origin).toThrow(/can't be a log's origin/);
  });

  it('is made once', async () => {
    const { place } = await newLog(1);
    expect(() => createLog(place)).toThrow(/there is a log at/);
    rmSync(join(place.path, 'checkpoint'));
    expect(() => createLog(place)).toThrow(/there is a log at/);
    expect(() => openLog(place)).toThrow(/checkpoint is gone/);
  });

  it('does not take the key of another log that has entries', async () => {
    const place = { ...newLogPlace(), origin: 'log.example.org' };
    await appendToLog(createLog(place), entriesFrom(0, 1));
    const other = { ...newLogPlace(), home: place.home, origin: place.origin };
    expect(() => createLog(other)).toThrow(/has entries already/);
    expect(hasLog(other.path)).toBe(false);
  });

  it('keeps its key under the passphrase', () => {
    const place = newLogPlace();
    createLog({ ...place, passphrase: 'secret' });
    expect(() => openLog(place)).toThrow(/needs its passphrase/);
    expect(() => openLog({ ...place, passphrase: 'other' })).toThrow(/passphrase is wrong/);
    expect(openLog({ ...place, passphrase: 'secret' }).vkey).toEqual(logVkeys(place.home)[0]);
  });

  it('is not opened with a key that others can read, from another home, or where there is none', async () => {
    const { place, log } = await newLog(1);
    chmodSync(join(log.folder, 'key.pem'), 0o644);
    expect(() => openLog(place)).toThrow(/others can read/);
    expect(() => openLog({ ...place, home: newLogPlace().home })).toThrow(/has no key for the log/);
    expect(() => openLog(newLogPlace())).toThrow(/no log at/);
  });
});

describe('appending', () => {
  const batches = fc.array(fc.integer({ min: 1, max: 600 }), { minLength: 1, maxLength: 5 });

  it('in any batches gives the tree, proofs and entries of the definition, opened anew each time', async () => {
    await fc.assert(
      fc.asyncProperty(batches, fc.nat(), async (sizes, seed) => {
        const place = newLogPlace();
        createLog(place);
        let all: readonly Bytes[] = [];
        for (const count of sizes) {
          const log = openLog(place);
          const appended = await appendToLog(log, entriesFrom(all.length, count));
          expect(appended.indexes[0]).toEqual({ index: all.length, existed: false });
          all = entriesFrom(0, all.length + count);
          const { checkpoint } = (await openCheckpoint(appended.checkpoint, log.vkey)).value!;
          expect(checkpoint).toMatchObject({ size: all.length, root: root(all) });
          expect(readCheckpoint(place.path)).toEqual(appended.checkpoint);
          expect(fsck(place.path, log.vkey)).toMatchObject({ bad: undefined, unpublished: [] });
        }
        const leaves = all.map(naiveLeaf);
        const size = 1 + (seed % all.length);
        const index = (seed >> 8) % size;
        expect(proveInclusion(place.path, index, size)).toEqual(naivePath(index, leaves.slice(0, size)));
        expect(proveConsistency(place.path, size, all.length)).toEqual(naiveProof(size, leaves));
        expect(readEntry(place.path, index)).toEqual(all[index]);
      }),
      { numRuns: 15 },
    );
  });

  it('twice gives the first index, within a batch and after', async () => {
    const { place, log } = await newLog(300);
    const [a, b] = [utf8('a'), utf8('b')] as const;
    const first = await appendToLog(log, [a, b, a, entriesFrom(7, 1)[0]!]);
    expect(first.indexes).toEqual([
      { index: 300, existed: false },
      { index: 301, existed: false },
      { index: 300, existed: true },
      { index: 7, existed: true },
    ]);
    const again = await appendToLog(openLog(place), [b]);
    expect(again).toEqual({
      indexes: [{ index: 301, existed: true }],
      checkpoint: first.checkpoint,
      size: 302,
    });
  });

  it('of nothing gives the checkpoint as it stands', async () => {
    const { place, log } = await newLog(3);
    expect(await appendToLog(log, [])).toEqual({
      indexes: [],
      checkpoint: readCheckpoint(place.path),
      size: 3,
    });
  });

  it('by many at once shares batches, and each gets its own index', async () => {
    const { log } = await newLog(0);
    const entries = entriesFrom(0, 1000);
    const appended = await Promise.all(entries.map((entry) => appendToLog(log, [entry])));
    expect(appended.map(({ indexes }) => indexes[0]!.index)).toEqual(entries.map((_, i) => i));
    expect(new Set(appended.map(({ size }) => size))).toEqual(new Set([1000]));
  });

  it('of more than a batch is one call all the same', async () => {
    const { place, log } = await newLog(0);
    const { indexes, size } = await appendToLog(log, entriesFrom(0, 9000));
    expect([size, indexes.length, indexes[8999]]).toEqual([9000, 9000, { index: 8999, existed: false }]);
    expect(fsck(place.path, log.vkey).bad).toBeUndefined();
  });

  it('refuses an entry that is too long, and only its caller', async () => {
    const { log } = await newLog(0);
    const longest = new Uint8Array(0xffff);
    const [fits, tooLong] = await Promise.allSettled([
      appendToLog(log, [longest]),
      appendToLog(log, [new Uint8Array(0x10000)]),
    ]);
    expect(fits.status).toBe('fulfilled');
    expect(tooLong).toMatchObject({ reason: { code: 'refused' } });
    expect(readEntry(log.path, 0)).toEqual(longest);
  });

  it('removes the partial tiles of a tile that became full, and no others', async () => {
    const { place, log } = await newLog(200);
    await appendToLog(log, entriesFrom(200, 10));
    expect(logFiles(place.path)).toContain('tile/0/000.p/200');
    await appendToLog(log, entriesFrom(210, 50));
    await expect
      .poll(() => logFiles(place.path))
      .toEqual([
        'checkpoint',
        'tile/0/000',
        'tile/0/001.p/4',
        'tile/1/000.p/1',
        'tile/entries/000',
        'tile/entries/001.p/4',
      ]);
  });

  it.each([
    ['of one home', ''],
    ['of two copies of a home', '-copy'],
  ])('by two processes %s at once loses nothing and never forks', async (_, copy) => {
    const { place, log } = await newLog(0);
    const script = join(import.meta.dirname, '../../test/log-appender.ts');
    if (copy !== '') cpSync(place.home.path, `${place.home.path}${copy}`, { recursive: true });
    const run = (name: string, home: string) =>
      new Promise<string>((resolve, reject) => {
        const child = spawn(process.execPath, [script, place.path, home, name, '40']);
        let out = '';
        child.stdout.on('data', (data) => (out += data));
        child.on('close', (code) => (code === 0 ? resolve(out) : reject(new Error(`exit ${code}`))));
      });
    const outputs = await Promise.all([run('a', place.home.path), run('b', `${place.home.path}${copy}`)]);
    const lines = outputs.flatMap((out) => out.trim().split('\n'));
    const acknowledged = lines.map((line) => line.split(' '));
    expect(new Set(acknowledged.map(([, index]) => index)).size).toBe(80);
    for (const [entry, index] of acknowledged)
      expect(readEntry(place.path, Number(index))).toEqual(utf8(entry!));
    expect(fsck(place.path, log.vkey)).toMatchObject({ bad: undefined, checkpoint: { size: 80 } });
  });
});

describe('what the home signed last', () => {
  it('keeps an older copy of the store from growing', async () => {
    const { place, log } = await newLog(300);
    cpSync(dirname(place.path), `${dirname(place.path)}-copy`, { recursive: true });
    await appendToLog(log, entriesFrom(300, 1));
    const copy = { ...place, path: join(`${dirname(place.path)}-copy`, 'log') };
    const before = logFiles(copy.path);
    expect(() => openLog(copy)).toThrow(/not the log of 301 entries that this home signed last/);
    await expect(appendToLog({ ...log, path: copy.path }, [utf8('x')])).rejects.toThrow(/signed last/);
    expect(logFiles(copy.path)).toEqual(before);
  });

  it('keeps two copies of one store from growing apart', async () => {
    const { place, log } = await newLog(5);
    cpSync(dirname(place.path), `${dirname(place.path)}-copy`, { recursive: true });
    const copy = { ...log, path: join(`${dirname(place.path)}-copy`, 'log') };
    const both = await Promise.allSettled([appendToLog(log, [utf8('x')]), appendToLog(copy, [utf8('y')])]);
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  });

  it('is brought up where the home was restored from a backup', async () => {
    const { place, log } = await newLog(300);
    const kept = join(log.folder, 'checkpoint');
    const backup = readFileSync(kept);
    const { checkpoint } = await appendToLog(log, entriesFrom(300, 500));
    writeFileSync(kept, backup);
    openLog(place);
    expect(new Uint8Array(readFileSync(kept))).toEqual(checkpoint);
  });

  it('is published where a writer was killed before it could', async () => {
    const { place, log } = await newLog(300);
    const before = readCheckpoint(place.path);
    const { checkpoint } = await appendToLog(log, entriesFrom(300, 500));
    writeFileSync(join(place.path, 'checkpoint'), before);
    openLog(place);
    expect(readCheckpoint(place.path)).toEqual(checkpoint);
  });

  it('is not forgotten: without it nothing is signed', async () => {
    const { place, log } = await newLog(3);
    const kept = join(log.folder, 'checkpoint');
    flip(kept, 30);
    expect(() => openLog(place)).toThrow(/is damaged/);
    rmSync(kept);
    await expect(appendToLog(log, [utf8('x')])).rejects.toThrow(/can't read .*checkpoint/);
  });

  it('stays with the witnesses’ signatures that the log’s own carries', async () => {
    const { place } = await newLog(3);
    const cosigned = Buffer.concat([
      readCheckpoint(place.path),
      Buffer.from(`— witness.example ${Buffer.alloc(76, 1).toString('base64')}\n`),
    ]);
    writeFileSync(join(place.path, 'checkpoint'), cosigned);
    const { checkpoint } = await appendToLog(openLog(place), []);
    expect(Buffer.from(checkpoint)).toEqual(cosigned);
  });
});

describe('damage at the right edge', () => {
  const EDGE = ['tile/0/257.p/8', 'tile/1/001.p/1', 'tile/2/000.p/1', 'tile/entries/257.p/8'];

  it.each(EDGE)('a flipped, truncated or missing %s stops the next append, which names it', async (file) => {
    const { place, log } = await newLog(65_800);
    const path = join(place.path, file);
    const good = readFileSync(path);
    const before = logFiles(place.path);
    for (const harm of [() => flip(path), () => truncateSync(path, good.length - 1), () => rmSync(path)]) {
      harm();
      const failure = await appendToLog(log, [utf8('x')]).catch((error) => error);
      expect(failure).toMatchObject({ code: 'refused', message: expect.stringContaining(file) });
      expect(failure.hint).toContain('qpoe log fsck');
      writeFileSync(path, good);
      expect(logFiles(place.path)).toEqual(before);
    }
    expect((await appendToLog(log, [utf8('x')])).indexes).toEqual([{ index: 65_800, existed: false }]);
  });

  it('a flipped checkpoint stops it too', async () => {
    const { place, log } = await newLog(3);
    flip(join(place.path, 'checkpoint'), 60);
    await expect(appendToLog(log, [utf8('x')])).rejects.toThrow(/log\/checkpoint is damaged/);
  });
});

describe('a checkpoint that is not the one of these tiles', () => {
  /** The checkpoint of another log of the same home, which is empty. */
  function empty(place: LogPlace): Uint8Array {
    return readCheckpoint(createLog({ ...newLogPlace(), home: place.home }).path);
  }
  const originOf = ({ path }: LogPlace) => join(dirname(path), 'log-origin');

  it.each([3, 5000])('but another log’s is refused, and none of %i entries is swept', async (count) => {
    const { place, log } = await newLog(count);
    const before = logFiles(place.path);
    const good = readCheckpoint(place.path);
    writeFileSync(join(place.path, 'checkpoint'), empty(place));
    expect(() => openLog(place)).toThrow(`but this store holds ${log.vkey.name}`);
    await expect(appendToLog(log, [utf8('x')])).rejects.toThrow(/not signed by/);
    expect(logFiles(place.path)).toEqual(before);
    const other = logVkeys(place.home).find(({ name }) => name !== log.vkey.name)!;
    expect(fsck(place.path, other).bad?.fault).toBe(
      `it is of ${other.name}, but this store holds ${log.vkey.name}`,
    );
    writeFileSync(join(place.path, 'checkpoint'), good);
    expect((await appendToLog(openLog(place), entriesFrom(0, 1))).indexes[0]!.existed).toBe(true);
  });

  it('sweeps no more than a batch where the store does not say whose log it holds', async () => {
    const { place, log } = await newLog(5000);
    const before = logFiles(place.path);
    rmSync(originOf(place));
    writeFileSync(join(place.path, 'checkpoint'), empty(place));
    const other = logVkeys(place.home).find(({ name }) => name !== log.vkey.name)!;
    expect(fsck(place.path, other).bad?.fault).toBe('it lies beyond the 0 entries');
    expect(() => openLog(place)).toThrow(/has tiles beyond the 0 entries of its checkpoint/);
    expect(logFiles(place.path)).toEqual(before);
  });

  it('but of a backup older than a batch, home and all, is refused', async () => {
    const { place, log } = await newLog(1024);
    const kept = join(log.folder, 'checkpoint');
    const [home, store] = [readFileSync(kept), readCheckpoint(place.path)];
    await appendToLog(log, entriesFrom(1024, 4000));
    const before = logFiles(place.path);
    writeFileSync(kept, home);
    writeFileSync(join(place.path, 'checkpoint'), store);
    await expect(appendToLog(log, [utf8('x')])).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringContaining(place.path),
      hint: expect.stringContaining('qpoe log fsck'),
    });
    expect(logFiles(place.path)).toEqual(before);
    expect(fsck(place.path, log.vkey).bad?.fault).toBe('it lies beyond the 1024 entries');
  });

  it('is found out in stores of before too, once they were opened', async () => {
    const { place, log } = await newLog(3);
    rmSync(originOf(place));
    openLog(place);
    expect(readFileSync(originOf(place), 'utf8')).toBe(`${log.vkey.name}\n`);
  });
});

describe('the index', () => {
  const forms: readonly (readonly [string, (index: string) => void])[] = [
    ['deleted', (index) => rmSync(index)],
    ['empty', (index) => writeFileSync(index, '')],
    ['no database', (index) => writeFileSync(index, 'x'.repeat(5000))],
    [
      'full of noise behind its header',
      (index) => {
        const bytes = readFileSync(index);
        writeFileSync(index, bytes.fill(0xa5, 200));
      },
    ],
    ['cut off', (index) => truncateSync(index, 4096)],
  ];

  it.each(forms)('%s is made again', async (_, harm) => {
    const { place, log } = await newLog(1000);
    harm(join(dirname(place.path), 'log-index.sqlite'));
    const { indexes } = await appendToLog(log, [entriesFrom(577, 1)[0]!, utf8('x')]);
    expect(indexes).toEqual([
      { index: 577, existed: true },
      { index: 1000, existed: false },
    ]);
  });

  it('of another log, or an older one, is brought to this one', async () => {
    const { place, log } = await newLog(400);
    const index = join(dirname(place.path), 'log-index.sqlite');
    const old = readFileSync(index);
    await appendToLog(log, entriesFrom(400, 400));
    writeFileSync(index, old);
    expect((await appendToLog(log, entriesFrom(600, 1))).indexes).toEqual([{ index: 600, existed: true }]);
    const other = await newLog(0);
    await appendToLog(other.log, entriesFrom(100, 300));
    cpSync(join(dirname(other.place.path), 'log-index.sqlite'), index);
    expect((await appendToLog(log, entriesFrom(100, 1))).indexes).toEqual([{ index: 100, existed: true }]);
  });

  it.each(['log-index.sqlite', 'log.lock'])('that is a link is refused, as %s', async (name) => {
    const { place, log } = await newLog(1);
    const index = join(dirname(place.path), name);
    rmSync(index);
    symlinkSync('/etc/passwd', index);
    await expect(appendToLog(log, [utf8('x')])).rejects.toThrow(/is a link/);
  });

  it.each(['tile/0/002', 'tile/1/000.p/5', 'tile/entries/002'])(
    'knows an entry that a flipped or missing %s can’t prove: refused, not entered twice',
    async (file) => {
      const { place, log } = await newLog(1300);
      const path = join(place.path, file);
      const good = readFileSync(path);
      const again = [entriesFrom(600, 1)[0]!];
      for (const harm of [() => flip(path, 5), () => rmSync(path)]) {
        harm();
        const before = readCheckpoint(place.path);
        const appended = await appendToLog(log, again).catch((error) => error);
        // A bad entry bundle alone takes nothing from the proof.
        if (file.includes('entries')) expect(appended.indexes).toEqual([{ index: 600, existed: true }]);
        else
          expect(appended).toMatchObject({
            code: 'refused',
            message: expect.stringMatching(/is damaged: /),
            hint: expect.stringContaining('qpoe log fsck'),
          });
        expect(readCheckpoint(place.path)).toEqual(before);
        writeFileSync(path, good);
      }
      expect((await appendToLog(log, again)).indexes).toEqual([{ index: 600, existed: true }]);
    },
  );

  it('is right about no leaf of which only the first 8 bytes are the same', async () => {
    const { place, log } = await newLog(1000);
    const fresh = utf8('another');
    const index = new DatabaseSync(join(dirname(place.path), 'log-index.sqlite'));
    const hash = new DataView(leafHash(fresh).buffer).getBigInt64(0);
    index.prepare('INSERT INTO entry VALUES (?, ?)').run(hash, 600);
    index.close();
    expect((await appendToLog(log, [fresh])).indexes).toEqual([{ index: 1000, existed: false }]);
  });
});

describe('in bad places', () => {
  it.each(['tile', 'tile/0', 'tile/entries', 'tile/0/001.p'])(
    'a link at %s is never written through',
    async (part) => {
      const { place, log } = await newLog(256);
      const elsewhere = join(dirname(place.path), 'elsewhere');
      if (part === 'tile/0/001.p') mkdirSync(elsewhere);
      else renameSync(join(place.path, part), elsewhere);
      symlinkSync(elsewhere, join(place.path, part));
      const before = logFiles(elsewhere);
      await expect(appendToLog(log, [utf8('x')])).rejects.toThrow(/is a link/);
      expect(logFiles(elsewhere)).toEqual(before);
      expect(fsck(place.path, log.vkey).bad?.fault).toMatch(/no regular file/);
    },
  );

  it('a link or a folder in a tile’s place is refused or removed, never followed', async () => {
    const { place, log } = await newLog(3);
    const target = join(dirname(place.path), 'target');
    writeFileSync(target, 'mine');
    symlinkSync(target, join(place.path, 'tile/0/000.p/4'));
    await appendToLog(log, [utf8('x')]);
    expect(readFileSync(target, 'utf8')).toBe('mine');
    mkdirSync(join(place.path, 'tile/0/000.p/5'));
    const failure = await appendToLog(log, [utf8('y')]).catch((error) => error);
    expect(failure).toMatchObject({
      name: 'QpoeError',
      message: expect.stringMatching(/^can't clear .*: is a folder|not permitted/),
    });
    rmSync(join(place.path, 'tile/0/000.p/5'), { recursive: true });
    expect((await appendToLog(log, [utf8('y')])).size).toBe(5);
  });

  it('a missing folder is one clear error, and the log works again once it is back', async () => {
    const { place, log } = await newLog(3);
    renameSync(place.path, `${place.path}-gone`);
    await expect(appendToLog(log, [utf8('x')])).rejects.toMatchObject({ name: 'QpoeError' });
    expect(hasLog(place.path)).toBe(false);
    renameSync(`${place.path}-gone`, place.path);
    expect((await appendToLog(log, [utf8('x')])).size).toBe(4);
  });

  it('a log that is a link is not opened', async () => {
    const { place } = await newLog(3);
    renameSync(place.path, `${place.path}-real`);
    symlinkSync(`${place.path}-real`, place.path);
    expect(() => openLog(place)).toThrow(/is a link/);
  });
});

describe('what a killed writer left', () => {
  it('is removed by the next one, and no fault to fsck before', async () => {
    const { place, log } = await newLog(250);
    const left = [
      'tile/entries/000',
      'tile/entries/001',
      'tile/entries/002.p/9',
      'tile/0/000.p/251',
      'tile/1/000.p/1',
    ];
    for (const file of left) {
      mkdirSync(dirname(join(place.path, file)), { recursive: true });
      writeFileSync(join(place.path, file), 'half');
    }
    writeFileSync(join(place.path, '.tmp-0123456789abcdef'), 'half');
    expect(fsck(place.path, log.vkey)).toMatchObject({ bad: undefined, unpublished: left.toSorted() });
    const before = logFiles(place.path).filter((file) => !left.includes(file) && !file.startsWith('.tmp'));
    openLog(place);
    expect(logFiles(place.path)).toEqual(before);
    expect(fsck(place.path, log.vkey)).toMatchObject({ bad: undefined, unpublished: [] });
  });

  it('is no new log yet: the next attempt makes it', () => {
    const place = { ...newLogPlace(), origin: 'log.example.org' };
    const { vkey } = createLog(place);
    rmSync(place.path, { recursive: true });
    expect(createLog(place).vkey).toEqual(vkey);
    expect(sweepHome(place.home)).toBe(0);
  });
});

describe('reading', () => {
  it('refuses what the log does not have', async () => {
    const { place } = await newLog(3);
    expect(() => readEntry(place.path, 3)).toThrow(/no entry 3/);
    expect(() => readEntry(place.path, -1)).toThrow(/no entry -1/);
    expect(() => proveInclusion(place.path, 0, 4)).toThrow(/has 3 entries, not 4/);
    expect(() => proveInclusion(place.path, 3, 3)).toThrow(/no leaf 3/);
    expect(() => proveConsistency(place.path, 0, 3)).toThrow(/no proof/);
  });

  it('finds what a writer has filled since the checkpoint was read', async () => {
    const { place, log } = await newLog(200);
    const before = readCheckpoint(place.path);
    const proof = proveInclusion(place.path, 7, 200);
    await appendToLog(log, entriesFrom(200, 200));
    await expect.poll(() => logFiles(place.path)).not.toContain('tile/0/000.p/200');
    writeFileSync(join(place.path, 'checkpoint'), before);
    expect(readEntry(place.path, 7)).toEqual(entriesFrom(7, 1)[0]);
    expect(proveInclusion(place.path, 7, 200)).toEqual(proof);
  });

  it('names the file that is missing or cut off', async () => {
    const { place } = await newLog(600);
    truncateSync(join(place.path, 'tile/0/001'), 100);
    expect(() => proveInclusion(place.path, 300, 600)).toThrow(/tile\/0\/001 has 100 bytes/);
    rmSync(join(place.path, 'tile/entries/000'));
    expect(() => readEntry(place.path, 3)).toThrow(/tile\/entries\/000 is not there/);
  });
});
