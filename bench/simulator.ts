/**
 * The embedded simulator, Cirq's `Simulator`, Qiskit Aer and Microsoft's QDK on the same circuits: `node bench/simulator.ts`.
 *
 * Timed is a whole job in the process, from the circuit in the SDK's own form to the histogram, helpers' start included;
 * imports and the building of the circuits are not. At each size the three take turns, so that a busy machine slows them
 * alike, and their first turns don't count. QDK simulates each shot anew: it is given fewer, on the smallest circuit alone.
 */

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Circuit, gate, measureAll, type Operation } from '../src/circuit/circuit.ts';
import { GATES, type GateName } from '../src/circuit/gates.ts';
import { emitForSdk } from '../src/circuit/sdk-text.ts';
import { type PythonRandom, pythonRandom } from '../src/core/python-random.ts';
import type { PythonSdkName } from '../src/sdk/python-sdk-names.ts';
import { findQdk, QDK_PACKAGE } from '../src/sdk/qdk.ts';
import { sampleJob } from '../src/sdk/simulator-job.ts';
import { cacheDir, findTestPython } from '../test/test-python.ts';
import { median } from './measure.ts';
import { type Growth, handOver, SMALL, skip } from './row.ts';

interface Timed {
  readonly family: string;
  readonly qubits: number;
  readonly gates: number;
  /** Ours first, then the peers. */
  readonly times: readonly number[];
}

const QUBITS = SMALL ? [10, 14, 18, 20] : [10, 14, 18, 20, 22];
const LAYERS = 10;
const SHOTS = 1000;
const QDK_SHOTS = 100;
const QDK_QUBITS = [5, 10] as const;
const HELPER = new URL('../src/sdk/simulator-worker.ts', import.meta.url);
const PEERS = new URL('./simulator_peers.py', import.meta.url);
const SDKS: Readonly<Record<string, PythonSdkName>> = { Cirq: 'cirq', Aer: 'qiskit' };

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

function timeOurs(circuit: Circuit, shots = SHOTS): number {
  return milliseconds(() => sampleJob({ programs: [{ circuit, shots }], seed: 1 }, HELPER));
}

function milliseconds(run: () => unknown): number {
  const start = performance.now();
  run();
  return performance.now() - start;
}

/** One turn of a peer: on a new circuit, or the last one again. @returns milliseconds */
type Ask = (message: { circuit?: Circuit; shots?: number }) => Promise<number>;

interface Peer {
  readonly name: string;
  readonly ask: Ask;
  end(): void;
}

