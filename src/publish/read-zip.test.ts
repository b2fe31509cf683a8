import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fromUtf8, utf8 } from '../core/bytes.ts';
import { crc32 } from './crc32.ts';
import { isZipLike, readZip } from './read-zip.ts';
import { writeZip } from './write-zip.ts';

const FILES = new Map([
  ['a.txt', utf8('first')],
  ['folder/b.txt', utf8('second '.repeat(100))],
]);
const ZIP = writeZip(FILES);

/** The zip with some bytes changed, wherever this text or signature stands. */
function edited(edit: (view: DataView, bytes: Uint8Array) => void, of: Uint8Array = ZIP): Uint8Array {
  const bytes = of.slice();
  edit(new DataView(bytes.buffer), bytes);
  return bytes;
}

/** Where the nth local (or central) header stands. */
function header(bytes: Uint8Array, kind: 'local' | 'central', nth: number): number {
  const third = kind === 'local' ? 3 : 1;
  const found = [...bytes.keys()].filter(
    (at) =>
      bytes[at] === 0x50 && bytes[at + 1] === 0x4b && bytes[at + 2] === third && bytes[at + 3] === third + 1,
  );
  return found[nth]!;
}

function renamed(from: string, to: string | Uint8Array): Uint8Array {
  const [old, name] = [utf8(from), typeof to === 'string' ? utf8(to) : to];
  if (old.length !== name.length) throw new Error('names of one length');
  return edited((_, bytes) => {
    for (let at = 0; at + old.length <= bytes.length; at++)
      if (old.every((byte, i) => bytes[at + i] === byte)) bytes.set(name, at);
  });
}

const inBoth = (offset: number, value: number, nth = 0) =>
  edited((view, bytes) => {
    view.setUint16(header(bytes, 'local', nth) + 4 + offset, value, true);
    view.setUint16(header(bytes, 'central', nth) + 6 + offset, value, true);
  });

const concat = (...parts: Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

it('reads what it writes, and the same files give the same bytes in any order', () => {
  const { value } = readZip(ZIP);
  expect(value!.entries).toMatchObject([
    { name: 'a.txt', size: 5 },
    { name: 'folder/b.txt', size: 700 },
  ]);
  for (const [name, bytes] of FILES) expect(value!.unpack(name).value).toEqual(bytes);
  expect(writeZip(new Map([...FILES].reverse()))).toEqual(ZIP);
  expect(isZipLike(ZIP)).toBe(true);
});

it('gives back any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 5000 }), (bytes) => {
      const read = readZip(writeZip(new Map([['x', bytes]]))).value!;
      expect(read.unpack('x').value).toEqual(bytes);
    }),
    { numRuns: 50 },
  );
});

it('is CRC-32', () => expect(crc32(utf8('123456789'))).toBe(0xcbf43926));

const HOSTILE: [string, Uint8Array, string][] = [
  ['a path that leads out', renamed('folder/b.txt', '../../bb.txt'), 'zip.name'],
  ['a path within one', renamed('folder/b.txt', 'fold/../.txt'), 'zip.name'],
  ['an absolute path', renamed('folder/b.txt', '/etc/passwd0'), 'zip.name'],
  ['a backslash', renamed('folder/b.txt', 'folder\\b.txt'), 'zip.name'],
  ['a drive', renamed('folder/b.txt', 'c:older/b.tx'), 'zip.name'],
  ['an empty part', renamed('folder/b.txt', 'folder//.txt'), 'zip.name'],
  ['a folder', renamed('folder/b.txt', 'folder/bdir/'), 'zip.name'],
  ['a dot at the end', renamed('folder/b.txt', 'folder/btxt.'), 'zip.name'],
  ['a control character', renamed('a.txt', 'a\u0007txt'), 'zip.name'],
  ['a right-to-left mark', renamed('folder/b.txt', 'fold\u202eb.txt'), 'zip.name'],
  ['a name that is not UTF-8', renamed('a.txt', Uint8Array.of(0x61, 0xff, 0x74, 0x78, 0x74)), 'zip.name'],
  ['a name in letters that it does not name', legacyName(), 'zip.name'],
  ['two files of one name', renamed('folder/b.txt', 'folder/b.txt').slice(), 'zip.duplicate'],
  ['two that differ in case', twoCases(), 'zip.duplicate'],
  ['a link', kindOf(0o120777), 'zip.kind'],
  ['a device', kindOf(0o020666), 'zip.kind'],
  ['encryption', inBoth(2, 0x0801), 'zip.form'],
  ['a stream', inBoth(2, 0x0808), 'zip.form'],
  ['another compression', inBoth(4, 12), 'zip.form'],
  ['a size beyond the limit', sized(80_000_000), 'zip.limit'],
  [
    'a local header that says another size',
    edited((view, bytes) => view.setUint32(header(bytes, 'local', 1) + 22, 9, true)),
    'zip.form',
  ],
  [
    'a local header of another name',
    edited((_, bytes) => bytes.set(utf8('z'), header(bytes, 'local', 0) + 30)),
    'zip.form',
  ],
  ['something before it', concat(utf8('#!/bin/sh\n'), ZIP), 'zip.form'],
  ['something after it', concat(ZIP, utf8('PK')), 'zip.form'],
  ['a comment', commented(), 'zip.form'],
  ['its end cut off', ZIP.subarray(0, -1), 'zip.form'],
  ['nothing but an end', ZIP.subarray(0, 10), 'zip.form'],
  ['fewer files than there are', counted(1), 'zip.form'],
  ['more files than there are', counted(3), 'zip.form'],
  ['more files than anyone has', counted(60_000), 'zip.limit'],
];

