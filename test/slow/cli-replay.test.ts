/** `qpoe replay` as transcripts: run again, and what came of it. */

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { recordText } from '../../src/record/record.ts';
import type { ExecutionRecord } from '../../src/record/schema.ts';
import { newPlace, type Place } from '../cli.ts';
import { countedRecord, type RanOn } from '../counted.ts';
import { BELL, newSigner, resign } from '../records.ts';
import { findTestPython } from '../test-python.ts';

const signer = newSigner();
const TELEPORT = `OPENQASM 3.0;
include "stdgates.inc";
input float theta;
qubit[2] q;
bit[2] c;
ry(theta) q[0];
cx q[0], q[1];
c[0] = measure q[0];
if (c[0]) x q[1];
c[1] = measure q[1];
`;

/** The store's last record with something changed, as a file; its circuits stay in the store. */
async function changed(place: Place, change: (record: ExecutionRecord) => void): Promise<string> {
  const record = JSON.parse(readFileSync(place.path('r.json'), 'utf8')) as ExecutionRecord;
  change(record);
  writeFileSync(place.path('changed.json'), recordText(await resign(record, signer)));
  return 'changed.json';
}

function placeWithRun(...args: string[]): Place {
  const place = newPlace();
  writeFileSync(place.path('teleport.qasm'), TELEPORT);
  const { code, stderr } = place.qpoe('run', ...args, '--out', 'r.json');
  expect(code, stderr).toBe(0);
  return place;
}

describe('identical', () => {
  it.each([
    ['a workload', []],
    ['a sweep with a condition', ['teleport.qasm', '--param', 'theta=0.3,0.9,2', '--shots', '300']],
    ['more outcomes than a record holds', ['--n-qubits', '14', '--depth', '12', '--shots', '20000']],
  ])('%s', (_, args) => {
    const place = placeWithRun(...args);
    const before = place.files();
    const { code, stdout, stderr } = place.qpoe('replay', 'last');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^IDENTICAL: the same counts, to the shot/);
    expect(stdout).toMatch(/\nB {8}run again just now, with the seed 1234\n$/);
    expect(stderr).toBe('nothing was verified here, and nothing was recorded\n');
    expect(place.files()).toEqual(before);
  });

  it('out of a bundle, on a machine that has nothing else', () => {
    const place = placeWithRun('teleport.qasm', '--param', 'theta=0.5');
    place.qpoe('bundle', 'last', '--out', 'job.qpoe.json');
    rmSync(place.path('.qpoe'), { recursive: true });
    const { code, stdout } = place.qpoe('replay', 'job.qpoe.json', '--json');
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { outcome: 'identical', changes: [] }]);
  });
});

describe('expectation values', () => {
  // Its terms are not in the order that the record's object has them in.
  const OBSERVED = [
    '--observable',
    'ZIZ=0.3,XXI=-0.25',
    '--observable',
    'IZI',
    '--workload',
    'toy-param-circuit',
  ];
  const SAMPLED = [...OBSERVED, '--shots', '300'];

  it.each([
    ['exact', OBSERVED, 'computed again just now'],
    ['sampled', SAMPLED, 'run again just now, with the seed 1234'],
  ])('%s ones are identical', (_, args, how) => {
    const { code, stdout } = placeWithRun(...args).qpoe('replay', 'last');
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(new RegExp(`^IDENTICAL: the same values, to the digit\n.*\nB {8}${how}\n$`)),
    ]);
  });

  const move = (by: number, error?: number) => (record: ExecutionRecord) => {
    const result = record.execution.result_summary[0] as { values: number[]; std_errors: number[] };
    result.values[1]! += by;
    if (error !== undefined) result.std_errors = [error, error];
  };

  it.each<[string, string[], number, number | undefined, number, RegExp]>([
    ['exact, and rounded otherwise', OBSERVED, 1e-11, undefined, 0, /^CONSISTENT: /],
    ['exact, and moved', OBSERVED, 1e-6, undefined, 1, /^DIFFERENT: /],
    ['exact, and moved under an error that none has', OBSERVED, 0.1, 1, 1, /^DIFFERENT: /],
    [
      'sampled, and moved by less than their errors',
      SAMPLED,
      0.02,
      undefined,
      0,
      /^CONSISTENT: no more apart than their errors/,
    ],
    [
      'sampled, and moved by more',
      SAMPLED,
      0.5,
      undefined,
      1,
      /^DIFFERENT: their errors alone do this with p = /,
    ],
    ['sampled, and moved by more, with errors that hide it', SAMPLED, 0.5, 9, 1, /^DIFFERENT: /],
    [
      'not moved, with other errors',
      SAMPLED,
      0,
      9,
      0,
      /^! program 0 states other errors than its values have\nCONSISTENT: /,
    ],
  ])('%s', async (_, args, by, error, exit, says) => {
    const place = placeWithRun(...args);
    const { code, stdout } = place.qpoe('replay', await changed(place, move(by, error)));
    expect([code, stdout]).toEqual([exit, expect.stringMatching(says)]);
  });

  it.each<[string, (record: ExecutionRecord) => void, RegExp]>([
    [
      'shots that divide among nothing',
      ({ workload }) => {
        workload.shots = workload.programs[0]!.shots = 301 * 3 - 1;
      },
      /its 902 shots don't divide/,
    ],
    [
      'a value too many',
      ({ execution }) => {
        execution.result_summary = [{ kind: 'expectation', values: [1, 0, 1] }];
      },
      /holds 3 values of 2 observables/,
    ],
    [
      'counts beside observables',
      ({ execution }) => {
        execution.result_summary = [{ kind: 'counts', bits: 3, counts: { '000': 900 } }];
      },
      /it names observables, and holds counts/,
    ],
    [
      'observables that are something else',
      ({ workload }) => {
        workload.programs[0]!.observables = workload.programs[0]!.circuit!;
      },
      /its observables sha256:[0-9a-f]{64} are no list of any/,
    ],
  ])('are refused with %s', async (_, change, reason) => {
    const place = placeWithRun(...SAMPLED);
    const { code, stdout, stderr } = place.qpoe('replay', await changed(place, change));
    expect([code, stdout, stderr]).toEqual([2, '', expect.stringMatching(reason)]);
  });
});

