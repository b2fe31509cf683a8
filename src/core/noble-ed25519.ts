/**
 * Ed25519 verification for engines whose WebCrypto has none. The equation is the one of RFC 8032 without the cofactor,
 * R = S·B − k·A by its bytes, as OpenSSL and BoringSSL have it: with the cofactor, which that RFC allows too, whoever holds a
 * key could make a signature that holds on a page and not on the command line.
 */

import { Point } from '@noble/ed25519';
import { sha512 } from '@noble/hashes/sha2.js';
import { type Bytes, concatenate, equalBytes, toHex } from './bytes.ts';

const ORDER = 0x1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3edn;

/** @param publicKey which `findKeyFault` passes @param signature 64 bytes */
export function verifyByNoble(publicKey: Bytes, signature: Bytes, message: Bytes): boolean {
  const r = signature.subarray(0, 32);
  const s = littleEndian(signature.subarray(32));
  const key = readPoint(publicKey);
  if (key === undefined || s >= ORDER) return false;
  const k = littleEndian(sha512(concatenate([r, publicKey, message]))) % ORDER;
  const point = Point.BASE.multiplyUnsafe(s).subtract(key.multiplyUnsafe(k));
  return equalBytes(point.toBytes(), r);
}

function readPoint(bytes: Bytes): Point | undefined {
  try {
    return Point.fromBytes(bytes);
  } catch {
    return undefined;
  }
}

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${toHex(bytes.slice().reverse())}`);
}
