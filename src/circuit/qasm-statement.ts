/**
 * Statements of OpenQASM 2 (https://arxiv.org/abs/1707.03429) and of OpenQASM 3's circuit subset
 * (https://openqasm.com/versions/3.0/language/), read one at a time. What is outside is refused by its name.
 */

import { type Expression, readExpression } from './qasm-expression.ts';
import {
  expectName,
  expectSymbol,
  isSymbol,
  isWord,
  MAX_ITEMS,
  nested,
  type Parser,
  readList,
  take,
  takeIf,
  tooMany,
  unexpected,
} from './qasm-parser.ts';
import { fault, shown } from './qasm-source.ts';
import type { Token } from './qasm-tokens.ts';

/** One of `i`, `a:b`, `a:step:b`, `{i, j}`. */
export type Range =
  | { readonly kind: 'one'; readonly index: Expression }
  | { readonly kind: 'range'; readonly at: number; readonly parts: readonly Expression[] }
  | { readonly kind: 'set'; readonly members: readonly Expression[] };

/** `q`, `q[0]`, `q[1:2]`, `$3`. */
export interface Operand {
  readonly at: number;
  readonly name: string;
  readonly index?: Range;
}

/** `ctrl(2) @`, in order. */
export interface Modifier {
  readonly at: number;
  readonly name: 'ctrl' | 'negctrl' | 'inv' | 'pow';
  readonly argument?: Expression;
}

export type Statement = { readonly at: number } & (
  | { readonly kind: 'include'; readonly file: string }
  | {
      readonly kind: 'register';
      readonly of: 'qubit' | 'bit';
      readonly name: Token;
      readonly size?: Expression;
      readonly initial?: Expression | { readonly kind: 'measure'; readonly qubits: Operand };
    }
  | {
      readonly kind: 'constant';
      readonly type: ValueType;
      readonly width?: Expression;
      readonly name: Token;
      readonly value: Expression;
    }
  | {
      readonly kind: 'input';
      readonly type: ValueType;
      readonly width?: Expression;
      readonly name: Token;
    }
  | { readonly kind: 'alias'; readonly name: Token; readonly parts: readonly Operand[] }
  | {
      readonly kind: 'gate';
      readonly name: Token;
      readonly parameters: readonly Token[];
      readonly qubits: readonly Token[];
      readonly body: readonly Statement[];
    }
  | {
      readonly kind: 'call';
      readonly name: string;
      readonly modifiers: readonly Modifier[];
      readonly angles: readonly Expression[];
      readonly operands: readonly Operand[];
    }
  | { readonly kind: 'measure'; readonly qubits: Operand; readonly bits: Operand }
  | { readonly kind: 'reset'; readonly qubits: Operand }
  | { readonly kind: 'barrier'; readonly operands: readonly Operand[] }
  | {
      readonly kind: 'if';
      readonly condition: Expression;
      readonly body: readonly Statement[];
      readonly otherwise: readonly Statement[];
    }
  | {
      readonly kind: 'for';
      readonly type: ValueType;
      readonly width?: Expression;
      readonly variable: Token;
      readonly range: Range;
      readonly body: readonly Statement[];
    }
);

export type ValueType = 'int' | 'uint' | 'float' | 'angle' | 'bool';
const VALUE_TYPES: readonly string[] = ['int', 'uint', 'float', 'angle', 'bool'];

/** Read by no part of this reader, and refused by name. */
const OUTSIDE: Readonly<Record<string, string>> = {
  def: 'a subroutine (def)',
  return: 'a subroutine (return)',
  extern: 'an external function (extern)',
  while: 'a while loop',
  break: 'break',
  continue: 'continue',
  end: 'end',
  switch: 'switch',
  box: 'a timing box (box)',
  delay: 'a delay',
  duration: 'a duration',
  stretch: 'a stretch',
  nop: 'nop',
  cal: 'a calibration (cal)',
  defcal: 'a calibration (defcal)',
  defcalgrammar: 'a calibration grammar (defcalgrammar)',
  pragma: 'a pragma',
  output: 'an output variable (output)',
  array: 'a classical array',
  complex: 'a complex number',
  void: 'a subroutine (void)',
  opaque: 'an opaque gate: nothing says what it does',
};

/** Keywords of OpenQASM 3 that OpenQASM 2 lacks: a text that says 2.0 and has them says the wrong version. */
const ONLY_IN_3 = new Set([
  ...['qubit', 'bit', 'input', 'output', 'const', 'let', 'for', 'while', 'def', 'else', 'gphase'],
  ...[
    'ctrl',
    'negctrl',
    'inv',
    'pow',
    'int',
    'uint',
    'float',
    'angle',
    'bool',
    'box',
    'delay',
    'switch',
    'extern',
  ],
]);

