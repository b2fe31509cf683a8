/** Results in the provider's forms. The encoded ones here were written by Qiskit 2.6 and qiskit-ibm-runtime 0.51. */

import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../../core/bytes.ts';
import { countShots } from '../../record/job-results/register.ts';
import { decodeResults } from './decode.ts';

const decode = (value: unknown) => decodeResults(utf8(JSON.stringify(value)));

const BITS =
  'eJyb7BfqGxDJyFDGUK2eklqcXKRupaBeU2qorqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RpGOgoWOgqGmjoKtQrkAS4GGGAGQiAAADr5G+A=';
const EVS =
  'eJyb7BfqGxDJyFDGUK2eklqcXKRupaBuk2ahrqOgnpZfVFKUmBefX5SSChIPKSpNBQoXZyQWpAK5GkY6CkaaOgq1CuQDLgYw+GCvc7r79Lq+nfYw/t5Ltsr/c0/aAwBRHSaG';

const typed = (type: string, value: unknown) => ({ __type__: type, __value__: value });
const ndarray = (value: unknown) => typed('ndarray', value);
const bitArray = (array: unknown, bits: unknown) => typed('BitArray', { array, num_bits: bits });
const dataBin = (fields: object, names = Object.keys(fields)) =>
  typed('DataBin', { field_names: names, shape: [], fields });
const primitive = (data: unknown, metadata: object = {}) =>
  typed('PrimitiveResult', {
    pub_results: [typed('SamplerPubResult', { data, metadata: {} })],
    metadata,
  });

/** A NumPy file by hand. */
function npy(header: string, data: readonly number[]): unknown {
  const padded = header.padEnd(118 - 1) + '\n';
  const bytes = Buffer.concat([
    Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, padded.length & 0xff, padded.length >> 8]),
    Buffer.from(padded, 'latin1'),
    Buffer.from(data),
  ]);
  return ndarray(deflateSync(bytes).toString('base64'));
}
const u1 = (shape: string, data: readonly number[]) =>
  npy(`{'descr': '|u1', 'fortran_order': False, 'shape': ${shape}, }`, data);

function reasonOf(value: unknown): string {
  const decoded = decode(value);
  if (decoded.form === 'unknown') return decoded.reason;
  const [pub] = decoded.pubs;
  return pub?.kind === 'other' ? pub.reason : `understood as ${pub?.kind}`;
}

