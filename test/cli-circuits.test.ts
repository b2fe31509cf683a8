/** `qpoe run circuit.qasm`: a person's own circuits. */

import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { newPlace, type Place } from './cli.ts';
import { cacheDir, findTestPython } from './test-python.ts';

const BELL =
  'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[2];\ncreg c[2];\nh q[0];\ncx q[0],q[1];\nmeasure q -> c;\n';
const TELEPORT = `OPENQASM 3.0;
include "stdgates.inc";
input float theta;
qubit[3] q; bit[2] m; bit out;
ry(theta) q[0]; h q[1]; cx q[1], q[2]; cx q[0], q[1]; h q[0];
m[0] = measure q[0]; m[1] = measure q[1];
if (m[1]) { x q[2]; }
if (m[0]) { z q[2]; }
out = measure q[2];
`;

const read = (place: Place, file: string) => JSON.parse(readFileSync(place.path(file), 'utf8'));

describe('one file', () => {
  it('is hashed as it came, derived into a gate list, run, signed and verified', () => {
    const place = newPlace();
    writeFileSync(place.path('bell.qasm'), BELL);
    expect(place.qpoe('run', 'bell.qasm', '--out', 'r.json')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^circuit on simulator \(statevector\): 2 qubits, 1024 shots/),
    });
    const { workload, execution } = read(place, 'r.json');
    expect(workload).toMatchObject({ name: 'circuit', parameters: {}, shots: 1024 });
    const [{ circuit, input, source }] = workload.programs;
    expect(input.format).toBe('openqasm2');
    const object = (digest: string) =>
      readFileSync(place.path('.qpoe/objects/sha256', digest.slice(7, 9), digest.slice(9)), 'utf8');
    expect(object(input.digest)).toBe(BELL);
    expect(JSON.parse(object(circuit))).toMatchObject({ version: 1, qubits: 2, bits: 2 });
    expect(source).toEqual({ format: 'gate-list', digest: circuit });
    expect(Object.keys(execution.result_summary[0].counts).sort()).toEqual(['00', '11']);
    expect(place.qpoe('verify', 'r.json').code).toBe(0);
  });

  it('may be a gate list', () => {
    const place = newPlace();
    writeFileSync(place.path('bell.qasm'), BELL);
    place.qpoe('run', 'bell.qasm', '--out', 'a.json');
    const { circuit } = read(place, 'a.json').workload.programs[0];
    const list = `.qpoe/objects/sha256/${circuit.slice(7, 9)}/${circuit.slice(9)}`;
    expect(place.qpoe('run', list, '--out', 'b.json').code).toBe(0);
    expect(read(place, 'b.json').workload.programs[0].circuit).toBe(circuit);
  });

  it('without measurement is refused with the line to add, or measured whole', () => {
    const place = newPlace();
    writeFileSync(place.path('open.qasm'), BELL.replace('measure q -> c;\n', ''));
    expect(place.qpoe('run', 'open.qasm')).toMatchObject({
      code: 2,
      stderr: 'qpoe: open.qasm measures nothing; add `measure q -> c;`, or give --measure-all\n',
    });
    expect(place.qpoe('run', 'open.qasm', '--measure-all').code).toBe(0);
  });
});

describe('a job of several programs', () => {
  it('sweeps a parameter', () => {
    const place = newPlace();
    writeFileSync(place.path('t.qasm'), TELEPORT);
    expect(
      place.qpoe('run', 't.qasm', '--param', 'theta=0,1.5,3.141592653589793', '--out', 'r.json').code,
    ).toBe(0);
    const { workload, execution } = read(place, 'r.json');
    expect(workload).toMatchObject({ name: 'job', shots: 3072 });
    expect(workload.programs.map((program: { values: object }) => program.values)).toEqual([
      { theta: 0 },
      { theta: 1.5 },
      { theta: Math.PI },
    ]);
    // What was teleported is |0⟩ in the first and |1⟩ in the last: the highest bit.
    const ones = execution.result_summary.map(({ counts }: { counts: Record<string, number> }) =>
      Object.entries(counts).reduce((sum, [key, count]) => sum + (key.startsWith('1') ? count : 0), 0),
    );
    expect([ones[0], ones[2]]).toEqual([0, 1024]);
    expect(place.qpoe('verify', 'r.json').code).toBe(0);
  });

  it('takes several files', () => {
    const place = newPlace();
    writeFileSync(place.path('a.qasm'), BELL);
    writeFileSync(place.path('b.qasm'), BELL.replace('h q[0]', 'x q[0]'));
    expect(place.qpoe('run', 'a.qasm', 'b.qasm', '--out', 'r.json').code).toBe(0);
    expect(read(place, 'r.json').execution.result_summary[1]).toEqual({
      kind: 'counts',
      bits: 2,
      counts: { '11': 1024 },
    });
  });
});

