/**
 * Whose an anonymous archive is, shown later. The archive's manifest holds the identity's fingerprint behind a salted digest; the
 * link opens it, and the identity signs the link: neither can anyone claim another's archive, nor be said to have made one.
 *
 *     {"mediaType":"application/vnd.qpoe.link.v1+json","keys":[SPKI],"statements":[Sigstore bundles]}
 *
 * Both of the identity's statement keys sign it, as they sign a reproduction, and it is of every record of the archive: only who signed
 * them anew can open the original of each.
 * The statement's one subject is the archive's manifest; its predicate
 * {"identity":{"salt","value":"sha256:…"},"records":[{"record":"sha256:…","original":{"salt","value":"sha256:…"}}]}.
 */

import * as z from 'zod/mini';
import { isSigstoreBundle, keyHint, readSigstoreBundle } from '../attest/sigstore-bundle.ts';
import { readStatement, statementBytes } from '../attest/statement.ts';
import { type Bytes, equalBytes } from '../core/bytes.ts';
import { DIGEST_PATTERN, type Digest } from '../core/digest.ts';
import { LINK_PREDICATE } from '../core/identifiers.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../core/json.ts';
import { checkShape, listOf } from '../core/shape.ts';
import type { ExecutionRecord } from '../record/schema.ts';
import { readKey } from '../verify/bundle.ts';
import { type Check, found } from '../verify/check.ts';
import type { StatementMeans } from '../verify/judge-statement.ts';
import { statementCheck } from '../verify/statement-checks.ts';
import type { Trust } from '../verify/trust.ts';
import { judgeCarried } from './judge-carried.ts';
import { MANIFEST_PATH, type Manifest } from './manifest.ts';
import { readKeys } from './policy-keys.ts';
import { type Opening, openingDigest } from './republish.ts';
import { signerOf } from './signer-of.ts';

export const LINK_V1 = 'application/vnd.qpoe.link.v1+json';

const digest = z.string().check(z.regex(DIGEST_PATTERN));
const opening = z.strictObject({ salt: z.string(), value: digest });
const key = z.string().check(z.refine((text) => readKey(text) !== undefined, 'not a signing key’s SPKI'));

export const linkSchema = z.strictObject({
  mediaType: z.literal(LINK_V1),
  keys: listOf(key).check(z.minLength(3), z.maxLength(3)),
  /** By the P-256 and the ML-DSA-65 key, in that order. */
  statements: listOf(z.record(z.string(), z.unknown())).check(z.minLength(2), z.maxLength(2)),
});

const ALGORITHMS = ['ed25519', 'p256', 'ml-dsa-65'];

const claimSchema = z.strictObject({
  identity: opening,
  records: listOf(z.strictObject({ record: digest, original: opening })),
});

/** What the identity signs. */
export interface LinkClaim {
  /** Of the identity's fingerprint. */
  readonly identity: Opening;
  readonly records: readonly { readonly record: Digest; readonly original: Opening }[];
}

/** @param manifest the digest of the archive's */
export function linkPayload(manifest: Digest, claim: LinkClaim): Bytes {
  const subject = [{ digest: { sha256: manifest.slice('sha256:'.length) }, name: MANIFEST_PATH }];
  return statementBytes(LINK_PREDICATE, subject, claim as unknown as JsonObject);
}

export interface LinkedArchive {
  readonly manifest: Manifest;
  readonly digest: Digest;
  /** The records of its bundles. */
  readonly records: readonly ExecutionRecord[];
}

export interface JudgedLink {
  readonly checks: readonly Check[];
  /** Why it shows nothing about this archive. */
  readonly fault?: string;
  /** The identity's fingerprint, where the link opens it. */
  readonly identity?: string;
}

