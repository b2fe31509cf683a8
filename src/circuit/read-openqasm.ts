/**
 * OpenQASM 2.0 and the circuit subset of 3.0, as a gate list. Statements are read and run one at a time; gates are
 * expanded to base gates, loops unrolled, inputs bound. What a statement costs is counted before it is done.
 *
 *     OPENQASM 2.0;                      → {"bits":2,"operations":[{"op":"h","qubits":[0]},
 *     include "qelib1.inc";                 {"op":"cx","qubits":[0,1]},
 *     qreg q[2]; creg c[2];                 {"bits":[0],"op":"measure","qubits":[0]},
 *     h q[0]; cx q[0], q[1];                {"bits":[1],"op":"measure","qubits":[1]}],
 *     measure q -> c;                       "qubits":2,"version":1}
 *
 * Qubits and bits are numbered in the order of their declaration, so that the outcome key c[n-1]…c[0] over all bits is
 * Qiskit's, which puts the last register first, without its spaces.
 */

import { QpoeError } from '../core/error.ts';
import { type Circuit, conditional, MAX_CONDITION_DEPTH, type Operation } from './circuit.ts';
import { spend, startBudget } from './qasm-budget.ts';
import { resolveCondition } from './qasm-condition.ts';
import { defineGate, resolveCall } from './qasm-definition.ts';
import type { Expression } from './qasm-expression.ts';
import { costOfCall, expandCall, shapeOf, TOP } from './qasm-gate.ts';
import { includeLibrary, languageGates } from './qasm-include.ts';
import { isSymbol, isWord, type OpenQasmVersion, type Parser, startParser, take } from './qasm-parser.ts';
import {
  declare,
  evaluateInteger,
  evaluationOf,
  type GateListener,
  growQubits,
  inBlock,
  isInsideBlock,
  MAX_REGISTER,
  type OutputRegister,
  outputOf,
  type Reading,
  resolve,
  resolveAll,
  resolveRange,
  shareMeasurement,
  shareReset,
  startReading,
} from './qasm-scope.ts';
import { fault, type QasmSource, shown } from './qasm-source.ts';
import { type Operand, readStatement, type Statement, type ValueType } from './qasm-statement.ts';
import type { Token } from './qasm-tokens.ts';
import { evaluate } from './qasm-value.ts';
import { MAX_OPERATIONS } from './workloads.ts';

export interface ReadOpenQasm {
  readonly version: OpenQasmVersion;
  readonly circuit: Circuit;
  /** Classical registers in the order of their declaration. */
  readonly registers: readonly OutputRegister[];
  /** Names of the inputs that it declares, in order. */
  readonly inputs: readonly string[];
}

/**
 * @param name  of the file, for messages
 * @param parameters  a value for each input
 * @param onGate  is told each gate before it is expanded
 * @throws QpoeError `usage` with line and column for the first thing that is wrong, or not read
 */
export function readOpenQasm(
  text: string,
  name: string,
  parameters: ReadonlyMap<string, number> = new Map(),
  onGate?: GateListener,
): ReadOpenQasm {
  const source = { name, text };
  const parser = startParser(source);
  const hasVersion = readVersion(parser);
  const reading = startReading(source, parser.version, startBudget(), parameters, onGate);
  for (const [gate, meaning] of languageGates(reading.version)) reading.gates.set(gate, meaning);
  let first = !hasVersion;
  for (let statement = readStatement(parser); statement !== undefined; statement = readStatement(parser)) {
    if (first && !isQelib1(statement)) throw withoutVersion(source, statement);
    first = false;
    run(reading, statement);
  }
  checkParameters(reading, name);
  if (reading.qubits === 0) throw fault(source, text.length, 'the file ends, and declared no qubit');
  return resultOf(reading);
}

function resultOf({ version, qubits, bits, operations, registers, inputs }: Reading): ReadOpenQasm {
  return { version, circuit: { version: 1, qubits, bits, operations }, registers, inputs };
}

/** `OPENQASM 2.0;`, and whether there is one. */
function readVersion(parser: Parser): boolean {
  if (!isWord(parser, 'OPENQASM')) return false;
  take(parser);
  const { text, at } = take(parser);
  if (!/^[23](\.[0-9]+)?$/.test(text))
    throw fault(parser.source, at, `OpenQASM ${shown(text)} is not read`, 'the versions are 2.0 and 3.0');
  if (!isSymbol(parser, ';')) throw fault(parser.source, parser.token.at, 'expected ";" after the version');
  take(parser);
  parser.version = text.startsWith('2') ? 2 : 3;
  return true;
}

