/** A person's folder with a logged receipt, and an emulator in this process, whose jobs and requests a test can reach. */

import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, onTestFinished } from 'vitest';
import { type Emulator, startEmulator } from '../src/runtime/emulator/emulator.ts';
import type { FaultHook } from '../src/runtime/emulator/faults.ts';
import { newPlace, type Place } from './cli.ts';
import { run } from './running.ts';

/** In the emulated device's instruction set: one qubit is 1, the other either. */
const ISA = `OPENQASM 3.0;
include "stdgates.inc";
bit[2] c;
x $0;
sx $1;
c[0] = measure $0;
c[1] = measure $1;
`;
export const DEVICE = ['--backend', 'qpoe_synthetic'];
export const AS_IS = [...DEVICE, '--as-is', '--shots', '50'];

export interface Lab {
  readonly emulator: Emulator;
  readonly place: Place;
  /** The receipt's id. */
  readonly receipt: string;
  /** Its two tags. */
  readonly tags: readonly [string, string];
  /** Every request so far: method and path. */
  readonly asked: string[];
  /** What happens at each; replaced by a test. */
  fault: FaultHook;
  runtime(...args: string[]): ReturnType<typeof run>;
  /** @returns the job's id */
  submit(...args: string[]): Promise<string>;
}

interface LabOptions {
  readonly jobsPerMinute?: number;
  readonly queueMs?: number;
  /** Making one takes a second. */
  readonly receipt?: false;
}

export async function newLab({ receipt: wanted, ...options }: LabOptions = {}): Promise<Lab> {
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const asked: string[] = [];
  const lab: { fault: FaultHook } = { fault: () => undefined };
  const emulator = await startEmulator({
    signal: stop.signal,
    python: { cacheDir: '/nonexistent', env: {} },
    jobsPerMinute: 1000,
    ...options,
    onRequest: (request) => {
      asked.push(`${request.method} ${request.path}`);
      return lab.fault(request);
    },
  });
  const place = newPlace(emulator.environment);
  const receipt = wanted === false ? '' : attestReceipt(place, 'first');
  const tags = wanted === false ? [] : tagsOf(place, receipt);
  writeFileSync(place.path('isa.qasm'), ISA);
  const runtime = (...args: string[]) => run(place, 'runtime', ...args);
  return Object.assign(lab, {
    emulator,
    place,
    receipt,
    tags: tags as [string, string],
    asked,
    runtime,
    submit: async (...args: string[]) => {
      const { code, stdout, stderr } = await runtime('submit', 'isa.qasm', ...AS_IS, ...args, '--json');
      expect(code, stderr).toBe(0);
      return JSON.parse(stdout).job_id as string;
    },
  });
}

const tagsOf = (place: Place, receipt: string): [string, string] =>
  JSON.parse(place.qpoe('runtime', 'tags', receipt, '--json').stdout).tags;

/** @returns the receipt's id */
export function attestReceipt(place: Place, message: string): string {
  const git = (...args: string[]): void => {
    const { status, stderr } = spawnSync('git', args, { cwd: place.folder, env: place.environment });
    expect(status, String(stderr)).toBe(0);
  };
  git('init', '-q', '-b', 'main');
  const person = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org'];
  git(...person, 'commit', '-q', '--allow-empty', '-m', message);
  const { code, stdout, stderr } = place.qpoe('attest', 'receipt', '--json');
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout).receipt_id;
}

export const recordsIn = (place: Place) =>
  place
    .files()
    .filter((file) => file.startsWith('.qpoe/records/'))
    .map((file) => JSON.parse(readFileSync(place.path(file), 'utf8')));

/** How many entries the store's log has. */
export const loggedIn = (place: Place): number =>
  Number(place.qpoe('log', 'checkpoint').stdout.split('\n')[1]);

export const posted = ({ asked }: Lab): number =>
  asked.filter((request) => request === 'POST /api/v1/jobs' || request === 'POST /experimental/api/v1/jobs')
    .length;

/** The one line that says what is wrong. */
export const line = (stderr: string): string =>
  stderr.split('\n').find((text) => text.startsWith('qpoe: ')) ?? stderr;

/** A job that is there already. */
export const seeded = (tags: readonly string[]) => ({
  tags,
  results: { results: [{ data: { c: { samples: ['0x1'], num_bits: 1 } }, metadata: {} }] },
});
