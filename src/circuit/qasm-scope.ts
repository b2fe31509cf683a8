/** What names mean while a file is read, and the circuit as far as it has been built. */

import { type GateOperation, gate, MAX_ANGLE, measure, type Operation } from './circuit.ts';
import type { GateName } from './gates.ts';
import type { Budget } from './qasm-budget.ts';
import { spend } from './qasm-budget.ts';
import type { Expression } from './qasm-expression.ts';
import type { Gate, Output } from './qasm-gate.ts';
import type { OpenQasmVersion } from './qasm-parser.ts';
import { fault, type QasmSource, shown } from './qasm-source.ts';
import type { Operand, Range } from './qasm-statement.ts';
import type { Token } from './qasm-tokens.ts';
import { builtinConstants, type Evaluation, evaluate, type Value } from './qasm-value.ts';

/** Qubits or bits under one name, each by its number in the circuit. */
export interface Register {
  readonly kind: 'qubits' | 'bits';
  readonly indices: readonly number[];
  /** Declared without a size: it has no elements. */
  readonly single: boolean;
}

type Meaning = Register | { readonly kind: 'value'; readonly value: Value };

interface Scope {
  readonly names: Map<string, Meaning>;
  readonly outer?: Scope;
}

/** A classical register as it was declared. Its bits are `first` … `first + size − 1` of the circuit. */
export interface OutputRegister {
  readonly name: string;
  readonly first: number;
  readonly size: number;
}

/** Is told each gate as the text calls it, on the circuit's qubits, before it is expanded: `cz`, `ctrl @ x`. */
export type GateListener = (gate: string, qubits: readonly number[]) => void;

export interface Reading {
  readonly onGate: GateListener | undefined;
  readonly source: QasmSource;
  readonly version: OpenQasmVersion;
  readonly budget: Budget;
  readonly gates: Map<string, Gate>;
  readonly parameters: ReadonlyMap<string, number>;
  readonly registers: OutputRegister[];
  readonly inputs: string[];
  /** The last angles. */
  angles: readonly number[];
  /** What is held once, by its qubits (and bit). */
  readonly shared: Map<Operation['op'], Map<number, Operation>>;
  readonly globals: Scope;
  scope: Scope;
  /** Where operations go: the circuit, or a branch of an `if`. */
  operations: Operation[];
  qubits: number;
  bits: number;
  /** Whether the include came already. */
  hasLibrary: boolean;
  /** How many `if`s the statement at hand stands in. */
  conditions: number;
  /** Whether qubits are declared, or named by the device's numbers: the two can't be told apart in one circuit. */
  addressing?: 'declared' | 'physical';
}

export function startReading(
  source: QasmSource,
  version: OpenQasmVersion,
  budget: Budget,
  parameters: ReadonlyMap<string, number>,
  onGate?: GateListener,
): Reading {
  const globals = { names: new Map() };
  const empty = {
    gates: new Map(),
    registers: [],
    inputs: [],
    angles: [],
    shared: new Map(),
    operations: [],
    qubits: 0,
    bits: 0,
    hasLibrary: false,
    conditions: 0,
  };
  return { onGate, source, version, budget, parameters, globals, scope: globals, ...empty };
}

export function isInsideBlock(reading: Reading): boolean {
  return reading.scope.outer !== undefined;
}

/** Runs with names of its own. */
export function inBlock(reading: Reading, run: () => void): void {
  const { scope } = reading;
  reading.scope = { names: new Map(), outer: scope };
  run();
  reading.scope = scope;
}

export function declare(reading: Reading, name: Token, meaning: Meaning): void {
  if (reading.scope.names.has(name.text) || isTaken(reading, name.text))
    throw fault(reading.source, name.at, `the name ${shown(name.text)} is used twice`);
  reading.scope.names.set(name.text, meaning);
}

