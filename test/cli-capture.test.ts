/** `qpoe record --capture` and `qpoe exec`: what a person's own processes ran. */

import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { circuitDigest } from '../src/circuit/circuit.ts';
import { newCapture } from './captures.ts';
import { BIN, newPlace, type Place } from './cli.ts';
import { BELL } from './records.ts';

function write(place: Place, name: string, content: object | string): string {
  const path = place.path(name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

function records(place: Place) {
  const folder = place.path('.qpoe/records');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')));
}

function pipe(place: Place, input: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, ...args], {
    cwd: place.folder,
    env: place.environment,
    input,
    encoding: 'utf8',
  });
  return { code: status, stdout, stderr };
}

it('makes a record of class captured, stated and logged, that verifies', () => {
  const place = newPlace();
  write(place, 'job.json', newCapture());
  const { code, stdout } = place.qpoe('record', '--capture', 'job.json', '--label', 'bell');
  expect({ code, stdout }).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(
      /^record {2}\S+ {2}\(captured\)\nhash[\s\S]+\nstated {2}by P-256 and ML-DSA-65[\s\S]+\nlogged {2}entry 0 /,
    ),
  });
  const [record] = records(place);
  expect(record.execution).toMatchObject({ class: 'captured', backend: 'aer_simulator' });
  expect(record.labels).toEqual({ label: 'bell' });
  // The same circuit is the same digest, whoever wrote its text.
  expect(record.workload.programs[0].circuit).toBe(circuitDigest(BELL));
  expect(place.qpoe('verify', '.qpoe/records')).toMatchObject({ code: 0 });
  expect(place.qpoe('bundle', 'last', '--out', 'b.json').code).toBe(0);
  expect(place.qpoe('verify', 'b.json')).toMatchObject({ code: 0 });
});

it('keeps what says who someone is out of the record, and the opening in the store', () => {
  const place = newPlace();
  const options = {
    noise: '/scratch/someone/noise.json',
    contact: 'ada@example.org',
    user: userInfo().username,
  };
  write(place, 'job.json', newCapture({ options: { ...options, shots: 7 } }));
  place.qpoe('record', '--capture', 'job.json');
  const [record] = records(place);
  expect(record.execution.job.options).toEqual({
    noise: { withheld: expect.stringMatching(/^sha256:/) },
    contact: { withheld: expect.stringMatching(/^sha256:/) },
    user: { withheld: expect.stringMatching(/^sha256:/) },
    shots: 7,
  });
  const openings = readdirSync(place.path('.qpoe/openings'));
  const opened = openings.map(
    (name) => JSON.parse(readFileSync(place.path('.qpoe/openings', name), 'utf8')).value,
  );
  expect(opened.sort()).toEqual(Object.values(options).sort());
  expect(place.qpoe('bundle', 'last', '--out', 'b.json').code).toBe(0);
  expect(readFileSync(place.path('b.json'), 'utf8')).not.toContain('someone');
});

it('says why a circuit has no gate list, and never gives it another one’s', () => {
  const place = newPlace();
  const three = newCapture({
    programs: [
      { circuit: 0, values: {}, shots: 1, result: { kind: 'counts', bits: 3, counts: { '000': 1 } } },
    ],
  });
  write(place, 'wide.json', three);
  write(
    place,
    'qpy.json',
    newCapture({ circuits: [{ format: 'qpy', base64: 'UUlTS0lU', unexported: 'a gate\u001b[2J' }] }),
  );
  place.qpoe('record', '--capture', 'wide.json');
  const { stdout } = place.qpoe('record', '--capture', 'qpy.json');
  expect(stdout).not.toContain('\u001b');
  const told = records(place).map(({ workload, execution }) => ({
    circuit: workload.programs[0].circuit,
    reason: execution.job.circuits[0].no_gate_list,
  }));
  const twice = { format: 'qpy', base64: 'UUlTS0lU' };
  write(
    place,
    'twice.json',
    newCapture({
      circuits: [twice, { ...twice, registers: [{ name: 'c', bits: 2 }] }],
      executed: [{ program: 0, circuit: 1 }],
    }),
  );
  place.qpoe('record', '--capture', 'twice.json');
  expect(records(place).at(-1).execution.job.circuits).toEqual([
    {
      source: expect.stringMatching(/^sha256:/),
      registers: [{ name: 'c', bits: 2 }],
      no_gate_list: 'qpy is not read',
    },
  ]);
  expect(told).toEqual([
    { circuit: undefined, reason: 'it writes 2 bits, the result has 3' },
    { circuit: undefined, reason: 'a gate\u001b[2J' },
  ]);
  const shown = place.qpoe('show', 'last');
  expect(shown.stdout).not.toContain('\u001b');
  expect(place.qpoe('verify', '.qpoe/records').code).toBe(0);
});

