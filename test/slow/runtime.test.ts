/** The official client, unmodified, against `qpoe runtime emulate`; then `qpoe runtime import` of its jobs: the same numbers, and they verify. */

import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { BIN, newPlace, type Place } from '../cli.ts';
import { output, serve } from '../running.ts';
import { attestReceipt, DEVICE } from '../runtime-lab.ts';
import { findRuntimePython } from '../runtime-python.ts';
import { findTestPython } from '../test-python.ts';

const CLIENT = findRuntimePython();
const QISKIT = await findTestPython('qiskit');
const missing = 'reason' in CLIENT ? CLIENT.reason : 'reason' in QISKIT ? QISKIT.reason : undefined;

interface Report {
  readonly sampler: { readonly job: string; readonly counts: readonly Record<string, number>[] };
  readonly estimator: { readonly job: string; readonly values: readonly number[] };
}

async function official(environment: Record<string, string>): Promise<Report> {
  const home = mkdtempSync(join(tmpdir(), 'qpoe-client-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const script = join(import.meta.dirname, 'official_jobs.py');
  const { stdout } = await promisify(execFile)('python' in CLIENT ? CLIENT.python : '', [script], {
    env: { PATH: process.env.PATH, HOME: home, ...environment },
  });
  return JSON.parse(stdout.trim().split('\n').at(-1)!);
}

interface Imported {
  readonly workload: { readonly programs: readonly { readonly circuit?: string }[] };
  readonly execution: {
    readonly class: string;
    readonly job: { readonly job_id: string };
    readonly result_summary: readonly { readonly counts?: object; readonly values?: readonly number[] }[];
  };
}

function recordsOf(place: Place): Imported[] {
  return place
    .files()
    .filter((file) => file.includes('/records/'))
    .map((file) => JSON.parse(readFileSync(place.path(file), 'utf8')));
}

describe.skipIf(missing !== undefined)(`the official client (${missing ?? '0.51.0'})`, () => {
  it('runs on the emulator, and what is imported is what it saw', async () => {
    const python = ['--python', 'python' in QISKIT ? QISKIT.python : ''];
    const emulator = await serve(newPlace(), 'runtime', 'emulate', '--jobs-per-minute', '100', ...python);
    const environment = (emulator as unknown as { environment: Record<string, string> }).environment;
    const seen = await official(environment);
    const place = newPlace(environment);
    await output(place, 'runtime', 'import', '--all', ...python);
    const records = recordsOf(place);
    expect(records.map(({ execution }) => execution.class)).toEqual(['imported', 'imported']);
    const of = (job: string) => records.find(({ execution }) => execution.job.job_id === job)!;
    const sampler = of(seen.sampler.job);
    expect(sampler.execution.result_summary.map(({ counts }) => counts)).toEqual(seen.sampler.counts);
    expect(sampler.workload.programs.every(({ circuit }) => circuit?.startsWith('sha256:'))).toBe(true);
    const values = of(seen.estimator.job).execution.result_summary.flatMap((one) => one.values!);
    expect(values).toEqual(seen.estimator.values);
    expect(await output(place, 'verify', '.qpoe/records')).toMatch(/2 files: 2 pass/);
    await output(place, 'bundle', 'last', '--out', 'b.json');
    expect(await output(place, 'verify', 'b.json')).toMatch(/^PASS/);
    expect(await output(place, 'runtime', 'import', '--all')).toContain('2 jobs');
    expect(recordsOf(place)).toHaveLength(2);
  });

  it('reads the tags that we set, and we read the tags that it set', async () => {
    const python = ['--python', 'python' in QISKIT ? QISKIT.python : ''];
    const emulator = await serve(newPlace(), 'runtime', 'emulate', ...python);
    const environment = (emulator as unknown as { environment: Record<string, string> }).environment;
    const place = newPlace(environment);
    const receipt = attestReceipt(place, 'first');
    writeFileSync(
      place.path('bell.qasm'),
      'OPENQASM 3.0; include "stdgates.inc"; qubit[2] q; bit[2] c; h q[0]; cx q[0], q[1]; c = measure q;',
    );
    const submit = ['runtime', 'submit', 'bell.qasm', ...DEVICE, '--receipt', receipt, ...python];
    const { job_id: own } = JSON.parse(await output(place, ...submit, '--json'));
    const script = join(import.meta.dirname, 'official_tags.py');
    const node = dirname(process.execPath);
    const { stdout } = await promisify(execFile)(
      'python' in CLIENT ? CLIENT.python : '',
      [script, join(BIN, '../../../python'), receipt, own],
      { cwd: place.folder, env: { ...place.environment, PATH: `${node}:${process.env.PATH}` } },
    );
    const { job, tags, read } = JSON.parse(stdout.trim().split('\n').at(-1)!);
    expect(read).toEqual([...tags, expect.stringMatching(/^qpoe:/)]);
    // The same pair stands on a job of ours: that this one was meant too is said once.
    expect((await output(place, 'runtime', 'bind', job, '--receipt', receipt)).split('\n')[0]).toBe(
      `job ${job}: has the binding's two tags already`,
    );
    await output(place, 'runtime', 'import', job, ...python);
    for (const id of [own, job]) {
      expect(await output(place, 'runtime', 'bundle', id)).toContain('tags    as they are bound');
      expect(await output(place, 'verify', `${id}.qpoe.json`)).toContain('✓ pass    binding.match');
    }
    // In a store that submitted nothing, the tags alone are enough.
    const alone = newPlace({ ...environment, QPOE_HOME: place.home });
    cpSync(place.path('.qpoe/receipts'), alone.path('.qpoe/receipts'), { recursive: true });
    await output(alone, 'runtime', 'import', job, ...python);
    expect(recordsOf(alone)[0]!.execution.job).toMatchObject({ bound_by: 'tags' });
  });
});
