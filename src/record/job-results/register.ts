/**
 * What was measured into one classical register: for each point of a sweep and each shot the bits, packed into whole bytes, most
 * significant bit first, with the spare bits at the front. That is how Qiskit's BitArray has them.
 *
 *     num_bits 10, outcome 1100000001 → 03 01
 */

import { type NdArray, sizeOf } from './npy.ts';
import { Undecodable } from './undecodable.ts';

export interface Register {
  readonly name: string;
  readonly bits: number;
  /** Of the sweep. */
  readonly shape: readonly number[];
  readonly shots: number;
  /** `⌈bits/8⌉` bytes a shot, C order. */
  readonly packed: Uint8Array;
}

const MAX_BITS = 10_000;
/** Of one register: a few bytes of an answer can ask for gigabytes. */
const MAX_PACKED_BYTES = 2 ** 28;
const MAX_SAMPLES = 50_000_000;

export function bytesOf(bits: number): number {
  return Math.ceil(bits / 8);
}

/** Before anything is made of that size. @throws Undecodable */
export function checkSize(bits: number, samples: number): void {
  if (!Number.isSafeInteger(bits) || bits < 1 || bits > MAX_BITS)
    throw new Undecodable(`a register of ${bits} bits`);
  if (samples > MAX_SAMPLES || samples * bytesOf(bits) > MAX_PACKED_BYTES)
    throw new Undecodable(`${samples} samples of ${bits} bits, more than is read`);
}

/** @throws Undecodable where spare bits are set: two arrays would mean the same, and the provider writes only one */
export function makeRegister(name: string, bits: number, array: NdArray): Register {
  const { shape, type, data } = array;
  checkSize(bits, sizeOf(shape.slice(0, -1)));
  const [shots, width] = shape.slice(-2);
  if (type !== 'u1' || shots === undefined || width !== bytesOf(bits))
    throw new Undecodable(`${bits} bits in an array of ${type} with the shape ${shape.join('×')}`);
  const packed = data as Uint8Array;
  const spare = (0xff << (bits % 8 || 8)) & 0xff;
  for (let at = 0; at < packed.length; at += width)
    if ((packed[at]! & spare) !== 0) throw new Undecodable(`an outcome of more than ${bits} bits`);
  return { name, bits, shape: shape.slice(0, -2), shots, packed };
}

const EIGHT = Array.from({ length: 256 }, (_, byte) => byte.toString(2).padStart(8, '0'));

/**
 * Outcome → count at one point of the sweep, keyed c[n-1]…c[0]: the last register stands first, as Qiskit puts it.
 * @param registers in the order of their declaration, with the same shape and shots
 */
export function countShots(registers: readonly Register[], point: number): Map<string, number> {
  const counts = new Map<string, number>();
  const order = [...registers].reverse();
  const { shots } = registers[0]!;
  for (let shot = 0; shot < shots; shot++) {
    let key = '';
    for (const register of order) key += bitsOf(register, point * shots + shot);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

function bitsOf({ bits, packed }: Register, sample: number): string {
  const width = bytesOf(bits);
  let text = '';
  for (let at = sample * width; at < (sample + 1) * width; at++) text += EIGHT[packed[at]!];
  return text.slice(8 * width - bits);
}

/** @throws Undecodable where registers of one PUB don't belong together */
export function checkTogether(registers: readonly Register[]): void {
  const [first, ...others] = registers;
  if (first === undefined) throw new Undecodable('a result without a register');
  for (const other of others)
    if (other.shots !== first.shots || other.shape.join() !== first.shape.join())
      throw new Undecodable(`registers ${first.name} and ${other.name} of different shapes`);
  if (sizeOf(first.shape) * first.shots === 0) throw new Undecodable('a result without a shot');
}
