/** Appends to the log, killed or refused at every system call with which they read and write: nothing acknowledged is ever lost. */

import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { utf8 } from '../../src/core/bytes.ts';
import { homeAt } from '../../src/store/home.ts';
import { createLog, hasLog, openLog } from '../../src/store/log.ts';
import { appendToLog } from '../../src/store/log-append.ts';
import { openSignedCheckpoint, type SignedCheckpoint } from '../../src/store/log-checkpoint.ts';
import { fsck } from '../../src/store/log-fsck.ts';
import { logVkeys } from '../../src/store/log-key.ts';
import { proveConsistency, readCheckpoint, readEntry } from '../../src/store/log-read.ts';
import { findConsistencyFault } from '../../src/tlog/merkle.ts';
import { entriesFrom } from '../log-place.ts';
import { TESSERA_FSCK, tesseraFault } from '../tessera.ts';
import { goTool } from './tools.ts';

const hasStrace = spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0;
const tessera = goTool(TESSERA_FSCK);

const root = mkdtempSync(join(tmpdir(), 'qpoe-log-crash-'));
const appender = join(root, 'appender.mjs');
const run = join(root, 'run');
const trace = join(root, 'trace');
const placeOf = (folder: string) => ({
  path: join(folder, 'store/log'),
  home: homeAt(join(folder, 'home')),
  passphrase: undefined,
});
const place = placeOf(run);

const CALLS = [
  'openat',
  'mkdir',
  'write',
  'pwrite64',
  'fsync',
  'ftruncate',
  'rename',
  'unlink',
  'unlinkat',
  'rmdir',
];

/** Two tiles short of a full one: the appends fill it, begin another, and remove what the full one takes the place of. */
const SIZE = 254;
const APPENDS = 3;
/** From nothing, which makes the key and the log first; and from a log with entries. */
const STARTS = { nothing: 2, log: APPENDS } as const;
type Start = keyof typeof STARTS;

