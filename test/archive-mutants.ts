/** What a hostile hand makes of an archive: the zip around it, the files in it, its manifest. Each still begins as a zip does. */

import { canonicalBytes } from '../src/core/jcs.ts';
import type { JsonObject } from '../src/core/json.ts';
import { MANIFEST_PATH, STATEMENT_PATHS } from '../src/publish/manifest.ts';
import { writeZip } from '../src/publish/write-zip.ts';
import { everyNth, memberMutants } from './bundle-mutants.ts';

type Files = ReadonlyMap<string, Uint8Array>;
export type ArchiveMutant = readonly [about: string, bytes: Uint8Array];

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;

/** Where the local and the central header of a file stand. */
function headersOf(zip: Uint8Array, name: string): readonly [local: number, central: number] {
  const view = new DataView(zip.buffer, zip.byteOffset, zip.byteLength);
  const find = (signature: number, nameAt: number): number => {
    for (let at = 0; at + nameAt + name.length <= zip.length; at++)
      if (
        view.getUint32(at, true) === signature &&
        Buffer.from(zip.subarray(at + nameAt, at + nameAt + name.length)).toString() === name
      )
        return at;
    throw new Error(`no header of ${name}`);
  };
  return [find(LOCAL, 30), find(CENTRAL, 46)];
}

function withView(zip: Uint8Array, edit: (view: DataView, bytes: Uint8Array) => void): Uint8Array {
  const bytes = zip.slice();
  edit(new DataView(bytes.buffer), bytes);
  return bytes;
}

/** In both headers, which agree. */
function renamed(zip: Uint8Array, from: string, to: string): Uint8Array {
  if (Buffer.byteLength(to) !== from.length) throw new Error('names of one length');
  const [local, central] = headersOf(zip, from);
  return withView(zip, (_, bytes) => {
    bytes.set(Buffer.from(to), local + 30);
    bytes.set(Buffer.from(to), central + 46);
  });
}

/** A 16-bit field that both headers have. @param offset in the local one, behind its signature */
function inBoth(zip: Uint8Array, name: string, offset: number, value: number): Uint8Array {
  const [local, central] = headersOf(zip, name);
  return withView(zip, (view) => {
    view.setUint16(local + 4 + offset, value, true);
    view.setUint16(central + 6 + offset, value, true);
  });
}

function sized(zip: Uint8Array, name: string, size: number): Uint8Array {
  const [local, central] = headersOf(zip, name);
  return withView(zip, (view) => {
    view.setUint32(local + 22, size, true);
    view.setUint32(central + 24, size, true);
  });
}

function linked(zip: Uint8Array, name: string): Uint8Array {
  const [, central] = headersOf(zip, name);
  return withView(zip, (view) => view.setUint32(central + 38, (0o120777 << 16) >>> 0, true));
}

/** Behind what is packed of the last file, and the headers say so. */
function hiding(zip: Uint8Array, name: string): Uint8Array {
  const [local, central] = headersOf(zip, name);
  const directory = new DataView(zip.buffer, zip.byteOffset).getUint32(zip.length - 6, true);
  const hidden = Buffer.from('hidden');
  return withView(
    new Uint8Array(Buffer.concat([zip.subarray(0, directory), hidden, zip.subarray(directory)])),
    (view) => {
      for (const at of [local + 18, central + hidden.length + 20])
        view.setUint32(at, view.getUint32(at, true) + hidden.length, true);
      view.setUint32(view.byteLength - 6, directory + hidden.length, true);
    },
  );
}

const isBundle = (name: string): boolean => name.startsWith('bundles/');

