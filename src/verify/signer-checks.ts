/** Whose a signature is: a key held against what the person trusts, whatever it signed. */

import { type Check, type Found, found, makeCheck } from './check.ts';
import type { PolicySigner } from './policy.ts';
import { ed25519Fingerprint, findRecordSigner, isFingerprintOf, skewOf, type Trust } from './trust.ts';
import { findWindowFault, type TrustedTime } from './trusted-time.ts';

const RELIES_ON = { policy: 'your policy', fingerprint: 'the fingerprint you gave' } as const;

export function signerCheck(result: Found): Check {
  return makeCheck('record.signer', RELIES_ON.policy, result);
}

/** A key, and whose the policy says it is. */
export interface Holder {
  /** SHA-256 of its SPKI. */
  readonly fingerprint: string;
  readonly signer: PolicySigner | undefined;
}

/** @param time by when the record existed, where that is known */
export function checkSigner(publicKey: string, trust: Trust, time?: TrustedTime): Found {
  const signer = trust.kind === 'policy' ? findRecordSigner(trust.policy, publicKey) : undefined;
  return checkHolder({ fingerprint: ed25519Fingerprint(publicKey), signer }, trust, 'record', time);
}

/** @param what it vouched for */
export function checkHolder(
  { fingerprint, signer }: Holder,
  trust: Trust,
  what: 'record' | 'receipt',
  time?: TrustedTime,
): Found {
  const key = `key ${fingerprint}`;
  switch (trust.kind) {
    case 'unasked':
      return found('absent', 'not asked: --integrity-only');
    case 'nobody':
      return found(
        'unknown',
        key,
        'signer.no-policy',
        'if a paper prints the signer’s fingerprint, give it with --signer; to keep them, qpoe policy add-signer',
      );
    case 'fingerprint':
      return { ...compareFingerprints(fingerprint, trust), relies_on: RELIES_ON.fingerprint };
    case 'policy':
      return signer === undefined
        ? found(
            'unknown',
            `${key} is not in ${trust.path}`,
            'signer.unknown',
            'ask the signer for the key on a channel you trust, then add it to your policy',
          )
        : checkKnownSigner(signer, trust, what, time);
  }
}

/** @param key its fingerprint */
function compareFingerprints(key: string, trust: Extract<Trust, { kind: 'fingerprint' }>): Found {
  if (trust.fingerprint === key) return found('pass', `key ${key}, the fingerprint you gave`);
  if (isFingerprintOf(trust, key))
    return found('pass', `${trust.fingerprint}, the identity you gave, by its key ${key}`);
  const identity = [...(trust.carried?.identities ?? [])].find(([, keys]) => keys.has(key))?.[0];
  return found(
    'unknown',
    `key ${key}, not the fingerprint you gave`,
    'signer.unknown',
    identity === undefined
      ? "a bare record carries one key: give that key's own fingerprint, not the identity's"
      : `its keys make ${identity}: is that what you were given?`,
  );
}

function checkKnownSigner(
  signer: PolicySigner,
  trust: Extract<Trust, { kind: 'policy' }>,
  what: 'record' | 'receipt',
  time: TrustedTime | undefined,
): Found {
  if (signer.signs !== undefined && !signer.signs.includes(what))
    return found('unknown', `${trust.path} does not let "${signer.name}" vouch for ${what}s`, 'signer.signs');
  const fault = findWindowFault(signer, time, skewOf(trust));
  if (fault !== undefined)
    return found(
      'unknown',
      `${trust.path} trusts "${signer.name}" ${fault}`,
      'signer.window',
      'verify the bundle, whose witnesses, time stamps or anchors date it',
    );
  return found('pass', `"${signer.name}" in ${trust.path}`);
}
