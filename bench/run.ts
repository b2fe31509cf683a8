// `npm run bench [-- [--full] [--write] [NAME…]]`: every benchmark, or those named, one after another, and one table of ratios.
//
// What each prints on its way goes to stderr; the table is stdout. `--full` measures the larger sizes, `--write` keeps the table
// in docs/performance.md (and its figures in bench/last-run.json, which a later run of some benchmarks is merged into).
// Exit code 1: a benchmark broke. A missed limit is shown and breaks nothing: it is this machine's.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { arch, cpus, loadavg, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { BENCHES } from './benches.ts';
import type { Handed } from './row.ts';
import { type Machine, type Measured, mergeRuns, type Run, renderRun, withTable } from './table.ts';

const DOCUMENT = join(import.meta.dirname, '../docs/performance.md');
const LAST_RUN = join(import.meta.dirname, 'last-run.json');

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { full: { type: 'boolean', default: false }, write: { type: 'boolean', default: false } },
});
const unknown = positionals.filter((name) => !BENCHES.some((bench) => bench === name));
if (unknown.length > 0) {
  console.error(`no benchmark called ${unknown.join(', ')}; there are: ${BENCHES.join(', ')}`);
  process.exit(2);
}

function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? arch(),
    cores: cpus().length,
    memoryGB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release().split(/[-+]/)[0]} ${arch()}`,
    node: process.versions.node,
  };
}

/** In a process of its own: one's heap and threads are nothing to the next. */
async function run(bench: string): Promise<{ measured: Measured; broke: boolean }> {
  const rows: Handed[] = [];
  const [at, load, started] = [new Date().toISOString(), loadavg()[0]!, performance.now()];
  console.error(`\n== ${bench}`);
  const child = fork(join(import.meta.dirname, `${bench}.ts`), values.full ? [] : ['--small'], {
    stdio: ['ignore', 2, 2, 'ipc'],
  });
  child.on('message', (row) => rows.push(row as Handed));
  const [code, signal] = await once(child, 'close');
  const fault =
    code === 0
      ? rows.length === 0
        ? 'it handed over no row'
        : undefined
      : `it ended with ${code ?? signal}`;
  if (fault !== undefined) rows.push({ what: 'the benchmark broke', skipped: fault });
  const seconds = (performance.now() - started) / 1000;
  return { measured: { bench, at, load, seconds, full: values.full, rows }, broke: fault !== undefined };
}

const benches: Measured[] = [];
const whole: Measured[] = [];
for (const bench of BENCHES) {
  if (positionals.length > 0 && !positionals.includes(bench)) continue;
  const { measured, broke } = await run(bench);
  benches.push(measured);
  if (broke) process.exitCode = 1;
  else whole.push(measured);
}
const machine = describeMachine();
console.log(renderRun({ machine, benches }));
// Of one that broke, what it said before stays.
if (values.write) write({ machine, benches: whole });

function write(now: Run): void {
  const last = existsSync(LAST_RUN) ? (JSON.parse(readFileSync(LAST_RUN, 'utf8')) as Run) : undefined;
  const merged = mergeRuns(last, now, BENCHES);
  const table = renderRun(merged);
  writeFileSync(DOCUMENT, withTable(readFileSync(DOCUMENT, 'utf8'), table));
  writeFileSync(LAST_RUN, `${JSON.stringify(merged, undefined, 2)}\n`);
  console.error(`\nwritten: docs/performance.md, bench/last-run.json`);
}
