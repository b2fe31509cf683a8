/**
 * The strict JSON parser: RFC 8259 text that is also I-JSON (RFC 7493) and has exactly one meaning.
 *
 * Two readers of one file must never see two values, so everything that parsers are known to disagree on
 * is refused: duplicate names, lone surrogates, integer tokens beyond ±(2^53−1), numbers that overflow to
 * infinity, non-zero numbers that round to zero, a byte order mark, bytes that aren't UTF-8.
 * `-0` reads as 0. Nesting and size are bounded.
 */

import { fromUtf8 } from './bytes.ts';

/** What a document holds. Numbers are doubles; whole ones keep within ±(2^53−1). */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue };
/** An object of a document. `__proto__` in it is a member like any other. */
export type JsonObject = { readonly [name: string]: JsonValue };

export const MAX_BYTES = 50_000_000;

export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether objects and lists are nested deeper than this: the parser's measure, of what stands inside something else. */
export function isDeeper(value: JsonValue, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return depth === 0 || Object.values(value).some((member) => isDeeper(member as JsonValue, depth - 1));
}

/** How much one text may ask of its reader. */
export interface JsonLimits {
  readonly bytes: number;
  readonly depth: number;
  /** Values, whatever they hold: a small text of empty ones would otherwise fill the memory. */
  readonly items: number;
}
/** Of one document. */
export const DOCUMENT: JsonLimits = { bytes: MAX_BYTES, depth: 64, items: 5_000_000 };
/** Of what wraps a document, whether as it is or as base64: the limits are the document's, and the wrapping comes on top. */
export const WRAPPED: JsonLimits = { bytes: 70_000_000, depth: 72, items: 5_000_000 };

export type JsonErrorCode =
  | 'json.syntax'
  | 'json.utf8'
  | 'json.duplicate'
  | 'json.surrogate'
  | 'json.number'
  | 'json.depth'
  | 'json.size';

/** Why a text is not strict JSON. `line` and `column` count from 1; 0 where no place can be named. */
export class JsonError extends Error {
  readonly code: JsonErrorCode;
  readonly line: number;
  readonly column: number;

  constructor(code: JsonErrorCode, reason: string, line = 0, column = 0) {
    super(line > 0 ? `${reason} (line ${line}, column ${column})` : reason);
    this.name = 'JsonError';
    this.code = code;
    this.line = line;
    this.column = column;
  }
}

/** @throws JsonError */
export function parseJsonBytes(bytes: Uint8Array, limits = DOCUMENT): JsonValue {
  if (bytes.length > limits.bytes)
    throw new JsonError('json.size', `${bytes.length} bytes, over the limit of ${limits.bytes}`);
  const text = fromUtf8(bytes);
  if (text === undefined) throw new JsonError('json.utf8', 'not UTF-8');
  return parseJson(text, limits);
}

