/**
 * Which depolarizing strength λ explains counts best: the distribution is taken to be (1−λ)·p + λ/D, p being the ideal one and D the
 * number of outcomes, as after a channel ρ → (1−λ)ρ + λ·1/D on all qubits (Qiskit's `depolarizing_error` has the same λ). The
 * fidelity 1−λ of the greatest likelihood, and as its error 1/√I of the observed Fisher information I. The likelihood's logarithm
 * is concave, so that there is one maximum, and bisection finds it.
 */

export interface DepolarizingFit {
  /** 0 to 1, or a little below where counts avoid what the circuit makes likely. */
  readonly fidelity: number;
  /** One standard deviation; infinite where the counts can't tell: the ideal distribution is uniform. */
  readonly error: number;
}

interface Seen {
  readonly count: number;
  /** p − 1/D. */
  readonly excess: number;
}

/** @param ideal probabilities of all outcomes, adding up to one */
export function fitDepolarizing(observed: ArrayLike<number>, ideal: ArrayLike<number>): DepolarizingFit {
  const even = 1 / ideal.length;
  const seen: Seen[] = [];
  for (let outcome = 0; outcome < ideal.length; outcome++)
    if (observed[outcome]! > 0) seen.push({ count: observed[outcome]!, excess: ideal[outcome]! - even });
  const fidelity = findMaximum(seen, even);
  let information = 0;
  for (const { count, excess } of seen) {
    const slope = excess / (even + fidelity * excess);
    information += count * slope * slope;
  }
  return { fidelity, error: information === 0 ? Number.POSITIVE_INFINITY : 1 / Math.sqrt(information) };
}

function findMaximum(seen: readonly Seen[], even: number): number {
  const slopeAt = (fidelity: number): number =>
    seen.reduce((sum, { count, excess }) => sum + (count * excess) / (even + fidelity * excess), 0);
  const largest = seen.reduce((most, { excess }) => Math.max(most, excess), 0);
  if (largest === 0 && seen.every(({ excess }) => excess === 0)) return 0;
  // Below it the likeliest outcome that was seen would have no probability.
  let low = Math.max(-1, -even / largest);
  let high = 1;
  if (slopeAt(high) >= 0) return high;
  for (let step = 0; step < 200 && high - low > Number.EPSILON * 0.25; step++) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (slopeAt(middle) > 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
