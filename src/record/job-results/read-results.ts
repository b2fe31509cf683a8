/** A job's results as they came, read in whichever of the provider's forms they are. */

import { isJsonObject, JsonError, type JsonLimits, type JsonValue, parseJsonBytes } from '../../core/json.ts';
import { asEncoded, type Inflation } from './encoded.ts';
import { readPlainJson } from './plain-json.ts';
import { type PrimitiveResult, readPrimitiveResult } from './primitive-result.ts';
import { Undecodable } from './undecodable.ts';

export type Results =
  | ({ readonly form: 'plain' | 'qiskit' } & PrimitiveResult)
  | { readonly form: 'unknown'; readonly reason: string };

export function readResults(bytes: Uint8Array, limits: JsonLimits, inflation: Inflation): Results {
  try {
    return readForm(parseJsonBytes(bytes, limits), inflation);
  } catch (error) {
    if (!(error instanceof JsonError) && !(error instanceof Undecodable)) throw error;
    return { form: 'unknown', reason: error.message };
  }
}

function readForm(value: JsonValue, inflation: Inflation): Results {
  if (asEncoded(value) !== undefined) return { form: 'qiskit', ...readPrimitiveResult(value, inflation) };
  if (isJsonObject(value) && typeof value.schema_version === 'string')
    throw new Undecodable(`results of a form of their own, ${value.schema_version}`);
  return { form: 'plain', ...readPlainJson(value, inflation) };
}