/** By a gate or a constant of the language. A register of OpenQASM 2 may have a library gate's name, as old files do. */
function isTaken(reading: Reading, name: string): boolean {
  if (builtinConstants(reading.version).has(name)) return true;
  const known = reading.gates.get(name);
  if (known === undefined) return false;
  return reading.version === 3 || (known.kind !== 'phase' && !known.library);
}

export function find(reading: Reading, name: string): Meaning | undefined {
  for (let scope: Scope | undefined = reading.scope; scope !== undefined; scope = scope.outer) {
    const meaning = scope.names.get(name);
    if (meaning !== undefined) return meaning;
  }
  return undefined;
}

/** How expressions are evaluated where the reading stands. */
export function evaluationOf(reading: Reading): Evaluation {
  const { source, version, budget } = reading;
  return {
    source,
    version,
    spend: (steps, at) => spend(budget, { operations: 0, steps }, source, at),
    find: (name) => asValue(find(reading, name), name, version),
    findGlobal: (name) => asValue(reading.globals.names.get(name), name, version),
  };
}

function asValue(meaning: Meaning | undefined, name: string, version: OpenQasmVersion): Value | undefined {
  return meaning?.kind === 'value' ? meaning.value : builtinConstants(version).get(name);
}

/** @param what  for the message: `a size` */
export function evaluateInteger(reading: Reading, expression: Expression, what: string): number {
  const { value } = evaluate(evaluationOf(reading), expression);
  if (!Number.isSafeInteger(value))
    throw fault(reading.source, expression.at, `${what} is ${value}, not a whole number`);
  return value;
}

/** The qubits or bits that an operand names, in order. */
export function resolve(reading: Reading, operand: Operand, kind: Register['kind']): readonly number[] {
  if (operand.name.startsWith('$')) return [resolvePhysical(reading, operand, kind)];
  const register = find(reading, operand.name);
  const named = kind === 'qubits' ? 'qubit' : 'bit';
  if (register === undefined)
    throw fault(
      reading.source,
      operand.at,
      `no ${named} is named ${shown(operand.name)}`,
      describeNames(reading, kind),
    );
  if (register.kind !== kind)
    throw fault(reading.source, operand.at, `${shown(operand.name)} is no ${named}`);
  if (operand.index === undefined) return register.indices;
  if (register.single)
    throw fault(
      reading.source,
      operand.at,
      `${shown(operand.name)} is a single ${named} and has no elements`,
    );
  return resolveRange(reading, operand.index).map((index) => elementOf(reading, register, operand, index));
}

/** A slip of the pen is found sooner beside what there is. */
function describeNames(reading: Reading, kind: Register['kind']): string | undefined {
  const names = [...reading.scope.names].filter(([, meaning]) => meaning.kind === kind).map(([name]) => name);
  return names.length === 0 ? undefined : `declared: ${names.slice(0, 8).map(shown).join(', ')}`;
}

function resolvePhysical(reading: Reading, operand: Operand, kind: Register['kind']): number {
  const { name, at } = operand;
  if (kind === 'bits' || operand.index !== undefined)
    throw fault(reading.source, at, `${shown(name)} is a single physical qubit`);
  if (reading.addressing === 'declared')
    throw fault(reading.source, at, `the physical qubit ${shown(name)} beside declared ones`);
  reading.addressing = 'physical';
  const index = Number(name.slice(1));
  growQubits(reading, Math.max(0, index + 1 - reading.qubits), at);
  return index;
}

/** The most qubits, and the most bits, of one circuit. */
export const MAX_REGISTER = 10_000;

export function growQubits(reading: Reading, by: number, at: number): number {
  if (reading.qubits + by > MAX_REGISTER) throw fault(reading.source, at, `more than ${MAX_REGISTER} qubits`);
  reading.qubits += by;
  return reading.qubits - by;
}

