/**
 * The inner loops, on the amplitudes of one tile: amplitude k at `scratch[2k]` and `scratch[2k + 1]`.
 *
 *     scale      a[i] ← factor · a[i]
 *     exchange   a[i] ↔ a[i ^ flip]
 *     mix        (a[i], a[i | flip]) ← matrix · (a[i], a[i | flip])
 *     mixReal    the same, where every imaginary part of the matrix is zero
 *
 * for every i = start | offset whose offset lies within the bits of `free`. A product of complex numbers is always
 * (ar·r − ai·i, ar·i + ai·r) and a row of `mix` a·v + b·w, each operation rounded once: seeded counts rest on it, and so
 * the two implementations give the same bits.
 */

export interface Kernels {
  readonly scratch: Float64Array;
  scale(free: number, start: number, numbers: Float64Array): void;
  exchange(free: number, start: number, flip: number): void;
  mix(free: number, start: number, flip: number, numbers: Float64Array): void;
  mixReal(free: number, start: number, flip: number, numbers: Float64Array): void;
}

/** 2^14 amplitudes are 256 KiB: within a core's second-level cache. */
export const TILE_QUBITS = 14;
