/**
 * Ed25519 verification (RFC 8032, section 5.1.7) that gives one answer on every engine.
 *
 * Engines differ where RFC 8032 leaves room: on keys of small order, with which anyone can sign anything, and on y
 * coordinates that are not reduced. Both are refused here, before an engine sees them.
 */

import { type Bytes, toHex } from './bytes.ts';

const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;

export type KeyFault = 'length' | 'small-order' | 'non-canonical';

/** y = 0, 1, −1 and the two of order 8, little-endian without the sign bit: with either sign, every point of small order. */
const SMALL_ORDER_Y = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
]);

/** Why a public key is refused; undefined where it may be used. */
export function findKeyFault(publicKey: Uint8Array): KeyFault | undefined {
  if (publicKey.length !== KEY_BYTES) return 'length';
  const y = publicKey.slice();
  y[31]! &= 0x7f;
  if (SMALL_ORDER_Y.has(toHex(y))) return 'small-order';
  return isReduced(y) ? undefined : 'non-canonical';
}

/** y < 2^255 − 19. */
function isReduced(y: Uint8Array): boolean {
  return y[31] !== 0x7f || y.subarray(1, 31).some((byte) => byte !== 0xff) || y[0]! < 0xed;
}

const MAX_IMPORTED = 1024;
const imported = new Map<string, Promise<CryptoKey>>();

/** Imported keys are kept: a folder of records usually has one signer, and an import costs as much as a verification. */
function importKey(publicKey: Bytes): Promise<CryptoKey> {
  const id = toHex(publicKey);
  let key = imported.get(id);
  if (key === undefined) {
    if (imported.size >= MAX_IMPORTED) imported.clear();
    key = crypto.subtle.importKey('raw', publicKey, 'Ed25519', false, ['verify']);
    imported.set(id, key);
  }
  return key;
}

type Verify = (publicKey: Bytes, signature: Bytes, message: Bytes) => boolean | Promise<boolean>;

async function verifyByWebCrypto(publicKey: Bytes, signature: Bytes, message: Bytes): Promise<boolean> {
  let key: CryptoKey;
  try {
    key = await importKey(publicKey);
  } catch (error) {
    // A signature must not fail because a browser is old.
    if ((error as Error).name === 'NotSupportedError')
      return (await import('./noble-ed25519.ts')).verifyByNoble(publicKey, signature, message);
    // Some engines refuse bytes that are no point of the curve at import, others when verifying.
    return false;
  }
  return crypto.subtle.verify('Ed25519', key, signature, message);
}

let implementation: Verify = verifyByWebCrypto;

/** Takes a platform's own verification, for threads that do nothing else: there the wait for WebCrypto is what costs. */
export function useNativeEd25519(native: Verify): void {
  implementation = native;
}

/** Whether `signature` is `publicKey`'s over `message`; false for a refused key, and for any wrong length. */
export async function verifyEd25519(publicKey: Bytes, signature: Bytes, message: Bytes): Promise<boolean> {
  if (signature.length !== SIGNATURE_BYTES || findKeyFault(publicKey) !== undefined) return false;
  return implementation(publicKey, signature, message);
}
