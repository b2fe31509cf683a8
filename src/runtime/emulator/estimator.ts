/**
 * The estimator: PUBs → an expectation value and its standard error, for every set of values and every observable.
 *
 * On the embedded simulator the values are exact, and the standard error is what the shots of the precision asked for would
 * leave, term by term. Circuits that no one state answers for, and all on Aer, are sampled with that many shots a term.
 */

import { dropIdleQubits, type UsedCircuit } from '../../circuit/idle-qubits.ts';
import type { Term } from '../../circuit/observable.ts';
import { hasOneState, type Moments, measuringCircuit, sampledMoments } from '../../simulator/expectation.ts';
import { broadcastIndex, broadcastShape } from './arrays.ts';
import type { Bindings } from './bindings.ts';
import { readDeviceCircuit } from './device-circuit.ts';
import { JobFault } from './job-fault.ts';
import { countOf } from './npy.ts';
import { readObservables, renumberTerm, supportOf } from './observables.ts';
import type { ProgramText } from './program-text.ts';
import type { Pub } from './pubs.ts';
import { mapInTurns, type ProgramRun, readAllBindings, readPrograms } from './run-program.ts';

export interface EstimatedPub {
  readonly shape: readonly number[];
  readonly values: readonly number[];
  readonly errors: readonly number[];
  readonly shots: number;
  readonly precision: number;
}

export interface EstimatorOutcome {
  readonly pubs: readonly EstimatedPub[];
  readonly qiskitVersion: string | undefined;
}

const DEFAULT_PRECISION = 0.015625;
const MAX_TERMS = 100_000;

/** One set of values and the observables that meet it. */
interface Estimation {
  readonly used: UsedCircuit;
  /** On the circuit's own qubits. */
  readonly sums: readonly (readonly Term[])[];
}

interface PlannedPub {
  readonly shape: readonly number[];
  readonly shots: number;
  readonly precision: number;
  readonly estimations: readonly Estimation[];
  /** For each place of the shape: which estimation, and which of its sums. */
  readonly places: readonly (readonly [number, number])[];
}

/** @throws JobFault */
export async function runEstimator(run: ProgramRun): Promise<EstimatorOutcome> {
  const { texts, qiskitVersion } = await readPrograms(run);
  const bindings = readAllBindings(run, texts);
  const planned: PlannedPub[] = [];
  for (const [index, pub] of run.params.pubs.entries())
    planned.push(await planPub(run, pub, texts[index]!, bindings[index]!));
  checkSize(planned);
  const moments = await findMoments(run, planned);
  let next = 0;
  const pubs = planned.map((pub) => {
    const own = moments.slice(next, next + pub.estimations.length);
    next += pub.estimations.length;
    return estimatePub(pub, own);
  });
  return { pubs, qiskitVersion };
}

async function planPub(
  run: ProgramRun,
  pub: Pub,
  text: ProgramText,
  bindings: Bindings,
): Promise<PlannedPub> {
  const circuits = await mapInTurns(
    bindings.sets,
    run.signal,
    (values) => readDeviceCircuit(run.device, text, values).circuit,
  );
  const width = circuits[0]?.qubits ?? 0;
  const observables = readObservables(pub.observables!, width, run.device.configuration.n_qubits);
  const shape = shapeOf(bindings.shape, observables.shape);
  if (countOf(shape) > MAX_TERMS)
    throw new JobFault(`${countOf(shape)} expectation values; this emulator takes ${MAX_TERMS}.`);
  const support = supportOf(observables);
  const wanted = circuits.map(() => new Map<number, number>());
  const places = Array.from({ length: countOf(shape) }, (_, at) => {
    const set = broadcastIndex(bindings.shape, shape, at);
    const sum = broadcastIndex(observables.shape, shape, at);
    const own = wanted[set]!;
    if (!own.has(sum)) own.set(sum, own.size);
    return [set, own.get(sum)!] as const;
  });
  const estimations = circuits.map((circuit, set) => {
    const used = dropIdleQubits(circuit, support);
    const numbers = new Map(used.physical.map((qubit, number) => [qubit, number]));
    const sums = [...wanted[set]!.keys()].map((sum) =>
      observables.sums[sum]!.map((term) => renumberTerm(term, numbers)),
    );
    return { used, sums };
  });
  return { shape, ...precisionOf(run, pub), estimations, places };
}

