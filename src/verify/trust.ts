/** Whom one verification trusts. It is always handed in: nothing in or beside the evidence can add to it. */

import { keyHint } from '../attest/sigstore-bundle.ts';
import { type Bytes, fromBase64 } from '../core/bytes.ts';
import { digestOf } from '../core/digest.ts';
import { ed25519Spki } from '../core/spki.ts';
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

const MAX_REMEMBERED = 1024;
const fingerprints = new Map<string, string>();

/** SHA-256 of the key's SPKI. `publicKey` is the base64 of 32 raw bytes. */
export function ed25519Fingerprint(publicKey: string): string {
  let fingerprint = fingerprints.get(publicKey);
  if (fingerprint === undefined) {
    if (fingerprints.size >= MAX_REMEMBERED) fingerprints.clear();
    fingerprint = digestOf(ed25519Spki(fromBase64(publicKey)!));
    fingerprints.set(publicKey, fingerprint);
  }
  return fingerprint;
}

/** A key that may sign statements, and whose the policy says it is. */
export interface StatementKey {
  readonly algorithm: 'p256' | 'ml-dsa-65';
  readonly spki: Bytes;
  readonly signer: PolicySigner;
}

const rings = new WeakMap<Policy, ReadonlyMap<string, StatementKey>>();

/** By base64(SHA-256(SPKI)), as an envelope names it. The key comes from the policy: an envelope never brings its own. */
export function findStatementKey(policy: Policy, keyid: string): StatementKey | undefined {
  let ring = rings.get(policy);
  if (ring === undefined) {
    ring = new Map((policy.signer ?? []).flatMap(statementKeys));
    rings.set(policy, ring);
  }
  return ring.get(keyid);
}

function statementKeys(signer: PolicySigner): [string, StatementKey][] {
  const keys = { p256: signer.p256, 'ml-dsa-65': signer.ml_dsa_65 } as const;
  return Object.entries(keys).flatMap(([algorithm, base64]) => {
    if (base64 === undefined) return [];
    const spki = fromBase64(base64)!;
    return [[keyHint(spki), { algorithm: algorithm as StatementKey['algorithm'], spki, signer }]];
  });
}

export function findRecordSigner(policy: Policy, publicKey: string): PolicySigner | undefined {
  return policy.signer?.find((signer) => signer.ed25519 === publicKey);
}

/** The tolerance where times are compared, in milliseconds. */
export function skewOf(trust: Trust): number {
  return skewMs(trust.kind === 'policy' ? trust.policy : undefined);
}
