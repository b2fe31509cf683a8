/** The notebook package beside the real Cirq. */

import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { newNotebookPlace } from '../notebook-place.ts';
import { findTestPython } from '../test-python.ts';

const found = await findTestPython('cirq');
const reason = 'reason' in found ? ` (${found.reason})` : '';

const CIRCUITS = `
import cirq, sympy, qpoe
a, b, c = cirq.LineQubit.range(3)
# Keys out of the order of their names, one of two qubits: z is c[0], m is c[1] and c[2].
fixed = cirq.Circuit(cirq.X(a), cirq.X(c), cirq.measure(c, key="z"), cirq.measure(b, a, key="m"))
swept = cirq.Circuit(cirq.rx(sympy.Symbol("w"))(a), cirq.measure(a, key="k"))
`;

describe.skipIf('reason' in found)(`qpoe in a Python with Cirq${reason}`, () => {
  const python = 'python' in found ? found.python : '';

  it('numbers the bits as its own OpenQASM does, which gives the same when it is run again here', () => {
    const place = newNotebookPlace(python);
    const { code, stdout, stderr } = place.python(`${CIRCUITS}
qpoe.record(cirq.Simulator().run(fixed, repetitions=9), circuit=fixed)
print(fixed.to_qasm(precision=17))
`);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    writeFileSync(place.path('again.qasm'), stdout);
    expect(place.qpoe('run', 'again.qasm', '--shots', '9').code).toBe(0);
    const [captured, executed] = place.records();
    expect(captured!.execution.result_summary).toEqual([{ kind: 'counts', bits: 3, counts: { '101': 9 } }]);
    expect(executed!.execution.result_summary).toEqual(captured!.execution.result_summary);
    expect(captured!.workload.programs[0]!.circuit).toBe(executed!.workload.programs[0]!.circuit);
    expect(captured!.execution.job.circuits).toMatchObject([
      {
        registers: [
          { name: 'z', bits: 1 },
          { name: 'm', bits: 2 },
        ],
      },
    ]);
    expect(place.qpoe('verify', '.qpoe/records').code).toBe(0);
  });

  it('auto records runs and sweeps once each, and changes no result', () => {
    const place = newNotebookPlace(python);
    const { code, stdout, stderr } = place.python(`${CIRCUITS}
def runs():
    simulator = cirq.Simulator(seed=3)
    one = simulator.run(swept, {"w": 0.5}, repetitions=20)
    many = simulator.run_sweep(swept, cirq.Linspace("w", 0, 3, 4), repetitions=30)
    dense = cirq.DensityMatrixSimulator(seed=4, noise=cirq.depolarize(0.1)).sample(fixed, repetitions=40)
    return [one, many], str(dense)
plain = runs()
qpoe.auto()
assert runs() == plain
print(qpoe.flush(60))
`);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '0\n', stderr: '' });
    const records = place.records();
    expect(records.map(({ execution, workload }) => [execution.backend, workload.shots])).toEqual([
      ['cirq.Simulator', 20],
      ['cirq.Simulator', 120],
      ['cirq.DensityMatrixSimulator', 40],
    ]);
    const [, sweep] = records;
    expect(sweep!.workload.programs.map(({ values }) => values)).toEqual([
      { w: 0 },
      { w: 1 },
      { w: 2 },
      { w: 3 },
    ]);
    expect(new Set(sweep!.workload.programs.map(({ circuit }) => circuit)).size).toBe(4);
    expect(new Set(sweep!.workload.programs.map(({ source }) => source!.digest)).size).toBe(1);
    expect(place.qpoe('verify', '.qpoe/records').code).toBe(0);
  });

  it('refuses what has no bits', () => {
    const place = newNotebookPlace(python);
    const { code, stdout } = place.python(`${CIRCUITS}
trit = cirq.LineQid(0, dimension=3)
class Up(cirq.Gate):
    def _qid_shape_(self):
        return (3,)
    def _unitary_(self):
        import numpy
        return numpy.array([[0, 0, 1], [0, 1, 0], [1, 0, 0]])
result = cirq.Simulator().run(cirq.Circuit(Up()(trit), cirq.measure(trit, key="t")), repetitions=3)
try:
    qpoe.record(result)
except qpoe.QpoeError as error:
    print(error)
print(qpoe.record(cirq.Simulator().run(swept, {"w": 3.14}, repetitions=2)).content["workload"]["programs"][0].get("source"))
`);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: "a measurement of this result is no bit (a qudit): it can't be recorded\nNone\n",
    });
  });
});
