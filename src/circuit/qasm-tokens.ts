/**
 * The tokens of OpenQASM 2 and 3 (https://openqasm.com/versions/3.0/language/comments.html and the grammar,
 * https://openqasm.com/versions/3.0/grammar/), one at a time: a text of any size holds one token in memory.
 */

import { fault, type QasmSource, shown } from './qasm-source.ts';

type TokenKind = 'name' | 'integer' | 'float' | 'string' | 'qubit' | 'symbol' | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** As written; of a string, what stands between the quotes. */
  readonly text: string;
  /** Offset in the source. */
  readonly at: number;
}

const SPACE = /[\s\ufeff]+/y;
const NAME = /[\p{L}_][\p{L}\p{N}_]*/uy;
const RADIX_INTEGER = /0(?:[xX][0-9a-fA-F]|[bB][01]|[oO][0-7])[0-9a-fA-F_]*/y;
const NUMBER = /(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9]+)?/y;
const STRING = /"[^"\n]*"|'[^'\n]*'/y;
const HARDWARE_QUBIT = /\$[0-9]+/y;
const SYMBOL = /->|==|!=|<=|>=|&&|\|\||\*\*|\+\+|<<|>>|[-+*/%^~!<>=&|(){}[\],;:@.]/y;

/** A function that gives the next token each time, and `end` for ever after the last. */
export function readTokens(source: QasmSource): () => Token {
  const nul = source.text.indexOf('\0');
  if (nul !== -1) throw fault(source, nul, 'a byte 0: this is not a text file');
  let at = 0;
  return () => {
    const start = skipSpace(source, at);
    const token = readToken(source, start);
    at = token.end;
    return token;
  };
}

type Placed = Token & { readonly end: number };

function readToken(source: QasmSource, at: number): Placed {
  const { text } = source;
  if (at >= text.length) return { kind: 'end', text: 'the end of the file', at, end: at };
  const found =
    match(NAME, 'name', text, at) ??
    readNumber(source, at) ??
    match(SYMBOL, 'symbol', text, at) ??
    readString(source, at) ??
    match(HARDWARE_QUBIT, 'qubit', text, at);
  if (found !== undefined) return found;
  throw fault(source, at, describeCharacter(text.codePointAt(at)!));
}

function describeCharacter(code: number): string {
  if (code === 0x23) return 'a line starting with # (a pragma) is not read';
  const hex = code.toString(16).toUpperCase().padStart(4, '0');
  return code > 0x20 && code < 0x7f
    ? `the character ${String.fromCodePoint(code)} has no meaning here`
    : `the character U+${hex} has no meaning here`;
}

function match(pattern: RegExp, kind: TokenKind, text: string, at: number): Placed | undefined {
  pattern.lastIndex = at;
  const found = pattern.exec(text);
  return found === null ? undefined : { kind, text: found[0], at, end: at + found[0].length };
}

function readNumber(source: QasmSource, at: number): Placed | undefined {
  const radix = match(RADIX_INTEGER, 'integer', source.text, at);
  const number = radix ?? match(NUMBER, 'float', source.text, at);
  if (number === undefined) return undefined;
  const suffix = match(NAME, 'name', source.text, number.end);
  if (suffix !== undefined)
    throw fault(
      source,
      at,
      `the number ${shown(number.text)} runs into ${shown(suffix.text)}`,
      'write a product with *; durations are not read',
    );
  return /^[0-9_]+$/.test(number.text) ? { ...number, kind: 'integer' } : number;
}

function readString(source: QasmSource, at: number): Placed | undefined {
  const quote = source.text[at];
  if (quote !== '"' && quote !== "'") return undefined;
  const string = match(STRING, 'string', source.text, at);
  if (string === undefined) throw fault(source, at, 'a string that does not end on its line');
  return { ...string, text: string.text.slice(1, -1) };
}

/** The offset of the next token: past white space and comments. */
function skipSpace(source: QasmSource, from: number): number {
  const { text } = source;
  let at = from;
  for (;;) {
    SPACE.lastIndex = at;
    if (SPACE.test(text)) at = SPACE.lastIndex;
    if (text.startsWith('//', at)) at = endOf(text, '\n', at);
    else if (text.startsWith('/*', at)) at = skipBlockComment(source, at);
    else return at;
  }
}

function endOf(text: string, mark: string, at: number): number {
  const found = text.indexOf(mark, at);
  return found === -1 ? text.length : found;
}

function skipBlockComment(source: QasmSource, at: number): number {
  const end = source.text.indexOf('*/', at + 2);
  if (end === -1) throw fault(source, at, 'a comment that does not end');
  return end + 2;
}
