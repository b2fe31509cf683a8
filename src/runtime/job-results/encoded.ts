/**
 * The official client's encoding of Python values in JSON: `{"__type__":"BitArray","__value__":{…}}`. Compressed ones are
 * base64(zlib(bytes)).
 */

import { inflateSync } from 'node:zlib';
import { fromBase64 } from '../../core/bytes.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import { Undecodable } from './undecodable.ts';

/** What one array may take when it is inflated: a few kilobytes of zlib can hold gigabytes of zeros. */
const MAX_INFLATED_BYTES = 2 ** 29;

export interface Encoded {
  readonly type: string;
  readonly value: JsonValue;
}

export function asEncoded(value: JsonValue | undefined): Encoded | undefined {
  if (!isJsonObject(value) || typeof value.__type__ !== 'string') return undefined;
  return { type: value.__type__, value: value.__value__ ?? null };
}

/** @throws Undecodable where it is no object of one of these types */
export function demandEncoded(value: JsonValue | undefined, ...types: readonly string[]): JsonObject {
  const encoded = asEncoded(value);
  if (encoded === undefined || !types.includes(encoded.type))
    throw new Undecodable(`expected ${types.join(' or ')}, found ${encoded?.type ?? typeof value}`);
  if (!isJsonObject(encoded.value)) throw new Undecodable(`${encoded.type} without its members`);
  return encoded.value;
}

/** @throws Undecodable */
export function inflateBase64(text: string): Uint8Array {
  const packed = fromBase64(text);
  if (packed === undefined) throw new Undecodable('an array that is not base64');
  try {
    // Not as a Buffer, whose `slice` would share its memory.
    return new Uint8Array(inflateSync(packed, { maxOutputLength: MAX_INFLATED_BYTES }));
  } catch (error) {
    throw new Undecodable(`an array that can't be inflated: ${(error as Error).message}`);
  }
}
