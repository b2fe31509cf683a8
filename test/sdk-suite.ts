/** What every SDK must do alike, run on the real one. */

import { spawnSync } from 'node:child_process';
import { hostname, userInfo } from 'node:os';
import { describe, expect, test, vi } from 'vitest';
import {
  type Circuit,
  circuitDigest,
  conditional,
  gate,
  measure,
  measureAll,
  type Operation,
} from '../src/circuit/circuit.ts';
import { GATES, type GateName } from '../src/circuit/gates.ts';
import { emitForSdk } from '../src/circuit/sdk-text.ts';
import { isPythonSdkName } from '../src/sdk/python-sdk-names.ts';
import { findSdk } from '../src/sdk/registry.ts';
import type { Job, JobOutcome, Sdk } from '../src/sdk/sdk.ts';
import { simulatorSdk } from '../src/sdk/simulator.ts';
import { simulate } from '../src/simulator/statevector.ts';
import { IDEAL_BACKENDS } from '../src/verify/ideal-simulators.ts';
import { cacheDir, findTestPython } from './test-python.ts';

interface TestedSdk {
  readonly name: string;
  readonly backend: string;
  /** Python that defines `unitary(text)`: the matrix that the SDK reads, qubit 0 as the lowest bit of the index. */
  readonly unitary?: string;
  /** What it runs in a branch; absent where it is too slow to be tried here, and `test/slow/engines.test.ts` does. */
  readonly conditions?: 'all' | 'no measurement' | 'no measurement or reset';
}

// Cirq alone takes a second to import, and more on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const limits = { timeoutMs: 120_000, signal: new AbortController().signal };

export async function describeSdk(tested: TestedSdk): Promise<void> {
  const found = await findSdkPlace(tested.name);
  if ('reason' in found)
    describe.skip(`${tested.name} (skipped: ${found.reason})`, () => test('every test of it', () => {}));
  else describe(tested.name, () => testSdk(tested, found.python));
}

async function findSdkPlace(
  name: string,
): Promise<{ readonly python: string | undefined } | { readonly reason: string }> {
  if (isPythonSdkName(name)) return findTestPython(name);
  const status = await findSdk(name, { cacheDir }).status();
  return status.usable ? { python: undefined } : { reason: status.reason };
}

