/** What became of a transaction that was sent, or may have been: pending, mined, finalized, failed or replaced. */

import { fromHexData } from '../anchor/hex-data.ts';
import { fromBase64 } from '../core/bytes.ts';
import type { Digest } from '../core/digest.ts';
import { QpoeError } from '../core/error.ts';
import type { AnchorEntry, Anchored, Sent } from '../store/anchors.ts';
import { type AnchorClaim, captureEvidence } from './anchor-evidence.ts';
import { askBlock, askCode, askNonce, askReceipt, type ChainNode, type NodeReceipt } from './chain-node.ts';

/** The entry as it is now: nothing of it is sent, and nothing written. */
export async function settle(node: ChainNode, entry: AnchorEntry): Promise<AnchorEntry> {
  if (entry.state === 'failed' || entry.state === 'replaced' || entry.state === 'finalized') return entry;
  const mined = entry.state === 'mined' && (await isCanonical(node, entry)) ? entry : await look(node, entry);
  if (mined.state === 'mined' && (await isFinal(node, mined.block!.number)))
    return { ...mined, state: 'finalized' };
  return mined;
}

async function isCanonical(node: ChainNode, { block }: AnchorEntry): Promise<boolean> {
  return block !== undefined && (await askBlock(node, block.number))?.hash.toLowerCase() === block.hash;
}

async function isFinal(node: ChainNode, number: number): Promise<boolean> {
  return ((await askBlock(node, 'finalized'))?.number ?? -1) >= number;
}

/** Also of one that was mined, where a reorganization undid that: its evidence is of a block that is none any more. */
async function look(
  node: ChainNode,
  { block: _, evidence: __, ...entry }: AnchorEntry,
): Promise<AnchorEntry> {
  const pending: AnchorEntry = { ...entry, state: 'pending' };
  if (entry.sent === undefined) return { ...entry, state: 'replaced' };
  const receipt = await findReceipt(node, entry.sent);
  if (receipt !== undefined) return receipt.status === 1 ? capture(node, pending, receipt) : failed(entry);
  if ((await askNonce(node, entry.sent.from, 'latest')) <= entry.sent.nonce) return pending;
  // The nonce is used up. A receipt may have come in between the two questions; a hash that was never told may be ours.
  const late = await findReceipt(node, entry.sent);
  if (late !== undefined) return late.status === 1 ? capture(node, pending, late) : failed(entry);
  return { ...entry, state: 'replaced' };
}

function failed(entry: AnchorEntry): AnchorEntry {
  return { ...entry, state: 'failed' };
}

async function findReceipt(node: ChainNode, { transactions }: Sent): Promise<NodeReceipt | undefined> {
  for (const { hash } of transactions.toReversed()) {
    const receipt = hash && (await askReceipt(node, hash));
    if (receipt) return receipt;
  }
  return undefined;
}

async function capture(node: ChainNode, entry: AnchorEntry, receipt: NodeReceipt): Promise<AnchorEntry> {
  const block = { number: receipt.blockNumber, hash: receipt.blockHash.toLowerCase() as `0x${string}` };
  if (entry.anchored.kind === 'contract') return { ...entry, block, state: 'mined' };
  const captured = await captureEvidence(node, block.hash, entry.chain.contract, claimOf(entry.anchored)!);
  if (captured === undefined)
    throw new QpoeError(
      'external',
      `${node.shown}: block ${block.number} does not hold what its own receipt says was anchored in it`,
      'ask another node: --rpc-url',
    );
  return { ...entry, ...captured, state: 'mined' };
}

/** What the event must say; undefined of a contract's own making, which has none. */
export function claimOf(anchored: Anchored): AnchorClaim | undefined {
  if (anchored.kind === 'contract') return undefined;
  if (anchored.kind === 'record') return { event: 'record', record: anchored.hash as Digest };
  const { log, size, root } = anchored;
  return {
    event: 'checkpoint',
    log: { ...log, account: fromHexData(log.account)! },
    size,
    root: fromBase64(root)!,
  };
}

export async function isDeployed(node: ChainNode, { chain }: AnchorEntry): Promise<boolean> {
  return (await askCode(node, chain.contract)) !== '0x';
}
