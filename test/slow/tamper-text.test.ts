/** The tamper matrix's text: a complete bundle cut off, and with a bit of each of its bytes flipped. */

import { afterAll, expect, it } from 'vitest';
import { textMutants } from '../bundle-mutants.ts';
import { describeTally, newMatrix, openLaboratory, tally } from '../tamper-matrix.ts';

const laboratory = await openLaboratory();
afterAll(laboratory.close);

it('no mutant of the text passes that says anything else', async () => {
  const { bytes } = laboratory.bundle;
  const result = await tally(textMutants(bytes, { cut: 97, flip: 1 }), await newMatrix(laboratory, false));
  console.log(describeTally(result));
  expect(result.holes).toEqual([]);
  expect(result.made).toBeGreaterThan(bytes.length);
});
