/** One program's counts beside what its circuit gives without noise. */

import { type IdealDistribution, keyOf, tally } from '../simulator/ideal-distribution.ts';
import type { DepolarizingFit } from '../statistics/depolarizing.ts';
import { fitDepolarizing } from '../statistics/depolarizing.ts';
import { type GTest, testFit } from '../statistics/g-test.ts';
import { type LinearXeb, linearXeb } from '../statistics/linear-xeb.ts';

export interface ProgramFit {
  readonly shots: number;
  /** Undefined where too few shots are expected of any outcome. */
  readonly test: GTest | undefined;
  /** Whether there is but one outcome, which leaves nothing to test. */
  readonly isCertain: boolean;
  /** Outcome → count, of those that the circuit can't give. */
  readonly impossible: ReadonlyMap<string, number>;
  /** Whether some of them have a bit that the circuit never writes: no noise does that. */
  readonly hasUnwritten: boolean;
  /** What noise would explain the counts, and how well. */
  readonly noise: () => NoiseFit;
}

export interface NoiseFit {
  readonly fit: DepolarizingFit;
  readonly xeb: LinearXeb;
  /** Of the counts, with the fitted noise. */
  readonly test: GTest | undefined;
}

/** @param counts at least one shot, as wide as the circuit's bits */
export function fitProgram(ideal: IdealDistribution, counts: ReadonlyMap<string, number>): ProgramFit {
  const { counts: observed, elsewhere } = tally(counts, ideal);
  const { probabilities } = ideal;
  const shots = observed.reduce((sum, count) => sum + count, 0);
  const impossible = new Map(elsewhere);
  for (const [at, count] of observed.entries())
    if (count > 0 && isImpossible(count, shots * probabilities[at]!, observed.length))
      impossible.set(keyOf(at, ideal), count);
  return {
    shots: [...elsewhere.values()].reduce((sum, count) => sum + count, shots),
    test:
      shots === 0
        ? undefined
        : testFit(
            observed,
            probabilities.map((p) => p * shots),
          ),
    isCertain: probabilities.some((p) => p > 1 - CERTAIN),
    impossible,
    hasUnwritten: elsewhere.size > 0,
    noise: () => fitNoise(observed, probabilities, shots),
  };
}

/** An outcome that is left with less than this is rounding. */
const CERTAIN = 1e-12;

/**
 * In one honest program of a million any outcome is called impossible. So rare an outcome is expected `expected` times, and occurs
 * `count` times or more with a probability of at most expectedᶜ / c!, for each of the outcomes.
 */
const ONCE_IN = 1e-6;

function isImpossible(count: number, expected: number, outcomes: number): boolean {
  if (expected >= 1) return false;
  let bound = outcomes;
  for (let n = 1; n <= count && bound > 0; n++) bound *= expected / n;
  return bound < ONCE_IN;
}

function fitNoise(observed: Float64Array, ideal: Float64Array, shots: number): NoiseFit {
  const fit = fitDepolarizing(observed, ideal);
  const { fidelity } = fit;
  const noisy = ideal.map((p) => shots * Math.max(0, fidelity * p + (1 - fidelity) / ideal.length));
  return { fit, xeb: linearXeb(observed, ideal), test: testFit(observed, noisy, 1) };
}