const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/** @throws JsonError */
export function parseJson(text: string, limits: Omit<JsonLimits, 'bytes'> = DOCUMENT): JsonValue {
  let at = 0;
  let items = 0;

  if (!text.isWellFormed()) throw new JsonError('json.surrogate', 'a lone surrogate');
  skipSpace();
  const value = readValue(0);
  skipSpace();
  if (at < text.length) fail('json.syntax', `unexpected ${describe(at)} after the value`);
  return value;

  function fail(code: JsonErrorCode, reason: string, where = at): never {
    const before = text.slice(0, where);
    const line = before.split('\n').length;
    throw new JsonError(code, reason, line, where - before.lastIndexOf('\n'));
  }

  function describe(where: number): string {
    return where < text.length
      ? JSON.stringify(String.fromCodePoint(text.codePointAt(where)!))
      : 'end of text';
  }

  function skipSpace(): void {
    for (;;) {
      const code = text.charCodeAt(at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      at++;
    }
  }

  function readValue(depth: number): JsonValue {
    if (++items > limits.items) fail('json.size', `more than ${limits.items} values`);
    switch (text.charCodeAt(at)) {
      case OPEN_BRACE:
        return readObject(depth + 1);
      case OPEN_BRACKET:
        return readArray(depth + 1);
      case QUOTE:
        return readString();
      case 0x74:
        return readWord('true', true);
      case 0x66:
        return readWord('false', false);
      case 0x6e:
        return readWord('null', null);
      default:
        return readNumber();
    }
  }

  function readWord(word: string, value: boolean | null): boolean | null {
    if (!text.startsWith(word, at)) fail('json.syntax', `unexpected ${describe(at)}`);
    at += word.length;
    return value;
  }

  function readObject(depth: number): JsonObject {
    if (depth > limits.depth) fail('json.depth', `nested deeper than ${limits.depth}`);
    const object: { [name: string]: JsonValue } = {};
    at++;
    skipSpace();
    if (text.charCodeAt(at) === CLOSE_BRACE) {
      at++;
      return object;
    }
    for (;;) {
      if (text.charCodeAt(at) !== QUOTE) fail('json.syntax', `expected a member name, found ${describe(at)}`);
      const start = at;
      const name = readString();
      if (Object.hasOwn(object, name))
        fail('json.duplicate', `duplicate member ${JSON.stringify(name)}`, start);
      skipSpace();
      if (text.charCodeAt(at) !== COLON) fail('json.syntax', `expected ":", found ${describe(at)}`);
      at++;
      skipSpace();
      const value = readValue(depth);
      if (name === '__proto__')
        Object.defineProperty(object, name, { value, enumerable: true, writable: true, configurable: true });
      else object[name] = value;
      if (!nextMember(CLOSE_BRACE)) return object;
    }
  }

  function readArray(depth: number): JsonValue[] {
    if (depth > limits.depth) fail('json.depth', `nested deeper than ${limits.depth}`);
    const array: JsonValue[] = [];
    at++;
    skipSpace();
    if (text.charCodeAt(at) === CLOSE_BRACKET) {
      at++;
      return array;
    }
    for (;;) {
      array.push(readValue(depth));
      if (!nextMember(CLOSE_BRACKET)) return array;
    }
  }

  /** Steps over a comma (true) or the closing bracket (false). */
  function nextMember(close: number): boolean {
    skipSpace();
    const code = text.charCodeAt(at);
    if (code !== COMMA && code !== close)
      fail('json.syntax', `expected "," or "${String.fromCharCode(close)}", found ${describe(at)}`);
    at++;
    if (code === close) return false;
    skipSpace();
    return true;
  }

  function readString(): string {
    const start = ++at;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) return text.slice(start, at++);
      if (code === BACKSLASH) return readEscaped(start);
      if (!(code >= 0x20)) fail('json.syntax', `unexpected ${describe(at)} in a string`);
      at++;
    }
  }

  function readEscaped(start: number): string {
    let value = text.slice(start, at);
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) break;
      if (!(code >= 0x20)) fail('json.syntax', `unexpected ${describe(at)} in a string`);
      if (code !== BACKSLASH) {
        value += text[at++];
        continue;
      }
      value += readEscape();
    }
    at++;
    if (!value.isWellFormed()) fail('json.surrogate', 'a lone surrogate', start - 1);
    return value;
  }

  function readEscape(): string {
    const letter = text[at + 1] ?? '';
    if (letter === 'u') {
      const digits = text.slice(at + 2, at + 6);
      if (!/^[0-9a-fA-F]{4}$/.test(digits)) fail('json.syntax', 'a \\u escape without four hex digits');
      at += 6;
      return String.fromCharCode(Number.parseInt(digits, 16));
    }
    const plain = ESCAPES[letter];
    if (plain === undefined) fail('json.syntax', 'an escape that JSON does not have');
    at += 2;
    return plain;
  }

  function readNumber(): number {
    NUMBER.lastIndex = at;
    const match = NUMBER.exec(text);
    if (match === null) fail('json.syntax', `unexpected ${describe(at)}`);
    const [token, fraction, exponent] = match;
    const value = Number(token);
    const integer = fraction === undefined && exponent === undefined;
    if (integer && !Number.isSafeInteger(value)) fail('json.number', 'an integer beyond ±(2^53−1)');
    if (!Number.isFinite(value)) fail('json.number', 'a number too large for a double');
    if (value === 0 && /[1-9]/.test(token.split(/[eE]/, 1)[0]!))
      fail('json.number', 'a non-zero number that rounds to zero');
    at += token.length;
    return value === 0 ? 0 : value;
  }
}