function testSdk({ name, backend, unitary, conditions }: TestedSdk, python: string | undefined): void {
  const sdk: Sdk = findSdk(name, { python, cacheDir });
  const run = (job: Job): Promise<JobOutcome> => sdk.run(job, limits);
  const countsOf = async (seed: number, shots = 100) =>
    (await run({ programs: [{ circuit: mixed(5), shots }], seed })).programs[0]!.counts;

  test('its status names a version', async () => {
    expect(await sdk.status()).toMatchObject({
      usable: true,
      version: expect.stringMatching(/^[0-9]+\.[0-9]+/),
    });
  });

  test('bits are in the order c[n-1]…c[0], an unmeasured one is 0', async () => {
    const permuted = circuitOf(3, 4, [gate('x', [0]), measure(0, 1), measure(1, 3), measure(2, 0)]);
    const outcome = await run({ programs: [{ circuit: permuted, shots: 7 }], seed: 1 });
    expect([...outcome.programs[0]!.counts]).toEqual([['0010', 7]]);
    const embedded = await simulatorSdk.run({ programs: [{ circuit: permuted, shots: 7 }], seed: 1 }, limits);
    expect(embedded.programs[0]!.counts).toEqual(outcome.programs[0]!.counts);
    expect(outcome.backend).toBe(backend);
    expect(IDEAL_BACKENDS[name]).toContain(backend);
    expect(outcome.programs[0]!.source).toEqual(emitForSdk(name, permuted));
    expect(circuitDigest(permuted)).toBe(
      'sha256:24b1c89a1af98fd6f908e1545e35c153d85f356c3b68e7c061d28c8666d20379',
    );
  });

  test('a seed reproduces, below 2^32 and above it, and every bit of it counts', async () => {
    const seeds = [7, 2 ** 32 + 7, 2 ** 53 - 1];
    const counts = await Promise.all([...seeds, 7, 2 ** 32 + 7].map((seed) => countsOf(seed)));
    expect(counts.slice(3)).toEqual(counts.slice(0, 2));
    expect(new Set(counts.map((each) => JSON.stringify([...each]))).size).toBe(seeds.length);
  });

  test('seeding is found to take effect, and said how', async () => {
    const { seeding } = await run({ programs: [{ circuit: mixed(2), shots: 10 }], seed: 2 ** 32 });
    expect(seeding).toMatchObject({ requested: 2 ** 32, took_effect: true });
    expect(seeding.applied).toContain('seed');
  });

  test.each([
    ['the same shots', [50, 50, 50]],
    ['shots of their own', [50, 50, 80]],
  ])('three programs of one job, with %s, do not draw the same stream', async (_, shots) => {
    const job = { programs: shots.map((each) => ({ circuit: mixed(6), shots: each })), seed: 11 };
    const outcome = await run(job);
    const [a, b, c] = outcome.programs.map(({ counts }) => [...counts]);
    expect(a).not.toEqual(b);
    expect(b).not.toEqual(c);
    expect((await run(job)).programs.map(({ counts }) => [...counts])).toEqual([a, b, c]);
  });

  if (unitary !== undefined && python !== undefined)
    test('every gate is read with the meaning that the embedded simulator gives it', () => {
      const circuits = gateNames.flatMap((op) => [
        oneGate(op),
        oneGate(op, true),
        oneGate(op, true, [7.5, -9, 20]),
      ]);
      const matrices = readUnitaries(
        python,
        unitary,
        circuits.map((circuit) => emitForSdk(name, circuit).text),
      );
      circuits.forEach((circuit, index) => {
        expect(overlap(matrices[index]!, circuit), JSON.stringify(circuit.operations)).toBeCloseTo(8, 9);
      });
    });

  test('every gate runs, with the right distribution', async () => {
    const shots = 4_000;
    const circuits = gateNames.map((op) => betweenLayers(op));
    // Where no matrix is read, angles that some reduce modulo 2π, too.
    if (unitary === undefined) circuits.push(...turningGates.map((op) => betweenLayers(op, [7.5, -9, 20])));
    const outcome = await run({ programs: circuits.map((circuit) => ({ circuit, shots })), seed: 5 });
    circuits.forEach((circuit, index) => {
      const { re, im } = simulate(circuit);
      const { counts } = outcome.programs[index]!;
      const distance = re.reduce((sum, real, state) => {
        const outcome = state.toString(2).padStart(circuit.bits, '0');
        return sum + Math.abs(real ** 2 + im[state]! ** 2 - (counts.get(outcome) ?? 0) / shots) / 2;
      }, 0);
      expect(distance, JSON.stringify(circuit.operations)).toBeLessThan(0.05);
    });
  });

  test('angles of every size are read', async () => {
    const angles = [1e-7, -0.5, 5e-324, 123456789.125, -1e15];
    const circuit = circuitOf(1, 1, [...angles.map((angle) => gate('rz', [0], [angle])), measure(0, 0)]);
    const outcome = await run({ programs: [{ circuit, shots: 3 }], seed: 1 });
    expect([...outcome.programs[0]!.counts]).toEqual([['0', 3]]);
  });

  test('a hundred thousand shots', async () => {
    const counts = await countsOf(1, 100_000);
    expect([...counts.values()].reduce((a, b) => a + b)).toBe(100_000);
  });

  test('the environment names versions and nothing of the person or the machine', async () => {
    const { environment, raw } = await run({ programs: [{ circuit: mixed(2), shots: 10 }], seed: 1 });
    expect(environment).toMatchObject({
      sdk: name,
      ...(emitForSdk(name, mixed(2)).format === 'openqasm3' ? { openqasm3_emitter: 1 } : {}),
      ...(python === undefined
        ? { node: process.versions.node }
        : { python: { implementation: expect.any(String) } }),
    });
    for (const text of [JSON.stringify(environment), new TextDecoder().decode(raw)]) {
      if (python !== undefined) expect(text).not.toContain(python);
      expect(text).not.toContain(process.cwd());
      for (const word of [hostname(), userInfo().username])
        expect(text.split(/[^\w.-]+/)).not.toContain(word);
    }
  });

  if (conditions === undefined) return;

  test('reset, measurements in the middle and conditions mean what they mean to the embedded simulator', async () => {
    const shots = 4_000;
    const circuits = dynamicCircuits(conditions);
    const job = { programs: circuits.map((circuit) => ({ circuit, shots })), seed: 3 };
    const [outcome, embedded] = await Promise.all([run(job), simulatorSdk.run(job, limits)]);
    circuits.forEach((circuit, index) => {
      const [found, wanted] = [outcome, embedded].map(({ programs }) => programs[index]!.counts);
      const keys = new Set([...found!.keys(), ...wanted!.keys()]);
      const distance = [...keys].reduce(
        (sum, key) => sum + Math.abs((found!.get(key) ?? 0) - (wanted!.get(key) ?? 0)) / shots / 2,
        0,
      );
      expect(distance, JSON.stringify(circuit.operations)).toBeLessThan(0.05);
    });
  });

  test('what it does not run under a condition is refused in one line that names it', async () => {
    const refused: [Operation, string][] = [
      [measure(1, 1), 'c[1] = measure q[1]'],
      [{ op: 'reset', qubits: [1] }, 'reset q[1]'],
    ];
    for (const [operation, named] of refused.slice(0, REFUSED[conditions])) {
      const circuit = circuitOf(2, 2, [measure(0, 0), conditional([0], '1', [operation]), measure(1, 1)]);
      await expect(run({ programs: [{ circuit, shots: 1 }], seed: 1 })).rejects.toMatchObject({
        code: 'refused',
        message: expect.stringContaining(`${named} in an if on c[0]`),
      });
    }
  });
}

