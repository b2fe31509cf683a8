/**
 * Expressions of OpenQASM 2 and 3: angles, sizes, indices, conditions.
 * Precedence: https://openqasm.com/versions/3.0/language/classical.html#evaluation-order
 */

import {
  expectSymbol,
  isSymbol,
  MAX_DEPTH,
  nested,
  type Parser,
  readList,
  take,
  takeIf,
  unexpected,
} from './qasm-parser.ts';
import { fault } from './qasm-source.ts';

interface Node {
  readonly at: number;
  /** How many nodes it has, itself included: what one evaluation costs. */
  readonly size: number;
  readonly height: number;
}

export type Expression = Node &
  (
    | { readonly kind: 'number'; readonly value: number; readonly integer: boolean; readonly text: string }
    | { readonly kind: 'bits'; readonly text: string }
    | { readonly kind: 'name'; readonly name: string }
    | { readonly kind: 'element'; readonly name: string; readonly index: Expression }
    | { readonly kind: 'unary'; readonly operator: string; readonly operand: Expression }
    | {
        readonly kind: 'binary';
        readonly operator: string;
        readonly left: Expression;
        readonly right: Expression;
      }
    | { readonly kind: 'call'; readonly name: string; readonly arguments: readonly Expression[] }
  );

const PRECEDENCE: Readonly<Record<string, number>> = {
  '||': 1,
  '&&': 2,
  '|': 3,
  '&': 4,
  '==': 5,
  '!=': 5,
  '<': 6,
  '>': 6,
  '<=': 6,
  '>=': 6,
  '<<': 7,
  '>>': 7,
  '+': 8,
  '-': 8,
  '*': 9,
  '/': 9,
  '%': 9,
  '**': 11,
};
const UNARY_PRECEDENCE = 10;

/** In OpenQASM 2 `^` is the power; in OpenQASM 3 it is an exclusive or, which no angle needs. */
function precedenceOf(parser: Parser): number {
  if (parser.token.kind !== 'symbol') return 0;
  const { text } = parser.token;
  if (text === '^') return parser.version === 2 ? PRECEDENCE['**']! : 3.5;
  return Object.hasOwn(PRECEDENCE, text) ? PRECEDENCE[text]! : 0;
}

export function readExpression(parser: Parser): Expression {
  return nested(parser, () => readBinary(parser, 1));
}

function readBinary(parser: Parser, lowest: number): Expression {
  let left = readUnary(parser);
  for (let level = precedenceOf(parser); level >= lowest; level = precedenceOf(parser)) {
    const { text: operator, at } = take(parser);
    // A power groups to the right, everything else to the left.
    const right = nested(parser, () => readBinary(parser, level === PRECEDENCE['**'] ? level : level + 0.25));
    left = { kind: 'binary', operator, left, right, at, ...measured(parser, at, [left, right]) };
  }
  return left;
}

function readUnary(parser: Parser): Expression {
  const { text: operator, at, kind } = parser.token;
  if (kind !== 'symbol' || !['-', '+', '!', '~'].includes(operator)) return readPrimary(parser);
  take(parser);
  const operand = nested(parser, () => readBinary(parser, UNARY_PRECEDENCE));
  return { kind: 'unary', operator, operand, at, ...measured(parser, at, [operand]) };
}

function readPrimary(parser: Parser): Expression {
  const { kind, text, at } = parser.token;
  const leaf = { at, size: 1, height: 1 };
  if (takeIf(parser, '(')) {
    const inner = readExpression(parser);
    expectSymbol(parser, ')', 'after an expression');
    return inner;
  }
  if (kind === 'integer' || kind === 'float') {
    take(parser);
    const digits = text.replaceAll('_', '');
    return { kind: 'number', value: Number(digits), integer: kind === 'integer', text: digits, ...leaf };
  }
  if (kind === 'string') {
    take(parser);
    return { kind: 'bits', text: text.replaceAll('_', ''), ...leaf };
  }
  if (kind === 'name') return readNamed(parser);
  throw unexpected(parser, 'an expression');
}

function readNamed(parser: Parser): Expression {
  const { text: name, at } = take(parser);
  if (takeIf(parser, '(')) {
    const items = readList(parser, ')', () => readExpression(parser));
    return { kind: 'call', name, arguments: items, at, ...measured(parser, at, items) };
  }
  if (!isSymbol(parser, '[')) return { kind: 'name', name, at, size: 1, height: 1 };
  take(parser);
  const index = readExpression(parser);
  expectSymbol(parser, ']', 'after an index');
  return { kind: 'element', name, index, at, ...measured(parser, at, [index]) };
}

/** A sum of a thousand terms nests a thousand deep without a single parenthesis: evaluating it needs the stack. */
function measured(
  parser: Parser,
  at: number,
  parts: readonly Expression[],
): { readonly size: number; readonly height: number } {
  const height = 1 + parts.reduce((highest, part) => Math.max(highest, part.height), 0);
  if (height > MAX_DEPTH) throw fault(parser.source, at, `an expression nested more than ${MAX_DEPTH} deep`);
  return { size: 1 + parts.reduce((sum, part) => sum + part.size, 0), height };
}
