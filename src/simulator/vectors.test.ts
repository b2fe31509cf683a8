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

const folder = new URL('../../vectors/simulator/counts/', import.meta.url);
const vectors = readdirSync(folder).map((name): [string, CountsVector] => [
  name,
  JSON.parse(readFileSync(new URL(name, folder), 'utf8')),
]);

describe('the counts of sampler version 1 are fixed for ever', () => {
  test.each(vectors)('%s', (_name, vector) => {
    expect(vector.sampler_version).toBe(versionOf(planCircuit(vector.circuit)));
    const counts = sampleCounts(vector.circuit, vector.shots, vector.seed, vector.program_index);
    expect(Object.fromEntries(counts)).toEqual(vector.counts);
    expect([...counts.values()].reduce((sum, count) => sum + count)).toBe(vector.shots);
  });

  test('with every gate', () => {
    const used = new Set(vectors.flatMap(([, { circuit }]) => circuit.operations.map(({ op }) => op)));
    expect([...used].sort()).toEqual([...Object.keys(GATES), 'measure'].sort());
  });
});
