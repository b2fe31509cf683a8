import { expect, test } from 'vitest';
import { type Circuit, gate, measure, measureAll } from '../circuit/circuit.ts';
import { fromUtf8 } from '../core/bytes.ts';
import { sampleCounts } from '../simulator/sampler.ts';
import type { Job } from './sdk.ts';
import { simulatorSdk } from './simulator.ts';

const limits = { timeoutMs: 60_000, signal: new AbortController().signal };

/** x on one qubit of three, measured out of order: any mix-up of the bits shows. */
const permuted: Circuit = {
  version: 1,
  qubits: 3,
  bits: 3,
  operations: [gate('x', [0]), measure(0, 1), measure(1, 2), measure(2, 0)],
};

function slow(qubits: number): Job {
  const layer = Array.from({ length: qubits }, (_, qubit) => gate('h', [qubit]));
  const operations = [...Array.from({ length: 400 }, () => layer).flat(), ...measureAll(qubits)];
  return { programs: [{ circuit: { version: 1, qubits, bits: qubits, operations }, shots: 1 }], seed: 1 };
}

test('bits are in the order c[n-1]…c[0]', async () => {
  const outcome = await simulatorSdk.run({ programs: [{ circuit: permuted, shots: 5 }], seed: 1 }, limits);
  expect([...outcome.programs[0]!.counts]).toEqual([['010', 5]]);
  expect(fromUtf8(outcome.raw)).toBe('{"counts":[{"010":5}],"sampler":1}');
  expect(outcome.programs[0]!.source.format).toBe('gate-list');
  expect(outcome.programs[0]!.executed).toBeUndefined();
  expect(outcome.backend).toBe('statevector');
});

test('each program of a job draws for itself, as the sampler says', async () => {
  const circuit: Circuit = {
    version: 1,
    qubits: 4,
    bits: 4,
    operations: [...[0, 1, 2, 3].map((q) => gate('h', [q])), ...measureAll(4)],
  };
  const program = { circuit, shots: 100 };
  const outcome = await simulatorSdk.run({ programs: [program, program], seed: 9 }, limits);
  const [first, second] = outcome.programs.map(({ counts }) => counts);
  expect(first).toEqual(sampleCounts(circuit, 100, 9, 0));
  expect(second).toEqual(sampleCounts(circuit, 100, 9, 1));
  expect(first).not.toEqual(second);
});

test('too many qubits are refused with the figures', async () => {
  await expect(simulatorSdk.run(slow(25), limits)).rejects.toMatchObject({
    code: 'refused',
    message: '25 qubits; the simulator takes 24',
  });
});

test('the time limit ends it', async () => {
  const started = Date.now();
  await expect(simulatorSdk.run(slow(20), { ...limits, timeoutMs: 100 })).rejects.toMatchObject({
    code: 'external',
  });
  expect(Date.now() - started).toBeLessThan(5_000);
});

test('an abort ends it', async () => {
  const abort = new AbortController();
  setTimeout(() => abort.abort(), 100);
  await expect(simulatorSdk.run(slow(20), { ...limits, signal: abort.signal })).rejects.toMatchObject({
    code: 'interrupted',
  });
  await expect(simulatorSdk.run(slow(20), { ...limits, signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: 'interrupted',
  });
});