/** The next statement of a file; nothing at its end. */
export function readStatement(parser: Parser): Statement | undefined {
  while (takeIf(parser, ';'));
  if (parser.token.kind === 'end') return undefined;
  return readOne(parser);
}

function readOne(parser: Parser): Statement {
  const { kind, text, at } = parser.token;
  if (isSymbol(parser, '@')) throw fault(parser.source, at, 'an annotation is not read');
  if (isSymbol(parser, '}')) throw fault(parser.source, at, 'a closing brace that nothing opened');
  if (kind !== 'name' && kind !== 'qubit') throw unexpected(parser, 'a statement');
  if (parser.version === 2) return readKeyword2(parser) ?? readUse(parser);
  if (Object.hasOwn(OUTSIDE, text)) throw fault(parser.source, at, `${OUTSIDE[text]} is not read`);
  return readKeyword3(parser) ?? readUse(parser);
}

function readKeyword2(parser: Parser): Statement | undefined {
  const { text, at } = parser.token;
  switch (text) {
    case 'opaque':
      throw fault(parser.source, at, `${OUTSIDE[text]} is not read`);
    case 'if':
      return readIf2(parser);
    default:
      return readCommonKeyword(parser);
  }
}

/** Where both versions agree. */
function readCommonKeyword(parser: Parser): Statement | undefined {
  switch (parser.token.text) {
    case 'OPENQASM':
      throw fault(parser.source, parser.token.at, 'a second version line, or one that is not the first');
    case 'include':
      return readInclude(parser);
    case 'qreg':
    case 'creg':
      return readOldRegister(parser);
    case 'gate':
      return readGate(parser);
    case 'measure':
      return readMeasure(parser);
    case 'reset':
      return readReset(parser);
    case 'barrier':
      return readBarrier(parser);
    default:
      return undefined;
  }
}

function readKeyword3(parser: Parser): Statement | undefined {
  const { text } = parser.token;
  switch (text) {
    case 'if':
      return readIf3(parser);
    case 'for':
      return readFor(parser);
    case 'let':
      return readAlias(parser);
    case 'input':
      return readInput(parser);
    case 'const':
      take(parser);
      return readConstant(parser);
    case 'qubit':
    case 'bit':
      return readRegister(parser);
    default:
      return VALUE_TYPES.includes(text) ? readConstant(parser) : readCommonKeyword(parser);
  }
}

function readInclude(parser: Parser): Statement {
  const { at } = take(parser);
  if (parser.token.kind !== 'string') throw unexpected(parser, 'a file name in quotes');
  const file = take(parser).text;
  finish(parser, 'after an include');
  return { kind: 'include', file, at };
}

function finish(parser: Parser, what: string): void {
  expectSymbol(parser, ';', what);
}

function readOldRegister(parser: Parser): Statement {
  const { text, at } = take(parser);
  const name = expectName(parser, 'the name of a register');
  const size = readSize(parser);
  finish(parser, 'after a declaration');
  return { kind: 'register', of: text === 'qreg' ? 'qubit' : 'bit', name, at, ...(size && { size }) };
}

function readSize(parser: Parser): Expression | undefined {
  if (!takeIf(parser, '[')) return undefined;
  const size = readExpression(parser);
  expectSymbol(parser, ']', 'after a size');
  return size;
}

/** `qubit[2] q;`, `bit c = measure q;`. */
function readRegister(parser: Parser): Statement {
  const { text, at } = take(parser);
  const size = readSize(parser);
  const name = expectName(parser, `the name of a ${text}`);
  const initial = takeIf(parser, '=') ? readInitial(parser) : undefined;
  finish(parser, 'after a declaration');
  const of = text as 'qubit' | 'bit';
  return { kind: 'register', of, name, at, ...(size && { size }), ...(initial && { initial }) };
}

function readInitial(parser: Parser): Expression | { kind: 'measure'; qubits: Operand } {
  if (!isWord(parser, 'measure')) return readExpression(parser);
  take(parser);
  return { kind: 'measure', qubits: readOperand(parser) };
}

interface TypeOfValue {
  readonly type: ValueType;
  /** `int[32]`: what it holds is checked against it. */
  readonly width?: Expression;
}

function readValueType(parser: Parser): TypeOfValue {
  const { text, at } = parser.token;
  if (!VALUE_TYPES.includes(text))
    throw fault(parser.source, at, `the type ${shown(text)} is not read`, `one of ${VALUE_TYPES.join(', ')}`);
  take(parser);
  const width = readSize(parser);
  return { type: text as ValueType, ...(width && { width }) };
}

function readConstant(parser: Parser): Statement {
  const { at } = parser.token;
  const { type, ...width } = readValueType(parser);
  const name = expectName(parser, 'the name of a constant');
  if (!isSymbol(parser, '='))
    throw fault(parser.source, at, `the variable ${shown(name.text)} has no value`, `${type} … = …;`);
  take(parser);
  const value = readExpression(parser);
  finish(parser, 'after a value');
  return { kind: 'constant', type, ...width, name, value, at };
}

