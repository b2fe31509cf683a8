import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { type Circuit, type GateOperation, gate } from '../src/circuit/circuit.ts';
import { GATES, type GateName } from '../src/circuit/gates.ts';
import { type PythonRandom, pythonRandom } from '../src/core/python-random.ts';
import { simulate } from '../src/simulator/statevector.ts';
import { findTestPython } from './test-python.ts';

const found = await findTestPython('qiskit');

/** Circuits on stdin; on stdout, for each, its amplitudes as [[re, …], [im, …]]. */
const SCRIPT = `
import json, sys
from qiskit import QuantumCircuit
from qiskit.circuit.library import U1Gate, U2Gate, U3Gate
from qiskit.quantum_info import Statevector

retired = {"u1": U1Gate, "u2": U2Gate, "u3": U3Gate}

def amplitudes(circuit):
    built = QuantumCircuit(circuit["qubits"])
    for operation in circuit["operations"]:
        op, qubits, angles = operation["op"], operation["qubits"], operation.get("angles", [])
        if op in retired:
            built.append(retired[op](*angles), qubits)
        else:
            getattr(built, op)(*angles, *qubits)
    data = Statevector(built).data
    return [data.real.tolist(), data.imag.tolist()]

json.dump([amplitudes(circuit) for circuit in json.load(sys.stdin)], sys.stdout)
`;

const names = Object.keys(GATES) as GateName[];

function randomGate(random: PythonRandom, qubits: number): GateOperation {
  const op = random.choice(names.filter((name) => GATES[name].qubits <= qubits));
  const free = Array.from({ length: qubits }, (_, qubit) => qubit);
  const chosen = Array.from({ length: GATES[op].qubits }, () => {
    const qubit = random.choice(free);
    free.splice(free.indexOf(qubit), 1);
    return qubit;
  });
  const angles = Array.from({ length: GATES[op].angles }, () => (random.random() - 0.5) * 25);
  return gate(op, chosen, angles);
}

function randomCircuit(seed: number): Circuit {
  const random = pythonRandom(seed);
  const qubits = 1 + (seed % 8);
  const operations = Array.from({ length: 10 + 8 * qubits }, () => randomGate(random, qubits));
  return { version: 1, qubits, bits: 1, operations };
}

function amplitudesInQiskit(circuits: readonly Circuit[]): [number[], number[]][] {
  const run = spawnSync('python' in found ? found.python : '', ['-I', '-c', SCRIPT], {
    input: JSON.stringify(circuits),
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (run.status !== 0) throw run.error ?? new Error(run.stderr);
  return JSON.parse(run.stdout);
}

function furthest(actual: ArrayLike<number>, expected: readonly number[]): number {
  return expected.reduce((worst, value, i) => Math.max(worst, Math.abs(value - actual[i]!)), 0);
}

const suite =
  'reason' in found
    ? `amplitudes of Qiskit's Statevector (skipped: ${found.reason})`
    : "amplitudes of Qiskit's Statevector";

describe.skipIf('reason' in found)(suite, () => {
  const circuits = Array.from({ length: 160 }, (_, seed) => randomCircuit(seed));

  test('160 random circuits, of 1 to 8 qubits, use every gate', () => {
    const used = new Set(circuits.flatMap(({ operations }) => operations.map(({ op }) => op)));
    expect([...used].sort()).toEqual([...names].sort());
  });

  test('are ours to 1e-12, phases included', { timeout: 120_000 }, () => {
    const expected = amplitudesInQiskit(circuits);
    for (const [seed, circuit] of circuits.entries()) {
      const { re, im } = simulate(circuit);
      const [expectedRe, expectedIm] = expected[seed]!;
      expect(re.length, `circuit ${seed}`).toBe(expectedRe.length);
      expect(furthest(re, expectedRe), `circuit ${seed}, real parts`).toBeLessThan(1e-12);
      expect(furthest(im, expectedIm), `circuit ${seed}, imaginary parts`).toBeLessThan(1e-12);
    }
  });
});
