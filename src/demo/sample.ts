/**
 * What the demo tampers with: complete bundles of one throw-away signer, and the keys of everyone who cheats. The same on
 * the command line, where Node signs, and on a page, where something else does: signing is handed in.
 */

import { type Bytes, toBase64 } from '../core/bytes.ts';
import { digestBytes } from '../core/digest.ts';
import type { JsonObject } from '../core/json.ts';
import { type RecordSigner, recordHash } from '../record/record.ts';
import type { ExecutionRecord } from '../record/schema.ts';
import type { Vkey } from '../tlog/vkey.ts';
import type { EvidenceBundle } from '../verify/bundle.ts';

export interface Sample {
  /** As `qpoe bundle` made it, with every layer: what is tampered with. */
  readonly bundle: EvidenceBundle;
  /** Of the same signer, by the same way, a record whose counts were invented before it was signed. Its hash is anchored, too. */
  readonly invented: EvidenceBundle;
  /** Of a Runtime job that was bound to the receipt as it was submitted. None where there was no receipt. */
  readonly bound?: EvidenceBundle;
  /** Of another job, bound alike, whose tags someone changed before it was imported. */
  readonly retagged?: EvidenceBundle;
}

/** Whoever holds the keys of an identity. */
export interface Hand {
  readonly record: RecordSigner;
  /** SPKIs. */
  readonly keys: { readonly ed25519: Bytes; readonly p256: Bytes; readonly mlDsa65: Bytes };
  /** The envelopes of an in-toto payload, as Sigstore bundles: by P-256, then by ML-DSA-65. */
  state(payload: Bytes): readonly JsonObject[] | Promise<readonly JsonObject[]>;
}

/** Whoever holds the key of a log. */
export interface LogHand {
  readonly vkey: Vkey;
  sign(text: Bytes): Bytes | Promise<Bytes>;
}

export interface Hands {
  /** The sample's own: what they can't undo, no one can. */
  readonly signer: Hand;
  /** Of the log that the sample is in. */
  readonly log: LogHand;
  /** Known to no policy but one of their own. */
  readonly attacker: Hand;
}

/** What the verifier is given. */
export interface Tampered {
  readonly bundle: EvidenceBundle;
  /** Files that lie in the bundle's folder, by path. */
  readonly beside?: Readonly<Record<string, string>>;
}

/** Of a bundle that was made here: nothing has to be found out about it. */
export function recordOf({ record }: EvidenceBundle): ExecutionRecord {
  return record as unknown as ExecutionRecord;
}

export function withRecord(bundle: EvidenceBundle, record: ExecutionRecord): EvidenceBundle {
  return { ...bundle, record: record as unknown as JsonObject };
}

/** Whatever it says by now, hashed. The signature stays the old one. */
export function rehash(record: ExecutionRecord): ExecutionRecord {
  return { ...record, record: { ...record.record, hash: recordHash(record) } };
}

/** Hashed and signed, by a key that puts itself into it. */
export async function signAs({ record: signer }: Hand, record: ExecutionRecord): Promise<ExecutionRecord> {
  const claimed = rehash(withKey(record, signer));
  return withSignature(claimed, await signer.sign(digestBytes(claimed.record.hash)));
}

export function withKey(record: ExecutionRecord, { publicKey }: RecordSigner): ExecutionRecord {
  const own = { ...record.record, public_key: toBase64(publicKey) };
  return { ...record, record: own as ExecutionRecord['record'] };
}

export function withSignature(record: ExecutionRecord, signature: Bytes): ExecutionRecord {
  const own = { ...record.record, signature: toBase64(signature) };
  return { ...record, record: own as ExecutionRecord['record'] };
}

/** The first record's binding, tags and all, in the second's. */
export function withBindingOf(
  { execution: { job } }: ExecutionRecord,
  record: ExecutionRecord,
): ExecutionRecord {
  const { binding, tags } = job;
  const own = { ...record.execution.job, binding, tags } as ExecutionRecord['execution']['job'];
  return { ...record, execution: { ...record.execution, job: own } };
}
