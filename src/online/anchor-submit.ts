/**
 * Anchoring a log's checkpoint, a record's hash, or nothing yet: making the contract. Each is told by the chain first whether
 * it is there already, takes up what was begun, and only then sends.
 */

import { fromHexData } from '../anchor/hex-data.ts';
import { logId } from '../anchor/log-id.ts';
import { type Bytes, equalBytes, toBase64 } from '../core/bytes.ts';
import { type Digest, digestBytes } from '../core/digest.ts';
import { QpoeError } from '../core/error.ts';
import { type AnchorEntry, type Anchored, listAnchors, saveAnchor } from '../store/anchors.ts';
import { uuidV7 } from '../store/uuid.ts';
import { findConsistencyFault } from '../tlog/merkle.ts';
import { captureEvidence } from './anchor-evidence.ts';
import { type Anchoring, type Purpose, type Quote, quote, send, sendAgain } from './anchor-send.ts';
import { claimOf, isDeployed, settle } from './anchor-settle.ts';
import { askBlock, type ChainNode, estimateGas, type Hex, isPending } from './chain-node.ts';
import { pause } from './http-request.ts';
import {
  askHead,
  askSubmitted,
  type ChainHead,
  compiledContract,
  contractError,
  encodeAnchor,
  encodeSubmit,
  type HeadSignature,
} from './log-anchor.ts';

/** How a submission goes on once it is sent. */
export interface Waiting {
  /** 0: not at all. */
  readonly forMs: number;
  /** Called each time before it is asked again what became of it. */
  readonly onPending: (entry: AnchorEntry) => Promise<void> | void;
}

const POLL_MS = 1000;
/** How often a head that others moved meanwhile is read again. */
const ATTEMPTS = 3;

/** A tree of the log's, and how it is proven to extend another. */
export interface Tree {
  readonly origin: string;
  readonly size: number;
  readonly root: Bytes;
  prove(oldSize: number): readonly Bytes[];
  /** For a log of a signer's; else it is the sender's. */
  readonly signer?: { readonly address: Hex; sign(contract: Hex): HeadSignature };
}

/** @returns as far as it came: pending, mined or finalized */
export async function anchorCheckpoint(
  anchoring: Anchoring,
  contract: Hex,
  tree: Tree,
  waiting: Waiting,
): Promise<AnchorEntry> {
  const anchored = anchoredTree(anchoring, tree);
  for (let attempt = 1; ; attempt++) {
    const begun = await takeUp(anchoring, contract, anchored, waiting);
    if (begun?.state === 'pending') return begun;
    const plan = await planCheckpoint(anchoring, contract, tree);
    if ('head' in plan) return keepFound(anchoring, contract, anchored, plan.head.blockNumber);
    try {
      const sent = await waitFor(anchoring, await send(anchoring, plan), waiting);
      if (sent.state !== 'failed' && sent.state !== 'replaced') return sent;
      if (attempt === ATTEMPTS) throw mishap(sent);
    } catch (error) {
      // Someone moved the head since it was read.
      if (contractError(error) === undefined || attempt === ATTEMPTS) throw explain(error);
    }
  }
}

function explain(error: unknown): unknown {
  const name = contractError(error);
  return name === undefined
    ? error
    : new QpoeError('external', `the contract refuses it: ${name}`, 'run it again, or `qpoe anchor status`');
}

function mishap({ state, sent }: AnchorEntry): QpoeError {
  const hash = sent?.transactions.at(-1)?.hash ?? '';
  return new QpoeError(
    'external',
    state === 'failed' ? `transaction ${hash} was mined and failed` : `transaction ${hash} was replaced`,
    'run it again: the chain’s head is read anew',
  );
}

function anchoredTree({ account }: Anchoring, { origin, size, root, signer }: Tree): Anchored {
  const kind = signer === undefined ? 'sender' : 'signer';
  const log = { origin, kind, account: signer?.address ?? account.address } as const;
  return { kind: 'checkpoint', log, size, root: toBase64(root) };
}

/** @returns the plan, or the head where it is this very tree */
export async function planCheckpoint(
  anchoring: Anchoring,
  contract: Hex,
  tree: Tree,
): Promise<Purpose | { readonly head: ChainHead }> {
  const anchored = anchoredTree(anchoring, tree);
  const head = await askHead(anchoring.node, contract, logIdOf(anchored)!);
  if (head.size === tree.size && equalBytes(head.root, tree.root)) return { head };
  const proof = proveFrom(head, tree);
  const data = encodeAnchor({ ...tree, proof }, tree.signer?.sign(contract));
  return { contract, data, anchored };
}

