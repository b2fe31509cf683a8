// The original's own records (vectors/original), by its own verify_record.py and by ours: `npm run build && node bench/original.ts`.
//
// Both rebuild the circuit from its parameters, hash it, hash the record and check its signature. The script needs the SDK that
// wrote the record, and one process a record; ours reads Qiskit's without Qiskit, and asks Cirq for its text only with --python,
// so that Cirq's circuit is what we leave `unknown`: only Qiskit's records are compared.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import '../src/store/native-ed25519.ts';
import '../src/store/native-sha256.ts';
import type { Verdict } from '../src/verify/check.ts';
import { verifyBytes } from '../src/verify/verify.ts';
import { pythonLibrary, sourceTree } from '../test/slow/tools.ts';
import { findTestPython } from '../test/test-python.ts';
import { median, wholeProcess } from './measure.ts';
import { handOver, skip } from './row.ts';

const BIN = join(import.meta.dirname, '../dist/bin/qpoe.js');
const FOLDER = join(import.meta.dirname, '../vectors/original');
const DRIVER = join(import.meta.dirname, 'original_verify.py');
const CRYPTOGRAPHY = '46.0.3';
const ORIGINAL = [
  'thequantumturtle/quantum-proof-of-execution',
  'd8800abe75113652203e841b9456199bab7358bc',
] as const;
const PASSES = 20;
const ROUNDS = 5;

const WHAT = "the original's Qiskit records, circuits rebuilt";
const records = readdirSync(FOLDER)
  .filter((name) => name.startsWith('qpoe-0.1-qiskit'))
  .map((name) => join(FOLDER, name));

/** The SDK's Python, with what the script imports beside it. */
async function findPeer(): Promise<Peer | { readonly reason: string }> {
  const found = await findTestPython('qiskit');
  if ('reason' in found) return found;
  const library = pythonLibrary(found.python, 'cryptography', CRYPTOGRAPHY);
  if ('reason' in library) return library;
  const original = sourceTree(...ORIGINAL);
  if ('reason' in original) return original;
  return {
    python: found.python,
    env: { ...process.env, PYTHONPATH: library.path },
    script: join(original.path, 'scripts/verify_record.py'),
  };
}

interface Peer {
  readonly python: string;
  readonly env: NodeJS.ProcessEnv;
  readonly script: string;
}

function run({ python, env }: Peer, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(python, ['-B', ...args], { env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${args[0]} exited ${status}: ${stdout}${stderr}`);
  return stdout;
}

/** @returns milliseconds */
function wholeScript(peer: Peer, record: string): number {
  const started = performance.now();
  if (run(peer, peer.script, record) !== 'OK\n') throw new Error(`${record}: not OK`);
  return performance.now() - started;
}

const rateOf = (seconds: number): number => (PASSES * records.length) / seconds;

function theirs(peer: Peer): number {
  const { seconds } = JSON.parse(run(peer, DRIVER, peer.script, String(PASSES), ...records)) as {
    seconds: number;
  };
  return rateOf(seconds);
}

async function ours(files: readonly Uint8Array[]): Promise<number> {
  const started = performance.now();
  for (let pass = 0; pass < PASSES; pass++)
    for (const file of files) demandWhole(await verifyBytes(file, { kind: 'nobody' }, Date.now()));
  return rateOf((performance.now() - started) / 1000);
}

/** The same that the script demands: circuit, hash and signature. */
function demandWhole({ checks }: Verdict): void {
  for (const id of ['circuit.rebuild', 'record.hash', 'record.signature'])
    if (checks.find((check) => check.id === id)?.status !== 'pass') throw new Error(`${id} did not pass`);
}

async function measure(peer: Peer): Promise<void> {
  const files = records.map((path) => new Uint8Array(readFileSync(path)));
  const home = mkdtempSync(join(tmpdir(), 'qpoe-bench-'));
  const rates = { ours: [] as number[], theirs: [] as number[] };
  const whole = { ours: [] as number[], theirs: [] as number[] };
  try {
    await ours(files);
    for (let round = 0; round < ROUNDS; round++) {
      rates.ours.push(await ours(files));
      rates.theirs.push(theirs(peer));
      whole.ours.push(wholeProcess(BIN, 'verify', '--integrity-only', '--home', home, records[0]!));
      whole.theirs.push(wholeScript(peer, records[0]!));
    }
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
  handOver(
    {
      what: `${WHAT}, in one process`,
      unit: '/s',
      ours: median(rates.ours),
      peer: {
        name: "the original's `verify_record.py`, its imports not counted",
        value: median(rates.theirs),
      },
      limit: { atLeast: 1 },
    },
    {
      what: "one of the original's records, whole process",
      unit: 'ms',
      ours: median(whole.ours),
      peer: { name: "the original's `verify_record.py`", value: median(whole.theirs) },
      limit: { atMost: 0.5 },
    },
  );
  console.log(`records/s in one process: qpoe ${median(rates.ours).toFixed(0)}, verify_record.py ${median(rates.theirs).toFixed(0)}
one record, whole process: qpoe ${median(whole.ours).toFixed(0)} ms, verify_record.py ${median(whole.theirs).toFixed(0)} ms`);
}

const peer = await findPeer();
if ('reason' in peer) skip(`${WHAT}, beside verify_record.py`, peer.reason);
else await measure(peer);
