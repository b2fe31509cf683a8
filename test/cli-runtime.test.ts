/** `qpoe runtime import` against a service of the test's own: what it records, and what it refuses. `test/slow/runtime-service.test.ts` lets that service fail. */

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { newPlace } from './cli.ts';
import {
  CRN,
  environmentOf,
  KEY,
  ME,
  OTHER,
  PLAIN,
  type Said,
  sampled,
  startService,
} from './ibm-service.ts';
import { expectOnce, importJob, labWith, objectFile, readRecords, recordFiles } from './import-lab.ts';

describe('import', () => {
  it('records a job with everything the provider has of it, and nothing personal', async () => {
    const tags = ['sweep', 'ada@example.org', 'tlog:3@abc.qpoe.internal'];
    const { service, place } = await labWith(sampled('job1', { tags, user: OTHER, calibrationId: 'cal-7' }));
    const { code, stdout } = await importJob(place, 'job1');
    expect(stdout).toMatch(/^job job1, sampler on ibm_test: recorded\nrecord {2}[0-9a-f-]{36}\n$/);
    expect(code).toBe(0);
    const [{ workload, execution }] = readRecords(place);
    expect(workload).toMatchObject({ name: 'circuit', sdk: 'ibm-quantum', shots: 4 });
    expect(workload.programs[0]).toMatchObject({ source: { format: 'openqasm3' }, shots: 4 });
    expect(execution).toMatchObject({
      class: 'imported',
      backend: 'ibm_test',
      started_at: '2026-03-01T10:01:00Z',
      finished_at: '2026-03-01T10:02:00.5Z',
      result_summary: [{ kind: 'counts', bits: 2, counts: { '00': 1, '01': 1, '11': 2 } }],
      environment: { qiskit: '2.6.2', device: { processor: { family: 'Heron' } } },
      job: {
        provider: 'ibm-quantum',
        job_id: 'job1',
        submitted_by_importer: false,
        results: { form: 'plain' },
      },
      calibration: { calibration_id: 'cal-7', properties: { by: 'calibration_id' } },
      timing: { source: 'the provider', queue_seconds: 59.877, usage: { qpu_charge_time_seconds: 3 } },
      mitigation: { options: { dynamical_decoupling: { enable: true } } },
    });
    expect(execution.job.tags).toEqual(['sweep', { withheld: expect.stringMatching(/^sha256:/) }, tags[2]]);
    expect(service.asked.some((asked) => asked.includes('properties?calibration_id=cal-7'))).toBe(true);

    expect(place.qpoe('bundle', '--out', 'job.qpoe.json').code).toBe(0);
    expect(place.qpoe('verify', 'job.qpoe.json').code).toBe(0);
    const bundle = readFileSync(place.path('job.qpoe.json'), 'utf8');
    for (const secret of [ME, OTHER, CRN, KEY, 'ada@example.org', '127.0.0.1']) {
      expect(bundle).not.toContain(secret);
      expect(readFileSync(place.path(recordFiles(place)[0]!), 'utf8')).not.toContain(secret);
    }
    // The results themselves are in the bundle; what holds the user id is in the store alone, for its owner.
    expect(bundle).toContain(JSON.stringify(PLAIN).slice(1, -1));
    const raw = place.path(objectFile(execution.job.answers.job.digest));
    expect(readFileSync(raw, 'utf8')).toContain('"a_new_member":{"of":"the service"}');
    expect(statSync(raw).mode & 0o777).toBe(0o600);
    const opening = execution.job.submitter.withheld.slice(7);
    expect(readFileSync(place.path(`.qpoe/openings/${opening}.json`), 'utf8')).toContain(OTHER);
  });

  it('makes one record of one job, also where the journal was lost', async () => {
    const { service, place } = await labWith(sampled('job1', { isPrivate: true }), sampled('job2'));
    expect((await importJob(place, 'job1')).code).toBe(0);
    service.asked.length = 0;
    expect((await importJob(place, 'job1')).stdout).toContain('is recorded already');
    expect(service.asked).toEqual(['POST /identity/token']);
    rmSync(place.path('.qpoe/runtime'), { recursive: true });
    expect((await importJob(place, '--all')).stdout).toBe('2 jobs: 1 recorded\n  1 recorded already\n');
    expectOnce(place, 'job1', 'job2');
    expect(service.given.get('job1')).toBe(1);
  });

  it('makes up for what a kill left out after the record was written', async () => {
    const { place } = await labWith(sampled('job1'));
    expect((await importJob(place, 'job1')).code).toBe(0);
    const journal = place.path(place.files().find((file) => file.endsWith('/job1.json'))!);
    const { record_id: id, ...before } = JSON.parse(readFileSync(journal, 'utf8'));
    for (const left of ['p256', 'ml-dsa-65']) {
      writeFileSync(journal, JSON.stringify(before));
      const statements = place.files().filter((file) => file.includes(`/statements/${id}/`));
      rmSync(place.path(statements.find((file) => file.includes(left))!));
      expect((await importJob(place, 'job1')).stdout).toContain('is recorded already');
      expect(place.files().filter((file) => file.includes(`/statements/${id}/`))).toEqual(statements);
      expect(place.qpoe('bundle', '--out', `${left}.qpoe.json`, '--require').code).toBe(0);
      expect(place.qpoe('verify', `${left}.qpoe.json`).code).toBe(0);
    }
    expectOnce(place, 'job1');
  });

  it('leaves nothing on its way of what was kept before a kill', async () => {
    const { place } = await labWith(sampled('job1'));
    expect((await importJob(place, 'job1')).code).toBe(0);
    const journal = place.path(place.files().find((file) => file.endsWith('/job1.json'))!);
    const { record_id, outcome, ...killed } = JSON.parse(readFileSync(journal, 'utf8'));
    writeFileSync(journal, JSON.stringify(killed));
    const part = journal.replace(/json$/, 'part');
    writeFileSync(part, 'what came by then');
    for (const folder of ['records', 'statements']) rmSync(place.path('.qpoe', folder), { recursive: true });
    expect((await importJob(place, 'job1')).code).toBe(0);
    expect(existsSync(part)).toBe(false);
    expectOnce(place, 'job1');
  });

  it('makes no other job wait for a device that can’t be asked', async () => {
    const { service, place } = await labWith(sampled('job1', { backend: 'ibm_broken' }), sampled('job2'));
    service.lie = (asked) =>
      asked.includes('/ibm_broken/configuration') ? { status: 200, body: 'x' } : undefined;
    const { code, stdout } = await importJob(place, '--all');
    expect(code).toBe(4);
    expect(stdout).toMatch(/^2 jobs: 1 recorded\n {2}1 not to be had\n/);
    service.lie = () => undefined;
    expect((await importJob(place, '--all')).code).toBe(0);
    expectOnce(place, 'job1', 'job2');
    expect(service.asked.filter((asked) => asked.endsWith('/job1/results'))).toHaveLength(1);
  });

  it('leaves what isn’t finished for later, and records what failed or was cancelled as that', async () => {
    const { service, place } = await labWith(
      sampled('queued', { status: 'Queued' }),
      sampled('running', { status: 'Running' }),
      {
        id: 'failed',
        status: 'Failed',
        reason: 'not ISA, see /home/ada/x',
        params: { pubs: [['OPENQASM 3.0; qubit q;']] },
      },
      { id: 'cancelled', status: 'Cancelled' },
    );
    const queued = await importJob(place, 'queued');
    expect(queued.code).toBe(3);
    expect(queued.stdout).toBe('job queued, sampler on ibm_test: not finished; nothing is recorded yet\n');
    const all = await importJob(place, '--all');
    expect(all.code).toBe(0);
    expect(all.stdout).toBe('4 jobs: 2 recorded (1 that failed, 1 that were cancelled)\n  2 not finished\n');
    expectOnce(place, 'failed', 'cancelled');
    const failed = readRecords(place).find(({ execution }) => execution.job.job_id === 'failed');
    expect(failed.execution.job).toMatchObject({
      status: 'Failed',
      reason: 'not ISA, see …',
      reason_code: 1517,
    });
    expect(failed.execution.result_summary).toEqual([{ kind: 'none' }]);
    service.jobs.splice(0, 2, sampled('queued'), sampled('running'));
    expect((await importJob(place, '--all')).stdout).toBe('4 jobs: 2 recorded\n  2 recorded already\n');
    expectOnce(place, 'queued', 'running', 'failed', 'cancelled');
  });

  it('records what is gone as gone, and lists it', async () => {
    const { place } = await labWith(
      sampled('a204', { gone: 204, backend: 'ibm_retired' }),
      sampled('b404', { gone: 404 }),
      sampled('c410', { gone: 410 }),
      sampled('there'),
    );
    const { code, stdout } = await importJob(place, '--all', '--csv', 'gone.csv');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^4 jobs: 4 recorded \(3 without results: they are gone\)\n {2}gone: a204: the service answers 204\n/,
    );
    expectOnce(place, 'a204', 'b404', 'c410', 'there');
    const [retired] = readRecords(place);
    expect(retired.execution.calibration.properties.unavailable).toContain('404');
    expect(retired.execution.result_summary).toEqual([{ kind: 'none' }]);
    expect(retired.workload.shots).toBe(4);
    const csv = readFileSync(place.path('gone.csv'), 'utf8').split('\r\n');
    expect(csv[0]).toBe('job_id,what,created,backend,private,reason,record_id');
    expect(csv.slice(1, 4).map((row) => row.split(',').slice(0, 2).join())).toEqual([
      'a204,results gone',
      'b404,results gone',
      'c410,results gone',
    ]);
    // The list stays whole when everything is known.
    expect((await importJob(place, '--all', '--csv', 'again.csv')).stdout).toContain('4 recorded already');
    expect(readFileSync(place.path('again.csv'), 'utf8').split('\r\n')).toHaveLength(5);
  });

  it('waits for results that may still come', async () => {
    const now = new Date().toISOString();
    const { service, place } = await labWith(sampled('fresh', { gone: 204, running: now, finished: now }));
    expect((await importJob(place, 'fresh')).code).toBe(3);
    expect(recordFiles(place)).toHaveLength(0);
    service.jobs[0] = sampled('fresh', { running: now, finished: now });
    expect((await importJob(place, 'fresh')).code).toBe(0);
    expectOnce(place, 'fresh');
  });

  it('keeps a clock that is ahead out of the record’s order', async () => {
    const { place } = await labWith(
      sampled('ahead', { finished: '2999-01-01T00:00:00Z' }),
      sampled('odd', { running: '2026-03-02T00:00:00', finished: '2026-03-01T23:00:00+02:00' }),
    );
    expect((await importJob(place, '--all')).code).toBe(0);
    expectOnce(place, 'ahead', 'odd');
    const [ahead] = readRecords(place).filter(({ execution }) => execution.job.job_id === 'ahead');
    expect(ahead.execution.timing.provider_ahead_seconds).toBeGreaterThan(1e9);
    expect(Date.parse(ahead.execution.finished_at)).toBeLessThanOrEqual(Date.now());
  });

  it('says what it can’t read, and keeps it', async () => {
    const broken: Record<string, string> = {
      truncated: PLAIN.slice(0, 40),
      nan: '{"results":[NaN]}',
      empty: '{}',
      other: '{"__type__":"NoiseLearnerResult","__value__":{}}',
    };
    const { place } = await labWith(
      ...Object.entries(broken).map(([id, results]) => sampled(id, { results })),
    );
    const { code, stdout } = await importJob(place, '--all');
    expect(code).toBe(0);
    expect(stdout).toBe('4 jobs: 4 recorded\n  4 with results that are kept, and not read\n');
    expectOnce(place, ...Object.keys(broken));
    for (const { execution } of readRecords(place)) {
      expect(execution.environment.notes[0]).toMatch(/^results not read: /);
      expect(readFileSync(place.path(objectFile(execution.result_digest)), 'utf8')).toBe(
        broken[execution.job.job_id],
      );
    }
  });

  it('takes 100,000 shots of 156 qubits', async () => {
    const samples = Array.from({ length: 100_000 }, () => `0x${randomBytes(20).toString('hex').slice(1)}`);
    const results = JSON.stringify({ results: [{ data: { c: { samples, num_bits: 156 } }, metadata: {} }] });
    const { place } = await labWith(sampled('huge', { results, params: { pubs: [] } }));
    expect((await importJob(place, 'huge')).code).toBe(0);
    const [{ workload, execution }] = readRecords(place);
    expect(workload.shots).toBe(100_000);
    const [result] = execution.result_summary;
    expect(result).toMatchObject({ kind: 'counts', bits: 156, outcomes: new Set(samples).size });
    const counts = JSON.parse(readFileSync(place.path(objectFile(result.digest)), 'utf8'));
    expect(counts[BigInt(samples[0]!).toString(2).padStart(156, '0')]).toBeGreaterThan(0);
  });
});

