/**
 * Every mutation of an evidence bundle that there is a rule for: of its members and of the documents inside them (payloads, log
 * bodies, notes, artifacts), of its encodings, of its text; with parts of another valid bundle, of an older one, and of an attacker.
 */

import { type Bytes, fromBase64, fromHex, toBase64, toHex, utf8 } from '../src/core/bytes.ts';
import { canonicalText } from '../src/core/jcs.ts';
import type { JsonObject } from '../src/core/json.ts';
import { meaningOf } from './bundle-meaning.ts';
import { edit, get, type Json, type Path, paths, SUBSTITUTES, variants } from './mutations.ts';

export type Kind =
  | 'changed'
  | 'retyped'
  | 'removed'
  | 'duplicated'
  | 'renamed'
  | 'lists'
  | 'encodings'
  | 'numbers'
  | 'times'
  | 'bytes'
  | 'notes'
  | 'spliced'
  | 'swapped'
  | 'replayed'
  | 'rebuilt'
  | 'added'
  | 'truncated'
  | 'flipped'
  | 'text';

export interface Mutant {
  readonly about: string;
  readonly kind: Kind;
  readonly bytes: Bytes;
}

type Members = { [name: string]: Json };

/** A JSON document in the bundle, or the bundle itself, and how the bundle reads with another text in its place. */
interface View {
  readonly name: string;
  readonly value: Json;
  put(text: string): string;
}

/** Every document, the outermost first. */
function* viewsOf(bundle: Json): Generator<View> {
  yield { name: '', value: bundle, put: (text) => text };
  for (const path of paths(bundle)) {
    const decoded = decodeText(path, get(bundle, path));
    if (decoded === undefined) continue;
    const { text, encode } = decoded;
    const value = parse(text);
    if (value === undefined) continue;
    const put = (edited: string) => JSON.stringify(replace(bundle, path, encode(edited)));
    yield { name: `${path.join('.')} › `, value, put };
  }
}

