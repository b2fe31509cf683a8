/** A job's results as they came, read in whichever of the provider's forms they are. */

import { isJsonObject, JsonError, type JsonLimits, type JsonValue, parseJsonBytes } from '../../core/json.ts';
import { asEncoded } from './encoded.ts';
import { findSpans, type Span } from './execution-spans.ts';
import { readPlainJson } from './plain-json.ts';
import { type PrimitiveResult, readPrimitiveResult } from './primitive-result.ts';
import type { PubOutcome } from './pub-outcome.ts';
import { Undecodable } from './undecodable.ts';

export type Decoded =
  | {
      readonly form: 'plain' | 'qiskit';
      readonly pubs: readonly PubOutcome[];
      readonly spans: readonly Span[] | undefined;
    }
  | { readonly form: 'unknown'; readonly reason: string };

/** 100,000 shots of 156 qubits are 5 MB of samples. What is larger than this is kept, and not read. */
export const RESULT_LIMITS: JsonLimits = { bytes: 256_000_000, depth: 64, items: 20_000_000 };

export function decodeResults(bytes: Uint8Array): Decoded {
  try {
    const value = parseJsonBytes(bytes, RESULT_LIMITS);
    const { form, result } = readForm(value);
    return { form, pubs: result.pubs, spans: findSpans(result.metadata) };
  } catch (error) {
    if (!(error instanceof JsonError) && !(error instanceof Undecodable)) throw error;
    return { form: 'unknown', reason: error.message };
  }
}

function readForm(value: JsonValue): { form: 'plain' | 'qiskit'; result: PrimitiveResult } {
  if (asEncoded(value) !== undefined) return { form: 'qiskit', result: readPrimitiveResult(value) };
  if (isJsonObject(value) && typeof value.schema_version === 'string')
    throw new Undecodable(`results of a form of their own, ${value.schema_version}`);
  return { form: 'plain', result: readPlainJson(value) };
}
