/**
 * The Merkle tree of RFC 6962 (section 2.1) and RFC 9162 (section 2.1), over SHA-256.
 *
 *     leaf = SHA-256(00 ‖ entry)      node = SHA-256(01 ‖ left ‖ right)      empty tree = SHA-256()
 *
 * A *subtree* here is a complete one: level 0 is the leaves, and (level, index) covers the leaves from index·2^level up to
 * (index+1)·2^level. Every hash of a proof is made of such subtrees, which never change once they are there: what can be
 * asked of a log is first planned as subtrees, then read, then hashed. Sizes go to 2^53−1, beyond the reach of bitwise
 * operators.
 */

import type { Bytes } from '../core/bytes.ts';
import { sha256 } from '../core/digest.ts';
import { QpoeError } from '../core/error.ts';
import type { Fault } from './fault.ts';

export const HASH_BYTES = 32;

export function emptyRoot(): Bytes {
  return sha256(new Uint8Array(0));
}

/** Reused, as is `node`: hashing is most of a log's work, and SHA-256 keeps nothing of what it is given. */
const shortLeaf = new Uint8Array(1 + 0xffff);

/** SHA-256 of 0x00 and the entry (RFC 9162, section 2.1.1): 32 bytes. */
export function leafHash(entry: Uint8Array): Bytes {
  const length = 1 + entry.length;
  // Its first byte is never written: the 00 that keeps leaves apart from nodes.
  const leaf = length > shortLeaf.length ? new Uint8Array(length) : shortLeaf.subarray(0, length);
  leaf.set(entry, 1);
  return sha256(leaf);
}

const node = new Uint8Array(1 + 2 * HASH_BYTES);
node[0] = 1;

export function nodeHash(left: Uint8Array, right: Uint8Array): Bytes {
  // A short one would leave bytes of the node before in place.
  if (left.length !== HASH_BYTES || right.length !== HASH_BYTES) throw new RangeError('not a hash');
  node.set(left, 1);
  node.set(right, 1 + HASH_BYTES);
  return sha256(node);
}

/** The root over a power of two of hashes, one after another. */
export function completeRoot(hashes: Uint8Array): Bytes {
  const row = new Uint8Array(hashes);
  for (let width = row.length / HASH_BYTES; width > 1; width /= 2)
    for (let i = 0; i < width / 2; i++) {
      node.set(row.subarray(2 * i * HASH_BYTES, 2 * (i + 1) * HASH_BYTES), 1);
      row.set(sha256(node), i * HASH_BYTES);
    }
  return row.slice(0, HASH_BYTES);
}