/** The text in a member: as it is, or as base64. */
function decodeText(path: Path, value: Json) {
  const name = path.at(-1);
  if (typeof value !== 'string') return undefined;
  if (name === 'data') return { text: value, encode: (text: string) => text };
  if (name !== 'payload' && name !== 'canonicalizedBody') return undefined;
  const text = Buffer.from(value, 'base64').toString();
  return { text, encode: (edited: string) => Buffer.from(edited).toString('base64') };
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

export function replace(document: Json, path: Path, value: Json): Json {
  return edit(document, path, (parent, name) => {
    parent[name] = value;
  });
}

function remove(document: Json, path: Path): Json {
  return edit(document, path, (parent, name) => {
    if (Array.isArray(parent)) parent.splice(Number(name), 1);
    else delete parent[name];
  });
}

/** Every member of every document in the bundle, mutated in every way. */
export function* memberMutants(bundle: Json): Generator<Mutant> {
  for (const view of viewsOf(bundle)) {
    const before = JSON.stringify(view.value);
    for (const path of paths(view.value))
      for (const [kind, what, text] of mutationsOf(view.value, path))
        if (text !== before)
          yield { kind, about: `${view.name}${path.join('.')} ${what}`, bytes: utf8(view.put(text)) };
  }
}

type Mutation = readonly [kind: Kind, what: string, text: string];

function* mutationsOf(document: Json, path: Path): Generator<Mutation> {
  const value = get(document, path);
  const to = (other: Json): string => JSON.stringify(replace(document, path, other));
  for (const other of variants(value)) yield ['changed', `= ${short(other)}`, to(other)];
  for (const other of SUBSTITUTES) yield ['retyped', `= ${short(other)}`, to(other)];
  yield ['removed', 'removed', JSON.stringify(remove(document, path))];
  yield* nameMutations(document, path);
  if (Array.isArray(value)) for (const other of listVariants(value)) yield ['lists', short(other), to(other)];
  if (typeof value === 'string') yield* textMutations(value, to);
  if (typeof value === 'number')
    for (const spelled of spellings(value))
      yield ['numbers', `spelled ${spelled}`, spell(document, path, spelled)];
}

const short = (value: Json): string => JSON.stringify(value)?.slice(0, 60);

/** No document holds it, so that it can be found again in the text. */
const MARK = '\u0001mark\u0001';
const MARKED = JSON.stringify(MARK).slice(1, -1);

/** The member twice in the text, under its own name, which no parsed document can have; under another; and under another alone. */
function* nameMutations(document: Json, path: Path): Generator<Mutation> {
  const name = path.at(-1)!;
  const value = get(document, path);
  const parent = path.length > 1 ? get(document, path.slice(0, -1)) : document;
  if (Array.isArray(parent)) return;
  const add = (other: string, kept: boolean): string =>
    JSON.stringify(
      edit(document, path, (members) => {
        members[other] = value;
        if (!kept) delete members[name];
      }),
    );
  yield ['duplicated', 'twice', add(name + MARK, true).replace(MARKED, '')];
  for (const other of [`${name}2`, '__proto__2', name.toUpperCase(), `${name}\u0000`]) {
    yield ['duplicated', `also as ${JSON.stringify(other)}`, add(other, true)];
    yield ['renamed', `as ${JSON.stringify(other)}`, add(other, false)];
  }
}

function* listVariants(list: readonly Json[]): Generator<Json> {
  yield list.toReversed();
  yield list.slice(0, -1);
  yield [];
  yield [...list, ...list];
  for (const [i, item] of list.entries()) {
    yield list.toSpliced(i, 1);
    yield list.toSpliced(i, 0, item);
    if (i + 1 < list.length) yield list.toSpliced(i, 2, list[i + 1]!, item);
  }
}

/** JSON's ways to write a number, and numbers that are near it. */
function spellings(value: number): string[] {
  const text = String(value);
  return [
    `${text}.0`,
    `${text}e0`,
    `${text}E+00`,
    `-${text}`,
    '-0',
    `0${text}`,
    `${text}e400`,
    `${text}e-400`,
  ]
    .concat('9007199254740993', '1'.repeat(400), 'NaN', 'Infinity', `"${text}"`)
    .filter((spelled) => spelled !== text);
}

function spell(document: Json, path: Path, spelled: string): string {
  return JSON.stringify(replace(document, path, MARK)).replace(`"${MARKED}"`, spelled);
}

const TIME = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;

function* textMutations(value: string, to: (other: Json) => string): Generator<Mutation> {
  for (const other of [...base64Variants(value), ...hexVariants(value)])
    yield ['encodings', short(other), to(other)];
  for (const other of binaryVariants(value)) yield ['bytes', short(other), to(other)];
  if (TIME.test(value)) for (const other of timeVariants(value)) yield ['times', other, to(other)];
}

/** The same bytes in what some decoder takes for base64. */
function base64Variants(text: string): string[] {
  if (text === '' || fromBase64(text) === undefined) return [];
  const last = text.search(/=*$/) - 1;
  const spare = String.fromCharCode(text.charCodeAt(last) + 1);
  return [
    text.replace(/=+$/, ''),
    `${text}=`,
    text.replaceAll('+', '-').replaceAll('/', '_'),
    `${text}\n`,
    ` ${text}`,
    `${text.slice(0, 4)}\n${text.slice(4)}`,
    // The last character's spare bits, where it has some.
    ...(text.endsWith('=') ? [text.slice(0, last) + spare + text.slice(last + 1)] : []),
  ];
}

/** The same number or bytes in what some reader takes for hexadecimal. */
function hexVariants(text: string): string[] {
  if (!/^(?:0x|sha256:)?[0-9a-f]{8,}$/.test(text)) return [];
  const [, prefix, digits] = /^(0x|sha256:)?(.*)$/.exec(text) as unknown as [string, string?, string?];
  const upper = `${prefix ?? ''}${digits!.toUpperCase()}`;
  return [upper, digits!, `0X${digits}`, `${prefix ?? ''}00${digits}`, ` ${text}`, `${text}\n`];
}

const FLIPS = 12;

/** The bytes that a text stands for: one bit flipped in some places, one more, one fewer. */
function* binaryVariants(text: string): Generator<string> {
  const hex = text.startsWith('0x');
  const bytes = hex ? fromHex(text.slice(2)) : text.length < 20 ? undefined : fromBase64(text);
  if (bytes === undefined || bytes.length === 0) return;
  const write = (edited: Uint8Array): string => (hex ? `0x${toHex(edited)}` : toBase64(edited));
  const step = Math.max(1, Math.floor(bytes.length / FLIPS));
  for (let at = 0; at < bytes.length; at += step) yield write(flipBit(bytes, at));
  yield write(flipBit(bytes, bytes.length - 1));
  yield write(bytes.slice(0, -1));
  yield write(bytes.slice(1));
  yield write(Uint8Array.of(...bytes, 0));
  yield write(Uint8Array.of(0, ...bytes));
}

function flipBit(bytes: Uint8Array, at: number): Bytes {
  const copy = Uint8Array.from(bytes);
  copy[at]! ^= 1 << (at % 8);
  return copy;
}

/** The same instant, and others that are near it. */
function timeVariants(time: string): string[] {
  const bare = time.slice(0, -1);
  const whole = bare.replace(/\.\d+$/, '');
  return [
    `${bare}+00:00`,
    `${bare}-00:00`,
    `${bare}z`,
    time.toLowerCase(),
    time.replace('T', ' '),
    `${bare}0Z`,
    `${whole}.0000000000Z`,
    `${whole}Z`,
    `${whole.slice(0, -2)}60Z`,
    `+${time}`,
    `0${time}`,
    `${bare}+01:00`,
    bare,
  ].filter((other) => other !== time);
}

/** Where notes are. */
export function notesOf(bundle: Json): { readonly path: Path; readonly note: string }[] {
  return [...paths(bundle)]
    .filter((path) => path.at(-1) === 'envelope' && path.at(-2) === 'checkpoint')
    .map((path) => ({ path, note: get(bundle, path) as string }));
}

/** Each note line by line, and each signature line's name, key id, time and signature. */
export function* noteMutants(bundle: Json): Generator<Mutant> {
  for (const { path, note } of notesOf(bundle))
    for (const [what, edited] of noteVariants(note))
      if (edited !== note)
        yield {
          kind: 'notes',
          about: `${path.join('.')}: ${what}`,
          bytes: utf8(JSON.stringify(replace(bundle, path, edited))),
        };
}

function* noteVariants(note: string): Generator<[string, string]> {
  const lines = note.slice(0, -1).split('\n');
  const join = (edited: readonly string[]): string => `${edited.join('\n')}\n`;
  for (const [i, line] of lines.entries()) {
    yield [`without line ${i}`, join(lines.toSpliced(i, 1))];
    yield [`line ${i} twice`, join(lines.toSpliced(i, 0, line))];
    yield [`a blank line before ${i}`, join(lines.toSpliced(i, 0, ''))];
    yield [`a line before ${i}`, join(lines.toSpliced(i, 0, 'extension'))];
    yield [`${i} lines`, join(lines.slice(0, i))];
    if (i + 1 < lines.length)
      yield [`lines ${i} and next swapped`, join(lines.toSpliced(i, 2, lines[i + 1]!, line))];
    for (const other of [...variants(line), ...lineVariants(line)])
      if (typeof other === 'string')
        yield [`line ${i} = ${other.slice(0, 60)}`, join(lines.toSpliced(i, 1, other))];
  }
  yield ['without its last newline', note.slice(0, -1)];
  yield ['with another newline', `${note}\n`];
  yield ['with carriage returns', note.replaceAll('\n', '\r\n')];
  yield ['after its own text', `${note}\n${note}`];
}

/** Of a root's line the base64 variants; of a signature line those, and each part of what it holds. */
function* lineVariants(line: string): Generator<string> {
  const [dash, name, encoded] = line.split(' ');
  if (encoded === undefined) {
    yield* base64Variants(line);
    return;
  }
  for (const other of [...base64Variants(encoded), ...binaryVariants(encoded)])
    yield `${dash} ${name} ${other}`;
  const blob = fromBase64(encoded)!;
  for (let at = 0; at < Math.min(blob.length, 16); at++)
    yield `${dash} ${name} ${toBase64(flipBit(blob, at))}`;
  yield `- ${name} ${encoded}`;
  yield `${line} more`;
  yield `${dash}  ${name} ${encoded}`;
}

const LISTS = ['statements', 'receipts', 'keys', 'timestamps', 'anchors'] as const;
const PARTS = ['record', 'artifacts', ...LISTS] as const;

/**
 * Parts of another bundle in place of this one's: each alone, each two, all but one; each item of a list in place of each. Neither
 * bundle itself is a mutant.
 */
export function* swapMutants(bundle: Json, other: Json, whose: string, kind: Kind): Generator<Mutant> {
  const both = [bundle, other].map((one) => meaningOf(utf8(JSON.stringify(one)))).map(text);
  for (const mutant of swaps(bundle, other, whose, kind))
    if (!both.includes(text(meaningOf(mutant.bytes)))) yield mutant;
}

const text = (value: JsonObject | undefined): string => canonicalText(value ?? null);

function* swaps(bundle: Json, other: Json, whose: string, kind: Kind): Generator<Mutant> {
  const [own, theirs] = [bundle as Members, other as Members];
  const make = (names: readonly string[], edited: Json): Mutant => ({
    kind,
    about: `${whose} ${names.join(' and ')}`,
    bytes: utf8(JSON.stringify(edited)),
  });
  const swap = (names: readonly string[]): Members => ({
    ...own,
    ...Object.fromEntries(names.map((name) => [name, theirs[name]!])),
  });
  for (const [i, name] of PARTS.entries()) {
    yield make([name], swap([name]));
    yield make([`all but ${name}`], swap(PARTS.filter((part) => part !== name)));
    for (const second of PARTS.slice(i + 1)) yield make([name, second], swap([name, second]));
  }
  for (const name of LISTS)
    for (const [i] of (own[name] as Json[]).entries())
      for (const [j, item] of (theirs[name] as Json[]).entries())
        yield make([`${name}.${j} as ${i}`], replace(bundle, [name, String(i)], item));
}

/** Members of one part in the place of another part's of the same form: signatures, proofs, indexes, roots. */
export function* spliceMutants(bundle: Json, other: Json): Generator<Mutant> {
  for (const name of ['record', ...LISTS])
    for (const [to, from] of alike(bundle, other, name))
      for (const path of paths(get(from.bundle, from.path))) {
        const [source, target] = [
          [...from.path, ...path],
          [...to, ...path],
        ];
        const value = get(from.bundle, source);
        if (!has(bundle, target) || JSON.stringify(get(bundle, target)) === JSON.stringify(value)) continue;
        const about = `${target.join('.')} from ${from.bundle === bundle ? 'its own' : 'the other’s'} ${source.join('.')}`;
        yield { kind: 'spliced', about, bytes: utf8(JSON.stringify(replace(bundle, target, value))) };
      }
}

interface Place {
  readonly bundle: Json;
  readonly path: Path;
}

function* alike(bundle: Json, other: Json, name: string): Generator<[Path, Place]> {
  const own = placesOf(bundle, name);
  for (const { path } of own)
    for (const from of [...own.filter((one) => one.path !== path), ...placesOf(other, name)])
      yield [path, from];
}

function placesOf(bundle: Json, name: string): Place[] {
  const value = (bundle as Members)[name]!;
  if (!Array.isArray(value)) return [{ bundle, path: [name] }];
  return value.flatMap((item, i) => (typeof item === 'object' ? [{ bundle, path: [name, String(i)] }] : []));
}

function has(document: Json, path: Path): boolean {
  let value: Json | undefined = document;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return false;
    value = (value as Members)[step];
  }
  return true;
}

