import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fromUtf8, utf8 } from '../core/bytes.ts';
import { crc32 } from './crc32.ts';
import { readZip } from './read-zip.ts';
import { writeZip } from './write-zip.ts';
import { isZipLike } from './zip-layout.ts';

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
  ['letters of which disks differ on the pairs', writeZip(new Map([['straße', utf8('x')]])), 'zip.name'],
  ['a hidden file', renamed('a.txt', '.atxt'), 'zip.name'],
  ['an option', renamed('a.txt', '-atxt'), 'zip.name'],
  ['a home', renamed('folder/b.txt', '~older/b.txt'), 'zip.name'],
  ['a device', renamed('a.txt', 'Aux.x'), 'zip.name'],
  ['a port', renamed('folder/b.txt', 'lpt1.r/b.txt'), 'zip.name'],
  ['folders in folders', renamed('folder/b.txt', 'fold/r/b.txt'), 'zip.name'],
  ['two files of one name', renamed('folder/b.txt', 'folder/b.txt').slice(), 'zip.duplicate'],
  ['two that differ in case', filesCalled('File', 'file'), 'zip.duplicate'],
  ['a file where a folder is', filesCalled('bundles', 'bundles/a'), 'zip.duplicate'],
  ['a folder where a file is, in another case', filesCalled('bundles/a', 'Bundles'), 'zip.duplicate'],
  ['two folders that differ in case', filesCalled('Bundles/a', 'bundles/b'), 'zip.duplicate'],
  ['names out of their order', renamed('a.txt', 'z.txt'), 'zip.form'],
  ['a link', kindOf(0o120777), 'zip.form'],
  ['a link of another system', kindOf(0o120777, 16 << 8), 'zip.form'],
  ['a character device', kindOf(0o020666), 'zip.form'],
  ['a name in letters that it does not name', inBoth(2, 0), 'zip.form'],
  ['a file that is packed to no less', floodOf(1000), 'zip.form'],
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

function filesCalled(...names: readonly string[]): Uint8Array {
  return writeZip(new Map(names.map((name) => [name, utf8(name)])));
}

function kindOf(mode: number, system = 3 << 8): Uint8Array {
  return edited((view, bytes) => {
    view.setUint16(header(bytes, 'central', 0) + 4, system | 20, true);
    view.setUint32(header(bytes, 'central', 0) + 38, (mode << 16) >>> 0, true);
  });
}

/** What is packed of the second file takes as much as it is, and more. */
function floodOf(more: number): Uint8Array {
  return edited((view, bytes) => {
    const packed = view.getUint32(header(bytes, 'local', 1) + 18, true);
    for (const at of [header(bytes, 'local', 1) + 22, header(bytes, 'central', 1) + 24])
      view.setUint32(at, Math.min(packed, more), true);
  });
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
    view.setUint32(header(bytes, 'local', 0) + 22, 20_000, true);
    view.setUint32(header(bytes, 'central', 0) + 24, 20_000, true);
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

/** The bytes of headers and of the end: all but what is packed. */
function framing(zip: Uint8Array): number[] {
  const view = new DataView(zip.buffer, zip.byteOffset, zip.byteLength);
  const data = [0, 1].map((nth) => {
    const at = header(zip, 'local', nth);
    const begin = at + 30 + view.getUint16(at + 26, true);
    return [begin, begin + view.getUint32(at + 18, true)] as const;
  });
  return [...zip.keys()].filter((at) => !data.some(([begin, end]) => at >= begin && at < end));
}

it('no byte of it can be another: the same files, or any of these names, are one zip alone', () => {
  const names = [...FILES.keys()].join();
  const passed = framing(ZIP).flatMap((at) =>
    Array.from({ length: 255 }, (_, by) => ({ at, by: by + 1 })).filter(({ at, by }) => {
      const { value } = readZip(edited((_, bytes) => bytes.set([bytes[at]! ^ by], at)));
      const read = value?.entries.map(({ name }) => name).join();
      return read === names && value!.entries.every(({ name }) => value!.unpack(name).value !== undefined);
    }),
  );
  expect(passed).toEqual([]);
});

/** Two zips in one: what Python's `zipfile` finds is in extra fields of the other, behind a 64-bit end record. */
const POLYGLOT = `
import base64, io, struct, sys, zipfile, zlib
src = base64.b64decode(sys.stdin.read())
end = len(src) - 22
count, size, start = struct.unpack_from('<HII', src, end + 10)
entries, at = [], start
for _ in range(count):
    n, = struct.unpack_from('<H', src, at + 28)
    entries.append((bytearray(src[at:at + 46]), src[at + 46:at + 46 + n], struct.unpack_from('<I', src, at + 42)[0]))
    at += 46 + n
def local(name, data):
    return struct.pack('<IHHHHHIIIHH', 0x04034b50, 20, 0x800, 0, 0, 0x21, zlib.crc32(data), len(data), len(data), len(name), 0) + name + data
def central(name, data, offset):
    return struct.pack('<IHHHHHHIIIHHHHHII', 0x02014b50, 0x314, 20, 0x800, 0, 0, 0x21, zlib.crc32(data), len(data), len(data), len(name), 0, 0, 0, 0, 0o100644 << 16, offset) + name
name, data = b'../outside.txt', b'another file'
n, = struct.unpack_from('<H', src, 26)
blob = local(name, data)
extra = struct.pack('<HH', 0x5455, len(blob)) + blob
first = bytearray(src[:30])
struct.pack_into('<H', first, 28, len(extra))
body = bytes(first) + src[30:30 + n] + extra + src[30 + n:start]
directory = b''
for i, (head, own, offset) in enumerate(entries):
    struct.pack_into('<I', head, 42, offset + (len(extra) if i else 0))
    if i < count - 1: directory += bytes(head) + own
head, own, _ = entries[-1]
other = central(name, data, 30 + n + 4)
where = len(body) + len(directory) + 46 + len(own) + 4
other += struct.pack('<IQHHIIQQQQ', 0x06064b50, 44, 45, 45, 0, 0, 1, 1, len(other), where) + struct.pack('<IIQI', 0x07064b50, 0, where + len(other), 1)
extra = struct.pack('<HH', 0x5455, len(other)) + other
struct.pack_into('<H', head, 30, len(extra))
directory += bytes(head) + own + extra
out = body + directory + struct.pack('<IHHHHIIH', 0x06054b50, 0, 0, count, count, len(directory), len(body), 0)
found = zipfile.ZipFile(io.BytesIO(out))
print(base64.b64encode(out).decode(), *[f'{name}={found.read(name).decode()}' for name in found.namelist()])
`;
const PYTHON_LISTS =
  'import base64, io, sys, zipfile; print(*zipfile.ZipFile(io.BytesIO(base64.b64decode(sys.stdin.read()))).namelist())';
const python = (script: string, zip: Uint8Array) =>
  spawnSync('python3', ['-c', script], { input: Buffer.from(zip).toString('base64'), encoding: 'utf8' });

it.skipIf(python('', ZIP).status !== 0)('refuses what Python unpacks as something else', () => {
  expect(python(PYTHON_LISTS, ZIP).stdout).toBe('a.txt folder/b.txt\n');
  const [made, ...found] = python(POLYGLOT, ZIP)
    .stdout.trim()
    .split(/ (?=\.\.)/);
  expect(found).toEqual(['../outside.txt=another file']);
  expect(readZip(new Uint8Array(Buffer.from(made!, 'base64')))).toMatchObject({ code: 'zip.form' });
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
