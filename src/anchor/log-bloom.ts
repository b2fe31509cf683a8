/**
 * The Bloom filter over a receipt's logs (yellow paper, section 4.4.1): of each address and each topic, three of 2048 bits,
 * named by the low eleven bits of the first three pairs of bytes of its Keccak-256. Bit 0 is the last byte's lowest.
 */

import type { Bytes } from '../core/bytes.ts';
import { keccak256 } from './keccak.ts';

export const BLOOM_BYTES = 256;

export interface Log {
  /** Of the contract that emitted it. */
  readonly address: Bytes;
  readonly topics: readonly Bytes[];
  readonly data: Bytes;
}

export function logsBloom(logs: readonly Log[]): Bytes {
  const bloom = new Uint8Array(BLOOM_BYTES);
  for (const { address, topics } of logs) for (const entry of [address, ...topics]) addTo(bloom, entry);
  return bloom;
}

function addTo(bloom: Bytes, entry: Bytes): void {
  const hash = keccak256(entry);
  for (let pair = 0; pair < 6; pair += 2) {
    const bit = ((hash[pair]! << 8) | hash[pair + 1]!) % (8 * BLOOM_BYTES);
    bloom[BLOOM_BYTES - 1 - (bit >> 3)]! |= 1 << (bit & 7);
  }
}
