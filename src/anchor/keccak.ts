/** Keccak-256 as Ethereum has it: of before FIPS 202, whose SHA3-256 pads by another byte and gives other hashes. */

import { keccak_256 } from '@noble/hashes/sha3.js';
import type { Bytes } from '../core/bytes.ts';

export const HASH_BYTES = 32;

export function keccak256(bytes: Uint8Array): Bytes {
  return keccak_256(bytes) as Bytes;
}
