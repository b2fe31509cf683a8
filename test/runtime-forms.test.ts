/** The official client's forms, written by the real qiskit-ibm-runtime and read here. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { circuitDigest } from '../src/circuit/circuit.ts';
import { readOpenQasm } from '../src/circuit/read-openqasm.ts';
import { fromUtf8, utf8 } from '../src/core/bytes.ts';
import { digestOf } from '../src/core/digest.ts';
import type { JsonObject, JsonValue } from '../src/core/json.ts';
import { countShots } from '../src/record/job-results/register.ts';
import { qpyExporter } from '../src/runtime/export-qpy.ts';
import { decodeResults } from '../src/runtime/job-results/decode.ts';
import { findSpans } from '../src/runtime/job-results/execution-spans.ts';
import { describePrograms } from '../src/runtime/programs.ts';
import { readPubs } from '../src/runtime/pub.ts';
import { findRuntimePython } from './runtime-python.ts';
import { cacheDir } from './test-python.ts';

interface Forms {
  readonly widths: readonly { bits: number; results: JsonValue; counts: readonly Record<string, number>[] }[];
  readonly sampler: {
    params: JsonObject;
    results: JsonValue;
    counts: Record<string, number>[];
    values: number[][];
  };
  readonly estimator: { params: JsonObject; results: JsonValue; evs: number[][]; stds: number[][] };
  readonly spans: JsonObject;
}

const found = findRuntimePython();
const title = 'reason' in found ? `qiskit-ibm-runtime (skipped: ${found.reason})` : 'qiskit-ibm-runtime';
const bytesOf = (value: JsonValue) => utf8(JSON.stringify(value));

function outcomesOf(results: JsonValue) {
  const decoded = decodeResults(bytesOf(results));
  if (decoded.form !== 'qiskit') throw new Error('reason' in decoded ? decoded.reason : decoded.form);
  return decoded;
}

describe.skipIf('reason' in found)(title, () => {
  const python = 'python' in found ? found.python : '';
  const { stdout, stderr, status } =
    'python' in found
      ? spawnSync(python, [join(import.meta.dirname, 'runtime-forms.py')], {
          encoding: 'utf8',
          maxBuffer: 2 ** 26,
        })
      : { stdout: '{}', stderr: '', status: 0 };
  if (status !== 0) throw new Error(stderr);
  const forms = JSON.parse(stdout) as Forms;

  it('BitArrays of 1 to 130 bits, two registers and two points each, have Qiskit’s counts', () => {
    expect(forms.widths).toHaveLength(130);
    for (const { bits, results, counts } of forms.widths) {
      const [pub] = outcomesOf(results).pubs;
      if (pub?.kind !== 'counts') throw new Error(`${bits}: ${pub?.kind}`);
      for (const [point, expected] of counts.entries())
        expect(Object.fromEntries(countShots(pub.registers, point)), `${bits} bits`).toEqual(expected);
    }
  });

  const exporter = () => qpyExporter({ python, cacheDir, env: process.env }, new AbortController().signal);

  it('a sampler’s job: a program for each point, with the circuit that Qiskit reads in the QPY', async () => {
    const { params, results, counts, values } = forms.sampler;
    const pubs = readPubs('sampler', params);
    expect(pubs.map(({ source, shots }) => [source?.format, shots])).toEqual([
      ['qpy', 50],
      ['qpy', 20],
    ]);
    const qpy = exporter();
    await qpy.add(pubs.map(({ source }) => source!.bytes));
    expect(qpy.version()).toMatch(/^qiskit 2\./);
    const decoded = outcomesOf(results);
    expect(decoded.spans).toEqual([
      { start: '2026-01-01T00:00:00Z', stop: '2026-01-01T00:00:05Z', pubs: [0] },
    ]);
    const told = describePrograms(pubs, decoded.pubs, qpy.known, qpy.version());
    expect(told.notes).toEqual([]);
    expect(told.results.map((result) => 'counts' in result && result.counts)).toEqual(counts);
    expect(told.programs.map(({ values: bound }) => Object.values(bound))).toEqual(values);
    const texts = new Map(told.objects.map((object) => [digestOf(object), fromUtf8(object)]));
    for (const [index, { program, format, digest }] of told.executed.entries()) {
      expect([program, format]).toEqual([index, 'openqasm3']);
      const text = texts.get(digest)!;
      const inputs = [...text.matchAll(/input float\[64\] (\w+);/g)].map(([, name]) => name!);
      const named = new Map(inputs.map((name, at) => [name, values[index]![at]!]));
      expect(told.programs[index]!.circuit).toBe(circuitDigest(readOpenQasm(text, 'x', named).circuit));
    }
    expect(new Set(told.programs.map(({ circuit }) => circuit)).size).toBe(4);
  });

  it('an estimator’s job: a program for each binding, with its observables', async () => {
    const { params, results, evs, stds } = forms.estimator;
    const pubs = readPubs('estimator', params);
    const qpy = exporter();
    await qpy.add(pubs.map(({ source }) => source!.bytes));
    const {
      programs,
      results: told,
      notes,
      objects,
    } = describePrograms(pubs, outcomesOf(results).pubs, qpy.known, undefined);
    expect(notes).toEqual([]);
    const column = (table: number[][], at: number) => table.map((row) => row[at]!);
    const [sweep, one, zipped] = evs as unknown as [number[][], number, number[]];
    expect(programs.map(({ values }) => values)).toEqual([
      { t: 0.1 },
      { t: 0.2 },
      { t: 0.7 },
      { t: 0.3 },
      { t: 0.4 },
    ]);
    expect(told.map((result) => 'values' in result && result.values)).toEqual([
      column(sweep, 0),
      column(sweep, 1),
      [one],
      [zipped[0]],
      [zipped[1]],
    ]);
    expect(told[0]).toMatchObject({ std_errors: column(stds[0] as unknown as number[][], 0) });
    const texts = new Map(objects.map((object) => [digestOf(object), fromUtf8(object)]));
    expect(programs.map(({ observables }) => texts.get(observables!))).toEqual([
      '[{"ZZ":1},{"XX":1},{"IX":2,"ZI":0.5}]',
      '[{"ZZ":1},{"XX":1},{"IX":2,"ZI":0.5}]',
      '[{"ZZ":1}]',
      '[{"ZZ":1}]',
      '[{"XX":1}]',
    ]);
  });

  it('execution spans of every kind', () => {
    expect(findSpans(forms.spans)?.map(({ start, pubs }) => [start, pubs])).toEqual([
      ['2026-01-01T01:02:03.004500Z', [1]],
      ['2026-01-01T01:02:03.004500Z', [0]],
    ]);
  });

  it('QPY that isn’t QPY, or of many circuits, costs no other', async () => {
    const qpy = exporter();
    const good = readPubs('sampler', forms.sampler.params)[0]!.source!.bytes;
    const bad = utf8('QISKIT\u0011 and nothing');
    await qpy.add([bad, good]);
    expect(qpy.known.get(digestOf(bad))).toHaveProperty('fault');
    expect(qpy.known.get(digestOf(good))).toHaveProperty('text');
  });
});

it('without a Qiskit, QPY is only hashed, and that is said', async () => {
  const cache = mkdtempSync(join(tmpdir(), 'qpoe-no-qiskit-'));
  onTestFinished(() => rmSync(cache, { recursive: true }));
  const env = { PATH: cache };
  const qpy = qpyExporter({ cacheDir: cache, env }, new AbortController().signal);
  const [pub] = readPubs('sampler', { pubs: [[Buffer.from('QISKIT and more').toString('base64')]] });
  await qpy.add([pub!.source!.bytes]);
  expect(qpy.missing()).toMatch(/no Python with Qiskit found/);
  const { programs, notes } = describePrograms([pub!], undefined, qpy.known, qpy.version());
  expect(programs[0]).toEqual({
    source: { format: 'qpy', digest: digestOf(pub!.source!.bytes) },
    values: {},
    shots: 0,
  });
  expect(notes).toEqual(['pub 0: no gate list: QPY is only hashed: no Qiskit was there to read it']);
  expect(readdirSync(cache)).toEqual([]);
});
