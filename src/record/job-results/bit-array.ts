/** `{"__type__":"BitArray","__value__":{"array":ndarray,"num_bits":10}}`. */

import type { JsonValue } from '../../core/json.ts';
import { demandEncoded, type Inflation } from './encoded.ts';
import { readNdArray } from './ndarray.ts';
import { makeRegister, type Register } from './register.ts';
import { Undecodable } from './undecodable.ts';

/** @throws Undecodable */
export function readBitArray(name: string, value: JsonValue | undefined, inflation: Inflation): Register {
  const { array, num_bits: bits } = demandEncoded(value, 'BitArray');
  if (typeof bits !== 'number') throw new Undecodable('a BitArray without its number of bits');
  return makeRegister(name, bits, readNdArray(array, inflation));
}