it('takes many from a pipe, all or none', () => {
  const place = newPlace();
  const line = JSON.stringify(newCapture());
  const bad = pipe(place, `${line}\n{"capture":1}\n`, 'record', '--capture', '-');
  expect(bad.code).toBe(2);
  expect(bad.stderr).toMatch(
    /line 2: no capture: sdk: expected string; `qpoe schema capture` prints its form\n$/,
  );
  expect(records(place)).toEqual([]);
  const good = pipe(place, `${line}\n\n${line}\n`, 'record', '--capture', '-', '--json');
  expect(good.code).toBe(0);
  const { records: made } = JSON.parse(good.stdout);
  expect(made.map((record: { log_entry: { log_index: number } }) => record.log_entry.log_index)).toEqual([
    0, 1,
  ]);
  expect(place.qpoe('verify', '.qpoe/records').code).toBe(0);
});

it('refuses what is no capture with one line', () => {
  const place = newPlace();
  write(place, 'bad.json', '{"capture":1,"capture":1}');
  write(place, 'raw.json', newCapture({ raw: { format: 'x', file: 'gone.raw' } }));
  writeFileSync(place.path('secret'), 'secret');
  symlinkSync(place.path('secret'), place.path('link.raw'));
  write(place, 'link.json', newCapture({ raw: { format: 'x', file: 'link.raw' } }));
  expect(place.qpoe('record', '--capture', 'bad.json')).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/qpoe: bad\.json: no capture: [^\n]+\n$/),
  });
  expect(place.qpoe('record', '--capture', 'none.json')).toMatchObject({ code: 2 });
  expect(place.qpoe('record', '--capture', 'raw.json')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('gone.raw: no such file'),
  });
  expect(place.qpoe('record', '--capture', 'link.json')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('is a link'),
  });
  expect(pipe(place, '', 'record', '--capture', '-')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('no capture on stdin'),
  });
  expect(place.qpoe('record', '--capture', 'bad.json', '--backend', 'x')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--backend and --capture contradict'),
  });
  expect(place.qpoe('record', '--capture', 'bad.json', '--follow')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--follow is for a folder'),
  });
  expect(place.qpoe('record')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('no --counts FILE is given'),
  });
  expect(records(place)).toEqual([]);
});

it('drains a folder: each becomes a record, a bad one is put aside with the reason', () => {
  const place = newPlace();
  mkdirSync(place.path('spool'));
  for (const name of ['1', '2', '3']) write(place, `spool/${name}.json`, newCapture());
  write(place, 'spool/4.json', newCapture({ raw: { format: 'x', file: '4.raw' } }));
  write(place, 'spool/4.raw', 'long');
  write(place, 'spool/5.json', '{}');
  const { code, stdout, stderr } = place.qpoe('record', '--capture', 'spool');
  expect({ code, stdout }).toEqual({ code: 2, stdout: 'recorded 4, refused 1\n' });
  expect(stderr).toContain('not recorded: 5.json: no capture');
  expect(readdirSync(place.path('spool')).sort()).toEqual(['lock', 'refused']);
  expect(readFileSync(place.path('spool/refused/5.txt'), 'utf8')).toContain('5.json: no capture');
  expect(records(place)).toHaveLength(4);
  expect(place.qpoe('verify', '.qpoe/records').code).toBe(0);
});

