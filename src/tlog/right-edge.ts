/**
 * A tree's right edge: the partial tiles of every level. With the size it is all that a log needs to know of its tree to
 * append to it, and all that its root is made of: the subtrees of a tree of n leaves are the binary digits of n, and those
 * of level l's partial tile are the eight digits from 8·l.
 */

import type { Bytes } from '../core/bytes.ts';
import type { Read } from './fault.ts';
import { completeRoot, emptyRoot, HASH_BYTES, nodeHash } from './merkle.ts';
import { partialTile, tileLevels } from './tile.ts';
import { type ReadTile, readTileHashes } from './tile-hashes.ts';

export interface RightEdge {
  readonly size: number;
  /** For each level of tiles, the hashes of its partial tile; without bytes where there is none. */
  readonly tiles: readonly Uint8Array[];
}

/** Read from tiles, it is believed where `edgeRoot` is the root that the log signed. */
export function readEdge(size: number, readTile: ReadTile): Read<RightEdge> {
  const tiles: Uint8Array[] = [];
  for (let level = 0; level < tileLevels(size); level++) {
    const tile = partialTile(level, size);
    const read = tile.width === 0 ? { value: new Uint8Array(0) } : readTileHashes(tile, readTile);
    if (read.fault !== undefined) return read;
    tiles.push(read.value);
  }
  return { value: { size, tiles } };
}

export function edgeRoot({ tiles }: RightEdge): Bytes {
  const subtrees = tiles.flatMap(completeRoots);
  return subtrees.length === 0 ? emptyRoot() : subtrees.reduce((right, left) => nodeHash(left, right));
}

/** The roots of the subtrees in a partial tile, smallest and so rightmost first. */
function completeRoots(hashes: Uint8Array): readonly Bytes[] {
  const roots: Bytes[] = [];
  let end = hashes.length;
  for (let bytes = HASH_BYTES; end > 0; bytes *= 2) {
    if ((hashes.length & bytes) === 0) continue;
    roots.push(completeRoot(hashes.subarray(end - bytes, end)));
    end -= bytes;
  }
  return roots;
}
