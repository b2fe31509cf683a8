/**
 * From a circuit, shots, a seed and the program's place in its job, the same counts on every machine. All randomness is
 * one stream a program:
 *
 *     key = SHA-256("qpoe sampler <version>\n" + seed + "\n" + programIndex), as eight big-endian 32-bit words
 *     u   = MT19937 random() after init_by_array(key), a double in [0, 1)
 *
 * Version 1 is for circuits that one state answers: every measurement can wait for the end. A shot is one u times the sum
 * of all probabilities, and lands on the first basis state whose running sum of probabilities exceeds it. Version 2 is
 * for all others: shots part at measurements and resets (`trajectories.ts`), and each branch ends as version 1 does.
 * Probabilities are re² + im², summed in the order of the index. `vectors/simulator` says it in full, and fixes it for ever.
 */

import type { Circuit } from '../circuit/circuit.ts';
import { utf8 } from '../core/bytes.ts';
import { sha256 } from '../core/digest.ts';
import { type PythonRandom, pythonRandomFromKey } from '../core/python-random.ts';
import { applyPass } from './passes.ts';
import { isOneWay, type Plan, planCircuit } from './plan.ts';
import { groundState } from './statevector.ts';
import { followShots, type Stage } from './trajectories.ts';

export type SamplerVersion = 1 | 2;

/** Which of the samplers the counts come from: a matter of the circuit alone. */
export function versionOf(plan: Plan): SamplerVersion {
  return isOneWay(plan) ? 1 : 2;
}

/**
 * Outcome → count in ascending order of the keys c[n-1]…c[0], only outcomes that occurred. Bits never written are 0.
 *
 * @param shots from 0
 * @param seed from 0 to 2^53−1; the same circuit, shots and seed give the same counts for ever
 * @param programIndex of several programs of one job, each has a stream of its own
 * @throws QpoeError `refused` where the state is too large
 */
export function sampleCounts(
  circuit: Circuit,
  shots: number,
  seed: number,
  programIndex = 0,
): Map<string, number> {
  const stage = groundStage(circuit.qubits);
  return samplePlan(planCircuit(circuit), shots, seed, programIndex, stage);
}

/**
 * A stage of this thread alone.
 *
 * @throws QpoeError `refused` where the state is too large
 */
export function groundStage(qubits: number): Stage {
  const state = groundState(qubits);
  return { state, apply: (pass) => applyPass(state, pass) };
}

/** `sampleCounts` on a stage that stands in |0…0⟩ and is left in no particular state. */
export function samplePlan(
  plan: Plan,
  shots: number,
  seed: number,
  programIndex: number,
  stage: Stage,
): Map<string, number> {
  const counts = new Map<string, number>();
  followShots(plan, shots, generatorOf(versionOf(plan), seed, programIndex), stage, (bits, hits) => {
    const key = formatKey(bits);
    counts.set(key, (counts.get(key) ?? 0) + hits);
  });
  return new Map([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function generatorOf(version: SamplerVersion, seed: number, programIndex: number): PythonRandom {
  const hash = sha256(utf8(`qpoe sampler ${version}\n${seed}\n${programIndex}`));
  const view = new DataView(hash.buffer, hash.byteOffset, hash.byteLength);
  return pythonRandomFromKey(Array.from({ length: 8 }, (_, word) => view.getUint32(4 * word)));
}

function formatKey(bits: Uint8Array): string {
  let key = '';
  for (let bit = bits.length - 1; bit >= 0; bit--) key += bits[bit];
  return key;
}
