import { expect, it } from 'vitest';
import { utf8 } from '../core/bytes.ts';
import { findHandle, holdsHandleIn, searched } from './handles.ts';

const ID = 'd3abcd1234efgh567890';
const TAG = 'Müller Lab';
const handles = searched([ID, TAG]);
const base64 = (text: string) => Buffer.from(text).toString('base64');
const wrapped = base64(JSON.stringify({ id: ID, padding: 'p'.repeat(60) }));

it.each([
  ['as it is', `{"job":"${ID}"}`],
  ['in capitals', ID.toUpperCase()],
  ['in base64', wrapped],
  ['in base64 of lines', wrapped.replace(/.{19}/g, '$&\n')],
  ['in base64 of lines in JSON', JSON.stringify(wrapped.replace(/.{19}/g, '$&\n'))],
  ['in base64 after a path', `/data/${wrapped}`],
  ['in base64 twice', base64(wrapped)],
  ['in base64url', Buffer.from(`????${ID}>>>>~~~~`).toString('base64url')],
  ['in hex', Buffer.from(ID).toString('hex')],
  ['in hex from an odd place', `f${Buffer.from(ID).toString('hex').toUpperCase()}`],
  ['behind JSON’s escapes', `"\\u0064${ID.slice(1)}"`],
  ['behind escapes of escapes', JSON.stringify(`{"a":"d3\\u0061${ID.slice(3)}"}`)],
  ['in UTF-16', Buffer.from(ID, 'utf16le').toString('latin1')],
  ['a tag of words', 'runs of the müller lab'],
  ['a tag in base64', base64(`xx${TAG}`)],
  ['a tag behind escapes', '"M\\u00fcller Lab"'],
])('finds one %s, and nothing in what is like it', (_, text) => {
  expect(holdsHandleIn(utf8(text), handles)).toBe(true);
  expect(holdsHandleIn(utf8(text), searched(['e3abcd1234efgh567890', 'Miller Lab']))).toBe(false);
});

it('finds one across the windows in which it looks', () => {
  const bytes = new Uint8Array(2 ** 20 + 1000).fill(46);
  bytes.set(utf8(ID), 2 ** 20 - 7);
  expect(holdsHandleIn(bytes, handles)).toBe(true);
});

it('names the member that can be left out, a list’s for what stands in it, and no name of the schema’s', () => {
  const record = { execution: { calibration: {}, timing: { a: [{ b: { c: ID } }], [ID]: 1 } } };
  expect(findHandle(record, handles)).toBe('execution.timing.a');
  expect(findHandle({ execution: { timing: { [ID]: 1 } } }, handles)).toBe(`execution.timing.${ID}`);
  expect(findHandle(record, searched(['calibration']))).toBeUndefined();
});

it.each(['b', '\\', '0', ' ', '\\u0061', '\\n', '='])(
  'reads megabytes of %j',
  (text) => {
    const long = utf8(text.repeat(6_000_000 / text.length) + wrapped);
    expect(holdsHandleIn(long, handles)).toBe(true);
  },
  60_000,
);
