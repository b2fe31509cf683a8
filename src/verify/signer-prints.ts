/** The fingerprints of a signer's keys, as they are printed on papers and compared by people. */

import { type Bytes, concatenate, fromBase64 } from '../core/bytes.ts';
import { type Digest, digestOf } from '../core/digest.ts';
import { ed25519Spki } from '../core/spki.ts';
import type { PolicySigner } from './policy.ts';

export interface SignerPrints {
  /** Of all three keys together; only where all three are there. */
  readonly identity?: Digest;
  readonly ed25519?: Digest;
  readonly p256?: Digest;
  readonly ml_dsa_65?: Digest;
}

export function signerPrints({ ed25519, p256, ml_dsa_65 }: PolicySigner): SignerPrints {
  const spkis = {
    ...(ed25519 === undefined ? {} : { ed25519: ed25519Spki(fromBase64(ed25519)!) }),
    ...(p256 === undefined ? {} : { p256: fromBase64(p256)! }),
    ...(ml_dsa_65 === undefined ? {} : { ml_dsa_65: fromBase64(ml_dsa_65)! }),
  };
  const all: readonly Bytes[] = Object.values(spkis);
  return {
    ...(all.length === 3 ? { identity: digestOf(concatenate(all)) } : {}),
    ...Object.fromEntries(Object.entries(spkis).map(([name, spki]) => [name, digestOf(spki)])),
  };
}
