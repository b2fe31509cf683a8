/**
 * Passes over the state. A pass takes consecutive moves whose flips stay within few qubits, and so splits the state into
 * tiles that no move crosses. A tile's amplitudes are copied together, take all the moves while they are in the cache, and
 * go back. Tiles are independent of each other, so that threads may share them, and every amplitude still sees the same
 * moves in the same order.
 *
 *     qubit    19 18 17 16 15 14 13 12 …  5  4  3  2  1  0
 *     tile      1  0  ·  ·  ·  1  0  0 …  ·  ·  ·  ·  ·  ·     `outer`: which tile; the dots: which amplitude of it
 */

import { type Kernels, TILE_QUBITS } from './kernels.ts';
import type { Move } from './moves.ts';
import { plainKernels } from './plain-kernels.ts';
import type { Statevector } from './statevector.ts';
import { wasmKernels } from './wasm-kernels.ts';

export interface Pass {
  readonly moves: readonly PlacedMove[];
  /** The bits that tell one tile from another, and those within a tile. */
  readonly outer: number;
  readonly inner: number;
  readonly tiles: number;
}

/** A move in the numbering of a tile's own qubits. */
interface PlacedMove {
  readonly move: Move;
  readonly free: number;
  readonly start: number;
  readonly flip: number;
}

/** At least 2^4 numbers in a row are copied together: whole cache lines. */
const ROW = (1 << 4) - 1;

export function planPasses(moves: readonly Move[], qubits: number): Pass[] {
  const passes: Pass[] = [];
  let run: Move[] = [];
  let needed = ROW;
  for (const move of moves) {
    if (bitCount(needed | move.flip) > TILE_QUBITS) {
      passes.push(planPass(run, needed, qubits));
      run = [];
      needed = ROW;
    }
    run.push(move);
    needed |= move.flip;
  }
  if (run.length > 0) passes.push(planPass(run, needed, qubits));
  return passes;
}

/** The lowest qubits fill up what the moves leave of a tile: the longest rows. */
function planPass(moves: readonly Move[], needed: number, qubits: number): Pass {
  const all = (1 << qubits) - 1;
  let inner = needed & all;
  for (let qubit = 0; qubit < qubits && bitCount(inner) < TILE_QUBITS; qubit++) inner |= 1 << qubit;
  const outer = all & ~inner;
  return { moves: moves.map((move) => place(move, inner)), outer, inner, tiles: 1 << bitCount(outer) };
}

function place(move: Move, inner: number): PlacedMove {
  return {
    move,
    free: gatherBits(inner & ~move.fixed, inner),
    start: gatherBits(move.start, inner),
    flip: gatherBits(move.flip, inner),
  };
}

let best: Kernels | undefined;

/** The fastest that this engine has: one set a thread. */
function bestKernels(): Kernels {
  best ??= wasmKernels() ?? plainKernels();
  return best;
}

export function applyPass(state: Statevector, pass: Pass, kernels = bestKernels()): void {
  for (let number = 0; number < pass.tiles; number++) applyToTile(state, pass, number, kernels);
}

export function applyToTile(
  state: Statevector,
  { moves, outer, inner }: Pass,
  number: number,
  kernels = bestKernels(),
): void {
  const tile = spreadBits(number, outer);
  copyIn(state, tile, inner, kernels.scratch);
  for (const { move, free, start, flip } of moves) {
    // Controls and diagonals may lie outside: the tile then has their bits, or the move is not for it.
    if (((move.start ^ tile) & move.fixed & outer) !== 0) continue;
    if (move.kind === 'exchange') kernels.exchange(free, start, flip);
    else if (move.kind === 'scale') kernels.scale(free, start, move.numbers);
    else kernels[move.kind](free, start, flip, move.numbers);
  }
  copyOut(state, tile, inner, kernels.scratch);
}

function copyIn({ re, im }: Statevector, tile: number, inner: number, scratch: Float64Array): void {
  const row = rowLength(inner);
  const rows = inner & ~(row - 1);
  let to = 0;
  let offset = 0;
  do {
    const from = tile | offset;
    for (let i = from; i < from + row; i++) {
      scratch[to] = re[i]!;
      scratch[to + 1] = im[i]!;
      to += 2;
    }
    offset = (offset - rows) & rows;
  } while (offset !== 0);
}

function copyOut({ re, im }: Statevector, tile: number, inner: number, scratch: Float64Array): void {
  const row = rowLength(inner);
  const rows = inner & ~(row - 1);
  let from = 0;
  let offset = 0;
  do {
    const to = tile | offset;
    for (let i = to; i < to + row; i++) {
      re[i] = scratch[from]!;
      im[i] = scratch[from + 1]!;
      from += 2;
    }
    offset = (offset - rows) & rows;
  } while (offset !== 0);
}

/** The amplitudes in a row: as far as the lowest bits are all inner. */
function rowLength(inner: number): number {
  return ~inner & (inner + 1);
}

function bitCount(mask: number): number {
  let count = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++;
  return count;
}

/** The bits of `number`, laid into the places of `mask` from the lowest on. */
function spreadBits(number: number, mask: number): number {
  let value = 0;
  let places = mask;
  for (let bits = number; bits !== 0; bits >>= 1) {
    if (bits & 1) value |= places & -places;
    places &= places - 1;
  }
  return value;
}

/** The reverse: the bits of `value` at the places of `mask`, side by side. */
function gatherBits(value: number, mask: number): number {
  let number = 0;
  let bit = 1;
  for (let places = mask; places !== 0; places &= places - 1) {
    if (value & places & -places) number |= bit;
    bit <<= 1;
  }
  return number;
}
