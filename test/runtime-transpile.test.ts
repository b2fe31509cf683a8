/** `qpoe runtime submit` through the person's own Qiskit: what it compiles for the device is what was meant. */

import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DEVICE, newLab, recordsIn } from './runtime-lab.ts';
import { findTestPython } from './test-python.ts';

const QISKIT = await findTestPython('qiskit');
const reason = 'reason' in QISKIT ? QISKIT.reason : undefined;
const BELL =
  'OPENQASM 3.0; include "stdgates.inc"; qubit[3] q; bit[2] c; h q[0]; cx q[0], q[2]; c[0] = measure q[0]; c[1] = measure q[2];';

describe.skipIf(reason !== undefined)(`transpiled for a device (${reason ?? 'Qiskit'})`, () => {
  const python = ['--python', 'python' in QISKIT ? QISKIT.python : ''];

  it('both circuits are recorded, and one gives what the other gives', async () => {
    const lab = await newLab({ receipt: false });
    writeFileSync(lab.place.path('bell.qasm'), BELL);
    const flags = [...DEVICE, '--no-receipt', '--shots', '200', '--seed', '5', ...python];
    const { code, stderr } = await lab.runtime('submit', 'bell.qasm', ...flags);
    expect(code, stderr).toBe(0);
    const [{ execution, workload }] = recordsIn(lab.place);
    expect(Object.keys(execution.result_summary[0].counts).sort()).toEqual(['00', '11']);
    const [executed] = execution.executed_circuits;
    expect(executed.layout).toMatchObject({ from: 'circuit', optimization_level: 1, seed_transpiler: 5 });
    expect(executed.layout.by).toMatch(/^qiskit \d/);
    expect(executed.layout.initial).toHaveLength(3);
    const text = readFileSync(lab.place.path(objectFile(executed.digest)), 'utf8');
    expect(text).toMatch(/^cz \$/m);
    expect(text).not.toMatch(/^(?:h|cx) /m);
    expect(workload.programs[0].input.digest).not.toBe(executed.digest);
    expect(lab.place.qpoe('bundle', '--out', 'b.json').code).toBe(0);
    expect(lab.place.qpoe('verify', 'b.json').stdout).toContain('✓ pass    circuit.executed');
  });

  it('observables go where the qubits go', async () => {
    const lab = await newLab({ receipt: false });
    // Each qubit by itself is told apart: 0 is 1, 1 is 0, 2 is +.
    writeFileSync(
      lab.place.path('three.qasm'),
      'OPENQASM 3.0; include "stdgates.inc"; qubit[3] q; bit[3] c; x q[0]; h q[2]; cx q[0], q[1]; cx q[0], q[1]; c = measure q;',
    );
    const observables = ['IIZ', 'IZI', 'XII', 'XZZ=2,ZII=1'].flatMap((label) => ['--observable', label]);
    const { code, stderr } = await lab.runtime(
      'submit',
      'three.qasm',
      ...[...DEVICE, '--no-receipt', '--shots', '100', '--optimization', '3', ...observables, ...python],
    );
    expect(code, stderr).toBe(0);
    const [{ execution }] = recordsIn(lab.place);
    const [{ values }] = execution.result_summary;
    for (const [at, wanted] of [-1, 1, 1, -2].entries()) expect(values[at]).toBeCloseTo(wanted, 9);
    expect(Object.keys(execution.executed_circuits[0].layout.observables[0])[0]).toHaveLength(7);
  });

  it('a circuit that is larger than the device is refused, and nothing is submitted', async () => {
    const lab = await newLab({ receipt: false });
    const wide = ['--workload', 'toy-param-circuit', '--n-qubits', '9'];
    const { code, stderr } = await lab.runtime('submit', ...wide, ...DEVICE, '--no-receipt', ...python);
    expect(stderr).toMatch(/^qpoe: .*9 .*7/m);
    expect(code).toBe(2);
    expect(lab.asked).not.toContain('POST /experimental/api/v1/jobs');
  });
});

const objectFile = (digest: string): string =>
  `.qpoe/objects/sha256/${digest.slice(7, 9)}/${digest.slice(9)}`;
