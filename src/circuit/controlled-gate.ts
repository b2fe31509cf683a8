/**
 * Any base gate under any number of controls, inverted, or to a fractional power, as base gates: exactly, with no
 * ancilla, and with the phase that is global without a control (Barenco et al., 1995, https://arxiv.org/abs/quant-ph/9503016).
 *
 * Every base gate but u2 and u3 is a phase in some basis: gate = V · diag(1, e^{iλ}) · V† · e^{iγ}. To control it, or take
 * its root, is to control or divide λ and γ; V needs no control.
 */

import { GATES, type GateName } from './gates.ts';

export type Emit = (op: GateName, qubits: readonly number[], angles?: readonly number[]) => void;

export interface Application {
  readonly name: GateName;
  readonly angles: readonly number[];
  /** Beyond those the gate has itself. */
  readonly controls: readonly number[];
  readonly qubits: readonly number[];
  /** −1 inverts; a fraction takes the principal root (of a rotation or phase: that part of the angle). */
  readonly power: number;
}

/** What acts on the target (of swap: on both) of a gate with controls of its own. */
const CORE: Readonly<Partial<Record<GateName, readonly [core: GateName, controls: number]>>> = {
  cx: ['x', 1],
  cy: ['y', 1],
  cz: ['z', 1],
  ch: ['h', 1],
  cp: ['p', 1],
  crx: ['rx', 1],
  cry: ['ry', 1],
  crz: ['rz', 1],
  ccx: ['x', 2],
  cswap: ['swap', 1],
};

/** The base gate that is a core under so many controls. */
const NATIVE: Readonly<Partial<Record<GateName, readonly GateName[]>>> = {
  x: ['x', 'cx', 'ccx'],
  y: ['y', 'cy'],
  z: ['z', 'cz'],
  h: ['h', 'ch'],
  p: ['p', 'cp'],
  u1: ['u1', 'cp'],
  rx: ['rx', 'crx'],
  ry: ['ry', 'cry'],
  rz: ['rz', 'crz'],
  swap: ['swap', 'cswap'],
};

/** Gates whose inverse is a base gate under another name; the other angle-free ones but sx are their own. */
const INVERSE: Readonly<Partial<Record<GateName, GateName>>> = { s: 'sdg', sdg: 's', t: 'tdg', tdg: 't' };

/** Emits the gate, whole powers one after another. */
export function applyGate(emit: Emit, application: Application): void {
  const { power } = application;
  if (!Number.isInteger(power)) {
    applyOnce(emit, application);
    return;
  }
  const once = { ...application, power: Math.sign(power) };
  for (let time = 0; time < Math.abs(power); time++) applyOnce(emit, once);
}

/** u2 and u3 are a phase in a basis of their own that no closed form here gives. */
export function hasRoots(name: GateName): boolean {
  return name !== 'u2' && name !== 'u3';
}

function applyOnce(emit: Emit, { name, angles, controls, qubits, power }: Application): void {
  if (power === 1 && controls.length === 0) {
    emit(name, qubits, angles);
    return;
  }
  const [core, own] = CORE[name] ?? [name, 0];
  const allControls = [...controls, ...qubits.slice(0, own)];
  const targets = qubits.slice(own);
  // Under its own controls only, a gate keeps its name.
  const native = controls.length === 0 ? name : NATIVE[core]?.[allControls.length];
  if (native !== undefined && power === 1) emit(native, [...allControls, ...targets], angles);
  else if (native !== undefined && power === -1 && hasNativeInverse(core))
    emit(INVERSE[native] ?? native, [...allControls, ...targets], angles.map(negated));
  else if (core === 'swap') applySwap(emit, allControls, targets, power);
  else if (core === 'id') emit('id', targets);
  else if (core === 'u2') applyU(emit, [Math.PI / 2, ...angles], allControls, targets, power);
  else if (core === 'u3') applyU(emit, angles, allControls, targets, power);
  else applyPhaseInBasis(emit, phaseOf(core, angles[0] ?? 0), allControls, targets[0]!, power);
}

