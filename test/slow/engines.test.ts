/** Every SDK against every other: one circuit, its seeds, random programs, and expectation values. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type Circuit,
  conditional,
  gate,
  measure,
  measureAll,
  type Operation,
} from '../../src/circuit/circuit.ts';
import { GATES, type GateName } from '../../src/circuit/gates.ts';
import { emitOpenQasm3 } from '../../src/circuit/openqasm3.ts';
import type { ExecutionRecord } from '../../src/record/schema.ts';
import { findExpectations } from '../../src/sdk/expectation-values.ts';
import { isPythonSdkName } from '../../src/sdk/python-sdk-names.ts';
import { findSdk } from '../../src/sdk/registry.ts';
import type { Sdk } from '../../src/sdk/sdk.ts';
import { SDK_NAMES } from '../../src/sdk/sdk-names.ts';
import { simulatorSdk } from '../../src/sdk/simulator.ts';
import { newPlace, type Place, placeIn } from '../cli.ts';
import { cacheDir, findTestPython } from '../test-python.ts';

const limits = { timeoutMs: 600_000, signal: new AbortController().signal };

interface Engine {
  readonly name: string;
  readonly sdk: Sdk;
  readonly reason?: string;
}

async function findEngine(name: string): Promise<Engine> {
  const found: { python?: string; reason?: string } = isPythonSdkName(name) ? await findTestPython(name) : {};
  const sdk = findSdk(name, { cacheDir, python: found.python });
  if (found.reason !== undefined) return { name, sdk, reason: found.reason };
  const status = await sdk.status();
  return status.usable ? { name, sdk } : { name, sdk, reason: status.reason };
}

const engines: Engine[] = [];
for (const name of SDK_NAMES) engines.push(await findEngine(name));
const title = ({ name, reason }: Engine) => (reason === undefined ? name : `${name} (skipped: ${reason})`);

type Counts = ReadonlyMap<string, number>;

function distance(a: Counts, b: Counts, shots: number): number {
  const keys = new Set([...a.keys(), ...b.keys()]);
  return [...keys].reduce((sum, key) => sum + Math.abs((a.get(key) ?? 0) - (b.get(key) ?? 0)) / shots / 2, 0);
}

const usable = engines.filter(({ reason }) => reason === undefined).map(({ name }) => name);
const pairs = usable.flatMap((a, at) => usable.slice(at + 1).map((b) => [a, b] as const));

/** A folder with a record of each engine, `<engine>.json`, of the same run. */
function recordsOfAll(names: readonly string[], args: readonly string[]): () => Place {
  let place: Place;
  beforeAll(() => {
    const root = mkdtempSync(join(tmpdir(), 'qpoe-engines-'));
    place = placeIn(root, { QPOE_CACHE: cacheDir });
    for (const name of names) {
      const run = place.qpoe('run', '--sdk', name, ...args, '--out', `${name}.json`);
      expect([name, run.code, run.stderr]).toEqual([name, 0, expect.stringContaining('next: ')]);
    }
    return () => rmSync(root, { recursive: true, force: true });
  });
  return () => place;
}

const CIRCUIT = ['--n-qubits', '4', '--depth', '8', '--seed', '5', '--shots', '4000'];

function outcomeOf(place: Place, ...args: string[]): unknown {
  const { code, stdout, stderr } = place.qpoe(...args, '--json');
  expect(code, `${stderr}${stdout}`).toBe(0);
  return JSON.parse(stdout);
}

