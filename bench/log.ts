// The log beside the real Tessera (its POSIX reference log) on the same disk, in one run; and how it grows:
//
//     node bench/log.ts [--to 10000000]
//
// Go has to be there for Tessera, and strace for the files read. Durable entries only: Tessera's count once they are published.

import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Bytes } from '../src/core/bytes.ts';
import { homeAt } from '../src/store/home.ts';
import { createLog, type OpenLog } from '../src/store/log.ts';
import { appendToLog } from '../src/store/log-append.ts';
import { proveInclusion } from '../src/store/log-read.ts';
import { goTool } from '../test/slow/tools.ts';
import { startTessera, TESSERA_POSIX } from '../test/tessera.ts';
import { growthOfRates, type Handed, handOver, skip } from './row.ts';

/** As long as a hashedrekord entry. */
const ENTRY_BYTES = 700;
const TIMED_MS = 3_000;
const IN_FLIGHT = 2048;

const { values } = parseArgs({
  options: {
    to: { type: 'string', default: '1000000' },
    grow: { type: 'boolean', default: false },
    small: { type: 'boolean', default: false },
  },
});
const root = mkdtempSync(join(tmpdir(), 'qpoe-bench-log-'));
const seconds = (since: number) => (performance.now() - since) / 1000;
const number = (value: number) => Math.round(value).toLocaleString('en');

let made = 0;
function newEntry(): Bytes {
  const entry = new Uint8Array(ENTRY_BYTES).fill(97);
  entry.set(new TextEncoder().encode(`entry ${made++} `));
  return entry;
}

function newLog(name: string): OpenLog {
  const store = join(root, name, 'store');
  mkdirSync(store, { recursive: true });
  return createLog({
    path: join(store, 'log'),
    home: homeAt(join(root, name, 'home')),
    passphrase: undefined,
  });
}

/** Entries a second, with this many callers that each wait for their entry before they bring the next. */
async function measure(add: (entry: Bytes) => Promise<unknown>, callers: number): Promise<number> {
  const start = performance.now();
  let count = 0;
  const call = async () => {
    while (performance.now() - start < TIMED_MS) {
      await add(newEntry());
      count++;
    }
  };
  await Promise.all(Array.from({ length: callers }, call));
  return count / seconds(start);
}

function bytesBelow(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((total, entry) => total + statSync(join(entry.parentPath, entry.name)).size, 0);
}

async function besideTessera(): Promise<void> {
  const log = newLog('ours');
  const ours = (entry: Bytes) => appendToLog(log, [entry]);
  const tool = goTool(TESSERA_POSIX);
  const tessera = 'path' in tool ? await startTessera(tool.path, join(root, 'tessera')) : undefined;
  for (const [who, callers] of [
    ['one at a time', 1],
    [`${IN_FLIGHT} callers`, IN_FLIGHT],
  ] as const) {
    const what = `durable entries, ${who}`;
    const theirs = tessera && (await measure(tessera.add, callers));
    const rate = await measure(ours, callers);
    console.log(
      `${what}: qpoe ${number(rate)}/s, Tessera ${theirs === undefined ? '-' : `${number(theirs)}/s`}`,
    );
    if (theirs !== undefined)
      handOver({
        what,
        unit: '/s',
        ours: rate,
        peer: { name: "Tessera's POSIX log", value: theirs },
        limit: { atLeast: 1 },
      });
  }
  tessera?.stop();
  if ('reason' in tool) skip("durable entries beside Tessera's POSIX log", tool.reason);
  const { size } = await appendToLog(log, []);
  const start = performance.now();
  let proofs = 0;
  for (; performance.now() - start < TIMED_MS / 5; proofs++)
    proveInclusion(log.path, Math.floor(Math.random() * size), size);
  console.log(`inclusion proofs/s in a log of ${number(size)}: ${number(proofs / seconds(start))}`);
  const index = statSync(join(log.path, '../log-index.sqlite')).size;
  console.log(
    `bytes an entry of ${ENTRY_BYTES}: ${(bytesBelow(log.path) / size).toFixed(1)}, and ${(index / size).toFixed(1)} in the index`,
  );
}

