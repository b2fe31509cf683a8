/**
 * The manifest of a publication, version 1: which records stand behind which figure, and the digest of every file beside it.
 *
 *     {"mediaType":"application/vnd.qpoe.publication.v1+json","publication":{"title","authors","license","date",…},"keys":[SPKI],
 *      "figures":[{"name":"fig2","records":["sha256:…"]}],"records":[{"record_id","hash","bundle"}],
 *      "files":[{"path","digest","size"}],"external":[{"digest","size"}],"withheld":["receipts"]}
 *
 * The file is its canonical JSON. It is signed as an in-toto Statement whose one subject it is, and whose predicate it is: as with
 * a record, there is one payload for a manifest. The signer's keys are inside, so that no one can sign another's under their own.
 */

import * as z from 'zod/mini';
import { STATEMENT_TYPE } from '../attest/statement.ts';
import { type Bytes, concatenate, toHex, utf8 } from '../core/bytes.ts';
import { DIGEST_PATTERN, type Digest, sha256 } from '../core/digest.ts';
import { PUBLICATION_PREDICATE } from '../core/identifiers.ts';
import { canonicalBytes, canonicalText } from '../core/jcs.ts';
import {
  isJsonObject,
  JsonError,
  type JsonObject,
  type JsonValue,
  parseJsonBytes,
  WRAPPED,
} from '../core/json.ts';
import { printable } from '../core/printable.ts';
import { checkShape, listOf, type Shaped } from '../core/shape.ts';
import { parseTime } from '../core/time.ts';
import { readKey } from '../verify/bundle.ts';

export const MANIFEST_V1 = 'application/vnd.qpoe.publication.v1+json';
export const MANIFEST_PATH = 'manifest.json';
/** What the manifest's own digest stands in, and so can't be named by it: it is made from the manifest alone. */
export const PAPER_PATH = 'paper.txt';
/** By the algorithm of the key. */
export const STATEMENT_PATHS = {
  p256: 'manifest.p256.sigstore.json',
  'ml-dsa-65': 'manifest.ml-dsa-65.sigstore.json',
} as const;
const FAMILY = /^application\/vnd\.qpoe\.publication\.v([1-9]\d{0,3})\+json$/;

export const MOST_RECORDS = 20_000;
const MOST_FILES = 50_000;
const MOST_FIGURES = 1000;
export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** Names stand in reports, in commands and in a crate's identifiers. */
export const FIGURE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
export const LICENSE_ID = /^[A-Za-z0-9][A-Za-z0-9.+-]{0,63}$/;
export const ORCID = /^\d{4}-\d{4}-\d{4}-\d{3}[\dX]$/;
export const DOI = /^10\.\d{4,9}\/[!-~]{1,200}$/;

const digest = z.string().check(z.regex(DIGEST_PATTERN)) as unknown as z.ZodMiniType<Digest>;
/** A title with a terminal's commands in it would be carried out by whoever cites it. */
const text = z.string().check(
  z.minLength(1),
  z.maxLength(4000),
  z.refine((line) => printable(line, 4000) === line, 'not one line of printable text'),
);
const size = z.int().check(z.nonnegative());
const key = z
  .string()
  .check(z.refine((spki) => readKey(spki) !== undefined, 'not the base64 of a signing key’s SPKI'));
const day = z
  .string()
  .check(z.refine((date) => parseTime(`${date}T00:00:00Z`) !== undefined, 'no such day in the calendar'));
const limited = <T extends z.core.SomeType>(item: T, most: number) => listOf(item).check(z.maxLength(most));

