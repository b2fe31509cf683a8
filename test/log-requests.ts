/** Requests to Rekor v2's way into a log, as its clients write them. */

import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { JsonObject } from '../src/core/json.ts';
import { formatHashedRekord, type HashedRekord } from '../src/tlog/hashedrekord.ts';

export const newP256 = (): KeyObject => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;

/** What a hashedrekord of these bytes says, signed by this key. */
export function signedRekord(key: KeyObject, message: string | Uint8Array): HashedRekord {
  return {
    digest: new Uint8Array(createHash('sha256').update(message).digest()),
    signature: new Uint8Array(sign('sha256', Buffer.from(message as string), key)),
    publicKey: new Uint8Array(createPublicKey(key).export({ type: 'spki', format: 'der' }) as Buffer),
  };
}

export const signedEntry = (key: KeyObject, message: string) =>
  formatHashedRekord(signedRekord(key, message));

export const b64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

export function rekordRequest({ digest, signature, publicKey }: HashedRekord): JsonObject {
  return {
    hashedRekordRequestV002: {
      digest: b64(digest),
      signature: {
        content: b64(signature),
        verifier: { keyDetails: 'PKIX_ECDSA_P256_SHA_256', publicKey: { rawBytes: b64(publicKey) } },
      },
    },
  };
}
