/** The identity's envelopes of one payload: by P-256, which Sigstore's tools read, and by ML-DSA-65, which outlives elliptic curves. */

import { type KeyObject, sign } from 'node:crypto';
import { pae } from '../attest/dsse.ts';
import { keyHint, sigstoreBundle } from '../attest/sigstore-bundle.ts';
import { IN_TOTO_PAYLOAD } from '../attest/statement.ts';
import type { Bytes } from '../core/bytes.ts';
import { sha256 } from '../core/digest.ts';
import type { JsonObject } from '../core/json.ts';
import { lowS, toDer } from '../core/p256.ts';
import { type Identity, spki } from './identity.ts';

export interface SignedEnvelope {
  readonly algorithm: 'p256' | 'ml-dsa-65' | 'keyless';
  /** The SHA-256 of the key's SPKI; of a keyless bundle, whose key lives for minutes, that of the bundle. */
  readonly signedBy: Bytes;
  /** The key itself; none of a keyless bundle's. */
  readonly spki?: Bytes;
  readonly bundle: JsonObject;
}

/** Both signatures are randomized: what this returns must be stored before anyone is told of it. */
export function signStatement({ p256, mlDsa65 }: Identity, payload: Bytes): readonly SignedEnvelope[] {
  const message = pae(IN_TOTO_PAYLOAD, payload);
  return [
    envelope('p256', p256, payload, signP256(p256, message)),
    envelope('ml-dsa-65', mlDsa65, payload, new Uint8Array(sign(null, message, mlDsa65))),
  ];
}

function signP256(key: KeyObject, message: Bytes): Bytes {
  const raw = new Uint8Array(sign('sha256', message, { key, dsaEncoding: 'ieee-p1363' }));
  return toDer(lowS(raw));
}

function envelope(
  algorithm: 'p256' | 'ml-dsa-65',
  key: KeyObject,
  payload: Bytes,
  signature: Bytes,
): SignedEnvelope {
  const der = spki(key);
  const keyed = { keyid: keyHint(der), payloadType: IN_TOTO_PAYLOAD, payload, signature };
  return { algorithm, signedBy: sha256(der), spki: der, bundle: sigstoreBundle(keyed) };
}
