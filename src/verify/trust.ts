/** Whom one verification trusts. It is always handed in: nothing in or beside the evidence can add to it. */

import { fromBase64 } from '../core/bytes.ts';
import { digestOf } from '../core/digest.ts';
import type { Policy, PolicySigner } from './policy.ts';

export type Trust =
  /** A policy, and what to call it: its path. */
  | { readonly kind: 'policy'; readonly policy: Policy; readonly path: string }
  /** One key, by the SHA-256 of its SPKI, as a paper prints it. */
  | { readonly kind: 'fingerprint'; readonly fingerprint: string }
  /** No policy at hand. */
  | { readonly kind: 'nobody' }
  /** Only integrity is asked: every hash and signature present. */
  | { readonly kind: 'unasked' };

/** RFC 8410: the DER that stands before an Ed25519 key's 32 bytes in its SPKI. */
const ED25519_SPKI_PREFIX = Uint8Array.of(
  0x30,
  0x2a,
  0x30,
  0x05,
  0x06,
  0x03,
  0x2b,
  0x65,
  0x70,
  0x03,
  0x21,
  0x00,
);

/** SHA-256 of the key's SPKI. `publicKey` is 32 raw bytes. */
export function ed25519Fingerprint(publicKey: Uint8Array): string {
  const spki = new Uint8Array(ED25519_SPKI_PREFIX.length + publicKey.length);
  spki.set(ED25519_SPKI_PREFIX);
  spki.set(publicKey, ED25519_SPKI_PREFIX.length);
  return digestOf(spki);
}

export function findRecordSigner(policy: Policy, publicKey: string): PolicySigner | undefined {
  return policy.signer?.find((signer) => signer.ed25519 === publicKey);
}

/** The key's raw bytes; undefined where the text isn't 32 bytes of canonical base64. */
export function decodePublicKey(publicKey: string): Uint8Array<ArrayBuffer> | undefined {
  const bytes = fromBase64(publicKey);
  return bytes?.length === 32 ? bytes : undefined;
}
