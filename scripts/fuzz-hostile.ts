/** A megabyte each of what a reader may do badly with: by its form, and grown out of every list, text and object of its seeds. */

import { type Bytes, concatenate, utf8 } from '../src/core/bytes.ts';
import { edit, get, type Json, type Path, paths } from '../test/mutations.ts';
import type { Target } from './fuzz-targets.ts';
import { MEGABYTE } from './fuzzing.ts';

export interface Hostile {
  readonly name: string;
  readonly make: () => Bytes;
}

const full = (piece: string): string => piece.repeat(Math.floor(MEGABYTE / Buffer.byteLength(piece)));
/** As many as fit, each other than the rest. */
function each(write: (i: number) => string): string {
  const parts: string[] = [];
  for (let i = 0, size = 0; size < MEGABYTE - 100; i++) {
    const part = write(i);
    parts.push(part);
    size += part.length;
  }
  return parts.join('');
}
const hostile = (name: string, make: () => string): Hostile => ({ name, make: () => utf8(make()) });

const JSON_TEXTS: readonly Hostile[] = [
  hostile('brackets', () => full('[')),
  hostile('braces', () => full('{"a":')),
  hostile('brackets that close', () => `${'['.repeat(500_000)}${']'.repeat(500_000)}`),
  hostile('numbers', () => `[${full('0,')}0]`),
  hostile('empty lists', () => `[${full('[],')}[]]`),
  hostile('empty objects', () => `[${full('{},')}{}]`),
  hostile('one number', () => full('9')),
  hostile('one fraction', () => `0.${full('9')}`),
  hostile('one small number', () => `0.${full('0')}1`),
  hostile('numbers of four thousand digits', () => `[${full(`${'9'.repeat(4299)},`)}0]`),
  hostile('exponents', () => `[${full('1e308,')}0]`),
  hostile('one string', () => `"${full('x')}"`),
  hostile('one string of escapes', () => `"${full('\\u0000')}"`),
  hostile('one string of two-byte letters', () => `"${full('é')}"`),
  hostile('quotes', () => full('"')),
  hostile('backslashes', () => `"${full('\\')}`),
  hostile('members', () => `{${each((i) => `"${i}":0,`)}"x":0}`),
  hostile('members with one name', () => `{${full('"a":0,')}"a":0}`),
  hostile('one member name', () => `{"${full('a')}":0}`),
  hostile('minus signs', () => full('-')),
  hostile('blanks', () => `${full(' ')}0`),
  hostile('lines', () => `${full('\n')}x`),
];

const BYTES: readonly Hostile[] = [0x00, 0x01, 0x20, 0x7f, 0x80, 0x81, 0x9f, 0xbf, 0xc0, 0xc1, 0xff].map(
  (byte) => ({
    name: `bytes ${byte.toString(16)}`,
    make: () => new Uint8Array(MEGABYTE).fill(byte),
  }),
);

/** A list's prefix, in the long form. */
const longList = (length: number): Uint8Array =>
  Uint8Array.of(0xfa, length >> 16, (length >> 8) & 255, length & 255);

/** Lists in lists, each of which ends where the next does. */
function nestedRlp(): Bytes {
  const heads: Uint8Array[] = [];
  for (let length = 0x10000; length < MEGABYTE; length += 4) heads.push(longList(length));
  return concatenate([...heads.reverse(), new Uint8Array(0x10000).fill(1)]);
}

/** A list of a megabyte of one item. */
function rlpOf(item: readonly number[]): Bytes {
  const length = Math.floor((MEGABYTE - 4) / item.length) * item.length;
  return concatenate([longList(length), Uint8Array.from({ length }, (_, i) => item[i % item.length]!)]);
}

const RLP: readonly Hostile[] = [
  ...BYTES,
  { name: 'lists in lists', make: nestedRlp },
  { name: 'a list of bytes', make: () => rlpOf([1]) },
  { name: 'a list of empty strings', make: () => rlpOf([0x80]) },
  { name: 'a list of empty lists', make: () => rlpOf([0xc0]) },
  { name: 'a list of logs', make: () => rlpOf([0xd7, 0x94, ...Array(20).fill(0xaa), 0xc0, 0x80]) },
];

