import { expect, it } from 'vitest';
import { readObservables } from './observables.ts';

it('keeps the shape, and reads sums at the leaves', () => {
  const { shape, sums } = readObservables([['ZZ'], [{ IX: 0.5, ZI: -1 }]], 2, 2);
  expect(shape).toEqual([2, 1]);
  expect(sums[1]).toEqual([
    { coefficient: 0.5, letters: [{ qubit: 0, letter: 'X' }] },
    { coefficient: -1, letters: [{ qubit: 1, letter: 'Z' }] },
  ]);
});

it('refuses lists of unequal lengths', () => {
  expect(() => readObservables(['ZZ', ['ZZ']], 2, 2)).toThrow('unequal lengths');
});
