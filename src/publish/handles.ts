/**
 * What a record can be found by at its provider, in a log or in a repository: ids of jobs and receipts, tags, commits. None of it may
 * stand in an anonymous archive, also not where nobody would look for it, as in a raw result.
 */

import { fromBase64, fromHex, utf8 } from '../core/bytes.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../core/json.ts';
import type { ExecutionRecord } from '../record/schema.ts';
import { OPEN_SECTIONS } from './republish.ts';

/** Shorter ones stand anywhere by chance, and so do words that a provider gave; a tag that is a word was chosen by its owner. */
const SHORTEST = 8;
const WORD = /^[A-Za-z_ ]+$/;

/** @param record as its owner signed it. @returns each as it is searched for: folded */
export function handlesOf({ record, source, workload, execution }: ExecutionRecord): ReadonlySet<string> {
  const { job_id: job, session_id: session, primitive_id: primitive, tags, binding } = execution.job;
  const { runtime, provenance } = (binding ?? {}) as { runtime?: JsonValue; provenance?: JsonValue };
  const bound = isJsonObject(runtime ?? null)
    ? (runtime as { job_id?: JsonValue; session_id?: JsonValue })
    : {};
  const said = [job, session, primitive, bound.job_id, bound.session_id, provenance, source as JsonValue];
  const own = [
    record.record_id,
    record.hash,
    record.public_key ?? '',
    ...withheldIn(execution as unknown as JsonObject),
  ];
  const chosen = [...textsIn(tags)];
  const ids = [...said.flatMap((value) => [...textsIn(value)]), ...own];
  const told = [workload.sdk, execution.backend].map(fold);
  return searched([
    ...ids.filter((text) => !WORD.test(text)),
    ...[...ids, ...chosen].flatMap(partsOf),
    // What the record says anyway leads nowhere.
    ...chosen.filter((tag) => !told.some((text) => text.includes(fold(tag)))),
  ]);
}

/** Texts as `holdsHandleIn` and `findHandle` look for them. */
export function searched(texts: readonly string[]): ReadonlySet<string> {
  return new Set(texts.map(fold).filter((text) => text.length >= SHORTEST));
}

/** A tag holds a digest or a log's name behind a word: `aiir:sha256:…`, `tlog:3@origin`. */
function partsOf(text: string): string[] {
  return [/[0-9a-f]{40,64}$/.exec(text)?.[0], /^tlog:\d+@(.+)$/.exec(text)?.[1]].filter(
    (part) => part !== undefined,
  );
}

/** Digests of what was withheld there: fresh salt makes each as good as a name. */
function* withheldIn(value: JsonValue): Generator<string> {
  if (typeof value !== 'object' || value === null) return;
  if (isJsonObject(value) && typeof value.withheld === 'string') yield value.withheld;
  for (const member of Object.values(value)) yield* withheldIn(member as JsonValue);
}

function* textsIn(value: JsonValue | undefined): Generator<string> {
  if (typeof value === 'string') yield value;
  if (typeof value !== 'object' || value === null) return;
  for (const member of Object.values(value)) yield* textsIn(member as JsonValue);
}

/** Where members' names are anyone's: elsewhere they are the schema's, and a tag may well be called `calibration`. */
const OPEN_NAMES: ReadonlySet<string> = new Set([
  ...OPEN_SECTIONS,
  'parameters',
  // Of a program: its circuit's inputs.
  'values',
  'layout',
]);

/** The first member of a record that holds one, by its path; of whatever stands in a list, the list's. */
export function findHandle(
  value: JsonValue,
  handles: ReadonlySet<string>,
  path = '',
  isOpen = false,
): string | undefined {
  if (typeof value === 'string') return holdsHandleIn(utf8(value), handles) ? path : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [name, member] of Object.entries(value)) {
    const own = Array.isArray(value) ? path : path === '' ? name : `${path}.${name}`;
    if (isOpen && holdsHandleIn(utf8(name), handles)) return own;
    const found = findHandle(member as JsonValue, handles, own, isOpen || OPEN_NAMES.has(name));
    if (found !== undefined) return Array.isArray(value) ? path : found;
  }
  return undefined;
}

/** A pattern that runs over many megabytes of one kind overflows the engine's stack. */
const WINDOW = 2 ** 20;
/** More than any handle, however it is written, takes. */
const OVERLAP = 2 ** 16;

/**
 * Also in other capitals, in UTF-16, behind JSON's escapes, and within base64 (of either alphabet, broken into lines, after a path)
 * and hex, one in the other. What is compressed is not searched.
 * @param bytes an artifact's, or a text's @param handles as `searched` gives them
 */
export function holdsHandleIn(bytes: Uint8Array, handles: ReadonlySet<string>): boolean {
  for (let at = 0; at === 0 || at + OVERLAP < bytes.length; at += WINDOW - OVERLAP)
    if (holdsHandle(latin1(bytes.subarray(at, at + WINDOW)), handles, DEEPEST)) return true;
  return false;
}

/** So often may one be wrapped: in base64 in JSON in base64. */
const DEEPEST = 3;

function holdsHandle(text: string, handles: ReadonlySet<string>, depth: number): boolean {
  const compact = withoutEscapes(text);
  const forms = [text.toLowerCase(), compact.toLowerCase()];
  for (const handle of handles) if (forms.some((form) => form.includes(handle))) return true;
  return depth > 0 && unwrap(compact).some((inner) => holdsHandle(inner, handles, depth - 1));
}

/** What a text is searched as, and for. */
const fold = (text: string): string => withoutEscapes(latin1(utf8(text))).toLowerCase();

const ESCAPED = /(?:\\u[0-9a-f]{4}){1,1000}/gi;

/** Without blanks, line ends and the zero bytes of UTF-16, and with the characters that JSON's escapes stand for. */
function withoutEscapes(text: string): string {
  return text
    .replace(/\\+/g, '\\')
    .replace(ESCAPED, (run) => {
      const units = run.slice(2).split(/\\u/i);
      return latin1(utf8(String.fromCharCode(...units.map((unit) => Number.parseInt(unit, 16)))));
    })
    .replace(/\\[nrtbf]|[\\\s\0]/g, '');
}

/** What its runs of base64 and hex hold, wherever in a run that begins. */
function unwrap(text: string): readonly string[] {
  const sixes = text.match(/[A-Za-z0-9+/_-]{11,}/g) ?? [];
  const hexes = text.toLowerCase().match(/[0-9a-f]{16,}/g) ?? [];
  return [
    ...[0, 1, 2, 3].map((offset) => joined(sixes.map((run) => fromSixes(run.slice(offset))))),
    ...[0, 1].map((offset) => joined(hexes.map((run) => fromHex(even(run.slice(offset)))!))),
  ].filter((inner) => inner !== '');
}

const even = (run: string): string => run.slice(0, run.length - (run.length % 2));

/** A run that was cut anywhere; what it lacks is filled up with zero bits. */
function fromSixes(run: string): Uint8Array {
  const filled = run.replaceAll('-', '+').replaceAll('_', '/');
  return fromBase64(filled.padEnd(Math.ceil(filled.length / 4) * 4, 'A'))!;
}

const joined = (pieces: readonly Uint8Array[]): string => pieces.map(latin1).join('\u00ff');

/** Each byte a character, whatever it means. */
function latin1(bytes: Uint8Array): string {
  return new TextDecoder('latin1').decode(bytes);
}