function readInput(parser: Parser): Statement {
  const { at } = take(parser);
  const { type, ...width } = readValueType(parser);
  const name = expectName(parser, 'the name of an input');
  finish(parser, 'after an input');
  return { kind: 'input', type, ...width, name, at };
}

function readAlias(parser: Parser): Statement {
  const { at } = take(parser);
  const name = expectName(parser, 'the name of an alias');
  expectSymbol(parser, '=', 'after the name of an alias');
  const parts = [readOperand(parser)];
  while (takeIf(parser, '++')) parts.push(readOperand(parser));
  finish(parser, 'after an alias');
  return { kind: 'alias', name, parts, at };
}

function readGate(parser: Parser): Statement {
  const { at } = take(parser);
  const name = expectName(parser, 'the name of a gate');
  const parameters = takeIf(parser, '(')
    ? readList(parser, ')', () => expectName(parser, 'a parameter'))
    : [];
  const qubits = readList(parser, '{', () => expectName(parser, 'the name of a qubit'));
  const body: Statement[] = [];
  while (!takeIf(parser, '}')) {
    if (body.length === MAX_ITEMS) throw tooMany(parser);
    body.push(readBodyStatement(parser, name));
  }
  parser.gates.add(name.text);
  return { kind: 'gate', name, parameters, qubits, body, at };
}

function readBodyStatement(parser: Parser, gate: Token): Statement {
  if (parser.token.kind === 'end')
    throw fault(parser.source, gate.at, `the body of gate ${shown(gate.text)} is never closed`);
  const statement = nested(parser, () => readOne(parser));
  if (statement.kind === 'call' || statement.kind === 'barrier') return statement;
  throw fault(parser.source, statement.at, `${describe(statement)} inside a gate: a body holds only gates`);
}

function describe({ kind }: Statement): string {
  if (kind === 'gate' || kind === 'for' || kind === 'if') return `"${kind}"`;
  return kind === 'measure' || kind === 'reset' ? `a ${kind}` : `a declaration or include`;
}

function readMeasure(parser: Parser): Statement {
  const { at } = take(parser);
  const qubits = readOperand(parser);
  if (isSymbol(parser, ';'))
    throw fault(parser.source, at, 'a measurement into no bit', 'write its result to a bit');
  expectSymbol(parser, '->', 'after the measured qubit');
  const bits = readOperand(parser);
  finish(parser, 'after a measurement');
  return { kind: 'measure', qubits, bits, at };
}

function readReset(parser: Parser): Statement {
  const { at } = take(parser);
  const qubits = readOperand(parser);
  finish(parser, 'after a reset');
  return { kind: 'reset', qubits, at };
}

function readBarrier(parser: Parser): Statement {
  const { at } = take(parser);
  return { kind: 'barrier', operands: readList(parser, ';', () => readOperand(parser)), at };
}

/** OpenQASM 2: one operation, no braces, the whole register. */
function readIf2(parser: Parser): Statement {
  const { at } = take(parser);
  expectSymbol(parser, '(', 'after if');
  const condition = readExpression(parser);
  expectSymbol(parser, ')', 'after a condition');
  const body = nested(parser, () => readOne(parser));
  if (!['call', 'measure', 'reset'].includes(body.kind))
    throw fault(parser.source, body.at, 'only a gate, a measurement or a reset can be conditional');
  return { kind: 'if', condition, body: [body], otherwise: [], at };
}

function readIf3(parser: Parser): Statement {
  const { at } = take(parser);
  expectSymbol(parser, '(', 'after if');
  const condition = readExpression(parser);
  expectSymbol(parser, ')', 'after a condition');
  const body = readBlock(parser);
  if (!isWord(parser, 'else')) return { kind: 'if', condition, body, otherwise: [], at };
  take(parser);
  return { kind: 'if', condition, body, otherwise: readBlock(parser), at };
}

/** A statement, or several in braces. */
function readBlock(parser: Parser): Statement[] {
  return nested(parser, () => {
    const open = parser.token;
    if (!takeIf(parser, '{')) return [readOne(parser)];
    const body: Statement[] = [];
    while (!takeIf(parser, '}')) {
      if (takeIf(parser, ';')) continue;
      if (body.length === MAX_ITEMS) throw tooMany(parser);
      if (parser.token.kind === 'end') throw fault(parser.source, open.at, 'a brace that is never closed');
      body.push(readOne(parser));
    }
    return body;
  });
}

