/** An identity's keys, held against a policy: whose it says they are, and whether all of them can be one person's. */

import { toBase64 } from '../core/bytes.ts';
import { rawKey } from '../core/spki.ts';
import { readKey } from '../verify/bundle.ts';
import type { PolicySigner } from '../verify/policy.ts';
import type { CarriedKey, Trust } from '../verify/trust.ts';

/** The signers that the policy gives one of these keys to. */
export function holdersOf(keys: readonly CarriedKey[], trust: Trust): readonly PolicySigner[] {
  if (trust.kind !== 'policy') return [];
  return (trust.policy.signer ?? []).filter((signer) =>
    keys.some((key) => keyOf(signer, key.algorithm) === textOf(key)),
  );
}

/**
 * Two algorithms are there so that either may break: who can forge the one must not put a key of their own beside it and be taken
 * for the signer. A key of an algorithm for which the policy has none of theirs may be theirs.
 * @returns why these can't all be one signer's
 */
export function findMixture(keys: readonly CarriedKey[], trust: Trust): string | undefined {
  const signing = keys.filter(({ algorithm }) => algorithm !== 'ed25519');
  const [signer, other] = holdersOf(signing, trust);
  if (signer === undefined) return undefined;
  if (other !== undefined) return `one key is "${signer.name}"’s, and another "${other.name}"’s`;
  const strange = signing.find((key) => ![undefined, textOf(key)].includes(keyOf(signer, key.algorithm)));
  return strange === undefined
    ? undefined
    : `one key is "${signer.name}"’s, and the ${strange.algorithm} key beside it is not theirs`;
}

export function readKeys(keys: readonly string[]): readonly CarriedKey[] {
  return keys.map((text) => readKey(text)!);
}

/** As a policy writes it. */
function textOf({ algorithm, spki }: CarriedKey): string {
  return toBase64(algorithm === 'ed25519' ? rawKey(algorithm, spki) : spki);
}

function keyOf(signer: PolicySigner, algorithm: CarriedKey['algorithm']): string | undefined {
  return { ed25519: signer.ed25519, p256: signer.p256, 'ml-dsa-65': signer.ml_dsa_65 }[algorithm];
}
