/**
 * A transparency log's entry as a Sigstore bundle carries it (`sigstore_rekor.proto`, `TransparencyLogEntry`, as JSON):
 *
 *     {"logIndex":"0","logId":{"keyId":b64},"kindVersion":{"kind":"hashedrekord","version":"0.0.2"},"integratedTime":"0",
 *      "inclusionProof":{"logIndex":"0","rootHash":b64,"treeSize":"2","hashes":[b64],"checkpoint":{"envelope":note}},
 *      "canonicalizedBody":b64}
 *
 * Whole numbers are decimal strings, as protobuf's JSON has 64-bit ones. Read here is its shape alone.
 */

import * as z from 'zod/mini';
import { fromBase64, toBase64 } from '../core/bytes.ts';
import type { JsonObject } from '../core/json.ts';
import { listOf } from '../core/shape.ts';

/** RFC 6962: a tree of 2^63 leaves has no longer path. */
const MAX_HASHES = 63;
/** 0 to 2^53 − 1. */
const whole = z
  .string()
  .check(
    z.refine(
      (text) => /^(?:0|[1-9]\d{0,15})$/.test(text) && Number.isSafeInteger(Number(text)),
      'not a whole number',
    ),
  );
const base64 = z.string().check(z.refine((text) => fromBase64(text) !== undefined, 'not canonical base64'));

export const logEntrySchema = z.strictObject({
  // Protobuf's JSON leaves out what is zero or empty.
  logIndex: z._default(whole, '0'),
  logId: z.strictObject({ keyId: base64 }),
  kindVersion: z.strictObject({ kind: z.string(), version: z.string() }),
  /** Seconds since 1970. Means something only where an `inclusionPromise` signs it. */
  integratedTime: z.optional(whole),
  inclusionPromise: z.optional(z.strictObject({ signedEntryTimestamp: base64 })),
  inclusionProof: z.strictObject({
    logIndex: z._default(whole, '0'),
    rootHash: base64,
    treeSize: whole,
    hashes: z._default(listOf(base64).check(z.maxLength(MAX_HASHES)), []),
    checkpoint: z.strictObject({ envelope: z.string() }),
  }),
  canonicalizedBody: base64,
});

export type LogEntry = z.infer<typeof logEntrySchema>;

/** What was proven of a `hashedrekord` 0.0.2 entry. */
export interface ProvenEntry {
  /** SHA-256 of the log's key, all 32 bytes (`hashVkey`). */
  readonly logId: Uint8Array;
  readonly index: number;
  readonly size: number;
  readonly root: Uint8Array;
  readonly hashes: readonly Uint8Array[];
  /** The signed note. */
  readonly checkpoint: string;
  /** The entry itself. */
  readonly body: Uint8Array;
}

export function formatLogEntry(entry: ProvenEntry): LogEntry & JsonObject {
  return {
    logIndex: String(entry.index),
    logId: { keyId: toBase64(entry.logId) },
    kindVersion: { kind: 'hashedrekord', version: '0.0.2' },
    inclusionProof: {
      logIndex: String(entry.index),
      rootHash: toBase64(entry.root),
      treeSize: String(entry.size),
      hashes: entry.hashes.map(toBase64),
      checkpoint: { envelope: entry.checkpoint },
    },
    canonicalizedBody: toBase64(entry.body),
  };
}
