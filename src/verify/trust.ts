/** Whom one verification trusts. It is always handed in: nothing in or beside the evidence can add to it. */

import { fromBase64 } from '../core/bytes.ts';
import { digestOf } from '../core/digest.ts';
import { type Policy, type PolicySigner, skewMs } from './policy.ts';

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

const MAX_REMEMBERED = 1024;
const fingerprints = new Map<string, string>();

/** SHA-256 of the key's SPKI. `publicKey` is the base64 of 32 raw bytes. */
export function ed25519Fingerprint(publicKey: string): string {
  let fingerprint = fingerprints.get(publicKey);
  if (fingerprint === undefined) {
    if (fingerprints.size >= MAX_REMEMBERED) fingerprints.clear();
    fingerprint = digestOf(Uint8Array.of(...ED25519_SPKI_PREFIX, ...fromBase64(publicKey)!));
    fingerprints.set(publicKey, fingerprint);
  }
  return fingerprint;
}

export function findRecordSigner(policy: Policy, publicKey: string): PolicySigner | undefined {
  return policy.signer?.find((signer) => signer.ed25519 === publicKey);
}

/** The tolerance where times are compared, in milliseconds. */
export function skewOf(trust: Trust): number {
  return skewMs(trust.kind === 'policy' ? trust.policy : undefined);
}
