/** Mutations that know the form of what they mutate: JSON and the documents inside it, lines, RLP, CBOR, words, bytes. */

import { decode, encode, rfc8949EncodeOptions } from 'cborg';
import fc from 'fast-check';
import { decodeRlp, encodeRlp, isList, type RlpItem } from '../src/anchor/rlp.ts';
import { type Bytes, concatenate, utf8 } from '../src/core/bytes.ts';
import { edit, get, type Json, paths, SUBSTITUTES, variants } from '../test/mutations.ts';
import type { Target } from './fuzz-targets.ts';
import { MEGABYTE, mutateBytes, pick, type Random } from './fuzzing.ts';

type Form = Target['form'];
type Mutate = (random: Random, bytes: Uint8Array, other: Uint8Array) => Uint8Array;

const MUTATE: Readonly<Record<Form, Mutate>> = {
  json: mutateJson,
  lines: mutateLines,
  word: mutateWord,
  bytes: mutateChunks,
  rlp: mutateRlp,
  cbor: mutateCbor,
};

/** One of the seeds, changed: mostly by its form, now and then byte by byte; a megabyte at most. */
export function mutate(random: Random, { form, seeds }: Pick<Target, 'form' | 'seeds'>): Bytes {
  const [seed, other] = [pick(random, seeds), pick(random, seeds)];
  const kind = random(10);
  const mutated = kind === 0 ? mutateBytes(random, seed) : MUTATE[form](random, seed, other);
  const twice = kind === 1 ? mutateBytes(random, mutated) : mutated;
  return Uint8Array.from(twice.subarray(0, MEGABYTE));
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

function parse(bytes: Uint8Array): Json | undefined {
  try {
    return JSON.parse(text(bytes)) as Json;
  } catch {
    return undefined;
  }
}

/** Values of every kind, and text of every plane, that fast-check thinks of. */
const VALUES: readonly Json[] = fc.sample(fc.jsonValue({ maxDepth: 3 }), { numRuns: 200, seed: 1 }) as Json[];
const TEXTS: readonly string[] = fc.sample(fc.string({ unit: 'binary' }), { numRuns: 200, seed: 2 });

function mutateJson(random: Random, bytes: Uint8Array, other: Uint8Array): Uint8Array {
  const value = parse(bytes);
  if (value === undefined) return mutateWord(random, bytes, other);
  const edited = mutateValue(random, value, parse(other) ?? null);
  const written = JSON.stringify(edited, undefined, random(4) === 0 ? 1 : 0) ?? 'null';
  return utf8(random(8) === 0 ? mutateSpelling(random, written) : written);
}

function mutateValue(random: Random, value: Json, other: Json): Json {
  let edited = value;
  for (let edits = 1 + random(3); edits > 0; edits--) {
    const all = [...paths(edited)];
    if (all.length === 0) return pick(random, VALUES);
    const path = pick(random, all);
    edited = edit(edited, path, (parent, name) => changeMember(random, parent, name, other));
  }
  return edited;
}

function changeMember(random: Random, parent: Record<string, Json>, name: string, other: Json): void {
  const kind = random(9);
  if (kind < 7) parent[name] = substitute(random, kind, parent[name]!, other);
  else if (!Array.isArray(parent)) changeNames(random, parent, name);
  else if (kind === 7) parent.splice(Number(name), 1);
  else parent.push(parent[Number(name)]!);
}

function changeNames(random: Random, parent: Record<string, Json>, name: string): void {
  if (random(2) === 0) delete parent[name];
  else parent[pick(random, NAMES)] = parent[name]!;
}

function substitute(random: Random, kind: number, value: Json, other: Json): Json {
  switch (kind) {
    case 0:
      return pick(random, SUBSTITUTES);
    case 1:
      return pick(random, [...variants(value), null]);
    case 2:
      return pick(random, VALUES);
    case 3:
      return borrow(random, other);
    case 4:
      return wrap(value, 1 + random(80));
    case 5:
      return Array.isArray(value) ? Array(random(300)).fill(value[0] ?? 0) : pick(random, TEXTS);
    default:
      return typeof value === 'string' ? mutateInner(random, value) : pick(random, NUMBERS);
  }
}

const NAMES = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '',
  '0',
  'length',
  'then',
  '\u0000',
  'é',
  '\ud83d\ude00',
  'extra',
];
const NUMBERS: readonly Json[] = [
  0,
  -0,
  1e-7,
  1e21,
  5e-324,
  1.7976931348623157e308,
  2 ** 53,
  -(2 ** 53),
  0.1,
  1e16,
];

function borrow(random: Random, other: Json): Json {
  const all = [...paths(other)];
  return all.length === 0 ? other : structuredClone(get(other, pick(random, all)));
}

function wrap(value: Json, depth: number): Json {
  return depth === 0 ? value : wrap(depth % 2 === 0 ? [value] : { a: value }, depth - 1);
}

/** A text that is a document of its own, as it is or in base64, is mutated as that. */
function mutateInner(random: Random, value: string): Json {
  const decoded = Buffer.from(value, 'base64');
  const encoded = value.length > 8 && decoded.toString('base64') === value;
  const bytes = encoded ? decoded : Buffer.from(value);
  const mutated =
    bytes[0] === 0x7b
      ? mutateJson(random, bytes, bytes)
      : encoded
        ? mutateBytes(random, bytes)
        : mutateLines(random, bytes, bytes);
  return encoded ? Buffer.from(mutated).toString('base64') : text(mutated);
}

