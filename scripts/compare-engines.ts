// Every OpenQASM file of a folder (a public suite, say) on every SDK that is usable here, each pair compared by a G-test:
//     npm run build && node scripts/compare-engines.ts FOLDER [SHOTS] [SDK,SDK,…]

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const [folder, shots = '4096', named] = process.argv.slice(2);
if (folder === undefined)
  throw new Error('usage: node scripts/compare-engines.ts FOLDER [SHOTS] [SDK,SDK,…]');

const BIN = join(import.meta.dirname, '../dist/bin/qpoe.js');
const ENGINES = named?.split(',') ?? usableEngines();
const SMALLEST_EXPECTED = 5;

type Counts = Readonly<Record<string, number>>;

function usableEngines(): string[] {
  const { stdout } = spawnSync(process.execPath, [BIN, 'sdk', 'list', '--json'], { encoding: 'utf8' });
  const { sdks } = JSON.parse(stdout) as { sdks: { name: string; usable: boolean }[] };
  return sdks.filter(({ usable }) => usable).map(({ name }) => name);
}

function runOn(engine: string, file: string, place: string): Counts | string {
  const args = [
    'run',
    join(folder!, file),
    '--sdk',
    engine,
    '--shots',
    shots,
    '--home',
    join(place, 'home'),
    '--store',
    join(place, 'store'),
    '--json',
    '-q',
  ];
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, ...args], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  return status === 0 ? JSON.parse(stdout).record.execution.result_summary[0].counts : stderr.trim();
}

/** Of two samples the probability of a G at least as large, were they of one distribution; rare outcomes are pooled. */
function gTest(a: Counts, b: Counts): number {
  const cells = [...new Set([...Object.keys(a), ...Object.keys(b)])].map(
    (key) => [a[key] ?? 0, b[key] ?? 0] as const,
  );
  const [sumA, sumB] = [0, 1].map((side) => cells.reduce((sum, cell) => sum + cell[side]!, 0)) as [
    number,
    number,
  ];
  const expected = (cell: readonly [number, number], total: number): number =>
    ((cell[0] + cell[1]) * total) / (sumA + sumB);
  const isRare = (cell: readonly [number, number]): boolean =>
    expected(cell, Math.min(sumA, sumB)) < SMALLEST_EXPECTED;
  const pool = cells.filter(isRare).reduce<[number, number]>(([m, n], [x, y]) => [m + x, n + y], [0, 0]);
  const table = [...cells.filter((cell) => !isRare(cell)), pool].filter(([m, n]) => m + n > 0);
  const term = (seen: number, wanted: number): number => (seen === 0 ? 0 : seen * Math.log(seen / wanted));
  const g =
    2 *
    table.reduce(
      (sum, cell) => sum + term(cell[0], expected(cell, sumA)) + term(cell[1], expected(cell, sumB)),
      0,
    );
  return table.length < 2 ? 1 : upperGamma((table.length - 1) / 2, g / 2);
}

/** The regularized upper incomplete gamma function Q(a, x) (DLMF 8.7.1 and 8.9.2). */
function upperGamma(a: number, x: number): number {
  if (x <= 0) return 1;
  const front = Math.exp(-x + a * Math.log(x) - logGamma(a));
  if (x < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let n = 1; n < 10_000 && term > sum * 1e-16; n++) sum += term *= x / (a + n);
    return 1 - front * sum;
  }
  let fraction = 0;
  for (let n = 5000; n > 0; n--) fraction = (n * (a - n)) / (x + 2 * n + 1 - a + fraction);
  return front / (x + 1 - a + fraction);
}

/** Stirling's series (DLMF 5.11.1), after stepping up to where it is good. */
function logGamma(a: number): number {
  let shift = 0;
  let x = a;
  for (; x < 12; x++) shift -= Math.log(x);
  return (
    shift + (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + 1 / (12 * x) - 1 / (360 * x ** 3)
  );
}

const place = mkdtempSync(join(tmpdir(), 'qpoe-engines-'));
try {
  let files = 0;
  let compared = 0;
  let smallest = 1;
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.qasm'))) {
    const ran = new Map<string, Counts>();
    for (const engine of ENGINES) {
      const result = runOn(engine, file, place);
      if (typeof result === 'string') console.log(`refused  ${file} by ${engine}: ${result}`);
      else ran.set(engine, result);
    }
    const pairs = [...ran].flatMap(([a, m], index) =>
      [...ran].slice(index + 1).map(([b, n]) => ({ names: `${a}/${b}`, p: gTest(m, n) })),
    );
    compared += pairs.length;
    if (pairs.length === 0) continue;
    const least = pairs.reduce((low, pair) => (pair.p < low.p ? pair : low));
    smallest = Math.min(smallest, least.p);
    files++;
    console.log(`ran      ${file} on ${ran.size}: smallest p ${least.p.toPrecision(2)} (${least.names})`);
  }
  console.log(
    `${files} files on ${ENGINES.join(', ')}; smallest p of ${compared} pairs ${smallest.toPrecision(2)}`,
  );
} finally {
  rmSync(place, { recursive: true, force: true });
}
