// What `qpoe.auto()` costs a Python process: bench/auto.py, in a Python that has Qiskit and Aer.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { findTestPython } from '../test/test-python.ts';
import { median } from './measure.ts';
import { handOver, SMALL, skip } from './row.ts';

const [RUNS, TURN] = SMALL ? [500, 100] : [1000, 100];

interface Measured {
  readonly qubits: number;
  readonly gates: number;
  readonly threads: number | null;
  /** Seconds without and with it, of each pair of turns. */
  readonly turns: readonly (readonly [plain: number, recorded: number])[];
  readonly runs: number;
  /** Seconds, of all turns together, until what they ran was signed and logged. */
  readonly waited: number;
  readonly left: number;
}

function report({ qubits, gates, threads, turns, runs, waited, left }: Measured): void {
  if (left !== 0) throw new Error(`${left} runs were not recorded`);
  const each = (of: readonly number[]): number => (1000 * median(of)) / TURN;
  const plain = each(turns.map(([without]) => without));
  const recorded = each(turns.map(([, with_]) => with_));
  const aer = threads === null ? 'Aer as it comes' : 'Aer with one thread';
  const ratio = median(turns.map(([without, with_]) => with_ / without));
  console.log(
    `${aer}, ${qubits} qubits, ${gates} gates: ${plain.toFixed(2)} ms a run, recorded ${recorded.toFixed(2)} ms: × ${ratio.toFixed(2)}; ${runs} runs were all signed and logged ${waited.toFixed(1)} s later`,
  );
  handOver({
    what: `a run under \`qpoe.auto()\`: ${qubits} qubits, ${gates} gates, 1,000 shots`,
    unit: 'ms',
    ours: recorded,
    peer: { name: `${aer}, without it`, value: plain, ratio },
    ...(threads !== null && { limit: { atMost: 2 } }),
  });
}

const found = await findTestPython('qiskit');
if ('reason' in found) skip('`qpoe.auto()` beside Aer without it', found.reason);
else {
  const home = mkdtempSync(join(tmpdir(), 'qpoe-bench-'));
  try {
    const args = [join(import.meta.dirname, 'auto.py'), String(RUNS), String(TURN)];
    const { status, stdout } = spawnSync(found.python, ['-B', ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
      encoding: 'utf8',
      env: {
        ...process.env,
        PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}`,
        PYTHONPATH: join(import.meta.dirname, '../python'),
        QPOE_HOME: home,
      },
    });
    if (status !== 0) throw new Error(`auto.py exited ${status}`);
    for (const line of stdout.trim().split('\n')) report(JSON.parse(line));
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
