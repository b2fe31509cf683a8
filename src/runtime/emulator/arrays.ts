/** Arrays of numbers, however a request holds them; and NumPy's broadcasting, by which values meet observables. */

import { isJsonObject, type JsonValue } from '../../core/json.ts';
import { countOf, type NdArray, readNpy } from './npy.ts';
import { typeOf, unpack } from './typed-value.ts';

/** @throws RangeError */
export function readArray(value: JsonValue): NdArray {
  if (typeOf(value) === 'ndarray' && isJsonObject(value)) {
    const inner = value.__value__;
    return typeof inner === 'string' ? readNpy(unpack(inner)) : readNested(inner!);
  }
  return readNested(value);
}

function readNested(value: JsonValue): NdArray {
  const values: number[] = [];
  const shape = collect(value, (leaf) => {
    if (typeof leaf !== 'number') throw new RangeError('an array of something else than numbers');
    values.push(leaf);
  });
  return { shape, values };
}

/**
 * The shape of nested lists whose leaves are no lists, each leaf given in C order.
 *
 * @throws RangeError where the lists are of unequal lengths
 */
export function collect(value: JsonValue, take: (leaf: JsonValue) => void): number[] {
  if (!Array.isArray(value)) {
    take(value);
    return [];
  }
  const shapes = value.map((item) => collect(item, take));
  const inner = shapes[0] ?? [];
  if (shapes.some((shape) => shape.join() !== inner.join())) throw new RangeError('lists of unequal lengths');
  return [value.length, ...inner];
}

/** Numbers in C order as nested lists. */
export function nest<T>(shape: readonly number[], items: readonly T[]): JsonValue {
  if (shape.length === 0) return items[0] as JsonValue;
  const [length, ...inner] = shape;
  const size = countOf(inner);
  return Array.from({ length: length! }, (_, at) => nest(inner, items.slice(at * size, (at + 1) * size)));
}

/** @throws RangeError where they don't fit */
export function broadcastShape(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const left = a[axis - rank + a.length] ?? 1;
    const right = b[axis - rank + b.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1)
      throw new RangeError(`the shapes (${a.join(', ')}) and (${b.join(', ')}) don't broadcast`);
    return left === 1 ? right : left;
  });
}

/** Where, in an array of `shape`, the item is that stands at `at` of the broadcast one. */
export function broadcastIndex(shape: readonly number[], whole: readonly number[], at: number): number {
  let rest = at;
  let index = 0;
  let stride = 1;
  for (let axis = 1; axis <= shape.length; axis++) {
    const size = shape[shape.length - axis]!;
    const digit = rest % whole[whole.length - axis]!;
    rest = Math.floor(rest / whole[whole.length - axis]!);
    index += (size === 1 ? 0 : digit) * stride;
    stride *= size;
  }
  return index;
}
