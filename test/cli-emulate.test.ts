/** `qpoe runtime emulate` at the command line, as docs/emulator.md has it. What it answers is tested beside its code. */

import { writeFileSync } from 'node:fs';
import { expect, it, onTestFinished } from 'vitest';
import { newPlace, type Place } from './cli.ts';

interface Served {
  readonly url: string;
  readonly api_key: string;
  readonly crn: string;
  readonly environment: Record<string, string>;
}

async function emulate(place: Place, ...flags: string[]) {
  const child = place.start('runtime', 'emulate', '--json', '-q', ...flags);
  onTestFinished(() => void child.kill('SIGKILL'));
  const served = await new Promise<Served>((resolve, reject) => {
    child.stdout!.once('data', (line) => resolve(JSON.parse(String(line))));
    child.once('exit', (code) => reject(new Error(`it ended with ${code}`)));
  });
  const stop = () =>
    new Promise<number | null>((resolve) => {
      child.removeAllListeners('exit').once('exit', resolve);
      child.kill('SIGTERM');
    });
  return { ...served, stop };
}

it('serves, runs a job, leaves nothing behind, and ends when it is told to', async () => {
  const place = newPlace();
  const { url, api_key, crn, environment, stop } = await emulate(place, '--seed', '3', '--latency', '1');
  const token = await fetch(`${environment.IAM_URL}/identity/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'urn:ibm:params:oauth:grant-type:apikey', apikey: api_key }),
  });
  const { access_token } = (await token.json()) as { access_token: string };
  const headers = { authorization: `Bearer ${access_token}`, 'service-crn': crn };
  const program = (text: string) => `OPENQASM 3.0; include "stdgates.inc"; bit[2] c; ${text}`;
  const send = async (program_id: string, pubs: unknown) => {
    const body = JSON.stringify({ program_id, backend: 'qpoe_synthetic', params: { pubs } });
    const { id } = (await (await fetch(`${url}/jobs`, { method: 'POST', headers, body })).json()) as {
      id: string;
    };
    for (;;) {
      const response = await fetch(`${url}/jobs/${id}/results`, { headers });
      if (response.status === 200) return (await response.json()) as { results: { data: unknown }[] };
    }
  };
  const sampled = await send('sampler', [[program('x $0; c[0] = measure $0;'), null, 2]]);
  expect(sampled.results[0]!.data).toEqual({ c: { samples: ['0x1', '0x1'], num_bits: 2 } });
  const estimated = await send('estimator', [[program('x $0;'), 'IIIIIIZ']]);
  expect(estimated.results[0]!.data).toEqual({ evs: -1, stds: 0 });
  expect(environment.QISKIT_IBM_URL).toBe(url.replace('/api', '/experimental/api'));
  expect(await stop()).toBe(130);
  expect(place.files()).toEqual([]);
});

it('refuses what it can’t serve, in one line', () => {
  const place = newPlace();
  writeFileSync(place.path('c.json'), '{"backend_name":"x"}');
  for (const [flags, line] of [
    [['--port', '70000'], '--port: not a whole number from 0 to 65535'],
    [['--latency', '-1'], '--latency: not a whole number from 0 to 600000'],
    [['--engine', 'qpu'], '--engine: neither simulator nor aer'],
    [['--faults', '503 sometimes'], '--faults: not a rule: 503 sometimes'],
    [['--configuration', 'c.json'], '--configuration without --properties'],
    [
      ['--configuration', 'c.json', '--properties', 'c.json'],
      'c.json: no configuration of a device: backend_version',
    ],
    [['--configuration', 'none.json', '--properties', 'c.json'], 'none.json'],
  ] as const) {
    const { code, stdout, stderr } = place.qpoe('runtime', 'emulate', ...flags);
    expect([code, stdout, stderr.trimEnd().split('\n').length], stderr).toEqual([2, '', 1]);
    expect(stderr).toContain(line);
  }
});

it('says at its start that circuits of the official client can’t be read, where there is no Qiskit', async () => {
  const place = newPlace();
  writeFileSync(place.path('no-python'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  const child = place.start('runtime', 'emulate', '--python', place.path('no-python'));
  onTestFinished(() => void child.kill('SIGKILL'));
  let told = '';
  child.stderr!.on('data', (text) => {
    told += text;
  });
  await expect.poll(() => told, { timeout: 20_000 }).toContain('`qpoe sdk install qiskit`');
  expect(told).toContain('Circuits of the official client can’t be read here');
});
