/** An evidence bundle to a verdict: the record, and whatever stands beside it about this very record. */

import { readReceipts } from '../attest/read-receipts.ts';
import { isSigstoreBundle, keyHint, readSigstoreBundle } from '../attest/sigstore-bundle.ts';
import { type Bytes, equalBytes, fromBase64 } from '../core/bytes.ts';
import { digestOf } from '../core/digest.ts';
import { DOCUMENT, isDeeper, type JsonObject } from '../core/json.ts';
import { ed25519Spki } from '../core/spki.ts';
import { parseTime } from '../core/time.ts';
import { namedDigests } from '../record/named-digests.ts';
import { isNewerRecord, readRecord } from '../record/read-record.ts';
import type { ExecutionRecord } from '../record/schema.ts';
import { type JudgedAnchor, judgeAnchor } from './anchor-checks.ts';
import { bindingChecks, bindingOf } from './binding-checks.ts';
import {
  BUNDLE_V1,
  decodeArtifact,
  type EvidenceBundle,
  type ForeignReceipt,
  inOrder,
  readBundle,
  readKey,
} from './bundle.ts';
import { demandedOfBundle } from './bundle-demands.ts';
import { type Check, type Found, found, makeCheck, type Verdict } from './check.ts';
import { executedCheck } from './executed-check.ts';
import type { ReadObject } from './held-objects.ts';
import { type JudgedStatement, judgeStatement } from './judge-statement.ts';
import { consistencyCheck } from './log-checks.ts';
import { orderCheck } from './order-check.ts';
import { plausibilityChecks } from './plausibility-check.ts';
import type { PolicySigner } from './policy.ts';
import { receiptChecks } from './receipt-checks.ts';
import { checkRecord } from './record-checks.ts';
import { samplesCheck } from './samples-check.ts';
import { judgeCertificate, type Signed } from './signatories.ts';
import { stampCheck } from './stamp-checks.ts';
import { carryKeys, findRecordSigner, skewOf, type Trust } from './trust.ts';
import { describeTime, earliest, type TrustedTime } from './trusted-time.ts';
import { formatCheck, judge, malformed, newer, notProvenOf } from './verdict.ts';
import type { Means } from './verify.ts';

/** @param value for which `isBundleLike` holds */
export async function verifyBundle(
  value: JsonObject,
  trust: Trust,
  now: number,
  means: Means,
): Promise<Verdict> {
  if (value.mediaType !== BUNDLE_V1) return newer('bundle', String(value.mediaType));
  const { value: bundle, fault } = readBundle(value);
  if (fault !== undefined) return malformed('bundle', fault, 'format.shape');
  const version = bundle.record.schema_version;
  if (isNewerRecord(version)) return newer('bundle', `it holds a record ${String(version)}`);
  if (isDeeper(bundle.record, DOCUMENT.depth))
    return malformed('bundle', `record: nested deeper than ${DOCUMENT.depth}`, 'json.depth');
  const { value: record, fault: misshapen } = readRecord(bundle.record);
  if (misshapen !== undefined) return malformed('bundle', `record: ${misshapen}`, 'format.shape');
  const asked = withCarriedKeys(trust, bundle);
  const read = await judgeParts(bundle, record, asked, means);
  if (typeof read === 'string') return malformed('bundle', read, 'format.shape');
  const anchors = judgeAnchors(bundle, record, read, asked);
  if (typeof anchors === 'string') return malformed('bundle', anchors, 'format.shape');
  const dated = read.map((part) => dateByAnchors(part, anchors));
  const judged = dated.map((part) => shareTime(part, dated));
  const own = signerOf(record, trust);
  const about = await checkRecord(record, asked, now, earliest(timesBy(judged, own)));
  const checks = [
    formatCheck('bundle.format', 'pass', `evidence bundle 1, record ${record.schema_version}`),
    ...about,
    ...samplesCheck(record, bundle.artifacts, means.inflate),
    ...(await executedCheck(record, bundle.artifacts)),
    ...plausibilityChecks(record, about, trust, { ...means, readObject: readHeld(bundle, means) }),
    checkArtifacts(bundle, record),
    ...judged.flatMap(tellApart),
    ...consistencyCheck(judged.flatMap(({ statement }) => statement?.heads ?? [])),
    ...checkStrayStamps(bundle),
    ...checkStrayKeys(bundle, record),
    ...anchors.flatMap(tellAnchorApart),
    ...bindingChecks(
      record,
      judged.flatMap(({ statement }) => statement ?? []),
    ),
    ...checkTimes(record, judged, anchors, trust),
  ];
  const signer = findSigner(about, judged);
  return judge({
    subject: {
      kind: 'bundle',
      version: '1',
      record_id: record.record.record_id,
      hash: record.record.hash,
    },
    checks: [
      ...checks,
      ...demandedOfBundle({ checks, parts: judged, anchors }, holdsAll(bundle, record), trust),
    ],
    trust,
    signer: signer?.check,
    name: signer?.name ?? own?.name,
    notProven: notProvenOf(record),
  });
}

