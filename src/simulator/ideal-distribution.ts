/**
 * The probability of every outcome of a circuit without noise, exactly, or why it isn't worked out: a verifier must not be stalled
 * by the circuit that it judges. Where a measurement or a reset parts the ways both are followed, each with its own weight: the
 * amplitudes are never scaled, so that re² + im² at the end is the probability of having come there.
 */

import type { Circuit, MeasureOperation, Operation } from '../circuit/circuit.ts';
import { dropIdleQubits } from '../circuit/idle-qubits.ts';
import { copyHalf, keepOutcome, type Outcome, outcomeProbabilities, restoreHalf } from './collapse.ts';
import { applyPass } from './passes.ts';
import { type Plan, planCircuit } from './plan.ts';
import { groundState, type Statevector } from './statevector.ts';
import { type Fork, hasValue, type Route } from './trajectories.ts';

export interface IdealDistribution {
  /** The bits that the circuit writes, ascending; the others are always 0. */
  readonly written: readonly number[];
  readonly bits: number;
  /** By the written bits as a number, the lowest one as bit 0. They add up to one. */
  readonly probabilities: Float64Array;
}

/** Amplitudes that may be touched, or as much other work: what is worked out for one circuit is taken from it. */
export interface Effort {
  left: number;
}

const MAX_IDEAL_QUBITS = 20;
const MAX_IDEAL_BITS = 20;
const MAX_OPERATIONS = 250_000;
/** Read by conditions and never written, they cost memory all the same. */
const MAX_CIRCUIT_BITS = 2 ** 16;
/** Halves of states put aside at one time, in amplitudes: 128 MiB. */
const MAX_ASIDE = 2 ** 23;
/** A way that is less likely is followed no further: rounding alone makes such ways. */
const NEGLIGIBLE = 1e-16;

/** @returns or why not, to be read after "the circuit" */
export function findIdealDistribution(circuit: Circuit, effort: Effort): IdealDistribution | string {
  if (effort.left < 0) return TOO_LONG;
  const operations = countOperations(circuit.operations);
  if (operations > MAX_OPERATIONS) return `has ${operations} operations, over ${MAX_OPERATIONS}`;
  if (circuit.bits > MAX_CIRCUIT_BITS) return `has ${circuit.bits} bits, over ${MAX_CIRCUIT_BITS}`;
  const { circuit: used } = dropIdleQubits(circuit);
  if (used.qubits > MAX_IDEAL_QUBITS) return `acts on ${used.qubits} qubits, over ${MAX_IDEAL_QUBITS}`;
  const plan = planCircuit(used);
  const written = writtenBits(used.operations);
  if (written.length > MAX_IDEAL_BITS) return `writes ${written.length} bits, over ${MAX_IDEAL_BITS}`;
  const probabilities = follow(plan, written, effort);
  return probabilities === undefined ? TOO_LONG : { written, bits: circuit.bits, probabilities };
}

const TOO_LONG = 'takes too long to simulate';
/** What a step costs beside the amplitudes that it touches, in amplitudes. */
const STEP = 256;

function countOperations(operations: readonly Operation[]): number {
  return operations.reduce(
    (sum, operation) =>
      sum +
      1 +
      (operation.op === 'if' ? countOperations(operation.then) + countOperations(operation.else) : 0),
    0,
  );
}

function writtenBits(operations: readonly Operation[]): readonly number[] {
  const written = new Set<number>();
  const look = (list: readonly Operation[]): void => {
    for (const operation of list) {
      if (operation.op === 'measure') written.add(operation.bits[0]);
      if (operation.op === 'if') {
        look(operation.then);
        look(operation.else);
      }
    }
  };
  look(operations);
  return [...written].sort((a, b) => a - b);
}

class TooMuch extends Error {}