/** The text cut off, and with one bit flipped. @param every how many bytes lie between two of them */
export function* textMutants(
  bytes: Bytes,
  every: { readonly cut: number; readonly flip: number },
): Generator<Mutant> {
  for (let at = 0; at < bytes.length; at += every.cut)
    yield { kind: 'truncated', about: `cut off at ${at}`, bytes: bytes.slice(0, at) };
  for (let at = 0; at < bytes.length; at += every.flip)
    yield { kind: 'flipped', about: `a bit of byte ${at}`, bytes: flipBit(bytes, at) };
  const text = Buffer.from(bytes).toString();
  for (const [about, edited] of [
    ['twice', text + text],
    ['with a zero byte at its end', `${text}\0`],
    ['with a letter at its end', `${text}x`],
    ['with a bracket at its end', `${text}}`],
    ['with another document at its end', `${text}{}`],
    ['with a byte order mark', `\ufeff${text}`],
    ['in brackets', `[${text}]`],
    ['with a comma at its end', text.replace(/\}\n$/, ',}')],
    ['with blanks around it', ` \t\r\n${text}\n`],
    ['with a comment', text.replace('{', '{/**/')],
    ['with escaped names', text.replaceAll('"record"', '"\\u0072ecord"')],
  ] as const)
    yield { kind: 'text', about, bytes: utf8(edited) };
  yield { kind: 'text', about: 'in UTF-16', bytes: Uint8Array.from(Buffer.from(text, 'utf16le')) };
}

/** Every n-th of them. */
export function* everyNth<T>(mutants: Iterable<T>, n: number): Generator<T> {
  let count = 0;
  for (const mutant of mutants) if (count++ % n === 0) yield mutant;
}
