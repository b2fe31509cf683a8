/**
 * The transparency logs of a Sigstore trusted root (sigstore/protobuf-specs, `sigstore_trustroot.proto`, as JSON):
 *
 *     {"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1",
 *      "tlogs":[{"baseUrl":"https://rekor.sigstore.dev","hashAlgorithm":"SHA2_256",
 *        "publicKey":{"rawBytes":SPKI,"keyDetails":"PKIX_ECDSA_P256_SHA_256","validFor":{"start":"2021-01-12T11:53:27Z"}},
 *        "logId":{"keyId":base64 of the 32-byte hash}}],…}
 *
 * A policy names the root, never the evidence. Members that say nothing of a log are passed over: a root is Sigstore's format,
 * and grows.
 */

import * as z from 'zod/mini';
import { type Bytes, fromBase64 } from '../core/bytes.ts';
import { JsonError, parseJson } from '../core/json.ts';
import { checkShape, listOf, type Shaped } from '../core/shape.ts';
import { isSpki } from '../core/spki.ts';
import { parseTime } from '../core/time.ts';

export interface RekorLog {
  /** What an entry's `logId.keyId` says. */
  readonly keyId: Bytes;
  readonly baseUrl: string;
  /** What the log signs its checkpoints as: the host name of its address, without the port. */
  readonly host: string;
  /** SPKI. */
  readonly publicKey: Bytes;
  /** Undefined for a key or a hash of a kind that is not known here: what such a log signed can't be judged. */
  readonly algorithm?: 'ed25519' | 'p256';
  /** Milliseconds since 1970; infinite where the root names no bound. */
  readonly start: number;
  readonly end: number;
}

const MAX_LOGS = 256;
const ALGORITHMS: Readonly<Record<string, 'ed25519' | 'p256'>> = {
  PKIX_ED25519: 'ed25519',
  PKIX_ECDSA_P256_SHA_256: 'p256',
};

const base64 = z.string().check(z.refine((text) => fromBase64(text) !== undefined, 'not canonical base64'));
const time = z
  .string()
  .check(z.refine((text) => parseTime(text) !== undefined, 'not a time (2026-01-01T00:00:00Z)'));
const logId = z.object({ keyId: base64 });
const logSchema = z.object({
  baseUrl: z.string().check(z.refine((url) => hostOf(url) !== undefined, 'not an address')),
  hashAlgorithm: z.optional(z.string()),
  publicKey: z.object({
    rawBytes: base64,
    keyDetails: z.string(),
    validFor: z.optional(z.object({ start: z.optional(time), end: z.optional(time) })),
  }),
  logId: z.optional(logId),
  checkpointKeyId: z.optional(logId),
});
const root = z.object({
  mediaType: z
    .string()
    .check(z.refine((type) => MEDIA_TYPES.includes(type), 'not the media type of a trusted root')),
  tlogs: listOf(logSchema).check(z.minLength(1), z.maxLength(MAX_LOGS)),
});

export const MEDIA_TYPES: readonly string[] = [
  'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
  'application/vnd.dev.sigstore.trustedroot.v0.1+json',
  'application/vnd.dev.sigstore.trustedroot.v0.2+json',
];

/** @param text of a `trusted_root.json` */
export function readRekorLogs(text: string): Shaped<readonly RekorLog[]> {
  try {
    const shaped = checkShape(root, parseJson(text));
    if (shaped.fault !== undefined) return shaped;
    const logs = shaped.value.tlogs.map(readLog);
    const unnamed = logs.findIndex(({ keyId }) => keyId.length === 0);
    return unnamed < 0 ? { value: logs } : { fault: `tlogs.${unnamed}: no logId` };
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return { fault: error.message };
  }
}

function readLog(log: z.infer<typeof logSchema>): RekorLog {
  const { baseUrl, hashAlgorithm = 'SHA2_256', publicKey, logId, checkpointKeyId } = log;
  const spki = fromBase64(publicKey.rawBytes)!;
  const named = Object.hasOwn(ALGORITHMS, publicKey.keyDetails)
    ? ALGORITHMS[publicKey.keyDetails]
    : undefined;
  const { start, end } = publicKey.validFor ?? {};
  return {
    keyId: fromBase64((checkpointKeyId ?? logId)?.keyId ?? '')!,
    baseUrl,
    host: hostOf(baseUrl)!,
    publicKey: spki,
    ...(named !== undefined && isSpki(named, spki) && hashAlgorithm === 'SHA2_256'
      ? { algorithm: named }
      : {}),
    start: start === undefined ? Number.NEGATIVE_INFINITY : parseTime(start)!,
    end: end === undefined ? Number.POSITIVE_INFINITY : parseTime(end)!,
  };
}

const ADDRESS = /^https?:\/\/([a-z0-9.-]+)(?::\d{1,5})?(?:\/[^\s]*)?$/i;

function hostOf(baseUrl: string): string | undefined {
  return ADDRESS.exec(baseUrl)?.[1]?.toLowerCase();
}
