/**
 * Expectation values on an SDK, in one of two ways:
 *
 * - without shots, by its own means: exact, with a standard error of 0;
 * - with shots, from counts, on any SDK: each product of Paulis is measured in its own basis by a circuit of its own, with that
 *   many shots.
 *
 * Of the products' samples each is independent. The error of a mean m of N outcomes ±1 is √((1 − m′²)/N) with m′ = Nm/(N + 2):
 * where all shots agree, the usual m′ = m would claim to know the value exactly.
 */

import type { Circuit } from '../circuit/circuit.ts';
import { beforeMeasurement } from '../circuit/measurement.ts';
import { type Observable, termsOf } from '../circuit/observable.ts';
import { type CircuitText, emitForSdk } from '../circuit/sdk-text.ts';
import { QpoeError } from '../core/error.ts';
import type { JsonObject } from '../core/json.ts';
import { measuringCircuit, sampledMoments } from '../simulator/expectation.ts';
import type { JobOutcome, ProgramOutcome, RunLimits, Sdk } from './sdk.ts';

export interface ExpectationJob {
  readonly circuits: readonly Circuit[];
  /** Each as wide as every circuit. */
  readonly observables: readonly Observable[];
  /** Of each product of Paulis; undefined for exact values. */
  readonly shots: number | undefined;
  readonly seed: number;
}

export interface ExpectationOutcome extends Pick<JobOutcome, 'backend' | 'raw' | 'environment'> {
  readonly programs: readonly ExpectedProgram[];
  readonly seeding: JsonObject;
}

interface ExpectedProgram {
  /** Of the circuit as it was given, final measurements included. */
  readonly source: CircuitText;
  /** What ran to find the values, where that isn't the source. */
  readonly executed: readonly { readonly format: string; readonly text: string }[];
  /** One for each observable. */
  readonly values: readonly number[];
  readonly errors: readonly number[];
  /** All that ran for it. */
  readonly shots: number;
}

/** @throws QpoeError `refused` (no one state, or no exact values on this SDK), and as `Sdk.run` */
export async function findExpectations(
  sdk: Sdk,
  job: ExpectationJob,
  limits: RunLimits,
): Promise<ExpectationOutcome> {
  const states = job.circuits.map(beforeMeasurement);
  return job.shots === undefined
    ? estimateExactly(sdk, job, limits)
    : estimateFromShots(sdk, states, { ...job, shots: job.shots }, limits);
}

async function estimateExactly(
  sdk: Sdk,
  { circuits, observables, seed }: ExpectationJob,
  limits: RunLimits,
): Promise<ExpectationOutcome> {
  if (sdk.estimate === undefined)
    throw new QpoeError(
      'refused',
      `${sdk.name} computes no expectation values`,
      'give --shots to measure them, or use another SDK: --sdk simulator',
    );
  const { programs, environment, ...outcome } = await sdk.estimate({ circuits, observables }, limits);
  return {
    ...outcome,
    environment: { ...environment, expectation: { method: 'exact' } },
    programs: programs.map(({ source, executed, values }) => ({
      source,
      executed: executed === undefined ? [] : [executed],
      // JSON has no -0 that its readers agree on.
      values: values.map((value) => value + 0),
      errors: values.map(() => 0),
      shots: 0,
    })),
    seeding: { requested: seed, applied: 'to nothing: exact values draw no numbers', took_effect: null },
  };
}

interface SampledJob extends ExpectationJob {
  readonly shots: number;
}

async function estimateFromShots(
  sdk: Sdk,
  states: readonly Circuit[],
  job: SampledJob,
  limits: RunLimits,
): Promise<ExpectationOutcome> {
  const { circuits, observables, shots, seed } = job;
  const labels = measuredLabels(observables);
  if (labels.length === 0)
    throw new QpoeError('refused', 'the identity alone needs no measurement', 'leave --shots out');
  const programs = states.flatMap((state) =>
    labels.map((label) => ({ circuit: measuringCircuit({ ...state, bits: 0 }, termOf(label)), shots })),
  );
  const outcome = await sdk.run({ programs, seed }, limits);
  return {
    backend: outcome.backend,
    raw: outcome.raw,
    environment: {
      ...outcome.environment,
      expectation: { method: 'sampled', labels, shots_per_label: shots },
    },
    seeding: outcome.seeding,
    programs: circuits.map((circuit, index) => ({
      source: emitForSdk(sdk.name, circuit),
      ...readValues(outcome.programs.slice(index * labels.length, (index + 1) * labels.length), labels, job),
    })),
  };
}

/** Each product of Paulis that is measured, once; the identity isn't. */
export function measuredLabels(observables: readonly Observable[]): string[] {
  const labels = new Set(observables.flatMap((sum) => sum.map(([label]) => label)));
  return [...labels].filter((label) => /[^I]/.test(label));
}

function termOf(label: string) {
  return termsOf([[label, 1]], label.length)[0]!;
}

function readValues(
  outcomes: readonly ProgramOutcome[],
  labels: readonly string[],
  { observables, shots }: SampledJob,
): Omit<ExpectedProgram, 'source'> {
  const means = new Map(
    labels.map((label, at) => [label, sampledMoments(outcomes[at]!.counts, termOf(label)).mean]),
  );
  return {
    executed: outcomes.map(({ source, executed }) => executed ?? source),
    values: observables.map((sum) =>
      sum.reduce((total, [label, coefficient]) => total + coefficient * (means.get(label) ?? 1), 0),
    ),
    errors: observables.map((sum) =>
      Math.sqrt(
        sum.reduce(
          (total, [label, coefficient]) => total + coefficient ** 2 * variance(means.get(label), shots),
          0,
        ),
      ),
    ),
    shots: shots * labels.length,
  };
}

/** Of the mean; of the identity, which is not measured, none. */
function variance(mean: number | undefined, shots: number): number {
  if (mean === undefined) return 0;
  const shrunk = (mean * shots) / (shots + 2);
  return (1 - shrunk * shrunk) / shots;
}
