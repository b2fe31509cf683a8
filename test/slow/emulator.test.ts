/**
 * The official client, as it comes from PyPI, against the emulator: a script that knows nothing of it. Its circuits go out as
 * QPY, and are read by the Qiskit of the project's own environment.
 */

import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { deflateSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readOpenQasm } from '../../src/circuit/read-openqasm.ts';
import { type Device, makeDevice } from '../../src/runtime/emulator/device.ts';
import { type EmulatorOptions, startEmulator } from '../../src/runtime/emulator/emulator.ts';
import { aerEngine } from '../../src/runtime/emulator/engine.ts';
import { readProgramText } from '../../src/runtime/emulator/program-text.ts';
import { syntheticDevice } from '../../src/runtime/emulator/synthetic-device.ts';
import { sampleCounts } from '../../src/simulator/sampler.ts';
import { findRuntimePython } from '../runtime-python.ts';
import { describeVectors, readVector } from '../shared-vectors.ts';
import { cacheDir, findTestPython } from '../test-python.ts';

const CLIENT = findRuntimePython();
const QISKIT = await findTestPython('qiskit');
const missing = 'reason' in CLIENT ? CLIENT.reason : 'reason' in QISKIT ? QISKIT.reason : undefined;
const describeClient = (name: string, suite: () => void): void => {
  if (missing === undefined) describe(name, suite);
  else describe.skip(name, () => it(`no official client or no Qiskit: ${missing}`, () => undefined));
};

const python = { python: 'python' in QISKIT ? QISKIT.python : undefined, cacheDir, env: process.env };

async function start(options: Partial<EmulatorOptions> = {}) {
  const controller = new AbortController();
  const emulator = await startEmulator({ signal: controller.signal, python, jobsPerMinute: 100, ...options });
  onTestFinished(async () => {
    controller.abort();
    await emulator.closed;
  });
  return emulator;
}

interface Report {
  readonly backend: string;
  readonly qubits: number;
  readonly sampler: {
    readonly seed: number;
    readonly shots: number;
    readonly programs: readonly { readonly text: string; readonly counts: Record<string, number> }[];
    readonly shape: readonly number[];
    readonly span: number;
    readonly usage: number;
    readonly metrics: { readonly qiskit_version: string; readonly timestamps: Record<string, string> };
  };
  readonly again: Record<string, unknown>;
  readonly estimator: {
    readonly values: readonly (readonly number[])[];
    readonly errors: readonly (readonly number[])[];
    readonly expected: readonly (readonly number[])[];
    readonly session: readonly string[];
    readonly in_session: boolean;
  };
  readonly batch: readonly number[];
  readonly private: readonly [number, string];
  readonly refused: string;
  readonly failed: string;
}

async function runScript(environment: Readonly<Record<string, string>>): Promise<Report> {
  const client = 'python' in CLIENT ? CLIENT.python : '';
  const { stdout } = await promisify(execFile)(client, [join(import.meta.dirname, 'official_client.py')], {
    env: { PATH: process.env.PATH, HOME: tmpdir(), ...environment },
    maxBuffer: 2 ** 26,
  });
  return JSON.parse(stdout.trim().split('\n').at(-1)!);
}

/** On all the circuit's qubits, idle ones too: they change no draw. */
function ownCounts(text: string, shots: number, seed: number, program: number): Record<string, number> {
  const { circuit } = readOpenQasm(readProgramText(text).text, 'official');
  return Object.fromEntries(sampleCounts(circuit, shots, seed, program));
}

function checkReport(report: Report, { ownSimulator }: { ownSimulator: boolean }): void {
  const { sampler, estimator } = report;
  expect(sampler.programs).toHaveLength(8);
  for (const [index, { text, counts }] of sampler.programs.entries()) {
    expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(sampler.shots);
    if (ownSimulator)
      expect(counts, `program ${index}`).toEqual(ownCounts(text, sampler.shots, sampler.seed, index));
  }
  expect([sampler.shape, sampler.span, sampler.usage]).toEqual([[2, 3], 8 * sampler.shots, 1]);
  expect(sampler.metrics.qiskit_version).toMatch(/^2\.\d+\.\d+$/);
  expect(report.again).toEqual({
    same: true,
    circuit: true,
    tags: ['from-python'],
    updated: ['a', 'b'],
    found: true,
    properties: true,
  });
  for (const [row, values] of estimator.values.entries())
    for (const [at, value] of values.entries()) expect(value).toBeCloseTo(estimator.expected[row]![at]!, 9);
  expect(Math.max(...estimator.errors.flat())).toBeGreaterThan(0.015);
  expect(Math.max(...estimator.errors.flat())).toBeLessThan(0.03);
  expect(estimator.session).toEqual(['In progress, accepting new jobs', 'Closed']);
  expect(estimator.in_session).toBe(true);
  expect(report.batch).toEqual([10, 20, 30]);
  expect(report.private[0]).toBe(10);
  expect(report.private[1]).toMatch(/404 .*no longer there/);
  expect(report.refused).toMatch(/^IBMInputValueError: .*The instruction h on qubits/);
  expect(report.failed).toMatch(
    /^RuntimeJobFailureError: .*Error code 1517; The instruction h on qubits \(0,\)/,
  );
}

