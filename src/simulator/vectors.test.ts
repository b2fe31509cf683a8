import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Circuit } from '../circuit/circuit.ts';
import { GATES } from '../circuit/gates.ts';
import { planCircuit } from './plan.ts';
import { sampleCounts, versionOf } from './sampler.ts';

interface CountsVector {
  readonly about: string;
  readonly sampler_version: number;
  readonly circuit: Circuit;
  readonly shots: number;
  readonly seed: number;
  readonly program_index: number;
  readonly counts: Readonly<Record<string, number>>;
}

function readVectors(name: string): [string, CountsVector][] {
  const folder = new URL(`../../vectors/simulator/${name}/`, import.meta.url);
  return readdirSync(folder).map((file) => [file, JSON.parse(readFileSync(new URL(file, folder), 'utf8'))]);
}

function expectCounts(vector: CountsVector): void {
  expect(vector.sampler_version).toBe(versionOf(planCircuit(vector.circuit)));
  const counts = sampleCounts(vector.circuit, vector.shots, vector.seed, vector.program_index);
  expect(Object.fromEntries(counts)).toEqual(vector.counts);
  expect([...counts.values()].reduce((sum, count) => sum + count)).toBe(vector.shots);
}

describe('the counts of sampler version 2 are fixed for ever', () => {
  test.each(readVectors('trajectories'))('%s', (_name, vector) => {
    expect(vector.sampler_version).toBe(2);
    expectCounts(vector);
  });
});

describe('the counts of sampler version 1 are fixed for ever', () => {
  const vectors = readVectors('counts');

  test.each(vectors)('%s', (_name, vector) => {
    expect(vector.sampler_version).toBe(1);
    expectCounts(vector);
  });

  test('with every gate', () => {
    const used = new Set(vectors.flatMap(([, { circuit }]) => circuit.operations.map(({ op }) => op)));
    expect([...used].sort()).toEqual([...Object.keys(GATES), 'measure'].sort());
  });
});