const negated = (angle: number): number => -angle;

function hasNativeInverse(core: GateName): boolean {
  return core !== 'sx' && core !== 'u2' && core !== 'u3';
}

interface PhaseInBasis {
  /** V†, in the order it is applied; V undoes it. */
  readonly basis: readonly (readonly [GateName, ...number[]])[];
  readonly lambda: number;
  readonly gamma?: number;
}

const X_BASIS = [['h']] as const;
const Y_BASIS = [['sdg'], ['h']] as const;

function phaseOf(core: GateName, angle: number): PhaseInBasis {
  switch (core) {
    case 'x':
      return { basis: X_BASIS, lambda: Math.PI };
    case 'sx':
      return { basis: X_BASIS, lambda: Math.PI / 2 };
    case 'y':
      return { basis: Y_BASIS, lambda: Math.PI };
    case 'z':
      return { basis: [], lambda: Math.PI };
    case 'h':
      return { basis: [['ry', -Math.PI / 4]], lambda: Math.PI };
    case 's':
      return { basis: [], lambda: Math.PI / 2 };
    case 'sdg':
      return { basis: [], lambda: -Math.PI / 2 };
    case 't':
      return { basis: [], lambda: Math.PI / 4 };
    case 'tdg':
      return { basis: [], lambda: -Math.PI / 4 };
    case 'rx':
      return { basis: X_BASIS, lambda: angle, gamma: -angle / 2 };
    case 'ry':
      return { basis: Y_BASIS, lambda: angle, gamma: -angle / 2 };
    case 'rz':
      return { basis: [], lambda: angle, gamma: -angle / 2 };
    case 'p':
    case 'u1':
      return { basis: [], lambda: angle };
    default:
      throw new TypeError(`${core} is no phase in a basis`);
  }
}

function applyPhaseInBasis(
  emit: Emit,
  { basis, lambda, gamma = 0 }: PhaseInBasis,
  controls: readonly number[],
  target: number,
  power: number,
): void {
  for (const [name, ...angles] of basis) emit(name, [target], angles);
  applyPhase(emit, lambda * power, [...controls, target]);
  for (const [name, ...angles] of basis.toReversed())
    emit(INVERSE[name] ?? name, [target], angles.map(negated));
  if (gamma !== 0) applyPhase(emit, gamma * power, controls);
}

/** swap = cx(b, a) · cx(a, b) · cx(b, a), of which the middle one carries the controls and the power. */
function applySwap(emit: Emit, controls: readonly number[], targets: readonly number[], power: number): void {
  const [a, b] = [targets[0]!, targets[1]!];
  emit('cx', [b, a]);
  applyOnce(emit, { name: 'x', angles: [], controls: [...controls, a], qubits: [b], power });
  emit('cx', [b, a]);
}

/** U(θ, φ, λ) and its inverse, under controls, as qelib1.inc writes cu3: five gates that cancel, and two that flip. */
function applyU(
  emit: Emit,
  angles: readonly number[],
  controls: readonly number[],
  targets: readonly number[],
  power: number,
): void {
  const [a, b, c] = [angles[0]!, angles[1]!, angles[2]!];
  const [theta, phi, lambda] = power < 0 ? [-a, -c, -b] : [a, b, c];
  if (controls.length === 0) {
    emit('u3', targets, [theta, phi, lambda]);
    return;
  }
  const target = targets[0]!;
  applyPhase(emit, (lambda + phi) / 2, controls);
  emit('p', targets, [(lambda - phi) / 2]);
  applyX(emit, controls, target, []);
  emit('u3', targets, [-theta / 2, 0, -(phi + lambda) / 2]);
  applyX(emit, controls, target, []);
  emit('u3', targets, [theta / 2, phi, 0]);
}

