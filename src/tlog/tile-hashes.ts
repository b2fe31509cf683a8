/**
 * Hashes of a tree from its tiles. Tiles are read by a function of the caller's: from a disk it reads, from a network it
 * hands out what was fetched before (`tilesOfPlan` lists it). A tile that a log deleted as partial may be the first `width`
 * hashes of the full one.
 *
 * What tiles say is believed by no one: a proof made from wrong ones leads to no root that a log signed.
 */

import type { Read } from './fault.ts';
import { completeRoot, foldRight, HASH_BYTES, type ProofPlan } from './merkle.ts';
import { locateSubtree, type Tile, tilePath, tilesOfPlan } from './tile.ts';

/** The hashes of exactly this tile, one after another; undefined where there is none. */
export type ReadTile = (tile: Tile) => Uint8Array | undefined;

export function readTileHashes(tile: Tile, readTile: ReadTile): Read<Uint8Array> {
  const bytes = readTile(tile);
  if (bytes === undefined) return { fault: `${tilePath(tile)} is not there`, code: 'tile.missing' };
  const expected = tile.width * HASH_BYTES;
  return bytes.length === expected
    ? { value: bytes }
    : { fault: `${tilePath(tile)} has ${bytes.length} bytes, not ${expected}`, code: 'tile.length' };
}

/** The hashes of a proof in a tree of this size. */
export function readProof(plan: ProofPlan, size: number, readTile: ReadTile): Read<readonly Uint8Array[]> {
  const tiles = new Map<string, Uint8Array>();
  for (const tile of tilesOfPlan(plan, size)) {
    const read = readTileHashes(tile, readTile);
    if (read.fault !== undefined) return read;
    tiles.set(tilePath(tile), read.value);
  }
  const proof = plan.map((subtrees) =>
    foldRight(
      subtrees.map((subtree) => {
        const { tile, start, end } = locateSubtree(subtree, size);
        return completeRoot(tiles.get(tilePath(tile))!.subarray(start, end));
      }),
    ),
  );
  return { value: proof };
}