/** @param value JSON whose `mediaType` is `LINK_V1` */
export async function judgeLink(
  value: JsonValue,
  archive: LinkedArchive,
  trust: Trust,
  means: StatementMeans,
): Promise<JudgedLink> {
  const { value: link, fault } = checkShape(linkSchema, value);
  if (link === undefined) return { checks: [], fault };
  const keys = readKeys(link.keys);
  if (keys.some(({ algorithm }, at) => algorithm !== ALGORITHMS[at]))
    return { checks: [], fault: `keys: not ${ALGORITHMS.join(', ')}, in that order` };
  const checks: Check[] = [];
  const claims: LinkClaim[] = [];
  for (const [at, statement] of (link.statements as JsonObject[]).entries()) {
    const judged = isSigstoreBundle(statement)
      ? await judgeCarried(statement, keys, trust, means)
      : { fault: 'not a Sigstore bundle' };
    if (judged.fault !== undefined) return { checks, fault: judged.fault };
    const { payload, checks: own } = judged.value!;
    // The one who signs must be the one who is named, by both keys: else whoever breaks one algorithm claims what is another's.
    const { value: bundle } = readSigstoreBundle(statement);
    const hint = bundle?.kind === 'keyed' ? bundle.envelope.keyid : undefined;
    if (hint !== keyHint(keys[at + 1]!.spki))
      return {
        checks,
        fault: `statement ${at} is not by the ${ALGORITHMS[at + 1]} key that the link carries`,
      };
    if (payload === undefined) return { checks: [...checks, ...own], fault: explainUnread(own) };
    const claim = readClaim(payload, archive.digest);
    if (typeof claim === 'string') return { checks: [...checks, ...own], fault: claim };
    claims.push(claim);
    checks.push(
      ...own.map((check) =>
        check.id === 'statement.subject' ? statementCheck('subject', found('pass', archive.digest)) : check,
      ),
    );
  }
  const [claim, other] = claims as [LinkClaim, LinkClaim];
  if (!equalBytes(linkPayload(archive.digest, claim), linkPayload(archive.digest, other)))
    return { checks, fault: 'its two statements claim two things' };
  const wrong = findClaimFault(claim, signerOf(link), archive);
  return wrong === undefined ? { checks, identity: String(claim.identity.value) } : { checks, fault: wrong };
}

function explainUnread(checks: readonly Check[]): string {
  return checks.find(({ id }) => id === 'statement.signature')!.evidence;
}

/** @param payload bytes whose signature holds */
function readClaim(payload: Bytes, manifest: Digest): LinkClaim | string {
  const { value: statement, fault } = readStatement(payload);
  if (statement === undefined) return fault;
  if (statement.predicateType !== LINK_PREDICATE || !isJsonObject(statement.predicate))
    return `predicate ${statement.predicateType} is no link`;
  const { fault: misshapen } = checkShape(claimSchema, statement.predicate);
  if (misshapen !== undefined) return `the link: ${misshapen}`;
  const claim = statement.predicate as unknown as LinkClaim;
  return equalBytes(payload, linkPayload(manifest, claim)) ? claim : 'it links another archive';
}

function findClaimFault(
  { identity, records }: LinkClaim,
  signer: Digest,
  { manifest, records: held }: LinkedArchive,
): string | undefined {
  if (manifest.anonymous === undefined) return 'the archive is not anonymous';
  if (openingDigest(identity) !== manifest.anonymous.identity.withheld)
    return 'it does not open the identity that the archive withholds';
  if (identity.value !== signer) return 'it opens another identity than the one whose keys it carries';
  // A link of fewer would be one of whoever packed another's records into an archive of their own.
  const named = new Set<string>(records.map(({ record }) => record));
  const unclaimed = manifest.records.find(({ hash }) => !named.has(hash));
  if (unclaimed !== undefined) return `it does not claim ${unclaimed.hash}, which the archive holds`;
  if (records.length !== manifest.records.length) return 'it claims records that the archive does not hold';
  const byHash = new Map(held.map((record) => [record.record.hash, record]));
  for (const { record: hash, original } of records) {
    const { republished } = (byHash.get(hash)?.execution.environment ?? {}) as { republished?: JsonObject };
    const withheld = (republished?.original as JsonObject | undefined)?.withheld;
    if (withheld !== openingDigest(original)) return `it does not open the original of ${hash}`;
  }
  return undefined;
}
