import { expect, test } from 'vitest';
import { type Circuit, gate, measure, type Operation } from './circuit.ts';
import { emitOpenQasm3 } from './openqasm3.ts';

const circuitOf = (operations: readonly Operation[], qubits = 3, bits = 3): Circuit => ({
  version: 1,
  qubits,
  bits,
  operations,
});

function emittedAngle(angle: number): string {
  // Not through `gate`, which has a limit of its own.
  const text = emitOpenQasm3(circuitOf([{ op: 'rx', qubits: [0], angles: [angle] }], 1, 1));
  return text.slice(text.indexOf('(') + 1, text.indexOf(')'));
}

test('one operation a line, controls first, into the named bit', () => {
  const circuit = circuitOf([
    gate('h', [0]),
    gate('u3', [2], [0.5, -1, 3]),
    gate('cswap', [2, 0, 1]),
    measure(2, 0),
  ]);
  expect(emitOpenQasm3(circuit)).toBe(
    [
      'OPENQASM 3.0;',
      'include "stdgates.inc";',
      'qubit[3] q;',
      'bit[3] c;',
      'h q[0];',
      'u3(0.5, -1.0, 3.0) q[2];',
      'cswap q[2], q[0], q[1];',
      'c[0] = measure q[2];',
      '',
    ].join('\n'),
  );
});

test('a circuit without bits declares no register', () => {
  expect(emitOpenQasm3(circuitOf([gate('x', [0])], 1, 0))).not.toContain('bit[0] c');
});

test.each([
  [0, '0.0'],
  [-0, '0.0'],
  [1, '1.0'],
  [-0.5, '-0.5'],
  [1e-7, '1.0e-7'],
  [-1.5e-7, '-1.5e-7'],
  [1e21, '1.0e21'],
  [1.5e300, '1.5e300'],
  [5e-324, '5.0e-324'],
  [123456789012345680000, '123456789012345680000.0'],
  [Math.PI, '3.141592653589793'],
])('the angle %d is written %s', (angle, text) => {
  expect(emittedAngle(angle)).toBe(text);
});

test('every angle has a point and reads back as the same double', () => {
  const view = new DataView(new ArrayBuffer(8));
  let state = 1;
  for (let i = 0; i < 20_000; i++) {
    for (const offset of [0, 4]) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      view.setUint32(offset, state);
    }
    const angle = view.getFloat64(0);
    if (!Number.isFinite(angle)) continue;
    const text = emittedAngle(angle);
    expect(text).toMatch(/^-?[0-9]+\.[0-9]+(e-?[0-9]+)?$/);
    expect(Number(text)).toBe(angle);
  }
});

test.each([Number.NaN, Number.POSITIVE_INFINITY])('%d is no angle', (angle) => {
  expect(() => emittedAngle(angle)).toThrow(TypeError);
});
