/** The notebook package beside the real Qiskit and Aer. */

import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { newNotebookPlace } from '../notebook-place.ts';
import { findTestPython } from '../test-python.ts';

const found = await findTestPython('qiskit');
const reason = 'reason' in found ? ` (${found.reason})` : '';

const CIRCUITS = `
from qiskit import QuantumCircuit, QuantumRegister, ClassicalRegister, transpile
from qiskit.circuit import Parameter, ParameterVector
from qiskit.primitives import StatevectorSampler, StatevectorEstimator, BackendSamplerV2
from qiskit_aer import AerSimulator
from qiskit_aer.primitives import SamplerV2, EstimatorV2
import qpoe
simulator = AerSimulator()
# q0 = 1, q1 = 0, q2 = 1, q3 = 1 into registers a (2 bits) and b (2 bits): b1 b0 a1 a0 = 1 1 0 1
fixed = QuantumCircuit(QuantumRegister(4, "q"), ClassicalRegister(2, "a"), ClassicalRegister(2, "b"))
fixed.x([0, 2, 3])
fixed.measure(range(4), range(4))
bell = QuantumCircuit(2, 2)
bell.h(0)
bell.cx(0, 1)
bell.measure([0, 1], [0, 1])
`;

describe.skipIf('reason' in found)(`qpoe in a Python with Qiskit${reason}`, () => {
  const python = 'python' in found ? found.python : '';

  it('gives outcomes as c[n-1]…c[0] over all registers, whoever ran it', () => {
    const place = newNotebookPlace(python);
    const { code, stderr } = place.python(`${CIRCUITS}
for job in (simulator.run(fixed, shots=10), StatevectorSampler().run([fixed], shots=10), SamplerV2().run([fixed], shots=10)):
    qpoe.record(job, wait=True)
    qpoe.record(job.result())
`);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const records = place.records();
    expect(records).toHaveLength(6);
    for (const { execution, workload } of records)
      expect([execution.result_summary, workload.shots]).toEqual([
        [{ kind: 'counts', bits: 4, counts: { '1101': 10 } }],
        10,
      ]);
    // One circuit, one digest: also where only its result was given, which has no circuit.
    const [aer, bare, statevector] = records.map(({ workload }) => workload.programs[0]!.circuit);
    expect(aer).toMatch(/^sha256:/);
    expect([bare, statevector]).toEqual([undefined, aer]);
    expect(place.qpoe('verify', '.qpoe/records').code).toBe(0);
  });

  it('the order of bits is the one that the recorded circuit gives when it is run again here', () => {
    const place = newNotebookPlace(python);
    const { code, stdout } = place.python(`${CIRCUITS}
from qiskit import qasm3
qpoe.record(simulator.run(fixed, shots=10), wait=True)
print(qasm3.dumps(fixed))
`);
    expect(code).toBe(0);
    writeFileSync(place.path('again.qasm'), stdout);
    expect(place.qpoe('run', 'again.qasm', '--shots', '10').code).toBe(0);
    const [captured, executed] = place.records();
    expect(executed!.execution.class).toBe('executed');
    expect(captured!.execution.result_summary).toEqual(executed!.execution.result_summary);
    expect(captured!.workload.programs[0]!.circuit).toBe(executed!.workload.programs[0]!.circuit);
  });

  it('records sweeps point by point, with values and observables', () => {
    const place = newNotebookPlace(python);
    const { code, stdout, stderr } = place.python(`${CIRCUITS}
import json, numpy
theta = ParameterVector("theta", 2)
turned = QuantumCircuit(2)
turned.rx(theta[0], 0)
turned.rx(2 * theta[1], 1)
job = StatevectorEstimator().run([(turned, [["ZI"], ["IZ"]], numpy.arange(6).reshape(3, 2) / 10)])
qpoe.record(job, wait=True, label="sweep")
measured = turned.copy()
measured.measure_all()
sampled = StatevectorSampler(seed=3).run([(measured, [[0.1, 0.2], [3.1, 0]]), bell], shots=50)
record = qpoe.record(sampled, wait=True)
data = sampled.result()
print(json.dumps([job.result()[0].data.evs.tolist(), [data[0].data.meas.get_counts(0), data[0].data.meas.get_counts(1), data[1].data.c.get_counts()]]))
`);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const [[first, second], counts] = JSON.parse(stdout);
    const [swept, sampled] = place.records();
    expect(sampled!.execution).toMatchObject({ backend: 'StatevectorSampler', seeding: { sampler: 3 } });
    expect(swept!.labels).toEqual({ label: 'sweep' });
    expect(swept!.execution.result_summary.map((result) => 'values' in result && result.values)).toEqual([
      [first[0], second[0]],
      [first[1], second[1]],
      [first[2], second[2]],
    ]);
    const programs = swept!.workload.programs;
    expect(programs.map(({ values }) => Object.values(values))).toEqual([
      [0, 0.1],
      [0.2, 0.3],
      [0.4, 0.5],
    ]);
    // One text, three bindings, three circuits.
    expect(new Set(programs.map(({ source }) => source!.digest)).size).toBe(1);
    expect(new Set(programs.map(({ circuit }) => circuit)).size).toBe(3);
    expect(new Set(programs.map(({ observables }) => observables)).size).toBe(1);
    expect(sampled!.execution.result_summary.map((result) => 'counts' in result && result.counts)).toEqual(
      counts,
    );
    expect(place.qpoe('verify', '.qpoe/records').code).toBe(0);
  });

  it("outcomes are Qiskit's own without its spaces, and odd ones are left to Qiskit", () => {
    const place = newNotebookPlace(python);
    const { code, stdout, stderr } = place.python(`${CIRCUITS}
from qpoe._qiskit import counts_in_bits, counts_of
from qiskit import ClassicalRegister, QuantumRegister
for registers in ([3], [1, 2, 4], [70]):
    qubits = QuantumRegister(5)
    circuit = QuantumCircuit(qubits, *(ClassicalRegister(size, "c%d" % at) for at, size in enumerate(registers)))
    circuit.h(qubits)
    for at in range(min(5, sum(registers))):
        circuit.measure(qubits[at], circuit.clbits[-1 - at])
    result = simulator.run(circuit, shots=300, seed_simulator=1).result()
    header = result.results[0].header
    fast = counts_in_bits(result.data(0)["counts"], header["memory_slots"], header["creg_sizes"])
    assert len(fast) > 1
    assert counts_of(result, 0) == (fast, sum(registers))
    assert fast == {key.replace(" ", ""): count for key, count in result.get_counts(0).items()}
print(counts_in_bits({"0x1": 2}, 3, None), counts_in_bits({"0x1": 2}, 3, [["c", 2]]), counts_in_bits({"0x7": 2}, 2, None),
    counts_in_bits({"11": 2}, 2, None), counts_in_bits({"0x1": 2}, None, None), counts_in_bits({}, 2, None))
`);
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: "{'001': 2} None None None None None\n",
      stderr: '',
    });
  });

  it('auto records every job once, with seeds, and changes no result', () => {
    const place = newNotebookPlace(python);
    const script = `${CIRCUITS}
import json
def runs():
    seen = [simulator.run([bell, fixed], shots=40, seed_simulator=5).result().get_counts()]
    job = simulator.run(bell, shots=40, seed_simulator=6)
    seen.append([job.result().get_counts(), job.result().get_counts()])
    turned = QuantumCircuit(1, 1)
    turned.rx(Parameter("t"), 0)
    turned.measure(0, 0)
    seen.append(StatevectorSampler(seed=2).run([bell, (turned, [0.3, 2.0])], shots=30).result()[1].data.c.get_counts())
    seen.append(BackendSamplerV2(backend=simulator, options={"seed_simulator": 4}).run(pub for pub in [bell]).result()[0].data.c.get_counts())
    seen.append(SamplerV2(seed=4).run([bell]).result()[0].data.c.get_counts())
    return seen
plain = runs()
qpoe.auto()
assert runs() == plain
lazy = simulator.run(bell, shots=7)
print(qpoe.flush(60))
`;
    const { code, stdout, stderr } = place.python(script);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '0\n', stderr: '' });
    const records = place.records();
    const shots = records.map(({ workload }) => workload.shots);
    expect(shots.sort((a, b) => a - b)).toEqual([7, 40, 80, 90, 1024, 1024]);
    const seeded = records.find(({ workload }) => workload.shots === 80)!;
    expect(seeded.execution.seeding).toEqual({ simulator: [5, 5 + 2113] });
    expect(
      records.every(({ workload }) => workload.programs.every(({ circuit }) => circuit !== undefined)),
    ).toBe(true);
    expect(place.qpoe('verify', '.qpoe/records').code).toBe(0);
  });

  it('auto follows threads and forked processes, and leaves jobs that can be copied and pickled', () => {
    const place = newNotebookPlace(python);
    const { code, stdout, stderr } = place.python(`${CIRCUITS}
import copy, multiprocessing, pickle, threading
qpoe.auto()
def run(shots):
    simulator.run(bell, shots=shots).result()
threads = [threading.Thread(target=run, args=(10 + n,)) for n in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
with multiprocessing.get_context("fork").Pool(2) as pool:
    pool.map(run, [20, 21, 22])
job = StatevectorSampler().run([bell], shots=30)
assert pickle.loads(pickle.dumps(job)).result()[0].data.c.num_shots == 30
copy.copy(simulator.run(bell, shots=40))
class Mine(StatevectorSampler):
    def run(self, pubs, *, shots=None):
        return super().run(pubs, shots=shots)
Mine().run([bell], shots=50).result()
print(qpoe.flush(60))
`);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '0\n', stderr: '' });
    const shots = place.records().map(({ workload }) => workload.shots);
    expect(shots.sort((a, b) => a - b)).toEqual([10, 11, 12, 13, 20, 21, 22, 30, 50]);
    expect(place.qpoe('verify', '.qpoe/records').code).toBe(0);
  });

  it('a compiled circuit is recorded beside the one that was meant', () => {
    const place = newNotebookPlace(python);
    const { code, stderr } = place.python(`${CIRCUITS}
from qiskit.providers.fake_provider import GenericBackendV2
backend = GenericBackendV2(5, coupling_map=[[0, 1], [1, 2], [2, 3], [3, 4]], seed=1)
compiled = transpile(bell, backend, initial_layout=[3, 1], seed_transpiler=1)
qpoe.record(backend.run(compiled, shots=20), circuit=bell, wait=True)
qpoe.record(simulator.run(bell, shots=20), wait=True)
`);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const [compiled, plain] = place.records();
    expect(compiled!.workload.programs[0]!.circuit).toBe(plain!.workload.programs[0]!.circuit);
    const [executed] = compiled!.execution.executed_circuits;
    expect(executed).toMatchObject({ program: 0, layout: { initial: [3, 1] } });
    expect(executed!.digest).not.toBe(compiled!.workload.programs[0]!.source!.digest);
  });

  it('refuses in one line what can’t be recorded', () => {
    const place = newNotebookPlace(python);
    const { code, stdout } = place.python(`${CIRCUITS}
import threading
from qiskit.primitives import PrimitiveJob
go = threading.Event()
unfinished = PrimitiveJob(go.wait)
unfinished._submit()
def fail():
    raise RuntimeError("the device\\nis on fire")
failing = PrimitiveJob(fail)
failing._submit()
state = bell.remove_final_measurements(inplace=False)
state.save_statevector()
for what in (unfinished, failing, simulator.run(state).result(), 7, None, bell):
    try:
        qpoe.record(what, wait=what is not unfinished)
        print("recorded")
    except qpoe.QpoeError as error:
        print(error)
go.set()
`);
    expect(code).toBe(0);
    expect(stdout.trimEnd().split('\n')).toEqual([
      'the job is not finished; give wait=True to wait for it',
      'the job has no result: the device is on fire',
      'the result holds no counts: there is nothing to record',
      expect.stringMatching(/^a int can't be recorded; give a Qiskit job/),
      expect.stringMatching(/^a NoneType can't be recorded/),
      expect.stringMatching(/^a QuantumCircuit can't be recorded/),
    ]);
    expect(place.records()).toEqual([]);
  });

  it('a circuit that OpenQASM can’t say is kept as QPY, and the record says why', () => {
    const place = newNotebookPlace(python);
    const { code, stdout } = place.python(`${CIRCUITS}
from qiskit import qasm3
real = qasm3.dumps
def refuse(*args, **kwargs):
    raise qasm3.QASM3ExporterError("no such\\nthing")
qasm3.dumps = refuse
record = qpoe.record(simulator.run(bell, shots=5), wait=True)
print(record.content["workload"]["programs"][0]["source"]["format"], record.content["execution"]["job"]["circuits"][0]["no_gate_list"])
`);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "qpy 'no such\\nthing'\n" });
    expect(place.qpoe('verify', '.qpoe/records').code).toBe(0);
  });

  it('what fails in qpoe is said once, and the run goes on', () => {
    const place = newNotebookPlace(python);
    writeFileSync(place.path('blocked'), 'no folder');
    const { code, stdout, stderr } = place.python(`${CIRCUITS}
qpoe.auto(store="blocked/store")
for seed in range(5):
    simulator.run(bell, shots=5, seed_simulator=seed).result()
from qpoe import _qiskit
qpoe.auto(store="other")
_qiskit.describe = lambda *args, **kwargs: 1 / 0
for seed in range(5):
    simulator.run(bell, shots=5, seed_simulator=seed).result()
try:
    simulator.run("no circuit").result()
except Exception as error:
    print(type(error).__name__)
print("done")
`);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^\w+\ndone\n$/) });
    expect(stderr.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^qpoe: a job was not recorded: can't write to .*blocked.*said once\)$/),
      expect.stringMatching(/^qpoe: a job was not recorded, by a fault of qpoe: division by zero/),
    ]);
  });

  it('what a killed process left is recorded by the next one', async () => {
    const place = newNotebookPlace(python);
    place.qpoe('init');
    const child = place.startPython(`${CIRCUITS}
import os, signal
qpoe._auto._command = None
from qpoe import _spool
_spool.Spool._tell = lambda self: None
qpoe.auto()
for seed in range(3):
    simulator.run(bell, shots=5, seed_simulator=seed).result()
os.kill(os.getpid(), signal.SIGKILL)
`);
    await once(child, 'exit');
    expect(place.records()).toEqual([]);
    expect(readdirSync(place.path('.qpoe/spool'))).toHaveLength(3);
    expect(place.python(`${CIRCUITS}\nqpoe.auto()\nprint(qpoe.flush(60))`)).toMatchObject({
      code: 0,
      stdout: '0\n',
    });
    expect(place.records()).toHaveLength(3);
  });

  it('the background command outlives a process that is killed', async () => {
    const place = newNotebookPlace(python);
    place.qpoe('init');
    const child = place.startPython(`${CIRCUITS}
import os, signal
qpoe.auto()
for seed in range(20):
    simulator.run(bell, shots=5, seed_simulator=seed).result()
os.kill(os.getpid(), signal.SIGKILL)
`);
    await once(child, 'exit');
    for (let tries = 0; place.records().length < 20 && tries < 200; tries++) await sleep(100);
    expect(place.records()).toHaveLength(20);
    for (
      let tries = 0;
      place.qpoe('log', 'fsck').stdout.includes('20 entries') === false && tries < 50;
      tries++
    )
      await sleep(100);
    expect(place.qpoe('verify', '.qpoe/records').code).toBe(0);
  });

  it('an interruption stops the cell and leaves no half record', () => {
    const place = newNotebookPlace(python);
    place.qpoe('init');
    const { code, stdout } = place.python(`${CIRCUITS}
import os, signal, subprocess, threading, time
made = subprocess.Popen.__init__
def make(self, *args, **kwargs):
    made(self, *args, **kwargs)
    self._sigint_wait_secs = 0  # Python's own grace would let most of them finish
subprocess.Popen.__init__ = make
result = simulator.run(bell, shots=5).result()
stopped = 0
for wait in (0.02, 0.05, 0.1, 0.15, 0.2, 0.3):
    timer = threading.Timer(wait, lambda: os.kill(os.getpid(), signal.SIGINT))
    timer.start()
    try:
        qpoe.record(result)
        time.sleep(1)
    except KeyboardInterrupt:
        stopped += 1
    timer.join()
print(stopped)
`);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '6\n' });
    expect(place.qpoe('doctor').stdout).toMatch(/✓ store/);
    const kept = place.records().length;
    expect(kept).toBeLessThan(6);
    expect(place.python(`${CIRCUITS}\nqpoe.record(simulator.run(bell, shots=5), wait=True)`).code).toBe(0);
    expect(place.records()).toHaveLength(kept + 1);
    expect(place.qpoe('verify', '.qpoe/records').code).toBe(0);
  });

  it('exec records the jobs of a script that knows nothing of it, and of the processes that it starts', () => {
    const place = newNotebookPlace(python);
    const plain = CIRCUITS.replace('import qpoe', '');
    writeFileSync(place.path('worker.py'), `${plain}\nsimulator.run(bell, shots=11).result()\n`);
    writeFileSync(
      place.path('job.py'),
      `${plain}
import subprocess, sys
simulator.run(bell, shots=10).result()
subprocess.run([sys.executable, "-W", "ignore", "worker.py"], check=True)
print(sys.argv[1:], sys.stdin.read())
sys.exit(5)
`,
    );
    const { code, stdout, stderr } = place.qpoe('exec', '--', python, '-W', 'ignore', 'job.py', '--label');
    expect({ code, stdout }).toEqual({ code: 5, stdout: "['--label'] \n" });
    expect(stderr).toMatch(/qpoe: 2 records in \.qpoe\n$/);
    expect(place.records().map(({ workload }) => workload.shots)).toEqual([10, 11]);
    expect(place.qpoe('verify', '.qpoe/records').code).toBe(0);
  });

  it('shows itself in a notebook, with everything escaped', () => {
    const place = newNotebookPlace(python);
    const { code, stdout } = place.python(`${CIRCUITS}
record = qpoe.record(simulator.run(fixed, shots=5), label="<script>alert(1)</script>", wait=True)
print(record._repr_html_())
print(repr(record))
print(record.verify())
print(bool(qpoe.verify(record.path)))
`);
    expect(code).toBe(0);
    expect(stdout).not.toContain('<script>');
    expect(stdout).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(stdout).toContain('<code>1101</code>');
    expect(stdout).toMatch(
      /<qpoe record [0-9a-f-]{36} sha256:[0-9a-f]{64}>\n<qpoe verdict: PASS: signed by "me" [^\n]+>\nTrue\n$/,
    );
  });
});
