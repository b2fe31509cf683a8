import { expect, test } from 'vitest';
import { type Circuit, conditional, gate, measure, type Operation } from './circuit.ts';
import { emitCirqOpenQasm3 } from './cirq-openqasm3.ts';
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

const body = (text: string, header: number): string[] => text.trimEnd().split('\n').slice(header);
const x = gate('x', [0]);
const y = gate('y', [1]);

test('reset, barrier and conditions, as Qiskit reads them', () => {
  const circuit = circuitOf([
    { op: 'reset', qubits: [1] },
    { op: 'barrier', qubits: [0, 2] },
    conditional([0, 1, 2], '110', [x], [y]),
    conditional([1], '0', [measure(0, 1)]),
    conditional([2, 0], '01', [x], [y]),
  ]);
  expect(body(emitOpenQasm3(circuit), 4)).toEqual([
    'reset q[1];',
    'barrier q[0], q[2];',
    'if (c == 6) {',
    '  x q[0];',
    '} else {',
    '  y q[1];',
    '}',
    'if (c[1] == false) {',
    '  c[1] = measure q[0];',
    '}',
    'if (c[2] == true) {',
    '  if (c[0] == false) {',
    '    x q[0];',
    '  } else {',
    '    y q[1];',
    '  }',
    '} else {',
    '  y q[1];',
    '}',
  ]);
});

test('a text that conditions would make endless is refused', () => {
  const many = Array.from({ length: 200 }, () => y);
  const deep = (depth: number): Operation =>
    conditional([0, 1, 2], '111', [x], depth === 0 ? many : [deep(depth - 1)]);
  expect(() => emitOpenQasm3(circuitOf([deep(9)], 2, 11))).toThrow(/over 4000000 lines/);
});

test('for Cirq: what it reads already has one text', () => {
  const circuit = circuitOf([x, measure(0, 0), { op: 'reset', qubits: [0] }, measure(0, 0)]);
  expect(emitCirqOpenQasm3(circuit)).toBe(emitOpenQasm3(circuit));
});

test('for Cirq: conditions on each gate, no barriers, and unwritten bits are 0', () => {
  const circuit = circuitOf([
    measure(0, 0),
    measure(1, 1),
    { op: 'barrier', qubits: [0] },
    conditional([0, 1], '10', [x, y]),
    conditional([0], '1', [x], [y]),
    conditional([0, 2], '01', [x]),
    conditional([2], '1', [x], [y]),
  ]);
  expect(body(emitCirqOpenQasm3(circuit), 6)).toEqual([
    'if (c[0]==0 && c[1]==1) x q[0];',
    'if (c[0]==0 && c[1]==1) y q[1];',
    'if (c[0]==1) x q[0];',
    'if (c[0]==0) y q[1];',
    'if (c[0]==1) x q[0];',
    'y q[1];',
  ]);
});

test('for Cirq: a conditional reset and measurement go through a spare qubit', () => {
  const circuit = circuitOf([
    measure(0, 0),
    conditional([0], '1', [{ op: 'reset', qubits: [1] }, measure(1, 1)]),
    conditional([0], '0', [measure(2, 1)]),
  ]);
  expect(body(emitCirqOpenQasm3(circuit), 2)).toEqual([
    'qubit[4] q;',
    'bit[3] c;',
    'c[0] = measure q[0];',
    'reset q[3];',
    'if (c[0]==1) swap q[1], q[3];',
    'reset q[3];',
    'if (c[0]==1) cx q[1], q[3];',
    'c[1] = measure q[3];',
    'reset q[3];',
    'if (c[1]==1) x q[3];',
    'if (c[0]==0 && c[1]==1) x q[3];',
    'if (c[0]==0) cx q[2], q[3];',
    'c[1] = measure q[3];',
  ]);
});

test('for Cirq: a branch that changes what was tested keeps the outcome of the test', () => {
  const circuit = circuitOf([measure(0, 0), conditional([0], '1', [measure(1, 0), x], [y])]);
  expect(body(emitCirqOpenQasm3(circuit), 2)).toEqual([
    'qubit[4] q;',
    'bit[3] c;',
    'bit[1] s;',
    'c[0] = measure q[0];',
    'reset q[3];',
    'if (c[0]==1) x q[3];',
    's[0] = measure q[3];',
    'reset q[3];',
    'if (c[0]==1) x q[3];',
    'if (s[0]==1 && c[0]==1) x q[3];',
    'if (s[0]==1) cx q[1], q[3];',
    'c[0] = measure q[3];',
    'if (s[0]==1) x q[0];',
    'if (s[0]==0) y q[1];',
  ]);
});

test('a condition on many bits of a larger register is refused for Qiskit, and one test for Cirq', () => {
  const bits = Array.from({ length: 33 }, (_, bit) => bit);
  const measured = bits.map((bit) => measure(0, bit));
  const wide = circuitOf([...measured, conditional(bits, '0'.repeat(33), [x, y])], 2, 34);
  expect(() => emitOpenQasm3(wide)).toThrow(/conditions \(if\) on some bits of a register .* more than 32/);
  expect(body(emitCirqOpenQasm3(wide), 5).slice(-2)).toEqual([
    'if (s[0]==1) x q[0];',
    'if (s[0]==1) y q[1];',
  ]);
});
