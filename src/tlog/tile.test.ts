import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planConsistency, planInclusion } from './merkle.ts';
import {
  FULL_WIDTH,
  locateSubtree,
  parseTilePath,
  partialTile,
  type Tile,
  tileAt,
  tileLevels,
  tilePath,
  tilesOf,
  tilesOfPlan,
} from './tile.ts';

describe('a path', () => {
  it.each<[string, Tile['level'] | 'entries', number, number]>([
    ['tile/0/000', 0, 0, 256],
    ['tile/0/x001/x234/067', 0, 1234067, 256],
    ['tile/3/999.p/1', 3, 999, 1],
    ['tile/63/x001/000.p/255', 63, 1000, 255],
    ['tile/entries/x123/456', 'entries', 123456, 256],
    ['tile/entries/000.p/17', 'entries', 0, 17],
    ['tile/0/x009/x007/x199/x254/x740/991', 0, Number.MAX_SAFE_INTEGER, 256],
  ])('%s is written and read', (path, level, index, width) => {
    expect(tilePath({ level, index, width } as Tile)).toBe(path);
    expect(parseTilePath(path)).toEqual({ level, index, width });
  });

  it.each([
    '',
    'tile/0',
    'tile/0/',
    'tile/0/0',
    'tile/0/0000',
    'tile/0/x000/001',
    'tile/0/x000/x001/001',
    'tile/0/001/001',
    'tile/0/x001',
    'tile/0/x01/001',
    'tile/00/001',
    'tile/01/001',
    'tile/64/000',
    'tile/-1/000',
    'tile/0/000.p/0',
    'tile/0/000.p/00',
    'tile/0/000.p/01',
    'tile/0/000.p/256',
    'tile/0/000.p/999',
    'tile/0/000.p/',
    'tile/0/000.p',
    'tile/0/000.p/1/',
    'tile/0/000\n',
    '/tile/0/000',
    'tile/../000',
    'tile/0/x../000',
    'tile/entries/../000',
    'tile/Entries/000',
    'tile/0/x009/x007/x199/x254/x740/992',
    'tile/0/x999/x999/x999/x999/x999/999',
    'tile/0/x001/x009/x007/x199/x254/x740/991',
    'tile/0/٠٠٠',
    'tile/0/000%2ep/1',
  ])('%j is none', (path) => expect(parseTilePath(path)).toBeUndefined());

  it('reads back as the tile it was written for, and there is one a tile', () => {
    const tiles = fc.record({
      level: fc.oneof(fc.nat({ max: 63 }), fc.constant('entries')),
      index: fc.maxSafeNat(),
      width: fc.integer({ min: 1, max: 256 }),
    });
    fc.assert(
      fc.property(tiles, (tile) => {
        expect(parseTilePath(tilePath(tile as Tile))).toEqual(tile);
      }),
    );
  });
});

describe('the tiles of a tree', () => {
  const count = (size: number) => {
    const levels: Record<string, number> = {};
    for (const { level, width } of tilesOf(size)) {
      const kind = width === FULL_WIDTH ? `${level} full` : `${level} of ${width}`;
      levels[kind] = (levels[kind] ?? 0) + 1;
    }
    return levels;
  };

  it("are those of the specification's examples", () => {
    expect(count(70_000)).toEqual({ '0 full': 273, '0 of 112': 1, '1 full': 1, '1 of 17': 1, '2 of 1': 1 });
    expect(count(256)).toEqual({ '0 full': 1, '1 of 1': 1 });
  });

  it('are none of the empty tree, one of a leaf', () => {
    expect(count(0)).toEqual({});
    expect(count(1)).toEqual({ '0 of 1': 1 });
    expect(tileLevels(0)).toBe(0);
  });

  it('have seven levels at most, and the partial tiles that the formula gives', () => {
    expect(tileLevels(Number.MAX_SAFE_INTEGER)).toBe(7);
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.nat({ max: 6 }), (size, level) => {
        const width = Number((BigInt(size) / 256n ** BigInt(level)) % 256n);
        const index = Number(BigInt(size) / 256n ** BigInt(level + 1));
        expect(partialTile(level, size)).toEqual({ level, index, width });
        if (index > 0) expect(tileAt(level, index - 1, size).width).toBe(FULL_WIDTH);
        expect(tileAt(level, index + 1, size).width).toBe(0);
      }),
    );
  });
});

describe('a subtree', () => {
  it.each<[number, number, number, Tile, number, number]>([
    [0, 0, 1, { level: 0, index: 0, width: 1 }, 0, 1],
    [0, 255, 256, { level: 0, index: 0, width: 256 }, 255, 256],
    [7, 1, 256, { level: 0, index: 0, width: 256 }, 128, 256],
    [8, 0, 256, { level: 1, index: 0, width: 1 }, 0, 1],
    [3, 40, 400, { level: 0, index: 1, width: 144 }, 64, 72],
    [17, 2, 70_000 * 8, { level: 2, index: 0, width: 8 }, 4, 6],
  ])('(%i, %i) of %i is found', (level, index, size, tile, from, to) =>
    expect(locateSubtree({ level, index }, size)).toEqual({ tile, start: from * 32, end: to * 32 }),
  );

  it('of any proof lies within a tile that the tree has', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.maxSafeNat(), (a, b) => {
        const [index, size] = a < b ? [a, b] : [b, a + 1];
        if (!Number.isSafeInteger(size)) return;
        const plan = [...planInclusion(index, size), ...planConsistency(index + 1, size)];
        for (const subtree of plan.flat()) {
          const { tile, end } = locateSubtree(subtree, size);
          expect(tile.width).toBeGreaterThan(0);
          expect(end).toBeLessThanOrEqual(32 * tile.width);
        }
        const paths = tilesOfPlan(plan, size).map(tilePath);
        expect(new Set(paths).size).toBe(paths.length);
        expect(paths.length).toBeLessThanOrEqual(3 * 7);
      }),
    );
  });
});
