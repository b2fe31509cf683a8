/** Where a reading stands: the token at hand, and what may nest how deep. */

import { fault, type QasmSource, shown } from './qasm-source.ts';
import { readTokens, type Token } from './qasm-tokens.ts';

export type OpenQasmVersion = 2 | 3;

export interface Parser {
  readonly source: QasmSource;
  version: OpenQasmVersion;
  token: Token;
  readonly read: () => Token;
  depth: number;
  /** Names of gates defined so far: in OpenQASM 2 one may be named as a keyword of OpenQASM 3. */
  readonly gates: Set<string>;
}

/** Of expressions and blocks, together. Far beyond what people write, far below what a stack holds. */
export const MAX_DEPTH = 500;

export function startParser(source: QasmSource): Parser {
  const read = readTokens(source);
  return { source, version: 2, token: read(), read, depth: 0, gates: new Set() };
}

/** The token at hand, moving past it. */
export function take(parser: Parser): Token {
  const { token } = parser;
  parser.token = parser.read();
  return token;
}

export function isSymbol(parser: Parser, text: string): boolean {
  return parser.token.kind === 'symbol' && parser.token.text === text;
}

export function isWord(parser: Parser, text: string): boolean {
  return parser.token.kind === 'name' && parser.token.text === text;
}

export function takeIf(parser: Parser, text: string): boolean {
  if (!isSymbol(parser, text)) return false;
  take(parser);
  return true;
}

/** @param what  where it is expected: `after the register's name` */
export function expectSymbol(parser: Parser, text: string, what: string): Token {
  if (!isSymbol(parser, text)) throw unexpected(parser, `"${text}" ${what}`);
  return take(parser);
}

export function expectName(parser: Parser, what: string): Token {
  if (parser.token.kind !== 'name') throw unexpected(parser, what);
  return take(parser);
}

export function unexpected(parser: Parser, expected: string): Error {
  const { kind, text, at } = parser.token;
  const found = kind === 'end' ? text : `"${shown(text)}"`;
  return fault(parser.source, at, `expected ${expected}, found ${found}`);
}

/** Runs a reading one level deeper. */
export function nested<T>(parser: Parser, read: () => T): T {
  if (++parser.depth > MAX_DEPTH)
    throw fault(parser.source, parser.token.at, `nested more than ${MAX_DEPTH} deep`);
  const result = read();
  parser.depth--;
  return result;
}

/** Of one list, or statements of one block: what is in a block is held as a tree, and a file is not one block. */
export const MAX_ITEMS = 100_000;

export function tooMany(parser: Parser): Error {
  return fault(parser.source, parser.token.at, `more than ${MAX_ITEMS} in one list or block`);
}

/** `a, b, c` up to `end`, which is taken. OpenQASM allows a comma before it. */
export function readList<T>(parser: Parser, end: string, read: () => T): T[] {
  const items: T[] = [];
  while (!isSymbol(parser, end)) {
    if (items.length === MAX_ITEMS) throw tooMany(parser);
    items.push(read());
    if (!takeIf(parser, ',')) break;
  }
  expectSymbol(parser, end, 'after a list');
  // A grown array keeps room for more; a file has a million lists of one.
  return items.slice();
}
