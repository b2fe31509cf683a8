/** The same gates as real CPython draws, for a few hundred (n, depth, seed). */

import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { buildWorkload, findWorkload } from '../src/circuit/workloads.ts';

// The original's drawing (its qiskit_impl/workload.py), with the gate's name in place of the gate.
const DRAW = `
import json, random, sys
def draw(n, depth, seed):
    rng = random.Random(seed)
    gates = []
    for _layer in range(depth):
        for qubit in range(n):
            gates.append([rng.choice(("h", "s", "x", "y", "z")), qubit])
            if rng.random() < 0.15:
                gates.append(["t", qubit])
    return gates
print(json.dumps([draw(*case) for case in json.load(sys.stdin)]))
`;

const python = ['python3', 'python'].find((name) => spawnSync(name, ['-I', '-c', '']).status === 0);
const SEEDS = [
  0,
  1,
  2,
  123,
  1234,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 32 + 1,
  2 ** 45 + 7,
  2 ** 53 - 1,
];

describe.skipIf(python === undefined)(
  python === undefined ? 'CPython workloads (no python3)' : 'CPython workloads',
  () => {
    it('are ours, gate for gate', () => {
      const cases: [number, number, number][] = [];
      for (const seed of SEEDS)
        for (const n of [1, 2, 3, 5, 8, 24]) for (const depth of [1, 2, 7, 30]) cases.push([n, depth, seed]);
      for (let seed = 1000; seed < 1200; seed++) cases.push([1 + (seed % 9), 1 + (seed % 13), seed * 7919]);
      const { stdout } = spawnSync(python!, ['-I', '-c', DRAW], {
        input: JSON.stringify(cases),
        maxBuffer: 2 ** 28,
      });
      const drawn = JSON.parse(stdout.toString()) as [string, number][][];
      expect(cases.length).toBeGreaterThan(450);
      for (const [index, [n_qubits, depth, seed]] of cases.entries()) {
        const { operations } = buildWorkload(findWorkload('clifford_t_sampling')!, { n_qubits, depth, seed });
        const ours = operations.flatMap((operation) =>
          operation.op === 'measure' || operation.op === 'if' ? [] : [[operation.op, operation.qubits[0]]],
        );
        expect(ours, `n=${n_qubits} depth=${depth} seed=${seed}`).toEqual(drawn[index]);
      }
    });
  },
);
