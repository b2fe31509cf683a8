/** A record's Ed25519 signature, whatever the record's format. */

import { type Bytes, fromBase64 } from '../core/bytes.ts';
import { findKeyFault, verifyEd25519 } from '../core/ed25519.ts';
import { type Check, type Found, found, makeCheck } from './check.ts';
import { ed25519Fingerprint } from './trust.ts';

export function signatureCheck(result: Found): Check {
  return makeCheck('record.signature', 'Ed25519', result);
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
