/**
 * How far apart two lots of counts are, as frequencies p and q: the total variation distance ½Σ|p−q|, 0 to 1, and the Hellinger
 * fidelity (Σ√(pq))², 1 to 0 (Qiskit's `hellinger_fidelity` is the same).
 */

import type { Samples } from './samples.ts';

export function totalVariation({ a, b, shotsA, shotsB }: Samples): number {
  let sum = 0;
  for (let outcome = 0; outcome < a.length; outcome++)
    sum += Math.abs(a[outcome]! / shotsA - b[outcome]! / shotsB);
  return sum / 2;
}

export function hellingerFidelity({ a, b, shotsA, shotsB }: Samples): number {
  let affinity = 0;
  for (let outcome = 0; outcome < a.length; outcome++) affinity += Math.sqrt(a[outcome]! * b[outcome]!);
  // Rounding must not make two equal lots more than equal.
  return Math.min(1, (affinity * affinity) / (shotsA * shotsB));
}
