/** The value of a constant expression: the same double on every engine. */

import { sinCos } from '../core/trig.ts';
import { acos, asin, atan, exp, ln, power, tan } from './elementary.ts';
import type { Expression } from './qasm-expression.ts';
import { fault, type QasmSource, shown } from './qasm-source.ts';

export interface Value {
  readonly value: number;
  /** Whole numbers divide to whole numbers in OpenQASM 3: 1/2 is 0. */
  readonly integer: boolean;
}

export interface Evaluation {
  readonly source: QasmSource;
  /** Where faults are, if not where the expression stands: a library's gates are at fault where they are used. */
  readonly at?: number;
  readonly version: 2 | 3;
  readonly find: (name: string) => Value | undefined;
  /** As the bodies of gates see it: what is around a call means nothing there. */
  readonly findGlobal: (name: string) => Value | undefined;
  /** Called before work that takes so many steps; throws when there have been too many. */
  readonly spend: (steps: number, at: number) => void;
}

type Operation = (...values: number[]) => number;

const FUNCTIONS: Readonly<Record<string, Operation>> = {
  sin: (x) => sinCos(x!).sin,
  cos: (x) => sinCos(x!).cos,
  tan: (x) => tan(x!),
  exp: (x) => exp(x!),
  sqrt: (x) => Math.sqrt(x!),
};
const FUNCTIONS_2: Readonly<Record<string, Operation>> = {
  ...FUNCTIONS,
  ln: (x) => ln(x!),
  asin: (x) => asin(x!),
  acos: (x) => acos(x!),
  atan: (x) => atan(x!),
};
const FUNCTIONS_3: Readonly<Record<string, Operation>> = {
  ...FUNCTIONS,
  log: (x) => ln(x!),
  arcsin: (x) => asin(x!),
  arccos: (x) => acos(x!),
  arctan: (x) => atan(x!),
  float: (x) => x!,
  angle: (x) => x!,
};
/** Those of two arguments, and those that give whole numbers. */
const BINARY_FUNCTIONS_3: Readonly<Record<string, Operation>> = {
  pow: (x, y) => power(x!, y!),
  mod: (x, y) => x! - y! * Math.floor(x! / y!),
};
const INTEGER_FUNCTIONS_3: Readonly<Record<string, Operation>> = {
  ceiling: (x) => Math.ceil(x!),
  floor: (x) => Math.floor(x!),
  int: (x) => Math.trunc(x!),
  uint: (x) => Math.trunc(x!),
};

const CONSTANTS_2: ReadonlyMap<string, Value> = new Map([['pi', { value: Math.PI, integer: false }]]);
const CONSTANTS_3: ReadonlyMap<string, Value> = new Map<string, Value>([
  ...['pi', 'π'].map((name) => [name, { value: Math.PI, integer: false }] as const),
  ...['tau', 'τ'].map((name) => [name, { value: 2 * Math.PI, integer: false }] as const),
  ...['euler', 'ℇ'].map((name) => [name, { value: Math.E, integer: false }] as const),
  ['true', { value: 1, integer: true }] as const,
  ['false', { value: 0, integer: true }] as const,
]);

export function builtinConstants(version: 2 | 3): ReadonlyMap<string, Value> {
  return version === 2 ? CONSTANTS_2 : CONSTANTS_3;
}

/** A function call or a power goes through fixed point: as long as so many additions. */
export const FUNCTION_STEPS = 200;

/** @throws QpoeError for a name that has no value, or a value that is no finite number */
export function evaluate(evaluation: Evaluation, expression: Expression): Value {
  evaluation.spend(expression.size, expression.at);
  return evaluateNode(evaluation, expression);
}

function evaluateNode(evaluation: Evaluation, expression: Expression): Value {
  const value = computeNode(evaluation, expression);
  if (!Number.isFinite(value.value)) throw faultAt(evaluation, expression, describeNotFinite(value.value));
  if (value.integer && !Number.isSafeInteger(value.value))
    throw faultAt(evaluation, expression, 'a whole number beyond 2^53');
  return value;
}

function describeNotFinite(value: number): string {
  return Number.isNaN(value) ? 'not a number: the function has no value here' : 'an infinite number';
}

function faultAt(evaluation: Evaluation, { at }: { readonly at: number }, reason: string, hint?: string) {
  return fault(evaluation.source, evaluation.at ?? at, reason, hint);
}

function computeNode(evaluation: Evaluation, expression: Expression): Value {
  switch (expression.kind) {
    case 'number':
      return { value: expression.value, integer: expression.integer && evaluation.version === 3 };
    case 'name':
      return findValue(evaluation, expression, expression.name);
    case 'unary':
      return computeUnary(evaluation, expression);
    case 'binary':
      return computeBinary(evaluation, expression);
    case 'call':
      return computeCall(evaluation, expression);
    case 'element':
      throw faultAt(evaluation, expression, `${shown(expression.name)}[…] is no number known before the run`);
    case 'bits':
      throw faultAt(evaluation, expression, 'a string where a number is expected');
  }
}

function findValue(evaluation: Evaluation, expression: Expression, name: string): Value {
  const value = evaluation.find(name);
  if (value === undefined) throw faultAt(evaluation, expression, `no number is named ${shown(name)}`);
  return value;
}

