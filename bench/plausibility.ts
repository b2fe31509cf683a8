// How often `verify --plausibility` accuses honest records, and how much of the counts must be moved before it sees it:
// `node bench/plausibility.ts` prints the tables of docs/plausibility.md. All of it is seeded: it prints the same everywhere.

import { type Circuit, circuitBytes, circuitDigest } from '../src/circuit/circuit.ts';
import { buildWorkload, findWorkload } from '../src/circuit/workloads.ts';
import { digestOf } from '../src/core/digest.ts';
import { type PythonRandom, pythonRandom } from '../src/core/python-random.ts';
import { makeRecord } from '../src/record/record.ts';
import { summarizeCounts } from '../src/record/result.ts';
import type { ExecutionRecord } from '../src/record/schema.ts';
import { findIdealDistribution, type IdealDistribution, keyOf } from '../src/simulator/ideal-distribution.ts';
import { sampleCounts } from '../src/simulator/sampler.ts';
import { SIGNIFICANCE } from '../src/statistics/significance.ts';
import { judgePlausibility } from '../src/verify/plausibility.ts';
import { handOver, SMALL } from './row.ts';

const HONEST = SMALL ? 2000 : 10_000;
const SHOTS = [1, 10, 100, 1000, 10_000] as const;
const TRIALS = SMALL ? 40 : 200;
const AT = '2026-11-22T00:00:00.000Z';
const ID = '019aa000-0000-7000-8000-000000000000';

type Counts = ReadonlyMap<string, number>;

const family = findWorkload('clifford_t_sampling')!;
const toy = findWorkload('toy-param-circuit')!;

/** From one qubit to ten, and from circuits with one outcome to ones with all. */
function someCircuit(seed: number): Circuit {
  const n_qubits = 1 + (seed % 10);
  const depth = 1 + (Math.floor(seed / 10) % 12);
  return seed % 3 === 0
    ? buildWorkload(toy, { n_qubits, depth, theta: 0.1 + (seed % 31) / 10 })
    : buildWorkload(family, { n_qubits, depth, seed });
}

async function recordOf(circuit: Circuit, all: readonly Counts[], shots: number): Promise<ExecutionRecord> {
  const program = { circuit: circuitDigest(circuit), values: {}, shots };
  const results = all.map((counts) => summarizeCounts(counts, circuit.bits, 2 ** 20).result);
  return makeRecord(
    {
      workload: {
        name: 'job',
        sdk: 'simulator',
        parameters: {},
        shots: shots * all.length,
        programs: all.map(() => program),
      },
      execution: {
        class: 'executed',
        backend: 'statevector',
        started_at: AT,
        finished_at: AT,
        bit_order: 'c[n-1]..c[0]',
        result_summary: results,
        result_digest: digestOf(circuitBytes(circuit)),
        environment: {},
        seeding: {},
        job: {},
        calibration: {},
        executed_circuits: [],
        timing: {},
        mitigation: {},
      },
    },
    ID,
    AT,
  );
}

const isAccused = async (circuit: Circuit, all: readonly Counts[], shots: number): Promise<boolean> =>
  judgePlausibility(await recordOf(circuit, all, shots), () => circuitBytes(circuit)).status === 'fail';

const percent = (part: number, of: number): string => `${((100 * part) / of).toFixed(2)} %`;

async function falseAlarms(): Promise<void> {
  console.log('| shots | honest records | accused | rate |\n| --: | --: | --: | --: |');
  let accused = 0;
  for (const [at, shots] of SHOTS.entries()) {
    let here = 0;
    for (let round = 0; round < HONEST / SHOTS.length; round++) {
      const circuit = someCircuit(round * SHOTS.length + at);
      if (await isAccused(circuit, [sampleCounts(circuit, shots, round)], shots)) here++;
    }
    accused += here;
    console.log(
      `| ${shots} | ${HONEST / SHOTS.length} | ${here} | ${percent(here, HONEST / SHOTS.length)} |`,
    );
  }
  console.log(`| all | ${HONEST} | ${accused} | ${percent(accused, HONEST)} |`);
  handOver({
    what: `of ${HONEST.toLocaleString('en')} honest records accused`,
    unit: '%',
    ours: (100 * accused) / HONEST,
    peer: { name: 'the significance that is claimed', value: 100 * SIGNIFICANCE },
    limit: { atMost: 2 },
  });
}

