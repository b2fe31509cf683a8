/**
 * The OpenQASM 3.0 text of a circuit, in the subset that Qiskit, Cirq and QDK read alike
 * (https://openqasm.com/versions/3.0/language/):
 *
 *     OPENQASM 3.0;
 *     include "stdgates.inc";
 *     qubit[2] q;
 *     bit[2] c;
 *     h q[0];
 *     rz(0.5) q[1];
 *     c[0] = measure q[0];
 *
 * One circuit has one text: records hold its digest, so whatever changes a byte of it raises `OPENQASM3_EMITTER`.
 */

import type { Circuit, Operation } from './circuit.ts';

/** The version of this emitter. */
export const OPENQASM3_EMITTER = 1;

export function emitOpenQasm3(circuit: Circuit): string {
  const lines = ['OPENQASM 3.0;', 'include "stdgates.inc";', `qubit[${circuit.qubits}] q;`];
  // A register of no bits is not OpenQASM.
  if (circuit.bits > 0) lines.push(`bit[${circuit.bits}] c;`);
  for (const operation of circuit.operations) lines.push(emitOperation(operation));
  return lines.join('\n') + '\n';
}

function emitOperation(operation: Operation): string {
  if (operation.op === 'measure') return `c[${operation.bits[0]}] = measure q[${operation.qubits[0]}];`;
  const angles = operation.angles === undefined ? '' : `(${operation.angles.map(formatAngle).join(', ')})`;
  return `${operation.op}${angles} ${operation.qubits.map((qubit) => `q[${qubit}]`).join(', ')};`;
}

/**
 * The shortest decimal that reads back as the same double. It always has a point: QDK takes `1` for an integer and
 * refuses it as an angle, and readers differ over `1e-7`.
 */
function formatAngle(angle: number): string {
  if (!Number.isFinite(angle)) throw new TypeError(`${angle} is not an angle`);
  const [mantissa = '', exponent] = String(angle).split('e');
  const decimal = mantissa.includes('.') ? mantissa : `${mantissa}.0`;
  return exponent === undefined ? decimal : `${decimal}e${exponent.replace('+', '')}`;
}
