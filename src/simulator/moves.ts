/**
 * What a gate does to the amplitudes, as at most three moves of a kernel: a diagonal gate scales, x and the swaps exchange,
 * y does both, and the rest mix. A move visits the basis states whose `fixed` bits are those of `start`; `flip` leads from
 * one of them to its partner.
 *
 * Moves are never fused or reordered, and each amplitude is always the same sum in the same order. What is left out are
 * factors of one and terms of zero: that changes the sign of a zero at most, and no probability. Seeded counts rest on it.
 */

import type { GateOperation } from '../circuit/circuit.ts';
import type { Kernels } from './kernels.ts';
import { type Complex, type Matrix, targetMatrix } from './matrices.ts';

export interface Move {
  readonly kind: keyof Omit<Kernels, 'scratch'>;
  readonly fixed: number;
  readonly start: number;
  readonly flip: number;
  /** re, im, re, im … of the factor or the matrix. */
  readonly numbers: Float64Array;
}

const NO_NUMBERS = new Float64Array();

export function movesOf({ op, qubits, angles }: GateOperation): Move[] {
  if (op === 'id') return [];
  if (op === 'swap' || op === 'cswap')
    return [swap(maskOf(qubits.slice(0, -2)), 1 << qubits.at(-2)!, 1 << qubits.at(-1)!)];
  return targetMoves(maskOf(qubits.slice(0, -1)), 1 << qubits.at(-1)!, targetMatrix(op, angles));
}

function maskOf(qubits: readonly number[]): number {
  return qubits.reduce((mask, qubit) => mask | (1 << qubit), 0);
}

function swap(controls: number, first: number, second: number): Move {
  const both = first | second;
  return {
    kind: 'exchange',
    fixed: controls | both,
    start: controls | first,
    flip: both,
    numbers: NO_NUMBERS,
  };
}

function targetMoves(controls: number, target: number, matrix: Matrix): Move[] {
  const [a, b, c, d] = matrix;
  const fixed = controls | target;
  const flip = target;
  if (isZero(b) && isZero(c)) return [...scale(fixed, controls, a), ...scale(fixed, fixed, d)];
  if (isZero(a) && isZero(d))
    return [
      { kind: 'exchange', fixed, start: controls, flip, numbers: NO_NUMBERS },
      ...scale(fixed, controls, b),
      ...scale(fixed, fixed, c),
    ];
  const kind = matrix.every(({ im }) => im === 0) ? 'mixReal' : 'mix';
  return [{ kind, fixed, start: controls, flip, numbers: numbersOf(matrix) }];
}

function scale(fixed: number, start: number, factor: Complex): Move[] {
  return isOne(factor) ? [] : [{ kind: 'scale', fixed, start, flip: 0, numbers: numbersOf([factor]) }];
}

function numbersOf(values: readonly Complex[]): Float64Array {
  return Float64Array.from(values.flatMap(({ re, im }) => [re, im]));
}

function isZero(value: Complex): boolean {
  return value.re === 0 && value.im === 0;
}

function isOne(value: Complex): boolean {
  return value.re === 1 && value.im === 0;
}
