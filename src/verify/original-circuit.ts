/**
 * The circuit of a "qpoe-0.1" record, drawn again, and the text whose hash the record holds.
 *
 * `circuit_hash` is of what the SDK itself wrote. Qiskit's `qasm3.dumps` is written again here: for these circuits every
 * release from 1.0 to 2.6 writes the same text. `cirq.to_json` is not: what it prints depends on Cirq's classes, release by
 * release.
 */

import { utf8 } from '../core/bytes.ts';
import { type Digest, digestOf } from '../core/digest.ts';
import { type PythonRandom, pythonRandomFromKey } from '../core/python-random.ts';

const GATES = ['h', 's', 'x', 'y', 'z'] as const;
const T_PROBABILITY = 0.15;

/** A circuit with more gates is not drawn while verifying: a record must not be able to stall its reader. */
export const MAX_DRAWN = 250_000n;

export interface DrawnBy {
  readonly qubits: bigint;
  readonly depth: bigint;
  readonly seed: bigint;
}

/** How many gates and measurements there are at most. */
export function sizeOf({ qubits, depth }: Pick<DrawnBy, 'qubits' | 'depth'>): bigint {
  return qubits * (1n + 2n * (depth > 0n ? depth : 0n));
}

/** SHA-256 of what `qiskit.qasm3.dumps` prints for the circuit. The caller bounds `sizeOf` it. */
export function qiskitTextDigest(drawn: DrawnBy): Digest {
  return digestOf(utf8(qiskitText(drawn)));
}

function qiskitText({ qubits, depth, seed }: DrawnBy): string {
  const n = Number(qubits);
  const measurements = Array.from({ length: n }, (_, qubit) => `c[${qubit}] = measure q[${qubit}];\n`);
  return [
    `OPENQASM 3.0;\ninclude "stdgates.inc";\nbit[${n}] c;\nqubit[${n}] q;\n`,
    ...draw(n, Number(depth), seededBy(seed)).map(([gate, qubit]) => `${gate} q[${qubit}];\n`),
    ...measurements,
  ].join('');
}

function draw(qubits: number, depth: number, random: PythonRandom): [string, number][] {
  const gates: [string, number][] = [];
  for (let layer = 0; layer < depth; layer++)
    for (let qubit = 0; qubit < qubits; qubit++) {
      gates.push([random.choice(GATES), qubit]);
      if (random.random() < T_PROBABILITY) gates.push(['t', qubit]);
    }
  return gates;
}

/** `random.Random(seed)` for any whole number: CPython takes its absolute value, in 32-bit words, least first. */
function seededBy(seed: bigint): PythonRandom {
  const words: number[] = [];
  for (let rest = seed < 0n ? -seed : seed; rest > 0n; rest >>= 32n) words.push(Number(rest & 0xffffffffn));
  return pythonRandomFromKey(words.length === 0 ? [0] : words);
}
