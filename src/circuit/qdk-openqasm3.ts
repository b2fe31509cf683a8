/**
 * The OpenQASM 3.0 text of a circuit for QDK (1.32). It is Qiskit's but for two things, which QDK reads silently as another
 * circuit:
 *
 * - Where a register is compared with a number, its first bit is the highest (with c[0] = 1, c[1] = 0 it finds `c == 2`): so
 *   each bit is tested alone.
 * - Angles are taken modulo 2π, which turns the sign of a rotation: alone that is a global phase, under a control it is not.
 *   So crx, cry and crz are written as two rotations of half the angle with cx between.
 */

import type { BarrierOperation, Circuit, GateOperation, ResetOperation } from './circuit.ts';
import { emitGate, emitOpenQasm3, STANDARD } from './openqasm3.ts';

/** @throws QpoeError `refused` as `emitOpenQasm3` */
export function emitQdkOpenQasm3(circuit: Circuit): string {
  return emitOpenQasm3(circuit, { ...STANDARD, gate: emitQdkGate, comparesRegister: false });
}

function emitQdkGate(operation: GateOperation | BarrierOperation | ResetOperation): string {
  switch (operation.op) {
    case 'crx':
      return emitControlledRotation('rz', operation, [{ op: 'h', qubits: operation.qubits.slice(1) }]);
    case 'cry':
      return emitControlledRotation('ry', operation);
    case 'crz':
      return emitControlledRotation('rz', operation);
    default:
      return emitGate(operation);
  }
}

/** x turns a rotation about y or z round. @param basis  before and after */
function emitControlledRotation(
  op: 'ry' | 'rz',
  { qubits, angles }: GateOperation,
  basis: readonly GateOperation[] = [],
): string {
  const half = angles![0]! / 2;
  const target = qubits.slice(1);
  const turn = (angle: number): GateOperation => ({ op, qubits: target, angles: [angle] });
  const flip: GateOperation = { op: 'cx', qubits };
  return [...basis, turn(half), flip, turn(-half), flip, ...basis].map((step) => emitGate(step)).join(' ');
}