describe('what is refused, in one line', () => {
  const oneLine = (stderr: string): string => {
    const lines = stderr
      .trimEnd()
      .split('\n')
      .filter((line) => line.startsWith('qpoe: '));
    expect(lines).toHaveLength(1);
    expect(stderr).not.toContain(KEY);
    return lines[0]!;
  };

  it.each<[string, NodeJS.ProcessEnv, RegExp]>([
    [
      'a wrong key',
      { QISKIT_IBM_TOKEN: 'wrong' },
      /does not take the API key of QISKIT_IBM_TOKEN \(400\): Provided API key could not be found/,
    ],
    [
      'a wrong CRN',
      { QISKIT_IBM_INSTANCE: CRN.replace('1111', '9999') },
      /job job1 is not asked for rightly \(400 1215 CRN is not valid\)/,
    ],
    [
      'an unknown instance',
      { QISKIT_IBM_INSTANCE: 'elsewhere' },
      /0 instances of QISKIT_IBM_TOKEN are called "elsewhere"; .*: lab/,
    ],
    ['http elsewhere', { QISKIT_IBM_URL: 'http://example.org' }, /not the https address/],
    ['no account', { QISKIT_IBM_TOKEN: '' }, /no account: there is no .*qiskit-ibm\.json/],
  ])('%s', async (_, wrong, message) => {
    const service = await startService([sampled('job1')]);
    const place = newPlace(environmentOf(service, wrong));
    const { code, stderr } = await importJob(place, 'job1', '-q');
    expect(oneLine(stderr)).toMatch(message);
    expect(code).toBe(2);
    expect(recordFiles(place)).toHaveLength(0);
  });

  it.each<[string, Said, RegExp, number]>([
    [
      'not there',
      { status: 404, body: '{"errors":[{"code":1291,"message":"Job not found"}]}' },
      /job job1 is not there \(404 1291 Job not found\)/,
      2,
    ],
    ['someone else’s', { status: 403 }, /is not open to this account \(403\)/, 2],
    [
      'another job',
      { status: 200, body: JSON.stringify({ id: 'job2' }) },
      /answers job job2 for job job1/,
      4,
    ],
    ['no JSON', { status: 200, body: '<html>' }, /not strict JSON/, 4],
    ['no job', { status: 200, body: '[]' }, /expected object/, 4],
    ['an id that is a path', { status: 200, body: '{"id":"../../x"}' }, /id: not of the form/, 4],
  ])('a job that is %s', async (_, said, message, exit) => {
    const { service, place } = await labWith(sampled('job1'));
    service.lie = (asked) => (asked.endsWith('/jobs/job1') ? said : undefined);
    const { code, stderr } = await importJob(place, 'job1', '-q');
    expect(oneLine(stderr)).toMatch(message);
    expect(code).toBe(exit);
    expect(recordFiles(place)).toHaveLength(0);
  });

  it('is of no weight among many, and is listed', async () => {
    const { service, place } = await labWith(sampled('mine'), sampled('theirs'));
    service.lie = (asked) => (asked.endsWith('/jobs/theirs') ? { status: 403 } : undefined);
    const { code, stdout } = await importJob(place, '--all', '--csv', 'gone.csv');
    expect(code).toBe(0);
    expect(stdout).toContain(
      '  1 not to be had\n  gone: theirs: job theirs is not open to this account (403)\n',
    );
    expect(readFileSync(place.path('gone.csv'), 'utf8')).toContain('theirs,refused,');
    expectOnce(place, 'mine');
  });

  it.each([
    [['runtime', 'import'], /takes job ids, or --all/],
    [['runtime', 'import', 'x', '--all'], /takes job ids, or --all/],
    [['runtime', 'import', 'x', '--since', '2026-01-01'], /--since is for --all/],
    [['runtime', 'import', '--all', '--since', 'yesterday'], /is not a date/],
    [['runtime', 'import', '../x'], /"\.\.\/x" is not a job id/],
    [['runtime', 'import', '--all', '--csv', 'no/such/x.csv'], /no such folder/],
    [['runtime', 'watch', '--interval', '1'], /--interval must be/],
  ])('%s', (args, message) => {
    const { code, stderr } = newPlace().qpoe(...args);
    expect(oneLine(stderr)).toMatch(message);
    expect(code).toBe(2);
  });
});

