/**
 * What each gate does to its target, as a 2×2 complex matrix with Qiskit's phases (OpenQASM 3's `stdgates.inc` in the
 * conventions of `qiskit.circuit.library`): a controlled gate keeps even the phase that is global without its control.
 */

import type { GateName } from '../circuit/gates.ts';
import { sinCos } from '../core/trig.ts';

export interface Complex {
  readonly re: number;
  readonly im: number;
}

/** Row by row: ⟨0|U|0⟩, ⟨0|U|1⟩, ⟨1|U|0⟩, ⟨1|U|1⟩. */
export type Matrix = readonly [Complex, Complex, Complex, Complex];

/** Swaps permute two qubits instead, and have no target. */
type SwapName = 'swap' | 'cswap';
export type MatrixGateName = Exclude<GateName, SwapName>;

const real = (re: number): Complex => ({ re, im: 0 });
const imaginary = (im: number): Complex => ({ re: 0, im });
const ZERO = real(0);
const ONE = real(1);
const I = imaginary(1);
const MINUS_I = imaginary(-1);

const diagonal = (a: Complex, d: Complex): Matrix => [a, ZERO, ZERO, d];

function times(a: Complex, b: Complex): Complex {
  return { re: a.re * b.re - a.im * b.im, im: a.re * b.im + a.im * b.re };
}

function scaled(a: Complex, factor: number): Complex {
  return { re: a.re * factor, im: a.im * factor };
}

/** e^{iθ}. */
function phase(theta: number): Complex {
  const { sin, cos } = sinCos(theta);
  return { re: cos, im: sin };
}

const X: Matrix = [ZERO, ONE, ONE, ZERO];
const Y: Matrix = [ZERO, MINUS_I, I, ZERO];
const Z = diagonal(ONE, real(-1));
const H: Matrix = [real(Math.SQRT1_2), real(Math.SQRT1_2), real(Math.SQRT1_2), real(-Math.SQRT1_2)];
const EIGHTH_TURN: Complex = { re: Math.SQRT1_2, im: Math.SQRT1_2 };
const EIGHTH_TURN_BACK: Complex = { re: Math.SQRT1_2, im: -Math.SQRT1_2 };
const HALF_PLUS: Complex = { re: 0.5, im: 0.5 };
const HALF_MINUS: Complex = { re: 0.5, im: -0.5 };

function rx(theta: number): Matrix {
  const { sin, cos } = sinCos(theta / 2);
  return [real(cos), imaginary(-sin), imaginary(-sin), real(cos)];
}

function ry(theta: number): Matrix {
  const { sin, cos } = sinCos(theta / 2);
  return [real(cos), real(-sin), real(sin), real(cos)];
}

function rz(theta: number): Matrix {
  return diagonal(phase(-theta / 2), phase(theta / 2));
}

function p(theta: number): Matrix {
  return diagonal(ONE, phase(theta));
}

function u2(phi: number, lambda: number): Matrix {
  return generic(Math.SQRT1_2, Math.SQRT1_2, phi, lambda);
}

function u3(theta: number, phi: number, lambda: number): Matrix {
  const { sin, cos } = sinCos(theta / 2);
  return generic(sin, cos, phi, lambda);
}

function generic(sin: number, cos: number, phi: number, lambda: number): Matrix {
  const left = phase(phi);
  const right = phase(lambda);
  // A product, not e^{i(φ+λ)}: the sum of two large angles would round, or overflow.
  return [real(cos), scaled(right, -sin), scaled(left, sin), scaled(times(left, right), cos)];
}

const MATRICES: Readonly<Record<MatrixGateName, (...angles: number[]) => Matrix>> = {
  id: () => diagonal(ONE, ONE),
  x: () => X,
  y: () => Y,
  z: () => Z,
  h: () => H,
  s: () => diagonal(ONE, I),
  sdg: () => diagonal(ONE, MINUS_I),
  t: () => diagonal(ONE, EIGHTH_TURN),
  tdg: () => diagonal(ONE, EIGHTH_TURN_BACK),
  sx: () => [HALF_PLUS, HALF_MINUS, HALF_MINUS, HALF_PLUS],
  rx,
  ry,
  rz,
  p,
  u1: p,
  u2,
  u3,
  cx: () => X,
  cy: () => Y,
  cz: () => Z,
  ch: () => H,
  cp: p,
  crx: rx,
  cry: ry,
  crz: rz,
  ccx: () => X,
};

/** The matrix on the gate's last qubit, where every qubit before it is 1. */
export function targetMatrix(op: MatrixGateName, angles: readonly number[] = []): Matrix {
  return MATRICES[op](...angles);
}
