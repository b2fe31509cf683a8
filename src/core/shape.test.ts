import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { checkShape, listOf, membersOf } from './shape.ts';

const MANY = 400_000;
const count = z.int().check(z.positive());

describe('a list', () => {
  const schema = z.strictObject({ counts: listOf(count).check(z.minLength(1)) });

  it('is read as z.array reads it', () => {
    expect(checkShape(schema, { counts: [1, 2] })).toEqual({ value: { counts: [1, 2] } });
    expect(checkShape(schema, { counts: [] })).toEqual({ fault: 'counts: too small, at least 1' });
    expect(checkShape(schema, { counts: {} })).toEqual({ fault: 'counts: expected array' });
    expect(checkShape(listOf(z.pipe(count, z.transform(String))), [1])).toEqual({ value: ['1'] });
    expect(z.toJSONSchema(listOf(count))).toEqual(z.toJSONSchema(z.array(count)));
  });

  it('names its first item with a fault, wherever that stands', () => {
    expect(checkShape(schema, { counts: [1, 2, 0, '3'] })).toEqual({
      fault: 'counts.2: too small, at least 0',
    });
    expect(checkShape(listOf(listOf(count)), [[1], [1, 'x']])).toEqual({ fault: '1.1: expected number' });
  });

  it('has one fault, however many items have some: all of them overflowed the stack', () => {
    const list = Array<unknown>(MANY).fill({});
    expect(checkShape(schema, { counts: list })).toEqual({ fault: 'counts.0: expected number' });
    const either = listOf(z.union([z.strictObject({ a: count }), z.strictObject({ b: count, c: count })]));
    expect(checkShape(either, list).fault).toBeDefined();
    const form = listOf(z.string().check(z.regex(/^a$/)));
    expect(checkShape(form, Array(MANY).fill('b'))).toEqual({ fault: '0: not of the form /^a$/' });
  });
});

describe('an object of any names', () => {
  const schema = membersOf(z.string().check(z.regex(/^[a-z]\d*$/)), count);

  it('is read as z.record reads it', () => {
    expect(checkShape(schema, { a: 1, b: 2 })).toEqual({ value: { a: 1, b: 2 } });
    expect(checkShape(schema, {})).toEqual({ value: {} });
    for (const other of [[], null, 'x', 1])
      expect(checkShape(schema, other)).toEqual({ fault: 'the top level: expected record' });
    expect(z.toJSONSchema(schema)).toEqual(
      z.toJSONSchema(z.record(z.string().check(z.regex(/^[a-z]\d*$/)), count)),
    );
  });

  it('names its first member with a fault, also a name', () => {
    expect(checkShape(schema, { a: 1, b: '2', c: '3' })).toEqual({ fault: 'b: expected number' });
    expect(checkShape(schema, { a: 1, B: 2 })).toEqual({ fault: 'B: a member name of the wrong form' });
  });

  it('has one fault, however many members have some', () => {
    const names = Array.from({ length: MANY }, (_, i) => [`a${i}`, 0]);
    expect(checkShape(z.strictObject({ all: schema }), { all: Object.fromEntries(names) })).toEqual({
      fault: 'all.a0: too small, at least 0',
    });
  });
});

it('says the same whatever else of zod is loaded', async () => {
  const schema = z.strictObject({ name: z.string() });
  const before = checkShape(schema, { name: 'n', other: 1 });
  z.config({ localeError: () => 'Unrecognized' });
  expect(checkShape(schema, { name: 'n', other: 1 })).toEqual(before);
  expect(before.fault).toBe('the top level: unknown member "other"');
  z.config({ localeError: undefined });
});