describe('accounts', () => {
  it('are the official client’s saved ones', async () => {
    const service = await startService([sampled('job1')]);
    const place = newPlace();
    const file = `${place.environment.HOME}/.qiskit/qiskit-ibm.json`;
    mkdirSync(`${place.environment.HOME}/.qiskit`);
    const account = {
      channel: 'ibm_quantum_platform',
      token: KEY,
      url: service.url,
      private_endpoint: false,
    };
    const accounts = {
      lab: { ...account, instance: CRN },
      'default-ibm-quantum-platform': { ...account, instance: 'lab' },
      old: { ...account, channel: 'ibm_quantum', token: 'old' },
      broken: { ...account, token: 'broken', instance: CRN },
    };
    writeFileSync(file, JSON.stringify(accounts));
    chmodSync(file, 0o644);
    const first = await importJob(place, 'job1');
    expect(first.stderr).toContain(`others can read or write ${file}, which holds your API key`);
    expect(first.stdout).toContain('recorded');
    chmodSync(file, 0o600);
    const byName = await importJob(place, 'job1', '--account', 'lab');
    expect(byName.stdout).toContain('recorded already');
    expect(byName.stderr).toBe('');
    const broken = await importJob(place, 'job1', '--account', 'broken');
    expect(broken.stderr).toContain(`API key of the account "broken" in ${file} (400)`);
    expect((await importJob(place, 'job1', '--account', 'none')).stderr).toContain(
      'holds no account "none"; choose one',
    );
    writeFileSync(place.path('mine.json'), JSON.stringify({ token: KEY, url: service.url }));
    expect((await importJob(place, 'job1', '--account', 'mine.json')).stdout).toContain('recorded already');
    writeFileSync(place.path('mine.json'), JSON.stringify({ token: 7 }));
    const wrong = await importJob(place, 'job1', '--account', 'mine.json');
    expect(wrong.stderr).toMatch(/mine\.json: token: expected/);
  });
});

