/**
 * The OpenQASM 3.0 text of a circuit for Amazon Braket's LocalSimulator (default simulator 1.41), which has no
 * `stdgates.inc` and gates of its own (https://docs.aws.amazon.com/braket/latest/developerguide/braket-openqasm-supported-features.html):
 *
 *     OPENQASM 3.0;
 *     qubit[2] q;
 *     bit[2] c = "00";
 *     h q[0];
 *     cnot q[0], q[1];
 *     ctrl @ h q[0], q[1];
 *     c[0] = measure q[0];
 *
 * Renamed: id i, sdg si, tdg ti, sx v, p and u1 phaseshift, cx cnot, cp cphaseshift, ccx ccnot. As a controlled gate: ch, crx,
 * cry, crz. As the built-in U: u2 and u3. Bits are given their 0: a test of one that nothing has written is an error there.
 * Each bit is tested alone, as for QDK.
 *
 * A reset is a measurement into one more bit of `c`, which is no result, and x where that is 1: the simulator's own `reset` adds
 * the amplitudes of 1 to those of 0, so that what the qubit was entangled with stays a pure state.
 *
 * A measurement under a condition is refused: on the path that does not take it, that simulator reports the qubit's value and
 * not the bit's.
 */

import type { BarrierOperation, Circuit, GateOperation, Operation } from './circuit.ts';
import type { GateName } from './gates.ts';
import { emitGate, emitOpenQasm3 } from './openqasm3.ts';
import { refuseUnderCondition } from './refused-conditions.ts';

const NAMES: Readonly<Partial<Record<GateName, string>>> = {
  id: 'i',
  sdg: 'si',
  tdg: 'ti',
  sx: 'v',
  p: 'phaseshift',
  u1: 'phaseshift',
  u3: 'U',
  cx: 'cnot',
  ch: 'ctrl @ h',
  cp: 'cphaseshift',
  crx: 'ctrl @ rx',
  cry: 'ctrl @ ry',
  crz: 'ctrl @ rz',
  ccx: 'ccnot',
};

/** @throws QpoeError `refused` for a measurement under a condition, and as `emitOpenQasm3` */
export function emitBraketOpenQasm3(circuit: Circuit): string {
  refuseUnderCondition('Amazon Braket', ['measure'], circuit.operations);
  const resets = hasReset(circuit.operations);
  return emitOpenQasm3(circuit, {
    header: (qubits, bits) => emitHeader(qubits, bits, resets),
    gate: (operation) =>
      operation.op === 'reset' ? emitReset(operation.qubits[0], circuit.bits) : emitBraketGate(operation),
    comparesRegister: false,
  });
}

function hasReset(operations: readonly Operation[]): boolean {
  return operations.some(
    (operation) =>
      operation.op === 'reset' ||
      (operation.op === 'if' && (hasReset(operation.then) || hasReset(operation.else))),
  );
}

function emitHeader(qubits: number, bits: number, resets: boolean): string[] {
  const lines = ['OPENQASM 3.0;', `qubit[${qubits}] q;`];
  const all = bits + (resets ? 1 : 0);
  if (all > 0) lines.push(`bit[${all}] c = "${'0'.repeat(all)}";`);
  if (resets) lines.push(`// c[${bits}] is measured by resets`);
  return lines;
}

function emitReset(qubit: number, bit: number): string {
  return `c[${bit}] = measure q[${qubit}]; if (c[${bit}] == true) { x q[${qubit}]; }`;
}

function emitBraketGate(operation: GateOperation | BarrierOperation): string {
  if (operation.op === 'u2')
    return emitGate({ ...operation, op: 'u3', angles: [Math.PI / 2, ...operation.angles!] }, 'U');
  return emitGate(operation, operation.op in NAMES ? NAMES[operation.op as GateName] : operation.op);
}