function computeUnary(evaluation: Evaluation, expression: Expression & { kind: 'unary' }): Value {
  const { value, integer } = evaluateNode(evaluation, expression.operand);
  if (expression.operator === '-') return { value: integer ? 0 - value : -value, integer };
  if (expression.operator === '+') return { value, integer };
  if (expression.operator === '!' && evaluation.version === 3) return truth(value === 0);
  throw faultAt(evaluation, expression, `the operator ${expression.operator} is not read`);
}

const truth = (holds: boolean): Value => ({ value: holds ? 1 : 0, integer: true });

function computeBinary(evaluation: Evaluation, expression: Expression & { kind: 'binary' }): Value {
  const left = evaluateNode(evaluation, expression.left);
  const right = evaluateNode(evaluation, expression.right);
  const integer = left.integer && right.integer;
  const [a, b] = [left.value, right.value];
  switch (expression.operator) {
    case '+':
      return { value: a + b, integer };
    case '-':
      return { value: a - b, integer };
    case '*':
      return { value: a * b + 0, integer };
    case '/':
      return divide(evaluation, expression, a, b, integer);
    case '^':
    case '**':
      return computePower(evaluation, expression, left, right);
    default:
      return computeBinary3(evaluation, expression, a, b, integer);
  }
}

/** Qiskit rounds a negative quotient down, C towards zero. */
function divide(
  evaluation: Evaluation,
  expression: Expression,
  a: number,
  b: number,
  integer: boolean,
): Value {
  if (b === 0) throw faultAt(evaluation, expression, 'a division by zero');
  const quotient = a / b;
  if (integer && quotient < 0 && a % b !== 0)
    throw faultAt(
      evaluation,
      expression,
      'a quotient of whole numbers that is negative and not whole: readers round it differently',
      'write one of them with a point',
    );
  return { value: integer ? Math.floor(quotient) + 0 : quotient, integer };
}

function computePower(
  evaluation: Evaluation,
  expression: Expression & { kind: 'binary' },
  base: Value,
  exponent: Value,
): Value {
  // In OpenQASM 3, ^ is an exclusive or.
  if (expression.operator === (evaluation.version === 2 ? '**' : '^'))
    throw faultAt(
      evaluation,
      expression,
      `the operator ${expression.operator} is not read`,
      evaluation.version === 2 ? 'write ^' : 'a power is written **',
    );
  evaluation.spend(FUNCTION_STEPS, expression.at);
  const integer = base.integer && exponent.integer && exponent.value >= 0;
  return { value: power(base.value, exponent.value), integer };
}

function computeBinary3(
  evaluation: Evaluation,
  expression: Expression & { kind: 'binary' },
  a: number,
  b: number,
  integer: boolean,
): Value {
  const value = evaluation.version === 3 ? compare(expression.operator, a, b) : undefined;
  if (value !== undefined) return truth(value);
  if (!integer || evaluation.version === 2)
    throw faultAt(evaluation, expression, `the operator ${expression.operator} is not read here`);
  if (expression.operator === '%') {
    if (b <= 0 || a < 0) throw faultAt(evaluation, expression, `a remainder of ${a} by ${b} is not read`);
    return { value: a % b, integer };
  }
  if (b < 0 || b > 52) throw faultAt(evaluation, expression, `a shift by ${b}`);
  if (expression.operator === '<<') return { value: a * 2 ** b, integer };
  if (expression.operator === '>>') return { value: Math.floor(a / 2 ** b), integer };
  throw faultAt(evaluation, expression, `the operator ${expression.operator} is not read`);
}

function compare(operator: string, a: number, b: number): boolean | undefined {
  switch (operator) {
    case '==':
      return a === b;
    case '!=':
      return a !== b;
    case '<':
      return a < b;
    case '>':
      return a > b;
    case '<=':
      return a <= b;
    case '>=':
      return a >= b;
    case '&&':
      return a !== 0 && b !== 0;
    case '||':
      return a !== 0 || b !== 0;
    default:
      return undefined;
  }
}

function computeCall(evaluation: Evaluation, expression: Expression & { kind: 'call' }): Value {
  const { name } = expression;
  const found = findFunction(evaluation.version, name);
  if (found === undefined) throw faultAt(evaluation, expression, `no function is named ${shown(name)}`);
  if (expression.arguments.length !== found.arity)
    throw faultAt(
      evaluation,
      expression,
      `${name} takes ${found.arity} ${found.arity === 1 ? 'number' : 'numbers'}`,
    );
  evaluation.spend(FUNCTION_STEPS, expression.at);
  const values = expression.arguments.map((argument) => evaluateNode(evaluation, argument));
  const integer = found.integer || (name === 'mod' && values.every((value) => value.integer));
  return { value: found.compute(...values.map(({ value }) => value)), integer };
}

function findFunction(version: 2 | 3, name: string) {
  const own = <T>(table: Readonly<Record<string, T>>) =>
    Object.hasOwn(table, name) ? table[name] : undefined;
  const real = own(version === 2 ? FUNCTIONS_2 : FUNCTIONS_3);
  if (real !== undefined) return { compute: real, arity: 1, integer: false };
  if (version === 2) return undefined;
  const binary = own(BINARY_FUNCTIONS_3);
  if (binary !== undefined) return { compute: binary, arity: 2, integer: false };
  const whole = own(INTEGER_FUNCTIONS_3);
  return whole && { compute: whole, arity: 1, integer: true };
}
