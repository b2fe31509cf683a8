import { expect, it } from 'vitest';
import { type Circuit, conditional, gate, measure, type Operation } from './circuit.ts';
import { emitForSdk } from './sdk-text.ts';

const circuit = (...operations: Operation[]): Circuit => ({ version: 1, qubits: 2, bits: 2, operations });
const MIXED = circuit(
  gate('sdg', [0]),
  gate('u2', [1], [0.5, -1]),
  gate('crz', [0, 1], [-2.5]),
  gate('cp', [0, 1], [0.25]),
  measure(0, 0),
  conditional([0, 1], '01', [gate('x', [1])]),
);

it('writes Braket’s own names, no include, and each bit alone', () => {
  expect(emitForSdk('braket', MIXED)).toEqual({
    format: 'openqasm3',
    text: `OPENQASM 3.0;
qubit[2] q;
bit[2] c = "00";
si q[0];
U(1.5707963267948966, 0.5, -1.0) q[1];
ctrl @ rz(-2.5) q[0], q[1];
cphaseshift(0.25) q[0], q[1];
c[0] = measure q[0];
if (c[0] == true) {
  if (c[1] == false) {
    x q[1];
  }
}
`,
  });
});

it('resets on Braket by measuring', () => {
  const resets = circuit(measure(0, 0), conditional([0], '1', [{ op: 'reset', qubits: [1] }]));
  expect(emitForSdk('braket', resets).text.split('\n').slice(2)).toEqual([
    'bit[3] c = "000";',
    '// c[2] is measured by resets',
    'c[0] = measure q[0];',
    'if (c[0] == true) {',
    '  c[2] = measure q[1]; if (c[2] == true) { x q[1]; }',
    '}',
    '',
  ]);
});

it('writes for QDK no controlled rotation, and no comparison of a register', () => {
  expect(emitForSdk('qdk', MIXED).text.split('\n').slice(4)).toEqual([
    'sdg q[0];',
    'u2(0.5, -1.0) q[1];',
    'rz(-1.25) q[1]; cx q[0], q[1]; rz(1.25) q[1]; cx q[0], q[1];',
    'cp(0.25) q[0], q[1];',
    'c[0] = measure q[0];',
    'if (c[0] == true) {',
    '  if (c[1] == false) {',
    '    x q[1];',
    '  }',
    '}',
    '',
  ]);
});

it.each(['simulator', 'pennylane', 'qulacs'])('gives %s the gate list', (sdk) => {
  expect(emitForSdk(sdk, MIXED)).toMatchObject({
    format: 'gate-list',
    text: expect.stringMatching(/^\{"bits":2/),
  });
});

it.each([
  [
    'braket',
    measure(1, 1),
    'Amazon Braket runs no measure under a condition: c[1] = measure q[1] in an if on c[0]',
  ],
  [
    'pennylane',
    measure(1, 1),
    'PennyLane runs no measure under a condition: c[1] = measure q[1] in an if on c[0]',
  ],
  ['pennylane', { op: 'reset', qubits: [1] } as Operation, 'reset q[1] in an if on c[0]'],
])('refuses for %s what it runs wrongly or not at all', (sdk, operation, message) => {
  const nested = circuit(measure(0, 0), conditional([0], '1', [conditional([0], '1', [], [operation])]));
  expect(() => emitForSdk(sdk, nested)).toThrow(message);
  expect(() => emitForSdk('qulacs', nested)).not.toThrow();
});
