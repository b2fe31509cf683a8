import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8 } from './bytes.ts';
import { JsonError, type JsonValue, parseJson } from './json.ts';
import { parsePythonJson, pythonText } from './python-json.ts';

const reprint = (text: string, ensureAscii = false): string =>
  pythonText(parsePythonJson(utf8(text)), ensureAscii);

it.each([
  ['1', '1'],
  ['-0', '0'],
  ['-0.0', '-0.0'],
  ['0e5', '0.0'],
  ['1.0', '1.0'],
  ['1.50', '1.5'],
  ['1E5', '100000.0'],
  ['1e16', '1e+16'],
  ['1e15', '1000000000000000.0'],
  ['123456789012345680.0', '1.2345678901234568e+17'],
  ['0.0001', '0.0001'],
  ['0.00001', '1e-05'],
  ['1e-7', '1e-07'],
  ['-1.25e-300', '-1.25e-300'],
  ['5e-324', '5e-324'],
  ['1.7976931348623157e308', '1.7976931348623157e+308'],
  ['123456789.123456789', '123456789.12345679'],
  ['9007199254740993', '9007199254740993'],
  ['-340282366920938463463374607431768211456', '-340282366920938463463374607431768211456'],
])('%s is printed as Python prints it: %s', (token, expected) => expect(reprint(token)).toBe(expected));

describe('text', () => {
  it('is escaped as Python escapes it', () => {
    const text = '["\\u0000\\b\\t\\n\\f\\r\\u001f\\"\\\\/\\u007f\\u0080é\\u2028𝄞"]';
    expect(reprint(text, true)).toBe(
      '["\\u0000\\b\\t\\n\\f\\r\\u001f\\"\\\\/\\u007f\\u0080\\u00e9\\u2028\\ud834\\udd1e"]',
    );
    expect(reprint(text)).toBe('["\\u0000\\b\\t\\n\\f\\r\\u001f\\"\\\\/\u007f\u0080é\u2028𝄞"]');
  });

  it('sorts by code point', () => {
    expect(reprint('{"𝄞":1,"ﬀ":2,"b":3,"":4,"ab":5,"a":6}')).toBe('{"":4,"a":6,"ab":5,"b":3,"ﬀ":2,"𝄞":1}');
  });

  it('that looks like a number or a tag stays text', () => {
    expect(reprint('{"n1":"1","s":"n2","1":"\\"3"}')).toBe('{"1":"\\"3","n1":"1","s":"n2"}');
  });
});

describe('refuses', () => {
  it.each([
    ['a number as a member name', '{1:2}', 'json.syntax'],
    ['NaN', '[NaN]', 'json.syntax'],
    ['Infinity', '[-Infinity]', 'json.syntax'],
    ['a leading zero', '[01]', 'json.syntax'],
    ['a bare point', '[1.]', 'json.syntax'],
    ['an overflow', '[1e999]', 'json.number'],
    ['an underflow', '[1e-999]', 'json.number'],
    ['a number that crashes Python', `[${'1'.repeat(5000)}]`, 'json.number'],
    ['two members of one name', '{"a":1,"\\u0061":2}', 'json.duplicate'],
    ['a lone surrogate', '["\\ud800"]', 'json.surrogate'],
    ['__proto__', '{"__proto__":1}', 'json.syntax'],
    ['depth', '['.repeat(65) + ']'.repeat(65), 'json.depth'],
    ['a string without an end', '["x 1', 'json.syntax'],
    ['an escape without an end', '["1\\', 'json.syntax'],
    ['an escape outside of strings', '[\\"1]', 'json.syntax'],
    ['a byte order mark', '\ufeff1', 'json.syntax'],
  ])('%s', (_, text, code) => {
    expect(() => parsePythonJson(utf8(text))).toThrow(expect.objectContaining({ code }));
  });

  it('at the right place', () => {
    expect(() => parsePythonJson(utf8('{"a":1,\n"b":2 3}'))).toThrow(/line 2, column 7/);
  });

  it('millions of escapes without overflowing the stack', () => {
    expect(() => parsePythonJson(utf8(`"${'\\n'.repeat(5_000_000)}`))).toThrow(JsonError);
  });
});

it('reads what the strict parser reads, and refuses what it refuses but for long whole numbers', () => {
  const pieces = fc.constantFrom(...'{}[],:"\\ntrue0123.eE+- ', 'null', '"a"', '"1"', '\\u0031', '1.5', '"n');
  const text = fc.oneof(
    fc.json(),
    fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join('')),
    fc.tuple(fc.json(), fc.nat(), pieces).map(([json, at, piece]) => {
      const cut = at % (json.length + 1);
      return json.slice(0, cut) + piece + json.slice(cut);
    }),
  );
  fc.assert(
    fc.property(text, (candidate) => {
      const strict = attempt(() => parseJson(candidate));
      const ours = attempt(() => JSON.parse(reprint(candidate)) as JsonValue);
      if ('value' in strict && !candidate.includes('__proto__')) expect(ours).toEqual(strict);
      else if ('code' in strict && strict.code !== 'json.number') expect(ours).toHaveProperty('code');
    }),
    { numRuns: 3000 },
  );
});

function attempt(read: () => JsonValue): { value: JsonValue } | { code: string } {
  try {
    return { value: positive(read()) };
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return { code: error.code };
  }
}

/** The strict parser has no −0. */
function positive(value: JsonValue): JsonValue {
  return JSON.parse(JSON.stringify(value)) as JsonValue;
}
