/**
 * Rekor v2's `hashedrekord` 0.0.2 (https://github.com/sigstore/rekor-tiles), as a log entry: RFC 8785 JSON of
 *
 *     {"apiVersion":"0.0.2","kind":"hashedrekord","spec":{"hashedRekordV002":{
 *       "data":{"algorithm":"SHA2_256","digest":base64(SHA-256(PAE))},
 *       "signature":{"content":base64(DER signature),
 *         "verifier":{"keyDetails":"PKIX_ECDSA_P256_SHA_256","publicKey":{"rawBytes":base64(SPKI)}}}}}}
 *
 * It names digest, signature and key, so an entry of one envelope can't be shown for another: a verifier compares all three.
 */

import * as z from 'zod/mini';
import { type Bytes, fromBase64, toBase64 } from '../core/bytes.ts';
import { canonicalBytes } from '../core/jcs.ts';
import { JsonError, type JsonValue, parseJsonBytes } from '../core/json.ts';
import { checkShape } from '../core/shape.ts';
import { MAX_ENTRY_BYTES } from './entry-bundle.ts';
import type { Fault, Read } from './fault.ts';
import { HASH_BYTES, sameHash } from './merkle.ts';

export interface HashedRekord {
  /** SHA-256 of what is signed: of a DSSE envelope, its pre-authentication encoding. */
  readonly digest: Bytes;
  /** ECDSA over P-256, in DER. */
  readonly signature: Bytes;
  /** The P-256 key's SPKI, in DER. */
  readonly publicKey: Bytes;
}

const base64 = z.string().check(z.refine((text) => fromBase64(text) !== undefined, 'not canonical base64'));

const schema = z.strictObject({
  apiVersion: z.literal('0.0.2'),
  kind: z.literal('hashedrekord'),
  spec: z.strictObject({
    hashedRekordV002: z.strictObject({
      data: z.strictObject({ algorithm: z.literal('SHA2_256'), digest: base64 }),
      signature: z.strictObject({
        content: base64,
        verifier: z.strictObject({
          keyDetails: z.literal('PKIX_ECDSA_P256_SHA_256'),
          publicKey: z.strictObject({ rawBytes: base64 }),
        }),
      }),
    }),
  }),
});

/** A log entry, as Rekor v2 writes it (`hashedrekord` 0.0.2), canonical: `leafHash` of these bytes is its leaf. */
export function formatHashedRekord({ digest, signature, publicKey }: HashedRekord): Bytes {
  const entry: z.infer<typeof schema> = {
    apiVersion: '0.0.2',
    kind: 'hashedrekord',
    spec: {
      hashedRekordV002: {
        data: { algorithm: 'SHA2_256', digest: toBase64(digest) },
        signature: {
          content: toBase64(signature),
          verifier: {
            keyDetails: 'PKIX_ECDSA_P256_SHA_256',
            publicKey: { rawBytes: toBase64(publicKey) },
          },
        },
      },
    },
  };
  return canonicalBytes(entry);
}

/** Only what `formatHashedRekord` would write: the leaf hash is over these bytes, so one entry must not have two forms. */
export function parseHashedRekord(bytes: Uint8Array): Read<HashedRekord> {
  if (bytes.length > MAX_ENTRY_BYTES) return malformed(`is longer than ${MAX_ENTRY_BYTES} bytes`, 'size');
  let parsed: JsonValue;
  try {
    parsed = parseJsonBytes(bytes);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return { fault: error.message, code: error.code };
  }
  const shaped = checkShape(schema, parsed);
  if (shaped.fault !== undefined) return malformed(`is not a hashedrekord 0.0.2: ${shaped.fault}`, 'shape');
  const { data, signature } = shaped.value.spec.hashedRekordV002;
  const value = {
    digest: fromBase64(data.digest)!,
    signature: fromBase64(signature.content)!,
    publicKey: fromBase64(signature.verifier.publicKey.rawBytes)!,
  };
  if (value.digest.length !== HASH_BYTES) return malformed('has a digest that is not SHA-256', 'digest');
  return sameHash(bytes, formatHashedRekord(value)) ? { value } : malformed('is not canonical', 'canonical');
}

function malformed(what: string, code: string): Fault {
  return { fault: `the log entry ${what}`, code: `entry.${code}` };
}
