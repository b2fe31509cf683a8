/** A small run of `scripts/fuzz-openqasm.ts`, which see. */

import { expect, test } from 'vitest';
import { fuzzOpenQasm } from '../scripts/fuzz-openqasm.ts';

test.each([1, 2])('mutated OpenQASM is read or refused, and nothing else: seed %d', (seed) => {
  const { crashes, read, refused, slowest } = fuzzOpenQasm(3_000, seed);
  expect(crashes).toEqual([]);
  expect(read).toBeGreaterThan(200);
  expect(refused).toBeGreaterThan(200);
  expect(slowest.milliseconds, slowest.text.slice(0, 300)).toBeLessThan(2_000);
});
