/**
 * 400 jobs of every kind on the emulator, every kind of request hit by every kind of fault, and `qpoe runtime import --all`
 * interrupted and killed on its way: at the end each job is one record, and what is gone is listed.
 */

import { type ChildProcess, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { expect, it, onTestFinished } from 'vitest';
import { type Emulator, startEmulator } from '../../src/runtime/emulator/emulator.ts';
import type { Fault, FaultHook } from '../../src/runtime/emulator/faults.ts';
import { newPlace, type Place } from '../cli.ts';
import { run } from '../running.ts';

const JOBS = 400;
const HUGE = 123;
const HUGE_SHOTS = 380_000;
const SELDOM_SPARED = 4;
const OFTEN_EVERY = 7;

const FAULTS: readonly Fault[] = [
  { kind: 'drop' },
  { kind: 'status', status: 429 },
  { kind: 'cut' },
  { kind: 'status', status: 500 },
  { kind: 'truncate' },
  { kind: 'status', status: 503 },
  { kind: 'garbage' },
  { kind: 'slow', ms: 100 },
];

/** The requests of an import; job ids and names of devices are `*`. */
const KINDS: Readonly<Record<string, RegExp>> = {
  token: /^\/identity\/token$/,
  search: /^\/v3\/resources\/search$/,
  list: /\/jobs$/,
  job: /\/jobs\/[^/]+$/,
  metrics: /\/metrics$/,
  results: /\/results$/,
  configuration: /\/configuration$/,
  properties: /\/properties$/,
};
const OFTEN = ['job', 'metrics', 'results'];

const named = (fault: Fault): string => (fault.kind === 'status' ? String(fault.status) : fault.kind);
const kindOf = (path: string): string => Object.entries(KINDS).find(([, form]) => form.test(path))![0];

interface Asked {
  readonly path: string;
  readonly fault: string | undefined;
}

/**
 * A kind of request that comes once for each job meets the next fault every so often, for ever. One that comes seldom meets each
 * once, three in a row: the client asks five times. @param seen is told of each request
 */
function faultsOf(seen: (asked: Asked) => void): FaultHook {
  const met = new Map<string, { count: number; faults: number }>();
  return ({ path }) => {
    const kind = kindOf(path);
    const state = met.get(kind) ?? { count: 0, faults: 0 };
    met.set(kind, state);
    const isOften = OFTEN.includes(kind);
    const isDue = isOften ? ++state.count % OFTEN_EVERY === 0 : ++state.count % SELDOM_SPARED !== 0;
    const fault = isDue ? FAULTS[isOften ? state.faults++ % FAULTS.length : state.faults++] : undefined;
    seen({ path, fault: fault === undefined ? undefined : named(fault) });
    return fault;
  };
}

type Fate = 'kept' | 204 | 403 | 404 | 410;

/** What becomes of the job with this number. */
function planOf(at: number) {
  const status =
    at % 17 === 5 ? 'Failed' : at % 19 === 7 ? 'Cancelled' : at % 23 === 9 ? 'Queued' : 'Completed';
  const fate: Fate =
    status === 'Completed' && at !== HUGE
      ? (({ 1: 204, 3: 404, 6: 410, 8: 403 } as Record<number, Fate>)[at % 37] ?? 'kept')
      : 'kept';
  return {
    at,
    status,
    fate,
    program: at % 3 === 2 ? 'estimator' : 'sampler',
    isPrivate: at % 7 === 4 && fate === 'kept' && at !== HUGE,
  } as const;
}
type Plan = ReturnType<typeof planOf>;

const BELL = 'OPENQASM 3.0; include "stdgates.inc"; bit[10] c; x $0; c[0] = measure $0;';
const SWEPT = 'OPENQASM 3.0; include "stdgates.inc"; input angle theta; rz(theta) $0; sx $0;';

function seed(emulator: Emulator, plan: Plan): string {
  const { at, status, fate, program, isPrivate } = plan;
  const over = status === 'Completed';
  return emulator.seedJob({
    program,
    status: status as 'Completed',
    fate,
    private: isPrivate,
    created: Date.UTC(2026, 0, 1) + at * 3_600_000,
    tags: at % 2 === 0 ? ['sweep', `aiir:sha256:${'ab'.repeat(32)}`] : [],
    ...(at % 5 === 0 ? { sessionId: `session-${Math.floor(at / 25)}` } : {}),
    ...(at % 4 === 0 ? { userId: 'IBMid-ANOTHER' } : {}),
    ...(status === 'Failed' ? { reason: 'The circuit is not ISA.' } : {}),
    params: paramsOf(plan),
    ...(over ? { results: at === HUGE ? hugeResults() : resultsOf(plan) } : {}),
  });
}

function paramsOf({ at, program }: Plan) {
  const pubs =
    at === HUGE
      ? [[BELL, null, HUGE_SHOTS]]
      : program === 'sampler'
        ? [
            [BELL, null, 4],
            [BELL, null, 2],
          ]
        : [[SWEPT, 'Z', [[0.1], [at]]]];
  return { pubs, version: 2, options: { dynamical_decoupling: { enable: true } } };
}

/** Different for each job. */
function resultsOf({ at, program }: Plan) {
  const one = `0x${at.toString(16)}`;
  const register = (samples: string[]) => ({ data: { c: { samples, num_bits: 10 } }, metadata: {} });
  const results =
    program === 'sampler'
      ? [register([one, '0x0', one, one]), register([one, '0x0'])]
      : [{ data: { evs: [0.5, at / 1000], stds: [0.01, 0.02] }, metadata: {} }];
  return { results, metadata: {} };
}

/** More than 16 MB, hardly one outcome twice. */
function hugeResults(): Uint8Array {
  const sample = (shot: number) => `"0x${(shot * 2_654_435_761).toString(16).padStart(40, '5')}"`;
  const samples = Array.from({ length: HUGE_SHOTS }, (_, shot) => sample(shot)).join(',');
  return Buffer.from(
    `{"results":[{"data":{"c":{"samples":[${samples}],"num_bits":160}},"metadata":{}}],"metadata":{}}`,
  );
}

interface Imported {
  readonly workload: { readonly shots: number };
  readonly execution: {
    readonly result_summary: readonly Record<string, unknown>[];
    readonly job: Record<string, never> & {
      readonly job_id: string;
      readonly private: boolean;
      readonly status: string;
      readonly session_id?: string;
      readonly results: { readonly state: string; readonly http_status: number };
    };
  };
}

const recordsOf = (place: Place): readonly Imported[] =>
  place
    .files()
    .filter((file) => file.startsWith('.qpoe/records/'))
    .map((file) => JSON.parse(readFileSync(place.path(file), 'utf8')));

/** Where an import is stopped: after so many requests of its own. */
const STOPS: readonly (readonly [number, NodeJS.Signals])[] = [
  [1, 'SIGKILL'],
  [4, 'SIGINT'],
  [30, 'SIGKILL'],
  [90, 'SIGINT'],
  [160, 'SIGKILL'],
  [201, 'SIGKILL'],
  [250, 'SIGINT'],
];
/** Garbage in the place of a token or a list ends an import, too. */
const MOST_RUNS = 30;

const expectedSummary = (plan: Plan) => {
  const one = plan.at.toString(2).padStart(10, '0');
  const zero = '0'.repeat(10);
  const counts = (times: number) => (plan.at === 0 ? { [zero]: times + 1 } : { [zero]: 1, [one]: times });
  return plan.program === 'sampler'
    ? [
        { kind: 'counts', bits: 10, counts: counts(3) },
        { kind: 'counts', bits: 10, counts: counts(1) },
      ]
    : // A private job's circuits and values are told to no one: what they were points of isn't known.
      plan.isPrivate
      ? [{ kind: 'expectation', values: [0.5, plan.at / 1000], std_errors: [0.01, 0.02] }]
      : [0.5, plan.at / 1000].map((value, point) => ({
          kind: 'expectation',
          values: [value],
          std_errors: [[0.01, 0.02][point]],
        }));
};

it('imports 400 jobs through every fault and interruption: each once', async () => {
  const asked: Asked[] = [];
  let watch: (count: number) => void = () => {};
  let inRun = 0;
  let isCalm = false;
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const faults = faultsOf((request) => {
    asked.push(request);
    watch(++inRun);
  });
  const emulator = await startEmulator({
    signal: stop.signal,
    python: { cacheDir: tmpdir(), env: {} },
    onRequest: (request) => {
      const fault = faults(request);
      return isCalm ? undefined : fault;
    },
    tokenSeconds: 5,
    latencyMs: 1,
  });
  const jobs = new Map(
    Array.from({ length: JOBS }, (_, at) => planOf(at)).map((plan) => [seed(emulator, plan), plan]),
  );
  // By its name, so that it is searched for.
  const place = newPlace({ ...emulator.environment, QISKIT_IBM_INSTANCE: 'qpoe-emulator' });

  /** Killed while results of a private job were on their way: they may have been lost. */
  const atRisk = new Set<string>();
  let code: number | null = null;
  let runs = 0;
  for (const stops = [...STOPS]; code !== 0 && runs < MOST_RUNS; runs++) {
    const next = stops.shift();
    const child: ChildProcess = place.start('runtime', 'import', '--all', '--csv', 'gone.csv');
    let said = '';
    child.stderr!.on('data', (chunk) => {
      said += chunk;
    });
    inRun = 0;
    watch = (count) => {
      if (next === undefined || count !== next[0]) return;
      child.kill(next[1]);
      for (const { path } of asked.slice(-20)) atRisk.add(path);
    };
    [code] = (await once(child, 'close')) as [number | null];
    expect([0, 4, 130, null], said).toContain(code);
    expect(said, said).not.toMatch(/\n\s+at /);
  }
  watch = () => {};
  expect(code).toBe(0);
  expect(runs).toBeGreaterThanOrEqual(STOPS.length);

  for (const kind of Object.keys(KINDS)) {
    const met = asked.filter(({ path }) => kindOf(path) === kind).map(({ fault }) => fault);
    for (const fault of FAULTS) expect(met, `${kind} met ${named(fault)}`).toContain(named(fault));
  }

  const records = recordsOf(place);
  const expected = [...jobs].filter(([, { status, fate }]) => status !== 'Queued' && fate !== 403);
  expect(records.map(({ execution }) => execution.job.job_id).sort()).toEqual(
    expected.map(([id]) => id).sort(),
  );
  const lost: string[] = [];
  for (const { workload, execution } of records) {
    const { job } = execution;
    const plan = jobs.get(job.job_id)!;
    const context = JSON.stringify({ plan, job: job.results });
    expect(job.status, context).toBe(plan.status);
    expect(job.private, context).toBe(plan.isPrivate);
    if (plan.at % 5 === 0) expect(job.session_id, context).toBe(`session-${Math.floor(plan.at / 25)}`);
    const path = `/experimental/api/v1/jobs/${job.job_id}/results`;
    const met = asked.filter((request) => request.path === path).map(({ fault }) => fault);
    if (plan.status !== 'Completed') expect(job.results.state, context).toBe('none');
    else if (plan.fate !== 'kept')
      expect(job.results, context).toMatchObject({ state: 'none', http_status: plan.fate });
    else if (plan.at === HUGE) expect(workload.shots).toBe(HUGE_SHOTS);
    else if (plan.isPrivate && met.some((fault) => ['cut', 'truncate', 'garbage'].includes(fault ?? '')))
      // Given once, and not whole: nothing brings it back.
      expect(execution.result_summary, context).toEqual([{ kind: 'none' }]);
    else if (plan.isPrivate && job.results.state !== 'read') {
      expect(atRisk, context).toContain(path);
    } else expect(execution.result_summary, context).toEqual(expectedSummary(plan));
    if (plan.isPrivate && !atRisk.has(path))
      expect(
        met.filter((fault) => fault === undefined || fault === 'slow').length,
        context,
      ).toBeLessThanOrEqual(
        // One that gave them; or, where the one before lost them, one that says so.
        1,
      );
    if (plan.status === 'Completed' && job.results.state !== 'read') lost.push(job.job_id);
  }

  const csv = readFileSync(place.path('gone.csv'), 'utf8').trimEnd().split('\r\n').slice(1);
  const theirs = [...jobs].filter(([, { fate }]) => fate === 403).map(([id]) => id);
  expect(csv.map((row) => row.split(',')[0]).sort()).toEqual([...lost, ...theirs].sort());
  expect(theirs.length).toBeGreaterThan(3);

  isCalm = true;
  const before = asked.length;
  const again = await run(place, 'runtime', 'import', '--all', '--csv', 'again.csv');
  expect(again.code, again.stderr).toBe(0);
  expect(again.stdout).toMatch(
    new RegExp(`^${JOBS} jobs: 0 recorded\n {2}${records.length} recorded already\n`),
  );
  const kinds = new Set(asked.slice(before).map(({ path }) => kindOf(path)));
  // Only what isn't finished, or not given, is asked for again.
  expect([...kinds].filter((kind) => ['configuration', 'properties'].includes(kind))).toEqual([]);
  expect(recordsOf(place)).toHaveLength(records.length);
  expect(readFileSync(place.path('again.csv'), 'utf8').length).toBe(
    readFileSync(place.path('gone.csv'), 'utf8').length,
  );

  const verified = await run(place, 'verify', '.qpoe/records');
  expect(verified.stdout).toContain(`${records.length} files: ${records.length} pass`);
  expect(verified.code).toBe(0);
  expect((await run(place, 'log', 'checkpoint')).stdout.split('\n')[1]).toBe(String(records.length));
  expect((await run(place, 'log', 'fsck')).code).toBe(0);
  const doctor = await run(place, 'doctor');
  expect(doctor.code, doctor.stdout).toBe(0);
  expect(
    execFileSync('find', [place.path('.qpoe'), '-name', '.tmp-*', '-o', '-name', '*.part']).toString(),
  ).toBe('');
}, 900_000);
