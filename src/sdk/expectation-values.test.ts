import { expect, it } from 'vitest';
import { type Circuit, conditional, gate, measure, measureAll, type Operation } from '../circuit/circuit.ts';
import { findExpectations } from './expectation-values.ts';
import type { Sdk } from './sdk.ts';
import { simulatorSdk } from './simulator.ts';

const limits = { timeoutMs: 60_000, signal: new AbortController().signal };
const circuitOf = (...operations: Operation[]): Circuit => ({ version: 1, qubits: 3, bits: 3, operations });
/** q[0] is 1, q[1] is +, q[2] is i. */
const PRODUCT = circuitOf(gate('x', [0]), gate('h', [1]), gate('h', [2]), gate('s', [2]), ...measureAll(3));
const one = (label: string) => [[label, 1]] as const;
const OBSERVABLES = [
  one('YXZ'),
  one('IIZ'),
  one('ZIX'),
  one('III'),
  [
    ['YII', 0.5],
    ['IIZ', 2],
    ['III', 1],
  ],
] as const;
const VALUES = [-1, -1, 0, 1, -0.5];

it('are exact without shots, of the state before the final measurements, the leftmost letter the highest qubit’s', async () => {
  const job = { circuits: [PRODUCT], observables: OBSERVABLES, shots: undefined, seed: 1 };
  const { programs, seeding, environment } = await findExpectations(simulatorSdk, job, limits);
  for (const [at, value] of VALUES.entries()) expect(programs[0]!.values[at]).toBeCloseTo(value, 12);
  expect(programs[0]).toMatchObject({ errors: [0, 0, 0, 0, 0], shots: 0, executed: [] });
  expect(seeding).toMatchObject({ requested: 1, took_effect: null });
  expect(environment).toMatchObject({ expectation: { method: 'exact' } });
});

it('come with shots from a circuit for each product, with an error that is never 0', async () => {
  const job = { circuits: [PRODUCT, PRODUCT], observables: OBSERVABLES, shots: 1000, seed: 1 };
  const { programs, environment } = await findExpectations(simulatorSdk, job, limits);
  const [first, second] = programs;
  for (const { values, errors, executed, shots } of [first!, second!]) {
    for (const [at, value] of VALUES.entries())
      expect(Math.abs(values[at]! - value), `${at}`).toBeLessThanOrEqual(5 * errors[at]!);
    expect(errors[0]).toBeCloseTo(2 / 1000, 4);
    expect(errors[2]).toBeCloseTo(1 / Math.sqrt(1000), 4);
    expect(errors[3]).toBe(0);
    expect([executed.length, shots]).toEqual([4, 4000]);
  }
  expect(first!.values).not.toEqual(second!.values);
  expect(environment).toMatchObject({
    expectation: { method: 'sampled', labels: ['YXZ', 'IIZ', 'ZIX', 'YII'], shots_per_label: 1000 },
  });
});

it.each<[string, Operation[], string]>([
  ['a reset', [{ op: 'reset', qubits: [0] }], 'operation 0 is reset'],
  ['a condition', [measure(0, 0), conditional([0], '1', [gate('x', [1])])], 'operation 1 is if'],
  ['a gate after a measurement', [measure(0, 0), gate('h', [0])], 'operation 0 is a measurement before h'],
])('are refused of a circuit with %s', async (_, operations, message) => {
  const job = { circuits: [circuitOf(...operations)], observables: [one('ZZZ')], shots: undefined, seed: 1 };
  await expect(findExpectations(simulatorSdk, job, limits)).rejects.toMatchObject({
    code: 'refused',
    message: expect.stringContaining(message),
  });
});

it('are refused without shots where the SDK has none', async () => {
  const { estimate: _, ...without }: Sdk = simulatorSdk;
  const job = { circuits: [PRODUCT], observables: [one('ZZZ')], shots: undefined, seed: 1 };
  await expect(findExpectations(without, job, limits)).rejects.toMatchObject({
    code: 'refused',
    message: 'simulator computes no expectation values',
  });
});
