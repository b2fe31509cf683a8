/**
 * A job's params as programs to be: PUBs of a sampler (`[circuit, values?, shots?]`) or an estimator
 * (`[circuit, observables, values?, precision?]`).
 *
 * A circuit is OpenQASM text, or QPY: base64 of it, usually deflated. A QPY file is Qiskit's own: here it is only hashed.
 */

import { inflateSync } from 'node:zlib';
import { fromBase64, toHex, utf8 } from '../core/bytes.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../core/json.ts';
import { asEncoded } from '../record/job-results/encoded.ts';

export interface PubSource {
  readonly format: 'openqasm2' | 'openqasm3' | 'qpy';
  readonly bytes: Uint8Array;
}

export interface Pub {
  readonly source: PubSource | undefined;
  /** As the job has it. */
  readonly observables: JsonValue | undefined;
  readonly values: JsonValue | undefined;
  /** Of each point; undefined where the job doesn't say. */
  readonly shots: number | undefined;
}

const QPY_MAGIC = 'QISKIT';
const MAX_QPY_BYTES = 2 ** 28;

/** @returns none where the params aren't a primitive's, or the provider has them no more */
export function readPubs(program: string, params: JsonValue | null | undefined): readonly Pub[] {
  if (!isJsonObject(params ?? undefined)) return [];
  const { pubs, shots, options } = params as JsonObject;
  if (!Array.isArray(pubs)) return [];
  const byDefault = whole(shots) ?? (isJsonObject(options) ? whole(options.default_shots) : undefined);
  const isEstimator = program.startsWith('estimator');
  return (pubs as JsonValue[]).map((value) => {
    const parts = Array.isArray(value) ? (value as JsonValue[]) : [value];
    const [circuit, ...rest] = parts;
    const [values, last] = isEstimator ? rest.slice(1) : rest;
    return {
      source: readSource(circuit),
      observables: isEstimator ? (rest[0] ?? undefined) : undefined,
      values: values ?? undefined,
      shots: isEstimator ? undefined : (whole(last) ?? byDefault),
    };
  });
}

function whole(value: JsonValue | undefined): number | undefined {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined;
}

function readSource(value: JsonValue | undefined): PubSource | undefined {
  const encoded = asEncoded(value);
  if (encoded !== undefined)
    return encoded.type === 'QuantumCircuit' && typeof encoded.value === 'string'
      ? readQpy(encoded.value)
      : undefined;
  if (typeof value !== 'string') return undefined;
  const version = /^\s*(?:(?:\/\/[^\n]*\n|\/\*[\s\S]*?\*\/)\s*)*OPENQASM\s+([23])/.exec(value)?.[1];
  if (version !== undefined)
    return { format: version === '2' ? 'openqasm2' : 'openqasm3', bytes: utf8(value) };
  return readQpy(value);
}

function readQpy(text: string): PubSource | undefined {
  const packed = fromBase64(text);
  const bytes = packed === undefined || isQpy(packed) ? packed : inflate(packed);
  return bytes !== undefined && isQpy(bytes) ? { format: 'qpy', bytes } : undefined;
}

function isQpy(bytes: Uint8Array): boolean {
  return toHex(bytes.subarray(0, QPY_MAGIC.length)) === toHex(utf8(QPY_MAGIC));
}

function inflate(packed: Uint8Array): Uint8Array | undefined {
  try {
    return new Uint8Array(inflateSync(packed, { maxOutputLength: MAX_QPY_BYTES }));
  } catch {
    // Whatever it is, it is no QPY.
    return undefined;
  }
}
