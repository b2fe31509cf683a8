/**
 * The evidence of an event: the block's header, and the receipt with its proof, rebuilt from what a node gives of the whole
 * block. A node that lies about any of it is found out here, because header and receipts are held to the hashes they must have.
 */

import {
  type Anchor,
  type CheckpointAnchor,
  formatAnchor,
  openAnchor,
  type RecordAnchor,
} from '../anchor/evidence.ts';
import { encodeHeader, readHeader } from '../anchor/header.ts';
import { fromHexData, toHexData } from '../anchor/hex-data.ts';
import { encodeReceipt, readReceipt } from '../anchor/receipt.ts';
import { buildReceiptTrie } from '../anchor/trie.ts';
import { type Bytes, equalBytes } from '../core/bytes.ts';
import { QpoeError } from '../core/error.ts';
import type { JsonObject } from '../core/json.ts';
import type { Read } from '../tlog/fault.ts';
import { askBlock, askBlockReceipts, type ChainNode, type Hex } from './chain-node.ts';

/** What an event must say. */
export type AnchorClaim =
  | Pick<CheckpointAnchor, 'event' | 'log' | 'size' | 'root'>
  | Pick<RecordAnchor, 'event' | 'record'>;

export interface Captured {
  readonly block: { readonly number: number; readonly hash: Hex };
  /** As it goes into bundles; of a log's head without a consistency proof. */
  readonly evidence: JsonObject;
}

/**
 * @param which the block that holds the event
 * @param claim what the event must say
 * @returns undefined where the block holds no such event
 * @throws QpoeError `external`: a node that contradicts itself, or a block of a kind not known here
 */
export async function captureEvidence(
  node: ChainNode,
  which: Hex | number,
  contract: Hex,
  claim: AnchorClaim,
): Promise<Captured | undefined> {
  const block = await askBlock(node, which);
  if (block === undefined) return undefined;
  const header = orLied(node, encodeHeader(block.worded));
  const { hash, receiptsRoot, number } = orLied(node, readHeader(header));
  if (toHexData(hash) !== block.hash.toLowerCase()) throw lied(node, 'the header has another hash');
  const receipts = (await askBlockReceipts(node, block.hash)).map((receipt) =>
    orLied(node, encodeReceipt(receipt)),
  );
  const trie = buildReceiptTrie(receipts);
  if (!equalBytes(trie.root, receiptsRoot)) throw lied(node, 'the receipts are not those of the block');
  const found = findEvent(receipts, { header, prove: trie.prove, contract, claim });
  return found && { block: { number, hash: toHexData(hash) as Hex }, evidence: found };
}

interface Searched {
  readonly header: Bytes;
  readonly prove: (index: number) => readonly Bytes[];
  readonly contract: Hex;
  readonly claim: AnchorClaim;
}

/** The first event that says what is claimed: judged as any verifier will judge it. */
function findEvent(receipts: readonly Bytes[], { header, prove, contract, claim }: Searched) {
  const address = fromHexData(contract)!;
  for (const [index, receipt] of receipts.entries()) {
    // Of a kind that holds no event of ours, and is none of a verifier's either.
    const logs = readReceipt(receipt).value?.logs ?? [];
    for (const [logIndex, log] of logs.entries()) {
      if (!equalBytes(log.address, address)) continue;
      const place = { header, receipt: { index, proof: prove(index) }, logIndex };
      const anchor: Anchor =
        claim.event === 'record' ? { ...claim, ...place } : { ...claim, ...place, consistency: [] };
      if (openAnchor(anchor).event?.value !== undefined) return formatAnchor(anchor);
    }
  }
  return undefined;
}

function orLied<T>(node: ChainNode, read: Read<T>): T {
  if (read.fault !== undefined) throw lied(node, read.fault);
  return read.value;
}

function lied({ shown }: ChainNode, what: string): QpoeError {
  return new QpoeError('external', `${shown}: ${what}`, 'ask another node: --rpc-url');
}