/** A policy never sees them. */
function withCarriedKeys(trust: Trust, { keys }: EvidenceBundle): Trust {
  return trust.kind === 'policy'
    ? trust
    : { ...trust, carried: carryKeys(inOrder(keys).map((key) => readKey(key)!)) };
}

/** A statement or receipt of the bundle, judged as one of this record's. */
export interface JudgedPart {
  readonly checks: readonly Check[];
  /** The statement that it is; undefined for a receipt that came without one. */
  readonly statement?: JudgedStatement;
  /** Whether it is about the bundle's very record. */
  readonly matches: boolean;
}

/** A bundle holds several alike: each check says which one it is about. */
function tellApart({ checks, statement }: JudgedPart): Check[] {
  const part = statement === undefined ? 'a receipt' : `${ABOUT[statement.about]}, ${statement.signed.by}`;
  return checks.map((check) => ({ ...check, part }));
}

const ABOUT = {
  record: 'record’s statement',
  receipt: 'receipt’s statement',
  other: 'statement of something else',
  unread: 'statement',
} as const;

function tellAnchorApart({ checks, block, ofRecord }: JudgedAnchor): Check[] {
  const part = `anchor of ${ofRecord ? 'the record' : 'a log'}${block === undefined ? '' : ` in block ${block}`}`;
  return checks.map((check) => ({ ...check, part }));
}

async function judgeParts(
  bundle: EvidenceBundle,
  record: ExecutionRecord,
  trust: Trust,
  means: Means,
): Promise<readonly JudgedPart[] | string> {
  const parts: JudgedPart[] = [];
  for (const [index, statement] of inOrder(bundle.statements).entries()) {
    if (!isSigstoreBundle(statement)) return `statements.${index}: not a Sigstore bundle`;
    const { value, fault, code } = await judgeStatement(statement, trust, means, (signature) =>
      stampsOver(bundle, signature),
    );
    if (code === 'format.newer') parts.push(newerPart(fault));
    else if (fault !== undefined) return `statements.${index}: ${fault}`;
    else parts.push(matchStatement(value, record));
  }
  for (const receipt of inOrder(bundle.receipts as readonly (ForeignReceipt & JsonObject)[]))
    parts.push(await judgeForeignReceipt(receipt, record, trust, means));
  return parts;
}

function judgeAnchors(
  { anchors }: EvidenceBundle,
  { record }: ExecutionRecord,
  parts: readonly JudgedPart[],
  trust: Trust,
): readonly JudgedAnchor[] | string {
  const heads = parts.flatMap(({ statement }) => statement?.heads ?? []);
  const judged: JudgedAnchor[] = [];
  for (const [index, anchor] of inOrder(anchors).entries()) {
    const { value, fault } = judgeAnchor(anchor, record.hash, heads, trust);
    if (fault !== undefined) return `anchors.${index}: ${fault}`;
    judged.push(value);
  }
  return judged;
}

/** A pinned block dates what is in the tree that it holds. */
function dateByAnchors(part: JudgedPart, anchors: readonly JudgedAnchor[]): JudgedPart {
  const { statement } = part;
  const times = anchors.flatMap(({ time, covers }) =>
    time !== undefined && statement?.heads.some((head) => covers.includes(head)) ? [time] : [],
  );
  if (statement === undefined || times.length === 0) return part;
  return { ...part, statement: { ...statement, times: [...statement.times, ...times] } };
}

/** Not known here, and shown: it spoils nothing that other parts show. */
function newerPart(what: string): JudgedPart {
  return { checks: [formatCheck('statement.format', 'unknown', what, 'format.newer')], matches: false };
}

function matchStatement(statement: JudgedStatement, record: ExecutionRecord): JudgedPart {
  const mismatch = findMismatch(statement, record);
  if (mismatch === undefined)
    return { statement, checks: statement.checks, matches: statement.record !== undefined };
  const id = statement.about === 'receipt' ? 'receipt.subject' : 'statement.subject';
  const checks = statement.checks.map((check) => (check.id === id ? { ...check, ...mismatch } : check));
  return { statement, checks, matches: false };
}

