import { expect, it } from 'vitest';
import { select } from './selection.ts';

const row = (n: number, day: string, label: string | null) => ({
  record_id: `0000000${n}-0000-7000-8000-000000000000`,
  created_at: `${day}T12:00:00.000Z`,
  label,
});
/** Newest first, as the store lists them. */
const ROWS = [
  row(4, '2026-11-30', null),
  row(3, '2026-11-02', 'a, b'),
  row(2, '2026-11-01', 'sweep=1'),
  row(1, '2026-10-31', 'sweep=1'),
];

const chosen = (...selections: string[]) =>
  select(selections, ROWS).records.map(({ record_id: id }) => Number(id[7]));

it.each([
  [['all'], [1, 2, 3, 4]],
  [['last'], [4]],
  [['00000003'], [3]],
  [['label:sweep=1'], [1, 2]],
  [['label:a, b'], [3]],
  [['label:a, b,last'], [3, 4]],
  [['2026-11-01'], [2]],
  [['2026-11-01..2026-11-02'], [2, 3]],
  [['..2026-10-31'], [1]],
  [['2026-11-02..'], [3, 4]],
  [
    ['last', 'all', 'last'],
    [1, 2, 3, 4],
  ],
])('%j', (selections, records) => expect(chosen(...selections)).toEqual(records));

it('figures are named by the person, and a record may be in two', () => {
  const { figures } = select(['tab1=last,label:sweep=1', 'fig2=all'], ROWS);
  expect(figures.map(({ name, records }) => [name, records.length])).toEqual([
    ['fig2', 4],
    ['tab1', 3],
  ]);
});

it.each([
  ['fig1=last fig1=all', 'two selections claim fig1'],
  ['../x=last', "can't be a figure's name"],
  ['0000000', 'begins 4 record ids'],
  ['2026-13-01', 'is no day'],
  ['..', 'selects nothing'],
  ['label:nothing', 'no record is'],
  ['fig1=', 'selects nothing'],
])('refuses %s', (text, reason) => expect(() => select(text.split(' '), ROWS)).toThrow(reason));
