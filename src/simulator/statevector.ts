/**
 * Dense statevector simulation: the amplitude of basis state i at `re[i]` and `im[i]`, qubit k being bit k of i.
 *
 * Gates are applied one by one, in order, never fused, and each amplitude is always the same sum in the same order. The
 * loops that skip work leave out only factors of one and terms of zero: which loop ran shows in no probability.
 */

import type { Circuit, GateOperation } from '../circuit/circuit.ts';
import { QpoeError } from '../core/error.ts';
import { type Complex, type Matrix, targetMatrix } from './matrices.ts';

export interface Statevector {
  readonly qubits: number;
  readonly re: Float64Array;
  readonly im: Float64Array;
}

export const MAX_QUBITS = 24;

/** The memory of the amplitudes. */
export function requiredBytes(qubits: number): number {
  return 16 * 2 ** qubits;
}

/**
 * The state after every gate; measurements are terminal and leave it as it is.
 *
 * @throws QpoeError `refused` over `MAX_QUBITS`, or where the memory can't be had
 */
export function simulate(circuit: Circuit): Statevector {
  const state = groundState(circuit.qubits);
  for (const operation of circuit.operations) {
    if (operation.op !== 'measure') applyGate(state, operation);
  }
  return state;
}

function groundState(qubits: number): Statevector {
  if (qubits > MAX_QUBITS) throw tooLarge(qubits, `the simulator's limit is ${MAX_QUBITS}`);
  try {
    const state = { qubits, re: new Float64Array(1 << qubits), im: new Float64Array(1 << qubits) };
    state.re[0] = 1;
    return state;
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw tooLarge(qubits, 'this machine did not give it', { cause });
  }
}

function tooLarge(qubits: number, reason: string, options?: ErrorOptions): QpoeError {
  const message = `${qubits} qubits need ${formatMemory(requiredBytes(qubits))} of memory for the state: ${reason}`;
  return new QpoeError('refused', message, 'use fewer qubits, or another SDK (qpoe sdk list)', options);
}

const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];

function formatMemory(bytes: number): string {
  let unit = 0;
  let value = bytes;
  for (; value >= 1024 && unit < UNITS.length - 1; unit++) value /= 1024;
  return `${value} ${UNITS[unit]}`;
}

function applyGate(state: Statevector, { op, qubits, angles }: GateOperation): void {
  if (op === 'id') return;
  if (op === 'swap' || op === 'cswap') {
    applySwap(state, maskOf(qubits.slice(0, -2)), 1 << qubits.at(-2)!, 1 << qubits.at(-1)!);
    return;
  }
  applyMatrix(state, maskOf(qubits.slice(0, -1)), 1 << qubits.at(-1)!, targetMatrix(op, angles));
}

function maskOf(qubits: readonly number[]): number {
  return qubits.reduce((mask, qubit) => mask | (1 << qubit), 0);
}

function applyMatrix(state: Statevector, controls: number, target: number, matrix: Matrix): void {
  const [a, b, c, d] = matrix;
  const fixed = controls | target;
  if (isZero(b) && isZero(c)) {
    scale(state, fixed, controls, a);
    scale(state, fixed, fixed, d);
  } else if (isZero(a) && isZero(d)) {
    applyAntiDiagonal(state, fixed, controls, target, b, c);
  } else {
    applyDense(state, fixed, controls, target, matrix);
  }
}

function applySwap(state: Statevector, controls: number, first: number, second: number): void {
  exchange(state, controls | first | second, controls | first, first | second);
}

function isZero(value: Complex): boolean {
  return value.re === 0 && value.im === 0;
}

function isOne(value: Complex): boolean {
  return value.re === 1 && value.im === 0;
}

// Every loop below visits, in ascending order, the indices whose `fixed` bits are those of `start`: a carry runs through
// the fixed bits as if they were not there. `flip` leads from such an index to its partner.

function scale({ re, im }: Statevector, fixed: number, start: number, factor: Complex): void {
  if (isOne(factor)) return;
  const { re: fr, im: fi } = factor;
  for (let i = start; i < re.length; i = (((i | fixed) + 1) & ~fixed) | start) {
    const r = re[i]!;
    const s = im[i]!;
    re[i] = fr * r - fi * s;
    im[i] = fr * s + fi * r;
  }
}

function exchange({ re, im }: Statevector, fixed: number, start: number, flip: number): void {
  for (let i = start; i < re.length; i = (((i | fixed) + 1) & ~fixed) | start) {
    const j = i ^ flip;
    const r = re[i]!;
    const s = im[i]!;
    re[i] = re[j]!;
    im[i] = im[j]!;
    re[j] = r;
    im[j] = s;
  }
}

function applyAntiDiagonal(
  state: Statevector,
  fixed: number,
  start: number,
  flip: number,
  b: Complex,
  c: Complex,
): void {
  exchange(state, fixed, start, flip);
  scale(state, fixed, start, b);
  scale(state, fixed, start | flip, c);
}

function applyDense(
  { re, im }: Statevector,
  fixed: number,
  start: number,
  flip: number,
  matrix: Matrix,
): void {
  const [{ re: ar, im: ai }, { re: br, im: bi }, { re: cr, im: ci }, { re: dr, im: di }] = matrix;
  for (let i = start; i < re.length; i = (((i | fixed) + 1) & ~fixed) | start) {
    const j = i | flip;
    const r0 = re[i]!;
    const i0 = im[i]!;
    const r1 = re[j]!;
    const i1 = im[j]!;
    re[i] = ar * r0 - ai * i0 + (br * r1 - bi * i1);
    im[i] = ar * i0 + ai * r0 + (br * i1 + bi * r1);
    re[j] = cr * r0 - ci * i0 + (dr * r1 - di * i1);
    im[j] = cr * i0 + ci * r0 + (dr * i1 + di * r1);
  }
}