describe('refuses', () => {
  it.each<[string, string | Buffer, string[], RegExp]>([
    ['a missing parameter', TELEPORT, [], /line 3, column 1: the input theta has no value/],
    ['an unknown parameter', TELEPORT, ['--param', 'theta=1', '--param', 'phi=1'], /no input is named "phi"/],
    [
      'a parameter that is no number',
      TELEPORT,
      ['--param', 'theta=pi'],
      /--param theta must be a number, not "pi"/,
    ],
    [
      'a parameter given twice',
      TELEPORT,
      ['--param', 'theta=1', '--param', 'theta=2'],
      /theta is given twice/,
    ],
    [
      'too many combinations',
      TELEPORT,
      ['--param', `theta=${Array(1001).fill('1').join(',')}`],
      /more than 1000 combinations/,
    ],
    ["a workload's flag", BELL, ['--depth', '3'], /--depth is a workload's/],
    ['a binary file', Buffer.from([0, 255, 254]), [], /c.qasm is no text/],
    ['an unknown gate', BELL.replace('h q', 'hh q'), [], /c.qasm: line 5, column 1: /],
    ['a register of 10^9', BELL.replace('q[2]', 'q[1000000000]'), [], /line 3, column \d+: /],
    [
      'more qubits than the simulator takes',
      BELL.replace('q[2]', 'q[40]').replace('c[2]', 'c[40]'),
      [],
      /40 qubits/,
    ],
    ['a file that says 3 and is 2', BELL.replace('2.0', '3.0').replace('qelib1.inc', 'x.inc'), [], /line 2/],
    [
      'a gate list with a parameter',
      '{"version":1,"qubits":1,"bits":1,"operations":[]}',
      ['--param', 'a=1'],
      /a gate list has no parameter "a"/,
    ],
    ['a gate list that is none', '{"version":1}', [], /c.qasm: qubits: expected/],
  ])('%s, in one line', (_, text, args, reason) => {
    const place = newPlace();
    place.qpoe('init');
    writeFileSync(place.path('c.qasm'), text);
    const { code, stdout, stderr } = place.qpoe('run', 'c.qasm', ...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr.trimEnd().split('\n')).toEqual([expect.stringMatching(reason)]);
    expect(place.files().filter((file) => file.includes('records/'))).toEqual([]);
  });
});

const pythons = { qiskit: await findTestPython('qiskit'), cirq: await findTestPython('cirq') };
const reason = Object.values(pythons).flatMap((found) => ('reason' in found ? [found.reason] : []))[0];

describe.skipIf(reason !== undefined)(
  reason === undefined ? 'on every SDK' : `on every SDK (skipped: ${reason})`,
  () => {
    it('a circuit with conditions has one digest, and what it teleports arrives', () => {
      const place = newPlace({ QPOE_CACHE: cacheDir });
      writeFileSync(place.path('t.qasm'), TELEPORT);
      const digests = ['simulator', 'qiskit', 'cirq'].map((sdk) => {
        const found = pythons[sdk as 'cirq'];
        const python = found !== undefined && 'python' in found ? ['--python', found.python] : [];
        expect(
          place.qpoe(
            'run',
            't.qasm',
            '--param',
            'theta=3.141592653589793',
            '--sdk',
            sdk,
            ...python,
            '--out',
            'r.json',
          ).code,
          sdk,
        ).toBe(0);
        const { workload, execution } = read(place, 'r.json');
        for (const key of Object.keys(execution.result_summary[0].counts))
          expect(key, sdk).toMatch(/^1[01]{2}$/);
        expect(place.qpoe('verify', 'r.json').code).toBe(0);
        return workload.programs[0].circuit;
      });
      expect(new Set(digests).size).toBe(1);
    });
  },
);

describe("the original's flags", () => {
  it('name a key file, and refuse a key on the command line', () => {
    const place = newPlace();
    const key = Buffer.alloc(32, 7).toString('base64');
    writeFileSync(place.path('key'), key, { mode: 0o600 });
    expect(
      place.qpoe('run', '--framework', 'simulator', '--private-key-file', 'key', '--out', 'r.json').code,
    ).toBe(0);
    expect(read(place, 'r.json').record.public_key).toBe('6kpsY+KcUgq+9VB7Ey7F+ZVHdq6+vnuSQh7qaRRG0iw=');
    const refused = place.qpoe('run', '--private-key-b64', key);
    expect([refused.code, refused.stderr]).toEqual([
      2,
      expect.stringContaining('give --private-key-file FILE'),
    ]);
    expect(refused.stderr).not.toContain(key);
  });
});