describe('Qiskit’s forms', () => {
  it('counts of a sweep', () => {
    const decoded = decode(primitive(dataBin({ meas: bitArray(ndarray(BITS), 2) })));
    if (decoded.form !== 'qiskit' || decoded.pubs[0]?.kind !== 'counts') throw new Error('not counts');
    const { registers } = decoded.pubs[0];
    expect(registers[0]).toMatchObject({ name: 'meas', bits: 2, shape: [2], shots: 8 });
    expect(countShots(registers, 0)).toEqual(new Map([['00', 8]]));
    expect([...countShots(registers, 1).values()].reduce((a, b) => a + b)).toBe(8);
  });

  it('expectation values', () => {
    const decoded = decode(
      primitive(
        dataBin({
          evs: ndarray(EVS),
          stds: ndarray([
            [0, 0],
            [0, 0],
          ]),
        }),
      ),
    );
    if (decoded.form !== 'qiskit' || decoded.pubs[0]?.kind !== 'expectation') throw new Error('no values');
    expect(decoded.pubs[0].shape).toEqual([2, 2]);
    expect(decoded.pubs[0].values[0]).toBeCloseTo(1, 12);
    expect(decoded.pubs[0].values[2]).toBeCloseTo(Math.sin(0.1), 12);
  });

  it('arrays in Fortran order', () => {
    const header = "{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3, 1), }";
    const decoded = decode(primitive(dataBin({ c: bitArray(npy(header, [1, 4, 2, 5, 3, 6]), 3) })));
    if (decoded.form !== 'qiskit' || decoded.pubs[0]?.kind !== 'counts') throw new Error('not counts');
    expect([...countShots(decoded.pubs[0].registers, 0).keys()]).toEqual(['001', '010', '011']);
    expect([...countShots(decoded.pubs[0].registers, 1).keys()]).toEqual(['100', '101', '110']);
  });

  it('puts the last register first, in the order of field_names', () => {
    const a = bitArray(u1('(2, 1)', [1, 1]), 1);
    const b = bitArray(u1('(2, 1)', [0, 2]), 2);
    const of = (names: string[]) => {
      const decoded = decode(primitive(dataBin({ a, b }, names)));
      if (decoded.form === 'unknown' || decoded.pubs[0]?.kind !== 'counts') throw new Error('not counts');
      return [...countShots(decoded.pubs[0].registers, 0).keys()];
    };
    expect(of(['a', 'b'])).toEqual(['001', '101']);
    expect(of(['b', 'a'])).toEqual(['100', '110']);
  });

  it('execution spans', () => {
    const at = (text: string) => typed('datetime', text);
    const span = (type: string, start: string, stop: string) =>
      typed(type, { start: at(start), stop: at(stop), data_slices: { 0: [[2, 8], 0, 16], 3: [[1], 0, 1] } });
    const spans = typed('ExecutionSpans', {
      spans: [
        span('ExecutionSpan', '2026-01-01T00:00:00+00:00', '2026-01-01T02:00:05.250000+02:00'),
        span('TwirledSliceSpanV2', '2026-01-01T00:00:06', '2026-01-01 00:00:07.123456Z'),
      ],
    });
    const decoded = decode(
      primitive(dataBin({ meas: bitArray(ndarray(BITS), 2) }), { execution: { execution_spans: spans } }),
    );
    expect(decoded.form === 'qiskit' && decoded.spans).toEqual([
      { start: '2026-01-01T00:00:00Z', stop: '2026-01-01T00:00:05.250Z', pubs: [0, 3] },
      { start: '2026-01-01T00:00:06Z', stop: '2026-01-01T00:00:07.123456Z', pubs: [0, 3] },
    ]);
  });
});

describe('plain JSON', () => {
  const plain = (data: object) => ({ results: [{ data, metadata: {} }], metadata: {} });

  it.each([1, 2, 7, 8, 9, 63, 64, 65, 130])('samples of %i bits', (bits) => {
    const all = `0x${((1n << BigInt(bits)) - 1n).toString(16)}`;
    const decoded = decode(plain({ c: { samples: ['0x1', all, '0x0', '0x1'], num_bits: bits } }));
    if (decoded.form !== 'plain' || decoded.pubs[0]?.kind !== 'counts') throw new Error('not counts');
    expect(countShots(decoded.pubs[0].registers, 0)).toEqual(
      bits === 1
        ? new Map([
            ['1', 3],
            ['0', 1],
          ])
        : new Map([
            ['1'.padStart(bits, '0'), 2],
            ['1'.repeat(bits), 1],
            ['0'.repeat(bits), 1],
          ]),
    );
    const over = `0x${(1n << BigInt(bits)).toString(16)}`;
    expect(reasonOf(plain({ c: { samples: [over], num_bits: bits } }))).toMatch(/more/);
  });

  it('nested samples of a sweep, and expectation values', () => {
    const decoded = decode(
      plain({
        c: {
          samples: [
            ['0x0', '0x0'],
            ['0x1', '0x1'],
          ],
          num_bits: 1,
        },
      }),
    );
    if (decoded.form !== 'plain' || decoded.pubs[0]?.kind !== 'counts') throw new Error('not counts');
    expect(countShots(decoded.pubs[0].registers, 1)).toEqual(new Map([['1', 2]]));
    expect(reasonOf(plain({ evs: [0.5, 1], stds: [0.1, 0.2] }))).toBe('understood as expectation');
    expect(reasonOf(plain({ evs: 0.5 }))).toBe('understood as expectation');
  });
});

