/**
 * What someone found who ran an archive's records again: version 1.
 *
 *     {"mediaType":"application/vnd.qpoe.reproduction.v1+json",
 *      "reproduction":{"archive":"sha256:…","by":"sha256:…","at":"…Z","qpoe":"0.1.0",
 *                      "sdks":{"qiskit":{"backends":["aer_simulator"],"packages":{"qiskit":"2.1.0"}}},"statistics":{"tests":12,"threshold":0.001},
 *                      "records":[{"record_id":"…","hash":"sha256:…","outcome":"identical","sdk":"qiskit"}]},
 *      "keys":[SPKI],"statements":[Sigstore bundles]}
 *
 * Both of the identity's statement keys sign `reproduction` as an in-toto Statement whose one subject is the archive's manifest. `by` is
 * the fingerprint of the three keys and stands inside what is signed: nobody can put their keys on another's work, or take half of the signatures away.
 * It names no host, path or person, and why a record was not run again stands there as a code: an SDK's own words may hold all three.
 */

import * as z from 'zod/mini';
import { isSigstoreBundle, keyHint, readSigstoreBundle } from '../attest/sigstore-bundle.ts';
import { IN_TOTO_PAYLOAD, statementBytes } from '../attest/statement.ts';
import { type Bytes, equalBytes, toHex, utf8 } from '../core/bytes.ts';
import { DIGEST_PATTERN, type Digest, sha256 } from '../core/digest.ts';
import { REPRODUCTION_PREDICATE } from '../core/identifiers.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../core/json.ts';
import { checkShape, listOf, membersOf, type Shaped } from '../core/shape.ts';
import { parseTime } from '../core/time.ts';
import { readKey } from '../verify/bundle.ts';
import { MANIFEST_PATH, MOST_RECORDS, UUID } from './manifest.ts';
import { signerOf } from './signer-of.ts';

export const REPRODUCTION_V1 = 'application/vnd.qpoe.reproduction.v1+json';
/** Where an archive holds those of others. */
export const REPRODUCTIONS_FOLDER = 'reproductions/';

/** Closed, as what is signed has to mean the same to everyone. */
export const NOT_REPLAYED = {
  imported: 'the job ran at its provider, and was imported from there',
  captured: 'the job ran in a process of its own, whose settings no record holds in full',
  supplied: 'its results were supplied as files, and qpoe ran nothing',
  'sdk-unknown': 'the version of qpoe that ran the others knows no such SDK',
  'sdk-missing': 'its SDK was not usable there',
  unread: 'it is of a form that the version of qpoe that ran the others can’t read',
  'not-replayable': 'its circuit, seed or observables are not here, or could not be run',
  failed: 'the SDK failed, or took too long',
} as const;
export type NotReplayed = keyof typeof NOT_REPLAYED;

const digest = z.string().check(z.regex(DIGEST_PATTERN)) as unknown as z.ZodMiniType<Digest>;
const name = z.string().check(z.minLength(1), z.maxLength(200));
const key = z.string().check(z.refine((text) => readKey(text) !== undefined, 'not a signing key’s SPKI'));
const time = z
  .string()
  .check(z.refine((text) => parseTime(text) !== undefined, 'not a time as RFC 3339 has it, in UTC'));
const share = z.number().check(z.minimum(0), z.maximum(1));
const named = { record_id: z.string().check(z.regex(UUID)), hash: digest };

const replayedSchema = z.strictObject({
  ...named,
  /** What the record says it ran on, and it was run on again: one of `sdks`. */
  sdk: name,
  /** `identical` to the shot or digit; `consistent`, `different` or `unknown` by statistics. */
  outcome: z.enum(['identical', 'consistent', 'different', 'unknown']),
  /** The least p-value of its programs, as it counts among all tests; absent where nothing could be tested. */
  p_adjusted: z.optional(share),
  /** Of the program that is furthest off, and what shot noise alone makes it. */
  total_variation: z.optional(z.strictObject({ value: share, shot_noise: share })),
});

const notReplayedSchema = z.strictObject({
  ...named,
  outcome: z.literal('not_replayed'),
  reason: z.enum(Object.keys(NOT_REPLAYED) as [NotReplayed, ...NotReplayed[]]),
});

const findingsSchema = z.strictObject({
  /** The digest of the archive's manifest: the statement's subject. */
  archive: digest,
  /** The fingerprint of who ran it. */
  by: digest,
  /** When the last was run, by that one's clock. */
  at: time,
  /** The version of this program. */
  qpoe: name,
  /** What ran, by the names of SDKs. */
  sdks: membersOf(name, z.strictObject({ backends: listOf(name), packages: membersOf(name, name) })),
  statistics: z.strictObject({
    /** How many there were, for Holm's rule: of all records together, or some of many would differ by chance. */
    tests: z.int().check(z.nonnegative()),
    threshold: share,
  }),
  records: listOf(z.union([replayedSchema, notReplayedSchema])).check(
    z.minLength(1),
    z.maxLength(MOST_RECORDS),
  ),
});

