/**
 * Appending to a tiled tree: which tiles a log has to write. For n new leaves it takes n hashes of a node, and some 255 for
 * the root of each level's partial tile (`edgeRoot`), whatever the size of the tree.
 */

import { type Bytes, concatenate } from '../core/bytes.ts';
import { completeRoot, HASH_BYTES } from './merkle.ts';
import type { RightEdge } from './right-edge.ts';
import { FULL_WIDTH, type TileFile } from './tile.ts';

const FULL_BYTES = FULL_WIDTH * HASH_BYTES;

export interface Appended {
  readonly edge: RightEdge;
  /** The tiles that became full, and the partial tiles of the new size that are not there yet. Lowest level first. */
  readonly tiles: readonly TileFile[];
}

/** @param leaves the hashes of the new leaves */
export function appendLeaves(edge: RightEdge, leaves: readonly Uint8Array[]): Appended {
  const files: TileFile[] = [];
  const tiles: Uint8Array[] = [];
  let rising = concatenate(leaves);
  for (let level = 0; rising.length > 0 || level < edge.tiles.length; level++) {
    const held = edge.tiles[level] ?? new Uint8Array(0);
    const hashes = concatenate([held, rising]);
    const written =
      rising.length === 0 ? [] : cutTiles(level, Math.floor(edge.size / 256 ** (level + 1)), hashes);
    const full = written.filter(({ tile }) => tile.width === FULL_WIDTH);
    files.push(...written);
    tiles.push(hashes.slice(full.length * FULL_BYTES));
    rising = concatenate(full.map(({ bytes }) => completeRoot(bytes)));
  }
  return { edge: { size: edge.size + leaves.length, tiles }, tiles: files };
}

/** Hashes of one level as tiles, the first of which has this index. */
function cutTiles(level: number, index: number, hashes: Bytes): readonly TileFile[] {
  return Array.from({ length: Math.ceil(hashes.length / FULL_BYTES) }, (_, i) => {
    const bytes = hashes.slice(i * FULL_BYTES, (i + 1) * FULL_BYTES);
    return { tile: { level, index: index + i, width: bytes.length / HASH_BYTES }, bytes };
  });
}