describe('many jobs', () => {
  it('some gone, some private, interrupted and resumed: each once', async () => {
    const jobs = Array.from({ length: 90 }, (_, at) =>
      sampled(`job${String(at).padStart(3, '0')}`, {
        isPrivate: at % 7 === 0,
        ...(at % 11 === 0 ? { gone: ([204, 404, 410] as const)[at % 3]! } : {}),
        created: new Date(Date.UTC(2026, 0, 1) + at * 14_400_000).toISOString(),
      }),
    );
    const { service, place } = await labWith(...jobs);
    for (const stop of [20, 90, 160]) {
      const before = service.asked.length;
      const child = place.start('runtime', 'import', '--all');
      service.lie = () => {
        if (service.asked.length - before === stop) child.kill('SIGINT');
        return undefined;
      };
      const [code] = await once(child, 'close');
      expect(code).toBe(130);
    }
    service.lie = () => undefined;
    const { code, stdout } = await importJob(place, '--all', '--csv', 'gone.csv');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^90 jobs: /);
    expectOnce(place, ...jobs.map(({ id }) => id));
    // What is asked again is what was on its way when it was stopped, and never a private job's.
    const again = [...service.given.values()].reduce((sum, times) => sum + times - 1, 0);
    expect(again).toBeLessThanOrEqual(12);
    const told = jobs.filter(({ isPrivate, gone }) => isPrivate === true && gone === undefined);
    for (const { id } of told) expect(service.given.get(id), id).toBe(1);
    for (const { execution } of readRecords(place))
      if (execution.job.private && execution.job.results.http_status === 200)
        expect(execution.result_summary[0].kind, execution.job.job_id).toBe('counts');
    const csv = readFileSync(place.path('gone.csv'), 'utf8').trimEnd().split('\r\n');
    expect(csv).toHaveLength(1 + jobs.filter(({ gone }) => gone !== undefined).length);
    const since = await importJob(place, '--all', '--since', '2026-01-10');
    expect(since.stdout).toBe(
      `${90 - 9 * 6 - 1} jobs: 0 recorded\n  ${90 - 9 * 6 - 1} recorded already\n${since.stdout.split('\n').slice(2).join('\n')}`,
    );
    const log = place.qpoe('log', 'checkpoint').stdout.split('\n');
    expect(log[1]).toBe('90');
  }, 240_000);
});
