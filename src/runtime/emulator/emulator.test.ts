/** The emulator as a client meets it: requests and answers. The official client's own run is in test/slow. */

import { deflateSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { describeVectors, readVector } from '../../../test/shared-vectors.ts';
import { readOpenQasm } from '../../circuit/read-openqasm.ts';
import { sampleCounts } from '../../simulator/sampler.ts';
import { makeDevice } from './device.ts';
import { type Emulator, type EmulatorOptions, startEmulator } from './emulator.ts';
import { readFaults } from './faults.ts';
import { readNpy } from './npy.ts';
import { unpack } from './typed-value.ts';

const BELL = `OPENQASM 3.0; include "stdgates.inc";
bit[2] c;
rz(pi/2) $0; sx $0; rz(pi/2) $0;
rz(pi/2) $1; sx $1; rz(pi/2) $1;
cz $0, $1;
rz(pi/2) $1; sx $1; rz(pi/2) $1;
c[0] = measure $0; c[1] = measure $1;`;
const SWEPT = `OPENQASM 3.0; include "stdgates.inc";
input float[64] theta; input float[64] phi;
bit[1] a; bit[2] b; qubit[3] q;
sx q[1]; rz(theta) q[1]; delay[100dt] q[1]; sx q[1]; rz(phi) q[1];
a[0] = measure q[1]; b[1] = measure q[2];`;
const H = 'OPENQASM 3.0; include "stdgates.inc"; qubit[1] q; bit[1] c; h q[0]; c[0] = measure q[0];';

async function start(options: Partial<EmulatorOptions> = {}) {
  const controller = new AbortController();
  const emulator = await startEmulator({
    signal: controller.signal,
    python: { python: '/no/python', cacheDir: '/no/cache', env: {} },
    jobsPerMinute: 1000,
    ...options,
  });
  onTestFinished(async () => {
    controller.abort();
    await emulator.closed;
  });
  const client = clientOf(emulator);
  await client.login();
  return { emulator, client };
}

type Client = ReturnType<typeof clientOf>;

function clientOf({ url, apiUrl, apiKey, crn }: Emulator) {
  const headers: Record<string, string> = { 'service-crn': crn, 'ibm-api-version': '2026-04-15' };
  const token = async (key: string) => {
    const body = new URLSearchParams({ grant_type: 'urn:ibm:params:oauth:grant-type:apikey', apikey: key });
    const response = await fetch(`${url}/identity/token`, { method: 'POST', body });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const ask = async (
    method: string,
    path: string,
    body?: unknown,
    extra: Record<string, string | undefined> = {},
  ) => {
    const all = Object.entries({ ...headers, ...extra }).filter(([, value]) => value !== undefined);
    const response = await fetch(`${apiUrl}${path}`, {
      method,
      headers: Object.fromEntries(all) as Record<string, string>,
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson ? JSON.parse(text) : undefined,
    };
  };
  return {
    token,
    ask,
    login: async () => {
      headers.authorization = `Bearer ${(await token(apiKey)).body.access_token}`;
    },
    get: (path: string) => ask('GET', path),
  };
}

async function submit(client: Client, params: object, more: object = {}, program_id = 'sampler') {
  const { status, body } = await client.ask('POST', '/jobs', {
    program_id,
    backend: 'qpoe_synthetic',
    params,
    ...more,
  });
  expect(status, JSON.stringify(body)).toBe(200);
  return String(body.id);
}

async function outcome(
  client: Client,
  emulator: Emulator,
  params: object,
  program = 'sampler',
  more: object = {},
) {
  const id = await submit(client, params, more, program);
  await emulator.idle();
  const { body: job } = await client.get(`/jobs/${id}`);
  return { id, job, results: (await client.get(`/jobs/${id}/results`)).body };
}

const tally = (samples: readonly string[]) => {
  const counts: Record<string, number> = {};
  for (const sample of samples) counts[sample] = (counts[sample] ?? 0) + 1;
  return counts;
};
/** Of our own simulator, its keys as the API writes them. */
function expected(
  text: string,
  shots: number,
  seed: number,
  program: number,
  values = new Map<string, number>(),
) {
  const counts = sampleCounts(readOpenQasm(text, 't', values).circuit, shots, seed, program);
  return Object.fromEntries(
    [...counts].map(([key, count]) => [`0x${Number.parseInt(key, 2).toString(16)}`, count]),
  );
}

describe('who asks', () => {
  it('takes a token for the key, and nothing without both token and instance', async () => {
    const { client } = await start();
    expect(await client.token('wrong')).toMatchObject({ status: 400, body: { errorCode: 'BXNIM0415E' } });
    const refused = await client.ask('GET', '/jobs', undefined, { authorization: 'Bearer x.y.z' });
    expect(refused.status).toBe(401);
    expect(refused.body).toEqual({
      trace: expect.stringMatching(/^[0-9a-f-]{36}$/),
      errors: [
        { code: expect.any(String), message: expect.stringMatching(/token/), more_info: expect.any(String) },
      ],
    });
    expect((await client.ask('GET', '/jobs', undefined, { authorization: undefined })).status).toBe(401);
    expect((await client.ask('GET', '/jobs', undefined, { 'service-crn': undefined })).status).toBe(400);
    expect((await client.ask('GET', '/jobs', undefined, { 'service-crn': 'crn:v1:other' })).status).toBe(403);
    expect((await client.ask('GET', '/jobs', undefined, { 'ibm-api-version': 'newest' })).status).toBe(400);
    expect((await client.ask('GET', '/jobs', undefined, { 'ibm-api-version': '9026-01-01' })).status).toBe(
      400,
    );
    const answered = await client.get('/jobs');
    expect([answered.status, answered.headers.get('ibm-api-version')]).toEqual([200, '2026-04-15']);
  });

  it('lets a token expire by the service’s clock, and all of them at once', async () => {
    let now = Date.parse('2026-05-01T00:00:00Z');
    const { client, emulator } = await start({ tokenSeconds: 60, now: () => now });
    expect((await client.get('/jobs')).status).toBe(200);
    now += 61_000;
    const late = await client.get('/jobs');
    expect([late.status, late.headers.get('date')]).toEqual([401, 'Fri, 01 May 2026 00:01:01 GMT']);
    await client.login();
    expect((await client.get('/jobs')).status).toBe(200);
    emulator.expireTokens();
    expect((await client.get('/jobs')).status).toBe(401);
  });

  it('takes five jobs a minute from a user, unless told otherwise', async () => {
    let now = Date.now();
    const { client } = await start({ jobsPerMinute: 5, now: () => now });
    const job = { program_id: 'sampler', backend: 'qpoe_synthetic', params: { pubs: [[BELL, null, 1]] } };
    for (let sent = 0; sent < 5; sent++) expect((await client.ask('POST', '/jobs', job)).status).toBe(200);
    now += 20_000;
    const refused = await client.ask('POST', '/jobs', job);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '40']);
    now += 40_000;
    expect((await client.ask('POST', '/jobs', job)).status).toBe(200);
  });
});

describe('devices', () => {
  it('shows the made-up one as a real one is shown', async () => {
    const { client } = await start();
    const { body } = await client.get('/backends');
    expect(body.devices).toMatchObject([
      { name: 'qpoe_synthetic', queue_length: 0, status: { name: 'online' } },
    ]);
    const { body: configuration } = await client.get('/backends/qpoe_synthetic/configuration');
    expect(configuration).toMatchObject({ n_qubits: 7, basis_gates: ['cz', 'id', 'rz', 'sx', 'x'] });
    const { body: properties } = await client.get('/backends/qpoe_synthetic/properties');
    expect(properties.qubits).toHaveLength(7);
    expect((await client.get('/backends/qpoe_synthetic/status')).body).toMatchObject({
      state: true,
      length_queue: 0,
    });
    expect((await client.get('/backends/ibm_none/status')).status).toBe(404);
  });

  it('gives the calibration of a time, or by its id', async () => {
    const snapshot = (last_update_date: string) => ({
      backend_name: 'd',
      last_update_date,
      qubits: [],
      gates: [],
    });
    const device = makeDevice(
      {
        backend_name: 'd',
        backend_version: '1.0.0',
        n_qubits: 1,
        basis_gates: ['x'],
        gates: [],
        coupling_map: [],
        max_shots: 10,
      },
      [snapshot('2026-02-01T00:00:00Z'), snapshot('2026-01-01T00:00:00Z')],
      'd',
    );
    const { client } = await start({ devices: [device] });
    const at = async (query: string) => {
      const { status, body } = await client.get(`/backends/d/properties${query}`);
      return status === 200 ? body.last_update_date : status;
    };
    expect(await at('')).toBe('2026-02-01T00:00:00Z');
    expect(await at('?updated_before=2026-01-15T00:00:00Z')).toBe('2026-01-01T00:00:00Z');
    expect(await at('?updated_before=2025-01-15T00:00:00Z')).toBe(404);
    expect(await at('?updated_before=never')).toBe(400);
    expect(await at(`?calibration_id=${device.calibrations[0]!.id}`)).toBe('2026-01-01T00:00:00Z');
    expect(await at('?calibration_id=none')).toBe(404);
  });
});

describe('the sampler', () => {
  it('gives what the simulator gives: several PUBs, a sweep, several registers', async () => {
    const { client, emulator } = await start();
    const thetas = [
      [0, 0.1],
      [0.5, 0.2],
      [3, 0.3],
    ];
    const { job, results } = await outcome(client, emulator, {
      pubs: [[BELL, null, 300], [SWEPT, thetas, 200], [SWEPT, { theta: [[0.1], [0.2]], phi: 0.5 }], BELL],
      options: { default_shots: 50, simulator: { seed_simulator: 9 } },
      version: 2,
    });
    expect(job.state).toEqual({ status: 'Completed' });
    const [bell, sweep, named, plain] = results.results;
    expect(bell.data.c.num_bits).toBe(2);
    expect(tally(bell.data.c.samples)).toEqual(expected(BELL, 300, 9, 0));
    const text = SWEPT.replace('delay[100dt] q[1];', '');
    for (const [at, [theta, phi]] of thetas.entries()) {
      const values = new Map([
        ['theta', theta!],
        ['phi', phi!],
      ]);
      expect(tally(sweep.data.a.samples[at])).toEqual(expected(text, 200, 9, 1 + at, values));
      expect(tally(sweep.data.b.samples[at])).toEqual({ '0x0': 200 });
    }
    expect(named.data.a.samples.map((row: string[][]) => row.map((set) => set.length))).toEqual([[50], [50]]);
    expect(plain.data.c.samples).toHaveLength(50);
  });

  it('packs the same shots for the official client', async () => {
    const { client, emulator } = await start();
    const wide = `OPENQASM 3.0; include "stdgates.inc"; bit[11] w; x $0; w[9] = measure $0; w[0] = measure $1;`;
    const params = { pubs: [[wide, null, 3]], options: { simulator: { seed_simulator: 1 } } };
    const { results } = await outcome(client, emulator, { ...params, support_qiskit: true });
    expect(results.__type__).toBe('PrimitiveResult');
    const [pub] = results.__value__.pub_results;
    expect(pub.__type__).toBe('SamplerPubResult');
    const bin = pub.__value__.data.__value__;
    expect([bin.field_names, bin.shape]).toEqual([['w'], []]);
    const bits = bin.fields.w.__value__;
    const array = readNpy(unpack(bits.array.__value__));
    expect([bits.num_bits, array.shape, Array.from(array.values)]).toEqual([11, [3, 2], [2, 0, 2, 0, 2, 0]]);
    const spans = results.__value__.metadata.execution.execution_spans.__value__.spans;
    expect(spans[0].__value__.data_slices).toEqual({ 0: [[3], 0, 1, 0, 3] });
    const { results: plain } = await outcome(client, emulator, params);
    expect(plain.results[0].data.w.samples).toEqual(['0x200', '0x200', '0x200']);
  });

  it('seeds a job that names no seed by its place, the same after each start', async () => {
    const run = async () => {
      const { client, emulator } = await start({ seed: 40 });
      const first = await outcome(client, emulator, { pubs: [[BELL, null, 100]] });
      const second = await outcome(client, emulator, { pubs: [[BELL, null, 100]] });
      return [first.results.results[0].data.c.samples, second.results.results[0].data.c.samples, first.id];
    };
    const [one, two] = [await run(), await run()];
    expect(one.slice(0, 2)).toEqual(two.slice(0, 2));
    expect(one[0]).not.toEqual(one[1]);
    expect(one[2]).not.toBe(two[2]);
    expect(tally(one[1] as string[])).toEqual(expected(BELL, 100, 41, 0));
  });

  it.each([
    ['a gate that the device lacks', [H], 1517, 'The instruction h on qubits (0,) is not supported'],
    ['two qubits without a coupler', [BELL.replace('cz $0, $1', 'cz $0, $4')], 1517, 'cz on qubits (0, 4)'],
    ['a controlled gate', [BELL.replace('cz $0', 'ctrl @ z $0')], 1517, 'ctrl @ z on qubits (0, 1)'],
    ['a qubit too many', [BELL.replaceAll('$1', '$7')], 1517, 'on qubits (7,)'],
    ['no text at all', ['qreg q'], undefined, 'circuit'],
    [
      'no measurement',
      ['OPENQASM 3.0; include "stdgates.inc"; bit[1] c; x $0;'],
      undefined,
      'no measurements',
    ],
    ['too few values', [SWEPT, [[1]]], undefined, 'for 2 parameters'],
    ['an unknown name', [SWEPT, { theta: 1, psi: 2 }], undefined, 'no parameter is named "psi"'],
    ['too many shots', [BELL, null, 100_001], undefined, 'the backend takes 100000'],
  ])('fails the job over %s', async (_, pub, code, message) => {
    const { client, emulator } = await start();
    const { id, job } = await outcome(client, emulator, { pubs: [pub] });
    expect(job.state).toMatchObject({ status: 'Failed', reason: expect.stringContaining(message) });
    expect(job.state.reason_code).toBe(code);
    expect((await client.get(`/jobs/${id}/results`)).status).toBe(204);
    expect((await client.get(`/jobs/${id}/logs`)).text).toContain(message);
  });

  it('fails a QPY job where there is no Qiskit, and says what to do', async () => {
    const { client, emulator } = await start();
    const circuit = {
      __type__: 'QuantumCircuit',
      __value__: deflateSync(Buffer.from('QISKIT')).toString('base64'),
    };
    const { job } = await outcome(client, emulator, { pubs: [[circuit]] });
    expect(job.state.reason).toMatch(/only Qiskit reads: .*\/no\/python.*submit OpenQASM 3 text/);
  });

  it('runs conditions and resets, where the device has them', async () => {
    const { client, emulator } = await start();
    const text = `OPENQASM 3.0; include "stdgates.inc"; bit[2] c;
      x $2; c[0] = measure $2; if (c[0]) { x $3; } reset $2; c[1] = measure $3;`;
    const { results } = await outcome(client, emulator, { pubs: [[text, null, 20]] });
    expect(tally(results.results[0].data.c.samples)).toEqual({ '0x3': 20 });
  });
});

describe('the estimator', () => {
  const ROTATED = `OPENQASM 3.0; include "stdgates.inc"; input float[64] theta; qubit[7] q;
    rz(pi/2) q[3]; sx q[3]; rz(theta + pi) q[3]; sx q[3]; rz(5*pi/2) q[3];`;
  const on3 = (letter: string) => `III${letter}III`;

  it('broadcasts values against observables, exactly', async () => {
    const { client, emulator } = await start();
    const { job, results } = await outcome(
      client,
      emulator,
      {
        pubs: [
          [ROTATED, [[{ [on3('Z')]: 2, IIIIIII: 0.5 }], [{ ZIIIIII: 1 }]], [[0.3], [1.2], [2]], 0.1],
          [ROTATED, on3('Z'), [0.4]],
        ],
        options: { resilience: { zne_mitigation: false } },
      },
      'estimator',
    );
    expect(job.state).toEqual({ status: 'Completed' });
    const [first, second] = results.results;
    expect(first.data.evs).toHaveLength(2);
    for (const [at, t] of [0.3, 1.2, 2].entries()) {
      const z = second.data.evs / Math.cos(0.4) > 0 ? 1 : -1;
      expect(first.data.evs[0][at]).toBeCloseTo(0.5 + 2 * z * Math.cos(t), 10);
      expect(first.data.stds[0][at]).toBeCloseTo(2 * Math.abs(Math.sin(t)) * 0.1, 10);
    }
    expect(first.data.evs[1]).toEqual([1, 1, 1]);
    expect(Math.abs(second.data.evs)).toBeCloseTo(Math.cos(0.4), 10);
    expect(first.metadata).toMatchObject({ shots: 100, target_precision: 0.1 });
    expect(results.metadata).toEqual({ resilience: { zne_mitigation: false } });
  });

  it('samples where no one state answers', async () => {
    const { client, emulator } = await start();
    const text = 'OPENQASM 3.0; include "stdgates.inc"; qubit[7] q; sx q[0]; reset q[0]; x q[1];';
    const observables = [{ IIIIIIZ: 1, IIIIIZI: 3 }];
    const { results } = await outcome(client, emulator, { pubs: [[text, observables]] }, 'estimator');
    expect(results.results[0].data).toEqual({ evs: [-2], stds: [0] });
  });

  it.each([
    [[ROTATED, ['Z'], [[1]]], '1 letters, for 7 qubits'],
    [[ROTATED, [on3('Z'), on3('X')], [[1], [2], [3]]], 'broadcast'],
    [[ROTATED, on3('Z'), [1], 0.0001], 'needs 100000000 shots'],
    [[H, 'Z'], 'The instruction h'],
  ])('fails the job over %j', async (pub, message) => {
    const { client, emulator } = await start();
    const { job } = await outcome(client, emulator, { pubs: [pub] }, 'estimator');
    expect(job.state).toMatchObject({ status: 'Failed', reason: expect.stringContaining(message) });
  });
});

describe('a job', () => {
  it('is refused before it is one', async () => {
    const { client } = await start();
    const pubs = [[BELL]];
    for (const [status, job] of [
      [404, { program_id: 'executor', backend: 'qpoe_synthetic', params: { pubs } }],
      [400, { program_id: 'sampler', backend: 'ibm_none', params: { pubs } }],
      [400, { program_id: 'sampler', backend: 'qpoe_synthetic', params: {} }],
      [400, { program_id: 'sampler', backend: 'qpoe_synthetic', params: { pubs: [] } }],
      [400, { program_id: 'sampler', backend: 'qpoe_synthetic', params: { pubs: [[5]] } }],
      [400, { program_id: 'sampler', backend: 'qpoe_synthetic', params: { pubs, version: 1 } }],
      [400, { program_id: 'sampler', backend: 'qpoe_synthetic', params: { pubs }, tags: ['t'.repeat(87)] }],
      [404, { program_id: 'sampler', backend: 'qpoe_synthetic', params: { pubs }, session_id: 'none' }],
      [404, { program_id: 'sampler', backend: 'qpoe_synthetic', params: { pubs }, calibration_id: 'none' }],
      [400, 'not json'],
    ] as const)
      expect((await client.ask('POST', '/jobs', job)).status, JSON.stringify(job)).toBe(status);
    expect((await client.get('/jobs')).body).toEqual({ jobs: [], count: 0, limit: 200, offset: 0 });
    expect((await client.get('/nothing')).status).toBe(404);
    const wrong = await client.ask('POST', '/backends');
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET']);
  });

  it('waits, runs, can be cancelled, and is deleted once it is over', async () => {
    const { client, emulator } = await start({ queueMs: 150 });
    const id = await submit(client, { pubs: [[BELL]] });
    const waiting = await submit(client, { pubs: [[BELL]] });
    expect((await client.get(`/jobs/${id}`)).body).toMatchObject({
      status: 'Queued',
      usage: { status: 'pending' },
    });
    expect((await client.get(`/jobs/${id}/results`)).status).toBe(204);
    expect((await client.get('/backends/qpoe_synthetic/status')).body.length_queue).toBe(2);
    expect((await client.ask('DELETE', `/jobs/${id}`)).status).toBe(400);
    expect((await client.ask('POST', `/jobs/${waiting}/cancel`)).status).toBe(204);
    await emulator.idle();
    expect((await client.get(`/jobs/${waiting}`)).body.state).toEqual({ status: 'Cancelled' });
    expect((await client.ask('POST', `/jobs/${id}/cancel`)).status).toBe(409);
    const { body: metrics } = await client.get(`/jobs/${id}/metrics`);
    expect(metrics.usage).toEqual({ qpu_charge_time_seconds: 2, status: 'complete' });
    const { created, running, finished } = metrics.timestamps;
    expect(created < running && running <= finished).toBe(true);
    expect((await client.get('/instances/usage')).body.usage_consumed_seconds).toBe(2);
    expect((await client.ask('DELETE', `/jobs/${id}`)).status).toBe(204);
    expect((await client.get(`/jobs/${id}`)).status).toBe(404);
  });

  it('is stopped while it runs', async () => {
    const { client, emulator } = await start();
    const layers = 'sx q; '.repeat(400);
    const text = `OPENQASM 3.0; include "stdgates.inc"; qubit[7] q; bit[7] c; ${'sx q; c = measure q; '.repeat(8)}${layers}c = measure q;`;
    const id = await submit(client, { pubs: Array.from({ length: 40 }, () => [text, null, 50_000]) });
    while (emulator.job(id).status === 'Queued') await new Promise((resolve) => setTimeout(resolve, 5));
    expect((await client.ask('POST', `/jobs/${id}/cancel`)).status).toBe(204);
    await emulator.idle();
    expect((await client.get(`/jobs/${id}`)).body.state).toEqual({ status: 'Cancelled' });
  });

  it('keeps what was sent, and shows it unless asked not to', async () => {
    const { client, emulator } = await start();
    const params = { pubs: [[BELL, null, 10]], options: { twirling: { enable_gates: true } } };
    const { id, job } = await outcome(client, emulator, params, 'sampler', { tags: ['a'], cost: 60 });
    expect(job).toMatchObject({ params, program: { id: 'sampler' }, tags: ['a'], cost: 60, private: false });
    expect((await client.get(`/jobs/${id}?exclude_params=true`)).body.params).toBeUndefined();
  });

  it('replaces its tags, of which it takes eight', async () => {
    const { client, emulator } = await start();
    const id = emulator.seedJob({ tags: ['old'] });
    const put = (tags: unknown) => client.ask('PUT', `/jobs/${id}/tags`, { tags });
    const longest = `rekor:${'a'.repeat(80)}`;
    expect((await put([longest, 'b'])).status).toBe(204);
    expect((await client.get(`/jobs/${id}`)).body.tags).toEqual([longest, 'b']);
    expect((await put([`${longest}x`])).status).toBe(400);
    expect((await put(Array.from({ length: 9 }, (_, at) => `t${at}`))).status).toBe(400);
    expect((await put('b')).status).toBe(400);
    expect((await client.get(`/jobs/${id}`)).body.tags).toEqual([longest, 'b']);
  });

  it('is found by its filters, page by page', async () => {
    const { client, emulator } = await start();
    const day = 86_400_000;
    const ids = Array.from({ length: 450 }, (_, at) =>
      emulator.seedJob({
        created: Date.parse('2026-01-01T00:00:00Z') + at * day,
        tags: at % 2 === 0 ? ['even', `n${at % 5}`] : [],
        program: at % 3 === 0 ? 'estimator' : 'sampler',
      }),
    );
    const list = async (query: string) => {
      const { body } = await client.get(`/jobs?${query}`);
      return { ids: body.jobs.map((job: { id: string }) => job.id), count: body.count, limit: body.limit };
    };
    const pages = [await list('limit=200'), await list('limit=200&offset=200'), await list('offset=400')];
    expect(pages.flatMap((page) => page.ids)).toEqual([...ids].reverse());
    expect((await list('sort=ASC&limit=3')).ids).toEqual(ids.slice(0, 3));
    expect((await list('tags=even&tags=n0')).count).toBe(45);
    expect((await list('program=estimator')).count).toBe(150);
    expect((await list('created_after=2026-01-02T00:00:00Z&created_before=2026-01-04T00:00:00Z')).count).toBe(
      3,
    );
    expect((await list('limit=201')).limit).toBe(200);
    expect((await list('pending=true')).count).toBe(0);
    expect((await client.get('/jobs?created_after=soon')).status).toBe(400);
  });
});

describe('results that can’t be had', () => {
  it('of a private job twice: once alone, and its params never', async () => {
    const { client, emulator } = await start();
    const id = await submit(client, { pubs: [[BELL, null, 5]] }, { private: true });
    await emulator.idle();
    const { body } = await client.get(`/jobs/${id}`);
    expect([body.private, body.params]).toEqual([true, undefined]);
    expect((await client.get(`/jobs/${id}/results`)).body.results).toHaveLength(1);
    expect((await client.get(`/jobs/${id}/results`)).status).toBe(404);
    expect((await client.get(`/jobs/${id}`)).body.status).toBe('Completed');
  });

  it('of a private job once its one answer is lost', async () => {
    const { client, emulator } = await start({
      onRequest: readFaults('cut nth 1 on GET /api/v1/jobs/*/results'),
    });
    const id = emulator.seedJob({ private: true, results: { results: [] } });
    await expect(client.get(`/jobs/${id}/results`)).rejects.toThrow();
    expect((await client.get(`/jobs/${id}/results`)).status).toBe(404);
  });

  it.each([204, 403, 404, 410] as const)('gone, by a status of %d', async (fate) => {
    const { client, emulator } = await start();
    const id = emulator.seedJob({
      fate,
      results: { results: [] },
      params: { pubs: [] },
      userId: 'IBMid-OTHER',
    });
    const { body } = await client.get(`/jobs/${id}`);
    expect([body.user_id, 'params' in body]).toEqual(['IBMid-OTHER', fate !== 403]);
    expect((await client.get(`/jobs/${id}/results`)).status).toBe(fate);
  });
});

describe('sessions', () => {
  it('take jobs until they are closed, and end with the last', async () => {
    const { client, emulator } = await start({ queueMs: 50 });
    const { body: session } = await client.ask('POST', '/sessions', {
      mode: 'dedicated',
      backend: 'qpoe_synthetic',
    });
    expect(session).toMatchObject({ state: 'open', accepting_jobs: true, max_ttl: 28_800 });
    const at = `/sessions/${session.id}`;
    const id = await submit(client, { pubs: [[BELL]] }, { session_id: session.id });
    expect((await client.ask('PATCH', at, { accepting_jobs: false })).status).toBe(204);
    expect((await client.get(at)).body).toMatchObject({ accepting_jobs: false, closed_at: null });
    const late = {
      program_id: 'sampler',
      backend: 'qpoe_synthetic',
      params: { pubs: [[BELL]] },
      session_id: session.id,
    };
    expect((await client.ask('POST', '/jobs', late)).status).toBe(400);
    await emulator.idle();
    expect((await client.get(at)).body).toMatchObject({
      state: 'closed',
      last_job_completed: expect.any(String),
    });
    expect((await client.get(`/jobs?session_id=${session.id}`)).body.jobs[0].id).toBe(id);
    expect((await client.get('/sessions/none')).status).toBe(404);
    expect((await client.ask('POST', '/sessions', { mode: 'alone', backend: 'qpoe_synthetic' })).status).toBe(
      400,
    );
    expect((await client.ask('PATCH', at, {})).status).toBe(400);
  });

  it('drop what waits when they are cancelled', async () => {
    const { client, emulator } = await start({ queueMs: 100 });
    const { body: session } = await client.ask('POST', '/sessions', {
      mode: 'batch',
      backend: 'qpoe_synthetic',
    });
    const id = await submit(client, { pubs: [[BELL]] }, { session_id: session.id });
    expect((await client.ask('DELETE', `/sessions/${session.id}/close`)).status).toBe(204);
    await emulator.idle();
    expect((await client.get(`/jobs/${id}`)).body.status).toBe('Cancelled');
    expect((await client.get(`/sessions/${session.id}`)).body.state).toBe('closed');
  });
});

describe('faults', () => {
  it('of each kind, at the request they are asked for', async () => {
    const faults = 'nth 1 on GET /api/v1/backends';
    const ask = async (what: string) => (await start({ onRequest: readFaults(`${what} ${faults}`) })).client;
    const busy = await (await ask('503')).get('/backends');
    expect([busy.status, busy.headers.get('retry-after'), busy.body.errors[0].message]).toEqual([
      503,
      '1',
      'A fault on demand: 503.',
    ]);
    for (const what of ['drop', 'cut', 'truncate']) {
      const client = await ask(what);
      await expect(client.get('/backends'), what).rejects.toThrow();
      expect((await client.get('/backends')).status).toBe(200);
    }
    await expect((await ask('garbage')).get('/backends')).rejects.toThrow('JSON');
    const slow = await ask('slow:300');
    const started = performance.now();
    await slow.get('/backends');
    expect(performance.now() - started).toBeGreaterThan(290);
  });

  it('cut after the job was taken, dropped before', async () => {
    const { client, emulator } = await start({
      onRequest: readFaults('cut nth 1 on POST /api/v1/jobs, drop nth 2 on POST /api/v1/jobs'),
    });
    const job = { program_id: 'sampler', backend: 'qpoe_synthetic', params: { pubs: [[BELL, null, 1]] } };
    await expect(client.ask('POST', '/jobs', job)).rejects.toThrow();
    await expect(client.ask('POST', '/jobs', job)).rejects.toThrow();
    await emulator.idle();
    expect((await client.get('/jobs')).body.count).toBe(1);
  });

  it('refuses what would fill the memory', async () => {
    const { client, emulator } = await start();
    expect(
      (await client.ask('POST', '/jobs', ' '.repeat(50_000_001)).catch(() => ({ status: 413 }))).status,
    ).toBe(413);
    const bomb = {
      __type__: 'QuantumCircuit',
      __value__: deflateSync(Buffer.alloc(70 * 2 ** 20)).toString('base64'),
    };
    const job = { program_id: 'sampler', backend: 'qpoe_synthetic', params: { pubs: [[bomb]] } };
    expect((await client.ask('POST', '/jobs', job)).status).toBe(400);
    const { job: swept } = await outcome(client, emulator, {
      pubs: [[SWEPT, { theta: Array(101).fill([1]), phi: Array(101).fill(1) }]],
    });
    expect(swept.state.reason).toContain('10201 sets of values');
  });
});

describeVectors('a real device', 'ibm', () => {
  const kingston = () =>
    makeDevice(
      JSON.parse(readVector('ibm/conf_kingston.json').toString()),
      [JSON.parse(readVector('ibm/props_kingston.json').toString())],
      'kingston',
    );

  it('of 156 qubits, of which the circuit uses three', async () => {
    const { client, emulator } = await start({ devices: [kingston()] });
    const { body } = await client.get('/backends/ibm_kingston/properties');
    expect(body).toEqual(JSON.parse(readVector('ibm/props_kingston.json').toString()));
    const text = `OPENQASM 3.0; include "stdgates.inc"; qubit[156] q; bit[3] c; barrier q;
      x q[0]; x q[3]; sx q[16]; cz q[3], q[16]; sx q[16];
      c[0] = measure q[0]; c[1] = measure q[3]; c[2] = measure q[16];`;
    const { job, results } = await outcome(client, emulator, { pubs: [[text, null, 100]] }, 'sampler', {
      backend: 'ibm_kingston',
    });
    expect(job.state).toEqual({ status: 'Completed' });
    expect(tally(results.results[0].data.c.samples)).toEqual({ '0x3': 100 });
    const apart = await outcome(
      client,
      emulator,
      { pubs: [[text.replace('cz q[3]', 'cz q[4]')]] },
      'sampler',
      {
        backend: 'ibm_kingston',
      },
    );
    expect(apart.job.state).toMatchObject({
      reason_code: 1517,
      reason: expect.stringContaining('cz on qubits (4, 16)'),
    });
  });
});
