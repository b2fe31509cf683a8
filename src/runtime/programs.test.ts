import { describe, expect, it } from 'vitest';
import { utf8 } from '../core/bytes.ts';
import { digestOf } from '../core/digest.ts';
import type { JsonValue } from '../core/json.ts';
import { describeValues, readBindings } from './bindings.ts';
import { commonShape, indexesIn } from './broadcast.ts';
import { decodeResults } from './job-results/decode.ts';
import { cutPersonal } from './personal.ts';
import { describePrograms } from './programs.ts';
import { providerTime } from './provider-time.ts';
import { readPubs } from './pub.ts';

const SWEPT =
  'OPENQASM 3.0;\ninclude "stdgates.inc";\ninput float[64] b;\ninput float[64] a;\nqubit[1] q;\nbit[1] d;\nbit[1] c;\nrx(a) q[0];\nrz(b) q[0];\nc[0] = measure q[0];\n';

const describeAll = (program: string, params: JsonValue, results?: JsonValue) => {
  const decoded = results === undefined ? undefined : decodeResults(utf8(JSON.stringify(results)));
  return describePrograms(
    readPubs(program, params),
    decoded === undefined || decoded.form === 'unknown' ? undefined : decoded.pubs,
    new Map(),
    undefined,
  );
};
const plain = (...data: JsonValue[]): JsonValue => ({
  results: data.map((one) => ({ data: one })),
  metadata: {},
});

describe('bindings', () => {
  it.each<[string, JsonValue, readonly string[] | undefined, JsonValue[]]>([
    ['a row', [0.1, 0.2], ['a', 'b'], [{ a: 0.1, b: 0.2 }]],
    ['a row of one parameter is a sweep', [0.1, 0.2], ['a'], [{ a: 0.1 }, { a: 0.2 }]],
    [
      'rows',
      [
        [1, 2],
        [3, 4],
      ],
      ['a', 'b'],
      [
        { a: 1, b: 2 },
        { a: 3, b: 4 },
      ],
    ],
    ['by name', { a: 0.5 }, ['a'], [{ a: 0.5 }]],
    [
      'lists by name',
      { a: [1, 2], b: 3 },
      ['a', 'b'],
      [
        { a: 1, b: 3 },
        { a: 2, b: 3 },
      ],
    ],
    [
      'several names in one',
      {
        'a, b': [
          [1, 2],
          [3, 4],
        ],
      },
      ['a', 'b'],
      [
        { a: 1, b: 2 },
        { a: 3, b: 4 },
      ],
    ],
    [
      'a BindingsArray',
      {
        __type__: 'BindingsArray',
        __value__: {
          shape: [2],
          data: {
            '["a", "b"]': {
              __type__: 'ndarray',
              __value__: [
                [1, 2],
                [3, 4],
              ],
            },
          },
        },
      },
      undefined,
      [
        { a: 1, b: 2 },
        { a: 3, b: 4 },
      ],
    ],
    ['names that aren’t known', [[1, 2]], undefined, [{ parameters: [1, 2] }]],
    ['none', [], [], [{}]],
  ])('%s', (_, value, names, expected) => {
    const bindings = readBindings(value, names);
    const points = bindings.shape.reduce((all, length) => all * length, 1);
    expect(points).toBe(expected.length);
    expect(expected.map((__, point) => describeValues(bindings, point))).toEqual(expected);
  });

  it('of different shapes are refused', () => {
    expect(() => readBindings({ a: [1, 2], b: [1, 2, 3] }, undefined)).toThrow(/different shapes/);
    expect(() => readBindings({ a: 'x' }, undefined)).toThrow(/other than numbers/);
  });
});

it('broadcasts as NumPy does', () => {
  expect(commonShape([3, 1], [2])).toEqual([3, 2]);
  expect(commonShape([3], [2])).toBeUndefined();
  expect(commonShape([], [4])).toEqual([4]);
  expect([...indexesIn([3, 1], [3, 2])]).toEqual([0, 0, 1, 1, 2, 2]);
  expect([...indexesIn([2], [3, 2])]).toEqual([0, 1, 0, 1, 0, 1]);
  expect([...indexesIn([], [3])]).toEqual([0, 0, 0]);
});

