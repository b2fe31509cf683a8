import { expect, it } from 'vitest';
import { describeVectors, readVector } from '../../test/shared-vectors.ts';
import { canonicalText } from './jcs.ts';
import { parseJson, parseJsonBytes } from './json.ts';

describeVectors('RFC 8785 triples', 'jcs/input', () => {
  it.each(['arrays', 'french', 'structures', 'unicode', 'values', 'weird'])('%s', (name) => {
    const canonical = canonicalText(parseJsonBytes(readVector(`jcs/input/${name}.json`)));
    expect(canonical).toBe(readVector(`jcs/output/${name}.json`).toString('utf8'));
    const hex = readVector(`jcs/outhex/${name}.txt`).toString('utf8').replace(/\s+/g, '');
    expect(Buffer.from(canonical).toString('hex')).toBe(hex);
  });
});

it('orders names by UTF-16 code units, also those that look like numbers', () => {
  const counts = { '10': 1, '01': 2, '9': 3, '\ud83d\ude00': 4, '\ufb33': 5 };
  expect(canonicalText(counts)).toBe('{"01":2,"10":1,"9":3,"\ud83d\ude00":4,"\ufb33":5}');
});

it('is a fixed point', () => {
  const text = canonicalText(parseJson('{"b":[1.0,2e3,{"z":null,"a":true}],"a":"\\u00e9\\n"}'));
  expect(text).toBe('{"a":"é\\n","b":[1,2000,{"a":true,"z":null}]}');
  expect(canonicalText(parseJson(text))).toBe(text);
});

it.each([Number.NaN, Number.POSITIVE_INFINITY, '\ud800', undefined, 1n, { a: undefined }])(
  'has no canonical form for %s',
  (value) => expect(() => canonicalText(value as never)).toThrow(TypeError),
);
