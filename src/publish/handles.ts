/**
 * What a record can be found by at its provider, in a log or in a repository: ids of jobs and receipts, tags, commits. None of it may
 * stand in an anonymous archive, also not where nobody would look for it, as in a raw result.
 */

import { fromBase64, fromUtf8 } from '../core/bytes.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../core/json.ts';
import type { ExecutionRecord } from '../record/schema.ts';

/** Shorter ones, and words, stand anywhere by chance. */
const SHORTEST = 8;
const WORD = /^[A-Za-z_ ]+$/;

/** @param record as its owner signed it */
export function handlesOf({ record, source, execution }: ExecutionRecord): ReadonlySet<string> {
  const { job_id: job, session_id: session, primitive_id: primitive, tags, binding } = execution.job;
  const { runtime, provenance } = (binding ?? {}) as { runtime?: JsonValue; provenance?: JsonValue };
  const bound = isJsonObject(runtime ?? null)
    ? (runtime as { job_id?: JsonValue; session_id?: JsonValue })
    : {};
  const said = [
    job,
    session,
    primitive,
    tags,
    bound.job_id,
    bound.session_id,
    provenance,
    source as JsonValue,
  ];
  const own = [
    record.record_id,
    record.hash,
    record.public_key ?? '',
    ...withheldIn(execution as unknown as JsonObject),
  ];
  const texts = [...said.flatMap((value) => [...textsIn(value)]), ...own];
  return new Set(
    [...texts, ...texts.flatMap(partsOf)].filter((text) => text.length >= SHORTEST && !WORD.test(text)),
  );
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

/** The first member of a record that holds one, by its path; of a list, the list's. */
export function findHandle(value: JsonValue, handles: ReadonlySet<string>, path = ''): string | undefined {
  if (typeof value === 'string') return holdsHandle(value, handles) ? path : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [name, member] of Object.entries(value)) {
    const own = Array.isArray(value) ? path : path === '' ? name : `${path}.${name}`;
    const found = holdsHandle(name, handles) ? own : findHandle(member as JsonValue, handles, own);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Also within the base64 of what a result wraps. @param bytes an artifact's */
export function holdsHandleIn(bytes: Uint8Array, handles: ReadonlySet<string>): boolean {
  const text = fromUtf8(bytes) ?? latin1(bytes);
  if (holdsHandle(text, handles)) return true;
  return [...text.matchAll(/[A-Za-z0-9+/]{24,}={0,2}/g)].some(([piece]) => {
    const inner = fromBase64(piece);
    return inner !== undefined && holdsHandle(latin1(inner), handles);
  });
}

function holdsHandle(text: string, handles: ReadonlySet<string>): boolean {
  for (const handle of handles) if (text.includes(handle)) return true;
  return false;
}

/** Each byte a character: ids are ASCII, whatever else stands around them. */
function latin1(bytes: Uint8Array): string {
  return new TextDecoder('latin1').decode(bytes);
}
