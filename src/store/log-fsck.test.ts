import { sign } from 'node:crypto';
import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { entriesFrom, logFiles, newLogPlace } from '../../test/log-place.ts';
import { concatenate, utf8 } from '../core/bytes.ts';
import { formatCheckpoint } from '../tlog/checkpoint.ts';
import { emptyRoot, leafHash } from '../tlog/merkle.ts';
import { formatNote } from '../tlog/note.ts';
import { createLog } from './log.ts';
import { appendToLog } from './log-append.ts';
import { fsck } from './log-fsck.ts';

/** Of 66,000 entries there are three levels of tiles; the smaller ones have partial tiles of earlier sizes. */
async function newLog(sizes: readonly number[]) {
  const log = createLog(newLogPlace());
  for (const [i, size] of sizes.entries())
    await appendToLog(log, entriesFrom(sizes[i - 1] ?? 0, size - (sizes[i - 1] ?? 0)));
  return log;
}

describe.each([
  ['small', [1, 3, 90]],
  ['grown over a tile', [250, 300, 310, 600]],
])('each file of a %s log', (_, sizes) => {
  it('flipped anywhere, cut off, made longer or removed is found and named', async () => {
    const log = await newLog(sizes);
    const bad = () => fsck(log.path, log.vkey).bad?.path;
    expect(bad()).toBeUndefined();
    // Without its later sizes, a tile of an earlier one is not needed.
    const needed = new Set(['checkpoint', ...logFiles((await newLog(sizes.slice(-1))).path)]);
    for (const file of logFiles(log.path)) {
      const path = join(log.path, file);
      const good = readFileSync(path);
      for (let at = 0; at < good.length; at += 1 + Math.floor(good.length / 40)) {
        const bytes = Buffer.from(good);
        bytes[at]! ^= 1 << (at % 8);
        writeFileSync(path, bytes);
        expect(bad(), `${file} flipped at ${at}`).toBe(file);
      }
      truncateSync(path, good.length - 1);
      expect(bad(), `${file} cut off`).toBe(file);
      writeFileSync(path, good);
      appendFileSync(path, '\n');
      expect(bad(), `${file} longer`).toBe(file);
      rmSync(path);
      expect(bad(), `${file} removed`).toBe(needed.has(file) ? file : undefined);
      writeFileSync(path, good);
    }
    expect(bad()).toBeUndefined();
  });
});

it('a flipped tile of any level is named, not what is above or below it', async () => {
  const log = await newLog([66_000]);
  for (const file of [
    'tile/0/100',
    'tile/1/000',
    'tile/1/001.p/1',
    'tile/2/000.p/1',
    'tile/entries/257.p/208',
  ]) {
    const path = join(log.path, file);
    const good = readFileSync(path);
    const bytes = Buffer.from(good);
    bytes[9]! ^= 1;
    writeFileSync(path, bytes);
    expect(fsck(log.path, log.vkey).bad?.path).toBe(file);
    writeFileSync(path, good);
  }
});

it('each file that no log has, or not here, is found and named', async () => {
  const log = await newLog([300]);
  const added = [
    'junk',
    '.hidden',
    'tile/junk',
    'tile/0/001.p/045',
    'tile/0/001.p/256',
    'tile/0/x000/001',
    'tile/0/018',
    'tile/3/000',
    'tile/entries/020.p/1',
    'tile/0/000.p/4',
    'tile/entries/000.p/4',
  ];
  for (const file of added) {
    const path = join(log.path, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, 'x'.repeat(128));
    expect(fsck(log.path, log.vkey).bad?.path, file).toBe(file);
    rmSync(path);
    symlinkSync('../checkpoint', path);
    expect(fsck(log.path, log.vkey).bad?.path, file).toBe(file);
    rmSync(path);
  }
  expect(fsck(log.path, log.vkey).bad).toBeUndefined();
});

it('a tile of an earlier size is held to the one that took its place', async () => {
  const log = await newLog([300]);
  const full = readFileSync(join(log.path, 'tile/0/000'));
  mkdirSync(join(log.path, 'tile/0/000.p'));
  writeFileSync(join(log.path, 'tile/0/000.p/4'), full.subarray(0, 4 * 32));
  expect(fsck(log.path, log.vkey).bad).toBeUndefined();
  writeFileSync(join(log.path, 'tile/0/000.p/4'), full.subarray(32, 5 * 32));
  expect(fsck(log.path, log.vkey).bad?.path).toBe('tile/0/000.p/4');
});

it('entries and tiles that agree with each other but not with the checkpoint are not the log', async () => {
  const log = await newLog([2]);
  const others = [utf8('other'), utf8('entries')];
  const bundle = concatenate(others.flatMap((entry) => [Uint8Array.of(0, entry.length), entry]));
  writeFileSync(join(log.path, 'tile/entries/000.p/2'), bundle);
  writeFileSync(join(log.path, 'tile/0/000.p/2'), concatenate(others.map(leafHash)));
  expect(fsck(log.path, log.vkey).bad).toEqual({
    path: 'checkpoint',
    fault: 'it is signed for another tree than entries and tiles make',
  });
});

it('a checkpoint of another log’s key is not this log’s', async () => {
  const [log, other] = [await newLog([2]), await newLog([2])];
  expect(fsck(log.path, other.vkey).bad).toEqual({
    path: 'checkpoint',
    fault: `it is not signed by ${other.vkey.name}+${other.vkey.keyId}`,
  });
});

it('a checkpoint that speaks for another origin is not this log’s', async () => {
  const log = await newLog([0]);
  const { vkey } = log;
  const text = formatCheckpoint({ origin: 'other.example', size: 0, root: emptyRoot(), extensions: [] });
  const signature = new Uint8Array(sign(null, utf8(text), log.key));
  const note = formatNote({ text, signatures: [{ name: vkey.name, keyId: vkey.keyId, signature }] });
  writeFileSync(join(log.path, 'checkpoint'), note);
  expect(fsck(log.path, vkey).bad).toEqual({ path: 'checkpoint', fault: `its origin is not ${vkey.name}` });
});

it('what is there is counted, and its reader told how far it is', async () => {
  const log = await newLog([600]);
  const seen: (readonly [number, number])[] = [];
  const { files } = fsck(log.path, log.vkey, (entries, size) => seen.push([entries, size]));
  expect(files).toBe(logFiles(log.path).length);
  expect(seen).toEqual([
    [256, 600],
    [512, 600],
    [600, 600],
  ]);
});