/** @returns undefined where this machine has none, which is said */
async function startPeer(name: string, sdk: PythonSdkName): Promise<Peer | undefined> {
  const found = await findTestPython(sdk);
  if ('reason' in found) {
    skip(`a job beside ${name}`, found.reason);
    return undefined;
  }
  const python = spawn(found.python, ['-I', '-B', PEERS.pathname, sdk], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const answers = createInterface({ input: python.stdout })[Symbol.asyncIterator]();
  return {
    name,
    async ask(message) {
      python.stdin.write(`${JSON.stringify(message)}\n`);
      const answer = await answers.next();
      if (answer.done) throw new Error(`${sdk} ended early`);
      return Number(answer.value);
    },
    end: () => python.stdin.end(),
  };
}

async function time(family: string, circuit: Circuit, peers: readonly Peer[]): Promise<Timed> {
  const { qubits, operations } = circuit;
  timeOurs(circuit);
  for (const { ask } of peers) await ask({ circuit, shots: SHOTS });
  const turns: number[][] = [];
  while (turns.length < runsAt(qubits)) {
    const turn = [timeOurs(circuit)];
    for (const { ask } of peers) turn.push(await ask({}));
    turns.push(turn);
  }
  const times = turns[0]!.map((_, who) => median(turns.map((turn) => turn[who]!)));
  return { family, qubits, gates: operations.length - qubits, times };
}

/** The factor a qubit, since the row before. */
function factor(row: Timed, before: Timed | undefined, who: number): number | undefined {
  if (before === undefined || before.family !== row.family) return undefined;
  return (row.times[who]! / before.times[who]!) ** (1 / (row.qubits - before.qubits));
}

function print(row: Timed, before: Timed | undefined): void {
  const cells = row.times.map((milliseconds, who) => {
    const grown = factor(row, before, who);
    return milliseconds.toFixed(1) + (grown === undefined ? '' : ` (×${grown.toFixed(2)})`);
  });
  const [ours, ...theirs] = row.times;
  const ratios = theirs.map((milliseconds) => (ours! / milliseconds).toFixed(2));
  console.log(`| ${[row.family, row.qubits, row.gates, ...cells, ...ratios].join(' | ')} |`);
}

/** In the table of all benchmarks: both ends, and the growth from the one to the other. */
function handOverEnds(timed: readonly Timed[], peers: readonly Peer[]): void {
  const [smallest, largest] = [timed[0]!, timed.at(-1)!];
  const growth: Growth = {
    of: 'amplitudes',
    by: 2 ** (largest.qubits - smallest.qubits),
    cost: largest.times[0]! / smallest.times[0]!,
  };
  for (const { family, qubits, times } of [smallest, largest])
    for (const [who, { name }] of peers.entries())
      handOver({
        what: `${family}, ${qubits} qubits, ${SHOTS} shots`,
        unit: 'ms',
        ours: times[0]!,
        peer: { name, value: times[who + 1]! },
        limit: { atMost: 1 },
        ...(qubits === largest.qubits && { growth }),
      });
}

async function besidePeers(): Promise<void> {
  const started = [];
  for (const [name, sdk] of Object.entries(SDKS)) started.push(await startPeer(name, sdk));
  const peers = started.filter((peer) => peer !== undefined);
  const names = peers.map(({ name }) => name);
  console.log(`${cpus()[0]?.model.trim()}, ${availableParallelism()} cores; Node ${process.version}`);
  console.log(`${SHOTS} shots; medians in ms; in brackets the growth per qubit since the row above\n`);
  console.log(
    `| circuit | qubits | gates | ours | ${[...names, ...names.map((name) => `ours / ${name}`)].join(' | ')} |`,
  );
  console.log(`| --- | --: | --: | --: |${' --: |'.repeat(2 * names.length)}`);
  for (const [family, gates] of Object.entries(FAMILIES)) {
    const timed: Timed[] = [];
    for (const qubits of QUBITS) {
      timed.push(await time(family, layered(qubits, gates), peers));
      print(timed.at(-1)!, timed.at(-2));
    }
    handOverEnds(timed, peers);
  }
  for (const peer of peers) peer.end();
}

/** In this process too, its compiler's work on the text included: it has no other form of a circuit. */
async function besideQdk(): Promise<void> {
  const folder = findQdk(cacheDir);
  if (folder === undefined) return skip('a job beside QDK', `no ${QDK_PACKAGE}: qpoe sdk install qdk`);
  const { getCompiler, loadWasmModule, QscEventTarget }: typeof import('qsharp-lang') = await import(
    join(folder, 'dist/main.js')
  );
  const wasm = readFileSync(join(folder, 'lib/web/qsc_wasm_bg.wasm'));
  await loadWasmModule(wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.length) as never);
  const compiler = await getCompiler();
  const [family, gates] = Object.entries(FAMILIES)[1]!;
  let smallest: number | undefined;
  for (const qubits of QDK_QUBITS) {
    const circuit = layered(qubits, gates);
    const sources: [string, string][] = [['circuit.qasm', emitForSdk('qdk', circuit).text]];
    const theirs = async (): Promise<number> => {
      const events = new QscEventTarget(true);
      const start = performance.now();
      await compiler.run(
        { sources, languageFeatures: [], profile: 'unrestricted', projectType: 'openqasm' },
        '',
        QDK_SHOTS,
        events,
      );
      const milliseconds = performance.now() - start;
      const whole = events.getResults().filter(({ success }) => success);
      if (whole.length !== QDK_SHOTS) throw new Error(`QDK gave ${whole.length} shots`);
      return milliseconds;
    };
    const turns: { ours: number; qdk: number }[] = [];
    timeOurs(circuit, QDK_SHOTS);
    await theirs();
    while (turns.length < 5) turns.push({ ours: timeOurs(circuit, QDK_SHOTS), qdk: await theirs() });
    const [ours, qdk] = [median(turns.map((turn) => turn.ours)), median(turns.map((turn) => turn.qdk))];
    smallest ??= ours;
    console.log(
      `${family}, ${qubits} qubits, ${QDK_SHOTS} shots: ours ${ours.toFixed(1)} ms, QDK ${qdk.toFixed(1)} ms`,
    );
    handOver({
      what: `${family}, ${qubits} qubits, ${QDK_SHOTS} shots`,
      unit: 'ms',
      ours,
      peer: { name: 'QDK (`qsharp-lang`)', value: qdk },
      limit: { atMost: 1 },
      ...(qubits > QDK_QUBITS[0] && {
        growth: { of: 'amplitudes', by: 2 ** (qubits - QDK_QUBITS[0]), cost: ours / smallest },
      }),
    });
  }
}

await besidePeers();
await besideQdk();
