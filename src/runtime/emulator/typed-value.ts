/**
 * The official client's JSON (`qiskit_ibm_runtime.json`, RuntimeEncoder): what JSON lacks, by type and value.
 *
 *     {"__type__":"ndarray","__value__":"<base64 of zlib of npy>"}
 *     {"__type__":"QuantumCircuit","__value__":"<base64 of zlib of QPY>"}
 */

import { deflateSync, inflateSync } from 'node:zlib';
import { fromBase64 } from '../../core/bytes.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../core/json.ts';

/** What one circuit or array may unpack to: some bytes can be a thousand times as many. */
const MAX_UNPACKED = 64 * 2 ** 20;

export function typed(type: string, value: JsonValue): JsonObject {
  return { __type__: type, __value__: value };
}

export function typeOf(value: JsonValue | undefined): string | undefined {
  return isJsonObject(value) && typeof value.__type__ === 'string' ? value.__type__ : undefined;
}

export function packed(type: string, bytes: Uint8Array): JsonObject {
  return typed(type, deflateSync(bytes).toString('base64'));
}

/** @throws RangeError */
export function unpack(text: string): Uint8Array {
  const bytes = fromBase64(text);
  if (bytes === undefined) throw new RangeError('not base64');
  try {
    return inflateSync(bytes, { maxOutputLength: MAX_UNPACKED });
  } catch (cause) {
    throw new RangeError('not zlib, cut short, or too large', { cause });
  }
}