export function sameHash(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

export interface Inclusion {
  readonly leaf: Uint8Array;
  readonly index: number;
  readonly size: number;
  readonly root: Uint8Array;
}

/** Why `proof` does not show the leaf in the tree (RFC 9162, section 2.1.3.2); undefined where it does. */
export function findInclusionFault(
  { leaf, index, size, root }: Inclusion,
  proof: readonly Uint8Array[],
): Fault | undefined {
  if (!isCount(index) || !isCount(size) || index >= size)
    return { fault: `there is no leaf ${index} in a tree of ${size}`, code: 'inclusion.index' };
  if (![leaf, ...proof].every(isHash))
    return { fault: 'a hash in the inclusion proof is not 32 bytes', code: 'inclusion.hash' };
  const steps = climbToRoot({ leaf, index, size }, proof);
  if (steps === undefined) return wrongLength('inclusion');
  return sameHash(steps.at(-1)?.hash ?? leaf, root)
    ? undefined
    : { fault: 'the inclusion proof leads to another root', code: 'inclusion.root' };
}

/** One level up: the sibling, on which side of the way it stands, and the hash of both. */
export interface InclusionStep {
  readonly sibling: Uint8Array;
  readonly side: 'left' | 'right';
  readonly hash: Uint8Array;
}

/** The way from the leaf up to whatever root the proof leads to; undefined for a proof of another length than the sizes need. */
export function climbToRoot(
  { leaf, index, size }: Omit<Inclusion, 'root'>,
  proof: readonly Uint8Array[],
): readonly InclusionStep[] | undefined {
  const path = { index, last: size - 1 };
  const steps: InclusionStep[] = [];
  let hash = leaf;
  for (const sibling of proof) {
    if (path.last === 0) return undefined;
    const side = isRightChild(path) ? 'left' : 'right';
    hash = side === 'left' ? nodeHash(sibling, hash) : nodeHash(hash, sibling);
    steps.push({ sibling, side, hash });
    climb(path);
  }
  return path.last === 0 ? steps : undefined;
}

export interface Consistency {
  readonly oldSize: number;
  readonly oldRoot: Uint8Array;
  readonly newSize: number;
  readonly newRoot: Uint8Array;
}

/**
 * Why `proof` does not show that the new tree begins with all of the old one (RFC 9162, section 2.1.4.2); undefined where it
 * does. Nothing is shown of an empty old tree: it has no leaf that could have been changed, and no proof.
 */
export function findConsistencyFault(
  { oldSize, oldRoot, newSize, newRoot }: Consistency,
  proof: readonly Uint8Array[],
): Fault | undefined {
  if (!isCount(oldSize) || !isCount(newSize) || oldSize < 1 || newSize < oldSize)
    return { fault: `a tree of ${newSize} cannot extend one of ${oldSize}`, code: 'consistency.size' };
  if (!proof.every(isHash))
    return { fault: 'a hash in the consistency proof is not 32 bytes', code: 'consistency.hash' };
  if (oldSize === newSize) return findDifference(oldRoot, newRoot, proof);
  const path = { index: oldSize - 1, last: newSize - 1 };
  while (path.index % 2 === 1) shift(path);
  // A complete old tree is a subtree of the new one, and its root is known: the proof leaves it out.
  const hashes = path.index === 0 ? [oldRoot, ...proof] : proof;
  const seed = hashes[0];
  if (seed === undefined || !isHash(seed)) return wrongLength('consistency');
  let older = seed;
  let newer = seed;
  for (const sibling of hashes.slice(1)) {
    if (path.last === 0) return wrongLength('consistency');
    if (isRightChild(path)) older = nodeHash(sibling, older);
    newer = isRightChild(path) ? nodeHash(sibling, newer) : nodeHash(newer, sibling);
    climb(path);
  }
  if (path.last !== 0) return wrongLength('consistency');
  if (!sameHash(older, oldRoot))
    return { fault: 'the consistency proof leads to another old root', code: 'consistency.old-root' };
  return sameHash(newer, newRoot)
    ? undefined
    : { fault: 'the consistency proof leads to another new root', code: 'consistency.new-root' };
}

function findDifference(a: Uint8Array, b: Uint8Array, proof: readonly Uint8Array[]): Fault | undefined {
  if (proof.length > 0) return wrongLength('consistency');
  return sameHash(a, b) ? undefined : { fault: 'two roots for one tree size', code: 'consistency.new-root' };
}

/** The way from a leaf to the root: the node it is at, and the last node of that level. */
interface Path {
  index: number;
  last: number;
}

/** Whether the next sibling stands on the left: also where the node is its level's last and rises alone to meet it. */
function isRightChild({ index, last }: Path): boolean {
  return index % 2 === 1 || index === last;
}

function climb(path: Path): void {
  if (path.index === path.last) while (path.index % 2 === 0 && path.index !== 0) shift(path);
  shift(path);
}

function shift(path: Path): void {
  path.index = half(path.index);
  path.last = half(path.last);
}

function half(count: number): number {
  return Math.floor(count / 2);
}

function isCount(count: number): boolean {
  return Number.isSafeInteger(count) && count >= 0;
}

function isHash(hash: Uint8Array): boolean {
  return hash.length === HASH_BYTES;
}

function wrongLength(proof: 'inclusion' | 'consistency'): Fault {
  return { fault: `the ${proof} proof has another length than these sizes need`, code: `${proof}.length` };
}

export interface Subtree {
  readonly level: number;
  readonly index: number;
}

/** The hashes of a proof, in order: each is one subtree, or several side by side that `foldRight` joins. */
export type ProofPlan = readonly (readonly Subtree[])[];

/** RFC 9162, section 2.1.3.1. @throws QpoeError where there is no such leaf */
export function planInclusion(index: number, size: number): ProofPlan {
  if (!isCount(index) || !isCount(size) || index >= size)
    throw new QpoeError('usage', `there is no leaf ${index} in a tree of ${size}`);
  const siblings: (readonly Subtree[])[] = [];
  let start = 0;
  let end = size;
  while (end - start > 1) {
    const middle = start + split(end - start);
    siblings.push(index < middle ? coverRange(middle, end) : coverRange(start, middle));
    if (index < middle) end = middle;
    else start = middle;
  }
  return siblings.reverse();
}

/** RFC 9162, section 2.1.4.1. @throws QpoeError where the old tree is empty or the larger one */
export function planConsistency(oldSize: number, newSize: number): ProofPlan {
  if (!isCount(oldSize) || !isCount(newSize) || oldSize < 1 || newSize < oldSize)
    throw new QpoeError('usage', `no proof leads from a tree of ${oldSize} to one of ${newSize}`);
  const siblings: (readonly Subtree[])[] = [];
  let start = 0;
  let end = newSize;
  while (oldSize < end) {
    const middle = start + split(end - start);
    siblings.push(oldSize <= middle ? coverRange(middle, end) : coverRange(start, middle));
    if (oldSize <= middle) end = middle;
    else start = middle;
  }
  // Left of nothing else, the rest is the old tree itself, whose root is known.
  if (start > 0) siblings.push(coverRange(start, end));
  return siblings.reverse();
}

/** The largest power of two below `size`. */
function split(size: number): number {
  let power = 1;
  while (2 * power < size) power *= 2;
  return power;
}

/** The subtrees, largest first, that make up a range of leaves which begins where a subtree of its size could. */
function coverRange(start: number, end: number): readonly Subtree[] {
  const subtrees: Subtree[] = [];
  let at = start;
  for (let level = 52; level >= 0; level--) {
    const width = 2 ** level;
    if (end - at < width) continue;
    subtrees.push({ level, index: at / width });
    at += width;
  }
  return subtrees;
}

/** The hash over neighbouring subtrees, given largest first. */
export function foldRight(hashes: readonly Uint8Array[]): Uint8Array {
  return hashes.reduceRight((right, left) => nodeHash(left, right));
}