/** What no parsed value has: names twice, numbers and escapes spelled otherwise, commas too many. */
function mutateSpelling(random: Random, written: string): string {
  const [from, to] = pick(random, [
    [/"(\w+)":/, '"$1":0,"$1":'],
    [/(\d+)/, '$1.0'],
    [/(\d+)/, '$1e0'],
    [/(\d+)/, '-0'],
    [/(\d+)/, '1'.repeat(1 + random(400))],
    [/(\d+)/, '1e999'],
    [/"(\w)/, '"\\u00e9$1'],
    [/"(\w)/, '"\\ud800$1'],
    [/,/, ',,'],
    [/\}/, ',}'],
    [/:/, ' : \t\n'],
    [/null|true|false/, 'NaN'],
    [/^/, '\ufeff'],
    [/$/, '\n\n'],
    [/$/, '0'],
  ] as const);
  const at = random(written.length);
  return written.slice(0, at) + written.slice(at).replace(from, to);
}

const PIECES = [
  '\n',
  '\n\n',
  ' ',
  '\t',
  '— ',
  '+',
  '/',
  '=',
  'all',
  'none',
  '0',
  '-1',
  '18446744073709551616',
  '\r',
  '\0',
  'é',
  '[',
  ']',
  '"',
  "'",
  '{',
  '}',
  '#',
  '.',
  '[[a]]',
  'a.b = 1',
  '\ud800',
];

function mutateLines(random: Random, bytes: Uint8Array, other: Uint8Array): Uint8Array {
  const lines = text(bytes).split('\n');
  const others = text(other).split('\n');
  for (let edits = 1 + random(4); edits > 0; edits--) {
    const at = random(lines.length);
    const kind = random(7);
    if (kind === 0) lines.splice(at, 1);
    else if (kind === 1) lines.splice(at, 0, pick(random, others));
    else if (kind === 2) lines.splice(at, 0, lines[at] ?? '');
    else if (kind === 3) lines.splice(at, 0, lines.splice(random(lines.length), 1)[0] ?? '');
    else if (kind === 4) lines[at] = text(mutateWord(random, utf8(lines[at] ?? ''), other));
    else if (kind === 5) lines[at] = mutateItems(random, lines[at] ?? '', others);
    else lines.splice(at, 0, pick(random, TEXTS));
  }
  return utf8(lines.join('\n'));
}

/** What stands between blanks in a line. */
function mutateItems(random: Random, line: string, others: readonly string[]): string {
  const items = line.split(' ');
  const at = random(items.length);
  if (random(2) === 0) items[at] = pick(random, pick(random, others).split(' '));
  else items[at] = text(mutateWord(random, utf8(items[at] ?? ''), utf8(line)));
  return items.join(' ');
}

function mutateWord(random: Random, bytes: Uint8Array, other: Uint8Array): Uint8Array {
  let word = text(bytes);
  for (let edits = 1 + random(3); edits > 0; edits--) {
    const at = random(word.length + 1);
    const kind = random(5);
    if (kind === 0) word = word.slice(0, at) + word.slice(at + 1 + random(4));
    else if (kind === 1) word = word.slice(0, at) + pick(random, PIECES) + word.slice(at);
    else if (kind === 2) word = word.slice(0, at) + text(other).slice(random(other.length + 1));
    else if (kind === 3)
      word = word.slice(0, at) + word.slice(at, at + 8).repeat(1 + random(40)) + word.slice(at);
    else
      word =
        word.slice(0, at) + String.fromCharCode(random(random(4) === 0 ? 0x10000 : 128)) + word.slice(at + 1);
  }
  return utf8(word);
}

function mutateChunks(random: Random, bytes: Uint8Array, other: Uint8Array): Uint8Array {
  const at = random(bytes.length + 1);
  const kind = random(5);
  if (kind === 0) return mutateBytes(random, bytes);
  if (kind === 1) return concatenate([bytes.subarray(0, at), other.subarray(random(other.length + 1))]);
  if (kind === 2) return concatenate([bytes.subarray(0, at), bytes.subarray(random(bytes.length + 1))]);
  if (kind === 3) return concatenate([bytes.subarray(0, at), Uint8Array.of(random(256)), bytes.subarray(at)]);
  return bytes.subarray(0, at);
}

function mutateRlp(random: Random, bytes: Uint8Array, other: Uint8Array): Uint8Array {
  const [typed, body] =
    bytes[0]! < 0xc0
      ? [bytes.subarray(0, 1), bytes.slice(1)]
      : [bytes.subarray(0, 0), Uint8Array.from(bytes)];
  const { value } = decodeRlp(body);
  if (value === undefined || random(3) === 0) return mutateChunks(random, bytes, other);
  const item = decodeRlp(Uint8Array.from(other)).value ?? value;
  return concatenate([typed, encodeRlp(mutateItem(random, value, item, 0))]);
}

function mutateItem(random: Random, item: RlpItem, other: RlpItem, depth: number): RlpItem {
  if (isList(item) && item.length > 0 && (depth === 0 || random(3) > 0)) {
    const at = random(item.length);
    const kind = random(5);
    if (kind === 0) return item.toSpliced(at, 1);
    if (kind === 1) return item.toSpliced(at, 0, item[at]!);
    return item.with(at, mutateItem(random, item[at]!, other, depth + 1));
  }
  const kind = random(5);
  if (kind === 0) return [item];
  if (kind === 1) return other;
  if (kind === 2) return new Uint8Array(random(70));
  return isList(item) ? [] : Uint8Array.from(mutateBytes(random, item));
}

function mutateCbor(random: Random, bytes: Uint8Array, other: Uint8Array): Uint8Array {
  if (random(3) === 0) return mutateChunks(random, bytes, other);
  const value = decode(bytes) as Json;
  return encode(mutateValue(random, value, value), rfc8949EncodeOptions);
}