/** Old files start so, and Qiskit takes them. */
function isQelib1(statement: Statement): boolean {
  return statement.kind === 'include' && statement.file === 'qelib1.inc';
}

function withoutVersion(source: QasmSource, { at }: Statement): QpoeError {
  return fault(
    source,
    at,
    'a statement before the version',
    'let the file start with OPENQASM 2.0; or OPENQASM 3.0;',
  );
}

function checkParameters({ parameters, inputs }: Reading, name: string): void {
  for (const parameter of parameters.keys())
    if (!inputs.includes(parameter))
      throw new QpoeError(
        'usage',
        `${name}: no input is named "${shown(parameter)}"`,
        inputs.length === 0 ? 'the file declares no input' : `its inputs: ${inputs.join(', ')}`,
      );
}

function run(reading: Reading, statement: Statement): void {
  spend(reading.budget, { operations: 0, steps: 1 }, reading.source, statement.at);
  switch (statement.kind) {
    case 'call':
      runCall(reading, statement);
      return;
    case 'measure':
      runMeasure(reading, statement.qubits, statement.bits, statement.at);
      return;
    case 'reset':
      runReset(reading, statement);
      return;
    case 'barrier':
      runBarrier(reading, statement);
      return;
    case 'if':
      runIf(reading, statement);
      return;
    case 'for':
      runFor(reading, statement);
      return;
    case 'constant':
      declareValue(reading, statement, evaluate(evaluationOf(reading), statement.value).value);
      return;
    case 'alias':
      runAlias(reading, statement);
      return;
    default:
      runGlobal(reading, statement);
      return;
  }
}

type Global = Extract<Statement, { kind: 'include' | 'gate' | 'register' | 'input' }>;

function runGlobal(reading: Reading, statement: Global): void {
  if (isInsideBlock(reading))
    throw fault(reading.source, statement.at, 'a declaration inside a block', 'declare it before');
  switch (statement.kind) {
    case 'include':
      includeLibrary(reading, statement);
      return;
    case 'gate':
      defineGate(reading, statement, false);
      return;
    case 'register':
      runRegister(reading, statement);
      return;
    case 'input':
      runInput(reading, statement);
      return;
  }
}

function runRegister(reading: Reading, statement: Statement & { kind: 'register' }): void {
  const { name, of, at, initial } = statement;
  const single = statement.size === undefined;
  if (single && reading.version === 2) throw fault(reading.source, at, 'a register without a size');
  const size = statement.size === undefined ? 1 : evaluateInteger(reading, statement.size, 'a size');
  if (size < 1) throw fault(reading.source, at, `the register ${shown(name.text)} of size ${size}`);
  const first = of === 'qubit' ? growDeclared(reading, size, at) : growBits(reading, name, size, at);
  const indices = Array.from({ length: size }, (_, index) => first + index);
  declare(reading, name, { kind: of === 'qubit' ? 'qubits' : 'bits', indices, single });
  if (initial !== undefined) initialize(reading, statement, initial);
}

function initialize(
  reading: Reading,
  { name, of, at }: Statement & { kind: 'register' },
  initial: NonNullable<(Statement & { kind: 'register' })['initial']>,
): void {
  if (of === 'bit' && initial.kind === 'measure')
    runMeasure(reading, initial.qubits, { name: name.text, at }, at);
  // Bits are 0 before they are written: only that value needs no assignment.
  else if (of === 'qubit' || !(initial.kind === 'bits' && /^0+$/.test(initial.text)))
    throw fault(reading.source, at, `an initial value of a ${of}: only a measurement writes a bit`);
}

function growDeclared(reading: Reading, size: number, at: number): number {
  if (reading.addressing === 'physical')
    throw fault(reading.source, at, 'declared qubits beside physical ones');
  reading.addressing = 'declared';
  return growQubits(reading, size, at);
}

function growBits(reading: Reading, { text: name }: Token, size: number, at: number): number {
  if (reading.bits + size > MAX_REGISTER) throw fault(reading.source, at, `more than ${MAX_REGISTER} bits`);
  const first = reading.bits;
  reading.bits += size;
  reading.registers.push({ name, first, size });
  return first;
}