const CBOR: readonly Hostile[] = [
  ...BYTES,
  { name: 'lists in lists', make: () => concatenate([utf8('\xa1'), new Uint8Array(MEGABYTE).fill(0x81)]) },
  { name: 'a sidecar of numbers', make: () => cborOf(0x9a, 0) },
  { name: 'a sidecar of empty texts', make: () => cborOf(0x9a, 0x60) },
  { name: 'a sidecar of empty lists', make: () => cborOf(0x9a, 0x80) },
  { name: 'a sidecar of empty maps', make: () => cborOf(0x9a, 0xa0) },
  {
    name: 'a sidecar of a list of four thousand million',
    make: () => Uint8Array.of(0xa5, 0x64, ...utf8('core'), 0x9a, 255, 255, 255, 255, 0),
  },
  { name: 'a sidecar of members', make: () => cborMembers() },
];

/** `{"core": [item, item, …]` and the rest missing. */
function cborOf(head: number, item: number): Bytes {
  const count = MEGABYTE - 100;
  return concatenate([
    Uint8Array.of(
      0xa1,
      0x64,
      ...utf8('core'),
      head,
      count >>> 24,
      (count >> 16) & 255,
      (count >> 8) & 255,
      count & 255,
    ),
    new Uint8Array(count).fill(item),
  ]);
}

function cborMembers(): Bytes {
  const count = 120_000;
  const names = Array.from({ length: count }, (_, i) => utf8(`\x66${String(i).padStart(6, '0')}\x00`));
  return concatenate([
    Uint8Array.of(0xa1, 0x64, ...utf8('core'), 0xba, 0, count >> 16, (count >> 8) & 255, count & 255),
    ...names,
  ]);
}

const WORDS: readonly Hostile[] = [
  ...['A', '0', 'f', '=', ' ', '\n', '+', '\0', 'é', '\u202e', '9', '-', '. ', 'a,', 'x='].map((piece) =>
    hostile(`pieces ${JSON.stringify(piece)}`, () => full(piece)),
  ),
  hostile('hexadecimal data', () => `0x${full('ab')}`),
  hostile('a declaration', () => `tool=${full('x')}`),
  hostile('declared names', () => `tool=x${full(',model=y')}`),
  hostile('groups of a path', () => `tile/0/${full('x001/')}067`),
  hostile('a time', () => `2026-11-21T12:00:00.${full('0')}Z`),
  hostile('a key', () => `${full('a')}+00000000+AQ==`),
  hostile('pluses', () => `a${full('+')}`),
];

const LINE_PIECES = [
  '\n',
  'x\n',
  '\n\n',
  'log \n',
  '— a AAAAAAA=\n',
  '#\n',
  'group g any w\n',
  'old 1\n',
  'extra AA==\n',
  'a.',
  '[a]\n',
  '[[a]]\n',
  'a = [',
  'a = {b = ',
  '"""',
  "'''",
  '\t',
  'a = 1\n',
  '= ',
  'Claude ',
  '[bot] ',
];
const LINES: readonly Hostile[] = [
  ...WORDS.slice(0, 12),
  ...LINE_PIECES.map((piece) => hostile(`lines ${JSON.stringify(piece)}`, () => full(piece))),
  hostile('lists in a policy', () => `version = 1\na = ${full('[')}`),
  hostile('tables in a policy', () => `version = 1\n${each((i) => `[a${i}]\n`)}`),
  hostile('tables in tables of a policy', () => `[${full('a.')}a]\n`),
  hostile('members of a policy', () => `version = 1\n${each((i) => `a${i} = 0\n`)}`),
  hostile('one dotted name', () => `${full('a.')}a = 1\n`),
  hostile('dotted names', () => each((i) => `a.b.c.d.e${i} = 1\n`)),
  hostile('one number of a policy', () => `version = ${full('9')}\n`),
  hostile('one string of a policy', () => `version = "${full('\\u0041')}"\n`),
  hostile(
    'signers',
    () => `version = 1\n${each((i) => `[[signer]]\nname = "${i}"\ned25519 = "${key(i)}"\n`)}`,
  ),
  hostile('signers without keys', () => `version = 1\n${full('[[signer]]\n')}`),
  hostile(
    'chains',
    () =>
      `version = 1\n${each((i) => `[[chain]]\nname = "${i}"\nchain_id = 1\ncontract = "0x${String(i).padStart(40, '0')}"\n`)}`,
  ),
  hostile(
    'blocks',
    () =>
      `version = 1\n[[chain]]\nname = "a"\nchain_id = 1\ncontract = "0x${'0'.repeat(40)}"\nblocks = [${each((i) => `{number=${i},hash="0x${'0'.repeat(64)}"},`)}]\n`,
  ),
  hostile('a note’s text', () => `log.example\n1\n${full('x\n')}\n— a AAAAAAA=\n`),
  hostile('hashes of a proof', () => `c2sp.org/tlog-proof@v1\nindex 1\n${full(`${'A'.repeat(43)}=\n`)}\nx`),
];