/** Evidence of something else is no evidence of this, however well it is signed. */
function findMismatch(
  { about, stated, payload, receipts }: JudgedStatement,
  record: ExecutionRecord,
): Found | undefined {
  if (about === 'record' && stated !== undefined && stated !== record.record.hash)
    return found('fail', `it states another record, ${stated}`, 'statement.record');
  if (about !== 'receipt') return undefined;
  const digest = digestOf(payload!);
  const named = [record.source?.receipt?.statement, bindingOf(record)?.provenance.aiir_statement];
  if (!named.includes(digest))
    return found('fail', 'the record does not name this receipt', 'receipt.record');
  return findCommitMismatch(receipts?.found[0]?.receipt.commitSha, record);
}

function findCommitMismatch(commit: string | undefined, { source }: ExecutionRecord): Found | undefined {
  return source?.commit === undefined || source.commit === commit
    ? undefined
    : found('fail', `the record names commit ${source.commit}`, 'receipt.commit');
}

async function judgeForeignReceipt(
  receipt: ForeignReceipt,
  record: ExecutionRecord,
  trust: Trust,
  { keyless }: Means,
): Promise<JudgedPart> {
  const bytes = decodeArtifact(receipt)!;
  const signed: Signed | undefined =
    receipt.signature === undefined
      ? undefined
      : await judgeCertificate(receipt.signature, bytes, trust, keyless);
  const read = readReceipts(bytes);
  const mismatch =
    record.source?.receipt?.file === digestOf(bytes)
      ? findCommitMismatch(read.value?.found[0]?.receipt.commitSha, record)
      : found('fail', 'the record does not name this receipt', 'receipt.record');
  const checks = receiptChecks(read, signed).map((check) =>
    check.id === 'receipt.subject' && mismatch !== undefined ? { ...check, ...mismatch } : check,
  );
  return { checks, matches: false };
}

/** What the bundle holds, and only then what lies beside it. */
function readHeld({ artifacts }: EvidenceBundle, { readObject }: Means): ReadObject {
  return (digest) =>
    Object.hasOwn(artifacts, digest) ? decodeArtifact(artifacts[digest]!) : readObject?.(digest);
}

function checkArtifacts({ artifacts }: EvidenceBundle, record: ExecutionRecord): Check {
  return makeCheck('artifact.digest', 'SHA-256', findArtifacts(artifacts, record));
}

function findArtifacts(artifacts: EvidenceBundle['artifacts'], record: ExecutionRecord): Found {
  const named = namedDigests(record);
  const held = Object.entries(artifacts);
  for (const [digest, artifact] of held) {
    if (digestOf(decodeArtifact(artifact)!) !== digest)
      return found('fail', `what stands under ${digest} has another digest`, 'artifact.digest');
    if (!named.has(digest as never))
      return found('fail', `the record does not name ${digest}`, 'artifact.stranger');
  }
  if (held.length === 0) return found('absent', `none of the ${named.size} that the record names`);
  return found('pass', `${held.length} of the ${named.size} that the record names`);
}

function holdsAll({ artifacts }: EvidenceBundle, record: ExecutionRecord): boolean {
  return [...namedDigests(record)].every((digest) => Object.hasOwn(artifacts, digest));
}

/** Who is trusted and signed exactly this: the record's own signer, or one of a statement of it. */
function findSigner(
  checks: readonly Check[],
  parts: readonly JudgedPart[],
): { readonly check: Check; readonly name?: string | undefined } | undefined {
  const own = checks.find(({ id }) => id === 'record.signer');
  if (own?.status === 'pass') return { check: own };
  for (const { statement, matches, checks: stated } of parts) {
    const check = stated.find(({ id, status }) => id === 'statement.signer' && status === 'pass');
    if (matches && check !== undefined) return { check, name: statement?.signed.name };
  }
  return own === undefined ? undefined : { check: own };
}

function signerOf({ record }: ExecutionRecord, trust: Trust): PolicySigner | undefined {
  return trust.kind === 'policy' && record.public_key !== null
    ? findRecordSigner(trust.policy, record.public_key)
    : undefined;
}

function stampsOver({ timestamps }: EvidenceBundle, signature: Bytes): readonly Bytes[] {
  const digest = digestOf(signature);
  return timestamps.filter(({ over }) => over === digest).map(({ rfc3161 }) => fromBase64(rfc3161)!);
}

/** A stamp over nothing that is here would look like evidence, and is none. */
function checkStrayStamps({ timestamps, statements }: EvidenceBundle): Check[] {
  const signatures = new Set(
    statements.flatMap((statement) => {
      const { value } = isSigstoreBundle(statement) ? readSigstoreBundle(statement) : {};
      return value?.kind === 'keyed' ? [digestOf(value.envelope.signature)] : [];
    }),
  );
  const stray = timestamps.find(({ over }) => !signatures.has(over));
  if (stray === undefined) return [];
  return [stampCheck(found('fail', `no statement here has the signature ${stray.over}`, 'timestamp.stray'))];
}

