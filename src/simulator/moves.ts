/**
 * What a gate does to the amplitudes, as at most three moves. Each visits, in ascending order, the basis states whose
 * `fixed` bits are those of `start`; `flip` leads from one of them to its partner:
 *
 *     scale      a[i] ← factor · a[i]                      the diagonal gates, and the phases of y
 *     exchange   a[i] ↔ a[i ^ flip]                        x and the swaps
 *     mix        (a[i], a[i | flip]) ← matrix · (…)        the rest
 *
 * Moves are never fused or reordered, and each amplitude is always the same sum in the same order. What is left out are
 * factors of one and terms of zero: that changes the sign of a zero at most, and no probability. Seeded counts rest on it.
 */

import type { GateOperation } from '../circuit/circuit.ts';
import { type Complex, type Matrix, targetMatrix } from './matrices.ts';
import type { Statevector } from './statevector.ts';

interface Visit {
  readonly fixed: number;
  readonly start: number;
}

export type Move =
  | (Visit & { readonly kind: 'scale'; readonly flip: 0; readonly numbers: Numbers })
  | (Visit & { readonly kind: 'exchange'; readonly flip: number })
  | (Visit & { readonly kind: 'mix' | 'mix-real'; readonly flip: number; readonly numbers: Numbers });

/** re, im, re, im … of the factor or the matrix: in a typed array, because V8 then knows in the loops that they are doubles. */
type Numbers = Float64Array;

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
  return { kind: 'exchange', fixed: controls | both, start: controls | first, flip: both };
}

function targetMoves(controls: number, target: number, matrix: Matrix): Move[] {
  const [a, b, c, d] = matrix;
  const fixed = controls | target;
  const flip = target;
  if (isZero(b) && isZero(c)) return [...scale(fixed, controls, a), ...scale(fixed, fixed, d)];
  if (isZero(a) && isZero(d))
    return [
      { kind: 'exchange', fixed, start: controls, flip },
      ...scale(fixed, controls, b),
      ...scale(fixed, fixed, c),
    ];
  const kind = matrix.every(({ im }) => im === 0) ? 'mix-real' : 'mix';
  return [{ kind, fixed, start: controls, flip, numbers: numbersOf(matrix) }];
}

function scale(fixed: number, start: number, factor: Complex): Move[] {
  return isOne(factor) ? [] : [{ kind: 'scale', fixed, start, flip: 0, numbers: numbersOf([factor]) }];
}

function numbersOf(values: readonly Complex[]): Numbers {
  return Float64Array.from(values.flatMap(({ re, im }) => [re, im]));
}

function isZero(value: Complex): boolean {
  return value.re === 0 && value.im === 0;
}

function isOne(value: Complex): boolean {
  return value.re === 1 && value.im === 0;
}

/** The move on the basis states whose `outer` bits are those of `tile`; `flip` has none of them. */
export function applyMove(state: Statevector, move: Move, outer: number, tile: number): void {
  if (((move.start ^ tile) & move.fixed & outer) !== 0) return;
  const free = (state.re.length - 1) & ~(move.fixed | outer);
  const start = move.start | tile;
  if (move.kind === 'scale') scaleAll(state, free, start, move.numbers);
  else if (move.kind === 'exchange') exchangeAll(state, free, start, move.flip);
  else if (move.kind === 'mix') mixAll(state, free, start, move.flip, move.numbers);
  else mixAllReal(state, free, start, move.flip, move.numbers);
}

// Every loop below counts in the bits of `free` alone: subtracting the mask carries through the bits between them.

function scaleAll({ re, im }: Statevector, free: number, start: number, numbers: Numbers): void {
  const fr = numbers[0]!;
  const fi = numbers[1]!;
  let offset = 0;
  do {
    const i = offset | start;
    const r = re[i]!;
    const s = im[i]!;
    re[i] = fr * r - fi * s;
    im[i] = fr * s + fi * r;
    offset = (offset - free) & free;
  } while (offset !== 0);
}

function exchangeAll({ re, im }: Statevector, free: number, start: number, flip: number): void {
  let offset = 0;
  do {
    const i = offset | start;
    const j = i ^ flip;
    const r = re[i]!;
    const s = im[i]!;
    re[i] = re[j]!;
    im[i] = im[j]!;
    re[j] = r;
    im[j] = s;
    offset = (offset - free) & free;
  } while (offset !== 0);
}

function mixAll({ re, im }: Statevector, free: number, start: number, flip: number, numbers: Numbers): void {
  const ar = numbers[0]!;
  const ai = numbers[1]!;
  const br = numbers[2]!;
  const bi = numbers[3]!;
  const cr = numbers[4]!;
  const ci = numbers[5]!;
  const dr = numbers[6]!;
  const di = numbers[7]!;
  let offset = 0;
  do {
    const i = offset | start;
    const j = i | flip;
    const r0 = re[i]!;
    const i0 = im[i]!;
    const r1 = re[j]!;
    const i1 = im[j]!;
    re[i] = ar * r0 - ai * i0 + (br * r1 - bi * i1);
    im[i] = ar * i0 + ai * r0 + (br * i1 + bi * r1);
    re[j] = cr * r0 - ci * i0 + (dr * r1 - di * i1);
    im[j] = cr * i0 + ci * r0 + (dr * i1 + di * r1);
    offset = (offset - free) & free;
  } while (offset !== 0);
}

/** `mixAll` where every imaginary part of the matrix is zero, as in h and ry. */
function mixAllReal(
  { re, im }: Statevector,
  free: number,
  start: number,
  flip: number,
  numbers: Numbers,
): void {
  const a = numbers[0]!;
  const b = numbers[2]!;
  const c = numbers[4]!;
  const d = numbers[6]!;
  let offset = 0;
  do {
    const i = offset | start;
    const j = i | flip;
    const r0 = re[i]!;
    const i0 = im[i]!;
    const r1 = re[j]!;
    const i1 = im[j]!;
    re[i] = a * r0 + b * r1;
    im[i] = a * i0 + b * i1;
    re[j] = c * r0 + d * r1;
    im[j] = c * i0 + d * i1;
    offset = (offset - free) & free;
  } while (offset !== 0);
}