function key(i: number): string {
  const bytes = Buffer.alloc(32, 9);
  bytes.writeUInt32BE(i);
  return bytes.toString('base64');
}

const BY_FORM: Readonly<Record<Target['form'], readonly Hostile[]>> = {
  json: JSON_TEXTS,
  lines: LINES,
  word: WORDS,
  bytes: BYTES,
  rlp: RLP,
  cbor: CBOR,
};

export function hostileTexts(target: Target): readonly Hostile[] {
  const grown = target.form === 'json' ? growJson(target) : target.form === 'lines' ? growLines(target) : [];
  return [...BY_FORM[target.form], ...grown, ...(target.hostile ?? [])];
}

/** The seed with one of its lines again and again. */
function growLines({ seeds }: Target): Hostile[] {
  const lines = Buffer.from(seeds[0]!).toString().split('\n');
  return lines.map((line, i) =>
    hostile(`line ${i} again and again`, () =>
      lines.toSpliced(i, 0, full(`${line}\n`).slice(0, -1)).join('\n'),
    ),
  );
}

const MOST_GROWN = 6;

/** The seed with one of its lists, texts or objects grown: the lists of one place alone, however often it stands there. */
function growJson({ seeds }: Target): Hostile[] {
  const seed = JSON.parse(Buffer.from(seeds[0]!).toString()) as Json;
  const places = new Map<string, Path>();
  for (const path of paths(seed)) {
    const place = path.map((step) => (/^\d+$/.test(step) ? '0' : step)).join('.');
    if (typeof get(seed, path) === 'object' || path.length < 4) places.set(place, path);
  }
  return [...places].flatMap(([place, path]) => growthsOf(seed, place, path)).slice(0, MOST_GROWN);
}

function growthsOf(seed: Json, place: string, path: Path): Hostile[] {
  const value = get(seed, path);
  const put = (text: string) => (): string => {
    const marked = edit(seed, path, (parent, name) => {
      parent[name] = '\u0001';
    });
    return JSON.stringify(marked).replace('"\\u0001"', () => text);
  };
  if (Array.isArray(value)) {
    const items = [JSON.stringify(value[0] ?? {}), '{}', 'null', '""'];
    return items.map((item) =>
      hostile(`${place}: a list of ${item.slice(0, 20)}`, () => put(`[${full(`${item},`)}${item}]`)()),
    );
  }
  if (typeof value === 'object' && value !== null) {
    const item = JSON.stringify(Object.values(value)[0] ?? 0);
    const name = Object.keys(value)[0] ?? 'a';
    return [
      hostile(`${place}: members`, () =>
        put(`{${each((i) => `"${name}${i}":${item.length < 100 ? item : 0},`)}"x":0}`)(),
      ),
      hostile(`${place}: members that are empty`, () => put(`{${each((i) => `"${i}":{},`)}"x":{}}`)()),
    ];
  }
  return typeof value === 'string' ? [hostile(`${place}: a long text`, () => put(`"${full('A')}"`)())] : [];
}
