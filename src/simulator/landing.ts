/** Draws from a state: where on the running sum of its probabilities they land. */

import type { PythonRandom } from '../core/python-random.ts';
import type { Statevector } from './statevector.ts';

export function totalProbability({ re, im }: Statevector): number {
  let total = 0;
  for (let i = 0; i < re.length; i++) total += re[i]! * re[i]! + im[i]! * im[i]!;
  return total;
}

export function drawSorted(random: PythonRandom, shots: number, total: number): Float64Array {
  const draws = new Float64Array(shots);
  for (let shot = 0; shot < shots; shot++) draws[shot] = random.random() * total;
  return draws.sort();
}

/**
 * Reports each basis state that ascending `draws` land on, with how many. A state of probability zero does not raise the
 * running sum, so nothing lands on it; a draw that rounding put at or past the end lands on the last state that did.
 */
export function landDraws(
  { re, im }: Statevector,
  draws: Float64Array,
  report: (index: number, hits: number) => void,
): void {
  let sum = 0;
  let landed = 0;
  let last = 0;
  for (let i = 0; i < re.length && landed < draws.length; i++) {
    const before = sum;
    sum += re[i]! * re[i]! + im[i]! * im[i]!;
    if (sum === before) continue;
    last = i;
    const first = landed;
    while (landed < draws.length && draws[landed]! < sum) landed++;
    if (landed > first) report(i, landed - first);
  }
  if (landed < draws.length) report(last, draws.length - landed);
}
