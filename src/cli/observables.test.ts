import { expect, it } from 'vitest';
import { checkWidth, readObservable } from './observables.ts';

it('reads labels and sums of them', () => {
  expect(readObservable('ZZ')).toEqual({ ZZ: 1 });
  expect(readObservable('ZZ=1,XX=-0.5,IY=1e-3')).toEqual({ ZZ: 1, XX: -0.5, IY: 0.001 });
});

it.each(['', 'zz', 'ZZ=', 'ZZ=x', 'ZZ=1=2', 'ZZ,ZZ', 'ZZ,', 'Z0'])('refuses %o', (text) => {
  expect(() => readObservable(text)).toThrow(/--observable/);
});

it('wants a letter for each qubit', () => {
  expect(() => checkWidth([{ ZZ: 1, XXX: 1 }], 2, 'the circuit has')).toThrow(
    '--observable XXX has 3 letters, and the circuit has 2 qubits',
  );
});
