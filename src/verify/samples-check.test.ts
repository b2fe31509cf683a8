import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { content } from '../../test/records.ts';
import { utf8 } from '../core/bytes.ts';
import { type Digest, digestOf } from '../core/digest.ts';
import { inflateZlib as inflate } from '../core/inflate.ts';
import { summarizeCounts } from '../record/result.ts';
import type { ExecutionRecord, Result } from '../record/schema.ts';
import { type Artifact, encodeArtifact } from './bundle.ts';
import { samplesCheck } from './samples-check.ts';

const counts = (given: Record<string, number>): Result => ({
  kind: 'counts',
  bits: Object.keys(given)[0]!.length,
  counts: given,
});
const NONE: Result = { kind: 'none' };
const plain = (...pubs: readonly object[]): string =>
  JSON.stringify({ results: pubs.map((data) => ({ data, metadata: {} })), metadata: {} });
const samples = (bits: number, ...all: readonly unknown[]) => ({ samples: all, num_bits: bits });

interface Case {
  readonly raw?: string;
  readonly results: readonly Result[];
  /** Of each program; as many as the counts have, where it isn't said. */
  readonly shots?: readonly number[];
  /** The text that the provider was given. */
  readonly source?: string;
  readonly inflates?: boolean;
  readonly change?: object;
}

function judge({ raw, results, shots, source, inflates = true, change = {} }: Case) {
  const { execution, workload } = content();
  const artifacts: { [digest: Digest]: Artifact } = {};
  const put = (text: string): Digest => {
    const bytes = utf8(text);
    artifacts[digestOf(bytes)] = encodeArtifact(bytes);
    return digestOf(bytes);
  };
  const programs = results.map((result, at) => ({
    values: {},
    shots:
      shots?.[at] ??
      ('counts' in result
        ? Object.values(result.counts as Record<string, number>).reduce((a, b) => a + b, 0)
        : 0),
    ...(source === undefined ? {} : { source: { format: 'openqasm3', digest: put(source) } }),
  }));
  const record = {
    workload: { ...workload, programs },
    execution: {
      ...execution,
      class: 'imported',
      executed_circuits: [],
      job: { provider: 'ibm-quantum', job_id: 'd1' },
      result_summary: results,
      result_digest: raw === undefined ? digestOf(utf8('elsewhere')) : put(raw),
      ...change,
    },
  } as unknown as ExecutionRecord;
  const [check] = samplesCheck(record, artifacts, inflates ? inflate : undefined);
  return check === undefined ? undefined : [check.status, check.code ?? check.evidence];
}

const FOUR = plain({ c: samples(2, '0x3', '0x0', '0x3', '0x1') });
const RIGHT = counts({ '00': 1, '01': 1, '11': 2 });

