/** SHA-256 (FIPS 180-4) and its text form in every format of ours: `sha256:` and 64 lowercase hex digits. */

import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import { type Bytes, fromHex, toHex } from './bytes.ts';

/** `sha256:` and 64 lowercase hex digits, the one form in which a digest is written. */
export type Digest = `sha256:${string}`;

export const DIGEST_PATTERN = /^sha256:[0-9a-f]{64}$/;

let implementation: (bytes: Uint8Array) => Uint8Array = nobleSha256;

/** Takes the platform's own SHA-256, several times as fast where there is a synchronous one (Node); browsers have none. */
export function useNativeSha256(native: (bytes: Uint8Array) => Uint8Array): void {
  implementation = native;
}

/** The 32 raw bytes. */
export function sha256(bytes: Uint8Array): Bytes {
  return implementation(bytes) as Bytes;
}

/** SHA-256 (FIPS 180-4) of any number of bytes, as it is written. */
export function digestOf(bytes: Uint8Array): Digest {
  return formatDigest(sha256(bytes));
}

function formatDigest(hash: Uint8Array): Digest {
  return `sha256:${toHex(hash)}`;
}

/** The 32 bytes that a digest names. */
export function digestBytes(digest: Digest): Bytes {
  return fromHex(digest.slice('sha256:'.length))!;
}
