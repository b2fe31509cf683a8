/**
 * Shots through a plan. They go together as long as nothing tells them apart; where a measurement or a reset does, they
 * part into two branches, each with its number of shots and its own state:
 *
 *     1000 shots ── measure ──┬─ 507 shots, 0 ── measure ──┬─ 251 …
 *                             └─ 493 shots, 1 …            └─ 256 …
 *
 * The branch with fewer shots goes first, through to the end, while half a state keeps the other one; then that one goes
 * on in place. Every branch that goes first has at most half the shots, so no more than log2(shots) are ever put aside.
 */

import type { MeasureOperation } from '../circuit/circuit.ts';
import type { PythonRandom } from '../core/python-random.ts';
import { copyHalf, keepOutcome, type Outcome, outcomeProbabilities, restoreHalf } from './collapse.ts';
import { drawSorted, landDraws, totalProbability } from './landing.ts';
import type { Pass } from './passes.ts';
import { countForks, type Plan, type Step } from './plan.ts';
import { type Statevector, stateBytes } from './statevector.ts';

/** The one state that all branches use in turn, and how to apply a pass to it. */
export interface Stage {
  readonly state: Statevector;
  readonly apply: (pass: Pass) => void;
}

export type Report = (bits: Uint8Array, shots: number) => void;

/** What is left to do, innermost list first: after a condition's steps, those after the condition. */
export interface Route {
  readonly steps: readonly Step[];
  readonly next: number;
  readonly after: Route | undefined;
}

interface Branch {
  readonly shots: number;
  readonly bits: Uint8Array;
  readonly route: Route;
}

/** At the most: the state, and half of one for every branch put aside. */
export function branchingBytes(plan: Plan, shots: number): number {
  const putAside = Math.min(countForks(plan.steps), 31 - Math.clz32(shots));
  return stateBytes(plan.qubits) * (1 + putAside / 2);
}

/** Reports bits and shots, the same bits more than once where several branches end in them. */
export function followShots(
  plan: Plan,
  shots: number,
  random: PythonRandom,
  stage: Stage,
  report: Report,
): void {
  const bits = new Uint8Array(plan.bits);
  follow({ shots, bits, route: { steps: plan.steps, next: 0, after: undefined } });

  function follow({ shots: initial, bits, route: first }: Branch): void {
    let shots = initial;
    let route: Route | undefined = first;
    while (route !== undefined) {
      const { steps, next, after }: Route = route;
      const step = steps[next];
      if (step === undefined) {
        route = after;
        continue;
      }
      route = { steps, next: next + 1, after };
      if (step.kind === 'pass') stage.apply(step.pass);
      else if (step.kind === 'if')
        route = { steps: hasValue(bits, step) ? step.met : step.unmet, next: 0, after: route };
      else shots = part(step, { shots, bits, route });
    }
    drawLate(plan.late, shots, bits);
  }

  /** Follows the smaller branch to its end, if there are two, and leaves the larger: its shots, its bits in `bits`. */
  function part(step: Fork, { shots, bits, route }: Branch): number {
    const { qubit } = step;
    const probabilities = outcomeProbabilities(stage.state, qubit);
    const ones = drawOnes(random, shots, probabilities);
    const fewer: Outcome = ones < shots - ones ? 1 : 0;
    const more: Outcome = fewer === 0 ? 1 : 0;
    const few = Math.min(ones, shots - ones);
    if (few === 0) {
      collapse(step, more, probabilities[more]);
    } else {
      const aside = copyHalf(stage.state, qubit, more);
      const own = bits.slice();
      collapse(step, fewer, probabilities[fewer]);
      write(step, fewer, own);
      follow({ shots: few, bits: own, route });
      restoreHalf(stage.state, qubit, more, aside);
      collapse(step, more, probabilities[more]);
    }
    write(step, more, bits);
    return shots - few;
  }

  function collapse(step: Fork, outcome: Outcome, probability: number): void {
    const value = step.kind === 'reset' ? 0 : outcome;
    keepOutcome(stage.state, step.qubit, outcome, value, growth(probability));
  }

  function drawLate(late: readonly MeasureOperation[], shots: number, bits: Uint8Array): void {
    if (late.length === 0) {
      report(bits, shots);
      return;
    }
    const measured = late.reduce((mask, { qubits }) => mask | (1 << qubits[0]), 0);
    const hits = new Map<number, number>();
    const draws = drawSorted(random, shots, totalProbability(stage.state));
    landDraws(stage.state, draws, (index, count) => {
      const seen = index & measured;
      hits.set(seen, (hits.get(seen) ?? 0) + count);
    });
    for (const [seen, count] of hits) {
      for (const measurement of late) bits[measurement.bits[0]] = (seen >> measurement.qubits[0]) & 1;
      report(bits, count);
    }
  }
}

export type Fork = Extract<Step, { kind: 'measure' | 'reset' }>;

function write(step: Fork, outcome: Outcome, bits: Uint8Array): void {
  if (step.kind === 'measure') bits[step.bit] = outcome;
}

/** One draw a shot, even where there is nothing to decide: rounding must not move the draws that follow. */
function drawOnes(random: PythonRandom, shots: number, [zero, one]: readonly [number, number]): number {
  const total = zero + one;
  let ones = 0;
  for (let shot = 0; shot < shots; shot++) if (random.random() * total >= zero) ones++;
  return ones;
}

/** A power of two, so that it rounds nothing, and no chain of unlikely outcomes loses its amplitudes in underflow. */
function growth(probability: number): number {
  let factor = 1;
  for (let grown = probability; grown > 0 && grown < 0.25; grown *= 4) factor *= 2;
  return factor;
}

export function hasValue(bits: Uint8Array, { bits: tested, equals }: Extract<Step, { kind: 'if' }>): boolean {
  return tested.every((bit, place) => bits[bit] === Number(equals[equals.length - 1 - place]));
}
