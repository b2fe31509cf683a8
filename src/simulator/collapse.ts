/**
 * One qubit's measurement: the probabilities of its outcomes, and the state after one of them. The outcomes own the two
 * halves of the amplitudes, so that putting one aside takes half a state.
 */

import type { Statevector } from './statevector.ts';

export type Outcome = 0 | 1;

/** The amplitudes of one outcome, in the order of their index. */
export interface Half {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

/** Sums of re² + im² in the order of the index, of the amplitudes as they are: they need not add up to one. */
export function outcomeProbabilities(state: Statevector, qubit: number): [number, number] {
  return [outcomeProbability(state, qubit, 0), outcomeProbability(state, qubit, 1)];
}

function outcomeProbability({ re, im }: Statevector, qubit: number, outcome: Outcome): number {
  let sum = 0;
  for (let k = 0; k < re.length / 2; k++) {
    const i = indexIn(k, qubit, outcome);
    sum += re[i]! * re[i]! + im[i]! * im[i]!;
  }
  return sum;
}

export function copyHalf({ re, im }: Statevector, qubit: number, outcome: Outcome): Half {
  const half = { re: new Float64Array(re.length / 2), im: new Float64Array(re.length / 2) };
  for (let k = 0; k < half.re.length; k++) {
    const i = indexIn(k, qubit, outcome);
    half.re[k] = re[i]!;
    half.im[k] = im[i]!;
  }
  return half;
}

/** The state becomes this half, with the qubit at `value` and nothing left of the other value. */
export function restoreHalf({ re, im }: Statevector, qubit: number, value: Outcome, half: Half): void {
  const other = 1 << qubit;
  for (let k = 0; k < half.re.length; k++) {
    const i = indexIn(k, qubit, value);
    re[i] = half.re[k]!;
    im[i] = half.im[k]!;
    re[i ^ other] = 0;
    im[i ^ other] = 0;
  }
}

/** The state after `outcome`, times `factor`, its qubit then set to `value`. */
export function keepOutcome(
  { re, im }: Statevector,
  qubit: number,
  outcome: Outcome,
  value: Outcome,
  factor: number,
): void {
  const other = 1 << qubit;
  for (let k = 0; k < re.length / 2; k++) {
    const from = indexIn(k, qubit, outcome);
    const to = indexIn(k, qubit, value);
    const r = re[from]! * factor;
    const s = im[from]! * factor;
    re[to ^ other] = 0;
    im[to ^ other] = 0;
    re[to] = r;
    im[to] = s;
  }
}

/** The k-th of the indices at which the qubit has the value. */
function indexIn(k: number, qubit: number, value: Outcome): number {
  const low = k & ((1 << qubit) - 1);
  return ((k ^ low) << 1) | (value << qubit) | low;
}
