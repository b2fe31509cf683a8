/** A record's Ed25519 signature and its signer, whatever the record's format. */

import { type Bytes, fromBase64 } from '../core/bytes.ts';
import { findKeyFault, verifyEd25519 } from '../core/ed25519.ts';
import { type Check, type CheckStatus, makeCheck } from './check.ts';
import type { PolicySigner } from './policy.ts';
import { ed25519Fingerprint, findRecordSigner, isFingerprintOf, skewOf, type Trust } from './trust.ts';
import { findWindowFault, type TrustedTime } from './trusted-time.ts';

export type Found = Pick<Check, 'status' | 'evidence'> & Partial<Pick<Check, 'code' | 'hint' | 'relies_on'>>;

export const found = (status: CheckStatus, evidence: string, code?: string, hint?: string): Found => ({
  status,
  evidence,
  ...(code === undefined ? {} : { code }),
  ...(hint === undefined ? {} : { hint }),
});

export function signatureCheck(result: Found): Check {
  return makeCheck('record.signature', 'Ed25519', result);
}

export function signerCheck(result: Found, trust: Trust): Check {
  return makeCheck(
    'record.signer',
    trust.kind === 'fingerprint' ? 'the fingerprint you gave' : 'your policy',
    result,
  );
}

/** @param hash the 32 bytes that are signed */
export async function checkSignature(
  { publicKey: key, signature: signed }: { readonly publicKey: string; readonly signature: string },
  hash: Bytes,
): Promise<Found> {
  const publicKey = fromBase64(key);
  const signature = fromBase64(signed);
  if (publicKey === undefined)
    return found('fail', 'the public key is not canonical base64', 'signature.encoding');
  if (signature === undefined)
    return found('fail', 'the signature is not canonical base64', 'signature.encoding');
  const fault = findKeyFault(publicKey);
  if (fault !== undefined)
    return found('fail', `the public key is refused: ${fault}`, `signature.key.${fault}`);
  return (await verifyEd25519(publicKey, signature, hash))
    ? found('pass', `key ${ed25519Fingerprint(key)}`)
    : found('fail', "the signature is not this key's over this hash", 'signature.invalid');
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
        'make a policy with `qpoe init`, or name one with --policy',
      );
    case 'fingerprint':
      return isFingerprintOf(trust, fingerprint)
        ? found('pass', `${key}, the fingerprint you gave`)
        : found(
            'unknown',
            `${key}, not the fingerprint you gave`,
            'signer.unknown',
            "a bare record carries one key: give that key's own fingerprint, not the identity's",
          );
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
