import { expect, test } from 'vitest';
import { type Circuit, gate, measure, measureAll, type Operation } from '../circuit/circuit.ts';
import { sampleCounts } from '../simulator/sampler.ts';
import type { Job } from './sdk.ts';
import { simulatorSdk } from './simulator.ts';
import { sampleJob } from './simulator-job.ts';

const helperUrl = new URL('./simulator-worker.ts', import.meta.url);
const limits = { timeoutMs: 60_000, signal: new AbortController().signal };

function layers(qubits: number, count: number): Operation[] {
  return Array.from({ length: count }, (_, layer) => [
    ...Array.from({ length: qubits }, (_, qubit) => gate('u3', [qubit], [0.3 + layer, 0.1 * qubit, 0.7])),
    ...Array.from({ length: qubits - 1 }, (_, qubit) => gate('cx', [qubit, qubit + 1])),
  ]).flat();
}

/** Large enough for helpers. */
function terminal(qubits: number): Circuit {
  return { version: 1, qubits, bits: qubits, operations: [...layers(qubits, 6), ...measureAll(qubits)] };
}

function branching(qubits: number): Circuit {
  const then = layers(qubits, 1);
  const fork: Operation[] = [
    measure(0, 0),
    measure(qubits - 1, 1),
    { op: 'if', bits: [0, 1], equals: '01', then, else: [gate('h', [3])] },
    { op: 'reset', qubits: [2] },
  ];
  const operations = [...layers(qubits, 3), ...fork, ...layers(qubits, 1), measure(5, 2)];
  return { version: 1, qubits, bits: 3, operations };
}

const small: Circuit = { version: 1, qubits: 1, bits: 1, operations: [gate('h', [0]), measure(0, 0)] };

test('threads that share the state give the counts of one', () => {
  const circuits = [terminal(18), small, branching(17), terminal(17)];
  const job: Job = { programs: circuits.map((circuit) => ({ circuit, shots: 300 })), seed: 5 };
  const alone = circuits.map((circuit, index) => sampleCounts(circuit, 300, 5, index));
  for (let round = 0; round < 3; round++) {
    const sampled = sampleJob(job, helperUrl);
    expect(sampled.map(({ counts }) => [...counts])).toEqual(alone.map((counts) => [...counts]));
    expect(sampled.map(({ sampler }) => sampler)).toEqual([1, 1, 2, 1]);
  }
});

test('without a helper that starts, the leader does it all', async () => {
  const job: Job = { programs: [{ circuit: terminal(18), shots: 50 }], seed: 5 };
  const nowhere = new URL('./no-such-module.ts', import.meta.url);
  expect(sampleJob(job, nowhere)[0]!.counts).toEqual(sampleCounts(terminal(18), 50, 5));
});

test('the result says which sampler, one a program where they differ', async () => {
  const flip: Circuit = { ...small, operations: [...small.operations, gate('x', [0])] };
  const mixed = await simulatorSdk.run(
    {
      programs: [
        { circuit: small, shots: 5 },
        { circuit: flip, shots: 5 },
      ],
      seed: 1,
    },
    limits,
  );
  expect(JSON.parse(new TextDecoder().decode(mixed.raw)).sampler).toEqual([1, 2]);
  expect(mixed.environment.sampler).toEqual([1, 2]);
  expect(mixed.seeding.applied).toBe('sampler 1, 2: SHA-256 of seed and program number keys MT19937');
  const alike = await simulatorSdk.run({ programs: [{ circuit: flip, shots: 5 }], seed: 1 }, limits);
  expect(alike.environment.sampler).toBe(2);
});

test('an end that comes while helpers work ends them too', async () => {
  const abort = new AbortController();
  const operations = [...layers(20, 200), ...measureAll(20)];
  const circuit: Circuit = { version: 1, qubits: 20, bits: 20, operations };
  setTimeout(() => abort.abort(), 700);
  await expect(
    simulatorSdk.run({ programs: [{ circuit, shots: 1 }], seed: 1 }, { ...limits, signal: abort.signal }),
  ).rejects.toMatchObject({ code: 'interrupted' });
  // A thread that went on would use the processor.
  await new Promise((resolve) => setTimeout(resolve, 300));
  const before = process.cpuUsage();
  await new Promise((resolve) => setTimeout(resolve, 500));
  const { user } = process.cpuUsage(before);
  expect(user).toBeLessThan(250_000);
});
