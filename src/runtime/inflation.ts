/** Node's zlib, for the compressed arrays in a provider's answers. */

import { inflateSync } from 'node:zlib';
import type { Inflation } from '../record/job-results/encoded.ts';

/** Of one answer: 100,000 shots of 156 qubits are 2 MB. */
const MAX_INFLATED_BYTES = 2 ** 29;

export function nodeInflation(left = MAX_INFLATED_BYTES): Inflation {
  return {
    left,
    // Not as a Buffer, whose `slice` would share its memory.
    inflate: (packed, most) => new Uint8Array(inflateSync(packed, { maxOutputLength: Math.max(1, most) })),
  };
}
