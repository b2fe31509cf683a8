import { constants, deflateRawSync, deflateSync, inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { inflate, inflateZlib } from './inflate.ts';

/** Any bytes, and such as can be packed. */
const content = fc.oneof(
  fc.uint8Array({ maxLength: 20_000 }),
  fc
    .tuple(fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { minLength: 1 }), fc.nat(300))
    .map(([parts, times]) => new Uint8Array(Buffer.concat(Array(times).fill(Buffer.concat(parts))))),
);
const { Z_FIXED, Z_RLE, Z_HUFFMAN_ONLY, Z_DEFAULT_STRATEGY } = constants;
const options = fc.record({
  level: fc.integer({ min: 0, max: 9 }),
  strategy: fc.constantFrom(Z_FIXED, Z_RLE, Z_HUFFMAN_ONLY, Z_DEFAULT_STRATEGY),
});

it('gives back what zlib packed, any bytes at any level', () => {
  fc.assert(
    fc.property(content, options, (bytes, how) => {
      expect(inflateZlib(deflateSync(bytes, how), bytes.length)).toEqual(bytes);
      expect(inflate(deflateRawSync(bytes, how), bytes.length)).toEqual(bytes);
    }),
    { numRuns: 200 },
  );
});

/** What zlib says, where it read to the last byte. */
function byZlib(packed: Uint8Array): Uint8Array | undefined {
  try {
    const { buffer, engine } = inflateRawSync(packed, { info: true, maxOutputLength: MOST }) as unknown as {
      buffer: Uint8Array;
      engine: { bytesWritten: number };
    };
    return engine.bytesWritten === packed.length ? new Uint8Array(buffer) : undefined;
  } catch {
    return undefined;
  }
}
const MOST = 10_000_000;

it('takes what zlib takes and refuses what zlib refuses, whatever was damaged', () => {
  const seen = { taken: 0, refused: 0 };
  const damage = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), {
    minLength: 1,
    maxLength: 3,
  });
  fc.assert(
    fc.property(content, options, damage, (bytes, how, changes) => {
      const packed = new Uint8Array(deflateRawSync(bytes, how));
      // Mostly where the codes stand: behind them almost everything is some code.
      for (const [at, by] of changes) packed[at % Math.min(packed.length, 60)]! ^= by;
      const expected = byZlib(packed);
      expect(inflate(packed, MOST)).toEqual(expected);
      seen[expected === undefined ? 'refused' : 'taken']++;
    }),
    { numRuns: 3000 },
  );
  expect(Math.min(seen.taken, seen.refused)).toBeGreaterThan(100);
});

it('takes no random bytes that zlib refuses', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (packed) => {
      expect(inflate(packed, MOST)).toEqual(byZlib(packed));
    }),
    { numRuns: 3000 },
  );
});

it('long runs, whose checksum has to be reduced', () => {
  const bytes = new Uint8Array(1_000_000).fill(255);
  expect(inflateZlib(deflateSync(bytes), bytes.length)).toEqual(bytes);
});

const packed = new Uint8Array(deflateSync(Buffer.from('some shots '.repeat(50))));
const changed = (at: number): Uint8Array => packed.with(at, packed.at(at)! ^ 1);

it.each<[string, Uint8Array, RegExp, number?]>([
  ['nothing', new Uint8Array(), /header/],
  ['no zlib', new Uint8Array(40).fill(65), /header/],
  ['a header that does not add up', changed(1), /header/],
  ['a preset dictionary', Uint8Array.of(0x78, 0xbb, ...packed.subarray(2)), /header/],
  ['a window that zlib does not have', Uint8Array.of(0x88, 0x1c, ...packed.subarray(2)), /header/],
  ['another checksum', changed(packed.length - 1), /checksum/],
  ['its end cut off', packed.subarray(0, -8), /deflate/],
  ['bytes behind it', Uint8Array.of(...packed, 1, 2), /deflate/],
  [
    'bytes between its end and its checksum',
    Uint8Array.of(...packed.subarray(0, -4), 1, 2, ...packed.subarray(-4)),
    /deflate/,
  ],
  ['a byte too many', packed, /more than 549 bytes/, 549],
])('refuses %s', (_, bytes, reason, most = 550) => expect(() => inflateZlib(bytes, most)).toThrow(reason));

it('a bomb ends at its bound', () => {
  const bomb = deflateSync(new Uint8Array(200_000_000));
  const before = process.memoryUsage().arrayBuffers;
  expect(() => inflateZlib(bomb, 1000)).toThrow('more than 1000 bytes');
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100_000_000);
});

/** Blocks of these bits, the last of them an empty one of its own. */
function flood(block: string, times: number): Uint8Array {
  const cycle = Array.from({ length: 8 }, () => block).join('');
  const bytes = cycle.match(/.{8}/g)!.map((bits) => Number.parseInt([...bits].reverse().join(''), 2));
  const repeated = Array.from({ length: times / 8 }, () => bytes).flat();
  return Uint8Array.of(...Buffer.from(repeated), 0b011, 0);
}
const bits = (value: number, count: number): string =>
  [...value.toString(2).padStart(count, '0')].reverse().join('');
const EMPTY_STORED = '000'.padEnd(8, '0') + '0'.repeat(16) + '1'.repeat(16);
const EMPTY_FIXED = '010' + '0'.repeat(7);
/** Codes for the end of the block and one distance, in as few bits as lengths can be said. */
const EMPTY_DYNAMIC = [
  '001' + bits(0, 5) + bits(0, 5) + bits(14, 4),
  ...Array.from({ length: 18 }, (_, place) => bits(place === 2 || place === 17 ? 1 : 0, 3)),
  `1${bits(127, 7)}1${bits(107, 7)}000`,
].join('');

it.each([
  ['stored', EMPTY_STORED],
  ['fixed', EMPTY_FIXED],
  ['dynamic', EMPTY_DYNAMIC],
])('empty %s blocks: a few as zlib, and no flood', (_, block) => {
  const few = flood(block, 16);
  expect(byZlib(few)).toEqual(new Uint8Array());
  expect(inflate(few, MOST)).toEqual(new Uint8Array());
  const many = flood(block, 10_000);
  expect(byZlib(many)).toEqual(new Uint8Array());
  expect(inflate(many, MOST)).toBeUndefined();
});

it('takes as many blocks as zlib makes of what is long', () => {
  const bytes = Buffer.from(Array.from({ length: 400_000 }, (_, n) => ((n * n * 31) >> 7) & 0xff));
  for (const level of [0, 1, 6, 9])
    expect(inflate(deflateRawSync(bytes, { level }), bytes.length)).toEqual(new Uint8Array(bytes));
});
