/** An archive of records on three SDKs, run again on the real ones: by whoever has all of them, and by whoever has one. */

import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { CITED } from '../archives.ts';
import { newPlace } from '../cli.ts';
import { cacheDir, findTestPython } from '../test-python.ts';

const MINUTES = 60_000;
const SWEEP =
  'OPENQASM 3.0;\ninclude "stdgates.inc";\ninput angle theta;\nqubit[2] q;\nbit[2] c;\nrx(theta) q[0];\ncx q[0], q[1];\nc = measure q;\n';

const qiskit = await findTestPython('qiskit');
const cirq = await findTestPython('cirq');
const reason = [qiskit, cirq].map((found) => ('reason' in found ? found.reason : '')).join('');

it(
  'identical on Qiskit and Cirq, counts and values; without them each is named, and the rest is run',
  ({ skip }) => {
    if (reason !== '') skip(reason);
    const author = newPlace({ QPOE_CACHE: cacheDir });
    writeFileSync(author.path('sweep.qasm'), SWEEP);
    const theta = ['--param', 'theta=0.4,1'];
    for (const sdk of ['simulator', 'qiskit', 'cirq']) {
      expect(author.qpoe('run', '-q', 'sweep.qasm', ...theta, '--sdk', sdk, '--label', sdk).code, sdk).toBe(
        0,
      );
      const values = ['--workload', 'toy-param-circuit', '--observable', 'ZZI', '--shots', '500'];
      expect(author.qpoe('run', '-q', ...values, '--sdk', sdk, '--label', sdk).code, sdk).toBe(0);
    }
    const figures = ['fig1=label:simulator', 'fig2=label:qiskit', 'fig3=label:cirq'];
    expect(author.qpoe('publish', ...figures, ...CITED, '--out', 'paper.zip').code).toBe(0);

    const reviewer = newPlace({ QPOE_CACHE: cacheDir });
    writeFileSync(reviewer.path('paper.zip'), readFileSync(author.path('paper.zip')));
    const { code, stdout, stderr } = reviewer.qpoe('reproduce', 'paper.zip');
    expect([code, stdout], stderr).toEqual([0, expect.stringMatching(/^REPRODUCED: 6 identical\n/)]);
    const { reproduction } = JSON.parse(readFileSync(reviewer.path('reproduction.json'), 'utf8'));
    expect(reproduction.sdks).toMatchObject({
      cirq: { backends: ['cirq.Simulator'], packages: { 'cirq-core': expect.any(String) } },
      qiskit: { backends: ['aer_simulator'], packages: { qiskit: expect.any(String) } },
      simulator: { backends: ['statevector'] },
    });

    const { stdout: less, code: exit } = reviewer.qpoe(
      'reproduce',
      'paper.zip',
      '--python',
      '/nonexistent/python',
    );
    expect(less).toMatch(/^REPRODUCED: 2 identical, 4 not replayed\n/);
    expect(less).toMatch(
      / {2}fig2: 2 not replayed\n {4}2 records not replayed: its SDK was not usable there: /,
    );
    expect(exit).toBe(0);
    expect(reviewer.qpoe('verify', 'reproduction.json').stdout).toContain(
      '2 identical, 4 not replayed; on simulator',
    );
  },
  15 * MINUTES,
);