describeClient('the official client', () => {
  it('runs sampler and estimator on the small device, and gets what the simulator gives', async () => {
    const emulator = await start();
    const report = await runScript(emulator.environment);
    expect([report.backend, report.qubits]).toEqual(['qpoe_synthetic', 7]);
    checkReport(report, { ownSimulator: true });
  });

  it('does so while every third answer is an error of the service', async () => {
    const asked: string[] = [];
    const emulator = await start({
      // What its own retries are made for; the rest of its script takes each answer as it is.
      onRequest: ({ method, path }) => {
        asked.push(path);
        return method === 'GET' && asked.length % 3 === 0 ? { kind: 'status', status: 503 } : undefined;
      },
    });
    const report = await runScript(emulator.environment);
    checkReport(report, { ownSimulator: true });
    expect(asked.length).toBeGreaterThan(60);
  });

  it('is told where its QPY is none', async () => {
    const emulator = await start();
    const { apiUrl, url, apiKey, crn } = emulator;
    const form = new URLSearchParams({
      grant_type: 'urn:ibm:params:oauth:grant-type:apikey',
      apikey: apiKey,
    });
    const token = await fetch(`${url}/identity/token`, { method: 'POST', body: form });
    const { access_token } = (await token.json()) as { access_token: string };
    const circuit = {
      __type__: 'QuantumCircuit',
      __value__: deflateSync(Buffer.from('QISKIT nothing')).toString('base64'),
    };
    const response = await fetch(`${apiUrl}/jobs`, {
      method: 'POST',
      headers: { authorization: `Bearer ${access_token}`, 'service-crn': crn },
      body: JSON.stringify({
        program_id: 'sampler',
        backend: 'qpoe_synthetic',
        params: { pubs: [[circuit]] },
      }),
    });
    const { id } = (await response.json()) as { id: string };
    await emulator.idle();
    expect(emulator.job(id)).toMatchObject({
      status: 'Failed',
      reason: expect.stringMatching(/^PUB 0: the circuit can't be written as OpenQASM 3: ./),
    });
  });

  it('is told of a wrong key', async () => {
    const emulator = await start();
    await expect(runScript({ ...emulator.environment, QISKIT_IBM_TOKEN: 'wrong' })).rejects.toThrow(
      /valid API token/,
    );
  });

  describeVectors('and a real device', 'ibm', () => {
    it('of 156 qubits', async () => {
      const device: Device = makeDevice(
        JSON.parse(readVector('ibm/conf_kingston.json').toString()),
        [JSON.parse(readVector('ibm/props_kingston.json').toString())],
        'kingston',
      );
      const emulator = await start({ devices: [device] });
      const report = await runScript(emulator.environment);
      expect([report.backend, report.qubits]).toEqual(['ibm_kingston', 156]);
      checkReport(report, { ownSimulator: false });
    });
  });
});

describe.skipIf('reason' in QISKIT)('Aer with the errors of the calibration', () => {
  it('reads a qubit wrong as often as the calibration says, and errs at gates', async () => {
    const signal = new AbortController().signal;
    const { properties } = syntheticDevice().calibrations[0]!;
    const engine = aerEngine(python);
    const shots = 100_000;
    const wrong = async (text: string, physical: number[]) => {
      const { circuit } = readOpenQasm(`OPENQASM 3.0; include "stdgates.inc"; ${text}`, 't');
      const [counts] = await engine.sample([{ circuit, physical, shots }], 5, properties, signal);
      return { one: (counts!.get('1') ?? 0) / shots, zero: (counts!.get('0') ?? 0) / shots };
    };
    const stated = (name: string) => properties.qubits[5]!.find((entry) => entry.name === name)!.value;
    const near = (p: number) => 5 * Math.sqrt((p * (1 - p)) / shots);
    const one = stated('prob_meas1_prep0');
    const idle = await wrong('qubit[1] q; bit[1] c; c[0] = measure q[0];', [5]);
    expect(Math.abs(idle.one - one)).toBeLessThan(near(one));
    const zero = stated('prob_meas0_prep1');
    const flipped = await wrong('qubit[1] q; bit[1] c; x q[0]; c[0] = measure q[0];', [5]);
    const gate = properties.gates.find((entry) => entry.gate === 'x' && entry.qubits[0] === 5)!;
    // Of an average error r of one qubit, the state is flipped with the probability r.
    const r = gate.parameters.find((entry) => entry.name === 'gate_error')!.value;
    const expected = zero * (1 - r) + (1 - one) * r;
    expect(Math.abs(flipped.zero - expected)).toBeLessThan(near(expected));
    const many = await wrong(`qubit[1] q; bit[1] c; ${'x q[0]; '.repeat(1000)} c[0] = measure q[0];`, [5]);
    const left = 0.5 + 0.5 * (1 - 2 * r) ** 1000;
    const after = (1 - left) * (1 - zero) + left * one;
    expect(Math.abs(many.one - after)).toBeLessThan(near(after) + 0.002);
  });
});