export function logIdOf(anchored: Anchored): Bytes | undefined {
  if (anchored.kind !== 'checkpoint') return undefined;
  const { kind, account, origin } = anchored.log;
  return logId(kind, fromHexData(account)!, origin);
}

/** The chain would refuse them too: here it costs nothing, and says what it means. */
function proveFrom(head: ChainHead, { origin, size, root, prove }: Tree): readonly Bytes[] {
  if (head.size === 0) return [];
  if (head.size > size)
    throw new QpoeError(
      'refused',
      `the chain holds ${head.size} entries of ${origin}, and this store ${size}`,
      'this is an older copy of the log: restore the newer one',
    );
  const proof = head.size === size ? [] : prove(head.size);
  const { size: oldSize, root: oldRoot } = head;
  const fault = findConsistencyFault({ oldSize, oldRoot, newSize: size, newRoot: root }, proof);
  if (fault === undefined) return proof;
  throw new QpoeError(
    'refused',
    `the chain holds another history of ${origin} at ${oldSize} entries: ${fault.fault}`,
    'a log is anchored with one history only; `qpoe log fsck` checks this one',
  );
}

export async function anchorRecord(
  anchoring: Anchoring,
  contract: Hex,
  record: { readonly recordId: string; readonly hash: Digest },
  waiting: Waiting,
): Promise<AnchorEntry> {
  const anchored: Anchored = { kind: 'record', record_id: record.recordId, hash: record.hash };
  const begun = await takeUp(anchoring, contract, anchored, waiting);
  if (begun !== undefined) return begun;
  const submitted = await askSubmitted(anchoring.node, contract, digestBytes(record.hash));
  if (submitted !== undefined) {
    // By whomever: the first time is the one worth having, and it is paid for.
    const found = await findSubmission(anchoring, contract, anchored, submitted);
    if (found !== undefined) return found;
  }
  const sent = await send(anchoring, planRecord(contract, anchored));
  const seen = await waitFor(anchoring, sent, waiting);
  if (seen.state === 'failed' || seen.state === 'replaced') throw mishap(seen);
  return seen;
}

export function planRecord(contract: Hex, anchored: Anchored & { readonly kind: 'record' }): Purpose {
  return { contract, data: encodeSubmit(digestBytes(anchored.hash as Digest)), anchored };
}

/** The blocks of one second, of which there may be several. */
async function findSubmission(
  anchoring: Anchoring,
  contract: Hex,
  anchored: Anchored,
  seconds: number,
): Promise<AnchorEntry | undefined> {
  const { node } = anchoring;
  for (let number = await firstBlockAt(node, seconds); ; number++) {
    const block = await askBlock(node, number);
    if (block === undefined || block.timestamp > seconds) return undefined;
    const captured = await captureEvidence(node, number, contract, claimOf(anchored)!);
    if (captured !== undefined) return keep(anchoring, contract, anchored, captured);
  }
}

