/** How much of a provider's answer is unpacked, where its arrays are compressed. */

import { inflateZlib } from '../core/inflate.ts';
import type { Inflation } from '../record/job-results/encoded.ts';

/** Of one answer: 100,000 shots of 156 qubits are 2 MB. */
const MAX_INFLATED_BYTES = 2 ** 29;

export function inflation(left = MAX_INFLATED_BYTES): Inflation {
  return { left, inflate: inflateZlib };
}
