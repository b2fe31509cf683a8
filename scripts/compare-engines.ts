// Every OpenQASM file of a folder (a public suite, say) on every SDK that is usable here, each pair compared by a G-test:
//     npm run build && node scripts/compare-engines.ts FOLDER [SHOTS] [SDK,SDK,…]

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testSamples } from '../src/statistics/g-test.ts';
import { alignSamples } from '../src/statistics/samples.ts';

const [folder, shots = '4096', named] = process.argv.slice(2);
if (folder === undefined)
  throw new Error('usage: node scripts/compare-engines.ts FOLDER [SHOTS] [SDK,SDK,…]');

const BIN = join(import.meta.dirname, '../dist/bin/qpoe.js');
const ENGINES = named?.split(',') ?? usableEngines();

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

/** How often shots of one distribution are as far apart; 1 where there are too few of them to tell, or one outcome alone. */
function tellApart(a: Counts, b: Counts): number {
  const samples = alignSamples(new Map(Object.entries(a)), new Map(Object.entries(b)));
  return testSamples(samples.a, samples.b)?.p ?? 1;
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
      [...ran].slice(index + 1).map(([b, n]) => ({ names: `${a}/${b}`, p: tellApart(m, n) })),
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
