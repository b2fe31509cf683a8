/**
 * The official client's encoding of Python values in JSON: `{"__type__":"BitArray","__value__":{…}}`. Compressed ones are
 * base64(zlib(bytes)).
 */

import { fromBase64 } from '../../core/bytes.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';
import { Undecodable } from './undecodable.ts';

/** What an answer may take as it is read; and what inflates zlib's form. */
export interface Inflation {
  /** Bytes that may still be unpacked: a few kilobytes can ask for gigabytes of zeros. */
  left: number;
  /** Absent where nothing here can. @throws Error where it is broken, or inflates to more than `most` bytes */
  readonly inflate?: ((packed: Uint8Array, most: number) => Uint8Array) | undefined;
}

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

/** @throws Undecodable where so many bytes are more than may still be unpacked */
export function claim(inflation: Inflation, bytes: number): void {
  if (bytes > inflation.left) throw new Undecodable('an answer that unpacks to more than is read');
  inflation.left -= bytes;
}

/** @throws Undecodable */
export function inflateBase64(text: string, inflation: Inflation): Uint8Array {
  const packed = fromBase64(text);
  if (packed === undefined) throw new Undecodable('an array that is not base64');
  if (inflation.inflate === undefined)
    throw new Undecodable('a compressed array, which nothing here inflates');
  try {
    const inflated = inflation.inflate(packed, inflation.left);
    claim(inflation, inflated.length);
    return inflated;
  } catch (error) {
    throw new Undecodable(`an array that can't be inflated: ${(error as Error).message}`);
  }
}