function elementOf(reading: Reading, register: Register, { name, at }: Operand, index: number): number {
  const size = register.indices.length;
  const element = register.indices[index < 0 && reading.version === 3 ? size + index : index];
  if (element === undefined)
    throw fault(reading.source, at, `${shown(name)}[${index}]: ${shown(name)} has elements 0 to ${size - 1}`);
  return element;
}

export function resolveRange(reading: Reading, range: Range): number[] {
  const integer = (expression: Expression) => evaluateInteger(reading, expression, 'an index');
  if (range.kind === 'one') return [integer(range.index)];
  if (range.kind === 'set') return range.members.map(integer);
  const [first, second, third] = range.parts.map(integer);
  const step = third === undefined ? 1 : second!;
  const last = third ?? second!;
  if (step === 0) throw fault(reading.source, range.at, 'a range with a step of 0');
  const count = Math.max(0, Math.floor((last - first!) / step) + 1);
  spend(reading.budget, { operations: 0, steps: count }, reading.source, range.at);
  return Array.from({ length: count }, (_, index) => first! + index * step);
}

/** The qubits of several operands, paid for one by one: `q, q, q, …` is short to write. */
export function resolveAll(reading: Reading, operands: readonly Operand[], at: number): number[] {
  const all: number[] = [];
  for (const operand of operands) {
    const qubits = resolve(reading, operand, 'qubits');
    spend(reading.budget, { operations: 0, steps: 2 * qubits.length }, reading.source, at);
    for (const qubit of qubits) all.push(qubit);
  }
  return all;
}

/** Where a statement's gates go. What they cost was spent before. */
export function outputOf(reading: Reading, at: number): Output {
  return {
    emit: (op, qubits, angles = []) => {
      checkAngles(reading, op, angles, at);
      const shared = shareGate(reading, op, qubits);
      reading.operations.push(
        angles.length === 0 ? shared : gate(op, shared.qubits, shareAngles(reading, angles)),
      );
    },
    barrier: (qubits) => reading.operations.push({ op: 'barrier', qubits }),
  };
}

function checkAngles(reading: Reading, op: GateName, angles: readonly number[], at: number): void {
  const tooLarge = angles.find((angle) => !(Math.abs(angle) < MAX_ANGLE));
  if (tooLarge !== undefined)
    throw fault(
      reading.source,
      at,
      `${op}: the angle ${tooLarge} is not below 2^53 radians`,
      'reduce it modulo 4π',
    );
}

/** Registers and loops repeat a gate with its angles. */
function shareAngles(reading: Reading, angles: readonly number[]): readonly number[] {
  const last = reading.angles;
  if (last.length === angles.length && last.every((angle, index) => Object.is(angle, angles[index])))
    return last;
  // -0 and 0 are one angle.
  reading.angles = angles.map((angle) => angle + 0);
  return reading.angles;
}

function shareGate(reading: Reading, op: GateName, qubits: readonly number[]): GateOperation {
  return share(reading, op, qubits, () => gate(op, qubits));
}

/** A measurement, or a reset, that may have been written before. */
export function shareMeasurement(reading: Reading, qubit: number, bit: number): Operation {
  return share(reading, 'measure', [qubit, bit], () => measure(qubit, bit));
}

export function shareReset(reading: Reading, qubit: number): Operation {
  return share(reading, 'reset', [qubit], () => ({ op: 'reset', qubits: [qubit] }));
}

/**
 * A million gates on few qubits are few different operations, or with angles at least few lists of qubits: each is held
 * once. At most three numbers below 10,000 make one whole number that tells them apart.
 */
function share<T extends Operation>(
  reading: Reading,
  op: T['op'],
  numbers: readonly number[],
  make: () => T,
): T {
  let known = reading.shared.get(op);
  if (known === undefined) {
    known = new Map();
    reading.shared.set(op, known);
  }
  const key = numbers.reduce((sum, number) => sum * (MAX_REGISTER + 1) + number + 1, 0);
  let operation = known.get(key);
  if (operation === undefined) {
    operation = make();
    known.set(key, operation);
  }
  return operation as T;
}
