/** `qpoe runtime import` and `watch`, whatever the service or the network does to them. */

import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PLAIN, sampled } from '../ibm-service.ts';
import { expectOnce, importJob, labWith, objectFile, readRecords, recordFiles } from '../import-lab.ts';

describe('the service and the network', () => {
  it('get another token where one ends early', async () => {
    const { service, place } = await labWith(sampled('job1'));
    service.lie = (asked, count) => (asked.endsWith('/metrics') && count === 1 ? { status: 401 } : undefined);
    expect((await importJob(place, 'job1')).code).toBe(0);
    expect(service.asked.filter((asked) => asked.endsWith('/token'))).toHaveLength(2);
    expectOnce(place, 'job1');
  });

  it('give up on a key that is taken and refused', async () => {
    const { service, place } = await labWith(sampled('job1'));
    service.lie = (asked) => (asked.includes('/jobs/') ? { status: 401 } : undefined);
    const { code, stderr } = await importJob(place, 'job1');
    expect(stderr).toContain('is not open to this API key (401)');
    expect(code).toBe(2);
    expect(service.asked.filter((asked) => asked.includes('/jobs/'))).toHaveLength(2);
  });

  it.each([429, 500, 503])('wait and go on after a %i', async (status) => {
    const { service, place } = await labWith(sampled('job1', { isPrivate: true }));
    const headers: Record<string, string> = status === 429 ? { 'retry-after': '1' } : {};
    service.lie = (_, count) => (count === 1 ? { status, headers } : undefined);
    expect((await importJob(place, 'job1')).code).toBe(0);
    expectOnce(place, 'job1');
  });

  const REQUESTS = ['token', '/jobs?', '/jobs/job1', '/metrics', '/results', '/configuration', '/properties'];
  const isRequest = (asked: string, part: string): boolean =>
    part.startsWith('/jobs/') ? asked.endsWith(part) : asked.includes(part);

  it('lose nothing where it is cut at any request, for good', async () => {
    await Promise.all(
      REQUESTS.map(async (part) => {
        const { service, place } = await labWith(sampled('job1', { isPrivate: true }));
        service.lie = (asked) => (isRequest(asked, part) ? 'cut' : undefined);
        const first = await importJob(place, '--all');
        expect(first.code, part).toBe(4);
        service.lie = () => undefined;
        expect((await importJob(place, '--all')).code, part).toBe(0);
        expectOnce(place, 'job1');
        expect(service.given.get('job1'), part).toBe(1);
        const [{ execution }] = readRecords(place);
        expect(execution.result_summary[0].counts, part).toEqual({ '00': 1, '01': 1, '11': 2 });
      }),
    );
  });

  it('lose nothing where qpoe is killed at any request', async () => {
    await Promise.all(
      REQUESTS.map(async (part) => {
        const { service, place } = await labWith(sampled('job1', { isPrivate: true }));
        const child = place.start('runtime', 'import', '--all');
        service.lie = (asked) => {
          if (!isRequest(asked, part)) return undefined;
          child.kill('SIGKILL');
          return 'cut';
        };
        await once(child, 'close');
        service.lie = () => undefined;
        expect((await importJob(place, '--all')).code, part).toBe(0);
        expectOnce(place, 'job1');
        expect(service.given.get('job1'), part).toBe(1);
      }),
    );
  });

  it('keep the part of a private job’s results that came, and say that it is one', async () => {
    const { service, place } = await labWith(sampled('job1', { isPrivate: true }), sampled('job2'));
    service.lie = (asked, count) =>
      asked.endsWith('/results') && count === 1 ? { cutAfter: 30 } : undefined;
    expect((await importJob(place, '--all')).code).toBe(0);
    const [cut, whole] = readRecords(place);
    expect(cut.execution.job.results).toMatchObject({ state: 'truncated', http_status: 404 });
    expect(readFileSync(place.path(objectFile(cut.execution.result_digest)), 'utf8')).toBe(
      PLAIN.slice(0, 30),
    );
    // What can be asked again was.
    expect(whole.execution.result_summary[0].kind).toBe('counts');
    expectOnce(place, 'job1', 'job2');
  });

  it('take a private job’s results from disk where qpoe was killed with all of them there', async () => {
    const { service, place } = await labWith(sampled('job1', { isPrivate: true }));
    const child = place.start('runtime', 'import', 'job1');
    // The whole body, and then the connection stays open: it isn't known to be whole.
    service.lie = (asked) => {
      if (!asked.endsWith('/results')) return undefined;
      setTimeout(() => child.kill('SIGKILL'), 300);
      return { cutAfter: PLAIN.length - 1, hold: true };
    };
    await once(child, 'close');
    service.lie = () => undefined;
    const part = place.files().find((file) => file.endsWith('.part'))!;
    expect(readFileSync(place.path(part), 'utf8')).toBe(PLAIN.slice(0, -1));
    writeFileSync(place.path(part), PLAIN);
    expect((await importJob(place, 'job1')).stdout).toContain(': recorded\n');
    expect(readRecords(place)[0].execution.result_summary[0].kind).toBe('counts');
    expect(place.files().some((file) => file.endsWith('.part'))).toBe(false);
  });

  it('say that a private job was read before', async () => {
    const { service, place } = await labWith(sampled('job1', { isPrivate: true }));
    service.given.set('job1', 1);
    expect((await importJob(place, 'job1')).stdout).toContain(
      'recorded without results: they are gone (the service answers 404; a private job’s are given once)',
    );
    expectOnce(place, 'job1');
  });

  it('ask again for metrics and results that were a proxy’s page', async () => {
    const { service, place } = await labWith(sampled('job1'), sampled('job2'));
    const page = { status: 200, body: '<html>upstream connect error</html>' };
    service.lie = (asked, count) =>
      count === 1 && (asked.endsWith('/job1/metrics') || asked.endsWith('/job2/results')) ? page : undefined;
    const first = await importJob(place, '--all', '--csv', 'gone.csv');
    expect(first.code).toBe(4);
    expect(first.stdout).toContain('  1 not to be had\n  gone: job1: ');
    expect(readFileSync(place.path('gone.csv'), 'utf8')).toContain('job1,not given yet,');
    const second = await importJob(place, '--all');
    expect(second.stdout).toBe('2 jobs: 1 recorded\n  1 recorded already\n');
    expectOnce(place, 'job1', 'job2');
    for (const { execution } of readRecords(place)) expect(execution.result_summary[0].kind).toBe('counts');
  });

  it('end an import of many where the key is no longer taken, and call no job gone', async () => {
    const { service, place } = await labWith(sampled('job1'), sampled('job2'));
    service.lie = (asked) => (asked.includes('/jobs/') ? { status: 401 } : undefined);
    const { code, stdout, stderr } = await importJob(place, '--all', '--csv', 'gone.csv');
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain('qpoe: the instance is not open to this API key (401); is it the account’s');
    expect(readFileSync(place.path('gone.csv'), 'utf8').trimEnd().split('\r\n')).toHaveLength(1);
    expect(recordFiles(place)).toHaveLength(0);
  });

  it('make one record of a job that is named twice', async () => {
    const { place } = await labWith(sampled('job1'));
    expect((await importJob(place, 'job1', 'job1')).code).toBe(0);
    expectOnce(place, 'job1');
  });

  it('ask for a device’s calibration once for the jobs since it', async () => {
    const jobs = Array.from({ length: 12 }, (_, at) =>
      sampled(`job${at}`, { running: `2026-03-01T10:${String(at + 10)}:00Z` }),
    );
    const { service, place } = await labWith(...jobs);
    expect((await importJob(place, '--all')).code).toBe(0);
    expect(service.asked.filter((asked) => asked.includes('/properties'))).toHaveLength(1);
  });

  it('ask again for answers that the store has lost', async () => {
    const { service, place } = await labWith(sampled('job1'));
    service.lie = (asked) => (asked.includes('/configuration') ? { status: 200, body: 'x' } : undefined);
    expect((await importJob(place, 'job1')).code).toBe(4);
    for (const file of place.files().filter((one) => one.includes('/objects/')))
      if (readFileSync(place.path(file), 'utf8').includes('"caller"')) rmSync(place.path(file));
    service.lie = () => undefined;
    expect((await importJob(place, 'job1')).code).toBe(0);
    expect(service.asked.filter((asked) => asked.endsWith('/metrics'))).toHaveLength(2);
    expect(service.asked.filter((asked) => asked.endsWith('/results'))).toHaveLength(1);
    expectOnce(place, 'job1');
  });

  it('stop where the service is away, with what came kept', async () => {
    const { service, place } = await labWith(...Array.from({ length: 40 }, (_, at) => sampled(`job${at}`)));
    service.lie = (asked) => (/jobs\/job[23]\d/.test(asked) ? { status: 200, body: '[]' } : undefined);
    const { code, stderr } = await importJob(place, '--all');
    expect(code).toBe(4);
    expect(stderr).toContain('of 40 jobs are done; run it again, and it goes on from there');
    service.lie = () => undefined;
    expect((await importJob(place, '--all')).code).toBe(0);
    expect(recordFiles(place)).toHaveLength(40);
  }, 120_000);
});

describe('watch', () => {
  it('records what comes, until Ctrl-C', async () => {
    const { service, place } = await labWith(sampled('job1'), sampled('job2', { status: 'Queued' }));
    const child = place.start('runtime', 'watch', '--interval', '10');
    let looks = 0;
    let stdout = '';
    child.stdout!.on('data', (chunk) => {
      stdout += chunk;
    });
    service.lie = (asked) => {
      if (asked.includes('/jobs?') && ++looks === 1)
        service.jobs.push(sampled('job3', { created: '2026-03-01T11:00:00Z' }));
      if (asked.includes('/jobs?') && looks === 2) service.jobs[1] = sampled('job2');
      if (looks === 2 && asked.includes('/job2/metrics')) setTimeout(() => child.kill('SIGINT'), 1500);
      return undefined;
    };
    const [code] = await once(child, 'close');
    expect(code).toBe(130);
    expect(stdout).toMatch(/^\d jobs: \d recorded\n\d jobs: \d recorded\n$/);
    expectOnce(place, 'job1', 'job2', 'job3');
  }, 60_000);
});
