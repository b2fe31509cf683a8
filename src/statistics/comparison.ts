/** Two programs' results, held against each other: each distance beside what shot noise alone would make it. */

import { hellingerFidelity, totalVariation } from './distances.ts';
import { compareEstimates } from './expectation.ts';
import { type GTest, testSamples } from './g-test.ts';
import { MIN_EXPECTED } from './pooled-cells.ts';
import { alignSamples, type Samples } from './samples.ts';
import { expectedHellingerFidelity, expectedTotalVariation } from './shot-noise.ts';
import { adjustByHolm, SIGNIFICANCE } from './significance.ts';

export type ComparableResult =
  | { readonly kind: 'counts'; readonly counts: ReadonlyMap<string, number> }
  | {
      readonly kind: 'expectation';
      readonly values: readonly number[];
      readonly errors?: readonly number[] | undefined;
    }
  /** And why. */
  | { readonly kind: 'none'; readonly reason: string };

type Outcome = 'agree' | 'differ' | 'unknown';

/** A number, and what it is on average where only shot noise tells the two apart. */
interface Measured {
  readonly value: number;
  readonly shotNoise: number;
}

export interface ComparedCounts {
  readonly kind: 'counts';
  readonly samples: Samples;
  readonly totalVariation: Measured;
  readonly hellingerFidelity: Measured;
  /** Undefined where there are too few shots. */
  readonly test: GTest | undefined;
}

interface ComparedValue {
  readonly a: number;
  readonly b: number;
  /** Undefined where an error isn't known. */
  readonly z: number | undefined;
}

export interface ComparedValues {
  readonly kind: 'expectation';
  readonly values: readonly ComparedValue[];
}

interface Concluded {
  readonly outcome: Outcome;
  /** The least p-value, as it counts among all that were made. */
  readonly adjusted: number | undefined;
  /** Why it can't be said. */
  readonly reason?: string;
}

export type ComparedProgram = (ComparedCounts | ComparedValues | { readonly kind: 'none' }) & Concluded;

export interface Comparison {
  readonly outcome: Outcome;
  /** How many tests were made, for Holm's rule. */
  readonly tests: number;
  readonly programs: readonly ComparedProgram[];
}

/** A comparison before the tests are held against each other. */
interface Tested {
  readonly compared: ComparedCounts | ComparedValues | { readonly kind: 'none' };
  readonly ps: readonly number[];
  readonly reason?: string;
}

/** @param a results of as many programs as `b`, each of the same kind, and as many bits or values */
export function compareResults(a: readonly ComparableResult[], b: readonly ComparableResult[]): Comparison {
  const tested = a.map((result, at) => compareOne(result, b[at]!));
  const adjusted = adjustByHolm(tested.flatMap(({ ps }) => ps));
  let next = 0;
  const programs = tested.map(({ compared, ps, reason }): ComparedProgram => {
    const own = adjusted.slice(next, next + ps.length);
    next += ps.length;
    const least = own.length === 0 ? undefined : Math.min(...own);
    const differs = least !== undefined && least < SIGNIFICANCE;
    if (differs || reason === undefined)
      return { ...compared, outcome: differs ? 'differ' : 'agree', adjusted: least };
    return { ...compared, outcome: 'unknown', adjusted: least, reason };
  });
  const has = (outcome: Outcome): boolean => programs.some((program) => program.outcome === outcome);
  const outcome = has('differ') ? 'differ' : has('unknown') ? 'unknown' : 'agree';
  return { outcome, tests: adjusted.length, programs };
}

function compareOne(a: ComparableResult, b: ComparableResult): Tested {
  if (a.kind === 'none') return { compared: a, ps: [], reason: `A: ${a.reason}` };
  if (b.kind === 'none') return { compared: b, ps: [], reason: `B: ${b.reason}` };
  if (a.kind === 'counts' && b.kind === 'counts') return compareCounts(a.counts, b.counts);
  if (a.kind === 'expectation' && b.kind === 'expectation') return compareValues(a, b);
  throw new RangeError('counts beside expectation values');
}

function compareCounts(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): Tested {
  if (a.size === 0 || b.size === 0)
    return { compared: { kind: 'none' }, ps: [], reason: `${a.size === 0 ? 'A' : 'B'} has no shots` };
  const samples = alignSamples(a, b);
  const test = testSamples(samples.a, samples.b);
  const compared: ComparedCounts = {
    kind: 'counts',
    samples,
    totalVariation: { value: totalVariation(samples), shotNoise: expectedTotalVariation(samples) },
    hellingerFidelity: { value: hellingerFidelity(samples), shotNoise: expectedHellingerFidelity(samples) },
    test,
  };
  if (test !== undefined) return { compared, ps: [test.p] };
  const fewest = Math.min(samples.shotsA, samples.shotsB);
  // All shots of both have one outcome: nothing is left to test, and nothing differs.
  if (samples.outcomes.length === 1 && fewest >= MIN_EXPECTED) return { compared, ps: [] };
  return { compared, ps: [], reason: `too few shots to tell: ${samples.shotsA} and ${samples.shotsB}` };
}

type Values = Extract<ComparableResult, { readonly kind: 'expectation' }>;

function compareValues(a: Values, b: Values): Tested {
  const found = a.values.map((value, at) =>
    compareEstimates({ value, error: a.errors?.[at] }, { value: b.values[at]!, error: b.errors?.[at] }),
  );
  const values = a.values.map((value, at) => ({ a: value, b: b.values[at]!, z: found[at]?.z }));
  const blind = found.filter((one) => one === undefined).length;
  const compared: ComparedValues = { kind: 'expectation', values };
  const ps = found.flatMap((one) => (one === undefined ? [] : [one.p]));
  if (blind === 0) return { compared, ps };
  return { compared, ps, reason: `${blind} of ${values.length} values have no error stated, and differ` };
}
