/**
 * The canonical gate list, a circuit's identity on every SDK:
 *
 *     {"version":1,"qubits":2,"bits":2,"operations":[
 *       {"op":"h","qubits":[0]},
 *       {"op":"cx","qubits":[0,1]},
 *       {"angles":[0.5],"op":"rz","qubits":[1]},
 *       {"op":"barrier","qubits":[0,1]},
 *       {"bits":[0],"op":"measure","qubits":[0]},
 *       {"op":"reset","qubits":[0]},
 *       {"bits":[0],"else":[],"equals":"1","op":"if","then":[{"op":"x","qubits":[1]}]}, …]}
 *
 * Its digest is SHA-256 over the RFC 8785 form. Angles are radians, as doubles below 2^53, never reduced: two texts with
 * different angles are two circuits. Bits are 0 before they are first written.
 */

import { type Digest, digestOf } from '../core/digest.ts';
import { QpoeError } from '../core/error.ts';
import { canonicalBytes } from '../core/jcs.ts';
import { GATES, type GateName } from './gates.ts';

export interface GateOperation {
  readonly op: GateName;
  /** Controls first, each qubit once. */
  readonly qubits: readonly number[];
  /** Radians; absent where the gate takes none. */
  readonly angles?: readonly number[];
}

export interface MeasureOperation {
  readonly op: 'measure';
  readonly qubits: readonly [number];
  readonly bits: readonly [number];
}

/** Back to |0⟩. */
export interface ResetOperation {
  readonly op: 'reset';
  readonly qubits: readonly [number];
}

/** Nothing moves across it in a compiler; it does nothing to the state. */
export interface BarrierOperation {
  readonly op: 'barrier';
  readonly qubits: readonly number[];
}

/** `then` where the bits have the value, else `else`, decided once, before either runs. */
export interface IfOperation {
  readonly op: 'if';
  /** Least significant first, each bit once. */
  readonly bits: readonly number[];
  /** Their value as 0 and 1, most significant first: `"10"` is bits[1] = 1, bits[0] = 0. */
  readonly equals: string;
  readonly then: readonly Operation[];
  readonly else: readonly Operation[];
}

export type Operation = GateOperation | MeasureOperation | ResetOperation | BarrierOperation | IfOperation;

/** The canonical gate list (docs/format.md). Angles in radians, qubits and bits counted from 0. */
export interface Circuit {
  readonly version: 1;
  readonly qubits: number;
  readonly bits: number;
  readonly operations: readonly Operation[];
}

/** How deep `if` nests in `if`: a strict JSON document is at most 64 deep, and each takes two. */
export const MAX_CONDITION_DEPTH = 16;

/** Beyond it, neighbouring doubles are more than a radian apart: such an angle says nothing, and its text isn't strict JSON. */
export const MAX_ANGLE = 2 ** 53;

/** @throws QpoeError `refused` for an angle of 2^53 radians or more */
export function gate(op: GateName, qubits: readonly number[], angles: readonly number[] = []): GateOperation {
  const tooLarge = angles.find((angle) => !(Math.abs(angle) < MAX_ANGLE));
  if (tooLarge !== undefined)
    throw new QpoeError(
      'refused',
      `${op}: the angle ${tooLarge} is not below 2^53 radians`,
      'reduce it modulo 4π',
    );
  if (GATES[op].angles === 0) return { op, qubits };
  // -0 and 0 are one angle, and have one canonical form.
  return {
    op,
    qubits,
    angles: angles.some((angle) => Object.is(angle, -0)) ? angles.map((angle) => angle + 0) : angles,
  };
}

/** @param equals  most significant first */
export function conditional(
  bits: readonly number[],
  equals: string,
  then: readonly Operation[],
  otherwise: readonly Operation[] = [],
): IfOperation {
  return { op: 'if', bits, equals, then, else: otherwise };
}

export function measure(qubit: number, bit: number): MeasureOperation {
  return { op: 'measure', qubits: [qubit], bits: [bit] };
}

/** Every qubit into the bit of its own number. */
export function measureAll(qubits: number): MeasureOperation[] {
  return Array.from({ length: qubits }, (_, index) => measure(index, index));
}

/** The bytes that are hashed, and stored as an object. */
export function circuitBytes(circuit: Circuit): Uint8Array<ArrayBuffer> {
  return canonicalBytes(circuit as never);
}

/** SHA-256 of `circuitBytes`: one circuit has one digest on every SDK. */
export function circuitDigest(circuit: Circuit): Digest {
  return digestOf(circuitBytes(circuit));
}
