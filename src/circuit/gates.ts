/**
 * The gates of the canonical gate list: the subset of OpenQASM 3's `stdgates.inc` that Qiskit, Cirq, QDK and Braket all
 * read with the same meaning. Matrices are in `src/simulator/matrices.ts`.
 */

export interface GateShape {
  /** How many qubits it acts on, controls first. */
  readonly qubits: number;
  /** How many angles it takes, in radians. */
  readonly angles: number;
}

const shape = (qubits: number, angles: number): GateShape => ({ qubits, angles });

export const GATES = {
  id: shape(1, 0),
  x: shape(1, 0),
  y: shape(1, 0),
  z: shape(1, 0),
  h: shape(1, 0),
  s: shape(1, 0),
  sdg: shape(1, 0),
  t: shape(1, 0),
  tdg: shape(1, 0),
  sx: shape(1, 0),
  rx: shape(1, 1),
  ry: shape(1, 1),
  rz: shape(1, 1),
  p: shape(1, 1),
  u1: shape(1, 1),
  u2: shape(1, 2),
  u3: shape(1, 3),
  cx: shape(2, 0),
  cy: shape(2, 0),
  cz: shape(2, 0),
  ch: shape(2, 0),
  cp: shape(2, 1),
  crx: shape(2, 1),
  cry: shape(2, 1),
  crz: shape(2, 1),
  swap: shape(2, 0),
  ccx: shape(3, 0),
  cswap: shape(3, 0),
} as const satisfies Readonly<Record<string, GateShape>>;

export type GateName = keyof typeof GATES;

export function isGateName(name: string): name is GateName {
  return Object.hasOwn(GATES, name);
}