function runInput(reading: Reading, statement: Statement & { kind: 'input' }): void {
  const { type, name, at } = statement;
  reading.inputs.push(name.text);
  const value = reading.parameters.get(name.text);
  if (value === undefined)
    throw fault(
      reading.source,
      at,
      `the input ${shown(name.text)} has no value`,
      `--param ${shown(name.text)}=${type === 'float' || type === 'angle' ? '0.5' : '1'}`,
    );
  if (!Number.isFinite(value))
    throw fault(reading.source, at, `the input ${shown(name.text)} is ${value}, not a finite number`);
  declareValue(reading, statement, value);
}

interface DeclaredValue {
  readonly type: ValueType;
  readonly width?: Expression;
  readonly name: Token;
  readonly at: number;
}

function declareValue(reading: Reading, declared: DeclaredValue, value: number): void {
  const { type, name, at } = declared;
  const integer = type !== 'float' && type !== 'angle';
  if (integer && !Number.isSafeInteger(value))
    throw fault(reading.source, at, `${shown(name.text)} is ${value}, not a whole number`);
  if ((type === 'uint' && value < 0) || (type === 'bool' && value !== 0 && value !== 1))
    throw fault(reading.source, at, `${shown(name.text)} is ${value}, which is no ${type}`);
  checkWidth(reading, declared, value);
  declare(reading, name, { kind: 'value', value: { value, integer } });
}

/** A device would wrap what doesn't fit; what a wrapped value would mean is not guessed at. Of a float it is only precision. */
function checkWidth(reading: Reading, { type, width, name, at }: DeclaredValue, value: number): void {
  if (width === undefined) return;
  const bits = evaluateInteger(reading, width, 'a width');
  if (bits < 1) throw fault(reading.source, at, `a width of ${bits} bits`);
  if ((type !== 'int' && type !== 'uint') || bits > 53) return;
  const [least, most] = type === 'uint' ? [0, 2 ** bits - 1] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
  if (value < least || value > most)
    throw fault(reading.source, at, `${shown(name.text)} is ${value}, which ${type}[${bits}] can't hold`);
}

function runAlias(reading: Reading, { name, parts }: Statement & { kind: 'alias' }): void {
  const indices = resolveAll(reading, parts, name.at);
  if (indices.length > MAX_REGISTER)
    throw fault(reading.source, name.at, `an alias of more than ${MAX_REGISTER} qubits`);
  declare(reading, name, { kind: 'qubits', indices, single: false });
}

function runCall(reading: Reading, statement: Statement & { kind: 'call' }): void {
  const call = resolveCall(reading, statement, evaluationOf(reading));
  const operands = statement.operands.map((operand) => resolve(reading, operand, 'qubits'));
  checkOperands(reading, statement, operands, call.controls.length + shapeOf(call.gate).qubits);
  const times = broadcast(reading, statement, operands);
  const { operations, steps } = costOfCall(call);
  const cost = { operations: operations * times, steps: (steps + operands.length) * times };
  spend(reading.budget, cost, reading.source, statement.at);
  const output = outputOf(reading, statement.at);
  const evaluation = { ...evaluationOf(reading), spend: () => {} };
  for (let time = 0; time < times; time++) {
    const qubits = operands.map((operand) => operand[operand.length === 1 ? 0 : time]!);
    if (new Set(qubits).size !== qubits.length)
      throw fault(reading.source, statement.at, `${shown(statement.name)} names a qubit twice`);
    reading.onGate?.(nameOfCall(statement), qubits);
    expandCall(output, call, qubits, evaluation, TOP);
  }
}

/** With its modifiers, which make another gate of it. */
function nameOfCall({ name, modifiers }: Statement & { kind: 'call' }): string {
  return [...modifiers.map((modifier) => modifier.name), name].join(' @ ');
}

function checkOperands(
  reading: Reading,
  { name, at }: Statement & { kind: 'call' },
  operands: readonly (readonly number[])[],
  expected: number,
): void {
  if (operands.length !== expected)
    throw fault(
      reading.source,
      at,
      `${shown(name)} acts on ${expected} ${expected === 1 ? 'qubit' : 'qubits'}, here on ${operands.length}`,
    );
}

