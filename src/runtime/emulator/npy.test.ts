import { expect, it } from 'vitest';
import { readNpy, writeBytes, writeDoubles } from './npy.ts';

/** What `numpy.save` wrote (NumPy 2.4). */
const SAVED = {
  // np.arange(6, dtype='<i8').reshape(2, 3), in Fortran's order
  fortran:
    'k05VTVBZAQB2AHsnZGVzY3InOiAnPGk4JywgJ2ZvcnRyYW5fb3JkZXInOiBUcnVlLCAnc2hhcGUnOiAoMiwgMyksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAAAAAAMAAAAAAAAAAQAAAAAAAAAEAAAAAAAAAAIAAAAAAAAABQAAAAAAAAA=',
};

const shown = (array: { shape: readonly number[]; values: ArrayLike<number> }) => ({
  shape: array.shape,
  values: Array.from(array.values),
});

it('reads what it wrote, of any shape', () => {
  for (const [shape, values] of [
    [[], [0.1]],
    [[3], [1, -0, 1e300]],
    [
      [2, 1, 2],
      [1, 2, 3, 4],
    ],
    [[2, 0], []],
  ] as const)
    expect(shown(readNpy(writeDoubles({ shape, values })))).toEqual({ shape, values });
  expect(shown(readNpy(writeBytes([2, 2], Uint8Array.of(1, 2, 3, 255))))).toEqual({
    shape: [2, 2],
    values: [1, 2, 3, 255],
  });
});

it("puts NumPy's column order into rows", () => {
  expect(shown(readNpy(Buffer.from(SAVED.fortran, 'base64')))).toEqual({
    shape: [2, 3],
    values: [0, 1, 2, 3, 4, 5],
  });
});

it('refuses what is no array of numbers', () => {
  const good = writeDoubles({ shape: [2], values: [1, 2] });
  const pickled = Uint8Array.from(good);
  pickled.set(Buffer.from("'|O8'"), Buffer.from(good).indexOf("'<f8'"));
  expect(() => readNpy(new Uint8Array(20))).toThrow('not an npy file');
  expect(() => readNpy(good.subarray(0, -1))).toThrow('another length');
  expect(() => readNpy(pickled)).toThrow('only plain numbers');
  expect(() => readNpy(new Uint8Array())).toThrow('not an npy file');
});
