/**
 * The evidence bundle (`*.qpoe.json`), version 1: everything that a reviewer needs in one file, and no trust (docs/format.md).
 *
 *     {"mediaType":"application/vnd.qpoe.bundle.v1+json","record":{…},"artifacts":{"sha256:…":{"encoding":"utf8","data":"…"}},
 *      "statements":[Sigstore bundles],"receipts":[],"keys":["base64 SPKI"],"timestamps":[],"anchors":[]}
 *
 * Written as canonical JSON, each list in the order of its members' canonical text and without duplicates: the same parts
 * give the same bytes.
 */

import * as z from 'zod/mini';
import { type Bytes, fromBase64, fromUtf8, toBase64, utf8 } from '../core/bytes.ts';
import { DIGEST_PATTERN, type Digest } from '../core/digest.ts';
import { canonicalText } from '../core/jcs.ts';
import type { JsonObject, JsonValue } from '../core/json.ts';
import { checkShape, listOf, membersOf, type Shaped } from '../core/shape.ts';
import { isSpki, type KeyAlgorithm } from '../core/spki.ts';

export const BUNDLE_V1 = 'application/vnd.qpoe.bundle.v1+json';
const FAMILY = /^application\/vnd\.qpoe\.bundle\.v([1-9]\d{0,3})\+json$/;

/** How many of each: more than any honest bundle has, and few enough to judge. */
const MOST = 64;
const MOST_ARTIFACTS = 100_000;

const object = z.record(z.string(), z.unknown());
const list = listOf(object).check(z.maxLength(MOST));
const artifact = z
  .strictObject({ encoding: z.enum(['utf8', 'base64']), data: z.string() })
  .check(z.refine((value) => decodeArtifact(value) !== undefined, 'data that is not of its encoding'));
const foreignReceipt = z
  .strictObject({ encoding: z.enum(['utf8', 'base64']), data: z.string(), signature: z.optional(object) })
  .check(z.refine((value) => decodeArtifact(value) !== undefined, 'data that is not of its encoding'));
const timestamp = z.strictObject({
  /** Of the signature that was stamped. */
  over: z.string().check(z.regex(DIGEST_PATTERN)),
  rfc3161: z.string().check(z.refine((text) => fromBase64(text) !== undefined, 'not canonical base64')),
});
const key = z
  .string()
  .check(z.refine((text) => readKey(text) !== undefined, 'not the base64 of a signing key’s SPKI'));

export const bundleSchema = z.strictObject({
  mediaType: z.literal(BUNDLE_V1),
  record: object,
  artifacts: membersOf(z.string().check(z.regex(DIGEST_PATTERN)), artifact).check(
    z.refine((all) => Object.keys(all).length <= MOST_ARTIFACTS, `more than ${MOST_ARTIFACTS} artifacts`),
  ),
  statements: list,
  receipts: listOf(foreignReceipt).check(z.maxLength(MOST)),
  keys: listOf(key).check(z.maxLength(MOST)),
  timestamps: listOf(timestamp).check(z.maxLength(MOST)),
  anchors: list,
});

export interface Artifact {
  readonly encoding: 'utf8' | 'base64';
  readonly data: string;
}

/** A receipt that came without a statement, as it came, with the Sigstore bundle that lay beside it. */
export interface ForeignReceipt extends Artifact {
  readonly signature?: JsonObject;
}

/** An authority's RFC 3161 answer over an envelope's signature. */
export interface Timestamp {
  /** Of the signature's bytes. */
  readonly over: Digest;
  /** `TimeStampResp`, base64. */
  readonly rfc3161: string;
}

/** As it stands in the file. Everything in it is evidence, and nothing is trusted. */
export interface EvidenceBundle {
  readonly mediaType: typeof BUNDLE_V1;
  readonly record: JsonObject;
  readonly artifacts: { readonly [digest: Digest]: Artifact };
  readonly statements: readonly JsonObject[];
  readonly receipts: readonly ForeignReceipt[];
  /** SPKIs, base64. */
  readonly keys: readonly string[];
  readonly timestamps: readonly Timestamp[];
  readonly anchors: readonly JsonObject[];
}

/** Whether JSON says that it is an evidence bundle, of whatever version. */
export function isBundleLike(value: JsonValue): value is JsonObject {
  const mediaType = (value as JsonObject | null)?.mediaType;
  return typeof mediaType === 'string' && FAMILY.test(mediaType);
}

/** The very value that was parsed, once it has a bundle's shape. @param value for which `isBundleLike` holds */
export function readBundle(value: JsonObject): Shaped<EvidenceBundle> {
  const { fault } = checkShape(bundleSchema, value);
  if (fault !== undefined) return { fault };
  const bundle = value as unknown as EvidenceBundle;
  // zod passes over `__proto__`, also as a name.
  return Object.keys(bundle.artifacts).every((digest) => DIGEST_PATTERN.test(digest))
    ? { value: bundle }
    : { fault: 'artifacts: a name that is no digest' };
}

/** What goes into a bundle. */
export interface BundleParts {
  readonly record: JsonObject;
  readonly artifacts: ReadonlyMap<Digest, Uint8Array>;
  readonly statements: readonly JsonObject[];
  readonly receipts: readonly ForeignReceipt[];
  /** SPKIs. */
  readonly keys: readonly Uint8Array[];
  readonly timestamps: readonly Timestamp[];
  readonly anchors: readonly JsonObject[];
}

/** The file of a bundle: canonical, so that the same parts give the same bytes. It judges nothing. */
export function writeBundle({
  record,
  artifacts,
  statements,
  receipts,
  keys,
  timestamps,
  anchors,
}: BundleParts): Bytes {
  const bundle: JsonObject = {
    mediaType: BUNDLE_V1,
    record,
    artifacts: Object.fromEntries(
      [...artifacts].map(([digest, bytes]) => [digest, { ...encodeArtifact(bytes) }]),
    ),
    statements: inOrder(statements),
    receipts: inOrder(receipts as readonly (ForeignReceipt & JsonObject)[]),
    keys: inOrder(keys.map(toBase64)),
    timestamps: inOrder(timestamps as readonly (Timestamp & JsonObject)[]),
    anchors: inOrder(anchors),
  };
  return utf8(`${canonicalText(bundle)}\n`);
}

/** Without duplicates: what stands twice in a bundle counts once. */
export function inOrder<T extends JsonValue>(values: readonly T[]): T[] {
  const byText = new Map(values.map((value) => [canonicalText(value), value]));
  return [...byText.keys()].sort().map((text) => byText.get(text)!);
}

/** Text stands as text, so that a person can read it in the bundle. */
export function encodeArtifact(bytes: Uint8Array): Artifact {
  const text = fromUtf8(bytes);
  return text === undefined
    ? { encoding: 'base64', data: toBase64(bytes) }
    : { encoding: 'utf8', data: text };
}

/** The artifact's bytes; undefined where its data isn't of its encoding. */
export function decodeArtifact({ encoding, data }: Artifact): Bytes | undefined {
  return encoding === 'utf8' ? utf8(data) : fromBase64(data);
}

const ALGORITHMS: readonly KeyAlgorithm[] = ['ed25519', 'p256', 'ml-dsa-65'];

export function readKey(
  text: string,
): { readonly algorithm: KeyAlgorithm; readonly spki: Bytes } | undefined {
  const spki = fromBase64(text);
  const algorithm = spki && ALGORITHMS.find((name) => isSpki(name, spki));
  return spki === undefined || algorithm === undefined ? undefined : { algorithm, spki };
}
