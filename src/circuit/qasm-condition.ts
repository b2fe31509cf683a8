/**
 * Conditions: what `if` may test is a value of bits, `c == 2`, `c[0]`, `!b`, `c != "10"`, and what `&&`, `||` and `!` make
 * of such tests as long as it is one conjunction of bits, or the opposite of one.
 */

import { spend } from './qasm-budget.ts';
import type { Expression } from './qasm-expression.ts';
import { evaluateInteger, evaluationOf, find, type Reading, resolve } from './qasm-scope.ts';
import { fault, shown } from './qasm-source.ts';
import { builtinConstants, evaluate } from './qasm-value.ts';

/** Whether all of these bits have these values; `negated`: whether not all have. None at all hold always. */
export interface Condition {
  readonly bits: ReadonlyMap<number, boolean>;
  readonly negated: boolean;
}

const ALWAYS: Condition = { bits: new Map(), negated: false };
const NEVER: Condition = { bits: new Map(), negated: true };

export function resolveCondition(reading: Reading, expression: Expression): Condition {
  const tested = testedBits(reading, expression);
  if (tested !== undefined) return conditionOfBit(reading, expression, tested);
  if (expression.kind === 'unary' && expression.operator === '!' && reading.version === 3)
    return negate(resolveCondition(reading, expression.operand));
  if (expression.kind === 'binary' && reading.version === 3) {
    if (expression.operator === '&&') return both(reading, expression, false);
    if (expression.operator === '||') return both(reading, expression, true);
  }
  return resolveComparison(reading, expression) ?? resolveConstant(reading, expression);
}

function negate({ bits, negated }: Condition): Condition {
  return { bits, negated: !negated };
}

/** The bits that a name or an element stands for, if it stands for bits. */
function testedBits(reading: Reading, expression: Expression): readonly number[] | undefined {
  if (expression.kind !== 'name' && expression.kind !== 'element') return undefined;
  const meaning = find(reading, expression.name);
  if (expression.kind === 'name') {
    if (meaning?.kind === 'value' || builtinConstants(reading.version).has(expression.name)) return undefined;
  }
  const index =
    expression.kind === 'element' ? ({ kind: 'one', index: expression.index } as const) : undefined;
  return resolve(reading, { name: expression.name, at: expression.at, ...(index && { index }) }, 'bits');
}

function conditionOfBit(reading: Reading, expression: Expression, bits: readonly number[]): Condition {
  if (reading.version === 2)
    throw fault(reading.source, expression.at, 'a condition of OpenQASM 2 compares a register: if (c == 1)');
  if (bits.length !== 1)
    throw fault(reading.source, expression.at, 'a register alone is no condition', 'compare it: if (c == 1)');
  return { bits: new Map([[bits[0]!, true]]), negated: false };
}

/** a && b; or, with all three opposed, a || b. */
function both(reading: Reading, expression: Expression & { kind: 'binary' }, opposed: boolean): Condition {
  const sides = [expression.left, expression.right].map((side) => {
    const condition = resolveCondition(reading, side);
    return asConjunction(opposed ? negate(condition) : condition);
  });
  const [left, right] = sides;
  if (left === undefined || right === undefined) {
    throw fault(
      reading.source,
      expression.at,
      `a condition that mixes ${expression.operator} with its opposite`,
      'write nested ifs',
    );
  }
  const joined = join(left, right);
  return opposed ? negate(joined) : joined;
}

/** The opposite of one bit's test is a test of that bit. */
function asConjunction({ bits, negated }: Condition): Condition | undefined {
  if (!negated) return { bits, negated };
  if (bits.size === 0) return NEVER;
  if (bits.size > 1) return undefined;
  return { bits: new Map([...bits].map(([bit, value]) => [bit, !value])), negated: false };
}

function join(left: Condition, right: Condition): Condition {
  if (left.negated || right.negated) return NEVER;
  const bits = new Map(left.bits);
  for (const [bit, value] of right.bits) {
    if (bits.has(bit) && bits.get(bit) !== value) return NEVER;
    bits.set(bit, value);
  }
  return { bits, negated: false };
}

/** `c == n`, `n == c`, and their opposites with `!=`. */
function resolveComparison(reading: Reading, expression: Expression): Condition | undefined {
  if (expression.kind !== 'binary') return undefined;
  const { operator, left, right } = expression;
  const leftBits = testedBits(reading, left);
  const rightBits = testedBits(reading, right);
  const bits = leftBits ?? rightBits;
  if (bits === undefined) return undefined;
  if (leftBits !== undefined && rightBits !== undefined)
    throw fault(reading.source, expression.at, 'a comparison of bits with bits is not read');
  if (operator !== '==' && (operator !== '!=' || reading.version === 2))
    throw fault(reading.source, expression.at, `a condition with ${operator} is not read`, 'compare with ==');
  spend(reading.budget, { operations: 0, steps: 5 * bits.length }, reading.source, expression.at);
  const equal = equals(reading, bits, leftBits === undefined ? left : right);
  return operator === '==' ? equal : negate(equal);
}

function equals(reading: Reading, bits: readonly number[], constant: Expression): Condition {
  if (constant.kind === 'bits') return equalsBits(reading, bits, constant);
  const value = integerOf(reading, constant);
  if (value < 0n) throw fault(reading.source, constant.at, 'bits are never negative');
  // A register of two bits is never 5: the condition has a meaning, and never holds.
  if (value >> BigInt(bits.length) !== 0n) return NEVER;
  const digits = value.toString(2).padStart(bits.length, '0');
  return conjunctionOf(bits, digits);
}

function integerOf(reading: Reading, constant: Expression): bigint {
  if (constant.kind === 'number' && constant.integer) return BigInt(constant.text);
  return BigInt(evaluateInteger(reading, constant, 'what bits are compared with'));
}

function equalsBits(
  reading: Reading,
  bits: readonly number[],
  constant: Expression & { kind: 'bits' },
): Condition {
  if (!/^[01]+$/.test(constant.text))
    throw fault(reading.source, constant.at, `"${shown(constant.text)}" is no string of 0 and 1`);
  if (constant.text.length !== bits.length)
    throw fault(reading.source, constant.at, `${bits.length} bits compared with ${constant.text.length}`);
  return conjunctionOf(bits, constant.text);
}

/** @param digits  most significant first */
function conjunctionOf(bits: readonly number[], digits: string): Condition {
  const values = new Map<number, boolean>();
  for (const [at, bit] of bits.entries()) {
    const value = digits.at(-1 - at) === '1';
    // An alias may name a bit twice.
    if (values.has(bit) && values.get(bit) !== value) return NEVER;
    values.set(bit, value);
  }
  return { bits: values, negated: false };
}

function resolveConstant(reading: Reading, expression: Expression): Condition {
  return evaluate(evaluationOf(reading), expression).value === 0 ? NEVER : ALWAYS;
}
