/** The original's records against real Python: its numbers and text, Qiskit's OpenQASM, and `verify --python`. */

import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { sdkIn } from '../../src/cli/verify/verify-python.ts';
import { utf8 } from '../../src/core/bytes.ts';
import { parsePythonJson, pythonText } from '../../src/core/python-json.ts';
import { qiskitTextDigest } from '../../src/verify/original-circuit.ts';
import { verifyBytes } from '../../src/verify/verify.ts';
import { NOW } from '../records.ts';
import { findTestPython } from '../test-python.ts';

const later = NOW + 864e5;
const folder = join(import.meta.dirname, '../../vectors/original');
const { signal } = new AbortController();

function ask(python: string, program: string, input: unknown): unknown {
  const { stdout, stderr } = spawnSync(python, ['-I', '-c', program], {
    input: JSON.stringify(input),
    maxBuffer: 2 ** 28,
  });
  try {
    return JSON.parse(stdout.toString());
  } catch {
    throw new Error(stderr.toString());
  }
}

const REPRINT = `
import json, sys
print(json.dumps([[json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"), ensure_ascii=ascii)
    for ascii in (True, False)] for text in json.load(sys.stdin)]))
`;

const anyPython = ['python3', 'python'].find((name) => spawnSync(name, ['-I', '-c', '']).status === 0);

describe.skipIf(anyPython === undefined)(
  anyPython === undefined ? 'JSON as CPython prints it (no python3)' : 'JSON as CPython prints it',
  () => {
    it('is what we print, number for number and character for character', () => {
      const double = fc.double({ noNaN: true, noDefaultInfinity: true });
      const decimal = fc
        .tuple(
          fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }),
          fc.nat(99),
          fc.integer({ min: -30, max: 30 }),
        )
        .map(([whole, fraction, power]) => `${whole}.${fraction}e${power}`);
      const number = fc.oneof(
        double.map((value) => value.toExponential()),
        double.map((value) => String(value)),
        decimal,
        fc.bigInt({ min: -(2n ** 200n), max: 2n ** 200n }).map(String),
      );
      const unit = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }));
      const numbers = fc.sample(number, 3000);
      const texts = fc
        .sample(
          fc.dictionary(
            unit.filter((name) => name !== '__proto__'),
            unit,
          ),
          500,
        )
        .map((value) => JSON.stringify(value));
      const cases = [`[${numbers.join(',')}]`, ...texts];
      const printed = ask(anyPython!, REPRINT, cases) as [string, string][];
      for (const [index, text] of cases.entries()) {
        const value = parsePythonJson(utf8(text));
        expect([pythonText(value, true), pythonText(value, false)]).toEqual(printed[index]);
      }
    });
  },
);

const DUMPS = `
import hashlib, json, random, sys
from qiskit import QuantumCircuit, qasm3
def text(n, depth, seed):
    rng = random.Random(int(seed))
    circuit = QuantumCircuit(n, n)
    for _layer in range(depth):
        for qubit in range(n):
            getattr(circuit, rng.choice(("h", "s", "x", "y", "z")))(qubit)
            if rng.random() < 0.15:
                circuit.t(qubit)
    circuit.measure(range(n), range(n))
    return qasm3.dumps(circuit)
print(json.dumps(["sha256:" + hashlib.sha256(text(*case).encode()).hexdigest() for case in json.load(sys.stdin)]))
`;

const qiskit = await findTestPython('qiskit');
describe.skipIf('reason' in qiskit)(
  'reason' in qiskit ? `Qiskit's own text (skipped: ${qiskit.reason})` : "Qiskit's own text",
  () => {
    const python = 'python' in qiskit ? qiskit.python : '';

    it('is written again here without Qiskit', () => {
      const seeds = [
        0n,
        1n,
        -1n,
        123n,
        2n ** 31n,
        2n ** 32n,
        -(2n ** 33n),
        2n ** 53n + 1n,
        2n ** 62n + 1n,
        2n ** 130n,
      ];
      const cases = seeds.flatMap((seed) =>
        [1, 2, 3, 7, 12, 25].flatMap((n) => [-3, 0, 1, 2, 9, 40].map((depth) => [n, depth, seed] as const)),
      );
      for (let i = 0; i < 200; i++) cases.push([1 + (i % 11), i % 17, BigInt(i * 7919)]);
      const expected = ask(
        python,
        DUMPS,
        cases.map(([n, depth, seed]) => [n, depth, String(seed)]),
      );
      const ours = cases.map(([n, depth, seed]) =>
        qiskitTextDigest({ qubits: BigInt(n), depth: BigInt(depth), seed }),
      );
      expect(ours).toEqual(expected);
    });

    it('is asked for with --python', () => judgeAll('qiskit', python));
  },
);

