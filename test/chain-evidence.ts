/** Blocks made up field by field, with the contract's events in them; and every way in which the tests break a trie's proof. */

import { CHECKPOINT_TOPIC, SUBMITTED_TOPIC } from '../src/anchor/contract-events.ts';
import { type Log, logsBloom } from '../src/anchor/log-bloom.ts';
import { encodeRlp, type RlpItem } from '../src/anchor/rlp.ts';
import { integerBytes } from '../src/anchor/rlp-integer.ts';
import { buildReceiptTrie, type ReceiptTrie } from '../src/anchor/trie.ts';
import { type Bytes, concatenate } from '../src/core/bytes.ts';

export const filled = (length: number, byte: number): Bytes => new Uint8Array(length).fill(byte);

/** A number in a word of the ABI. */
export function word(value: number | bigint): Bytes {
  const digits = integerBytes(value);
  return concatenate([new Uint8Array(32 - digits.length), digits]);
}

/** In order, each unlike the others. */
export function headerFields(receiptsRoot: Bytes, count = 21): RlpItem[] {
  return [
    filled(32, 1),
    filled(32, 2),
    filled(20, 3),
    filled(32, 4),
    filled(32, 5),
    receiptsRoot,
    filled(256, 0),
    integerBytes(0),
    integerBytes(21_925_176),
    integerBytes(36_000_000),
    integerBytes(16_310_000),
    integerBytes(1_740_508_595),
    filled(9, 6),
    filled(32, 7),
    filled(8, 0),
    integerBytes(1_000_000_000),
    filled(32, 8),
    integerBytes(131_072),
    integerBytes(0),
    filled(32, 9),
    filled(32, 10),
    filled(32, 11),
  ].slice(0, count);
}

export interface ReceiptParts {
  readonly type?: number;
  readonly status?: number;
  readonly gas?: number;
  readonly logs?: readonly Log[];
}

export function receiptBytes({ type = 2, status = 1, gas = 21_000, logs = [] }: ReceiptParts): Bytes {
  const entries = logs.map(({ address, topics, data }) => [address, topics, data]);
  const body = encodeRlp([integerBytes(status), integerBytes(gas), logsBloom(logs), entries]);
  return concatenate([integerBytes(type), body]);
}

/** As a token's transfers are. */
function transfer(index: number): Log {
  return { address: filled(20, index), topics: [filled(32, 1), word(index), word(7)], data: word(index) };
}

export interface MadeBlock {
  readonly header: Bytes;
  readonly trie: ReceiptTrie;
}

/** A block of `count` transactions, of which the one at `index` has this receipt. */
export function blockWith(receipt: Bytes, index: number, count = 200, fields = 21): MadeBlock {
  const receipts = Array.from({ length: count }, (_, i) =>
    i === index
      ? receipt
      : receiptBytes({
          type: i % 5,
          gas: 21_000 * (i + 1),
          logs: Array.from({ length: i % 7 }, (_, log) => transfer(i + log)),
        }),
  );
  const trie = buildReceiptTrie(receipts);
  return { header: encodeRlp(headerFields(trie.root, fields)), trie };
}

export const CONTRACT = filled(20, 0xc0);

export function checkpointLog(logId: Bytes, size: number | bigint, root: Bytes): Log {
  return {
    address: CONTRACT,
    topics: [CHECKPOINT_TOPIC, logId],
    data: concatenate([word(size), root]),
  };
}

export function submittedLog(recordHash: Bytes, submitter: Bytes, timestamp: number): Log {
  const padded = concatenate([new Uint8Array(12), submitter]);
  return { address: CONTRACT, topics: [SUBMITTED_TOPIC, recordHash, padded], data: word(timestamp) };
}

export function flip(bytes: Bytes, bit: number): Bytes {
  const flipped = bytes.slice();
  flipped[bit >> 3]! ^= 1 << (bit & 7);
  return flipped;
}

/** Each with what was done to it. @param bits of every node that are flipped, in turn */
export function* brokenProofs(
  proof: readonly Bytes[],
  bits: (node: Bytes) => Iterable<number>,
): Generator<readonly [string, readonly Bytes[]]> {
  for (const [i, node] of proof.entries()) {
    for (const bit of bits(node)) yield [`bit ${bit} of node ${i} flipped`, proof.with(i, flip(node, bit))];
    yield [`node ${i} removed`, proof.toSpliced(i, 1)];
    yield [`node ${i} doubled`, proof.toSpliced(i, 0, node)];
    yield [`node ${i} once more at the end`, [...proof, node]];
    yield [`another before node ${i}`, proof.toSpliced(i, 0, Uint8Array.of(0xc0))];
    yield [`node ${i} cut`, proof.with(i, node.subarray(0, -1))];
    yield [`node ${i} with a byte more`, proof.with(i, concatenate([node, filled(1, 0)]))];
    yield [`node ${i} emptied`, proof.with(i, filled(0, 0))];
    if (i > 0) yield [`nodes ${i - 1} and ${i} swapped`, proof.with(i, proof[i - 1]!).with(i - 1, node)];
  }
  yield ['another after the last', [...proof, Uint8Array.of(0xc0)]];
  yield ['every node removed', []];
}

export function* everyBit(node: Bytes): Generator<number> {
  for (let bit = 0; bit < 8 * node.length; bit++) yield bit;
}

/** First, last, and some between. */
export function* someBits(node: Bytes): Generator<number> {
  const bits = 8 * node.length;
  for (let part = 0; part <= 8; part++) yield Math.floor(((bits - 1) * part) / 8);
}