describe('programs', () => {
  it('a sweep of OpenQASM text binds by name, in Qiskit’s order, and joins registers as declared', () => {
    const samples = {
      c: { samples: [['0x1'], ['0x0']], num_bits: 1 },
      d: { samples: [['0x0'], ['0x0']], num_bits: 1 },
    };
    const told = describeAll(
      'sampler',
      {
        pubs: [
          [
            SWEPT,
            [
              [1, 2],
              [3, 4],
            ],
            1,
          ],
        ],
      },
      plain(samples),
    );
    expect(told.notes).toEqual([]);
    expect(told.programs.map(({ values }) => values)).toEqual([
      { a: 1, b: 2 },
      { a: 3, b: 4 },
    ]);
    // d is declared first, so that c stands on the left.
    expect(told.results).toEqual([
      { kind: 'counts', bits: 2, counts: { '10': 1 } },
      { kind: 'counts', bits: 2, counts: { '00': 1 } },
    ]);
    expect(new Set(told.programs.map(({ circuit }) => circuit)).size).toBe(2);
    expect(told.programs[0]!.source).toEqual({ format: 'openqasm3', digest: digestOf(utf8(SWEPT)) });
  });

  it('results that don’t fit what was asked for are no results', () => {
    const flat = describeAll(
      'sampler',
      {
        pubs: [
          [
            SWEPT,
            [
              [1, 2],
              [3, 4],
            ],
            1,
          ],
        ],
      },
      plain({ c: { samples: ['0x0', '0x1'], num_bits: 1 } }),
    );
    expect(flat.results).toEqual([{ kind: 'none' }, { kind: 'none' }]);
    expect(flat.notes).toEqual(['pub 0: no result: results of 1 points for 2 that were asked for']);
    const fewer = describeAll(
      'sampler',
      {
        pubs: [
          [SWEPT, { a: 1, b: 2 }],
          [SWEPT, { a: 1, b: 2 }],
        ],
      },
      plain({ c: { samples: ['0x1'], num_bits: 1 } }),
    );
    expect(fewer.notes).toContain('1 results for 2 PUBs');
    expect(fewer.results.map(({ kind }) => kind)).toEqual(['counts', 'none']);
  });

  it('an estimator’s values, also where their shape is another', () => {
    const params = { pubs: [[SWEPT, ['Z', 'X'], { a: 1, b: 2 }]] };
    const told = describeAll('estimator', params, plain({ evs: [0.5, -0.5], stds: [0.1, 0.1] }));
    expect(told.results).toEqual([{ kind: 'expectation', values: [0.5, -0.5], std_errors: [0.1, 0.1] }]);
    expect(told.programs[0]!.observables).toBe(digestOf(utf8('["Z","X"]')));
    const odd = describeAll('estimator', params, plain({ evs: [1, 2, 3], stds: [-1, 0, 0] }));
    expect(odd.results).toEqual([{ kind: 'expectation', values: [1, 2, 3] }]);
    expect(odd.notes).toHaveLength(2);
  });

  it('a circuit that isn’t read is only named', () => {
    const told = describeAll('sampler', { pubs: [['OPENQASM 3.0; defcal x $0 {}']] });
    expect(told.programs[0]).toMatchObject({ source: { format: 'openqasm3' } });
    expect(told.programs[0]).not.toHaveProperty('circuit');
    expect(told.notes[0]).toMatch(/^pub 0: no gate list: /);
    expect(describeAll('sampler', null).programs).toEqual([{ values: {}, shots: 0 }]);
    expect(describeAll('executor', { quantum_program: {} }).results).toEqual([{ kind: 'none' }]);
  });

  it('bounds what a record holds', () => {
    const params = { pubs: [[SWEPT, { a: Array(30_000).fill(1), b: 2 }, 1]] };
    const many = describeAll('sampler', params);
    expect(many.programs).toHaveLength(1);
    expect(many.notes[0]).toMatch(/more than a record holds/);
    const wide = {
      c: {
        samples: Array.from({ length: 400 }, () =>
          Array.from({ length: 300 }, (_, at) => `0x${at.toString(16)}`),
        ),
        num_bits: 100,
      },
    };
    const told = describeAll('sampler', {}, plain(wide));
    const inline = told.results.filter((result) => 'counts' in result).length;
    expect(inline).toBeGreaterThan(100);
    expect(inline).toBeLessThan(400);
    expect(JSON.stringify(told.results).length).toBeLessThan(9_000_000);
  });
});

it('times in the one form', () => {
  expect(providerTime('2026-01-01T00:00:00.123456789012Z')).toBe('2026-01-01T00:00:00.123456789Z');
  expect(providerTime('2026-01-01 02:00:00+0200')).toBe('2026-01-01T00:00:00.000Z');
  expect(providerTime('2026-13-01T00:00:00Z')).toBeUndefined();
  expect(providerTime('2026-13-01T00:00:00+01:00')).toBeUndefined();
  expect(providerTime('soon')).toBeUndefined();
});

it('cuts what is personal from a message', () => {
  expect(cutPersonal('job of IBMid-55X at /home/ada/x.py, mail ada@b.org, crn:v1:bluemix:a:b failed')).toBe(
    'job of … at …, mail …, … failed',
  );
});
