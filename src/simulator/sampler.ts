/**
 * Sampler version 1: from a circuit, shots, a seed and the program's place in its job, the same counts on every machine.
 *
 *     key    = SHA-256("qpoe sampler 1\n" + seed + "\n" + programIndex), as eight big-endian 32-bit words
 *     draws  = shots × MT19937 random() after init_by_array(key), each times the sum of all probabilities
 *     a draw lands on the first basis state whose running sum of probabilities exceeds it
 *
 * Probabilities are re² + im², summed in the order of the index. `vectors/simulator/counts` fixes the outcome for ever.
 */

import type { Circuit, MeasureOperation } from '../circuit/circuit.ts';
import { utf8 } from '../core/bytes.ts';
import { sha256 } from '../core/digest.ts';
import { type PythonRandom, pythonRandomFromKey } from '../core/python-random.ts';
import { type Statevector, simulate } from './statevector.ts';

export const SAMPLER_VERSION = 1;

/**
 * Outcome → count in ascending order of the keys c[n-1]…c[0], only outcomes that occurred. Bits never written are 0.
 *
 * @throws QpoeError `refused` where the state is too large
 */
export function sampleCounts(
  circuit: Circuit,
  shots: number,
  seed: number,
  programIndex = 0,
): Map<string, number> {
  const state = simulate(circuit);
  const draws = drawSorted(generatorOf(seed, programIndex), shots, totalProbability(state));
  const measurements = measurementsByBit(circuit);
  const tally = new Uint32Array(2 ** measurements.length);
  landDraws(state, draws, (index, hits) => {
    tally[packOutcome(index, measurements)]! += hits;
  });
  return countsOf(tally, measurements, circuit.bits);
}

function generatorOf(seed: number, programIndex: number): PythonRandom {
  const hash = sha256(utf8(`qpoe sampler ${SAMPLER_VERSION}\n${seed}\n${programIndex}`));
  const view = new DataView(hash.buffer, hash.byteOffset, hash.byteLength);
  return pythonRandomFromKey(Array.from({ length: 8 }, (_, word) => view.getUint32(4 * word)));
}

function drawSorted(random: PythonRandom, shots: number, total: number): Float64Array {
  const draws = new Float64Array(shots);
  for (let shot = 0; shot < shots; shot++) draws[shot] = random.random() * total;
  return draws.sort();
}

function totalProbability({ re, im }: Statevector): number {
  let total = 0;
  for (let i = 0; i < re.length; i++) total += re[i]! * re[i]! + im[i]! * im[i]!;
  return total;
}

/**
 * Reports each basis state that ascending `draws` land on, with how many. A state of probability zero does not raise the
 * running sum, so nothing lands on it; a draw that rounding put at or past the end lands on the last state that did.
 */
export function landDraws(
  { re, im }: Statevector,
  draws: Float64Array,
  report: (index: number, hits: number) => void,
): void {
  let sum = 0;
  let landed = 0;
  let last = 0;
  for (let i = 0; i < re.length && landed < draws.length; i++) {
    const before = sum;
    sum += re[i]! * re[i]! + im[i]! * im[i]!;
    if (sum === before) continue;
    last = i;
    const first = landed;
    while (landed < draws.length && draws[landed]! < sum) landed++;
    if (landed > first) report(i, landed - first);
  }
  if (landed < draws.length) report(last, draws.length - landed);
}

/** By bit, so that a packed outcome has the order of its key. */
function measurementsByBit({ operations }: Circuit): MeasureOperation[] {
  return operations.filter((operation) => operation.op === 'measure').sort((a, b) => a.bits[0] - b.bits[0]);
}

/** The measured qubits of a basis state, the lowest bit's first: never more bits than the simulator has qubits. */
function packOutcome(index: number, measurements: readonly MeasureOperation[]): number {
  let outcome = 0;
  for (let k = 0; k < measurements.length; k++) outcome |= ((index >> measurements[k]!.qubits[0]) & 1) << k;
  return outcome;
}

function countsOf(
  tally: Uint32Array,
  measurements: readonly MeasureOperation[],
  bits: number,
): Map<string, number> {
  const counts = new Map<string, number>();
  for (let outcome = 0; outcome < tally.length; outcome++) {
    if (tally[outcome]! > 0) counts.set(formatKey(outcome, measurements, bits), tally[outcome]!);
  }
  return counts;
}

function formatKey(outcome: number, measurements: readonly MeasureOperation[], bits: number): string {
  const digits = new Array<string>(bits).fill('0');
  for (let k = 0; k < measurements.length; k++) {
    if ((outcome >> k) & 1) digits[bits - 1 - measurements[k]!.bits[0]] = '1';
  }
  return digits.join('');
}