/** The zip itself: each of these a reader may fall for. */
export function zipMutants(files: Files): readonly ArchiveMutant[] {
  const zip = writeZip(files);
  const [first, second] = [...files.keys()].filter(isBundle).sort() as [string, string];
  const last = [...files.keys()].sort().at(-1)!;
  return [
    ['cut short', zip.subarray(0, -1)],
    ['cut in half', zip.subarray(0, zip.length >> 1)],
    ['nothing but its first bytes', zip.subarray(0, 4)],
    ['something behind it', new Uint8Array(Buffer.concat([zip, Buffer.from('PK')]))],
    ['bytes behind what is packed', hiding(zip, last)],
    ['a path that leads out', renamed(zip, 'README.md', '../EAD.md')],
    ['an absolute path', renamed(zip, 'README.md', '/etc/file')],
    ['a backslash', renamed(zip, 'README.md', 'READ\\E.md')],
    ['a right-to-left override', renamed(zip, 'README.md', 'R\u202eD.md'.padEnd(7, 'x'))],
    ['two files of one name', renamed(zip, first, second)],
    ['two names that differ in case', renamed(zip, 'README.md', 'paper.TXT')],
    ['a link', linked(zip, 'README.md')],
    ['encryption', inBoth(zip, 'README.md', 2, 1)],
    ['another compression', inBoth(zip, 'README.md', 4, 12)],
    ['a bundle that is a bomb', sized(zip, first, 10)],
    ['a manifest that is a bomb', sized(zip, MANIFEST_PATH, 10)],
    ['a size beyond the limit', sized(zip, first, 80_000_000)],
  ];
}

/** The files: another zip, as good as the first. */
export function fileMutants(files: Files): readonly ArchiveMutant[] {
  const edited = (edit: (copy: Map<string, Uint8Array>) => void): Uint8Array => {
    const copy = new Map(files);
    edit(copy);
    return writeZip(copy);
  };
  const [first, second] = [...files.keys()].filter(isBundle).sort() as [string, string];
  const each = [...files].flatMap(([name, bytes]): ArchiveMutant[] => [
    [
      `${name} flipped`,
      edited((copy) => copy.set(name, bytes.with(bytes.length >> 1, bytes.at(bytes.length >> 1)! ^ 1))),
    ],
    [`${name} emptied`, edited((copy) => copy.set(name, new Uint8Array()))],
    [`${name} taken away`, edited((copy) => copy.delete(name))],
    [`${name} doubled`, edited((copy) => copy.set(`${name}.copy`, bytes))],
  ]);
  return [
    ['nothing', edited(() => {})],
    ...each,
    [
      'two bundles exchanged',
      edited((copy) => copy.set(first, files.get(second)!).set(second, files.get(first)!)),
    ],
    ['a bundle that is a record', edited((copy) => copy.set(first, recordIn(files.get(first)!)))],
    ['a bundle that is this archive', edited((copy) => copy.set(first, writeZip(files)))],
    ['a bundle of 60 MB', edited((copy) => copy.set(first, new Uint8Array(60_000_000)))],
    ['a bundle of a newer format', edited((copy) => copy.set(first, newer(files.get(first)!)))],
    [
      'a manifest of a newer format',
      edited((copy) => copy.set(MANIFEST_PATH, newer(files.get(MANIFEST_PATH)!))),
    ],
    [
      'a statement with blanks behind it',
      edited((copy) => copy.set(STATEMENT_PATHS.p256, padded(files.get(STATEMENT_PATHS.p256)!))),
    ],
    [
      'no statement of its signer',
      edited((copy) => {
        for (const path of Object.values(STATEMENT_PATHS)) copy.delete(path);
      }),
    ],
  ];
}

const padded = (bytes: Uint8Array): Uint8Array => Buffer.concat([bytes, Buffer.alloc(1000, ' ')]);
const newer = (bytes: Uint8Array): Uint8Array =>
  Buffer.from(Buffer.from(bytes).toString().replace('.v1+json', '.v2+json'));
const recordIn = (bytes: Uint8Array): Uint8Array =>
  canonicalBytes((JSON.parse(Buffer.from(bytes).toString()) as { record: JsonObject }).record);

/** The manifest and one bundle, member by member. */
export function* contentMutants(files: Files): Generator<ArchiveMutant> {
  const bundle = [...files.keys()].find(isBundle)!;
  for (const [name, step] of [
    [MANIFEST_PATH, 7],
    [bundle, 61],
  ] as const) {
    const original = JSON.parse(Buffer.from(files.get(name)!).toString());
    for (const { about, bytes } of everyNth(memberMutants(original), step))
      yield [`${name}: ${about}`, writeZip(new Map(files).set(name, bytes))];
  }
}
