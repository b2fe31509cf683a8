/** What one PUB gave, in whichever form it came. */

import type { JsonObject } from '../../core/json.ts';
import type { Register } from './register.ts';

export type PubOutcome =
  | { readonly kind: 'counts'; readonly registers: readonly Register[]; readonly metadata: JsonObject }
  | {
      readonly kind: 'expectation';
      readonly shape: readonly number[];
      /** C order; may hold NaN, where the provider gave it. */
      readonly values: Float64Array;
      readonly errors?: Float64Array;
      readonly metadata: JsonObject;
    }
  /** Something else, or something broken: the raw bytes have it. */
  | { readonly kind: 'other'; readonly reason: string; readonly metadata: JsonObject };
