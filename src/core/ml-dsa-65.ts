/** ML-DSA-65 verification (FIPS 204, pure), so that an archive outlives elliptic curves. */

import type { Bytes } from './bytes.ts';
import { isSpki, rawKey } from './spki.ts';

const SIGNATURE_BYTES = 3309;
/** By the bytes that a policy holds: it is the same array each time. */
const imported = new WeakMap<Bytes, Promise<CryptoKey>>();

function importKey(spki: Bytes): Promise<CryptoKey> {
  let key = imported.get(spki);
  if (key === undefined) {
    key = crypto.subtle.importKey('spki', spki, 'ML-DSA-65', false, ['verify']);
    imported.set(spki, key);
  }
  return key;
}

/**
 * Whether `signature` is the key's over `message`, with this context (empty in every format of ours).
 * @param spki 1,974 bytes
 */
export async function verifyMlDsa65(
  spki: Bytes,
  signature: Bytes,
  message: Bytes,
  context?: Bytes,
): Promise<boolean> {
  if (!isSpki('ml-dsa-65', spki) || signature.length !== SIGNATURE_BYTES) return false;
  if (context !== undefined && context.length > 255) return false;
  try {
    const key = await importKey(spki);
    const algorithm = { name: 'ML-DSA-65', ...(context === undefined ? {} : { context }) };
    return await crypto.subtle.verify(algorithm, key, signature, message);
  } catch (error) {
    if ((error as Error).name !== 'NotSupportedError') return false;
    return verifyByNoble(spki, signature, message, context);
  }
}

/** For the engines whose WebCrypto has no ML-DSA yet: most browsers. */
async function verifyByNoble(
  spki: Bytes,
  signature: Bytes,
  message: Bytes,
  context: Bytes | undefined,
): Promise<boolean> {
  const { ml_dsa65 } = await import('@noble/post-quantum/ml-dsa.js');
  try {
    return ml_dsa65.verify(
      signature,
      message,
      rawKey('ml-dsa-65', spki),
      context === undefined ? {} : { context },
    );
  } catch {
    return false;
  }
}
