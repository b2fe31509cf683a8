/** An evidence bundle to a verdict: the record, and whatever stands beside it about this very record. */

import { readReceipts } from '../attest/read-receipts.ts';
import { isSigstoreBundle } from '../attest/sigstore-bundle.ts';
import { digestOf } from '../core/digest.ts';
import type { JsonObject } from '../core/json.ts';
import { namedDigests } from '../record/named-digests.ts';
import { readRecord } from '../record/read-record.ts';
import type { ExecutionRecord } from '../record/schema.ts';
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
import type { Check, Verdict } from './check.ts';
import { type JudgedStatement, judgeStatement } from './judge-statement.ts';
import { receiptChecks } from './receipt-checks.ts';
import { checkRecord } from './record-checks.ts';
import { judgeCertificate, type Signed } from './signatories.ts';
import { type Found, found } from './signature-checks.ts';
import { carryKeys, findRecordSigner, type Trust } from './trust.ts';
import { formatCheck, judge, malformed, newer } from './verdict.ts';
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
  const { value: record, fault: misshapen } = readRecord(bundle.record);
  if (misshapen !== undefined) return malformed('bundle', `record: ${misshapen}`, 'format.shape');
  const asked = withCarriedKeys(trust, bundle);
  const judged = await judgeParts(bundle, record, asked, means);
  if (typeof judged === 'string') return malformed('bundle', judged, 'format.shape');
  const about = await checkRecord(record, asked, now);
  const checks = [
    formatCheck('bundle.format', 'pass', `evidence bundle 1, record ${record.schema_version}`),
    ...about,
    checkArtifacts(bundle, record),
    ...judged.flatMap((part) => part.checks),
    ...unjudged(bundle),
  ];
  const signer = findSigner(about, judged);
  return judge({
    subject: {
      kind: 'bundle',
      version: '1',
      record_id: record.record.record_id,
      hash: record.record.hash,
    },
    checks: [...checks, ...demandedOfBundle(checks, judged, holdsAll(bundle, record), trust)],
    trust,
    signer: signer?.check,
    name: signer?.name ?? nameOf(record, trust),
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

async function judgeParts(
  bundle: EvidenceBundle,
  record: ExecutionRecord,
  trust: Trust,
  means: Means,
): Promise<readonly JudgedPart[] | string> {
  const parts: JudgedPart[] = [];
  for (const [index, statement] of inOrder(bundle.statements).entries()) {
    if (!isSigstoreBundle(statement)) return `statements.${index}: not a Sigstore bundle`;
    const { value, fault } = await judgeStatement(statement, trust, means.keyless);
    if (fault !== undefined) return `statements.${index}: ${fault}`;
    parts.push(matchStatement(value, record));
  }
  for (const receipt of bundle.receipts) parts.push(await judgeForeignReceipt(receipt, record, trust, means));
  return parts;
}

function matchStatement(statement: JudgedStatement, record: ExecutionRecord): JudgedPart {
  const mismatch = findMismatch(statement, record);
  if (mismatch === undefined)
    return { statement, checks: statement.checks, matches: statement.about === 'record' };
  const id = statement.about === 'receipt' ? 'receipt.subject' : 'statement.subject';
  const checks = statement.checks.map((check) => (check.id === id ? { ...check, ...mismatch } : check));
  return { statement, checks, matches: false };
}

/** Evidence of something else is no evidence of this, however well it is signed. */
function findMismatch(
  { about, record: stated, payload, receipts }: JudgedStatement,
  record: ExecutionRecord,
): Found | undefined {
  if (about === 'record' && stated !== undefined && stated.record.hash !== record.record.hash)
    return found('fail', `it states another record, ${stated.record.hash}`, 'statement.record');
  if (about !== 'receipt') return undefined;
  const named = record.source?.receipt?.statement;
  if (named !== digestOf(payload!))
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

function checkArtifacts({ artifacts }: EvidenceBundle, record: ExecutionRecord): Check {
  return {
    id: 'artifact.digest',
    claim: 'Every artifact here is the one that the record names.',
    relies_on: 'SHA-256',
    ...findArtifacts(artifacts, record),
  };
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

/** What later versions judge, and this one can't. */
function unjudged({ timestamps, anchors }: EvidenceBundle): Check[] {
  const unknown = (id: string, what: string): Check => ({
    id,
    claim: `The ${what} hold.`,
    relies_on: 'your policy',
    ...found('unknown', `this version of qpoe does not judge ${what}`, 'format.unjudged'),
  });
  return [
    ...(timestamps.length > 0 ? [unknown('time.existed_by', 'time stamps')] : []),
    ...(anchors.length > 0 ? [unknown('anchor.block', 'anchors')] : []),
  ];
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

function nameOf({ record }: ExecutionRecord, trust: Trust): string | undefined {
  return trust.kind === 'policy' && record.public_key !== null
    ? findRecordSigner(trust.policy, record.public_key)?.name
    : undefined;
}
