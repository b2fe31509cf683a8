/** Whom one verification trusts. It is always handed in: nothing in or beside the evidence can add to it. */

import { keyHint } from '../attest/sigstore-bundle.ts';
import { type Bytes, concatenate, fromBase64 } from '../core/bytes.ts';
import { digestOf } from '../core/digest.ts';
import { ed25519Spki, type KeyAlgorithm } from '../core/spki.ts';
import { type Policy, type PolicySigner, skewMs } from './policy.ts';

export type Trust =
  /** A policy, and what to call it: its path. */
  | { readonly kind: 'policy'; readonly policy: Policy; readonly path: string }
  /** One identity or key, as a paper prints it: the SHA-256 of its SPKIs. */
  | { readonly kind: 'fingerprint'; readonly fingerprint: string; readonly carried?: CarriedKeys }
  /** No policy at hand. */
  | { readonly kind: 'nobody'; readonly carried?: CarriedKeys }
  /** Only integrity is asked: every hash and signature present. */
  | { readonly kind: 'unasked'; readonly carried?: CarriedKeys };

/** Keys that the evidence carries. Whose they are nothing in it can say: a policy never looks at them. */
export interface CarriedKeys {
  /** By base64(SHA-256(SPKI)). */
  readonly byHint: ReadonlyMap<string, CarriedKey>;
  /** Fingerprints of identities, and of every key of each. */
  readonly identities: ReadonlyMap<string, ReadonlySet<string>>;
}

export interface CarriedKey {
  readonly algorithm: KeyAlgorithm;
  readonly spki: Bytes;
}

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

/** A key that may sign statements; with its signer where a policy says whose it is. */
export interface StatementKey {
  readonly algorithm: 'p256' | 'ml-dsa-65';
  readonly spki: Bytes;
  readonly signer?: PolicySigner;
}

/** By base64(SHA-256(SPKI)), as an envelope names it. With a policy the key comes from it: an envelope never brings its own. */
export function findStatementKey(trust: Trust, keyid: string): StatementKey | undefined {
  if (trust.kind === 'policy') return policyKeys(trust.policy).get(keyid);
  const key = trust.carried?.byHint.get(keyid);
  return key === undefined || key.algorithm === 'ed25519' ? undefined : (key as StatementKey);
}

const rings = new WeakMap<Policy, ReadonlyMap<string, StatementKey>>();

function policyKeys(policy: Policy): ReadonlyMap<string, StatementKey> {
  let ring = rings.get(policy);
  if (ring === undefined) {
    ring = new Map((policy.signer ?? []).flatMap(statementKeys));
    rings.set(policy, ring);
  }
  return ring;
}

function statementKeys(signer: PolicySigner): [string, StatementKey][] {
  const keys = { p256: signer.p256, 'ml-dsa-65': signer.ml_dsa_65 } as const;
  return Object.entries(keys).flatMap(([algorithm, base64]) => {
    if (base64 === undefined) return [];
    const spki = fromBase64(base64)!;
    return [[keyHint(spki), { algorithm: algorithm as StatementKey['algorithm'], spki, signer }]];
  });
}

/** The keys as evidence carries them, and every identity that three of them could make. @param spkis distinct */
export function carryKeys(keys: readonly CarriedKey[]): CarriedKeys {
  const of = (algorithm: KeyAlgorithm) =>
    keys.filter((key) => key.algorithm === algorithm).map(({ spki }) => spki);
  const identities = new Map<string, ReadonlySet<string>>();
  for (const ed25519 of of('ed25519'))
    for (const p256 of of('p256'))
      for (const mlDsa65 of of('ml-dsa-65')) {
        const three = [ed25519, p256, mlDsa65];
        identities.set(digestOf(concatenate(three)), new Set(three.map(digestOf)));
      }
  return { byHint: new Map(keys.map((key) => [keyHint(key.spki), key])), identities };
}

/** Whether the fingerprint that the person gave is this key's, or that of an identity that has it. */
export function isFingerprintOf(
  { fingerprint, carried }: Extract<Trust, { kind: 'fingerprint' }>,
  keyFingerprint: string,
): boolean {
  return fingerprint === keyFingerprint || carried?.identities.get(fingerprint)?.has(keyFingerprint) === true;
}

export function findRecordSigner(policy: Policy, publicKey: string): PolicySigner | undefined {
  return policy.signer?.find((signer) => signer.ed25519 === publicKey);
}

/** The tolerance where times are compared, in milliseconds. */
export function skewOf(trust: Trust): number {
  return skewMs(trust.kind === 'policy' ? trust.policy : undefined);
}
