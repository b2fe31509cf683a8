import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tileStore } from '../../test/tile-store.ts';
import { appendEntries, formatEntryBundle, MAX_ENTRY_BYTES, parseEntryBundle } from './entry-bundle.ts';
import { tilePath } from './tile.ts';

const entry = fc.uint8Array({ maxLength: 300 });

describe('a bundle', () => {
  it('is length and bytes of each entry', () =>
    expect(
      formatEntryBundle([Uint8Array.of(7, 8), new Uint8Array(0), new Uint8Array(0x102)]).slice(0, 8),
    ).toEqual(Uint8Array.of(0, 2, 7, 8, 0, 0, 1, 2)));

  it('reads back as the entries it was made of', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 20 }), (entries) => {
        const read = parseEntryBundle(formatEntryBundle(entries), entries.length).value!;
        expect(read.map((bytes) => [...bytes])).toEqual(entries.map((bytes) => [...bytes]));
      }),
    );
  });

  it('is accepted only where formatting gives it back', () => {
    const bytes = fc.array(fc.constantFrom(0, 0, 0, 1, 2, 255), { maxLength: 12 });
    fc.assert(
      fc.property(bytes, fc.nat({ max: 5 }), (raw, width) => {
        const bundle = Uint8Array.from(raw);
        const { value } = parseEntryBundle(bundle, width);
        if (value === undefined) return;
        expect(value).toHaveLength(width);
        expect(formatEntryBundle(value)).toEqual(bundle);
      }),
      { numRuns: 2000 },
    );
  });

  it.each<[string, readonly number[], number]>([
    ['an entry too few', [0, 1, 9], 2],
    ['an entry too many', [0, 1, 9, 0, 0], 1],
    ['half a length', [0, 1, 9, 0], 2],
    ['an entry that ends early', [0, 2, 9], 1],
    ['one byte more', [0, 1, 9, 9], 1],
    ['entries where there must be none', [0, 0], 0],
    ['a length of 65,535 and no bytes', [255, 255], 1],
  ])('with %s is refused', (_, bytes, width) =>
    expect(parseEntryBundle(Uint8Array.from(bytes), width).code).toBe('entries.syntax'),
  );

  it('that ends early is named as such', () =>
    expect(parseEntryBundle(Uint8Array.of(0, 0, 0, 2, 9), 2).fault).toBe(
      'the entry bundle ends within entry 1',
    ));

  it('holds entries of up to 65,535 bytes', () => {
    const largest = new Uint8Array(MAX_ENTRY_BYTES).fill(3);
    expect(parseEntryBundle(formatEntryBundle([largest]), 1).value).toEqual([largest]);
    expect(() => formatEntryBundle([new Uint8Array(MAX_ENTRY_BYTES + 1)])).toThrow(/65536 bytes/);
  });
});

describe('appending', () => {
  it('in any batches leaves the bundles of all entries', () => {
    const batches = fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(batches, (sizes) => {
        const all = Array.from({ length: sizes.reduce((a, b) => a + b) }, (_, i) => Uint8Array.of(i >> 8, i));
        const { files, write } = tileStore();
        let size = 0;
        for (const count of sizes) {
          const index = Math.floor(size / 256);
          const held =
            files.get(tilePath({ level: 'entries', index, width: size % 256 })) ?? new Uint8Array(0);
          write(appendEntries(size, held, all.slice(size, size + count)));
          size += count;
        }
        for (let index = 0; 256 * index < size; index++) {
          const width = Math.min(256, size - 256 * index);
          expect(files.get(tilePath({ level: 'entries', index, width }))).toEqual(
            formatEntryBundle(all.slice(256 * index, 256 * index + width)),
          );
        }
      }),
    );
  });

  it('bundles of the largest entries', () => {
    const entries = Array.from({ length: 257 }, () => new Uint8Array(MAX_ENTRY_BYTES));
    const [full, partial] = appendEntries(0, new Uint8Array(0), entries);
    expect([full!.bytes.length, partial!.bytes.length]).toEqual([256 * 65_537, 65_537]);
    const [more] = appendEntries(257, partial!.bytes, entries.slice(0, 1));
    expect(more).toMatchObject({ tile: { level: 'entries', index: 1, width: 2 } });
  });

  it('nothing writes nothing', () => expect(appendEntries(5, Uint8Array.of(1), [])).toEqual([]));
});
