/** ML-DSA-44 verification (FIPS 204, pure): what witnesses of transparency logs sign with. */

import { type Bytes, concatenate, fromHex } from './bytes.ts';

const ML_DSA_44_KEY_BYTES = 1312;
const ML_DSA_44_SIGNATURE_BYTES = 2420;
/** SubjectPublicKeyInfo before the raw key (RFC 9881), which engines take instead of it. */
const SPKI_PREFIX = fromHex('30820532300b06096086480165030403110382052100')!;
/** By the bytes that a verifier key holds: it is the same array each time. */
const imported = new WeakMap<Bytes, Promise<CryptoKey>>();

function importKey(publicKey: Bytes): Promise<CryptoKey> {
  let key = imported.get(publicKey);
  if (key === undefined) {
    const spki = concatenate([SPKI_PREFIX, publicKey]);
    key = crypto.subtle.importKey('spki', spki, 'ML-DSA-44', false, ['verify']);
    imported.set(publicKey, key);
  }
  return key;
}

/** Whether `signature` is the key's over `message`, with this context (empty in every format of ours). */
export async function verifyMlDsa44(
  publicKey: Bytes,
  signature: Bytes,
  message: Bytes,
  context?: Bytes,
): Promise<boolean> {
  if (publicKey.length !== ML_DSA_44_KEY_BYTES || signature.length !== ML_DSA_44_SIGNATURE_BYTES)
    return false;
  if (context !== undefined && context.length > 255) return false;
  try {
    const key = await importKey(publicKey);
    const algorithm = { name: 'ML-DSA-44', ...(context === undefined ? {} : { context }) };
    return await crypto.subtle.verify(algorithm, key, signature, message);
  } catch (error) {
    if ((error as Error).name !== 'NotSupportedError') return false;
    return verifyByNoble(publicKey, signature, message, context);
  }
}

/** For the engines whose WebCrypto has no ML-DSA yet: most browsers. */
async function verifyByNoble(
  publicKey: Bytes,
  signature: Bytes,
  message: Bytes,
  context: Bytes | undefined,
): Promise<boolean> {
  const { ml_dsa44 } = await import('@noble/post-quantum/ml-dsa.js');
  try {
    return ml_dsa44.verify(signature, message, publicKey, context === undefined ? {} : { context });
  } catch {
    return false;
  }
}
