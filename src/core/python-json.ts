/**
 * JSON as Python reads and prints it, for the original toolkit's records: they are hashed as `json.dumps` prints them, and
 * Python and JavaScript print numbers differently (`1.0` and `1`, `1e-07` and `1e-7`, whole numbers beyond 2^53).
 *
 * So a number is kept as its text and printed as `json.dumps(json.loads(text))` would print it. What the strict parser
 * refuses is refused here too, but for whole numbers of any size. Python itself is laxer (`NaN`, the last of two members of
 * one name, lone surrogates, doubles that overflow or vanish): where it would guess, nothing is read.
 */

import { fromUtf8 } from './bytes.ts';
import { JsonError, type JsonLimits, type JsonValue, MAX_BYTES, parseJson } from './json.ts';

/** No JSON text can write a symbol, so that no object of a file passes for a number. */
const TOKEN = Symbol('number');
/** A number, by its text in the file. */
export interface PythonNumber {
  readonly [TOKEN]: string;
}
export type PythonObject = { readonly [name: string]: PythonValue };
export type PythonValue = null | boolean | string | PythonNumber | readonly PythonValue[] | PythonObject;

/** What Python's `int()` reads at most, since 3.11: longer ones crash the original. */
const MAX_DIGITS = 4300;

export function isPythonNumber(value: unknown): value is PythonNumber {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, TOKEN);
}

/** Python's `int`: a number without a point or an exponent. */
export function isPythonInt(value: unknown): value is PythonNumber {
  return isPythonNumber(value) && isIntToken(value[TOKEN]);
}

function isIntToken(token: string): boolean {
  return /^-?\d+$/.test(token);
}

/** @param value for which `isPythonInt` holds */
export function pythonInt(value: PythonNumber): bigint {
  return BigInt(value[TOKEN]);
}

/** Python's `int`. */
export function toPythonInt(value: bigint): PythonNumber {
  return { [TOKEN]: String(value) };
}

/** As in the strict parser; a format of others may have limits of its own. */
const DOCUMENT: JsonLimits = { bytes: MAX_BYTES, depth: 64, items: 1_000_000 };

/** @throws JsonError */
export function parsePythonJson(bytes: Uint8Array, limits = DOCUMENT): PythonValue {
  if (bytes.length > limits.bytes)
    throw new JsonError('json.size', `${bytes.length} bytes, over the limit of ${limits.bytes}`);
  if (hasMoreItems(bytes, limits.items)) throw new JsonError('json.size', `more than ${limits.items} values`);
  const text = fromUtf8(bytes);
  if (text === undefined) throw new JsonError('json.utf8', 'not UTF-8');
  return untag(parseTagged(text, limits));
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** `,` `[` `{`: a value follows each. */
const OPENERS = [0x2c, 0x5b, 0x7b];

/** Looked at first, because tagging takes many times a text's size. */
function hasMoreItems(bytes: Uint8Array, limit: number): boolean {
  let items = 0;
  let inString = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte === QUOTE) inString = !inString;
    else if (inString && byte === BACKSLASH) at++;
    else if (!inString && OPENERS.includes(byte) && ++items > limit) return true;
  }
  return false;
}

/** What strings begin and end with, what may hide that, and numbers as RFC 8259 has them. Nothing here backtracks far. */
const QUOTE_ESCAPE_OR_NUMBER = /"|\\[\s\S]?|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/g;

/**
 * The strict parser's answer with each number as a string: `"n` stands before a number and `"s` before a string, so that
 * they stay apart, and what was no JSON before is none after.
 */
function parseTagged(text: string, limits: JsonLimits): JsonValue {
  let inString = false;
  const tagged = text.replace(QUOTE_ESCAPE_OR_NUMBER, (token) => {
    if (token === '"') {
      inString = !inString;
      return inString ? '"s' : '"';
    }
    return inString || token.startsWith('\\') ? token : `"n${token}"`;
  });
  try {
    return parseJson(tagged, limits);
  } catch (error) {
    // The tags moved its column: where the text as it came has a fault of its own, that has the right one.
    explainUntagged(text, limits);
    throw error;
  }
}