async function manyPrograms(): Promise<void> {
  const [records, programs, shots] = [500, 20, 1000];
  let accused = 0;
  for (let round = 0; round < records; round++) {
    const circuit = someCircuit(round);
    const all = Array.from({ length: programs }, (_, at) => sampleCounts(circuit, shots, round, at));
    if (await isAccused(circuit, all, shots)) accused++;
  }
  console.log(
    `\n${records} honest records of ${programs} programs each, ${shots} shots a program: ${accused} accused, ${percent(accused, records)}.`,
  );
}

/** Takes a fraction of the shots from the likeliest outcome and the next ones, and gives them to one other that the circuit can give. */
function move(counts: Counts, ideal: IdealDistribution, fraction: number, random: PythonRandom): Counts {
  const shots = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const possible = [...ideal.probabilities.keys()].filter((at) => ideal.probabilities[at]! > 1e-6);
  const target = keyOf(random.choice(possible), ideal);
  const moved = new Map(counts);
  let left = Math.round(fraction * shots);
  for (const [key, count] of [...counts].sort(([, a], [, b]) => b - a)) {
    if (key === target) continue;
    const taken = Math.min(count, left);
    left -= taken;
    if (taken === count) moved.delete(key);
    else moved.set(key, count - taken);
    moved.set(target, (moved.get(target) ?? 0) + taken);
    if (left === 0) break;
  }
  return moved;
}

/** Each shot is replaced by any outcome at all, with the probability `strength`. */
function depolarize(
  counts: Counts,
  ideal: IdealDistribution,
  strength: number,
  random: PythonRandom,
): Counts {
  const noisy = new Map<string, number>();
  const all = [...ideal.probabilities.keys()];
  for (const [key, count] of counts)
    for (let shot = 0; shot < count; shot++) {
      const outcome = random.random() < strength ? keyOf(random.choice(all), ideal) : key;
      noisy.set(outcome, (noisy.get(outcome) ?? 0) + 1);
    }
  return noisy;
}

type Change = typeof move;

async function power(change: Change, fractions: readonly number[]): Promise<void> {
  console.log(`| qubits | shots | ${fractions.map((fraction) => `${100 * fraction} %`).join(' | ')} |`);
  console.log(`| --: | --: | ${fractions.map(() => '--:').join(' | ')} |`);
  for (const qubits of [2, 4, 6, 8, 10])
    for (const shots of [100, 1000, 10_000]) {
      const seen = await Promise.all(
        fractions.map((fraction) => detections(qubits, shots, fraction, change)),
      );
      console.log(
        `| ${qubits} | ${shots} | ${seen.map((count) => `${Math.round((100 * count) / TRIALS)} %`).join(' | ')} |`,
      );
    }
}

/** Of circuits that give all outcomes, none alike: where nothing is impossible, only the distribution can tell. */
async function detections(qubits: number, shots: number, fraction: number, change: Change): Promise<number> {
  const random = pythonRandom(qubits * 1_000_003 + shots);
  let seen = 0;
  for (let trial = 0; trial < TRIALS; trial++) {
    const circuit = buildWorkload(toy, { n_qubits: qubits, depth: 4, theta: 0.4 + (trial % 20) / 40 });
    const ideal = findIdealDistribution(circuit, { left: 2 ** 30 });
    if (typeof ideal === 'string') throw new Error(ideal);
    const counts = change(sampleCounts(circuit, shots, trial), ideal, fraction, random);
    if (await isAccused(circuit, [counts], shots)) seen++;
  }
  return seen;
}

console.log(
  `Threshold ${SIGNIFICANCE}, by Holm's rule. Honest records of the embedded simulator, 1 to 10 qubits, 1 to 12 layers:\n`,
);
await falseAlarms();
await manyPrograms();
console.log(
  `\nA fraction of the shots moved to one other outcome, which the circuit can give; seen in so many of ${TRIALS}:\n`,
);
await power(move, [0, 0.01, 0.02, 0.05, 0.1, 0.2]);
console.log(`\nDepolarized by a strength; seen in so many of ${TRIALS}:\n`);
await power(depolarize, [0, 0.01, 0.02, 0.05, 0.1, 0.2]);