describe('one circuit', () => {
  const place = recordsOfAll(usable, CIRCUIT);
  const recordOf = (name: string): ExecutionRecord =>
    JSON.parse(readFileSync(place().path(`${name}.json`), 'utf8'));

  it('has one digest on every engine, and its records verify', () => {
    expect(new Set(usable.map((name) => recordOf(name).workload.programs[0]!.circuit)).size).toBe(1);
    for (const name of usable) expect([name, place().qpoe('verify', `${name}.json`).code]).toEqual([name, 0]);
  });

  it.each(pairs)('agrees on %s and %s', (a, b) => {
    expect(outcomeOf(place(), 'compare', `${a}.json`, `${b}.json`)).toMatchObject({
      outcome: 'agree',
      circuits: 'same',
      tests: 1,
    });
  });

  it.each(usable)('replayed on %s gives identical counts', (name) => {
    expect(outcomeOf(place(), 'replay', `${name}.json`)).toMatchObject({ outcome: 'identical', changes: [] });
  });

  it.each(usable)('is seeded on %s as docs/portability.md has it', (name) => {
    const [, , tookEffect, , inAnotherProcess] = SEEDS.find(([sdk]) => sdk === name) ?? [];
    expect([tookEffect, inAnotherProcess]).toEqual(['yes', expect.stringMatching(/^yes/)]);
    expect(recordOf(name).execution.seeding).toMatchObject({ requested: 5, took_effect: true });
  });

  it('with a refused statement says which, in one line', () => {
    const place = newPlace({ QPOE_CACHE: cacheDir });
    const refused: Circuit = {
      version: 1,
      qubits: 2,
      bits: 2,
      operations: [measure(0, 0), conditional([0], '1', [measure(1, 1)])],
    };
    writeFileSync(place.path('conditional.qasm'), emitOpenQasm3(refused));
    for (const name of usable) {
      const run = place.qpoe('run', 'conditional.qasm', '--sdk', name, '--shots', '10');
      if (name === 'braket' || name === 'pennylane')
        expect([run.code, run.stderr]).toEqual([
          2,
          expect.stringMatching(/c\[1\] = measure q\[1\] in an if on c\[0\]/),
        ]);
      else expect([name, run.code]).toEqual([name, 0]);
    }
  });
});

/** The rows of docs/portability.md's table of seeds, its first column the SDK. */
const SEEDS = readFileSync(join(import.meta.dirname, '../../docs/portability.md'), 'utf8')
  .split('## Seeds')[1]!
  .split('\n## ')[0]!
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

/** Values that tell a wrong order of letters, qubits or terms. */
const OBSERVED = [
  '--workload',
  'toy-param-circuit',
  '--observable',
  'ZXZ=0.5,YZX=-2,III=1',
  '--observable',
  'XZY',
];
const estimating = usable.filter((name) => name !== 'qdk');

describe.each([
  ['exact', estimating, OBSERVED],
  ['measured', usable, [...OBSERVED, '--shots', '1000']],
])('expectation values, %s', (how, names, args) => {
  const place = recordsOfAll(names, args);

  it('agree on every pair of engines', () => {
    for (const [a, b] of pairs.filter((pair) => pair.every((name) => names.includes(name))))
      expect([a, b, outcomeOf(place(), 'compare', `${a}.json`, `${b}.json`)]).toMatchObject([
        a,
        b,
        { outcome: 'agree', circuits: 'same', tests: 2 },
      ]);
  });

  it.each(names)('are the same again, replayed on %s', (name) => {
    // Threads may add up a state in another order from run to run.
    const outcomes = how === 'exact' ? /^(?:identical|consistent)$/ : /^identical$/;
    const replayed = outcomeOf(place(), 'replay', `${name}.json`);
    expect(replayed).toMatchObject({ outcome: expect.stringMatching(outcomes), changes: [] });
  });
});

/** Of this circuit each label has another value, and its mirror image too. */
const ASYMMETRIC: Circuit = {
  version: 1,
  qubits: 3,
  bits: 3,
  operations: [
    gate('ry', [0], [0.7]),
    gate('cx', [0, 1]),
    gate('rx', [1], [1.1]),
    gate('s', [0]),
    gate('ry', [2], [2]),
    gate('crz', [2, 0], [-2.5]),
    gate('cry', [0, 2], [5]),
    gate('rx', [0], [0.4]),
    ...measureAll(3),
  ],
};
const LABELS = ['ZII', 'IIZ', 'IIY', 'YII', 'XIZ', 'ZIX', 'IXY', 'YXI'];
const OBSERVABLES = [
  ...LABELS.map((label) => [[label, 1]] as const),
  [
    ['ZII', 0.5],
    ['IZY', -2],
    ['III', 3],
  ] as const,
];

