/** RFC 6962, section 2.1, as its definitions read: slow, and independent of `src/tlog`. */

import { createHash } from 'node:crypto';

export type Leaves = readonly Uint8Array[];

const sha256 = (...parts: readonly Uint8Array[]): Uint8Array => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
};

/** The hash of an entry. */
export const naiveLeaf = (entry: Uint8Array): Uint8Array => sha256(Uint8Array.of(0), entry);

/** `count` different leaf hashes. */
export const naiveLeaves = (count: number): Leaves =>
  Array.from({ length: count }, (_, i) => naiveLeaf(new TextEncoder().encode(`entry ${i}`)));

/** MTH(D), of leaf hashes. */
export function naiveRoot(leaves: Leaves): Uint8Array {
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return leaves[0]!;
  const k = split(leaves.length);
  return sha256(Uint8Array.of(1), naiveRoot(leaves.slice(0, k)), naiveRoot(leaves.slice(k)));
}

/** PATH(m, D) */
export function naivePath(m: number, leaves: Leaves): Leaves {
  if (leaves.length === 1) return [];
  const k = split(leaves.length);
  return m < k
    ? [...naivePath(m, leaves.slice(0, k)), naiveRoot(leaves.slice(k))]
    : [...naivePath(m - k, leaves.slice(k)), naiveRoot(leaves.slice(0, k))];
}

/** PROOF(m, D) */
export function naiveProof(m: number, leaves: Leaves, known = true): Leaves {
  if (m === leaves.length) return known ? [] : [naiveRoot(leaves)];
  const k = split(leaves.length);
  return m <= k
    ? [...naiveProof(m, leaves.slice(0, k), known), naiveRoot(leaves.slice(k))]
    : [...naiveProof(m - k, leaves.slice(k), false), naiveRoot(leaves.slice(0, k))];
}

/** The largest power of two below n. */
const split = (n: number): number => 2 ** Math.floor(Math.log2(n - 1));
