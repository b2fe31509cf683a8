/**
 * Passes over the state. A pass takes consecutive moves whose flips stay within few qubits, and so splits the state into
 * tiles that no move crosses: a tile takes all its moves while it is in the cache, and tiles are independent of each
 * other, so that threads may share them. Every amplitude still sees the same moves in the same order.
 */

import { applyMove, type Move } from './moves.ts';
import type { Statevector } from './statevector.ts';

export interface Pass {
  readonly moves: readonly Move[];
  /** The bits that tell one tile from another. */
  readonly outer: number;
  readonly tiles: number;
}

/** 2^13 amplitudes are 128 KiB: within a core's second-level cache. */
const TILE_QUBITS = 13;
/** 2^5 numbers in a row are whole cache lines, and a stride the hardware foresees. */
const ROW_QUBITS = 5;

const ROW = (1 << ROW_QUBITS) - 1;

export function planPasses(moves: readonly Move[], qubits: number): Pass[] {
  const passes: Pass[] = [];
  let run: Move[] = [];
  let inner = ROW;
  for (const move of moves) {
    if (bitCount(inner | move.flip) > TILE_QUBITS) {
      passes.push(passOf(run, inner, qubits));
      run = [];
      inner = ROW;
    }
    run.push(move);
    inner |= move.flip;
  }
  if (run.length > 0) passes.push(passOf(run, inner, qubits));
  return passes;
}

/** The lowest qubits fill up what the moves leave of a tile: the longest rows. */
function passOf(moves: readonly Move[], needed: number, qubits: number): Pass {
  let inner = needed;
  for (let qubit = 0; qubit < qubits && bitCount(inner) < TILE_QUBITS; qubit++) inner |= 1 << qubit;
  const outer = ((1 << qubits) - 1) & ~inner;
  return { moves, outer, tiles: 1 << bitCount(outer) };
}

function bitCount(mask: number): number {
  let count = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++;
  return count;
}

export function applyPass(state: Statevector, pass: Pass): void {
  for (let number = 0; number < pass.tiles; number++) applyToTile(state, pass, number);
}

export function applyToTile(state: Statevector, { moves, outer }: Pass, number: number): void {
  const tile = spread(number, outer);
  for (const move of moves) applyMove(state, move, outer, tile);
}

/** The bits of `number`, laid into the bits of `mask` from the lowest on. */
function spread(number: number, mask: number): number {
  let value = 0;
  let rest = mask;
  for (let bits = number; bits !== 0; bits >>= 1) {
    const lowest = rest & -rest;
    if (bits & 1) value |= lowest;
    rest ^= lowest;
  }
  return value;
}