const REFUSED = { all: 0, 'no measurement': 1, 'no measurement or reset': 2 } as const;

/** Of three qubits. What is asked of bits that were never written, of several bits, of one that changes, and of two at once. */
function dynamicCircuits(conditions: NonNullable<TestedSdk['conditions']>): Circuit[] {
  const spread = [0, 1, 2].flatMap((qubit) => [
    gate('h', [qubit]),
    gate('t', [qubit]),
    gate('rx', [qubit], [1.1]),
  ]);
  const reset: Operation = { op: 'reset', qubits: [1] };
  const bodies: Operation[][] = [
    [gate('cx', [0, 1]), reset, measure(0, 0), measure(1, 1)],
    [measure(0, 0), gate('h', [0]), measure(0, 1), gate('h', [0]), measure(0, 2)],
    [measure(0, 3), conditional([3], '1', [gate('x', [1])], [gate('h', [1])]), measure(1, 0)],
    [
      measure(0, 0),
      measure(1, 1),
      conditional([0, 1], '01', [gate('x', [2])], [gate('h', [2])]),
      measure(2, 2),
    ],
    [measure(0, 0), measure(1, 2), conditional([0, 1, 2, 3], '0001', [gate('x', [2])]), measure(2, 1)],
    [
      measure(0, 0),
      conditional([2], '0', [gate('x', [1])]),
      conditional([2], '1', [gate('x', [0])]),
      measure(1, 1),
    ],
    [
      measure(0, 0),
      conditional([0], '1', [conditional([1], '0', [gate('x', [2])], [gate('h', [2])])]),
      measure(2, 1),
    ],
    [measure(0, 0), conditional([0], '1', [gate('x', [0])]), measure(0, 0), measure(1, 1), measure(2, 2)],
  ];
  if (REFUSED[conditions] < 2) bodies.push([measure(0, 0), conditional([0], '1', [reset]), measure(1, 1)]);
  if (REFUSED[conditions] < 1)
    bodies.push([
      measure(0, 0),
      conditional([0], '1', [gate('x', [0]), measure(0, 0), gate('x', [1])]),
      measure(1, 1),
    ]);
  return bodies.map((body) => circuitOf(3, 4, [...spread, ...body]));
}