/** The files that one call opens for reading in the log, by strace. */
function filesRead(log: OpenLog, size: number, work: string): string {
  const script = `
    const { proveConsistency, proveInclusion } = await import('${join(import.meta.dirname, '../src/store/log-read.ts')}');
    const { appendToLog } = await import('${join(import.meta.dirname, '../src/store/log-append.ts')}');
    const { readLogKey } = await import('${join(import.meta.dirname, '../src/store/log-key.ts')}');
    const home = { path: ${JSON.stringify(join(log.folder, '../..'))} };
    const path = ${JSON.stringify(log.path)}, size = ${size};
    const log = { path, ...readLogKey(home, ${JSON.stringify(log.vkey.name)}) };
    ${work}`;
  const trace = join(root, 'trace');
  const { status, stderr, error } = spawnSync(
    'strace',
    ['-f', '-qqq', '-e', 'trace=openat', '-o', trace, process.execPath, '--input-type=module', '-e', script],
    { encoding: 'utf8' },
  );
  if (error !== undefined) return '-';
  if (status !== 0) throw new Error(stderr);
  const opened = readFileSync(trace, 'utf8').split('\n');
  const inLog = opened.filter((line) => line.includes(`${log.path}/`) && !line.includes('ENOENT'));
  return String(
    inLog.filter(
      (line) => !/O_WRONLY|O_RDWR|O_DIRECTORY/.test(line) && /\/(?:tile\/.*\d|checkpoint)"/.test(line),
    ).length,
  );
}

async function grow(): Promise<void> {
  const log = newLog('growing');
  console.log(
    'entries     append/s  files read: append, inclusion, consistency   peak memory   index bytes/entry',
  );
  let size = 0;
  let first: number | undefined;
  let fewest: number | undefined;
  for (let target = 10_000; target <= Number(values.to); target *= 10) {
    const start = performance.now();
    const before = size;
    while (size < target) {
      const entries = Array.from({ length: Math.min(2048, target - size) }, newEntry);
      ({ size } = await appendToLog(log, entries));
    }
    const rate = (size - before) / seconds(start);
    first ??= rate;
    handOver({
      what: `entries appended to a log that grows to ${number(target)}`,
      unit: '/s',
      ours: rate,
      ...(target > 10_000 && {
        peer: { name: 'ours, to 10,000', value: first },
        growth: growthOfRates('the log', [10_000, target], [first, rate]),
      }),
    });
    const reads = [
      `await appendToLog(log, [new Uint8Array(${ENTRY_BYTES}).fill(${String(target).length})]);`,
      'proveInclusion(path, Math.floor(size / 3), size);',
      'proveConsistency(path, Math.floor(size / 3), size);',
    ].map((work) => filesRead(log, size, work));
    const proofReads = Number(reads[1]);
    if (Number.isNaN(proofReads))
      skip(`files read for an inclusion proof, of ${number(target)}`, 'no strace');
    else {
      fewest ??= proofReads;
      handOver({
        what: `read for an inclusion proof from a log of ${number(target)}`,
        unit: 'files',
        ours: proofReads,
        limit: { atMost: 8 },
        ...(target > 10_000 && {
          growth: { of: 'the log', by: target / 10_000, cost: proofReads / fewest },
        }),
      });
    }
    size++;
    const memory = process.resourceUsage().maxRSS / 1024;
    const index = statSync(join(log.path, '../log-index.sqlite')).size / size;
    console.log(
      `${number(target).padEnd(11)} ${number(rate).padStart(8)}  ${reads.map((count) => count.padStart(9)).join(' ')}   ${number(memory)} MB   ${index.toFixed(1)}`,
    );
  }
}

try {
  if (values.grow) await grow();
  else {
    console.log(`Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model}, ${root}`);
    await besideTessera();
    // In a process of its own, whose memory is the log's.
    const child = fork(import.meta.filename, ['--grow', '--to', values.to]);
    child.on('message', (row) => handOver(row as Handed));
    const [code] = await once(child, 'close');
    if (code !== 0) throw new Error(`--grow ended with ${code}`);
  }
} finally {
  rmSync(root, { recursive: true, force: true });
}