async function firstBlockAt(node: ChainNode, seconds: number): Promise<number> {
  let low = 0;
  let high = (await askBlock(node, 'latest'))?.number ?? 0;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const block = await askBlock(node, middle);
    // What a node no longer has is old.
    if (block === undefined || block.timestamp < seconds) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Makes the contract, unless this store made one on this chain that is still there. */
export async function deployContract(anchoring: Anchoring, waiting: Waiting): Promise<AnchorEntry> {
  const anchored: Anchored = { kind: 'contract' };
  const begun = await takeUp(anchoring, undefined, anchored, waiting);
  if (begun !== undefined && (begun.state === 'pending' || (await isDeployed(anchoring.node, begun))))
    return begun;
  const { bytecode: data } = compiledContract();
  const seen = await waitFor(anchoring, await send(anchoring, { data, anchored }), waiting);
  if (seen.state === 'failed' || seen.state === 'replaced') throw mishap(seen);
  return seen;
}

export async function planQuote(anchoring: Anchoring, { contract, data }: Purpose): Promise<Quote> {
  const to = contract === undefined ? {} : { to: contract };
  return quote(anchoring, { from: anchoring.account.address, ...to, data });
}

/**
 * What was begun before, for this log, record or contract, as it is now.
 * @returns the newest that is pending, mined or finalized; of a checkpoint's only what is pending
 */
async function takeUp(
  anchoring: Anchoring,
  contract: Hex | undefined,
  anchored: Anchored,
  waiting: Waiting,
): Promise<AnchorEntry | undefined> {
  const begun = listAnchors(anchoring.store).filter((entry) => isOf(anchoring, contract, anchored, entry));
  let newest: AnchorEntry | undefined;
  for (const entry of begun) {
    const now = await goOn(anchoring, await keepChange(anchoring, entry), waiting);
    if (now.state !== 'failed' && now.state !== 'replaced') newest = now;
  }
  return newest;
}

function isOf(
  { chain }: Anchoring,
  contract: Hex | undefined,
  anchored: Anchored,
  { chain: its, anchored: that }: AnchorEntry,
): boolean {
  if (its.chain_id !== chain.chainId || its.name !== chain.name || that.kind !== anchored.kind) return false;
  if (contract !== undefined && its.contract !== contract) return false;
  if (anchored.kind === 'record') return (that as typeof anchored).hash === anchored.hash;
  return anchored.kind !== 'checkpoint' || equalBytes(logIdOf(that)!, logIdOf(anchored)!);
}

async function keepChange({ node, store }: Anchoring, entry: AnchorEntry): Promise<AnchorEntry> {
  const now = await settle(node, entry);
  if (now !== entry) saveAnchor(store, now);
  return now;
}

/** A pending one that would fail by now, and that no node has, is given up: nothing of it was paid. */
async function goOn(anchoring: Anchoring, entry: AnchorEntry, waiting: Waiting): Promise<AnchorEntry> {
  if (entry.state !== 'pending') return entry;
  if (await isHopeless(anchoring, entry)) {
    const given: AnchorEntry = { ...entry, state: 'failed' };
    saveAnchor(anchoring.store, given);
    return given;
  }
  return waitFor(anchoring, await sendAgain(anchoring, entry), waiting);
}

async function isHopeless({ node }: Anchoring, { chain, anchored, sent }: AnchorEntry): Promise<boolean> {
  const to = anchored.kind === 'contract' ? {} : { to: chain.contract };
  for (const { hash } of sent!.transactions)
    if (hash !== undefined && (await isPending(node, hash))) return false;
  try {
    await estimateGas(node, { from: sent!.from, ...to, data: sent!.data });
    return false;
  } catch (error) {
    if (contractError(error) === undefined) throw error;
    return true;
  }
}

async function waitFor(
  anchoring: Anchoring,
  entry: AnchorEntry,
  { forMs, onPending }: Waiting,
): Promise<AnchorEntry> {
  const started = performance.now();
  for (let now = entry; ; ) {
    now = await keepChange(anchoring, now);
    if (now.state !== 'pending' || performance.now() - started >= forMs) return now;
    await onPending(now);
    await pause(POLL_MS, anchoring.node.patience.signal);
  }
}

async function keepFound(
  anchoring: Anchoring,
  contract: Hex,
  anchored: Anchored,
  blockNumber: number,
): Promise<AnchorEntry> {
  const known = listAnchors(anchoring.store).findLast(
    (entry) =>
      isOf(anchoring, contract, anchored, entry) &&
      entry.evidence !== undefined &&
      (entry.anchored as { root?: string }).root === (anchored as { root?: string }).root,
  );
  if (known !== undefined) return keepChange(anchoring, known);
  const captured = await captureEvidence(anchoring.node, blockNumber, contract, claimOf(anchored)!);
  if (captured !== undefined) return keep(anchoring, contract, anchored, captured);
  throw new QpoeError(
    'external',
    `${anchoring.node.shown}: the contract holds this checkpoint, and block ${blockNumber} has no event of it`,
    'ask another node: --rpc-url',
  );
}

type Found = Pick<Required<AnchorEntry>, 'block' | 'evidence'>;

async function keep(
  anchoring: Anchoring,
  contract: Hex,
  anchored: Anchored,
  { block, evidence }: Found,
): Promise<AnchorEntry> {
  const entry: AnchorEntry = {
    version: 1,
    id: uuidV7(anchoring.now()),
    chain: { name: anchoring.chain.name, chain_id: anchoring.chain.chainId, contract },
    anchored,
    state: 'mined',
    block,
    evidence,
  };
  saveAnchor(anchoring.store, entry);
  return keepChange(anchoring, entry);
}
