/** Plausibility beside real Aer with a noise model whose depolarizing strength is known. */

import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { newPlace } from '../cli.ts';
import { findTestPython } from '../test-python.ts';

const found = await findTestPython('qiskit');

/**
 * Every noisy gate acts on all qubits, so that the strengths simply add up: 1 − (1 − s)^gates. The gate list is what qpoe makes of
 * the same circuit.
 */
const AER = `
import json, sys
from qiskit import QuantumCircuit
from qiskit_aer import AerSimulator
from qiskit_aer.noise import NoiseModel, depolarizing_error

qubits, gates, strength, shots, seed = json.loads(sys.argv[1])
model = NoiseModel()
model.add_all_qubit_quantum_error(depolarizing_error(strength, qubits), ["cx" if qubits == 2 else "ccx"])
circuit = QuantumCircuit(qubits, qubits)
operations = []
def gate(name, *places, angle=None):
    getattr(circuit, name)(*([] if angle is None else [angle]), *places)
    operations.append({"op": name, "qubits": list(places), **({} if angle is None else {"angles": [angle]})})
for layer in range(gates):
    for qubit in range(qubits):
        gate("ry", qubit, angle=0.5 + 0.3 * qubit + 0.2 * layer)
    gate("cx", 0, 1) if qubits == 2 else gate("ccx", 0, 1, 2)
for qubit in range(qubits):
    circuit.measure(qubit, qubit)
    operations.append({"op": "measure", "qubits": [qubit], "bits": [qubit]})
counts = AerSimulator(noise_model=model, seed_simulator=seed).run(circuit, shots=shots).result().get_counts()
print(json.dumps({"counts": counts, "circuit": {"version": 1, "qubits": qubits, "bits": qubits, "operations": operations}}))
`;

interface Noisy {
  readonly counts: Readonly<Record<string, number>>;
  readonly circuit: object;
}

describe('a noisy Aer model', () => {
  const test = 'python' in found ? it : it.skip;
  const name = 'python' in found ? '' : ` (${found.reason})`;

  function run(
    ...setting: readonly [qubits: number, gates: number, strength: number, shots: number, seed: number]
  ): Noisy {
    const { python } = found as { python: string };
    const { status, stdout, stderr } = spawnSync(python, ['-c', AER, JSON.stringify(setting)], {
      encoding: 'utf8',
    });
    expect(status, stderr).toBe(0);
    return JSON.parse(stdout);
  }

  /** What \`verify --plausibility\` says of it, as a record of supplied results. */
  function judge({ counts, circuit }: Noisy): string {
    const place = newPlace();
    writeFileSync(place.path('counts.json'), JSON.stringify(counts));
    writeFileSync(place.path('circuit.json'), JSON.stringify(circuit));
    const made = place.qpoe(
      'record',
      '--counts',
      'counts.json',
      '--circuit',
      'circuit.json',
      '--out',
      'r.json',
    );
    expect(made.code, made.stderr).toBe(0);
    const { code, stdout } = place.qpoe('verify', '--plausibility', 'r.json');
    expect(code, stdout).toBe(0);
    return /plausibility .*\n +(.*)/.exec(stdout)![1]!;
  }

  test.each([
    [2, 1, 0.02],
    [2, 1, 0.1],
    [2, 4, 0.1],
    [2, 3, 0.3],
    [3, 1, 0.05],
    [3, 3, 0.1],
  ] as const)(
    `of %d qubits, %d gates, strength %f is found within its error bar${name}`,
    (qubits, gates, strength) => {
      const wanted = (1 - strength) ** gates;
      let within = 0;
      const rounds = 9;
      for (let seed = 1; seed <= rounds; seed++) {
        const said = judge(run(qubits, gates, strength, 40_000, seed));
        const [, fidelity, error] = /fidelity (\S+) ± (\S+),/.exec(said) ?? [];
        expect(Number(error), said).toBeGreaterThan(0);
        const distance = Math.abs(Number(fidelity) - wanted) / Number(error);
        // Three digits are stated.
        expect(distance, said).toBeLessThan(4);
        if (distance <= 1.1) within++;
      }
      // Six of nine are expected within one error bar; fewer than three are one in a hundred.
      expect(within).toBeGreaterThanOrEqual(3);
    },
  );

  test(`of strength zero is consistent with no noise at all${name}`, () => {
    expect(judge(run(3, 3, 0, 40_000, 5))).toMatch(/^what the circuit gives without noise: /);
  });
});
