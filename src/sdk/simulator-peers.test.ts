/** Trajectories against Qiskit Aer: the same circuits, both ways random, the distributions alike. */

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { findTestPython } from '../../test/test-python.ts';
import type { Circuit } from '../circuit/circuit.ts';
import { sampleCounts } from '../simulator/sampler.ts';

const AER = `
import json, sys
from qiskit import QuantumCircuit
from qiskit.circuit.classical import expr
from qiskit_aer import AerSimulator

def add(qc, operations):
    for o in operations:
        name, qubits = o["op"], o.get("qubits", [])
        if name == "measure":
            qc.measure(qubits, o["bits"])
        elif name == "if":
            with qc.if_test(bits_equal(qc, zip(o["bits"], reversed(o["equals"])))) as otherwise:
                add(qc, o["then"])
            with otherwise:
                add(qc, o["else"])
        elif name == "barrier":
            qc.barrier(qubits)
        else:
            getattr(qc, {"u3": "u"}.get(name, name))(*o.get("angles", []), *qubits)

def bits_equal(qc, conditions):
    result = None
    for bit, value in conditions:
        term = expr.lift(qc.clbits[bit])
        if value == "0":
            term = expr.logic_not(term)
        result = term if result is None else expr.logic_and(result, term)
    return result

answers = []
for job in json.load(sys.stdin):
    circuit = job["circuit"]
    qc = QuantumCircuit(circuit["qubits"], circuit["bits"])
    add(qc, circuit["operations"])
    result = AerSimulator(method="statevector", seed_simulator=7).run(qc, shots=job["shots"]).result()
    answers.append(result.get_counts())
print(json.dumps(answers))
`;

const folder = new URL('../../vectors/simulator/trajectories/', import.meta.url);
const SHOTS = 5_000;

function readCircuits(): [string, Circuit][] {
  return readdirSync(folder).map((name) => [
    name,
    JSON.parse(readFileSync(new URL(name, folder), 'utf8')).circuit,
  ]);
}

/** Twice the log-likelihood ratio of two samples, and its degrees of freedom; chi-square where both are of one kind. */
function compareCounts(a: Readonly<Record<string, number>>, b: Readonly<Record<string, number>>) {
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  let g = 0;
  for (const key of keys) {
    const counts = [a[key] ?? 0, b[key] ?? 0];
    const expected = (counts[0]! + counts[1]!) / 2;
    for (const count of counts) if (count > 0) g += 2 * count * Math.log(count / expected);
  }
  return { g, freedom: keys.length - 1 };
}

test('the trajectory vectors are distributed as on Aer', async (context) => {
  const found = await findTestPython('qiskit');
  if ('reason' in found) return context.skip(found.reason);
  const circuits = readCircuits();
  const input = JSON.stringify(circuits.map(([, circuit]) => ({ circuit, shots: SHOTS })));
  const aer = JSON.parse(execFileSync(found.python, ['-c', AER], { input, encoding: 'utf8' }));
  for (const [index, [name, circuit]] of circuits.entries()) {
    const { g, freedom } = compareCounts(Object.fromEntries(sampleCounts(circuit, SHOTS, 123)), aer[index]);
    // Above mean + 6 standard deviations: less than once in a million for many degrees, once in some thousands for one.
    expect(g, name).toBeLessThan(Math.max(24, freedom + 6 * Math.sqrt(2 * freedom)));
  }
});
