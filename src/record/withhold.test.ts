import { expect, it } from 'vitest';
import { fromUtf8 } from '../core/bytes.ts';
import { digestOf } from '../core/digest.ts';
import { personalText, withholdPersonal } from './withhold.ts';

const PERSON = { user: 'ada', home: '/home/ada', host: 'babbage.example.org' };
const isPersonal = personalText(PERSON);

it.each([
  '/home/ada/run.py',
  'noise from /scratch/group/noise.json',
  'C:\\Users\\x\\y',
  '~/notes/x',
  'file:///tmp/x',
  'ada',
  'run of Ada, monday',
  'ada.lovelace@example.org',
  'babbage',
  'http at babbage.example.org:80',
])('%s is personal', (text) => expect(isPersonal(text)).toBe(true));

it.each([
  'aer_simulator',
  'pi/2',
  'a/b',
  '1/2 + 3/4',
  'adaptive',
  'ibm_torino',
  'XX/YY',
  '2026-01-01T00:00:00Z',
  '',
])('"%s" is not', (text) => expect(isPersonal(text)).toBe(false));

it('puts a digest in its place, whose opening says it again', () => {
  let salt = 0;
  const { section, openings } = withholdPersonal(
    { seed: 7, deep: [{ file: '/home/ada/x.json', n: 1 }], 'ada@example.org': 2, user: 'ada', again: 'ada' },
    PERSON,
    () => new Uint8Array(32).fill(++salt),
  );
  // A name gives away as much as a value: the whole object goes.
  expect(section).toEqual({ withheld: digestOf(openings.at(-1)!) });
  expect(fromUtf8(openings.at(-1)!)).toContain('"seed":7');
});

it('never gives one value one digest twice', () => {
  let salt = 0;
  const { section, openings } = withholdPersonal({ a: 'ada', b: 'ada', c: 1 }, PERSON, () =>
    new Uint8Array(32).fill(++salt),
  );
  expect(section).toEqual({
    a: { withheld: digestOf(openings[0]!) },
    b: { withheld: digestOf(openings[1]!) },
    c: 1,
  });
  expect(section.a).not.toEqual(section.b);
  expect(JSON.parse(fromUtf8(openings[0]!)!)).toEqual({ salt: '01'.repeat(32), value: 'ada' });
});

it('knows no one by a name as short as a word is', () =>
  expect(personalText({ user: 'q', home: '/', host: 'a' })('a q b')).toBe(false));
