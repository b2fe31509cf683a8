/**
 * What a bundle may leave out and still verify: everything that stands beside the record. What stands in the record is inside its
 * hash and signature; to say less there takes a new record, which `republish.ts` makes for an anonymous archive.
 */

import { isSigstoreBundle, keyHint, readSigstoreBundle } from '../attest/sigstore-bundle.ts';
import { readStatement } from '../attest/statement.ts';
import { type Bytes, fromBase64 } from '../core/bytes.ts';
import type { Digest } from '../core/digest.ts';
import { RECORD_PREDICATE } from '../core/identifiers.ts';
import type { JsonObject } from '../core/json.ts';
import type { ExecutionRecord } from '../record/schema.ts';
import { decodeArtifact, type EvidenceBundle, readKey, writeBundle } from '../verify/bundle.ts';

/** Each with the checks that become `absent` (or `missing`, where a policy demands them). */
export const WITHHOLDABLE_PARTS = {
  artifacts: 'circuits and raw results: artifact.digest, circuit.source',
  circuits: 'the circuits: circuit.source',
  results: 'the raw results',
  receipts: 'the receipts, with commit authors: receipt.*, order.declared_before_run',
  statements: 'the signed statements: statement.*, log.*, time.*, anchors of the log',
  log: 'the log proofs, with the log’s name: log.*, the times of witnesses, anchors of the log',
  timestamps: 'the time stamps: time.stamp, and the time that they gave',
  anchors: 'the chain anchors: anchor.*',
} as const;

export type WithholdablePart = keyof typeof WITHHOLDABLE_PARTS;

export function isWithholdablePart(name: string): name is WithholdablePart {
  return Object.hasOwn(WITHHOLDABLE_PARTS, name);
}

/** The bundle's bytes without those parts. */
export function withholdParts(
  bundle: EvidenceBundle,
  record: ExecutionRecord,
  parts: ReadonlySet<WithholdablePart>,
): Bytes {
  const statements = keptStatements(bundle, parts).map((statement) => withoutMaterial(statement, parts));
  const unlogged = parts.has('log') || parts.has('statements');
  const anchors = parts.has('anchors')
    ? []
    : bundle.anchors.filter(({ event }) => !unlogged || event === 'record');
  return writeBundle({
    record: bundle.record,
    artifacts: keptArtifacts(bundle, record, parts),
    statements,
    receipts: parts.has('receipts') ? [] : bundle.receipts,
    keys: keptKeys(bundle, statements).map((key) => fromBase64(key)!),
    timestamps: parts.has('timestamps') || parts.has('statements') ? [] : stampsOf(bundle, statements),
    anchors,
  });
}

function keptArtifacts(
  { artifacts }: EvidenceBundle,
  record: ExecutionRecord,
  parts: ReadonlySet<WithholdablePart>,
): ReadonlyMap<Digest, Uint8Array> {
  return new Map(
    (Object.keys(artifacts) as Digest[])
      .filter(artifactKeeper(record, parts))
      .map((digest) => [digest, decodeArtifact(artifacts[digest]!)!]),
  );
}

export function artifactKeeper(
  record: ExecutionRecord,
  parts: ReadonlySet<WithholdablePart>,
): (digest: Digest) => boolean {
  const circuits = circuitDigests(record);
  return (digest) => !parts.has('artifacts') && !parts.has(circuits.has(digest) ? 'circuits' : 'results');
}

/** What the record names as a circuit, in whatever form, or as observables. */
function circuitDigests({ workload, execution }: ExecutionRecord): ReadonlySet<string> {
  const ofPrograms = workload.programs.flatMap(({ circuit, input, source, observables }) => [
    circuit,
    input?.digest,
    source?.digest,
    observables,
  ]);
  const executed = execution.executed_circuits.map(({ digest }) => digest);
  return new Set([...ofPrograms, ...executed].filter((digest) => digest !== undefined));
}

function keptStatements(
  { statements }: EvidenceBundle,
  parts: ReadonlySet<WithholdablePart>,
): readonly JsonObject[] {
  return statements.filter((statement) => !parts.has(isOfRecord(statement) ? 'statements' : 'receipts'));
}

function isOfRecord(statement: JsonObject): boolean {
  const payload = isSigstoreBundle(statement)
    ? readSigstoreBundle(statement).value?.envelope?.payload
    : undefined;
  return payload !== undefined && readStatement(payload).value?.predicateType === RECORD_PREDICATE;
}

/** A statement without the proofs and stamps that are withheld: they stand beside the envelope, and no signature is over them. */
export function withoutMaterial(statement: JsonObject, parts: ReadonlySet<WithholdablePart>): JsonObject {
  const { tlogEntries, timestampVerificationData, ...material } =
    statement.verificationMaterial as JsonObject;
  // A certificate is judged with its log entry and time, or not at all.
  if (!Object.hasOwn(material, 'publicKey')) return statement;
  return {
    ...statement,
    verificationMaterial: {
      ...material,
      ...(tlogEntries === undefined || parts.has('log') ? {} : { tlogEntries }),
      ...(timestampVerificationData === undefined || parts.has('timestamps')
        ? {}
        : { timestampVerificationData }),
    },
  };
}

function stampsOf({ timestamps, statements: all }: EvidenceBundle, kept: readonly JsonObject[]) {
  // Those of a statement that was left out would be stray.
  return kept.length === all.length ? timestamps : [];
}

/**
 * All three of the record's signer stay: together they are the fingerprint that a paper prints. Where a receipt stays that another
 * signed, a key beside theirs, of their algorithm, would be one by which nothing here is signed.
 */
function keptKeys({ keys, statements: all }: EvidenceBundle, kept: readonly JsonObject[]): readonly string[] {
  if (kept.length === all.length) return keys;
  const hints = new Set(kept.flatMap(hintOf));
  const ofRecord = new Set(all.filter(isOfRecord).flatMap(hintOf));
  const read = keys.map((text) => ({ text, hint: keyHint(readKey(text)!.spki), ...readKey(text)! }));
  const signed = new Set(read.filter(({ hint }) => hints.has(hint)).map(({ algorithm }) => algorithm));
  return read
    .filter(
      ({ hint, algorithm }) =>
        algorithm === 'ed25519' || hints.has(hint) || (ofRecord.has(hint) && !signed.has(algorithm)),
    )
    .map(({ text }) => text);
}

/** The key that a statement names. */
function hintOf(statement: JsonObject): string[] {
  const { value } = isSigstoreBundle(statement) ? readSigstoreBundle(statement) : {};
  return value?.kind === 'keyed' ? [value.envelope.keyid] : [];
}
