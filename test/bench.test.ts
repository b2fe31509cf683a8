/** The table of `npm run bench`, and that no benchmark is left out of it. */

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { BENCHES } from '../bench/benches.ts';
import type { Row } from '../bench/row.ts';
import { growthOfRates, isMissed, ratioOf } from '../bench/row.ts';
import { type Measured, mergeRuns, type Run, renderRun, tableIn, withTable } from '../bench/table.ts';

const folder = join(import.meta.dirname, '../bench');
const read = (name: string): string => readFileSync(join(folder, name), 'utf8');

const machine = { cpu: 'A CPU', cores: 2, memoryGB: 16, system: 'Linux 6.1.0 x64', node: '24.15.0' };

function measured(bench: string, ...rows: Measured['rows']): Measured {
  return { bench, at: '2026-11-22T10:00:00.000Z', load: 0.25, seconds: 12.3, full: false, rows };
}

const slow: Row = {
  what: 'verified',
  unit: '/s',
  ours: 1234.5,
  peer: { name: 'raw', value: 5000 },
  limit: { atLeast: 0.5 },
  growth: growthOfRates('records', [100, 1000], [50, 25]),
};
const own: Row = {
  what: 'one',
  unit: 'ms',
  ours: 52.34,
  peer: { name: 'node', value: 20, ratio: 2.6 },
  limit: { atMost: 3 },
};
const alone: Row = { what: 'memory', unit: 'MB', ours: 301, limit: { atMost: 300 } };

it('a row is ours, its peer, their ratio, its limit, and how it grows', () => {
  const run = { machine, benches: [measured('verify', slow, own, alone), measured('log')] };
  expect(renderRun(run)).toBe(`2 × A CPU, 16 GB, Linux 6.1.0 x64, Node 24.15.0

| bench | what | ours | peer, in the same run | ratio | limit | as it grows |
| --- | --- | --: | --- | --: | --- | --- |
| verify | verified | 1,235/s | raw: 5,000/s | 0.247 | ≥ 0.5, **missed** | 10 × records: 20 × the cost |
| verify | one | 52.3 ms | node: 20 ms | 2.6 | ≤ 3 |  |
| verify | memory | 301 MB |  |  | ≤ 300, **missed** |  |

When, how long, and the machine's load before: verify 2026-11-22 10:00, 12 s, 0.3; log 2026-11-22 10:00, 12 s, 0.3.`);
});

it('a limit is of the ratio, and without a peer of the figure; what is no number misses it', () => {
  expect([slow, own, alone].map(ratioOf)).toEqual([0.2469, 2.6, undefined]);
  expect([slow, own, alone].map(isMissed)).toEqual([true, false, true]);
  expect(isMissed({ ...own, limit: { atMost: 2.6 } })).toBe(false);
  expect(isMissed({ ...alone, ours: Number.NaN })).toBe(true);
  const { limit: _, ...unlimited } = slow;
  expect(isMissed(unlimited)).toBe(false);
});

it('a peer that is not there is a row with its reason, in one line', () => {
  const run = { machine, benches: [measured('log', { what: 'Tessera', skipped: 'no go\n| in PATH' })] };
  expect(renderRun(run)).toContain('| log | Tessera |  | skipped: no go \\| in PATH |  |  |  |\n');
});

it('a later run replaces what it measured again, of the same machine alone', () => {
  const last: Run = {
    machine,
    benches: [measured('verify', slow), measured('gone', slow), measured('log', own)],
  };
  const now: Run = { machine, benches: [measured('log', alone), measured('auto', own)] };
  const order = ['auto', 'verify', 'log'];
  expect(mergeRuns(last, now, order).benches).toEqual([
    measured('auto', own),
    measured('verify', slow),
    measured('log', alone),
  ]);
  const elsewhere = { ...now, machine: { ...machine, cores: 4 } };
  expect(mergeRuns(last, elsewhere, order)).toEqual({ ...elsewhere, benches: now.benches.toReversed() });
  expect(mergeRuns(undefined, now, order).benches).toHaveLength(2);
});

it('the table replaces the last one in its place, and nothing else', () => {
  const document = readFileSync(join(folder, '../docs/performance.md'), 'utf8');
  const written = withTable(document, 'a table');
  expect(tableIn(written)).toBe('a table');
  expect(withTable(written, tableIn(document))).toBe(document);
  expect(() => withTable('# Performance\n', 'a table')).toThrow('no place for the table');
});

it('docs/performance.md has the table of the last run as the script wrote it, with every benchmark', () => {
  const last = JSON.parse(read('last-run.json')) as Run;
  expect(tableIn(readFileSync(join(folder, '../docs/performance.md'), 'utf8'))).toBe(renderRun(last));
  expect(last.benches.map(({ bench }) => bench)).toEqual(BENCHES);
  for (const { bench, rows } of last.benches) expect(rows, bench).not.toEqual([]);
});

it('a benchmark that breaks is a row and exit code 1, and an unknown name is refused', () => {
  const run = (name: string) =>
    spawnSync(process.execPath, [join(folder, 'run.ts'), name], {
      encoding: 'utf8',
      env: { ...process.env, TMPDIR: join(folder, 'run.ts') },
    });
  const broken = run('verify');
  expect([broken.status, broken.stdout]).toEqual([
    1,
    expect.stringContaining('| verify | the benchmark broke |  | skipped: it ended with 1 |'),
  ]);
  expect(run('nosuch')).toMatchObject({
    status: 2,
    stdout: '',
    stderr: expect.stringContaining('no benchmark called nosuch; there are: verify,'),
  });
});

it.each([
  'Ed25519',
  'P-256',
  'ML-DSA-65',
  '@sigstore/verify',
  'verify_record.py',
  "AIIR's Python verifier",
  "AIIR's JavaScript SDK",
  'Tessera',
  '@ethereumjs/mpt',
  'ProofRecord.submit',
  'Cirq',
  'Aer',
  'QDK',
  'HTTP requests',
  'node -e 0',
])('%s is a peer, measured or skipped by name', (peer) => {
  const { benches } = JSON.parse(read('last-run.json')) as Run;
  const texts = benches.flatMap(({ rows }) =>
    rows.map((row) => ('skipped' in row ? row.what : (row.peer?.name ?? ''))),
  );
  expect(texts.some((text) => text.includes(peer))).toBe(true);
});

it('every file of bench/ is a registered benchmark that hands rows over, or is used by one', () => {
  const files = readdirSync(folder).filter((name) => /\.(ts|py|sol)$/.test(name));
  const registered = BENCHES.map((bench) => `${bench}.ts`);
  expect(files).toEqual(expect.arrayContaining(registered));
  for (const name of registered) expect(read(name), name).toMatch(/\bhandOver\(/);
  const reached = new Set(['run.ts', ...registered]);
  // A set is walked to its end, also to what is added on the way.
  for (const name of reached) for (const other of files) if (read(name).includes(other)) reached.add(other);
  expect([...reached].sort()).toEqual(files.sort());
});