describe('what isn’t understood is said, and never thrown', () => {
  const header = (descr: string, shape = '(1, 1)', fortran = 'False') =>
    `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }`;
  const bits = (array: unknown, count: unknown = 1) => primitive(dataBin({ c: bitArray(array, count) }));
  it.each<[string, unknown, RegExp]>([
    ['a pickle', bits(npy(header('|O'), [0])), /header/],
    ['big-endian', bits(npy(header('>i4'), [0, 0, 0, 1])), /big-endian/],
    ['too short', bits(u1('(2, 1)', [1])), /1 bytes, not of 2 elements/],
    ['too long', bits(u1('(1, 1)', [1, 1])), /2 bytes, not of 1 elements/],
    ['a shape that overflows', bits(u1('(999999999999999, 999999999999999, 1)', [1])), /not of/],
    ['a spare bit', bits(u1('(1, 1)', [2])), /more than 1 bits/],
    ['another width', bits(u1('(1, 1)', [1]), 9), /9 bits in an array/],
    ['no shots', bits(u1('(0, 1)', [])), /without a shot/],
    ['no bits', bits(u1('(1, 1)', [1]), 0), /register of 0 bits/],
    ['half a bit', bits(u1('(1, 1)', [1]), 0.5), /register of 0.5 bits/],
    ['no base64', bits(ndarray('%%%')), /base64/],
    ['no zlib', bits(ndarray('AAAA')), /inflated/],
    ['a zlib bomb', bits(ndarray(deflateSync(Buffer.alloc(2 ** 29 + 1)).toString('base64'))), /inflated/],
    ['not NumPy', bits(ndarray(deflateSync(Buffer.alloc(200)).toString('base64'))), /no NumPy/],
    ['ragged lists', primitive(dataBin({ evs: ndarray([[1], [1, 2]]) })), /different lengths/],
    [
      'complex values',
      primitive(dataBin({ evs: npy(header('<c16', '(1,)'), Array(16).fill(0)) })),
      /complex/,
    ],
    [
      'kerneled measurement',
      primitive(dataBin({ c: npy(header('<c16', '(1,)'), Array(16).fill(0)) })),
      /neither/,
    ],
    ['another type', typed('NoiseLearnerResult', {}), /expected PrimitiveResult/],
    ['an executor’s', { schema_version: 'v0.2', data: [] }, /v0\.2/],
    ['a list', [], /no list of results/],
    [
      'samples of different lengths',
      { results: [{ data: { c: { samples: [['0x0'], []], num_bits: 1 } } }] },
      /no list/,
    ],
    [
      'a width that would fill the memory',
      { results: [{ data: { c: { samples: ['0x0'], num_bits: 1e308 } } }] },
      /register of 1e\+308 bits/,
    ],
    [
      'samples that would',
      { results: [{ data: { c: { samples: Array(300_000).fill('0x0'), num_bits: 9999 } } }] },
      /more than is read/,
    ],
    ['a decimal sample', { results: [{ data: { c: { samples: [3], num_bits: 2 } } }] }, /hexadecimal/],
    [
      'registers named by numbers',
      { results: [{ data: { 1: { samples: ['0x0'], num_bits: 1 }, 0: { samples: ['0x0'], num_bits: 1 } } }] },
      /order/,
    ],
    [
      'registers of different shots',
      {
        results: [
          { data: { a: { samples: ['0x0'], num_bits: 1 }, b: { samples: ['0x0', '0x1'], num_bits: 1 } } },
        ],
      },
      /different shapes/,
    ],
  ])('%s', (_, value, reason) => expect(reasonOf(value)).toMatch(reason));

  it('text that is no strict JSON', () => {
    expect(decodeResults(utf8('{"results":[NaN]}'))).toMatchObject({ form: 'unknown' });
    expect(decodeResults(utf8('{"results":[{"data"'))).toMatchObject({ form: 'unknown' });
    expect(decodeResults(new Uint8Array())).toMatchObject({ form: 'unknown' });
  });
});