/** @returns undefined where the effort ran out */
function follow(plan: Plan, written: readonly number[], effort: Effort): Float64Array | undefined {
  const size = 2 ** plan.qubits;
  const state = groundState(plan.qubits);
  const places = new Map(written.map((bit, place) => [bit, place]));
  const probabilities = new Float64Array(2 ** written.length);
  let aside = 0;
  try {
    walk({ steps: plan.steps, next: 0, after: undefined }, new Uint8Array(plan.bits));
  } catch (error) {
    if (error instanceof TooMuch) return undefined;
    throw error;
  }
  return normalise(probabilities);

  function walk(first: Route, bits: Uint8Array): void {
    let route: Route | undefined = first;
    while (route !== undefined) {
      const { steps, next, after }: Route = route;
      const step = steps[next];
      take(STEP);
      if (step === undefined) {
        route = after;
        continue;
      }
      route = { steps, next: next + 1, after };
      if (step.kind === 'pass') {
        take(step.pass.moves.length * size);
        applyPass(state, step.pass);
      } else if (step.kind === 'if') {
        take(step.bits.length);
        route = { steps: hasValue(bits, step) ? step.met : step.unmet, next: 0, after: route };
      } else part(step, bits, route);
    }
    take(size * (1 + plan.late.length));
    land(state, plan.late, bits, places, probabilities);
  }

  /** Follows the less likely way to its end, if there are two, and leaves the other. */
  function part(step: Fork, bits: Uint8Array, route: Route): void {
    take(8 * size + plan.bits);
    const weights = outcomeProbabilities(state, step.qubit);
    const fewer: Outcome = weights[1] < weights[0] ? 1 : 0;
    const more: Outcome = fewer === 0 ? 1 : 0;
    if (weights[fewer] > NEGLIGIBLE) {
      aside += size / 2;
      if (aside > MAX_ASIDE) throw new TooMuch();
      const half = copyHalf(state, step.qubit, more);
      const own = bits.slice();
      collapse(step, fewer, own);
      walk(route, own);
      restoreHalf(state, step.qubit, more, half);
      aside -= size / 2;
    }
    collapse(step, more, bits);
  }

  function collapse(step: Fork, outcome: Outcome, bits: Uint8Array): void {
    keepOutcome(state, step.qubit, outcome, step.kind === 'reset' ? 0 : outcome, 1);
    if (step.kind === 'measure') bits[step.bit] = outcome;
  }

  function take(amplitudes: number): void {
    effort.left -= amplitudes;
    if (effort.left < 0) throw new TooMuch();
  }
}

/** Adds where the state stands to the outcomes that its late measurements give. */
function land(
  { re, im }: Statevector,
  late: readonly MeasureOperation[],
  bits: Uint8Array,
  places: ReadonlyMap<number, number>,
  probabilities: Float64Array,
): void {
  const overwritten = new Set(late.map((measurement) => measurement.bits[0]));
  let fixed = 0;
  for (const [bit, place] of places) if (!overwritten.has(bit)) fixed |= bits[bit]! << place;
  const drawn = late.map((measurement) => [measurement.qubits[0], places.get(measurement.bits[0])!] as const);
  for (let index = 0; index < re.length; index++) {
    const probability = re[index]! * re[index]! + im[index]! * im[index]!;
    if (probability === 0) continue;
    let outcome = fixed;
    for (const [qubit, place] of drawn) outcome |= ((index >> qubit) & 1) << place;
    probabilities[outcome]! += probability;
  }
}

/** Rounding leaves a sum that is one but for its last digits. */
function normalise(probabilities: Float64Array): Float64Array {
  let sum = 0;
  for (const probability of probabilities) sum += probability;
  return probabilities.map((probability) => probability / sum);
}

/** Counts in the order of the probabilities, and what none of them is about. */
export interface Tallied {
  readonly counts: Float64Array;
  /** Outcomes with a 1 in a bit that the circuit never writes. */
  readonly elsewhere: ReadonlyMap<string, number>;
}

/** @param counts keyed c[n-1]…c[0], as wide as the circuit's bits */
export function tally(
  counts: ReadonlyMap<string, number>,
  { written, bits, probabilities }: IdealDistribution,
): Tallied {
  const tallied = new Float64Array(probabilities.length);
  const elsewhere = new Map<string, number>();
  const isWritten = new Set(written);
  const unwritten = Array.from({ length: bits }, (_, bit) => bit).filter((bit) => !isWritten.has(bit));
  for (const [key, count] of counts) {
    if (unwritten.some((bit) => key[bits - 1 - bit] === '1')) elsewhere.set(key, count);
    else tallied[indexOf(key, written)]! += count;
  }
  return { counts: tallied, elsewhere };
}

function indexOf(key: string, written: readonly number[]): number {
  return written.reduce(
    (index, bit, place) => (key[key.length - 1 - bit] === '1' ? index | (1 << place) : index),
    0,
  );
}

/** The key c[n-1]…c[0] of one of the probabilities. */
export function keyOf(index: number, { written, bits }: IdealDistribution): string {
  const key = new Array<string>(bits).fill('0');
  for (const [place, bit] of written.entries()) if ((index >> place) & 1) key[bits - 1 - bit] = '1';
  return key.join('');
}
