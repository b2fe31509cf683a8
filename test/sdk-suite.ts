/** What every Python SDK must do alike, run on the real one. */

import { spawnSync } from 'node:child_process';
import { hostname, userInfo } from 'node:os';
import { describe, expect, test, vi } from 'vitest';
import {
  type Circuit,
  circuitDigest,
  gate,
  measure,
  measureAll,
  type Operation,
} from '../src/circuit/circuit.ts';
import { GATES, type GateName } from '../src/circuit/gates.ts';
import { emitOpenQasm3 } from '../src/circuit/openqasm3.ts';
import type { PythonSdkName } from '../src/sdk/python-sdk-names.ts';
import { findSdk } from '../src/sdk/registry.ts';
import type { Job, JobOutcome, Sdk } from '../src/sdk/sdk.ts';
import { simulatorSdk } from '../src/sdk/simulator.ts';
import { simulate } from '../src/simulator/statevector.ts';
import { IDEAL_BACKENDS } from '../src/verify/ideal-simulators.ts';
import { cacheDir, findTestPython } from './test-python.ts';

interface TestedSdk {
  readonly name: PythonSdkName;
  readonly backend: string;
  /** Python that defines `unitary(text)`: the matrix that the SDK reads, qubit 0 as the lowest bit of the index. */
  readonly unitary: string;
}

// Cirq alone takes a second to import, and more on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const limits = { timeoutMs: 120_000, signal: new AbortController().signal };

export async function describeSdk(tested: TestedSdk): Promise<void> {
  const found = await findTestPython(tested.name);
  if ('reason' in found)
    describe.skip(`${tested.name} (skipped: ${found.reason})`, () => test('every test of it', () => {}));
  else describe(tested.name, () => testSdk(tested, found.python));
}

function testSdk({ name, backend, unitary }: TestedSdk, python: string): void {
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
    expect(outcome.programs[0]!.source).toEqual({ format: 'openqasm3', text: emitOpenQasm3(permuted) });
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

  test('every gate is read with the meaning that the embedded simulator gives it', () => {
    const circuits = gateNames.flatMap((op) => [
      oneGate(op),
      oneGate(op, true),
      oneGate(op, true, [7.5, -9, 20]),
    ]);
    const matrices = readUnitaries(python, unitary, circuits.map(emitOpenQasm3));
    circuits.forEach((circuit, index) => {
      expect(overlap(matrices[index]!, circuit), JSON.stringify(circuit.operations)).toBeCloseTo(8, 9);
    });
  });

  test('every gate runs, with the right distribution', async () => {
    const shots = 4_000;
    const circuits = gateNames.map(betweenLayers);
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
      openqasm3_emitter: 1,
      python: { implementation: expect.any(String) },
    });
    for (const text of [JSON.stringify(environment), new TextDecoder().decode(raw)]) {
      expect(text).not.toContain(python);
      expect(text).not.toContain(process.cwd());
      for (const word of [hostname(), userInfo().username])
        expect(text.split(/[^\w.-]+/)).not.toContain(word);
    }
  });
}

const gateNames = Object.keys(GATES) as GateName[];

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
  angles = permuted ? [-2.5, 1e-3, 4] : [0.3, 1.1, -0.7],
): Circuit {
  const qubits = permuted ? [2, 0, 1] : [0, 1, 2];
  const operation = gate(op, qubits.slice(0, GATES[op].qubits), angles.slice(0, GATES[op].angles));
  return circuitOf(3, 3, [gate('id', [0]), gate('id', [1]), gate('id', [2]), operation]);
}

function startingAt(state: number, circuit: Circuit): Circuit {
  const ones = [0, 1, 2].filter((qubit) => (state >> qubit) & 1).map((qubit) => gate('x', [qubit]));
  return { ...circuit, operations: [...ones, ...circuit.operations] };
}

function betweenLayers(op: GateName): Circuit {
  const layer = [0, 1, 2].map((qubit) => gate('ry', [qubit], [0.4 + 0.5 * qubit]));
  return circuitOf(3, 3, [
    ...layer,
    ...oneGate(op, true).operations,
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