const cirq = await findTestPython('cirq');
describe.skipIf('reason' in cirq)(
  'reason' in cirq ? `Cirq's own text (skipped: ${cirq.reason})` : "Cirq's own text",
  () => {
    const python = 'python' in cirq ? cirq.python : '';

    it('decides with --python what can only be unknown without', () => judgeAll('cirq', python));
  },
);

/** Every record of the SDK as it is, and one with another circuit's hash, and that with another release's name. */
async function judgeAll(sdk: string, python: string): Promise<void> {
  const names = readdirSync(folder).filter((name) => name.startsWith(`qpoe-0.1-${sdk}`));
  const asked = sdkIn(python, signal);
  for (const name of names)
    expect(await rebuild(readFileSync(join(folder, name), 'utf8'), asked), name).toMatchObject({
      status: 'pass',
      relies_on: expect.stringContaining(python),
    });
  const text = readFileSync(join(folder, names[0]!), 'utf8');
  const forged = text.replace(/"circuit_hash": "sha256:.{4}/, '"circuit_hash": "sha256:beef');
  const older = forged.replace(/"framework_version": "[^"]*"/, '"framework_version": "0.9.9"');
  expect(await rebuild(forged, asked)).toMatchObject({ status: 'fail', code: 'circuit.mismatch' });
  expect(await rebuild(older, asked)).toMatchObject({ status: 'unknown', code: 'circuit.sdk-version' });
}

async function rebuild(text: string, askSdk?: ReturnType<typeof sdkIn>) {
  const { checks } = await verifyBytes(utf8(text), { kind: 'nobody' }, later, { askSdk });
  return checks.find(({ id }) => id === 'circuit.rebuild')!;
}

describe('without the SDK', () => {
  const text = readFileSync(join(folder, 'qpoe-0.1-qiskit-defaults.json'), 'utf8');
  const forged = text.replace(/"circuit_hash": "sha256:.{4}/, '"circuit_hash": "sha256:beef');

  it("another circuit's hash in a record of Qiskit fails", async () => {
    expect(await rebuild(forged)).toMatchObject({ status: 'fail', code: 'circuit.mismatch' });
  });

  it.each(['0.46.3', '2.7.0', '3.0.0', 'x'])(
    'where Qiskit %s may write otherwise, it is unknown',
    async (version) => {
      const other = forged.replace(/"framework_version": "[^"]*"/, `"framework_version": "${version}"`);
      expect(await rebuild(other)).toMatchObject({ status: 'unknown', code: 'circuit.sdk-version' });
    },
  );

  it.each([
    ['n_qubits', '999999999999999999999999'],
    ['depth', '1000000'],
  ])('%s of %s is not built', async (name, value) => {
    const huge = text.replace(new RegExp(`"${name}": \\d+`), `"${name}": ${value}`);
    expect(await rebuild(huge)).toMatchObject({ status: 'unknown', code: 'circuit.size' });
  });
});

describe('a Python that misbehaves', () => {
  const place = mkdtempSync(join(tmpdir(), 'qpoe-original-'));
  afterAll(() => rmSync(place, { recursive: true, force: true }));
  const text = readFileSync(join(folder, 'qpoe-0.1-cirq-defaults.json'), 'utf8');

  function fake(name: string, script: string): string {
    const path = join(place, name);
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
    return path;
  }

  it.each([
    ['none', undefined, /can't be started/],
    ['fails', 'echo "No module named cirq" >&2; exit 1', /exit code 1: No module named cirq/],
    ['says nothing', 'exit 0', /no answer/],
    ['says too much', 'yes', /more than 10000 bytes/],
    ['says something else', 'echo \'{"digest":"beef","version":"1.7.0"}\'', /no answer: digest/],
  ])('%s is a failure from outside, never a verdict', async (name, script, message) => {
    const python = script === undefined ? join(place, 'none') : fake(name.replaceAll(' ', '-'), script);
    const verdict = verifyBytes(utf8(text), { kind: 'nobody' }, later, { askSdk: sdkIn(python, signal) });
    await expect(verdict).rejects.toMatchObject({
      code: 'external',
      message: expect.stringMatching(message),
    });
  });
});