/** diag(1, …, 1, e^{iλ}) on any number of qubits; on none it is a global phase, which nothing shows. */
export function applyPhase(emit: Emit, lambda: number, qubits: readonly number[]): void {
  const [first, second] = qubits;
  if (first === undefined) return;
  if (second === undefined) emit('p', qubits, [lambda]);
  else if (qubits.length === 2) emit('cp', qubits, [lambda]);
  else applyPhaseToMany(emit, lambda, qubits);
}

/** Lemma 7.5. Both flips leave the target alone: it serves as a borrowed qubit. */
function applyPhaseToMany(emit: Emit, lambda: number, qubits: readonly number[]): void {
  const target = qubits.at(-1)!;
  const last = qubits.at(-2)!;
  const rest = qubits.slice(0, -2);
  emit('cp', [last, target], [lambda / 2]);
  applyX(emit, rest, last, [target]);
  emit('cp', [last, target], [-lambda / 2]);
  applyX(emit, rest, last, [target]);
  applyPhase(emit, lambda / 2, [...rest, target]);
}

/** x under controls. Borrowed qubits may hold anything, and get it back. */
function applyX(emit: Emit, controls: readonly number[], target: number, borrowed: readonly number[]): void {
  const few = (['x', 'cx', 'ccx'] as const)[controls.length];
  if (few !== undefined) emit(few, [...controls, target]);
  else if (borrowed.length >= controls.length - 2) applyXByLadder(emit, controls, target, borrowed);
  else if (borrowed.length > 0) applyXByHalves(emit, controls, target, borrowed[0]!);
  else {
    emit('h', [target]);
    applyPhase(emit, Math.PI, [...controls, target]);
    emit('h', [target]);
  }
}

/** Lemma 7.2: a ladder of ccx down and up the borrowed qubits, twice. */
function applyXByLadder(
  emit: Emit,
  controls: readonly number[],
  target: number,
  borrowed: readonly number[],
): void {
  const count = controls.length;
  const rungs = Array.from({ length: count - 2 }, (_, rung) => [
    controls[count - 1 - rung]!,
    borrowed[rung]!,
    rung === 0 ? target : borrowed[rung - 1]!,
  ]);
  const foot = [controls[0]!, controls[1]!, borrowed[count - 3]!];
  const inner = rungs.slice(1);
  for (const rung of [...rungs, foot, ...rungs.toReversed(), ...inner, foot, ...inner.toReversed()])
    emit('ccx', rung);
}

/** Lemma 7.3: with one borrowed qubit, four times half the controls, each borrowing the other half. */
function applyXByHalves(emit: Emit, controls: readonly number[], target: number, borrowed: number): void {
  const middle = Math.ceil(controls.length / 2);
  const first = controls.slice(0, middle);
  const second = [...controls.slice(middle), borrowed];
  for (let time = 0; time < 2; time++) {
    applyX(emit, first, borrowed, [...controls.slice(middle), target]);
    applyX(emit, second, target, first);
  }
}

const counts = new Map<string, number>();

/** How many base gates `applyGate` emits for one time. */
export function countGates(name: GateName, controls: number, power: number): number {
  const kind = Math.abs(power) === 1 ? power : 0.5;
  const key = `${name} ${controls} ${kind}`;
  const known = counts.get(key);
  if (known !== undefined) return known;
  let count = 0;
  const controlQubits = Array.from({ length: controls }, (_, index) => index);
  const qubits = Array.from({ length: GATES[name].qubits }, (_, index) => controls + index);
  const angles = Array.from({ length: GATES[name].angles }, () => 1);
  applyOnce(() => count++, { name, angles, controls: controlQubits, qubits, power: kind });
  counts.set(key, count);
  return count;
}

/** How many base gates `applyPhase` emits. */
export function countPhaseGates(qubits: number): number {
  return qubits === 0 ? 0 : countGates('p', qubits - 1, 1);
}
