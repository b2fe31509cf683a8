/** The fingerprint that a paper prints: the identity's where the manifest has its three keys, else that of the key it has. */

import { concatenate, fromBase64 } from '../core/bytes.ts';
import { type Digest, digestOf } from '../core/digest.ts';
import { readKey } from '../verify/bundle.ts';
import type { Manifest } from './manifest.ts';

const ORDER = ['ed25519', 'p256', 'ml-dsa-65'] as const;

export function signerOf({ keys }: Pick<Manifest, 'keys'>): Digest {
  const spkis = ORDER.flatMap((algorithm) =>
    keys.filter((key) => readKey(key)?.algorithm === algorithm).map((key) => fromBase64(key)!),
  );
  return digestOf(concatenate(spkis));
}
