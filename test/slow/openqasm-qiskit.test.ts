/** What we read of an OpenQASM text is what Qiskit reads of it: the same matrix up to a global phase, the same counts. */

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test, vi } from 'vitest';
import { emitCirqOpenQasm3 } from '../../src/circuit/cirq-openqasm3.ts';
import { GATES } from '../../src/circuit/gates.ts';
import { emitOpenQasm3 } from '../../src/circuit/openqasm3.ts';
import { QELIB1_BASE, STDGATES_BASE } from '../../src/circuit/qasm-library.ts';
import { readOpenQasm } from '../../src/circuit/read-openqasm.ts';
import { findTestPython } from '../test-python.ts';

vi.setConfig({ testTimeout: 300_000 });

const folder = new URL('../../vectors/openqasm/read/', import.meta.url);
const files = readdirSync(folder).map((name) => ({
  name,
  text: readFileSync(new URL(name, folder), 'utf8'),
}));

/** Qiskit's importers don't read them, or (a single `bit`) leave them out of its counts: `read-openqasm.test.ts` has their meaning. */
const NOT_QISKIT = new Set(['3-unicode.qasm', '3-loop.qasm', '3-measure-forms.qasm']);

const HEADER_2 = 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[5];\n';
const HEADER_3 = 'OPENQASM 3.0;\ninclude "stdgates.inc";\nqubit[6] q;\n';
const ANGLES = [0.3, 1.1, -0.7, 0.5];
const QUBITS = [2, 0, 4, 1, 3, 5];

/** An angle of u0 is a whole number of delays to Qiskit. */
const anglesOf = (name: string): readonly number[] => (name === 'u0' ? [1] : ANGLES);

const apply = (name: string, angles: number, qubits: number): string =>
  `${name}${angles === 0 ? '' : `(${anglesOf(name).slice(0, angles).join(', ')})`} ${QUBITS.slice(0, qubits)
    .map((qubit) => `q[${qubit}]`)
    .join(', ')};\n`;

/** Of qelib1.inc, what is no base gate: angles and qubits. */
const QELIB1_MORE: Readonly<Record<string, readonly [number, number]>> = {
  u0: [1, 1],
  sxdg: [0, 1],
  cu3: [3, 2],
  csx: [0, 2],
  cu: [4, 2],
  rxx: [1, 2],
  rzz: [1, 2],
  rccx: [0, 3],
  rc3x: [0, 4],
  c3x: [0, 4],
  c3sqrtx: [0, 4],
  c4x: [0, 5],
};

function qelib1Texts(): string[] {
  const base = [...QELIB1_BASE].map(([name, gate]) => apply(name, GATES[gate].angles, GATES[gate].qubits));
  const more = Object.entries(QELIB1_MORE).map(([name, shape]) => apply(name, ...shape));
  return [...base, ...more].map((text) => HEADER_2 + text);
}

const MODIFIERS = [
  ['', 0],
  ['inv @ ', 0],
  ['ctrl @ ', 1],
  ['negctrl @ ', 1],
  ['ctrl(2) @ ', 2],
  ['inv @ ctrl @ negctrl @ ', 2],
  ['ctrl(3) @ ', 3],
  ['pow(2) @ ', 0],
  ['pow(-1) @ ctrl @ ', 1],
  ['ctrl @ pow(3) @ inv @ ', 1],
] as const;
const ROOTS = [
  ['pow(0.5) @ ', 0],
  ['ctrl @ pow(-0.25) @ ', 1],
] as const;

function stdgatesTexts(): string[] {
  const gates = [...STDGATES_BASE, ['U', 'u3'] as const].map(
    ([name, base]) => [name, GATES[base].angles, GATES[base].qubits] as const,
  );
  // Qiskit takes its own root of a gate with angles, not always the principal one, and of id an angle's worth of time.
  const rootless = ['u2', 'u3', 'U', 'id'];
  return [...gates, ['cu', 4, 2] as const].flatMap(([name, angles, qubits]) => {
    const roots = rootless.includes(name) || name === 'cu' ? [] : ROOTS;
    // Qiskit 2.6 loses the phase of cu where it inverts a controlled one; ours was checked against the matrix.
    const modifiers = MODIFIERS.filter(([text]) => name !== 'cu' || text !== 'inv @ ctrl @ negctrl @ ');
    return [...modifiers, ...roots].map(
      ([modifiers, controls]) => HEADER_3 + modifiers + apply(name, angles, qubits + controls),
    );
  });
}

const found = await findTestPython('qiskit');

describe.skipIf('reason' in found)(`Qiskit${'reason' in found ? ` (skipped: ${found.reason})` : ''}`, () => {
  const python = 'python' in found ? found.python : '';

  test('every gate of qelib1.inc', () => expectSameMatrices(python, qelib1Texts()));

  test('every gate of stdgates.inc, under every modifier', () => expectSameMatrices(python, stdgatesTexts()));

  test('the committed circuits without measurement', () => {
    const texts = files.filter(({ name, text }) => !text.includes('measure') && !NOT_QISKIT.has(name));
    expect(texts.length).toBeGreaterThan(12);
    expectSameMatrices(
      python,
      texts.map(({ text }) => text),
    );
  });

  test('the committed circuits with measurement: the same counts, under the same keys', () => {
    const texts = files.filter(({ name, text }) => text.includes('measure') && !NOT_QISKIT.has(name));
    expect(texts.length).toBeGreaterThan(5);
    expectSameCounts(python, QISKIT_COUNTS, texts, emitOpenQasm3);
  });
});