/** `for uint i in [0:3] { … }`, `for int i in {1, 5} x q[i];`. */
function readFor(parser: Parser): Statement {
  const { at } = take(parser);
  const type: TypeOfValue = ['int', 'uint'].includes(parser.token.text)
    ? readValueType(parser)
    : { type: 'int' };
  const variable = expectName(parser, 'a loop variable (int or uint)');
  if (!isWord(parser, 'in')) throw unexpected(parser, '"in" after the loop variable');
  take(parser);
  if (!isSymbol(parser, '[') && !isSymbol(parser, '{'))
    throw fault(parser.source, parser.token.at, 'a loop over something else than a range or a set');
  const range = isSymbol(parser, '[') ? readRange(parser) : readSet(parser);
  return { kind: 'for', ...type, variable, range, body: readBlock(parser), at };
}

/** `[…]` */
function readRange(parser: Parser): Range {
  const { at } = expectSymbol(parser, '[', 'before an index');
  if (isSymbol(parser, '{')) {
    const set = readSet(parser);
    expectSymbol(parser, ']', 'after an index');
    return set;
  }
  const parts = [readExpression(parser)];
  while (takeIf(parser, ':')) parts.push(readExpression(parser));
  if (isSymbol(parser, ','))
    throw fault(parser.source, parser.token.at, 'an array of several dimensions is not read');
  expectSymbol(parser, ']', 'after an index');
  if (parts.length > 3) throw fault(parser.source, at, 'a range is first:last or first:step:last');
  return parts.length === 1 ? { kind: 'one', index: parts[0]! } : { kind: 'range', at, parts };
}

function readSet(parser: Parser): Range {
  expectSymbol(parser, '{', 'before a set');
  return { kind: 'set', members: readList(parser, '}', () => readExpression(parser)) };
}

function readOperand(parser: Parser): Operand {
  const { kind, text: name, at } = parser.token;
  if (kind !== 'name' && kind !== 'qubit') throw unexpected(parser, 'a qubit or a bit');
  take(parser);
  if (!isSymbol(parser, '[')) return { name, at };
  const index = readRange(parser);
  if (isSymbol(parser, '['))
    throw fault(parser.source, parser.token.at, 'an index of an index is not read', 'name it with let first');
  return { name, at, index };
}

/** What starts with a name that is no keyword: a gate, or `c = measure q;`. */
function readUse(parser: Parser): Statement {
  const { text, at } = parser.token;
  if (parser.version === 2 && ONLY_IN_3.has(text) && !parser.gates.has(text))
    throw wrongVersion(parser, at, text);
  const modifiers = parser.version === 3 ? readModifiers(parser) : NONE;
  const name = take(parser);
  if (modifiers.length === 0 && (isSymbol(parser, '=') || isSymbol(parser, '[')))
    return readAssignment(parser, name);
  if (name.kind !== 'name') throw fault(parser.source, name.at, 'expected a gate before a qubit');
  const angles = takeIf(parser, '(') ? readList(parser, ')', () => readExpression(parser)) : NONE;
  if (isSymbol(parser, '['))
    throw fault(parser.source, parser.token.at, 'a gate with a duration is not read');
  const operands = readList(parser, ';', () => readOperand(parser));
  return { kind: 'call', name: name.text, modifiers, angles, operands, at: name.at };
}

function wrongVersion(parser: Parser, at: number, word: string): Error {
  return fault(
    parser.source,
    at,
    `"${word}" is OpenQASM 3, and the file says 2.0`,
    'start it with OPENQASM 3.0;',
  );
}

const NONE: readonly never[] = [];

function readModifiers(parser: Parser): readonly Modifier[] {
  const modifiers: Modifier[] = [];
  while (['ctrl', 'negctrl', 'inv', 'pow'].includes(parser.token.text) && parser.token.kind === 'name') {
    const { text, at } = take(parser);
    const argument = takeIf(parser, '(') ? readExpression(parser) : undefined;
    if (argument) expectSymbol(parser, ')', `after the argument of ${text}`);
    expectSymbol(parser, '@', `after ${text}`);
    modifiers.push({ name: text as Modifier['name'], at, ...(argument && { argument }) });
  }
  return modifiers.length === 0 ? NONE : modifiers;
}

function readAssignment(parser: Parser, target: Token): Statement {
  const index = isSymbol(parser, '[') ? readRange(parser) : undefined;
  const bits: Operand = { name: target.text, at: target.at, ...(index && { index }) };
  const equals = parser.token;
  if (!takeIf(parser, '=') || !isWord(parser, 'measure'))
    throw fault(
      parser.source,
      equals.at,
      `an assignment to ${shown(target.text)}: only a measurement writes a bit`,
    );
  if (parser.version === 2) throw wrongVersion(parser, equals.at, '= measure');
  take(parser);
  const qubits = readOperand(parser);
  finish(parser, 'after a measurement');
  return { kind: 'measure', qubits, bits, at: target.at };
}
