/**
 * The embedded simulator, Cirq's `Simulator` and Qiskit Aer on the same circuits: `node bench/simulator.ts`.
 *
 * Timed is a whole job in the process, from the circuit in the SDK's own form to the histogram, helpers' start included;
 * imports and the building of the circuits are not. At each size the three take turns, so that a busy machine slows them
 * alike, and their first turns don't count.
 */

import { spawn } from 'node:child_process';
import { availableParallelism, cpus } from 'node:os';
import { createInterface } from 'node:readline';
import { type Circuit, gate, measureAll, type Operation } from '../src/circuit/circuit.ts';
import { GATES, type GateName } from '../src/circuit/gates.ts';
import { type PythonRandom, pythonRandom } from '../src/core/python-random.ts';
import type { PythonSdkName } from '../src/sdk/python-sdk-names.ts';
import { sampleJob } from '../src/sdk/simulator-job.ts';
import { findTestPython } from '../test/test-python.ts';

interface Row {
  readonly family: string;
  readonly qubits: number;
  readonly gates: number;
  readonly ours: number;
  readonly cirq: number;
  readonly aer: number;
}

const QUBITS = [10, 14, 18, 20, 22];
const LAYERS = 10;
const SHOTS = 1000;
const HELPER = new URL('../src/sdk/simulator-worker.ts', import.meta.url);
const PEERS = new URL('./simulator_peers.py', import.meta.url);

/** From what the layers are drawn: a general gate on every qubit, or the gates of everyday circuits. */
const FAMILIES: Readonly<Record<string, readonly GateName[]>> = {
  'u3 + cx': ['u3'],
  'h s t x rx ry rz + cx': ['h', 's', 't', 'x', 'rx', 'ry', 'rz'],
};

function layered(qubits: number, names: readonly GateName[]): Circuit {
  const random = pythonRandom(qubits);
  const start = each(qubits, (qubit) => gate('h', [qubit]));
  const layers = each(LAYERS, () => [
    ...each(qubits, (qubit) => randomGate(random, names, qubit)),
    ...each(qubits - 1, (qubit) => gate('cx', [qubit, qubit + 1])),
  ]);
  return {
    version: 1,
    qubits,
    bits: qubits,
    operations: [...start, ...layers.flat(), ...measureAll(qubits)],
  };
}

function randomGate(random: PythonRandom, names: readonly GateName[], qubit: number): Operation {
  const name = random.choice(names);
  return gate(
    name,
    [qubit],
    each(GATES[name].angles, () => 6 * random.random()),
  );
}

function each<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

function runsAt(qubits: number): number {
  return qubits < 20 ? 9 : 5;
}

function timeOurs(circuit: Circuit): number {
  return milliseconds(() => sampleJob({ programs: [{ circuit, shots: SHOTS }], seed: 1 }, HELPER));
}

function milliseconds(run: () => unknown): number {
  const start = performance.now();
  run();
  return performance.now() - start;
}

function median(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)]!;
}

/** One turn of a peer: on a new circuit, or the last one again. @returns milliseconds */
type Ask = (message: { circuit?: Circuit; shots?: number }) => Promise<number>;

interface Peer {
  readonly ask: Ask;
  end(): void;
}

async function startPeer(sdk: PythonSdkName): Promise<Peer> {
  const found = await findTestPython(sdk);
  if ('reason' in found) throw new Error(`no Python with ${sdk}: ${found.reason}`);
  const python = spawn(found.python, ['-I', '-B', PEERS.pathname, sdk], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const answers = createInterface({ input: python.stdout })[Symbol.asyncIterator]();
  return {
    async ask(message) {
      python.stdin.write(`${JSON.stringify(message)}\n`);
      const answer = await answers.next();
      if (answer.done) throw new Error(`${sdk} ended early`);
      return Number(answer.value);
    },
    end: () => python.stdin.end(),
  };
}

async function* rows(): AsyncGenerator<Row> {
  const [cirq, aer] = [await startPeer('cirq'), await startPeer('qiskit')];
  for (const [family, names] of Object.entries(FAMILIES))
    for (const qubits of QUBITS) yield timeRow(family, layered(qubits, names), cirq.ask, aer.ask);
  cirq.end();
  aer.end();
}

async function timeRow(family: string, circuit: Circuit, askCirq: Ask, askAer: Ask): Promise<Row> {
  const { qubits, operations } = circuit;
  timeOurs(circuit);
  await askCirq({ circuit, shots: SHOTS });
  await askAer({ circuit, shots: SHOTS });
  const turns: { ours: number; cirq: number; aer: number }[] = [];
  while (turns.length < runsAt(qubits))
    turns.push({ ours: timeOurs(circuit), cirq: await askCirq({}), aer: await askAer({}) });
  const of = (who: 'ours' | 'cirq' | 'aer') => median(turns.map((turn) => turn[who]));
  return {
    family,
    qubits,
    gates: operations.length - qubits,
    ours: of('ours'),
    cirq: of('cirq'),
    aer: of('aer'),
  };
}

/** The factor a qubit, since the row before. */
function growth(row: Row, before: Row | undefined, who: 'ours' | 'cirq' | 'aer'): string {
  if (before === undefined || before.family !== row.family) return '';
  return ` (×${((row[who] / before[who]) ** (1 / (row.qubits - before.qubits))).toFixed(2)})`;
}

console.log(`${cpus()[0]?.model.trim()}, ${availableParallelism()} cores; Node ${process.version}`);
console.log(`${SHOTS} shots; medians in ms; in brackets the growth per qubit since the row above\n`);
console.log('| circuit | qubits | gates | ours | Cirq | Aer | ours / Cirq | ours / Aer |');
console.log('| --- | --: | --: | --: | --: | --: | --: | --: |');
let before: Row | undefined;
for await (const row of rows()) {
  const cells = (['ours', 'cirq', 'aer'] as const).map(
    (who) => `${row[who].toFixed(1)}${growth(row, before, who)}`,
  );
  const ratios = [row.ours / row.cirq, row.ours / row.aer].map((ratio) => ratio.toFixed(2));
  console.log(`| ${[row.family, row.qubits, row.gates, ...cells, ...ratios].join(' | ')} |`);
  before = row;
}