describe('result.samples', () => {
  it('counts every shot again', () => {
    expect(judge({ raw: FOUR, results: [RIGHT] })).toEqual(['pass', '1 result counted again, shot by shot']);
  });

  it('counts those again that stand by digest', () => {
    const map = new Map([
      ['00', 1],
      ['01', 1],
      ['11', 2],
    ]);
    const { result } = summarizeCounts(map, 2, 0);
    expect(judge({ raw: FOUR, results: [result], shots: [4] })?.[0]).toBe('pass');
    const { result: other } = summarizeCounts(new Map([...map, ['00', 2]]), 2, 0);
    expect(judge({ raw: FOUR, results: [other], shots: [4] })).toEqual(['fail', 'samples.mismatch']);
    expect(judge({ raw: FOUR, results: [{ ...result, outcomes: 2 } as Result], shots: [4] })?.[0]).toBe(
      'fail',
    );
  });

  it.each<[string, readonly Result[], readonly number[] | undefined, string]>([
    ['a count moved', [counts({ '00': 2, '11': 2 })], undefined, 'samples.mismatch'],
    ['an outcome more', [counts({ '00': 1, '01': 1, '10': 1, '11': 2 })], [4], 'samples.mismatch'],
    ['bits turned round', [counts({ '00': 1, '10': 1, '11': 2 })], undefined, 'samples.mismatch'],
    ['a shot more', [counts({ '00': 2, '01': 1, '11': 2 })], undefined, 'samples.mismatch'],
    ['another width', [counts({ '000': 1, '001': 1, '011': 2 })], undefined, 'samples.mismatch'],
    ['an expectation', [{ kind: 'expectation', values: [1] }], [4], 'samples.mismatch'],
    ['a program more', [RIGHT, RIGHT], undefined, 'samples.programs'],
  ])('fails with %s', (_, results, shots, code) => {
    expect(judge({ raw: FOUR, results, ...(shots === undefined ? {} : { shots }) })).toEqual(['fail', code]);
  });

  it('counts each point of a sweep, and each PUB, for its own program', () => {
    const raw = plain(
      {
        c: {
          samples: [
            ['0x0', '0x0'],
            ['0x1', '0x0'],
          ],
          num_bits: 1,
        },
      },
      { c: samples(1, '0x1') },
    );
    const results = [counts({ '0': 2 }), counts({ '0': 1, '1': 1 }), counts({ '1': 1 })];
    expect(judge({ raw, results })).toEqual(['pass', '3 results counted again, shot by shot']);
    expect(judge({ raw, results: [results[1]!, results[0]!, results[2]!] })?.[0]).toBe('fail');
    expect(judge({ raw, results: [NONE, results[1]!, results[2]!], shots: [2] })?.[0]).toBe('pass');
    expect(judge({ raw, results: [NONE, results[1]!] })).toEqual(['unknown', 'samples.programs']);
  });

  const TWO = plain({ a: samples(1, '0x1', '0x1'), b: samples(2, '0x0', '0x1') });
  const text = (...registers: readonly string[]): string =>
    `OPENQASM 3.0;\nqubit[3] q;\n${registers.map((one) => `${one};\n`).join('')}`;
  it('puts registers in the order of the circuit that ran', () => {
    const inOrder = counts({ '001': 1, '011': 1 });
    const turned = counts({ '100': 1, '101': 1 });
    expect(judge({ raw: TWO, results: [inOrder] })?.[0]).toBe('pass');
    expect(judge({ raw: TWO, results: [turned] })).toEqual(['unknown', 'samples.order']);
    const swapped = text('bit[2] b', 'bit[1] a');
    expect(judge({ raw: TWO, results: [turned], source: swapped })?.[0]).toBe('pass');
    expect(judge({ raw: TWO, results: [inOrder], source: swapped })).toEqual(['fail', 'samples.mismatch']);
  });

  const inflated = (bytes: Uint8Array) => ({
    __type__: 'ndarray',
    __value__: deflateSync(bytes).toString('base64'),
  });
  const npy = (shape: string, data: Uint8Array): Uint8Array => {
    const header = `{'descr': '|u1', 'fortran_order': False, 'shape': ${shape}, }`.padEnd(117) + '\n';
    return Buffer.concat([Buffer.from('\x93NUMPY\x01\x00\x76\x00' + header, 'latin1'), data]);
  };
  const qiskit = (array: object, bits = 2): string => {
    const fields = { c: { __type__: 'BitArray', __value__: { array, num_bits: bits } } };
    const data = { __type__: 'DataBin', __value__: { field_names: ['c'], shape: [], fields } };
    const pub = { __type__: 'SamplerPubResult', __value__: { data, metadata: {} } };
    return JSON.stringify({ __type__: 'PrimitiveResult', __value__: { pub_results: [pub], metadata: {} } });
  };
  it('reads Qiskit’s form where something inflates it', () => {
    const raw = qiskit(inflated(npy('(4, 1)', Uint8Array.of(3, 0, 3, 1))));
    expect(judge({ raw, results: [RIGHT] })?.[0]).toBe('pass');
    expect(judge({ raw, results: [RIGHT], inflates: false })).toEqual(['unknown', 'samples.unread']);
  });

  it('unpacks no more than the record’s shots can have', () => {
    const raw = qiskit(inflated(npy('(60000000, 1)', new Uint8Array(60_000_000))));
    expect(raw.length).toBeLessThan(100_000);
    expect(judge({ raw, results: [RIGHT] })).toEqual(['unknown', 'samples.unread']);
    const wide = plain({ c: samples(10_000, ...Array.from({ length: 5000 }, () => '0x0')) });
    expect(judge({ raw: wide, results: [RIGHT] })).toEqual(['unknown', 'samples.unread']);
    const many = counts({ '0': 2 ** 40 });
    expect(judge({ raw, results: [many] })).toEqual(['unknown', 'samples.unread']);
  });

  it('compares expectation values', () => {
    const raw = plain({ evs: [0.5, -0.25], stds: [0.1, 0.1] });
    const values = (...all: readonly number[]): Result => ({ kind: 'expectation', values: [...all] });
    expect(judge({ raw, results: [values(0.5, -0.25)] })?.[0]).toBe('pass');
    expect(judge({ raw, results: [values(-0.25), values(0.5)] })?.[0]).toBe('pass');
    expect(judge({ raw, results: [values(0.5, 0.25)] })).toEqual(['fail', 'samples.mismatch']);
    expect(judge({ raw, results: [values(0.5)] })).toEqual(['fail', 'samples.mismatch']);
    expect(judge({ raw, results: [values(0.5), NONE] })).toEqual(['unknown', 'samples.unread']);
    expect(
      judge({ raw: FOUR.replace('}]', '},{"data":{"evs":[1]}}]'), results: [RIGHT, values(1)] })?.[1],
    ).toBe('samples.unread');
  });

  it.each<[string, Case, readonly [string, string] | undefined]>([
    [
      'absent without the raw answer',
      { results: [RIGHT] },
      ['absent', 'the provider’s raw answer is not here'],
    ],
    ['absent without results', { raw: FOUR, results: [NONE] }, ['absent', 'the record holds no result']],
    [
      'unknown of another form',
      { raw: '{"schema_version":"9"}', results: [RIGHT] },
      ['unknown', 'samples.unread'],
    ],
    ['unknown of what is no JSON', { raw: '[1', results: [RIGHT] }, ['unknown', 'samples.unread']],
    [
      'unknown of a broken PUB',
      { raw: plain({ c: samples(2, 'x') }), results: [RIGHT] },
      ['unknown', 'samples.unread'],
    ],
    ['no check of what ran here', { raw: FOUR, results: [RIGHT], change: { class: 'executed' } }, undefined],
    [
      'no check of another provider’s',
      { raw: FOUR, results: [RIGHT], change: { job: { provider: 'x' } } },
      undefined,
    ],
  ])('is %s', (_, one, expected) => {
    expect(judge(one)).toEqual(expected);
  });
});
