/**
 * SubjectPublicKeyInfo (RFC 5280, section 4.1.2.7) of the keys that sign here, as DER: for each a fixed prefix and the raw key.
 * Ed25519: RFC 8410. P-256, uncompressed, by named curve: RFC 5480. ML-DSA-65: RFC 9881.
 */

import { type Bytes, fromHex } from './bytes.ts';

export type KeyAlgorithm = 'ed25519' | 'p256' | 'ml-dsa-65';

interface Form {
  readonly prefix: Bytes;
  /** Of the whole SPKI. */
  readonly bytes: number;
}

const FORMS: Readonly<Record<KeyAlgorithm, Form>> = {
  ed25519: { prefix: fromHex('302a300506032b6570032100')!, bytes: 44 },
  p256: { prefix: fromHex('3059301306072a8648ce3d020106082a8648ce3d03010703420004')!, bytes: 91 },
  'ml-dsa-65': { prefix: fromHex('308207b2300b0609608648016503040312038207a100')!, bytes: 1974 },
};

/** Whether `spki` is a key of this algorithm, in the one encoding that is read; not whether its point is on the curve. */
export function isSpki(algorithm: KeyAlgorithm, spki: Uint8Array): boolean {
  const { prefix, bytes } = FORMS[algorithm];
  return spki.length === bytes && prefix.every((byte, at) => spki[at] === byte);
}

/** @param raw 32 bytes */
export function ed25519Spki(raw: Uint8Array): Bytes {
  return Uint8Array.of(...FORMS.ed25519.prefix, ...raw);
}

/** The key itself, without what says what it is. @param spki for which `isSpki` holds */
export function rawKey(algorithm: KeyAlgorithm, spki: Bytes): Bytes {
  return spki.subarray(FORMS[algorithm].prefix.length);
}