/** How many times a call applies: once for each element of its registers, which have one size. */
function broadcast(
  reading: Reading,
  { name, at }: Statement & { kind: 'call' },
  operands: readonly (readonly number[])[],
): number {
  const sizes = new Set(operands.map(({ length }) => length).filter((length) => length !== 1));
  if (sizes.size > 1)
    throw fault(reading.source, at, `${shown(name)} on registers of sizes ${[...sizes].join(' and ')}`);
  return [...sizes][0] ?? 1;
}

function runMeasure(reading: Reading, from: Operand, to: Operand, at: number): void {
  const qubits = resolve(reading, from, 'qubits');
  const bits = resolve(reading, to, 'bits');
  if (qubits.length !== bits.length)
    throw fault(reading.source, at, `a measurement of ${qubits.length} qubits into ${bits.length} bits`);
  spend(reading.budget, { operations: qubits.length, steps: qubits.length }, reading.source, at);
  for (const [index, qubit] of qubits.entries())
    reading.operations.push(shareMeasurement(reading, qubit, bits[index]!));
}

function runReset(reading: Reading, statement: Statement & { kind: 'reset' }): void {
  const qubits = resolve(reading, statement.qubits, 'qubits');
  spend(reading.budget, { operations: qubits.length, steps: qubits.length }, reading.source, statement.at);
  for (const qubit of qubits) reading.operations.push(shareReset(reading, qubit));
}

function runBarrier(reading: Reading, { operands, at }: Statement & { kind: 'barrier' }): void {
  const named = resolveAll(reading, operands, at);
  const qubits =
    operands.length === 0 ? Array.from({ length: reading.qubits }, (_, qubit) => qubit) : [...new Set(named)];
  spend(reading.budget, { operations: 1, steps: qubits.length }, reading.source, at);
  if (qubits.length > 0) reading.operations.push({ op: 'barrier', qubits });
}

function runIf(reading: Reading, statement: Statement & { kind: 'if' }): void {
  const { bits, negated } = resolveCondition(reading, statement.condition);
  if (bits.size > 0 && reading.conditions === MAX_CONDITION_DEPTH)
    throw fault(reading.source, statement.at, `conditions nested more than ${MAX_CONDITION_DEPTH} deep`);
  const deeper = bits.size > 0 ? 1 : 0;
  reading.conditions += deeper;
  const then = branch(reading, statement.body);
  const otherwise = branch(reading, statement.otherwise);
  reading.conditions -= deeper;
  if (bits.size === 0) {
    for (const operation of negated ? otherwise : then) reading.operations.push(operation);
    return;
  }
  spend(reading.budget, { operations: 1, steps: bits.size }, reading.source, statement.at);
  const tested = [...bits.keys()];
  const equals = [...bits.values()]
    .map((value) => (value ? '1' : '0'))
    .toReversed()
    .join('');
  const [yes, no] = negated ? [otherwise, then] : [then, otherwise];
  for (const part of reading.version === 2 ? splitMeasurements(yes) : [yes])
    if (part.length + no.length > 0) reading.operations.push(conditional(tested, equals, part, no));
}

function branch(reading: Reading, statements: readonly Statement[]): readonly Operation[] {
  const outer = reading.operations;
  const inner: Operation[] = [];
  reading.operations = inner;
  inBlock(reading, () => {
    for (const statement of statements) run(reading, statement);
  });
  reading.operations = outer;
  return inner;
}

/**
 * `if (c == 1) measure q -> c;` is, in OpenQASM 2, a conditional measurement for each qubit: the first may change what the
 * second tests. Gates write no bit, and stay together.
 */
function splitMeasurements(operations: readonly Operation[]): readonly (readonly Operation[])[] {
  return operations.some(({ op }) => op === 'measure') ? operations.map((each) => [each]) : [operations];
}

/** Two scopes and a name. */
const PASS_STEPS = 20;

function runFor(
  reading: Reading,
  { type, width, variable, range, body, at }: Statement & { kind: 'for' },
): void {
  const passes = resolveRange(reading, range);
  if (passes.length > MAX_OPERATIONS)
    throw fault(reading.source, at, `a loop of more than ${MAX_OPERATIONS} passes`);
  for (const value of passes)
    inBlock(reading, () => {
      declareValue(reading, { type, ...(width && { width }), name: variable, at }, value);
      inBlock(reading, () => {
        for (const statement of body) run(reading, statement);
      });
      spend(reading.budget, { operations: 0, steps: PASS_STEPS }, reading.source, at);
    });
}