async function prepare(): Promise<void> {
  buildSync({
    entryPoints: [join(import.meta.dirname, '../log-appender.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: appender,
  });
  for (const start of Object.keys(STARTS)) mkdirSync(join(root, start, 'store'), { recursive: true });
  const log = createLog(placeOf(join(root, 'log')));
  await appendToLog(log, entriesFrom(0, 100));
  await appendToLog(log, entriesFrom(100, SIZE - 100));
}

/** @param fault what strace does to the call, and to which */
function append(start: Start, call: string, fault?: string) {
  rmSync(run, { recursive: true, force: true });
  cpSync(join(root, start), run, { recursive: true });
  const inject = fault === undefined ? [] : ['-e', `inject=${call}:${fault}`];
  const command = [process.execPath, appender, place.path, place.home.path, 'new', String(STARTS[start])];
  const options = ['-f', '-y', '-qqq', '-o', trace, '-e', `trace=${call}`, ...inject];
  return spawnSync('strace', [...options, ...command], { encoding: 'utf8' });
}

/** The numbers of a call from the first on that is about our files, and which are. strace counts in each thread by itself. */
function findPoints(
  start: Start,
  call: string,
): readonly { readonly when: number; readonly ours: boolean }[] {
  expect(append(start, call).status).toBe(0);
  const threads = Map.groupBy(readFileSync(trace, 'utf8').trim().split('\n'), (line) => line.split(' ')[0]);
  const ours = new Set<number>();
  for (const lines of threads.values())
    for (const [i, line] of lines.filter((line) => line.includes(`${call}(`)).entries())
      if (line.includes(run)) ours.add(i + 1);
  const [first, last] = [Math.min(...ours), Math.max(...ours)];
  return ours.size === 0
    ? []
    : Array.from({ length: last - first + 2 }, (_, i) => ({ when: first + i, ours: ours.has(first + i) }));
}

/** What the next person finds. @returns how many entries were acknowledged */
async function expectSound(start: Start, stdout: string, about: string): Promise<number> {
  const acknowledged = stdout.split('\n').flatMap((line) => (line === '' ? [] : [line.split(' ')]));
  if (!hasLog(place.path)) {
    expect([start, acknowledged], about).toEqual(['nothing', []]);
    createLog(place);
    return 0;
  }
  const origin = readFileSync(join(place.path, 'checkpoint'), 'utf8').split('\n')[0];
  const vkey = logVkeys(place.home).find(({ name }) => name === origin)!;
  const seen: SignedCheckpoint[] = [];
  const see = () => seen.push(openSignedCheckpoint(readCheckpoint(place.path), vkey).value!);
  see();
  expect(fsck(place.path, vkey).bad, about).toBeUndefined();
  const log = openLog(place);
  see();
  for (const [entry, index] of acknowledged)
    expect(readEntry(place.path, Number(index)), about).toEqual(utf8(entry!));
  const entries = acknowledged.map(([entry]) => utf8(entry!));
  const { indexes } = await appendToLog(log, [...entries, utf8('after')]);
  expect(indexes.slice(0, -1), about).toEqual(
    acknowledged.map(([, index]) => ({ index: Number(index), existed: true })),
  );
  see();
  expectOneTree(seen, about);
  expect(fsck(place.path, vkey), about).toMatchObject({ bad: undefined, unpublished: [] });
  if ('path' in tessera) expect(tesseraFault(tessera.path, place.path, vkey), about).toBeUndefined();
  return acknowledged.length;
}

function expectOneTree(seen: readonly SignedCheckpoint[], about: string): void {
  for (const [i, newer] of seen.entries())
    for (const older of seen.slice(0, i)) {
      if (older.size === 0) continue;
      const sizes = { oldSize: older.size, newSize: newer.size, oldRoot: older.root, newRoot: newer.root };
      const proof = proveConsistency(place.path, older.size, newer.size);
      expect(findConsistencyFault(sizes, proof), about).toBeUndefined();
    }
}

/** Whether it hit our files, and nothing else: no disk makes a thread's own wake-up call fail. */
function wasInjected(): boolean {
  const hits = readFileSync(trace, 'utf8')
    .split('\n')
    .filter((line) => line.includes('INJECTED'));
  return hits.length > 0 && hits.every((line) => line.includes(run));
}

const suite = hasStrace ? 'a log' : 'a log (skipped: no strace)';
describe.skipIf(!hasStrace).each(Object.keys(STARTS) as Start[])(`${suite} appended to, from %s`, (start) => {
  beforeAll(async () => {
    if (start === 'nothing') await prepare();
  });
  afterAll(() => {
    if (start === 'log') rmSync(root, { recursive: true, force: true });
  });

  it.each(CALLS)('by a writer killed at each %s keeps every acknowledged entry', async (call) => {
    let points = 0;
    let kept = 0;
    for (const { when } of findPoints(start, call)) {
      const { stdout, signal } = append(start, call, `signal=KILL:when=${when}`);
      if (signal !== 'SIGKILL') continue;
      kept += await expectSound(start, stdout, `killed at ${call} ${when}`);
      points++;
    }
    console.log(`${start}: killed at ${points} calls of ${call}, ${kept} entries acknowledged, 0 lost`);
  });

  it.each([
    ['EIO', '', CALLS],
    ['ENOSPC', '', ['openat', 'mkdir', 'write', 'pwrite64', 'fsync']],
    ['ENOSPC', ' from there on', ['mkdir', 'pwrite64', 'fsync']],
    ['EACCES', '', ['openat', 'mkdir', 'rename', 'unlink', 'unlinkat']],
    ['EACCES', ' from there on', ['mkdir', 'rename', 'unlink', 'unlinkat']],
  ])(
    'by a writer that gets %s%s says so and keeps every acknowledged entry',
    async (error, lasting, calls) => {
      let points = 0;
      let kept = 0;
      let told = 0;
      for (const call of calls)
        for (const { when, ours } of findPoints(start, call)) {
          if (!ours) continue;
          const fault = `error=${error}:when=${when}${lasting && '+'}`;
          const { stdout, stderr, status } = append(start, call, fault);
          if (!wasInjected()) continue;
          const about = `${error} at ${call} ${when}: ${stderr}`;
          expect([0, 4], about).toContain(status);
          const lines = stderr.split('\n').slice(0, -1);
          expect(lines.length > 0, about).toBe(status === 4);
          expect(lines.length, about).toBeLessThanOrEqual(lasting ? STARTS[start] : 1);
          kept += await expectSound(start, stdout, about);
          points++;
          if (status === 4) told++;
        }
      console.log(
        `${start}: ${error}${lasting} at ${points} calls, ${told} told, ${kept} entries acknowledged, 0 lost`,
      );
    },
  );
});
