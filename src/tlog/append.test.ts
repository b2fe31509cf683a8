import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { naiveLeaves, naiveRoot } from '../../test/naive-tree.ts';
import { tileStore } from '../../test/tile-store.ts';
import { concatenate } from '../core/bytes.ts';
import { appendLeaves } from './append.ts';
import { emptyRoot } from './merkle.ts';
import { edgeRoot, readEdge } from './right-edge.ts';
import { tilePath, tilesOf } from './tile.ts';

/** Enough for three levels of tiles. */
const leaves = naiveLeaves(70_000);
const EMPTY = { size: 0, tiles: [] };

/** Every hash that tiles of this level hold, by the definition. */
function rowOf(level: number, size: number): Uint8Array {
  const span = 256 ** level;
  return concatenate(
    Array.from({ length: Math.floor(size / span) }, (_, i) =>
      naiveRoot(leaves.slice(i * span, (i + 1) * span)),
    ),
  );
}

describe('appending in any batches', () => {
  const batches = fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 8 });

  it('gives the root and the tiles of the definition after each, and reads its edge back from them', () => {
    fc.assert(
      fc.property(batches, (sizes) => {
        const store = tileStore();
        let edge = readEdge(0, store.read).value!;
        for (const count of sizes) {
          const appended = appendLeaves(edge, leaves.slice(edge.size, edge.size + count));
          store.write(appended.tiles);
          edge = appended.edge;
          expect(edgeRoot(edge)).toEqual(naiveRoot(leaves.slice(0, edge.size)));
          expect(readEdge(edge.size, store.read).value).toEqual(edge);
        }
        for (const tile of tilesOf(edge.size)) {
          const from = 32 * 256 * tile.index;
          const row = rowOf(tile.level, edge.size).subarray(from, from + 32 * tile.width);
          expect(store.files.get(tilePath(tile)), tilePath(tile)).toEqual(row);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('writes no tile that the tree of some published size does not have, and none twice', () => {
    fc.assert(
      fc.property(batches, (sizes) => {
        const written: string[] = [];
        const published = new Set<string>();
        let edge = EMPTY as ReturnType<typeof appendLeaves>['edge'];
        for (const count of sizes) {
          const appended = appendLeaves(edge, leaves.slice(edge.size, edge.size + count));
          written.push(...appended.tiles.map(({ tile }) => tilePath(tile)));
          edge = appended.edge;
          for (const tile of tilesOf(edge.size)) published.add(tilePath(tile));
        }
        expect(written.toSorted()).toEqual([...published].toSorted());
      }),
    );
  });
});

describe('a tree of 70,000', () => {
  const { edge, tiles } = appendLeaves(EMPTY, leaves);

  it('has the root of the definition and the 277 tiles of the specification', () => {
    expect(edgeRoot(edge)).toEqual(naiveRoot(leaves));
    expect(tiles.map(({ tile }) => tilePath(tile))).toEqual([...tilesOf(70_000)].map(tilePath));
    expect(tiles).toHaveLength(277);
  });

  it('that grows over the end of a level-1 tile gets the same', () => {
    const before = appendLeaves(EMPTY, leaves.slice(0, 65_535)).edge;
    const filled = appendLeaves(before, leaves.slice(65_535, 65_536));
    expect(filled.tiles.map(({ tile }) => tilePath(tile))).toEqual([
      'tile/0/255',
      'tile/1/000',
      'tile/2/000.p/1',
    ]);
    expect(appendLeaves(filled.edge, leaves.slice(65_536)).edge).toEqual(edge);
  });
});

it('nothing appended changes nothing', () => {
  const { edge } = appendLeaves(EMPTY, leaves.slice(0, 300));
  expect(appendLeaves(edge, [])).toEqual({ edge, tiles: [] });
  expect(edgeRoot(EMPTY)).toEqual(emptyRoot());
});

it('only the tiles that change are written', () => {
  const { edge } = appendLeaves(EMPTY, leaves.slice(0, 300));
  const { tiles } = appendLeaves(edge, leaves.slice(300, 301));
  expect(tiles.map(({ tile }) => tilePath(tile))).toEqual(['tile/0/001.p/45']);
});

it('an edge before an append stays as it was', () => {
  const { edge } = appendLeaves(EMPTY, leaves.slice(0, 300));
  const root = edgeRoot(edge);
  appendLeaves(edge, leaves.slice(300, 600));
  expect(edgeRoot(edge)).toEqual(root);
});

it.each([
  ['missing', undefined, 'tile.missing'],
  ['short', new Uint8Array(44 * 32 - 1), 'tile.length'],
  ['long', new Uint8Array(45 * 32), 'tile.length'],
  ['empty', new Uint8Array(0), 'tile.length'],
])('an edge with a %s tile is not read', (_, bytes, code) =>
  expect(readEdge(300, (tile) => (tile.level === 0 ? bytes : new Uint8Array(32))).code).toBe(code),
);