const cirq = await findTestPython('cirq');

describe.skipIf('reason' in cirq || 'reason' in found)(
  `Cirq${'reason' in cirq ? ` (skipped: ${cirq.reason})` : ''}`,
  () => {
    test('the rewritten circuits with measurement: the same counts as the original', () => {
      const texts = files.filter(({ name, text }) => text.includes('measure') && !NOT_QISKIT.has(name));
      const ours = texts.map(({ text, name }) => emitCirqOpenQasm3(readOpenQasm(text, name).circuit));
      const bits = texts.map(({ text, name }) => readOpenQasm(text, name).circuit.bits);
      const counts = ask(
        'python' in cirq ? cirq.python : '',
        CIRQ_COUNTS,
        ours.map((text, index) => [text, bits[index]]),
      );
      const theirs = ask(
        'python' in found ? found.python : '',
        QISKIT_COUNTS,
        texts.map(({ text }) => text),
      );
      for (const [index, { name }] of texts.entries())
        expectClose(counts[index] as Counts, theirs[index] as Counts, name);
    });
  },
);

type Counts = Readonly<Record<string, number>>;

const SHOTS = 8_000;

const LOAD = `
import json, sys, warnings
warnings.simplefilter("ignore")
from qiskit import qasm2, qasm3
def load(text):
    if "OPENQASM 3" in text:
        return qasm3.loads(text)
    return qasm2.loads(text, custom_instructions=qasm2.LEGACY_CUSTOM_INSTRUCTIONS,
        include_path=qasm2.LEGACY_INCLUDE_PATH, custom_classical=qasm2.LEGACY_CUSTOM_CLASSICAL)
`;

/** Pairs of texts → whether they are one matrix up to a global phase. */
const QISKIT_EQUAL = `${LOAD}
from qiskit.quantum_info import Operator
def same(ours, theirs):
    try:
        return bool(Operator(load(ours)).equiv(Operator(load(theirs)), rtol=1e-7, atol=1e-7))
    except Exception as error:
        return repr(error)
json.dump([same(*pair) for pair in json.load(sys.stdin)], sys.stdout)
`;

const QISKIT_COUNTS = `${LOAD}
from qiskit import transpile
from qiskit_aer import AerSimulator
def counts(text):
    circuit = transpile(load(text), AerSimulator(), optimization_level=0)
    found = AerSimulator(seed_simulator=7).run(circuit, shots=${SHOTS}).result().get_counts()
    return {key.replace(" ", ""): value for key, value in found.items()}
json.dump([counts(text) for text in json.load(sys.stdin)], sys.stdout)
`;

const CIRQ_COUNTS = `
import collections, json, sys
import cirq
from cirq.contrib.qasm_import import circuit_from_qasm
def counts(text, bits):
    records = cirq.Simulator(seed=7).run(circuit_from_qasm(text), repetitions=${SHOTS}).records
    columns = [records["c_%d" % bit][:, -1, 0] if "c_%d" % bit in records else [0] * ${SHOTS} for bit in reversed(range(bits))]
    return collections.Counter("".join(str(int(bit)) for bit in row) for row in zip(*columns))
json.dump([counts(*pair) for pair in json.load(sys.stdin)], sys.stdout)
`;

function expectSameMatrices(python: string, texts: readonly string[]): void {
  const pairs = texts.map((text) => [emitOpenQasm3(readOpenQasm(text, 'test.qasm').circuit), text]);
  const answers = ask(python, QISKIT_EQUAL, pairs);
  const wrong = texts.flatMap((text, index) =>
    answers[index] === true ? [] : [`${answers[index]}: ${text}`],
  );
  expect(wrong).toEqual([]);
}

function expectSameCounts(
  python: string,
  script: string,
  texts: readonly { readonly name: string; readonly text: string }[],
  emit: typeof emitOpenQasm3,
): void {
  const ours = texts.map(({ name, text }) => emit(readOpenQasm(text, name).circuit));
  const counts = ask(python, script, [...ours, ...texts.map(({ text }) => text)]) as Counts[];
  for (const [index, { name }] of texts.entries())
    expectClose(counts[index]!, counts[texts.length + index]!, name);
}

/** Half the sum of the differences: between two samples of 8,000 shots over few outcomes, 0.05 is far outside chance. */
function expectClose(a: Counts, b: Counts, name: string): void {
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  const distance =
    [...keys].reduce((sum, key) => sum + Math.abs((a[key] ?? 0) - (b[key] ?? 0)), 0) / 2 / SHOTS;
  expect(distance, `${name} ${JSON.stringify([a, b])}`).toBeLessThan(0.05);
  expect(Object.keys(a)[0]?.length, name).toBe(Object.keys(b)[0]?.length);
}

function ask(python: string, script: string, input: unknown): unknown[] {
  const done = spawnSync(python, ['-I', '-c', script], {
    input: JSON.stringify(input),
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  if (done.status !== 0) throw done.error ?? new Error(done.stderr);
  return JSON.parse(done.stdout);
}
