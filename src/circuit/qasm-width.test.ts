import { expect, it } from 'vitest';
import { readOpenQasm } from './read-openqasm.ts';

const read = (body: string, parameters = new Map<string, number>()) =>
  readOpenQasm(
    `OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit[4] q;\nbit[4] c;\n${body}\nc = measure q;\n`,
    'w.qasm',
    parameters,
  );

it.each([
  ['const uint[2] u = 6;', "u is 6, which uint[2] can't hold"],
  ['const int[4] u = 8;', "u is 8, which int[4] can't hold"],
  ['const int[32] u = 2147483647; const int[32] v = u + 1;', "v is 2147483648, which int[32] can't hold"],
  ['for uint[1] i in {0, 2} { x q[i]; }', "i is 2, which uint[1] can't hold"],
  ['for uint i in [-1:0] { x q[0]; }', 'i is -1, which is no uint'],
  ['const uint[0] u = 0;', 'a width of 0 bits'],
  ['const uint[2.5] u = 0;', 'a width is 2.5, not a whole number'],
])('%s is refused', (body, reason) => expect(() => read(body)).toThrow(reason));

it.each([
  'const uint[2] u = 3;',
  'const int[4] u = -8;',
  'const float[16] u = 0.1;',
  'for int[32] i in [0:3] { x q[i]; }',
  'const int[64] u = 9007199254740991;',
])('%s is read', (body) => expect(() => read(body)).not.toThrow());

it('an input is held to its width too, and asked for as what it is', () => {
  expect(() => read('input int[2] k; x q[k];', new Map([['k', 2]]))).toThrow(
    "k is 2, which int[2] can't hold",
  );
  expect(() => read('input int[2] k; x q[k];', new Map([['k', 1]]))).not.toThrow();
  try {
    read('input uint k; x q[k];');
    expect.unreachable();
  } catch (error) {
    expect((error as { hint: string }).hint).toBe('--param k=1');
  }
});
