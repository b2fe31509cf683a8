/** The whole tamper matrix, but for its text (`tamper-text.test.ts`): every mutation of a complete bundle, under a strict policy and under one that demands nothing. */

import { afterAll, expect, it } from 'vitest';
import { memberMutants } from '../bundle-mutants.ts';
import { describeTally, newMatrix, openLaboratory, partMutants, tally } from '../tamper-matrix.ts';

const laboratory = await openLaboratory();
afterAll(laboratory.close);

it('no mutant of a member or a part passes that says anything else', async () => {
  const original = JSON.parse(Buffer.from(laboratory.bundle.bytes).toString());
  const parts = await partMutants(laboratory);
  const mutants = function* () {
    yield* memberMutants(original);
    yield* parts;
  };
  const result = await tally(mutants(), await newMatrix(laboratory, false));
  console.log(describeTally(result));
  expect(result.holes).toEqual([]);
  expect(result.made).toBeGreaterThan(15_000);
});