describe.each(engines.map((engine) => [title(engine), engine] as const))('%s', (_, { sdk, name, reason }) => {
  let exact: readonly number[];
  let random: { readonly circuits: readonly Circuit[]; readonly counts: readonly Counts[] };
  beforeAll(async () => {
    const job = { circuits: [ASYMMETRIC], observables: OBSERVABLES, shots: undefined, seed: 1 };
    exact = (await findExpectations(simulatorSdk, job, limits)).programs[0]!.values;
    const circuits = Array.from({ length: RANDOM_PROGRAMS }, (_, index) => randomCircuit(index));
    const programs = circuits.map((circuit) => ({ circuit, shots: RANDOM_SHOTS }));
    const outcome = await simulatorSdk.run({ programs, seed: 9 }, limits);
    random = { circuits, counts: outcome.programs.map(({ counts }) => counts) };
  });

  it.skipIf(reason !== undefined)(
    'gives the same counts for the same seed in another process, and no others',
    async () => {
      const programs = [{ circuit: ASYMMETRIC, shots: 300 }];
      const runs = [];
      for (const seed of [3, 3, 4, 2 ** 32 + 3, 2 ** 52 + 3])
        runs.push(await sdk.run({ programs, seed }, limits));
      const [a, again, ...others] = runs.map(({ programs: [program] }) => [...program!.counts]);
      expect(a).toEqual(again);
      for (const other of others) expect(other).not.toEqual(a);
      expect(runs[0]!.seeding.took_effect).toBe(true);
    },
  );

  it.skipIf(reason !== undefined)('runs random programs as the embedded simulator does', async () => {
    const programs = random.circuits.map((circuit) => ({ circuit, shots: RANDOM_SHOTS }));
    const outcome = await sdk.run({ programs, seed: 10 }, limits);
    for (const [index, { counts }] of outcome.programs.entries())
      expect(
        distance(counts, random.counts[index]!, RANDOM_SHOTS),
        JSON.stringify(random.circuits[index]!.operations),
      ).toBeLessThan(0.1);
  });

  it.skipIf(reason !== undefined)(
    'computes expectation values, the leftmost letter the highest qubit’s, or says that it can’t',
    async () => {
      const job = { circuits: [ASYMMETRIC], observables: OBSERVABLES, shots: undefined, seed: 1 };
      if (name === 'qdk')
        return expect(findExpectations(sdk, job, limits)).rejects.toMatchObject({ code: 'refused' });
      const { programs } = await findExpectations(sdk, job, limits);
      for (const [at, value] of exact.entries())
        expect(programs[0]!.values[at], `${at}`).toBeCloseTo(value, 9);
    },
  );

  it.skipIf(reason !== undefined)('measures expectation values, within their errors', async () => {
    const job = { circuits: [ASYMMETRIC], observables: OBSERVABLES, shots: 2000, seed: 1 };
    const { programs } = await findExpectations(sdk, job, limits);
    const { values, errors } = programs[0]!;
    for (const [at, value] of exact.entries())
      expect(Math.abs(values[at]! - value), `${at}`).toBeLessThan(5 * errors[at]!);
  });
});

const RANDOM_PROGRAMS = 25;
const ORDERS = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
];
const RANDOM_SHOTS = 2000;

/** The same for the same number: gates, measurements in the middle, resets, conditions of every kind that all run. */
function randomCircuit(number: number): Circuit {
  // Numerical Recipes' generator: good enough to choose by.
  let state = number + 1;
  const below = (limit: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  const names = Object.keys(GATES) as GateName[];
  const randomGate = (): Operation => {
    const name = names[below(names.length)]!;
    const qubits = ORDERS[below(ORDERS.length)]!.slice(0, GATES[name].qubits);
    return gate(
      name,
      qubits,
      Array.from({ length: GATES[name].angles }, () => below(2000) / 100 - 10),
    );
  };
  const randomIf = (depth: number): Operation => {
    const bits = [0, 1, 2].slice(below(2), 2 + below(2));
    const equals = bits.map(() => `${below(2)}`).join('');
    const then = [randomGate(), ...(depth === 0 ? [] : [randomIf(depth - 1)]), randomGate()];
    return conditional(bits, equals, then, below(2) === 0 ? [] : [randomGate()]);
  };
  const operations = Array.from({ length: 14 }, (): Operation => {
    const kind = below(10);
    if (kind === 0) return { op: 'reset', qubits: [below(3)] };
    if (kind === 1) return measure(below(3), below(3));
    if (kind === 2) return randomIf(below(2));
    return randomGate();
  });
  return { version: 1, qubits: 3, bits: 3, operations: [...operations, ...measureAll(3)] };
}