describe('not identical', () => {
  it('consistent: other counts that shot noise explains', async () => {
    const place = placeWithRun('--workload', 'toy-param-circuit');
    const file = await changed(place, ({ execution }) => {
      const result = execution.result_summary[0] as { counts: Record<string, number> };
      const [one, other] = Object.keys(result.counts).sort((a, b) => result.counts[b]! - result.counts[a]!);
      result.counts[one!]! -= 3;
      result.counts[other!]! += 3;
    });
    const { code, stdout } = place.qpoe('replay', file);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^CONSISTENT: no more apart than shot noise puts them: p = /);
    expect(stdout).toContain('total variation distance');
  });

  it('different: counts that someone moved', async () => {
    const place = placeWithRun('--workload', 'toy-param-circuit');
    const file = await changed(place, ({ execution }) => {
      execution.result_summary = [{ kind: 'counts', bits: 3, counts: { '000': 24, '111': 1000 } }];
    });
    const { code, stdout } = place.qpoe('replay', file);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^DIFFERENT: shot noise alone does this with p = /);
  });

  it('can’t be said of one shot', async () => {
    const place = placeWithRun('--workload', 'toy-param-circuit', '--shots', '1');
    const file = await changed(place, ({ execution }) => {
      const { counts } = execution.result_summary[0] as { counts: Record<string, number> };
      const other = Object.keys(counts)[0] === '000' ? '001' : '000';
      execution.result_summary = [{ kind: 'counts', bits: 3, counts: { [other]: 1 } }];
    });
    const { code, stdout } = place.qpoe('replay', file);
    expect([code, stdout]).toEqual([3, expect.stringMatching(/^CAN'T SAY: too few shots/)]);
  });

  it('says first that another version made it', async () => {
    const place = placeWithRun();
    const file = await changed(place, ({ execution }) => {
      Object.assign(execution.environment, {
        packages: { 'quantum-proof-of-execution': '0.0.9' },
        sampler: 9,
      });
    });
    const { code, stdout, stderr } = place.qpoe('replay', file);
    expect(code).toBe(0);
    expect(stdout.split('\n').slice(0, 3)).toEqual([
      expect.stringMatching(/^! quantum-proof-of-execution was 0\.0\.9, is \d/),
      '! the sampler was 9, is 1',
      'IDENTICAL: the same counts, to the shot',
    ]);
    expect(stderr).toMatch(/^simulator is \S+ here, and was of another version when it was recorded\n/);
  });
});

describe('refused, with the reason', () => {
  const refusal = (place: Place, file: string): string => {
    const { code, stdout, stderr } = place.qpoe('replay', file);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    return stderr;
  };

  it.each<[string, RanOn, RegExp]>([
    [
      'an imported job',
      { class: 'imported', sdk: 'ibm-quantum' },
      /the job ran at its provider, and was imported/,
    ],
    ['a captured job', { class: 'captured', sdk: 'qiskit' }, /the job ran in a process of its own/],
    ['supplied results', { class: 'supplied' }, /its results were supplied as files/],
    ['an SDK that no one knows', { sdk: 'abacus' }, /this version knows no SDK "abacus"/],
  ])('%s', async (_, ran, reason) => {
    const place = newPlace();
    const record = await countedRecord(signer, [{ circuit: BELL, counts: { '00': 5 } }], ran);
    writeFileSync(place.path('r.json'), recordText(record));
    expect(refusal(place, 'r.json')).toMatch(reason);
  });

  it('a record without its circuit object', () => {
    const place = placeWithRun('teleport.qasm', '--param', 'theta=0.5');
    rmSync(place.path('.qpoe/objects'), { recursive: true });
    expect(refusal(place, 'r.json')).toMatch(
      /program 0 can't be replayed: its circuit sha256:[0-9a-f]{64} is not here; give its bundle, /,
    );
  });

  it('values of nobody knows what, and a record that names no seed', async () => {
    const place = placeWithRun();
    const values = await changed(place, ({ execution }) => {
      execution.result_summary = [{ kind: 'expectation', values: [1] }];
    });
    expect(refusal(place, values)).toMatch(
      /program 0 can't be replayed: the record names no observables of it/,
    );
    const seedless = await changed(place, ({ execution }) => {
      execution.seeding = {};
    });
    expect(refusal(place, seedless)).toMatch(/the record names no seed/);
  });
});

describe.each(['qiskit', 'cirq'] as const)('on %s', async (name) => {
  const found = await findTestPython(name);
  const test = 'python' in found ? it : it.skip;

  test(`${'python' in found ? '' : `(${found.reason}) `}the counts are the same again`, () => {
    const { python } = found as { python: string };
    const place = placeWithRun('teleport.qasm', '--param', 'theta=0.4,1', '--sdk', name, '--python', python);
    const { code, stdout } = place.qpoe('replay', 'r.json', '--python', python);
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/^IDENTICAL: the same counts.* of all 2 programs\n/),
    ]);
  });
});
