/**
 * `{"__type__":"ndarray","__value__":"base64(zlib(npy))"}`, and what the official client also takes for one: a number, or
 * nested lists of them.
 */

import type { JsonValue } from '../../core/json.ts';
import { asEncoded, type Inflation, inflateBase64 } from './encoded.ts';
import { type NdArray, readNpy } from './npy.ts';
import { Undecodable } from './undecodable.ts';

/** @throws Undecodable */
export function readNdArray(value: JsonValue | undefined, inflation: Inflation): NdArray {
  const encoded = asEncoded(value);
  if (encoded === undefined) return readNested(value);
  if (encoded.type !== 'ndarray') throw new Undecodable(`expected ndarray, found ${encoded.type}`);
  return typeof encoded.value === 'string'
    ? readNpy(inflateBase64(encoded.value, inflation))
    : readNested(encoded.value);
}

/** As `readNdArray`, of real numbers. @throws Undecodable */
export function readReals(
  value: JsonValue | undefined,
  inflation: Inflation,
): NdArray & { readonly data: Float64Array } {
  const array = readNdArray(value, inflation);
  if (array.type.startsWith('c')) throw new Undecodable('complex numbers');
  return { ...array, data: Float64Array.from(array.data) };
}

/** `[[1, 2], [3, 4]]`: every list of one depth is as long as its neighbours. */
function readNested(value: JsonValue | undefined): NdArray {
  const shape = shapeOf(value);
  const flat = flatten(value, shape.length);
  if (!flat.every((item) => typeof item === 'number'))
    throw new Undecodable('an array of other than numbers');
  if (flat.length !== shape.reduce((product, length) => product * length, 1) || !isRegular(value, shape))
    throw new Undecodable('nested lists of different lengths');
  return { shape, type: 'f8', data: Float64Array.from(flat as readonly number[]) };
}

/** What nested lists hold at a depth, in order. */
export function flatten(value: JsonValue | undefined, depth: number): readonly JsonValue[] {
  let level: readonly JsonValue[] = value === undefined ? [] : [value];
  for (let i = 0; i < depth; i++)
    level = level.flatMap((list) => (Array.isArray(list) ? (list as readonly JsonValue[]) : []));
  return level;
}

/** Of nested lists, by the first of each depth. */
export function shapeOf(value: JsonValue | undefined): readonly number[] {
  const shape: number[] = [];
  for (let inner = value; Array.isArray(inner); inner = inner[0] as JsonValue | undefined)
    shape.push(inner.length);
  return shape;
}

export function isRegular(value: JsonValue | undefined, [length, ...rest]: readonly number[]): boolean {
  if (length === undefined) return !Array.isArray(value);
  return Array.isArray(value) && value.length === length && value.every((item) => isRegular(item, rest));
}