/**
 * A key beside the one that signed, of the same algorithm, is not the signer's: whoever put it there may hope that someone takes
 * it for theirs. A key of an algorithm by which nothing here is signed makes up a signer's identity, and may stay; so may all
 * of them where the statements were cut away.
 */
function checkStrayKeys({ keys, statements }: EvidenceBundle, { record }: ExecutionRecord): Check[] {
  const signed = statements.flatMap(keyOfStatement);
  if (signed.length < statements.length || signed.length === 0) return [];
  // What is no key at all is `record.signature`'s to say.
  const own = fromBase64(record.public_key ?? '');
  if (own !== undefined) signed.push({ algorithm: 'ed25519', hint: keyHint(ed25519Spki(own)) });
  const stray = keys
    .map((key) => readKey(key)!)
    .find(
      ({ algorithm, spki }) =>
        signed.some((by) => by.algorithm === algorithm) && !signed.some((by) => by.hint === keyHint(spki)),
    );
  if (stray === undefined) return [];
  const result = found('fail', `no signature here is by key ${keyHint(stray.spki)}`, 'bundle.stray-key');
  return [makeCheck('bundle.keys', 'SHA-256', result)];
}

/** DER of two 32-byte integers; an ML-DSA-65 signature has 3,309 bytes. */
const MAX_P256_SIGNATURE = 72;

function keyOfStatement(statement: JsonObject): { readonly algorithm: string; readonly hint: string }[] {
  const { value } = isSigstoreBundle(statement) ? readSigstoreBundle(statement) : {};
  if (value?.kind !== 'keyed') return [];
  const { signature, keyid: hint } = value.envelope;
  return [{ algorithm: signature.length <= MAX_P256_SIGNATURE ? 'p256' : 'ml-dsa-65', hint }];
}

/**
 * What dates a payload dates each signature over it, but only where the same signer made both: else a stranger who dates an old
 * payload would date someone's key.
 */
export function shareTime(part: JudgedPart, parts: readonly JudgedPart[]): JudgedPart {
  const { statement } = part;
  const author = statement?.signed.key?.signer;
  if (statement?.payload === undefined || author === undefined) return part;
  const siblings = parts.filter(
    (other) =>
      other.statement?.payload !== undefined &&
      other.statement.signed.key?.signer === author &&
      equalBytes(other.statement.payload, statement.payload!),
  );
  const time = earliest(siblings.flatMap((other) => other.statement!.times));
  if (time === undefined) return part;
  const what = statement.about === 'receipt' ? 'receipt' : 'record';
  const signer = statement.signed.signer(what, time);
  const id = what === 'receipt' ? 'receipt.signer' : 'statement.signer';
  return { ...part, checks: part.checks.map((check) => (check.id === id ? { ...check, ...signer } : check)) };
}

/** By when the record existed, as far as statements of this signer are dated. */
function timesBy(parts: readonly JudgedPart[], author: PolicySigner | undefined): readonly TrustedTime[] {
  return author === undefined
    ? []
    : timesOf(parts.filter(({ statement }) => statement?.signed.key?.signer === author));
}

function timesOf(parts: readonly JudgedPart[]): readonly TrustedTime[] {
  return parts.filter(({ matches }) => matches).flatMap(({ statement }) => statement!.times);
}

function checkTimes(
  record: ExecutionRecord,
  parts: readonly JudgedPart[],
  anchors: readonly JudgedAnchor[],
  trust: Trust,
): Check[] {
  const submitted = anchors.flatMap(({ ofRecord, time }) => (ofRecord && time !== undefined ? [time] : []));
  const time = earliest([...timesOf(parts), ...submitted]);
  const declared = earliest(
    parts
      .filter(({ statement }) => statement?.about === 'receipt')
      .flatMap(({ statement }) => statement!.times),
  );
  return [
    ...(time === undefined ? [] : [existedCheck(record, time, trust)]),
    ...(declared === undefined ? [] : [orderCheck(record, declared, trust)]),
  ];
}

function existedCheck({ record }: ExecutionRecord, time: TrustedTime, trust: Trust): Check {
  const early = time.ms < parseTime(record.created_at)! - skewOf(trust);
  return makeCheck(
    'time.existed_by',
    time.source,
    early
      ? found('unknown', `${describeTime(time)}: before the record says it was made`, 'time.too-early')
      : found('pass', describeTime(time)),
  );
}
