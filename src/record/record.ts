/**
 * Making and hashing records. `record.hash` is SHA-256 over the RFC 8785 form of the *core*: everything but `record.hash`
 * and `record.signature`. The signer's public key is inside the core, so that no one can put their own key on another's
 * record and keep its hash. The Ed25519 signature is over the 32 raw bytes of the hash.
 */

import { type Bytes, toBase64 } from '../core/bytes.ts';
import { type Digest, digestBytes, digestOf } from '../core/digest.ts';
import { canonicalBytes } from '../core/jcs.ts';
import type { JsonObject } from '../core/json.ts';
import { type ExecutionRecord, SCHEMA_VERSION } from './schema.ts';

/** Signs 32 bytes with Ed25519. */
export interface RecordSigner {
  /** 32 raw bytes. */
  readonly publicKey: Uint8Array;
  sign(hash: Bytes): Bytes | Promise<Bytes>;
}

/** What a record says, before it is identified, hashed and signed. */
export type RecordContent = Pick<ExecutionRecord, 'workload' | 'execution' | 'source' | 'labels'>;

/** The record without `record.hash` and `record.signature`. */
export function recordCore(record: ExecutionRecord): JsonObject {
  const { hash: _, signature: __, ...unsigned } = record.record;
  return { ...record, record: unsigned } as unknown as JsonObject;
}

/** The core's canonical bytes: what `record.hash` covers, and the subject of the record's statement. */
export function coreBytes(record: ExecutionRecord): Bytes {
  return canonicalBytes(recordCore(record));
}

/** SHA-256 of `coreBytes`: what `record.hash` must be. */
export function recordHash(record: ExecutionRecord): Digest {
  return digestOf(coreBytes(record));
}

/**
 * A record of `content`. Without a signer it is unsigned (`signature_alg` "none"), which never verifies better than
 * inconclusive.
 * @param recordId a UUID v7
 * @param createdAt RFC 3339, UTC
 */
export async function makeRecord(
  content: RecordContent,
  recordId: string,
  createdAt: string,
  signer?: RecordSigner,
): Promise<ExecutionRecord> {
  const identity = { record_id: recordId, created_at: createdAt, hash_alg: 'sha256' } as const;
  const hash: Digest = `sha256:${'0'.repeat(64)}`;
  const unsigned: ExecutionRecord = {
    schema_version: SCHEMA_VERSION,
    ...content,
    record:
      signer === undefined
        ? { ...identity, signature_alg: 'none', public_key: null, hash, signature: null }
        : {
            ...identity,
            signature_alg: 'ed25519',
            public_key: toBase64(signer.publicKey),
            hash,
            signature: '',
          },
  };
  unsigned.record.hash = recordHash(unsigned);
  if (signer !== undefined)
    unsigned.record.signature = toBase64(await signer.sign(digestBytes(unsigned.record.hash)));
  return unsigned;
}

/** A record as it is written to a file: indented for people, one line feed at the end. */
export function recordText(record: ExecutionRecord): string {
  return JSON.stringify(record, null, 2) + '\n';
}