it('a killed drainer loses nothing and makes nothing twice', async () => {
  const place = newPlace();
  place.qpoe('init');
  mkdirSync(place.path('spool'));
  const all = 100;
  for (let n = 0; n < all; n++)
    write(place, `spool/${String(n).padStart(3, '0')}.json`, newCapture({ label: `job ${n}` }));
  let killed = 0;
  // From before it begins to when it would be done, so that some are killed in the middle of a batch.
  for (let wait = 100; readdirSync(place.path('spool')).some((name) => /json/.test(name)); wait += 50) {
    const child = place.start('record', '--capture', 'spool', '-q');
    const ended = once(child, 'exit');
    await Promise.race([sleep(wait), ended]);
    child.kill('SIGKILL');
    await ended;
    if (readdirSync(place.path('spool')).some((name) => /json\.[0-9a-f]/.test(name))) killed++;
  }
  expect(killed).toBeGreaterThan(0);
  expect(place.qpoe('record', '--capture', 'spool').code).toBe(0);
  const labels = records(place).map(({ labels }) => labels.label);
  expect(labels).toHaveLength(all);
  expect(new Set(labels).size).toBe(all);
  expect(place.qpoe('log', 'fsck').stdout).toContain(`${all} entries`);
  // It takes away what killed writers leave.
  expect(place.qpoe('doctor').stdout).toMatch(/✓ store/);
  expect(place.qpoe('verify', '.qpoe/records').code).toBe(0);
});

it('goes on with a folder until stdin ends', async () => {
  const place = newPlace();
  mkdirSync(place.path('spool'));
  const child = place.start('record', '--capture', 'spool', '--follow');
  const ended = once(child, 'exit');
  write(place, 'spool/1.json', newCapture());
  child.stdin!.write('\n');
  for (let tries = 0; records(place).length === 0 && tries < 100; tries++) await sleep(100);
  expect(records(place)).toHaveLength(1);
  write(place, 'spool/2.json', newCapture());
  child.stdin!.end();
  expect((await ended)[0]).toBe(0);
  expect(records(place)).toHaveLength(2);
});

it('exec passes streams, arguments, exit codes and signals through', () => {
  const place = newPlace();
  const run = (...args: string[]) => pipe(place, 'input', 'exec', '--', ...args);
  expect(run('sh', '-c', 'cat; echo " $1"; exit 7', 'sh', '--label')).toMatchObject({
    code: 7,
    stdout: 'input --label\n',
  });
  expect(run('sh', '-c', 'kill -TERM $$')).toMatchObject({ code: 143 });
  expect(run('no-such-program')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("can't start no-such-program: no such program"),
  });
  expect(run('true').stderr).toBe('qpoe: 0 records in .qpoe\n');
  expect(readdirSync(place.path('.qpoe/spool'))).toEqual([]);
});

it('exec runs the command also where nothing can be recorded', () => {
  const place = newPlace();
  write(place, '.qpoe', 'a file');
  const { code, stdout, stderr } = place.qpoe('exec', '--', 'echo', 'ran');
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'ran\n' });
  expect(stderr).toContain('nothing will be recorded');
});

it('exec records what the command spools, and what it can’t sign waits', () => {
  const place = newPlace();
  write(place, 'job.json', newCapture());
  const script = 'cp job.json "$QPOE_EXEC_SPOOL/1.json"';
  const ran = place.qpoe('exec', '--label', 'night', '--', 'sh', '-c', script);
  expect(ran.code).toBe(0);
  expect(ran.stderr).toMatch(/qpoe: 1 record in \.qpoe\n$/);
  expect(records(place)[0].labels).toEqual({ label: 'night' });
  const failed = place.qpoe('exec', '--key', 'no-such-key', '--', 'sh', '-c', `${script}; exit 3`);
  expect(failed.code).toBe(3);
  const [, spool] = /they wait in (\S+),/.exec(failed.stderr)!;
  expect(place.qpoe('record', '--capture', spool!).stdout).toBe('recorded 1\n');
});