function shapeOf(bindings: readonly number[], observables: readonly number[]): number[] {
  try {
    return broadcastShape(bindings, observables);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new JobFault(`Parameter values and observables: ${error.message}.`);
  }
}

function precisionOf({ params, device }: ProgramRun, pub: Pub): { shots: number; precision: number } {
  const { default_precision: general, default_shots: fixed } = params.options;
  const chosen = pub.precision ?? params.precision;
  if (chosen === undefined && typeof fixed === 'number')
    return { shots: fixed, precision: 1 / Math.sqrt(fixed) };
  const precision = chosen ?? (typeof general === 'number' ? general : DEFAULT_PRECISION);
  const shots = Math.ceil(1 / (precision * precision));
  const { max_shots } = device.configuration;
  if (shots > max_shots)
    throw new JobFault(`The precision ${precision} needs ${shots} shots; the backend takes ${max_shots}.`);
  return { shots, precision };
}

function checkSize(planned: readonly PlannedPub[]): void {
  const terms = planned
    .flatMap(({ estimations }) => estimations)
    .reduce((sum, { sums }) => sum + sums.reduce((own, { length }) => own + length, 0), 0);
  if (terms > MAX_TERMS) throw new JobFault(`${terms} terms; this emulator takes ${MAX_TERMS}.`);
}

type PubMoments = readonly (readonly Moments[])[];

/** Of each estimation, in order, of each of its sums, of each term. */
async function findMoments(run: ProgramRun, planned: readonly PlannedPub[]): Promise<PubMoments[]> {
  const all = planned.flatMap(({ estimations }) => estimations);
  const { expectations } = run.engine;
  if (expectations !== undefined && all.every(({ used }) => hasOneState(used.circuit)))
    return expectations(
      all.map(({ used, sums }) => ({ circuit: used.circuit, sums })),
      run.signal,
    );
  return sampleMoments(run, planned);
}

async function sampleMoments(run: ProgramRun, planned: readonly PlannedPub[]): Promise<PubMoments[]> {
  const programs = planned.flatMap(({ estimations, shots }) =>
    estimations.flatMap(({ used, sums }) =>
      sums.flatMap((sum) =>
        sum
          .filter(({ letters }) => letters.length > 0)
          .map((term) => ({ ...used, circuit: measuringCircuit(used.circuit, term), shots })),
      ),
    ),
  );
  const counts =
    programs.length === 0
      ? []
      : await run.engine.sample(programs, run.seed, run.calibration.properties, run.signal);
  let next = 0;
  return planned.flatMap(({ estimations }) =>
    estimations.map(({ sums }) =>
      sums.map((sum) =>
        sum.map((term) =>
          term.letters.length === 0 ? { mean: 1, variance: 0 } : sampledMoments(counts[next++]!, term),
        ),
      ),
    ),
  );
}

function estimatePub(
  { shape, shots, precision, places, estimations }: PlannedPub,
  moments: readonly PubMoments[],
): EstimatedPub {
  const values: number[] = [];
  const errors: number[] = [];
  for (const [set, sum] of places) {
    const terms = estimations[set]!.sums[sum]!;
    const found = moments[set]![sum]!;
    values.push(terms.reduce((total, { coefficient }, at) => total + coefficient * found[at]!.mean, 0));
    const variance = terms.reduce(
      (total, { coefficient }, at) => total + coefficient * coefficient * found[at]!.variance,
      0,
    );
    errors.push(Math.sqrt(variance / shots));
  }
  return { shape, values, errors, shots, precision };
}
