/**
 * Proofs that a Merkle-Patricia trie holds a value (yellow paper, appendix D; https://eips.ethereum.org/EIPS/eip-1186):
 *
 *     leaf       [hex prefix of the key's rest, value]
 *     extension  [hex prefix of what all below share, reference]
 *     branch     [reference for each half-byte 0 … f, value of the key that ends here]
 *
 *     reference  Keccak-256 of the node's RLP; the node itself where its RLP is shorter than 32 bytes
 *
 * A proof is the nodes from the root to the value, each as its RLP. Nodes that stand embedded in another are not listed. Each
 * node is bound by its hash before it is read, and the key leaves one way to go: for one root and key there is one value and
 * one proof. All listed nodes must be on that way, else the same proof could be written twice.
 */

import { type Bytes, equalBytes } from '../core/bytes.ts';
import type { Fault, Read } from '../tlog/fault.ts';
import { decodeHexPrefix, type Nibbles, toNibbles } from './hex-prefix.ts';
import { HASH_BYTES, keccak256 } from './keccak.ts';
import { decodeRlp, encodeRlp, isList, MAX_RLP_BYTES, type RlpItem } from './rlp.ts';

/** The longest way to a key of 32 bytes. */
export const MAX_PROOF_NODES = 64;
/** A receipt with its logs is one node: a limit for it, and not for the others, which are some 500 bytes each. */
export const MAX_NODE_BYTES = MAX_RLP_BYTES;
export const MAX_PROOF_BYTES = 4 * MAX_NODE_BYTES;

const BRANCH_ITEMS = 17;

/** The value that the trie of this root holds under the key. That it holds none is never shown. */
export function provenValue(root: Uint8Array, key: Uint8Array, proof: readonly Bytes[]): Read<Bytes> {
  const excess = findExcess(proof);
  if (excess !== undefined) return excess;
  const path = toNibbles(key);
  let reference = root;
  let at = 0;
  for (const [depth, rlp] of proof.entries()) {
    const node = readNode(rlp, reference, depth);
    if (node.fault !== undefined) return node;
    const step = descend(node.value, path, at);
    if (step.fault !== undefined) return step;
    if (step.value.hash === undefined)
      return depth === proof.length - 1
        ? { value: step.value.found }
        : refuse('has nodes below the value', 'extra');
    reference = step.value.hash;
    at = step.value.at;
  }
  return refuse('ends above the value', 'missing');
}

function findExcess(proof: readonly Bytes[]): Fault | undefined {
  if (proof.length > MAX_PROOF_NODES) return refuse(`has more than ${MAX_PROOF_NODES} nodes`, 'count');
  if (proof.some(({ length }) => length > MAX_NODE_BYTES))
    return refuse(`has a node of more than ${MAX_NODE_BYTES} bytes`, 'size');
  return proof.reduce((total, { length }) => total + length, 0) > MAX_PROOF_BYTES
    ? refuse(`has more than ${MAX_PROOF_BYTES} bytes`, 'size')
    : undefined;
}

function readNode(rlp: Bytes, reference: Uint8Array, depth: number): Read<RlpItem> {
  if (!equalBytes(keccak256(rlp), reference))
    return refuse(`has another node ${depth} than the ${depth === 0 ? 'root' : 'one above'} names`, 'hash');
  if (depth > 0 && rlp.length < HASH_BYTES)
    return refuse(`names node ${depth} by its hash, which is no shorter`, 'reference');
  return decodeRlp(rlp);
}

/** The value, or the hash of the node that comes next and how much of the key lies above it. */
type Step = { readonly found: Bytes; readonly hash?: never } | { readonly hash: Bytes; readonly at: number };

/** Through a node and those embedded in it. */
function descend(node: RlpItem, path: Nibbles, at: number): Read<Step> {
  if (!isList(node)) return refuse('has a node that is no list', 'node');
  if (node.length === BRANCH_ITEMS)
    return at === path.length ? take(node[16]!) : follow(node[path[at]!]!, path, at + 1);
  const [compact, target, ...more] = node;
  if (compact === undefined || target === undefined || isList(compact) || more.length > 0)
    return refuse('has a node that is neither leaf, extension nor branch', 'node');
  return descendShort(compact, target, path, at);
}

function descendShort(compact: Bytes, target: RlpItem, path: Nibbles, at: number): Read<Step> {
  const prefix = decodeHexPrefix(compact);
  // An extension by nothing would be a way to go on for ever.
  if (prefix === undefined || (!prefix.leaf && prefix.nibbles.length === 0))
    return refuse('has a node whose part of the key is malformed', 'prefix');
  const end = at + prefix.nibbles.length;
  if (!equalBytes(prefix.nibbles, path.subarray(at, end))) return absent();
  if (!prefix.leaf) return follow(target, path, end);
  return end === path.length ? take(target) : absent();
}

function follow(reference: RlpItem, path: Nibbles, at: number): Read<Step> {
  if (isList(reference))
    return encodeRlp(reference).length < HASH_BYTES
      ? descend(reference, path, at)
      : refuse('has a node embedded that is too long for it', 'reference');
  if (reference.length === 0) return absent();
  return reference.length === HASH_BYTES
    ? { value: { hash: reference, at } }
    : refuse('has a reference that is neither hash nor node', 'reference');
}

function take(value: RlpItem): Read<Step> {
  if (isList(value)) return refuse('has a value that is no string', 'node');
  return value.length === 0 ? absent() : { value: { found: value } };
}

function absent(): Fault {
  return refuse('leads to a place where the key is not', 'absent');
}

function refuse(what: string, code: string): Fault {
  return { fault: `the trie proof ${what}`, code: `mpt.${code}` };
}
