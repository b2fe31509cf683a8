/**
 * NumPy's file of one array (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html), versions 1 to 3:
 *
 *     \x93NUMPY 1 0 <length, u16> {'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), } \n <data>
 *
 * Only numbers are read: no objects, which would be Python's pickles.
 */

import { type Bytes, concatenate, utf8 } from '../../core/bytes.ts';

/** Numbers in C order. */
export interface NdArray {
  readonly shape: readonly number[];
  readonly values: ArrayLike<number>;
}

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const HEADER =
  /'descr':\s*'([<>|=])([a-z])(\d+)',\s*'fortran_order':\s*(True|False),\s*'shape':\s*\(([\d,\s]*)\)/;
const ALIGNMENT = 64;

type Reader = (view: DataView, at: number, little: boolean) => number;
const READERS: Readonly<Record<string, Reader>> = {
  f8: (view, at, little) => view.getFloat64(at, little),
  f4: (view, at, little) => view.getFloat32(at, little),
  i8: (view, at, little) => Number(view.getBigInt64(at, little)),
  i4: (view, at, little) => view.getInt32(at, little),
  i2: (view, at, little) => view.getInt16(at, little),
  i1: (view, at) => view.getInt8(at),
  u8: (view, at, little) => Number(view.getBigUint64(at, little)),
  u4: (view, at, little) => view.getUint32(at, little),
  u2: (view, at, little) => view.getUint16(at, little),
  u1: (view, at) => view.getUint8(at),
  b1: (view, at) => view.getUint8(at),
};

/** @throws RangeError where it is no array of numbers */
export function readNpy(bytes: Uint8Array): NdArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 10 || MAGIC.some((byte, at) => bytes[at] !== byte))
    throw new RangeError('not an npy file');
  const wide = bytes[6]! > 1;
  const start = wide ? 12 : 10;
  const data = start + (wide ? view.getUint32(8, true) : view.getUint16(8, true));
  const header = HEADER.exec(Buffer.from(bytes.subarray(start, data)).toString('latin1'));
  if (header === null) throw new RangeError('an npy header that is not read: only plain numbers are');
  const [, order, kind, width, fortran, dimensions] = header;
  const read = READERS[`${kind}${width}`];
  if (read === undefined) throw new RangeError(`an npy file of ${kind}${width}`);
  const shape = [...dimensions!.matchAll(/\d+/g)].map(([digits]) => Number(digits));
  const count = countOf(shape);
  const size = Number(width);
  if (data + count * size !== bytes.length)
    throw new RangeError('an npy file of another length than its shape');
  const values = new Float64Array(count);
  for (let at = 0; at < count; at++) values[at] = read(view, data + at * size, order !== '>');
  return { shape, values: fortran === 'True' ? fromFortran(values, shape) : values };
}

export function countOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** First index fastest → last index fastest. */
function fromFortran(values: Float64Array, shape: readonly number[]): Float64Array {
  return values.map((_, at) => {
    let rest = at;
    let place = 0;
    let stride = 1;
    const index = [...shape].reverse().map((size) => {
      const digit = rest % size;
      rest = Math.floor(rest / size);
      return digit;
    });
    for (const [axis, digit] of index.reverse().entries()) {
      place += digit * stride;
      stride *= shape[axis]!;
    }
    return values[place]!;
  });
}

export function writeDoubles({ shape, values }: NdArray): Bytes {
  const data = new Uint8Array(8 * values.length);
  const view = new DataView(data.buffer);
  for (let at = 0; at < values.length; at++) view.setFloat64(8 * at, values[at]!, true);
  return writeNpy('<f8', shape, data);
}

export function writeBytes(shape: readonly number[], data: Uint8Array): Bytes {
  return writeNpy('|u1', shape, data);
}

function writeNpy(descr: string, shape: readonly number[], data: Uint8Array): Bytes {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const dictionary = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const padded = Math.ceil((10 + dictionary.length + 1) / ALIGNMENT) * ALIGNMENT - 10;
  const length = new Uint8Array([padded & 0xff, padded >> 8]);
  const header = utf8(`${dictionary.padEnd(padded - 1)}\n`);
  return concatenate([Uint8Array.from([...MAGIC, 1, 0]), length, header, data]);
}