export const manifestSchema = z.strictObject({
  mediaType: z.literal(MANIFEST_V1),
  /** What is cited. */
  publication: z.strictObject({
    title: text,
    authors: limited(
      z.strictObject({ name: text, orcid: z.optional(z.string().check(z.regex(ORCID))) }),
      1000,
    ),
    /** An SPDX identifier. */
    license: z.string().check(z.regex(LICENSE_ID)),
    date: day,
    description: z.optional(text),
    doi: z.optional(z.string().check(z.regex(DOI))),
  }),
  /** The signer's SPKIs, base64, untrusted until a policy or fingerprint matches them. */
  keys: limited(key, 3),
  figures: limited(
    z.strictObject({
      name: z.string().check(z.regex(FIGURE_NAME)),
      records: limited(digest, MOST_RECORDS).check(z.minLength(1)),
    }),
    MOST_FIGURES,
  ),
  records: limited(
    z.strictObject({ record_id: z.string().check(z.regex(UUID)), hash: digest, bundle: text }),
    MOST_RECORDS,
  ).check(z.minLength(1)),
  /** Every file but the manifest, its statements and `paper.txt`. */
  files: limited(z.strictObject({ path: text, digest, size }), MOST_FILES),
  /** Artifacts that are handed over beside the archive. */
  external: limited(z.strictObject({ digest, size }), MOST_FILES),
  /** What was left out on purpose. */
  withheld: limited(text, 100),
  /** A one-off identity signs; whose it is stands here behind a salted digest. */
  anonymous: z.optional(z.strictObject({ identity: z.strictObject({ withheld: digest }) })),
});

export type Manifest = z.infer<typeof manifestSchema>;
export type Publication = Manifest['publication'];

export type ReadManifest =
  | { readonly value: Manifest; readonly fault?: never; readonly code?: never }
  | { readonly fault: string; readonly code: string; readonly value?: never };

/** Canonical to the byte: two texts of one manifest would be two subjects. */
export function readManifest(bytes: Uint8Array): ReadManifest {
  let value: JsonValue;
  try {
    value = parseJsonBytes(bytes, WRAPPED);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return { fault: error.message, code: error.code };
  }
  const mediaType = isJsonObject(value) ? value.mediaType : undefined;
  if (typeof mediaType === 'string' && mediaType !== MANIFEST_V1 && FAMILY.test(mediaType))
    return { fault: mediaType, code: 'format.newer' };
  const { value: manifest, fault } = checkManifest(value);
  if (fault !== undefined) return { fault, code: 'format.shape' };
  return toHex(sha256(canonicalBytes(value))) === toHex(sha256(bytes))
    ? { value: manifest }
    : { fault: 'not canonical JSON', code: 'format.canonical' };
}

function checkManifest(value: JsonValue): Shaped<Manifest> {
  const { fault } = checkShape(manifestSchema, value);
  if (fault !== undefined) return { fault };
  const manifest = value as unknown as Manifest;
  const contradiction = findContradiction(manifest);
  return contradiction === undefined ? { value: manifest } : { fault: contradiction };
}

/** What its shape can't say: no name twice, and nothing that leads nowhere. */
function findContradiction({ keys, figures, records, files }: Manifest): string | undefined {
  const hashes = new Set(records.map(({ hash }) => hash));
  const paths = new Set(files.map(({ path }) => path));
  const twice =
    firstTwice(keys.map((spki) => readKey(spki)!.algorithm)) ??
    firstTwice(figures.map(({ name }) => name)) ??
    firstTwice(records.map(({ hash }) => hash)) ??
    firstTwice(records.map(({ record_id: id }) => id)) ??
    firstTwice(records.map(({ bundle }) => bundle)) ??
    firstTwice(files.map(({ path }) => path)) ??
    figures.map(({ records: own }) => firstTwice(own)).find((one) => one !== undefined);
  if (twice !== undefined) return `${twice} stands there twice`;
  const stray = figures.flatMap(({ records: own }) => own).find((hash) => !hashes.has(hash));
  if (stray !== undefined) return `a figure names ${stray}, which is none of the records`;
  const lost = records.find(({ bundle }) => !paths.has(bundle));
  return lost === undefined ? undefined : `${lost.bundle} is none of the files`;
}

function firstTwice(names: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return names.find((name) => seen.size === seen.add(name).size);
}

export function manifestBytes(manifest: Manifest): Bytes {
  return canonicalBytes(manifest as unknown as JsonObject);
}

/** The one payload that states this manifest. @param manifest its canonical bytes */
export function publicationStatement(manifest: Uint8Array): Bytes {
  const subject = [{ digest: { sha256: toHex(sha256(manifest)) }, name: MANIFEST_PATH }];
  return concatenate([
    utf8(`{"_type":${JSON.stringify(STATEMENT_TYPE)},"predicate":`),
    manifest,
    utf8(`,"predicateType":${JSON.stringify(PUBLICATION_PREDICATE)},"subject":${canonicalText(subject)}}`),
  ]);
}
