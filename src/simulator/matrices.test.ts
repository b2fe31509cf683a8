import { describe, expect, test } from 'vitest';
import { GATES, type GateName } from '../circuit/gates.ts';
import { pythonRandom } from '../core/python-random.ts';
import { type Complex, type Matrix, type MatrixGateName, targetMatrix } from './matrices.ts';

const names = Object.keys(GATES).filter((name) => !name.endsWith('swap')) as MatrixGateName[];
const random = pythonRandom(11);
const HALF = Math.SQRT1_2;

function anglesFor(op: GateName): number[] {
  return Array.from({ length: GATES[op].angles }, () => (random.random() - 0.5) * 13);
}

function product(a: Matrix, b: Matrix): Complex[] {
  return [0, 1, 2, 3].map((cell) => {
    const row = cell >> 1;
    const column = cell & 1;
    return sum(times(a[2 * row]!, b[column]!), times(a[2 * row + 1]!, b[2 + column]!));
  });
}

function times(a: Complex, b: Complex): Complex {
  return { re: a.re * b.re - a.im * b.im, im: a.re * b.im + a.im * b.re };
}

function sum(a: Complex, b: Complex): Complex {
  return { re: a.re + b.re, im: a.im + b.im };
}

function adjoint([a, b, c, d]: Matrix): Matrix {
  const conjugate = ({ re, im }: Complex): Complex => ({ re, im: -im });
  return [conjugate(a), conjugate(c), conjugate(b), conjugate(d)];
}

function polar(length: number, angle: number): Complex {
  return { re: length * Math.cos(angle), im: length * Math.sin(angle) };
}

function expectClose(actual: readonly Complex[], expected: readonly Complex[]): void {
  for (const [cell, value] of expected.entries()) {
    expect(Math.abs(actual[cell]!.re - value.re)).toBeLessThan(1e-15);
    expect(Math.abs(actual[cell]!.im - value.im)).toBeLessThan(1e-15);
  }
}

const IDENTITY = [polar(1, 0), polar(0, 0), polar(0, 0), polar(1, 0)];

test.each(names)('%s is unitary', (op) => {
  for (let round = 0; round < 20; round++) {
    const matrix = targetMatrix(op, anglesFor(op));
    expectClose(product(matrix, adjoint(matrix)), IDENTITY);
  }
});

describe('the written-out definitions', () => {
  const zero = polar(0, 0);
  const one = polar(1, 0);
  const diagonal = (turn: number) => [one, zero, zero, polar(1, turn)];
  const definitions: Record<string, (a: number, b: number, c: number) => Complex[]> = {
    id: () => diagonal(0),
    x: () => [zero, one, one, zero],
    y: () => [zero, polar(1, -Math.PI / 2), polar(1, Math.PI / 2), zero],
    z: () => diagonal(Math.PI),
    h: () => [polar(HALF, 0), polar(HALF, 0), polar(HALF, 0), polar(-HALF, 0)],
    s: () => diagonal(Math.PI / 2),
    sdg: () => diagonal(-Math.PI / 2),
    t: () => diagonal(Math.PI / 4),
    tdg: () => diagonal(-Math.PI / 4),
    sx: () => [
      polar(HALF, Math.PI / 4),
      polar(HALF, -Math.PI / 4),
      polar(HALF, -Math.PI / 4),
      polar(HALF, Math.PI / 4),
    ],
    rx: (a) => {
      const off = polar(Math.sin(a / 2), -Math.PI / 2);
      return [polar(Math.cos(a / 2), 0), off, off, polar(Math.cos(a / 2), 0)];
    },
    ry: (a) => [Math.cos(a / 2), -Math.sin(a / 2), Math.sin(a / 2), Math.cos(a / 2)].map((x) => polar(x, 0)),
    rz: (a) => [polar(1, -a / 2), zero, zero, polar(1, a / 2)],
    p: (a) => diagonal(a),
    u1: (a) => diagonal(a),
    u2: (a, b) => [polar(HALF, 0), polar(-HALF, b), polar(HALF, a), polar(HALF, a + b)],
    u3: (a, b, c) => [
      polar(Math.cos(a / 2), 0),
      polar(-Math.sin(a / 2), c),
      polar(Math.sin(a / 2), b),
      polar(Math.cos(a / 2), b + c),
    ],
  };

  test.each(Object.keys(definitions))('%s', (op) => {
    for (let round = 0; round < 20; round++) {
      const angles = anglesFor(op as MatrixGateName);
      const [a = 0, b = 0, c = 0] = angles;
      expectClose(targetMatrix(op as MatrixGateName, angles), definitions[op]!(a, b, c));
    }
  });
});

test.each([
  ['cx', 'x'],
  ['cy', 'y'],
  ['cz', 'z'],
  ['ch', 'h'],
  ['cp', 'p'],
  ['crx', 'rx'],
  ['cry', 'ry'],
  ['crz', 'rz'],
  ['ccx', 'x'],
] as const)('%s does %s to its target', (controlled, plain) => {
  const angles = anglesFor(plain);
  expect(targetMatrix(controlled, angles)).toEqual(targetMatrix(plain, angles));
});

test('the square of sx is x, phase included', () => {
  expectClose(product(targetMatrix('sx'), targetMatrix('sx')), targetMatrix('x'));
});

test('u2 is u3 at a quarter turn', () => {
  expectClose(targetMatrix('u2', [0.3, -1.7]), targetMatrix('u3', [Math.PI / 2, 0.3, -1.7]));
});

test('u3 of angles whose sum overflows is still unitary', () => {
  const matrix = targetMatrix('u3', [1e308, 1.7e308, 1.7e308]);
  expectClose(product(matrix, adjoint(matrix)), IDENTITY);
});
