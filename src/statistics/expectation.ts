/** Two expectation values within their errors: the distance in standard deviations of the difference, and how often it is as large. */

import { normalTwoSided } from './incomplete-gamma.ts';

export interface Estimate {
  readonly value: number;
  /** One standard deviation; undefined where nobody stated it. */
  readonly error: number | undefined;
}

/** What two programs may differ by that compute one value exactly. */
const ROUNDING = 1e-9;

/** @returns undefined where an error isn't known and the values differ */
export function compareEstimates(
  a: Estimate,
  b: Estimate,
): { readonly z: number; readonly p: number } | undefined {
  const difference = a.value - b.value;
  const isRounding = Math.abs(difference) <= ROUNDING * Math.max(1, Math.abs(a.value), Math.abs(b.value));
  if (isRounding) return { z: 0, p: 1 };
  if (a.error === undefined || b.error === undefined) return undefined;
  const z = difference / Math.sqrt(a.error * a.error + b.error * b.error);
  return { z, p: normalTwoSided(z) };
}
