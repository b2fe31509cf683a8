/** A job's results as they came, with when they ran. */

import type { JsonLimits } from '../../core/json.ts';
import type { PubOutcome } from '../../record/job-results/pub-outcome.ts';
import { readResults } from '../../record/job-results/read-results.ts';
import { inflation } from '../inflation.ts';
import { findSpans, type Span } from './execution-spans.ts';

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
  const results = readResults(bytes, RESULT_LIMITS, inflation());
  if (results.form === 'unknown') return results;
  const { form, pubs, metadata } = results;
  return { form, pubs, spans: findSpans(metadata) };
}
