/**
 * Linear cross-entropy benchmarking: F = D·⟨p(xᵢ)⟩ − 1 over the shots, D being the number of outcomes (F. Arute et al., *Quantum
 * Supremacy Using a Programmable Superconducting Processor*, Nature 574, 2019, supplement IV). It is the fidelity where the ideal
 * distribution is Porter–Thomas; of any other, perfect shots give D·Σp² − 1, which is stated beside it. The error is that of the
 * mean, from the shots' own spread: the textbook's √((1+2F−F²)/M) holds for Porter–Thomas alone.
 */

export interface LinearXeb {
  readonly value: number;
  /** One standard deviation; infinite for a single shot. */
  readonly error: number;
  /** What perfect shots give on average. */
  readonly ideal: number;
}

/** @param ideal probabilities of all outcomes, adding up to one */
export function linearXeb(observed: ArrayLike<number>, ideal: ArrayLike<number>): LinearXeb {
  let shots = 0;
  let sum = 0;
  let purity = 0;
  for (let outcome = 0; outcome < ideal.length; outcome++) {
    shots += observed[outcome]!;
    sum += observed[outcome]! * ideal[outcome]!;
    purity += ideal[outcome]! * ideal[outcome]!;
  }
  const mean = sum / shots;
  let spread = 0;
  for (let outcome = 0; outcome < ideal.length; outcome++) {
    const distance = ideal[outcome]! - mean;
    if (observed[outcome]! > 0) spread += observed[outcome]! * distance * distance;
  }
  const size = ideal.length;
  const error = shots > 1 ? size * Math.sqrt(spread / (shots - 1) / shots) : Number.POSITIVE_INFINITY;
  return { value: size * mean - 1, error, ideal: size * purity - 1 };
}
