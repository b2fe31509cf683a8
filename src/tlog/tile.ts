/**
 * Tiles (https://c2sp.org/tlog-tiles): the tree cut into files of up to 256 hashes, which never change once they are full.
 *
 *     tile/<level>/<index>[.p/<width>]      tile/entries/<index>[.p/<width>]
 *
 * with index 1234067 as `x001/x234/067`. Hash i of tile (level, index) covers the 256^level leaves from
 * (256·index + i)·256^level. A partial tile has fewer than 256 hashes, and is never hashed into the level above.
 */

import type { Bytes } from '../core/bytes.ts';
import { HASH_BYTES, type ProofPlan, type Subtree } from './merkle.ts';

export interface Tile {
  readonly level: number;
  readonly index: number;
  /** Hashes in it: 256, or fewer in a partial tile. */
  readonly width: number;
}

/** The entries whose hashes are those of the tile of level 0 with the same index and width. */
export interface EntryTile {
  readonly level: 'entries';
  readonly index: number;
  readonly width: number;
}

export interface TileFile {
  readonly tile: Tile | EntryTile;
  readonly bytes: Bytes;
}

export const FULL_WIDTH = 256;
/** Levels of the tree in a tile. */
const HEIGHT = 8;
const MAX_LEVEL = 63;

export function tilePath({ level, index, width }: Tile | EntryTile): string {
  let path = threeDigits(index);
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000))
    path = `x${threeDigits(rest)}/${path}`;
  return `tile/${level}/${path}${width === FULL_WIDTH ? '' : `.p/${width}`}`;
}

function threeDigits(count: number): string {
  return String(count % 1000).padStart(3, '0');
}

const PATH = /^tile\/(entries|[0-9]{1,2})\/((?:x[0-9]{3}\/){0,5}[0-9]{3})(?:\.p\/([0-9]{1,3}))?$/;

/** The tile whose path this is, in the one way to write it; undefined for anything else. */
export function parseTilePath(path: string): Tile | EntryTile | undefined {
  const [, place, groups, partial] = PATH.exec(path) ?? [];
  if (place === undefined || groups === undefined) return undefined;
  const level = place === 'entries' ? place : Number(place);
  const index = Number(groups.replaceAll(/[x/]/g, ''));
  const width = partial === undefined ? FULL_WIDTH : Number(partial);
  if (width < 1 || (partial !== undefined && width >= FULL_WIDTH)) return undefined;
  if (!Number.isSafeInteger(index) || (level !== 'entries' && level > MAX_LEVEL)) return undefined;
  const tile = { level, index, width } as Tile | EntryTile;
  return tilePath(tile) === path ? tile : undefined;
}

/** How many hashes the tiles of a level hold together. */
function hashesAt(level: number, size: number): number {
  return Math.floor(size / 256 ** level);
}

/** How many levels of tiles a tree has. */
export function tileLevels(size: number): number {
  let levels = 0;
  while (hashesAt(levels, size) > 0) levels++;
  return levels;
}

/** The tile as a tree of this size has it; its width is 0 where the tree is too small for it. */
export function tileAt(level: number, index: number, size: number): Tile {
  const width = hashesAt(level, size) - FULL_WIDTH * index;
  return { level, index, width: Math.max(0, Math.min(FULL_WIDTH, width)) };
}

/** The tile at a level's right end: of width 0 where the last one is full. */
export function partialTile(level: number, size: number): Tile {
  return tileAt(level, hashesAt(level + 1, size), size);
}

/** Every tile of a tree, lowest level first. A large log has many: take them one by one. */
export function* tilesOf(size: number): Generator<Tile> {
  for (let level = 0; level < tileLevels(size); level++)
    for (let index = 0; index * FULL_WIDTH < hashesAt(level, size); index++) yield tileAt(level, index, size);
}

/** The bytes of its tile that a subtree's root is hashed from, one hash or a power of two of them. */
export function locateSubtree(
  { level, index }: Subtree,
  size: number,
): { readonly tile: Tile; readonly start: number; readonly end: number } {
  const width = 2 ** (level % HEIGHT);
  const first = index * width;
  const start = (first % FULL_WIDTH) * HASH_BYTES;
  const tile = tileAt(Math.floor(level / HEIGHT), Math.floor(first / FULL_WIDTH), size);
  return { tile, start, end: start + width * HASH_BYTES };
}

/** The tiles that a proof is made from, each once: a reader over a network fetches them all at a time. */
export function tilesOfPlan(plan: ProofPlan, size: number): readonly Tile[] {
  const tiles = plan.flat().map((subtree) => locateSubtree(subtree, size).tile);
  return [...new Map(tiles.map((tile) => [tilePath(tile), tile])).values()];
}
