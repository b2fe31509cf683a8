/**
 * The trie over a block's receipts (yellow paper, section 4.4.3): the RLP of each transaction's index leads to its receipt.
 * Built from what a service answers, to make the proofs that `mpt.ts` verifies.
 */

import type { Bytes } from '../core/bytes.ts';
import { QpoeError } from '../core/error.ts';
import { encodeHexPrefix, type Nibbles, toNibbles } from './hex-prefix.ts';
import { HASH_BYTES, keccak256 } from './keccak.ts';
import { encodeRlp, type RlpItem } from './rlp.ts';
import { integerBytes } from './rlp-integer.ts';

export interface ReceiptTrie {
  readonly root: Bytes;
  /** The nodes from the root to the receipt. @throws QpoeError where there is no such receipt */
  readonly prove: (index: number) => readonly Bytes[];
}

/** The key of a transaction's receipt. */
export function receiptKey(index: number): Bytes {
  return encodeRlp(integerBytes(index));
}

/** @param values `encodeReceipt`'s, in the block's order */
export function buildReceiptTrie(values: readonly Bytes[]): ReceiptTrie {
  if (values.some(({ length }) => length === 0)) throw new QpoeError('usage', 'a trie holds no empty value');
  const entries = values.map((value, index) => ({ path: toNibbles(receiptKey(index)), value }));
  const root = entries.length === 0 ? undefined : build(entries, 0);
  return {
    root: keccak256(root?.rlp ?? encodeRlp(new Uint8Array(0))),
    prove: (index) => {
      const entry = entries[index];
      if (root === undefined || entry === undefined)
        throw new QpoeError('usage', `there is no receipt ${index} in a block of ${entries.length}`);
      const below = nodesOn(entry.path, root, 0).filter(({ rlp }) => rlp.length >= HASH_BYTES);
      return (below[0] === root ? below : [root, ...below]).map(({ rlp }) => rlp);
    },
  };
}

interface Entry {
  readonly path: Nibbles;
  readonly value: Bytes;
}

interface TrieNode {
  readonly item: RlpItem;
  readonly rlp: Bytes;
  /** How many half-bytes of the key it takes before its children's. */
  readonly skip: number;
  /** By the next half-byte; one in all for an extension, none for a leaf. */
  readonly children: readonly (TrieNode | undefined)[];
}

/** Over entries that share the first `at` half-bytes. No key begins with another: RLP tells where it ends. */
function build(entries: readonly Entry[], at: number): TrieNode {
  const [first, ...others] = entries as readonly [Entry, ...Entry[]];
  if (others.length === 0) {
    const rest = encodeHexPrefix({ nibbles: first.path.subarray(at), leaf: true });
    return node([rest, first.value], 0, []);
  }
  const shared = Math.min(...others.map(({ path }) => sharedLength(first.path, path)));
  if (shared === at) return buildBranch(entries, at);
  const branch = buildBranch(entries, shared);
  const prefix = encodeHexPrefix({ nibbles: first.path.subarray(at, shared), leaf: false });
  return node([prefix, referenceTo(branch)], shared - at, [branch]);
}

function buildBranch(entries: readonly Entry[], at: number): TrieNode {
  const children = Array.from({ length: 16 }, (_, nibble) => {
    const below = entries.filter(({ path }) => path[at] === nibble);
    return below.length === 0 ? undefined : build(below, at + 1);
  });
  return node([...children.map(referenceTo), new Uint8Array(0)], 0, children);
}

function node(item: RlpItem, skip: number, children: TrieNode['children']): TrieNode {
  return { item, rlp: encodeRlp(item), skip, children };
}

function referenceTo(child: TrieNode | undefined): RlpItem {
  if (child === undefined) return new Uint8Array(0);
  return child.rlp.length < HASH_BYTES ? child.item : keccak256(child.rlp);
}

function sharedLength(a: Nibbles, b: Nibbles): number {
  const differs = a.findIndex((nibble, i) => nibble !== b[i]);
  return differs < 0 ? a.length : differs;
}

function nodesOn(path: Nibbles, from: TrieNode, at: number): readonly TrieNode[] {
  const below = at + from.skip;
  const child = from.skip > 0 ? from.children[0] : from.children[path[below]!];
  return child === undefined ? [from] : [from, ...nodesOn(path, child, from.skip > 0 ? below : below + 1)];
}