const gateNames = Object.keys(GATES) as GateName[];
const turningGates = gateNames.filter((op) => GATES[op].angles > 0);

function circuitOf(qubits: number, bits: number, operations: readonly Operation[]): Circuit {
  return { version: 1, qubits, bits, operations };
}

/** Every outcome about as likely, with a phase that keeps stabilizer methods away. */
function mixed(qubits: number): Circuit {
  const gates = Array.from({ length: qubits }, (_, q) => [
    gate('h', [q]),
    gate('t', [q]),
    gate('rx', [q], [0.3]),
  ]);
  return circuitOf(qubits, qubits, [...gates.flat(), ...measureAll(qubits)]);
}

/** Alone, on qubits in ascending order or, of three, in another. */
function oneGate(
  op: GateName,
  permuted = false,
  angles: readonly number[] = permuted ? [-2.5, 1e-3, 4] : [0.3, 1.1, -0.7],
): Circuit {
  const qubits = permuted ? [2, 0, 1] : [0, 1, 2];
  const operation = gate(op, qubits.slice(0, GATES[op].qubits), angles.slice(0, GATES[op].angles));
  return circuitOf(3, 3, [gate('id', [0]), gate('id', [1]), gate('id', [2]), operation]);
}

function startingAt(state: number, circuit: Circuit): Circuit {
  const ones = [0, 1, 2].filter((qubit) => (state >> qubit) & 1).map((qubit) => gate('x', [qubit]));
  return { ...circuit, operations: [...ones, ...circuit.operations] };
}

function betweenLayers(op: GateName, angles?: readonly number[]): Circuit {
  const layer = [0, 1, 2].map((qubit) => gate('ry', [qubit], [0.4 + 0.5 * qubit]));
  return circuitOf(3, 3, [
    ...layer,
    ...oneGate(op, true, angles).operations,
    gate('h', [0]),
    ...layer,
    ...measureAll(3),
  ]);
}

/**
 * |tr(U†V)| of the matrix read and the circuit simulated: the dimension, 8, exactly where they are equal up to a global
 * phase, which nothing shows (Cirq reads u3 with one of its own; of a controlled gate it would change the matrix).
 */
function overlap(read: ReadMatrix, circuit: Circuit): number {
  let real = 0;
  let imaginary = 0;
  for (let column = 0; column < 8; column++) {
    const { re, im } = simulate(startingAt(column, circuit));
    for (let row = 0; row < 8; row++) {
      const [a, b] = [read.re[row]![column]!, read.im[row]![column]!];
      real += a * re[row]! + b * im[row]!;
      imaginary += a * im[row]! - b * re[row]!;
    }
  }
  return Math.hypot(real, imaginary);
}

interface ReadMatrix {
  readonly re: readonly (readonly number[])[];
  readonly im: readonly (readonly number[])[];
}

function readUnitaries(python: string, unitary: string, texts: readonly string[]): ReadMatrix[] {
  const script = `import json, sys\n${unitary}\nread = [unitary(text) for text in json.load(sys.stdin)]\njson.dump([{"re": u.real.tolist(), "im": u.imag.tolist()} for u in read], sys.stdout)`;
  const done = spawnSync(python, ['-I', '-c', script], {
    input: JSON.stringify(texts),
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  if (done.status !== 0) throw done.error ?? new Error(done.stderr);
  return JSON.parse(done.stdout);
}
