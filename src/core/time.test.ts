import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseTime } from './time.ts';

it('agrees with Date on every millisecond of its years', () => {
  const date = fc.date({
    min: new Date('0000-01-01T00:00:00Z'),
    max: new Date('9999-12-31T23:59:59.999Z'),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(date, (time) => {
      expect(parseTime(time.toISOString())).toBeCloseTo(time.getTime(), 2);
    }),
  );
});

it('reads nanoseconds', () => expect(parseTime('1970-01-01T00:00:00.000500000Z')).toBe(0.5));

it.each([
  '2026-02-29T00:00:00Z',
  '1900-02-29T00:00:00Z',
  '2026-04-31T00:00:00Z',
  '2026-13-01T00:00:00Z',
  '2026-01-01T24:00:00Z',
  '2026-01-01T00:60:00Z',
  '2026-12-31T23:59:60Z',
  '2026-01-01T00:00:00+00:00',
  '2026-01-01T00:00:00z',
  '2026-01-01 00:00:00Z',
  '2026-01-01T00:00:00.Z',
  '2026-01-01T00:00:00.0000000001Z',
  '2026-01-01',
  '٢٠٢٦-01-01T00:00:00Z',
  ' 2026-01-01T00:00:00Z',
  '2026-01-01T00:00:00Z\n',
])('refuses %j', (text) => expect(parseTime(text)).toBeUndefined());

it.each(['2000-02-29T00:00:00Z', '2024-02-29T23:59:59Z'])('knows the leap year in %s', (text) =>
  expect(parseTime(text)).toBe(Date.parse(text)),
);
