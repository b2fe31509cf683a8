/** The audit's first step: whether the tree that a log shows begins with the one that it showed before. */

import type { Checkpoint } from '../tlog/checkpoint.ts';
import type { Fault, Read } from '../tlog/fault.ts';
import { findConsistencyFault, HASH_BYTES, planConsistency, sameHash } from '../tlog/merkle.ts';
import { edgeRoot, type RightEdge, readEdge } from '../tlog/right-edge.ts';
import { partialTile, type Tile, tileAt, tileLevels, tilePath, tilesOfPlan } from '../tlog/tile.ts';
import { type ReadTile, readProof, readTileHashes } from '../tlog/tile-hashes.ts';
import type { FoundFault } from './log-audit.ts';
import { inOrder, type LogSource, readTile } from './log-audit-source.ts';

type Extended =
  | { readonly value: RightEdge; readonly fault?: never }
  | (FoundFault & { readonly value?: never });

/** The right edge of the tree that was seen, in a tree that is shown to extend it. */
export async function extendSeen(
  source: LogSource,
  seen: Checkpoint | undefined,
  shown: Checkpoint,
): Promise<Extended> {
  if (seen === undefined || seen.size === 0) return { value: { size: 0, tiles: [] } };
  if (shown.size < seen.size)
    return {
      fault: `it shows a tree of ${shown.size} entries, and showed one of ${seen.size}`,
      code: 'audit.rollback',
    };
  if (shown.size === seen.size && !sameHash(shown.root, seen.root))
    return { fault: `it signed two roots for ${seen.size} entries`, code: 'audit.fork' };
  const plan = planConsistency(seen.size, shown.size);
  const tiles = [...tilesOfPlan(plan, shown.size), ...edgeTiles(seen.size, shown.size)];
  const held = await fetchTiles(source, tiles);
  const files = [...held].map(([path, bytes]) => ({ path, bytes }));
  const damaged = ({ fault }: Fault): FoundFault => ({ fault, code: 'audit.tile', evidence: { files } });
  for (const tile of tiles) {
    const { fault, code } = readTileHashes(tile, () => held.get(tilePath(tile)));
    if (fault !== undefined) return damaged({ fault, code });
  }
  const readHeld = readFrom(held, shown.size);
  const edge = readEdge(seen.size, readHeld);
  if (edge.fault !== undefined) return damaged(edge);
  // Where the tiles don't lead to the new root, making every one of them again says which is wrong.
  if (sameHash(edgeRoot(edge.value), seen.root)) return edge;
  const found = judgeOldRoot(edgeRoot(edge.value), readProof(plan, shown.size, readHeld), seen, shown);
  return { ...found, evidence: { ...found.evidence, files } };
}

/** A root of the old size that is not the one that was seen: the log's own where it leads to what the log signed now. */
function judgeOldRoot(
  oldRoot: Uint8Array,
  { value: hashes }: Read<readonly Uint8Array[]>,
  seen: Checkpoint,
  shown: Checkpoint,
): FoundFault {
  const trees = { oldSize: seen.size, oldRoot, newSize: shown.size, newRoot: shown.root };
  if (hashes !== undefined && findConsistencyFault(trees, hashes) === undefined)
    return {
      fault: `its tree of ${shown.size} entries does not begin with the ${seen.size} that it showed before`,
      code: 'audit.fork',
      evidence: { consistency: { oldRoot, hashes } },
    };
  return {
    fault: `its tiles make neither the tree of ${seen.size} entries that it showed before nor the one of ${shown.size}`,
    code: 'audit.tile',
  };
}

/** The tiles of the later tree that begin with those at the right edge of the earlier one. */
function edgeTiles(size: number, laterSize: number): readonly Tile[] {
  return Array.from({ length: tileLevels(size) }, (_, level) => partialTile(level, size))
    .filter(({ width }) => width > 0)
    .map(({ level, index }) => tileAt(level, index, laterSize));
}

/** By their paths. Those that are not there are left out. */
async function fetchTiles(
  source: LogSource,
  tiles: readonly Tile[],
): Promise<ReadonlyMap<string, Uint8Array>> {
  const distinct = [...new Map(tiles.map((tile) => [tilePath(tile), tile]))];
  const held = new Map<string, Uint8Array>();
  const fetched = inOrder(0, distinct.length, async (i) => {
    const [path, tile] = distinct[i]!;
    return { path, bytes: await readTile(source, tile) };
  });
  for await (const { path, bytes } of fetched) if (bytes !== undefined) held.set(path, bytes);
  return held;
}

/** Reads tiles of any tree up to `size` from those of the tree of this size. */
function readFrom(held: ReadonlyMap<string, Uint8Array>, size: number): ReadTile {
  return (tile) => {
    const later = tileAt(tile.level, tile.index, size);
    const bytes = held.get(tilePath(later));
    return tile.width === later.width ? bytes : bytes?.subarray(0, tile.width * HASH_BYTES);
  };
}
