import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonError, type JsonErrorCode, parseJson, parseJsonBytes } from './json.ts';

function refusal(text: string | Uint8Array): JsonError {
  try {
    if (typeof text === 'string') parseJson(text);
    else parseJsonBytes(text);
  } catch (error) {
    if (error instanceof JsonError) return error;
    throw error;
  }
  throw new Error(`accepted ${String(text).slice(0, 80)}`);
}

describe('numbers', () => {
  it.each<[string, number]>([
    ['0.1', 0.1],
    ['1E30', 1e30],
    ['333333333.33333329', 333333333.3333333],
    ['9007199254740991', 9007199254740991],
    ['-9007199254740991', -9007199254740991],
    ['9007199254740993.0', 9007199254740992],
    ['1e0', 1],
    ['0e999', 0],
    ['0.000', 0],
    ['5e-324', 5e-324],
    ['-1.5E+2', -150],
  ])('reads %s', (text, value) => expect(parseJson(text)).toBe(value));

  it.each(['-0', '-0.0', '-0e5'])('reads %s as 0', (text) =>
    expect(Object.is(parseJson(text), 0)).toBe(true),
  );

  it.each([
    '9007199254740992',
    '-9007199254740992',
    '1'.repeat(400),
    '1e309',
    '-1e999',
    '1e-400',
    '0.' + '0'.repeat(400) + '1',
  ])('refuses %s', (text) => expect(refusal(text).code).toBe('json.number'));

  it.each(['01', '+1', '1.', '.5', '1e', '0x10', 'NaN', 'Infinity', '-', '--1', '1_000', '１'])(
    'has no %s',
    (text) => expect(refusal(text).code).toBe('json.syntax'),
  );
});

describe('what has more than one meaning', () => {
  it.each<[string, JsonErrorCode]>([
    ['{"a":1,"a":1}', 'json.duplicate'],
    ['{"a":1,"\\u0061":2}', 'json.duplicate'],
    ['{"__proto__":1,"__proto__":2}', 'json.duplicate'],
    ['"\\ud800"', 'json.surrogate'],
    ['"\\udc00\\ud800"', 'json.surrogate'],
    ['{"\\ud800":1}', 'json.surrogate'],
    ['"\ud800"', 'json.surrogate'],
    ['\ufeff{}', 'json.syntax'],
    ['{"a":1,}', 'json.syntax'],
    ['[1,]', 'json.syntax'],
    ['[1 2]', 'json.syntax'],
    ['{} {}', 'json.syntax'],
    ['"a\nb"', 'json.syntax'],
    ['"\\x41"', 'json.syntax'],
    ['"\\u12g4"', 'json.syntax'],
    ['"\\u12', 'json.syntax'],
    ["{'a':1}", 'json.syntax'],
    ['{a:1}', 'json.syntax'],
    ['// no\n1', 'json.syntax'],
    ['', 'json.syntax'],
    ['tru', 'json.syntax'],
    ['"', 'json.syntax'],
    ['{"a"', 'json.syntax'],
    ['\u00a01', 'json.syntax'],
  ])('refuses %j', (text, code) => expect(refusal(text).code).toBe(code));

  it('refuses bytes that are not UTF-8', () =>
    expect(refusal(Uint8Array.of(0x22, 0xff, 0x22)).code).toBe('json.utf8'));
});

describe('limits', () => {
  it('reads 64 levels and refuses 65', () => {
    expect(parseJson('['.repeat(64) + ']'.repeat(64))).toBeDefined();
    expect(refusal('['.repeat(65) + ']'.repeat(65)).code).toBe('json.depth');
    expect(refusal('{"a":'.repeat(65) + '1' + '}'.repeat(65)).code).toBe('json.depth');
  });

  it('refuses 100,000 levels without overflowing', () =>
    expect(refusal('['.repeat(100_000)).code).toBe('json.depth'));

  it('refuses more than 50 MB before reading it', () =>
    expect(refusal(new Uint8Array(50_000_001)).code).toBe('json.size'));
});

it('names the place', () => {
  const { line, column, message } = refusal('{\n  "a": 1,\n  "a": 2\n}');
  expect([line, column]).toEqual([3, 3]);
  expect(message).toBe('duplicate member "a" (line 3, column 3)');
});

it('keeps __proto__ as a member and leaves the prototype alone', () => {
  const value = parseJson('{"__proto__":{"x":1}}') as { x?: number };
  expect(Object.keys(value)).toEqual(['__proto__']);
  expect(value.x).toBeUndefined();
});

it('agrees with JSON.parse on whatever it accepts', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      let value: unknown;
      try {
        value = parseJson(text);
      } catch (error) {
        expect(error).toBeInstanceOf(JsonError);
        return;
      }
      expect(JSON.stringify(value)).toBe(JSON.stringify(JSON.parse(text)));
    }),
    { numRuns: 2000 },
  );
});

it('throws nothing but JsonError, and accepts nothing that JSON.parse refuses', () => {
  const fragments = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '"a"',
    '\\',
    '\\u00',
    '1',
    '-',
    '.',
    'e',
    'true',
    ' ',
    '\n',
    '0',
  );
  fc.assert(
    fc.property(fc.array(fragments, { maxLength: 12 }), (parts) => {
      const text = parts.join('');
      try {
        parseJson(text);
      } catch (error) {
        expect(error).toBeInstanceOf(JsonError);
        return;
      }
      expect(() => JSON.parse(text)).not.toThrow();
    }),
    { numRuns: 5000 },
  );
});
