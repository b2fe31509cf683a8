import { expect, it } from 'vitest';
import { utf8 } from '../core/bytes.ts';
import { readCapture } from './capture.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z');

/** @param change made to a capture that is good */
function faultOf(change: (capture: Record<string, unknown>) => void = () => undefined): string | undefined {
  const capture: Record<string, unknown> = {
    capture: 1,
    sdk: 'qiskit',
    backend: 'aer_simulator',
    started_at: '2026-11-21T11:59:58Z',
    finished_at: '2026-11-21T11:59:59Z',
    circuits: [{ format: 'openqasm3', text: 'OPENQASM 3.0;' }],
    programs: [
      {
        circuit: 0,
        values: {},
        shots: 3,
        result: { kind: 'counts', bits: 2, counts: { '00': 1, '11': 2 } },
      },
    ],
    executed: [],
    raw: { format: 'x', base64: 'AAAA' },
  };
  change(capture);
  return readCapture(utf8(JSON.stringify(capture)), NOW).fault;
}

const firstOf = (capture: Record<string, unknown>) => (capture.programs as Record<string, unknown>[])[0]!;

it('reads a capture', () => expect(faultOf()).toBeUndefined());

it.each<[string, (capture: Record<string, unknown>) => void, RegExp]>([
  ['another version', (c) => Object.assign(c, { capture: 2 }), /capture: expected 1/],
  ['an unknown member', (c) => Object.assign(c, { signature: 'x' }), /unknown member "signature"/],
  ['counts that are not the shots', (c) => Object.assign(firstOf(c), { shots: 4 }), /add up to 3, not to 4/],
  [
    'an outcome of another width',
    (c) => Object.assign(firstOf(c), { result: { kind: 'counts', bits: 2, counts: { '0': 3 } } }),
    /an outcome of 1 bits among ones of 2/,
  ],
  ['a circuit that is not there', (c) => Object.assign(firstOf(c), { circuit: 1 }), /there are 1 circuits/],
  [
    'an executed circuit that is not there',
    (c) => Object.assign(c, { executed: [{ program: 0, circuit: 9 }] }),
    /executed\.0/,
  ],
  [
    'errors that are not one a value',
    (c) => Object.assign(firstOf(c), { result: { kind: 'expectation', values: [1], std_errors: [0, 0] } }),
    /2 standard errors for 1 values/,
  ],
  ['times out of order', (c) => Object.assign(c, { started_at: '2026-11-21T12:00:00Z' }), /lies after/],
  ['a time in the future', (c) => Object.assign(c, { finished_at: '9999-01-01T00:00:00Z' }), /in the future/],
  ['a day that is none', (c) => Object.assign(c, { finished_at: '2026-02-30T00:00:00Z' }), /no such date/],
  [
    'raw bytes that are not base64',
    (c) => Object.assign(c, { raw: { format: 'x', base64: '!' } }),
    /not base64/,
  ],
  ['a file elsewhere', (c) => Object.assign(c, { raw: { format: 'x', file: '../../etc/x.raw' } }), /raw/],
  ['no program', (c) => Object.assign(c, { programs: [] }), /programs: too small/],
  ['negative shots', (c) => Object.assign(firstOf(c), { shots: -1 }), /shots/],
  [
    'a section too deep',
    (c) => Object.assign(c, { options: JSON.parse('{"a":'.repeat(12) + '1' + '}'.repeat(12)) }),
    /nested too deep/,
  ],
  ['a section too long', (c) => Object.assign(c, { options: { a: 'x'.repeat(100_001) } }), /too long/],
  ['a backend without a name', (c) => Object.assign(c, { backend: '' }), /backend/],
])('refuses %s', (_, change, fault) => expect(faultOf(change)).toMatch(fault));

it.each([
  ['a member twice', '{"capture":1,"capture":1}', /duplicate|twice/i],
  ['no JSON', '{', /./],
  ['a number that JSON has not', '{"capture":NaN}', /./],
])('refuses %s', (_, text, fault) => expect(readCapture(utf8(text), NOW).fault).toMatch(fault));