function explainUntagged(text: string, limits: JsonLimits): void {
  try {
    parseJson(text, limits);
  } catch (error) {
    if (error instanceof JsonError && error.code !== 'json.number') throw error;
  }
}

function untag(value: JsonValue): PythonValue {
  if (typeof value === 'string') return value.startsWith('n') ? readNumber(value.slice(1)) : value.slice(1);
  if (typeof value !== 'object' || value === null) return value as boolean | null;
  return Array.isArray(value)
    ? value.map(untag)
    : untagObject(value as { readonly [name: string]: JsonValue });
}

function untagObject(object: { readonly [name: string]: JsonValue }): PythonObject {
  return Object.fromEntries(
    Object.entries(object).map(([name, value]) => {
      if (name.startsWith('n')) throw new JsonError('json.syntax', 'a number in the place of a member name');
      // Schemas and plain assignment lose sight of it: it would stand in the file unhashed and unseen.
      if (name === 's__proto__') throw new JsonError('json.syntax', 'a member named __proto__');
      return [name.slice(1), untag(value)];
    }),
  );
}

function readNumber(token: string): PythonNumber {
  if (isIntToken(token)) {
    if (token.length > MAX_DIGITS)
      throw new JsonError('json.number', `a number of over ${MAX_DIGITS} digits`);
    return { [TOKEN]: token };
  }
  const value = Number(token);
  if (!Number.isFinite(value)) throw new JsonError('json.number', 'a number too large for a double');
  if (value === 0 && /[1-9]/.test(token.split(/[eE]/, 1)[0]!))
    throw new JsonError('json.number', 'a non-zero number that rounds to zero');
  return { [TOKEN]: token };
}

/** `json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=…)`. */
export function pythonText(value: PythonValue, ensureAscii: boolean): string {
  if (typeof value === 'string') return quote(value, ensureAscii);
  if (value === null || typeof value === 'boolean') return String(value);
  if (isPythonNumber(value)) return printNumber(value);
  if (Array.isArray(value)) return `[${value.map((item) => pythonText(item, ensureAscii)).join(',')}]`;
  const object = value as PythonObject;
  const members = Object.keys(object)
    .sort(byCodePoint)
    .map((name) => `${quote(name, ensureAscii)}:${pythonText(object[name]!, ensureAscii)}`);
  return `{${members.join(',')}}`;
}

/** JavaScript's own escapes are Python's; what is beyond ASCII Python escapes one UTF-16 unit at a time, DEL with it. */
function quote(text: string, ensureAscii: boolean): string {
  const quoted = JSON.stringify(text);
  if (!ensureAscii) return quoted;
  return quoted.replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Python sorts by code point; JavaScript by UTF-16 unit, which puts U+10000 before U+FFFF. */
function byCodePoint(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  // Two pairs that differ in the second half only: their first halves are alike, and units order as code points do.
  return rank(a, at) - rank(b, at);
}

/** Surrogates rank above every other unit; the end of a text below. */
function rank(text: string, at: number): number {
  if (at >= text.length) return -1;
  const unit = text.charCodeAt(at);
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

export function printNumber(value: PythonNumber): string {
  const token = value[TOKEN];
  return isIntToken(token) ? String(BigInt(token)) : printFloat(Number(token));
}

/**
 * Python's `repr(float)`. Both languages print the shortest digits that read back as the same double; Python turns to an
 * exponent below 1e-4 and from 1e16 on, gives it two digits at least, and never leaves out the point.
 */
function printFloat(value: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const [mantissa, power] = Math.abs(value).toExponential().split('e') as [string, string];
  const digits = mantissa.replace('.', '');
  return `${value < 0 ? '-' : ''}${placePoint(digits, Number(power))}`;
}

function placePoint(digits: string, power: number): string {
  if (power < -4 || power >= 16) {
    const fraction = digits.length > 1 ? `.${digits.slice(1)}` : '';
    return `${digits[0]}${fraction}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
  }
  if (power < 0) return `0.${'0'.repeat(-power - 1)}${digits}`;
  const whole = digits.slice(0, power + 1).padEnd(power + 1, '0');
  return `${whole}.${digits.slice(power + 1) || '0'}`;
}
