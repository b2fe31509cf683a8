/**
 * ECDSA over P-256 where only the digest of what was signed is known, as in a `hashedrekord`. Neither WebCrypto nor `node:crypto`
 * takes a digest: both would hash it once more.
 */

import { p256 } from '@noble/curves/nist.js';
import type { Bytes } from '../core/bytes.ts';
import { fromDer } from '../core/p256.ts';
import { isSpki } from '../core/spki.ts';

/** 04 ‖ x ‖ y: the last of an SPKI. */
const POINT_BYTES = 65;

/** Whether `der` is the key's signature over what has this SHA-256; false for a key that is no point of the curve. */
export function verifyP256Digest(spki: Bytes, der: Uint8Array, digest: Uint8Array): boolean {
  const raw = fromDer(der);
  if (raw === undefined || !isSpki('p256', spki)) return false;
  const point = spki.subarray(-POINT_BYTES);
  return p256.verify(raw, digest, point, { prehash: false, lowS: false, format: 'compact' });
}
