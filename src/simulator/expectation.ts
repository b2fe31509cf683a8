/** Expectation values: exactly, of a state; or from counts, of a circuit that measures each letter in its own basis. */

import type { Circuit, GateOperation, Operation } from '../circuit/circuit.ts';
import { gate, measure } from '../circuit/circuit.ts';
import type { Letter, Term } from '../circuit/observable.ts';
import type { Complex, Matrix } from './matrices.ts';
import { type Statevector, simulate } from './statevector.ts';

/** Of one term without its coefficient. */
export interface Moments {
  readonly mean: number;
  /** Of a single shot. */
  readonly variance: number;
}

const complex = (re: number, im = 0): Complex => ({ re, im });
const matrix = (a: Complex, b: Complex, c: Complex, d: Complex): Matrix => [a, b, c, d];
const HALF = complex(0.5);
const NOUGHT = complex(0);
const ONE = complex(1);

const OPERATORS: Readonly<Record<Letter, Matrix>> = {
  X: matrix(NOUGHT, ONE, ONE, NOUGHT),
  Y: matrix(NOUGHT, complex(0, -1), complex(0, 1), NOUGHT),
  Z: matrix(ONE, NOUGHT, NOUGHT, complex(-1)),
  '0': matrix(ONE, NOUGHT, NOUGHT, NOUGHT),
  '1': matrix(NOUGHT, NOUGHT, NOUGHT, ONE),
  '+': matrix(HALF, HALF, HALF, HALF),
  '-': matrix(HALF, complex(-0.5), complex(-0.5), HALF),
  r: matrix(HALF, complex(0, -0.5), complex(0, 0.5), HALF),
  l: matrix(HALF, complex(0, 0.5), complex(0, -0.5), HALF),
};
const PAULIS: readonly string[] = ['X', 'Y', 'Z'];

/** Whether one state answers for the circuit: nothing is drawn on the way. */
export function hasOneState({ operations }: Circuit): boolean {
  return operations.every(({ op }) => op !== 'measure' && op !== 'reset' && op !== 'if');
}

/**
 * @param circuit  of gates alone
 * @throws QpoeError `refused` where the state is too large
 */
export function exactMoments(circuit: Circuit, sums: readonly (readonly Term[])[]): Moments[][] {
  const state = simulate(circuit);
  return sums.map((sum) => sum.map((term) => momentsOf(state, term)));
}

function momentsOf(state: Statevector, { letters }: Term): Moments {
  const mean = meanOf(state, letters);
  // A Pauli squared is the identity, a projector squared is itself.
  const square = meanOf(
    state,
    letters.filter(({ letter }) => !PAULIS.includes(letter)),
  );
  return { mean, variance: Math.max(0, square - mean * mean) };
}

function meanOf(state: Statevector, letters: Term['letters']): number {
  if (letters.length === 0) return 1;
  const re = state.re.slice();
  const im = state.im.slice();
  for (const { qubit, letter } of letters) applyOperator(re, im, qubit, OPERATORS[letter]);
  let sum = 0;
  for (let at = 0; at < re.length; at++) sum += state.re[at]! * re[at]! + state.im[at]! * im[at]!;
  return sum;
}

function applyOperator(re: Float64Array, im: Float64Array, qubit: number, [a, b, c, d]: Matrix): void {
  const bit = 1 << qubit;
  for (let low = 0; low < re.length; low++) {
    if ((low & bit) !== 0) continue;
    const high = low | bit;
    const [lowRe, lowIm, highRe, highIm] = [re[low]!, im[low]!, re[high]!, im[high]!];
    re[low] = a.re * lowRe - a.im * lowIm + b.re * highRe - b.im * highIm;
    im[low] = a.re * lowIm + a.im * lowRe + b.re * highIm + b.im * highRe;
    re[high] = c.re * lowRe - c.im * lowIm + d.re * highRe - d.im * highIm;
    im[high] = c.re * lowIm + c.im * lowRe + d.re * highIm + d.im * highRe;
  }
}

/** The circuit, and then a measurement of each letter's qubit in its basis, into bits of their own. */
export function measuringCircuit(circuit: Circuit, { letters }: Term): Circuit {
  const turns = letters.flatMap(({ qubit, letter }) => turnOf(letter, qubit));
  const reads: Operation[] = letters.map(({ qubit }, at) => measure(qubit, circuit.bits + at));
  return {
    ...circuit,
    bits: circuit.bits + letters.length,
    operations: [...circuit.operations, ...turns, ...reads],
  };
}

function turnOf(letter: Letter, qubit: number): GateOperation[] {
  if (['X', '+', '-'].includes(letter)) return [gate('h', [qubit])];
  return ['Y', 'r', 'l'].includes(letter) ? [gate('sdg', [qubit]), gate('h', [qubit])] : [];
}

/** What the measuring circuit's counts say of the term. */
export function sampledMoments(counts: ReadonlyMap<string, number>, { letters }: Term): Moments {
  let shots = 0;
  let sum = 0;
  let squares = 0;
  for (const [key, count] of counts) {
    const value = letters.reduce(
      (product, { letter }, at) => product * signOf(letter, key[letters.length - 1 - at] === '1'),
      1,
    );
    shots += count;
    sum += count * value;
    squares += count * value * value;
  }
  const mean = sum / shots;
  return { mean, variance: Math.max(0, squares / shots - mean * mean) };
}

function signOf(letter: Letter, one: boolean): number {
  if (PAULIS.includes(letter)) return one ? -1 : 1;
  return one === ['1', '-', 'l'].includes(letter) ? 1 : 0;
}
