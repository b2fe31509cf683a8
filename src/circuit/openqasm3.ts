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
 * Beyond it, as Qiskit reads them: `reset`, `barrier`, and conditions on one bit or on all of `c`. What Cirq reads instead
 * is in `cirq-openqasm3.ts`; QDK's and Braket's ways are dialects of this.
 *
 * One circuit has one text: records hold its digest, so whatever changes a byte of it raises `OPENQASM3_EMITTER`.
 */

import { QpoeError } from '../core/error.ts';
import type {
  BarrierOperation,
  Circuit,
  GateOperation,
  IfOperation,
  Operation,
  ResetOperation,
} from './circuit.ts';
import { MAX_OPERATIONS } from './workloads.ts';

/** The version of this emitter. */
export const OPENQASM3_EMITTER = 1;

/** What an SDK reads otherwise than Qiskit does. */
export interface Dialect {
  readonly header: (qubits: number, bits: number) => string[];
  readonly gate: (operation: GateOperation | BarrierOperation | ResetOperation) => string;
  /** Whether `c == 2` is written: the bits of its number are not in one order everywhere. */
  readonly comparesRegister: boolean;
}

export const STANDARD: Dialect = {
  header: emitHeader,
  gate: (operation) => emitGate(operation),
  comparesRegister: true,
};

/** @throws QpoeError `refused` where conditions on many bits nest deeper, or repeat `else` more often, than Qiskit reads */
export function emitOpenQasm3(circuit: Circuit, dialect = STANDARD): string {
  const writing = { lines: dialect.header(circuit.qubits, circuit.bits), bits: circuit.bits, dialect };
  emitOperations(writing, circuit.operations, 0);
  return writing.lines.join('\n') + '\n';
}

export function emitHeader(qubits: number, bits: number): string[] {
  const lines = ['OPENQASM 3.0;', 'include "stdgates.inc";', `qubit[${qubits}] q;`];
  // A register of no bits is not OpenQASM.
  if (bits > 0) lines.push(`bit[${bits}] c;`);
  return lines;
}

interface Writing {
  readonly lines: string[];
  readonly bits: number;
  readonly dialect: Dialect;
}

function emitOperations(writing: Writing, operations: readonly Operation[], depth: number): void {
  const { lines, dialect } = writing;
  const indent = '  '.repeat(depth);
  for (const operation of operations) {
    if (operation.op === 'if') emitIf(writing, operation, depth);
    else if (operation.op === 'measure')
      lines.push(indent + emitMeasurement(operation.bits[0], operation.qubits[0]));
    else lines.push(indent + dialect.gate(operation));
  }
}

export function emitMeasurement(bit: number, qubit: number): string {
  return `c[${bit}] = measure q[${qubit}];`;
}

export function emitGate(
  operation: GateOperation | BarrierOperation | ResetOperation,
  name: string = operation.op,
): string {
  const list = 'angles' in operation ? operation.angles : undefined;
  const angles = list === undefined ? '' : `(${list.map(formatAngle).join(', ')})`;
  return `${name}${angles} ${operation.qubits.map((qubit) => `q[${qubit}]`).join(', ')};`;
}

/** Nested conditions repeat their `else`: no circuit is emitted as more than this. */
const MAX_LINES = 4 * MAX_OPERATIONS;

/** Qiskit's importer, and Python's stack under it, fail some way beyond. */
const MAX_NESTED_TESTS = 32;

/**
 * Qiskit compares one bit with a truth value, or a whole register with a number. Several bits that are not the register
 * are one test in another, which all happen before anything they guard; the `else` stands in each.
 */
function emitIf(writing: Writing, operation: IfOperation, depth: number): void {
  const { lines, bits, dialect } = writing;
  checkSize(lines, depth);
  const { equals, then, else: otherwise } = operation;
  const [bit, ...rest] = operation.bits;
  const isWhole = dialect.comparesRegister && rest.length > 0 && isWholeRegister(operation, bits);
  const indent = '  '.repeat(depth);
  const test = isWhole ? `c == ${BigInt(`0b${equals}`)}` : `c[${bit}] == ${equals.endsWith('1')}`;
  lines.push(`${indent}if (${test}) {`);
  const inner = { ...operation, bits: rest, equals: equals.slice(0, -1) };
  emitOperations(writing, isWhole || rest.length === 0 ? then : [inner], depth + 1);
  if (otherwise.length > 0) {
    lines.push(`${indent}} else {`);
    emitOperations(writing, otherwise, depth + 1);
  }
  lines.push(`${indent}}`);
}

function checkSize(lines: readonly string[], depth: number): void {
  if (lines.length > MAX_LINES)
    throw new QpoeError('refused', `the OpenQASM text of nested conditions has over ${MAX_LINES} lines`);
  if (depth === MAX_NESTED_TESTS)
    throw new QpoeError(
      'refused',
      `conditions (if) on some bits of a register are nested tests to Qiskit, and here more than ${MAX_NESTED_TESTS}`,
      'test fewer bits, or run on another SDK',
    );
}

function isWholeRegister({ bits: tested }: IfOperation, bits: number): boolean {
  return tested.length === bits && tested.every((bit, index) => bit === index);
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
