/** `qpoe run --sdk …` with the real SDKs, and with Pythons that misbehave. */

import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { newPlace, type Place } from './cli.ts';
import { cacheDir, findTestPython } from './test-python.ts';

const pythons = { qiskit: await findTestPython('qiskit'), cirq: await findTestPython('cirq') };
const reasons = Object.values(pythons).flatMap((found) => ('reason' in found ? [found.reason] : []));
const suite =
  reasons.length > 0
    ? `the same workload on every SDK (skipped: ${reasons[0]})`
    : 'the same workload on every SDK';

describe.skipIf(reasons.length > 0)(suite, () => {
  it('gives records of one circuit, each signed and verified', () => {
    const place = newPlace({ QPOE_CACHE: cacheDir });
    const records = ['simulator', 'qiskit', 'cirq'].map((sdk) => {
      const found = pythons[sdk as 'qiskit'];
      const python = found !== undefined && 'python' in found ? ['--python', found.python] : [];
      const run = place.qpoe(
        'run',
        '--sdk',
        sdk,
        ...python,
        '--n-qubits',
        '4',
        '--depth',
        '10',
        '--seed',
        '123',
        '--shots',
        '2000',
        '--out',
        `${sdk}.json`,
      );
      expect([run.code, run.stderr]).toEqual([0, expect.stringContaining('next: qpoe bundle last')]);
      expect(place.qpoe('verify', `${sdk}.json`).code).toBe(0);
      expect(place.qpoe('verify', '--home', join(place.home, 'other'), `${sdk}.json`).code).toBe(3);
      expect(place.qpoe('verify', '--integrity-only', `${sdk}.json`).code).toBe(0);
      return JSON.parse(readFileSync(place.path(`${sdk}.json`), 'utf8'));
    });
    expect(new Set(records.map((record) => record.workload.programs[0].circuit)).size).toBe(1);
    expect(records.map((record) => record.execution.seeding)).toEqual(
      [1, 2, 3].map(() => ({ requested: 123, applied: expect.any(String), took_effect: true })),
    );
    const { execution } = records[1];
    expect(execution.executed_circuits).toEqual([
      { program: 0, format: 'openqasm3', digest: expect.any(String) },
    ]);
    expect(place.files()).toContain(objectFile(execution.executed_circuits[0].digest));
    const verify = place.qpoe('verify', '--json', 'qiskit.json');
    const statuses = JSON.parse(verify.stdout).files[0].verdict.checks.map(
      (check: { id: string; status: string }) => [check.id, check.status],
    );
    expect(statuses).toContainEqual(['circuit.source', 'pass']);
  });
});

const objectFile = (digest: string): string =>
  `.qpoe/objects/sha256/${digest.slice(7, 9)}/${digest.slice(9)}`;

function fakePython(place: Place, body: string): string {
  const path = place.path('python');
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
  return path;
}

describe('an SDK that fails', () => {
  it('that isn’t installed is offered', () => {
    const place = newPlace({ PATH: '/nowhere' });
    const run = place.qpoe('run', '--sdk', 'qiskit');
    expect([run.code, run.stderr.trimEnd().split('\n').at(-1)]).toEqual([
      4,
      expect.stringContaining('qpoe sdk install qiskit'),
    ]);
    expect(place.files().filter((file) => /records|objects/.test(file))).toEqual([]);
    const list = place.qpoe('sdk', 'list');
    expect(list.code).toBe(0);
    expect(list.stdout).toMatch(
      /^✓ simulator .*\n✗ qiskit .*qpoe sdk install qiskit.*\n✗ cirq .*qpoe sdk install cirq/,
    );
  });

  it.each<[string, string, RegExp]>([
    ['crashes', 'echo boom >&2; exit 3', /boom/],
    ['is killed', 'kill -9 $$', /SIGKILL/],
    ['prints garbage', 'echo "not JSON"', /./],
    ['prints too much', 'yes 0123456789012345678901234567890123456789', /./],
    ['hangs', 'sleep 600', /./],
  ])('that %s costs one line, exit 4, and leaves nothing', (about, body, reason) => {
    const place = newPlace();
    place.qpoe('init');
    const run = place.qpoe(
      'run',
      '--sdk',
      'cirq',
      '--python',
      fakePython(place, body),
      '--timeout',
      about === 'hangs' ? '1' : '30',
    );
    expect([run.code, run.stdout]).toEqual([4, '']);
    expect(run.stderr.trimEnd().split('\n')).toEqual([expect.stringMatching(reason)]);
    expect(place.files().filter((file) => /records|objects/.test(file))).toEqual([]);
  });

  it('that no one knows', () => {
    const place = newPlace();
    expect(place.qpoe('run', '--sdk', 'qsim')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^qpoe: no SDK named "qsim"; /),
    });
    expect(place.qpoe('sdk', 'install', 'qsim').code).toBe(2);
    expect(place.qpoe('run', '--sdk', 'cirq', '--framework', 'qiskit').code).toBe(2);
  });
});