export const reproductionSchema = z.strictObject({
  mediaType: z.literal(REPRODUCTION_V1),
  reproduction: findingsSchema,
  /** The signer's SPKIs: Ed25519, P-256, ML-DSA-65. */
  keys: listOf(key).check(z.minLength(3), z.maxLength(3)),
  /** By the P-256 and the ML-DSA-65 key, in that order. */
  statements: listOf(z.record(z.string(), z.unknown())).check(z.minLength(2), z.maxLength(2)),
});

export type Findings = z.infer<typeof findingsSchema>;
export type ReproducedRecord = Findings['records'][number];
export type Reproduction = Omit<z.infer<typeof reproductionSchema>, 'statements'> & {
  readonly statements: readonly JsonObject[];
};

const ALGORITHMS = ['ed25519', 'p256', 'ml-dsa-65'];

export function readReproduction(value: JsonValue): Shaped<Reproduction> {
  if (!isJsonObject(value) || value.mediaType !== REPRODUCTION_V1)
    return { fault: `its mediaType is not ${REPRODUCTION_V1}` };
  const { fault } = checkShape(reproductionSchema, value);
  if (fault !== undefined) return { fault };
  const reproduction = value as unknown as Reproduction;
  const contradiction = findContradiction(reproduction);
  return contradiction === undefined ? { value: reproduction } : { fault: contradiction };
}

function findContradiction({ keys, reproduction, statements }: Reproduction): string | undefined {
  const { by, sdks, records } = reproduction;
  if (keys.some((spki, at) => readKey(spki)!.algorithm !== ALGORITHMS[at]))
    return `keys: not ${ALGORITHMS.join(', ')}, in that order`;
  if (signerOf({ keys: [...keys] }) !== by) return 'by: another identity than the one whose keys it carries';
  const seen = new Set<string>();
  const twice = records.find(({ hash }) => seen.size === seen.add(hash).size);
  if (twice !== undefined) return `records: ${twice.hash} stands there twice`;
  const nowhere = records.find((one) => one.outcome !== 'not_replayed' && !Object.hasOwn(sdks, one.sdk));
  if (nowhere !== undefined) return `sdks: not what ${nowhere.record_id} was run on`;
  const payload = reproductionPayload(reproduction);
  return statements
    .map((statement, at) => findOther(statement, keyHint(readKey(keys[at + 1]!)!.spki), payload))
    .find((fault) => fault !== undefined);
}

/** Whether its signature holds is for a verifier to say. @param hint of the key that it must be by */
function findOther(statement: JsonObject, hint: string, payload: Bytes): string | undefined {
  const { value: bundle, fault } = isSigstoreBundle(statement)
    ? readSigstoreBundle(statement)
    : { fault: 'not a Sigstore bundle' };
  if (bundle === undefined) return `statements: ${fault}`;
  if (bundle.kind !== 'keyed' || bundle.envelope.keyid !== hint)
    return 'statements: one is by another key than it carries';
  const { payload: stated, payloadType } = bundle.envelope;
  return payloadType === IN_TOTO_PAYLOAD && equalBytes(stated, payload)
    ? undefined
    : 'statements: one states other findings than these';
}

/** The one payload that states these findings. */
export function reproductionPayload(findings: Findings): Bytes {
  const subject = [{ digest: { sha256: findings.archive.slice('sha256:'.length) }, name: MANIFEST_PATH }];
  return statementBytes(REPRODUCTION_PREDICATE, subject, findings as unknown as JsonObject);
}

export function reproductionBytes({ mediaType, reproduction, keys, statements }: Reproduction): Bytes {
  return utf8(`${JSON.stringify({ mediaType, reproduction, keys, statements }, null, 1)}\n`);
}

/** By what it states: the same findings can't stand in an archive twice, as if two had found them. */
export function reproductionPath(findings: Findings): string {
  return `${REPRODUCTIONS_FOLDER}${toHex(sha256(reproductionPayload(findings)))}.json`;
}

export type Tally = Readonly<Record<ReproducedRecord['outcome'], number>>;

export function tallyOf(records: readonly Pick<ReproducedRecord, 'outcome'>[]): Tally {
  const tally = { identical: 0, consistent: 0, different: 0, unknown: 0, not_replayed: 0 };
  for (const { outcome } of records) tally[outcome] += 1;
  return tally;
}

const WORDS: Readonly<Record<ReproducedRecord['outcome'], string>> = {
  identical: 'identical',
  consistent: 'consistent',
  different: 'different',
  unknown: 'can’t be said',
  not_replayed: 'not replayed',
};

/** `3 identical, 1 not replayed`. */
export function describeTally(tally: Tally): string {
  return (Object.keys(WORDS) as (keyof Tally)[])
    .filter((outcome) => tally[outcome] > 0)
    .map((outcome) => `${tally[outcome]} ${WORDS[outcome]}`)
    .join(', ');
}
