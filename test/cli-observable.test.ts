/** `qpoe run --observable …` on the embedded simulator; `test/slow/engines.test.ts` has the other SDKs. */

import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { digestOf } from '../src/core/digest.ts';
import { newPlace, type Place } from './cli.ts';

/** q[0] is 1, q[1] is 0: the letters' order shows. */
const CIRCUIT = `OPENQASM 3.0;
include "stdgates.inc";
qubit[2] q;
x q[0];
`;

function placeWithCircuit(): Place {
  const place = newPlace();
  writeFileSync(place.path('c.qasm'), CIRCUIT);
  return place;
}

const recordOf = (place: Place) => JSON.parse(readFileSync(place.path('r.json'), 'utf8'));

it('records exact values, by name and digest, and verifies', () => {
  const place = placeWithCircuit();
  const run = place.qpoe(
    'run',
    'c.qasm',
    '--observable',
    'IZ',
    '--observable',
    'ZI=0.5,IZ=2',
    '--out',
    'r.json',
  );
  expect(run.code).toBe(0);
  expect(run.stdout).toMatch(
    /^circuit on simulator \(statevector\): 2 qubits, exact expectation values, \d+ ms\n {2}IZ {2}-1\n {2}2 IZ \+ 0\.5 ZI {2}-1\.5\n/,
  );
  const { workload, execution } = recordOf(place);
  expect([workload.shots, workload.programs[0].shots]).toEqual([0, 0]);
  expect(workload.programs[0].observables).toBe(
    digestOf(new TextEncoder().encode('["IZ",{"IZ":2,"ZI":0.5}]')),
  );
  expect(execution.result_summary).toEqual([{ kind: 'expectation', values: [-1, -1.5], std_errors: [0, 0] }]);
  expect(place.qpoe('verify', 'r.json').code).toBe(0);
  expect(place.qpoe('bundle', 'last', '--out', 'b.json').code).toBe(0);
  expect(place.qpoe('verify', 'b.json').code).toBe(0);
  expect(place.qpoe('show', 'last').stdout).toContain('expectation values -1, -1.5');
});

it('measures with shots, and takes a file and a workload', () => {
  const place = placeWithCircuit();
  writeFileSync(place.path('o.json'), '["ZZZ", {"XII": 0.25, "IZZ": -1}]');
  const args = [
    '--workload',
    'toy-param-circuit',
    '--observable',
    './o.json',
    '--shots',
    '500',
    '--out',
    'r.json',
  ];
  const run = place.qpoe('run', ...args);
  expect([run.code, run.stdout]).toEqual([0, expect.stringContaining('expectation values from 1500 shots')]);
  const { workload, execution } = recordOf(place);
  expect(workload.shots).toBe(1500);
  const [{ values, std_errors: errors }] = execution.result_summary;
  expect([values.length, errors.every((error: number) => error > 0 && error < 0.1)]).toEqual([2, true]);
  expect(execution.executed_circuits).toHaveLength(3);
  const verified = place.qpoe('verify', '--json', 'r.json');
  const checks = JSON.parse(verified.stdout).files[0].verdict.checks as { id: string; status: string }[];
  const passed = checks.filter(({ status }) => status === 'pass').map(({ id }) => id);
  expect(passed).toEqual(expect.arrayContaining(['record.counts', 'circuit.rebuild', 'circuit.source']));
});

it.each<[string, string[], number, RegExp]>([
  ['a letter too few', ['Z'], 2, /the observable Z has 1 letters, and the circuit 2 qubits/],
  ['another letter', ['ZQ'], 2, /"ZQ" is no product of I, X, Y and Z/],
  ['a coefficient that is none', ['ZZ=much'], 2, /must be a number/],
  ['one twice in a sum', ['ZZ,ZZ=2'], 2, /ZZ is there twice/],
  ['no such file', ['zz.json'], 2, /zz\.json/],
  ['the identity alone, measured', ['II', '--shots', '5'], 2, /needs no measurement/],
])('refuses %s in one line', (_, args, code, reason) => {
  const place = placeWithCircuit();
  const run = place.qpoe('run', 'c.qasm', '--observable', ...args);
  const refusal = run.stderr
    .trimEnd()
    .split('\n')
    .filter((line) => line.startsWith('qpoe: '));
  expect([run.code, run.stdout, refusal]).toEqual([code, '', [expect.stringMatching(reason)]]);
  expect(place.files().filter((file) => file.includes('records/'))).toEqual([]);
});
