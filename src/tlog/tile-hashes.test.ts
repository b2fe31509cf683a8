import fc from 'fast-check';
import { expect, it } from 'vitest';
import { naiveLeaves, naivePath, naiveProof, naiveRoot } from '../../test/naive-tree.ts';
import { tileStore } from '../../test/tile-store.ts';
import { appendLeaves } from './append.ts';
import { findInclusionFault, planConsistency, planInclusion } from './merkle.ts';
import { type Tile, tilePath, tilesOfPlan } from './tile.ts';
import { readProof } from './tile-hashes.ts';

const LIMIT = 70_000;
const leaves = naiveLeaves(LIMIT);
const store = tileStore();
store.write(appendLeaves({ size: 0, tiles: [] }, leaves).tiles);

/** What a log that was published at each size has: partial tiles are the beginnings of those of the last size. */
function read({ level, index, width }: Tile): Uint8Array | undefined {
  for (let w = 256; w >= width; w--) {
    const bytes = store.files.get(tilePath({ level, index, width: w }));
    if (bytes !== undefined) return bytes.subarray(0, 32 * width);
  }
  return undefined;
}

/** Small trees often, large ones too. */
const sizes = fc.oneof(fc.integer({ min: 1, max: 600 }), fc.integer({ min: 1, max: LIMIT }));

it('inclusion proofs from tiles are those of the definition', () => {
  fc.assert(
    fc.property(sizes, fc.nat(), (size, pick) => {
      const index = pick % size;
      const proof = readProof(planInclusion(index, size), size, read).value!;
      expect(proof).toEqual(naivePath(index, leaves.slice(0, size)));
    }),
    { numRuns: 30 },
  );
});

it('consistency proofs from tiles are those of the definition', () => {
  fc.assert(
    fc.property(sizes, fc.nat(), (newSize, pick) => {
      const oldSize = 1 + (pick % newSize);
      const proof = readProof(planConsistency(oldSize, newSize), newSize, read).value!;
      expect(proof).toEqual(naiveProof(oldSize, leaves.slice(0, newSize)));
    }),
    { numRuns: 30 },
  );
});

it('each tile is read once, and no other than those that the plan lists', () => {
  const plan = planInclusion(300, LIMIT);
  const asked: string[] = [];
  readProof(plan, LIMIT, (tile) => {
    asked.push(tilePath(tile));
    return read(tile);
  });
  expect(asked).toEqual(tilesOfPlan(plan, LIMIT).map(tilePath));
  expect(asked).toEqual(['tile/0/001', 'tile/1/000', 'tile/1/001.p/17', 'tile/0/273.p/112']);
});

it.each([
  ['missing', () => undefined, 'tile.missing'],
  ['empty', () => new Uint8Array(0), 'tile.length'],
  ['cut short', (tile: Tile) => read(tile)!.slice(1), 'tile.length'],
  ['too long', (tile: Tile) => new Uint8Array(32 * tile.width + 32), 'tile.length'],
])('a tile that is %s gives no proof', (_, readTile, code) =>
  expect(readProof(planInclusion(300, LIMIT), LIMIT, readTile).code).toBe(code),
);

it('a tile that says something else gives a proof that leads nowhere', () => {
  const proof = readProof(planInclusion(300, LIMIT), LIMIT, (tile) => {
    const bytes = read(tile)!.slice();
    bytes[0]! ^= 1;
    return bytes;
  }).value!;
  const claim = { leaf: leaves[300]!, index: 300, size: LIMIT, root: naiveRoot(leaves) };
  expect(findInclusionFault(claim, proof)?.code).toBe('inclusion.root');
});
