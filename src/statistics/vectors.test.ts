/** Beside SciPy: vectors/statistics, to 1e-10 of each number. */

import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { fitDepolarizing } from './depolarizing.ts';
import { hellingerFidelity, totalVariation } from './distances.ts';
import { testFit, testSamples } from './g-test.ts';
import { chiSquareTail, normalTwoSided, upperGamma } from './incomplete-gamma.ts';
import { linearXeb } from './linear-xeb.ts';
import type { Samples } from './samples.ts';
import { expectedHellingerFidelity, expectedTotalVariation } from './shot-noise.ts';

type Case = Readonly<Record<string, number & number[]>>;

const folder = new URL('../../vectors/statistics/', import.meta.url);
const files = readdirSync(folder);
const TOLERANCE = 1e-10;

function samplesOf({ a, b }: Case): Samples {
  const sum = (counts: number[]) => counts.reduce((total, count) => total + count);
  return {
    a: Float64Array.from(a!),
    b: Float64Array.from(b!),
    outcomes: a!.map(String),
    shotsA: sum(a!),
    shotsB: sum(b!),
  };
}

/** What we compute for a case of that file, by the names of the vector. */
const COMPUTED: Readonly<Record<string, (c: Case) => object>> = {
  'incomplete-gamma.json': ({ a, x }) => ({ q: upperGamma(a!, x!) }),
  'tails.json': ({ chi_square, df, z }) => ({
    p: z === undefined ? chiSquareTail(chi_square!, df!) : normalTwoSided(z),
  }),
  'g-test-fit.json': ({ observed, expected }) => testFit(observed!, expected!)!,
  'g-test-samples.json': ({ a, b }) => testSamples(a!, b!)!,
  'distances.json': (c) => ({
    total_variation: totalVariation(samplesOf(c)),
    hellinger_fidelity: hellingerFidelity(samplesOf(c)),
  }),
  'shot-noise.json': (c) => ({
    total_variation: expectedTotalVariation(samplesOf(c)),
    hellinger_fidelity: expectedHellingerFidelity(samplesOf(c)),
  }),
  'linear-xeb.json': ({ observed, ideal }) => {
    const { value, error, ideal: perfect } = linearXeb(observed!, ideal!);
    return { value, error, perfect };
  },
  'depolarizing.json': ({ observed, ideal }) => fitDepolarizing(observed!, ideal!),
};

it('every concept has its file', () => expect(files.sort()).toEqual(Object.keys(COMPUTED).sort()));

it.each(files)('%s agrees to 1e-10', (file) => {
  const { cases } = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as { cases: Case[] };
  expect(cases.length).toBeGreaterThan(5);
  for (const [at, one] of cases.entries())
    for (const [name, got] of Object.entries(COMPUTED[file]!(one))) {
      const wanted = one[name];
      if (wanted === undefined) continue;
      const distance = Math.abs(got - wanted) / Math.max(Math.abs(wanted), 1e-290);
      expect(distance, `case ${at}: ${name} is ${got}, SciPy says ${wanted}`).toBeLessThanOrEqual(TOLERANCE);
    }
});
