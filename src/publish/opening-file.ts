/**
 * A withheld value, opened: a file that anyone can hold against the record, whose signature is over the digest.
 *
 *     {"mediaType":"application/vnd.qpoe.opening.v1+json","record":"sha256:…","path":"execution.job.submitter","salt":"…","value":…}
 */

import * as z from 'zod/mini';
import { fromBase64 } from '../core/bytes.ts';
import { DIGEST_PATTERN, type Digest } from '../core/digest.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../core/json.ts';
import { checkShape, type Shaped } from '../core/shape.ts';
import type { ExecutionRecord } from '../record/schema.ts';
import { openingDigest } from './republish.ts';

export const OPENING_V1 = 'application/vnd.qpoe.opening.v1+json';

/** Records keep salts as base64, and those of captures as hex: either way they are text in what is hashed. */
const salt = z
  .string()
  .check(z.refine((text) => /^[0-9a-f]{64}$/.test(text) || fromBase64(text)?.length === 32, 'not 32 bytes'));

export const openingSchema = z.strictObject({
  mediaType: z.literal(OPENING_V1),
  /** The record's hash. */
  record: z.string().check(z.regex(DIGEST_PATTERN)),
  /** Where `{"withheld":…}` stands in it: member names and list positions, with dots between them. */
  path: z.string().check(z.minLength(1), z.maxLength(1000)),
  salt,
  value: z.unknown(),
});

export interface OpeningFile {
  readonly mediaType: typeof OPENING_V1;
  readonly record: Digest;
  readonly path: string;
  readonly salt: string;
  readonly value: JsonValue;
}

export function readOpening(value: JsonValue): Shaped<OpeningFile> {
  const { fault } = checkShape(openingSchema, value);
  if (fault !== undefined) return { fault };
  return isJsonObject(value) && Object.hasOwn(value, 'value')
    ? { value: value as unknown as OpeningFile }
    : { fault: 'value: missing' };
}

/** What a record withholds: where, and its digest. */
export interface WithheldAt {
  readonly path: string;
  readonly digest: Digest;
}

export function listWithheld(record: ExecutionRecord): readonly WithheldAt[] {
  return [...walk(record as unknown as JsonObject, '')];
}

function* walk(value: JsonValue, path: string): Generator<WithheldAt> {
  if (typeof value !== 'object' || value === null) return;
  const { withheld } = value as { readonly withheld?: JsonValue };
  const isDigest = typeof withheld === 'string' && DIGEST_PATTERN.test(withheld);
  if (isDigest && Object.keys(value).length === 1) yield { path, digest: withheld as Digest };
  else
    for (const [name, member] of Object.entries(value))
      yield* walk(member as JsonValue, path === '' ? name : `${path}.${name}`);
}

/** Undefined where the value is the one that the record withholds. */
export function findOpeningFault(opening: OpeningFile, record: ExecutionRecord): string | undefined {
  if (opening.record !== record.record.hash) return `it opens a value of record ${opening.record}`;
  // A name may hold a dot, so that one path may lead to two places.
  const places = listWithheld(record).filter(({ path }) => path === opening.path);
  if (places.length === 0) return `the record withholds nothing at ${opening.path}`;
  const digest = openingDigest(opening);
  return places.some((place) => place.digest === digest)
    ? undefined
    : `the value is not the one withheld at ${opening.path}: its digest is another`;
}