function legacyName(): Uint8Array {
  const zip = writeZip(new Map([['ä.txt', utf8('x')]]));
  return edited((view, bytes) => {
    view.setUint16(header(bytes, 'local', 0) + 6, 0, true);
    view.setUint16(header(bytes, 'central', 0) + 8, 0, true);
  }, zip);
}

function twoCases(): Uint8Array {
  return writeZip(
    new Map([
      ['File', utf8('1')],
      ['file', utf8('2')],
    ]),
  );
}

function kindOf(mode: number): Uint8Array {
  return edited((view, bytes) => view.setUint32(header(bytes, 'central', 0) + 38, (mode << 16) >>> 0, true));
}

function sized(size: number): Uint8Array {
  return edited((view, bytes) => {
    view.setUint32(header(bytes, 'local', 1) + 22, size, true);
    view.setUint32(header(bytes, 'central', 1) + 24, size, true);
  });
}

function commented(): Uint8Array {
  const bytes = concat(ZIP, utf8('hello'));
  new DataView(bytes.buffer).setUint16(ZIP.length - 2, 5, true);
  return bytes;
}

function counted(count: number): Uint8Array {
  return edited((view, bytes) => {
    view.setUint16(bytes.length - 14, count, true);
    view.setUint16(bytes.length - 12, count, true);
  });
}

/** Renaming can't double a name of another length. */
const DOUBLED = ((): Uint8Array => {
  const zip = writeZip(
    new Map([
      ['a.txt', utf8('1')],
      ['b.txt', utf8('2')],
    ]),
  );
  return edited((_, bytes) => {
    for (const at of [header(bytes, 'local', 1) + 30, header(bytes, 'central', 1) + 46])
      bytes.set(utf8('a'), at);
  }, zip);
})();

it.each(
  HOSTILE.map(
    ([what, bytes, code]) => [what, what === 'two files of one name' ? DOUBLED : bytes, code] as const,
  ),
)('refuses %s', (_, bytes, code) => expect(readZip(bytes)).toMatchObject({ code }));

it('refuses a bomb at the first byte beyond what it says, and damage', () => {
  const bomb = writeZip(new Map([['x', new Uint8Array(10_000_000)]]));
  expect(bomb.length).toBeLessThan(12_000);
  const small = edited((view, bytes) => {
    view.setUint32(header(bytes, 'local', 0) + 22, 10, true);
    view.setUint32(header(bytes, 'central', 0) + 24, 10, true);
  }, bomb);
  const started = performance.now();
  expect(readZip(small).value!.unpack('x')).toMatchObject({ code: 'zip.data' });
  expect(performance.now() - started).toBeLessThan(1000);
  const packed = header(ZIP, 'local', 1) + 30 + 'folder/b.txt'.length;
  const damaged = edited((_, bytes) => bytes.set([0xff, 0xff, 0xff], packed));
  expect(readZip(damaged).value!.unpack('folder/b.txt')).toMatchObject({ code: 'zip.data' });
  const flipped = edited((_, bytes) => bytes.set(utf8('F'), header(bytes, 'local', 0) + 30 + 'a.txt'.length));
  expect(readZip(flipped).value!.unpack('a.txt')).toMatchObject({ code: 'zip.data' });
});

it('refuses bytes behind the end of what is packed, which no digest would cover', () => {
  const zip = writeZip(new Map([['x', utf8('many '.repeat(100))]]));
  const end = header(zip, 'central', 0);
  const hiding = concat(zip.subarray(0, end), utf8('hidden'), zip.subarray(end));
  const view = new DataView(hiding.buffer);
  for (const at of [18, end + 6 + 20]) view.setUint32(at, view.getUint32(at, true) + 6, true);
  view.setUint32(hiding.length - 6, end + 6, true);
  const { value } = readZip(hiding);
  expect(value!.entries).toMatchObject([{ name: 'x', size: 500 }]);
  expect(value!.unpack('x')).toMatchObject({ code: 'zip.data' });
});

it('reads as many files as 10,000 bundles', () => {
  const files = new Map(Array.from({ length: 10_500 }, (_, n) => [`f/${n}.json`, utf8(`{"n":${n}}`)]));
  const { value } = readZip(writeZip(files));
  expect(value!.entries.length).toBe(10_500);
  expect(fromUtf8(value!.unpack('f/10499.json').value!)).toBe('{"n":10499}');
});

it('never throws, whatever it is given', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(ZIP.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 }),
      (flips) => {
        const read = readZip(
          edited((_, bytes) => {
            for (const [at, byte] of flips) bytes[at] = byte;
          }),
        );
        for (const { name } of read.value?.entries ?? []) read.value!.unpack(name);
      },
    ),
    { numRuns: 2000 },
  );
});
