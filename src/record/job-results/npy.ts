/**
 * NumPy's file format, versions 1 to 3 (numpy/lib/format.py), of the types that results hold:
 *
 *     93 'NUMPY' 01 00  76 00  "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 8, 1), }     \n"  data
 *
 * The data must be exactly as long as shape and type say. Objects (pickles) are refused: they are programs.
 */

import { Undecodable } from './undecodable.ts';

export interface NdArray {
  readonly shape: readonly number[];
  /** As NumPy writes it, without the byte order: `u1`, `f8`, `b1`. */
  readonly type: string;
  /** C order. Complex numbers are pairs. */
  readonly data: Uint8Array | Float64Array;
}

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const HEADER =
  /^\{'descr': '([<>|=])([a-z])(\d{1,4})', 'fortran_order': (True|False), 'shape': \(((?:\d{1,15}(?:, |,)?)*)\), \}\s*$/;
const MAX_DIMENSIONS = 32;

type Reader = (view: DataView, at: number) => number;

const READERS: Readonly<Record<string, Reader>> = {
  i1: (view, at) => view.getInt8(at),
  i2: (view, at) => view.getInt16(at, true),
  u2: (view, at) => view.getUint16(at, true),
  i4: (view, at) => view.getInt32(at, true),
  u4: (view, at) => view.getUint32(at, true),
  i8: (view, at) => safe(view.getBigInt64(at, true)),
  u8: (view, at) => safe(view.getBigUint64(at, true)),
  f4: (view, at) => view.getFloat32(at, true),
  f8: (view, at) => view.getFloat64(at, true),
};

/** @throws Undecodable */
export function readNpy(bytes: Uint8Array): NdArray {
  const { header, at } = readHeader(bytes);
  const match = HEADER.exec(header);
  if (match === null) throw new Undecodable('an array whose header is not NumPy’s');
  const [, order, kind, size, fortran, dimensions] = match as unknown as string[];
  if (order === '>') throw new Undecodable('a big-endian array');
  const shape = [...dimensions!.matchAll(/\d+/g)].map(([digits]) => Number(digits));
  if (shape.length > MAX_DIMENSIONS) throw new Undecodable(`an array of ${shape.length} dimensions`);
  const data = readData(bytes.subarray(at), kind!, Number(size), sizeOf(shape));
  const type = `${kind}${size}`;
  return { shape, type, data: fortran === 'True' ? toRowOrder(data, shape, type === 'c16' ? 2 : 1) : data };
}

/** How many elements a shape has. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

function readHeader(bytes: Uint8Array): { readonly header: string; readonly at: number } {
  if (bytes.length < 12 || MAGIC.some((byte, index) => bytes[index] !== byte))
    throw new Undecodable('bytes that are no NumPy array');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = bytes[6]!;
  if (version < 1 || version > 3) throw new Undecodable(`NumPy's file format ${version}`);
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const at = (version === 1 ? 10 : 12) + length;
  if (at > bytes.length) throw new Undecodable('an array that ends in its header');
  const header = Array.from(bytes.subarray(at - length, at), (byte) => String.fromCharCode(byte)).join('');
  return { header, at };
}

function readData(data: Uint8Array, kind: string, size: number, count: number): Uint8Array | Float64Array {
  if (!Number.isSafeInteger(count) || data.length !== count * size)
    throw new Undecodable(`an array of ${data.length} bytes, not of ${count} elements`);
  const type = `${kind}${size}`;
  if (type === 'u1' || type === 'b1') return data;
  if (type === 'c16') return readNumbers(data, READERS.f8!, 8, 2 * count);
  const reader = READERS[type];
  if (reader === undefined) throw new Undecodable(`an array of type ${type}`);
  return readNumbers(data, reader, size, count);
}

function readNumbers(data: Uint8Array, reader: Reader, size: number, count: number): Float64Array {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const numbers = new Float64Array(count);
  for (let i = 0; i < count; i++) numbers[i] = reader(view, i * size);
  return numbers;
}

/** Fortran has the first index run fastest; NumPy saves an estimator's values so. @param width numbers an element */
function toRowOrder<T extends Uint8Array | Float64Array>(
  data: T,
  shape: readonly number[],
  width: number,
): T {
  const ordered = data.slice() as T;
  const index = shape.map(() => 0);
  for (let to = 0; to < data.length; to += width) {
    const from = width * index.reduceRight((at, position, axis) => at * shape[axis]! + position, 0);
    for (let part = 0; part < width; part++) ordered[to + part] = data[from + part]!;
    advance(index, shape);
  }
  return ordered;
}

/** To the next element in C order. */
function advance(index: number[], shape: readonly number[]): void {
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    index[axis]!++;
    if (index[axis]! < shape[axis]!) return;
    index[axis] = 0;
  }
}

function safe(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new Undecodable('an integer beyond ±(2^53−1)');
  return number;
}
