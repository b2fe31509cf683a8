/**
 * That a block of a chain holds a log's head, or the record's hash (docs/anchors.md). The bundle brings the block's
 * header, and a receipt proven to be in it; the policy says which contract, which log in it, and which blocks are the chain's.
 * Header and receipt name no chain, and a proof shows no code: whatever the policy doesn't say stays unknown.
 */

import {
  type AnchoredEvent,
  type CheckpointAnchor,
  openAnchor,
  type RecordAnchor,
  readAnchor,
} from '../anchor/evidence.ts';
import type { BlockHeader } from '../anchor/header.ts';
import { toHexData } from '../anchor/hex-data.ts';
import { fromBase64 } from '../core/bytes.ts';
import { count } from '../core/count.ts';
import type { Digest } from '../core/digest.ts';
import type { JsonObject } from '../core/json.ts';
import type { Shaped } from '../core/shape.ts';
import { formatTime } from '../core/time.ts';
import type { Fault } from '../tlog/fault.ts';
import { findConsistencyFault } from '../tlog/merkle.ts';
import { type Check, type Found, found, makeCheck } from './check.ts';
import type { LogHead } from './log-checks.ts';
import type { Policy } from './policy.ts';
import type { Trust } from './trust.ts';
import type { TrustedTime } from './trusted-time.ts';

export interface JudgedAnchor {
  /** `anchor.header`, `anchor.receipt`, `anchor.root`, `anchor.block`. */
  readonly checks: readonly Check[];
  /** Whether all of them pass. */
  readonly holds: boolean;
  /** The heads whose entries are in the anchored tree; of a record's anchor none. */
  readonly covers: readonly LogHead[];
  /** The block's number, where the header could be read. */
  readonly block?: number;
  /** Whether it is the record's hash itself that is anchored. */
  readonly ofRecord: boolean;
  /** When the block was made, where all pass and its chain has a clock that is anyone's but the person's own. */
  readonly time?: TrustedTime;
}

type Chain = NonNullable<Policy['chain']>[number];

/** The embedded chain, and those that development nodes make: whoever runs one sets its clock. */
const LOCAL_CHAIN = 'local';
const DEVELOPMENT_CHAINS = [1337, 31_337];

/** @param heads of the logs that the policy knows, where an entry of the bundle's was proven */
export function judgeAnchor(
  object: JsonObject,
  record: Digest,
  heads: readonly LogHead[],
  trust: Trust,
): Shaped<JudgedAnchor> {
  const { value: anchor, fault } = readAnchor(object);
  if (fault !== undefined) return { fault };
  const { header, receipt, event } = openAnchor(anchor);
  const ofRecord = anchor.event === 'record';
  if (header.fault !== undefined) return { value: { ...judged({ header: failed(header) }), ofRecord } };
  const block = header.value;
  const first = found('pass', describeBlock(block));
  const broken = (what: Found) => ({
    value: { ...judged({ header: first, receipt: what }), ofRecord, block: block.number },
  });
  if (receipt?.value === undefined) return broken(failed(receipt!));
  if (event?.value === undefined) return broken(failed(event!));
  const strange = findStrangeTime(event.value, block);
  if (strange !== undefined) return broken(strange);
  const chains = chainsOf(event.value, trust);
  const { root, covers } = anchor.event === 'record' ? judgeRecord(anchor, record) : judgeTree(anchor, heads);
  const pinned = chains.fitting.find((chain) => hasBlock(chain, block));
  const four = {
    header: first,
    receipt: chains.found,
    root,
    block: chains.fitting.length === 0 ? NEEDS_RECEIPT : judgeBlock(block, pinned, chains.fitting),
  };
  return { value: judged(four, { covers, ofRecord, block, chain: pinned }) };
}

const NEEDS_RECEIPT = found('skipped', 'needs anchor.receipt');
const failed = ({ fault, code }: Partial<Fault>): Found => found('fail', fault!, code);

interface Founds {
  readonly header: Found;
  readonly receipt?: Found;
  readonly root?: Found;
  readonly block?: Found;
}

interface Anchored {
  readonly covers: readonly LogHead[];
  readonly ofRecord: boolean;
  readonly block: BlockHeader;
  /** Whose block it is. */
  readonly chain: Chain | undefined;
}

function judged(
  {
    header,
    receipt = found('skipped', 'needs anchor.header'),
    root = NEEDS_RECEIPT,
    block = NEEDS_RECEIPT,
  }: Founds,
  anchored?: Anchored,
): JudgedAnchor {
  const checks = [headerCheck(header), receiptCheck(receipt), rootCheck(root), blockCheck(block)];
  const holds = checks.every(({ status }) => status === 'pass');
  const time = holds ? timeOf(anchored!) : undefined;
  return {
    checks,
    holds,
    covers: anchored?.covers ?? [],
    ofRecord: anchored?.ofRecord === true,
    ...(anchored === undefined ? {} : { block: anchored.block.number }),
    ...(time === undefined ? {} : { time }),
  };
}

function timeOf({ block, chain }: Anchored): TrustedTime | undefined {
  if (isDevelopment(chain!)) return undefined;
  return { ms: block.timestamp * 1000, source: `block ${block.number} of ${chain!.name}` };
}

/** Whether its time is whatever the person who runs it says. */
export function isDevelopment({ name, chain_id }: Chain): boolean {
  return name === LOCAL_CHAIN || DEVELOPMENT_CHAINS.includes(chain_id);
}

function describeBlock({ number, hash, timestamp }: BlockHeader): string {
  return `block ${number}, ${toHexData(hash)}, says ${formatTime(timestamp * 1000)}`;
}

/** Our contract writes the time of the very block. */
function findStrangeTime(event: AnchoredEvent, { timestamp }: BlockHeader): Found | undefined {
  return event.event === 'record' && event.timestamp !== timestamp
    ? found('fail', `the event says ${event.timestamp}, its block ${timestamp}`, 'anchor.timestamp')
    : undefined;
}

/** The policy's chains that the event may be of: neither header nor receipt says which it is. */
function chainsOf(event: AnchoredEvent, trust: Trust): { fitting: readonly Chain[]; found: Found } {
  const contract = toHexData(event.contract);
  const known = trust.kind === 'policy' ? (trust.policy.chain ?? []) : [];
  const same = known.filter((chain) => chain.contract.toLowerCase() === contract);
  if (same.length === 0)
    return {
      fitting: [],
      found: found('unknown', `no chain of your policy has the contract ${contract}`, 'anchor.contract'),
    };
  if (event.event === 'record')
    return { fitting: same, found: found('pass', `the record's hash, submitted to ${contract}`) };
  const id = toHexData(event.logId);
  const fitting = same.filter(({ log_id }) => log_id === undefined || log_id.toLowerCase() === id);
  if (fitting.length === 0)
    return {
      fitting,
      found: found('unknown', `log ${id} of ${contract} is not the one of your policy`, 'anchor.log-id'),
    };
  const named = fitting.some(({ log_id }) => log_id !== undefined);
  const extent = named ? `log ${id}` : 'existence only: your policy names no log of it';
  return {
    fitting,
    found: found('pass', `${count(Number(event.size), 'entry', 'entries')}, ${contract}, ${extent}`),
  };
}

interface JudgedRoot {
  readonly root: Found;
  readonly covers: readonly LogHead[];
}

function judgeRecord(anchor: RecordAnchor, record: Digest): JudgedRoot {
  const root =
    anchor.record === record
      ? found('pass', `this record, ${record}`)
      : found('fail', 'it anchors another record', 'anchor.other-record');
  return { root, covers: [] };
}

/** The anchored tree against each head that the bundle's own proofs lead to. */
function judgeTree(anchor: CheckpointAnchor, heads: readonly LogHead[]): JudgedRoot {
  const { origin } = anchor.log;
  const of = heads.filter((head) => head.origin === origin);
  const nothing = (evidence: string, code: string) => ({
    root: found('unknown', evidence, code),
    covers: [],
  });
  if (of.length === 0)
    return nothing(`no entry here is in ${origin}, as far as your policy knows it`, 'anchor.unlogged');
  const sizes = new Set(of.map(({ size }) => Number(size)));
  // No one could judge it, and it would look like evidence.
  if (anchor.consistency.some(({ size }) => size === anchor.size || !sizes.has(size)))
    return {
      root: found('fail', 'a consistency proof from no tree that is here', 'anchor.stray'),
      covers: [],
    };
  const results = of.map((head) => ({ head, ...coverage(anchor, head) }));
  const bad = results.find(({ fault }) => fault !== undefined);
  if (bad !== undefined) return { root: found('fail', bad.fault!, 'anchor.consistency'), covers: [] };
  const covers = results.filter(({ covered }) => covered).map(({ head }) => head);
  if (covers.length === 0)
    return nothing(
      `nothing leads from the entries here to the ${anchor.size} that are anchored`,
      'anchor.apart',
    );
  const root = found(
    'pass',
    `${count(Number(anchor.size), 'entry', 'entries')} of ${origin}, ${covers.length} of them here`,
  );
  return { root, covers };
}

/** Whether the anchored tree holds the entry; a fault where the two are of different histories. */
function coverage(
  { size, root, consistency }: CheckpointAnchor,
  head: LogHead,
): { readonly covered: boolean; readonly fault?: string } {
  const its = { size: Number(head.size), root: fromBase64(head.root)! };
  const anchored = { size, root };
  const proof = consistency.find((one) => one.size === its.size)?.hashes;
  if (proof === undefined && its.size !== size) return { covered: false };
  const [older, newer] = its.size <= size ? [its, anchored] : [anchored, its];
  const sizes = { oldSize: older.size, oldRoot: older.root, newSize: newer.size, newRoot: newer.root };
  const fault = findConsistencyFault(sizes, proof ?? []);
  if (fault !== undefined) return { covered: false, fault: fault.fault };
  // Of a tree that was anchored before the entry's own proof was made, the entry must be in the older part.
  return { covered: head.index < size };
}

function hasBlock({ blocks = [] }: Chain, { number, hash }: BlockHeader): boolean {
  const its = toHexData(hash);
  return blocks.some((block) => block.number === number && block.hash.toLowerCase() === its);
}

function judgeBlock(block: BlockHeader, pinned: Chain | undefined, fitting: readonly Chain[]): Found {
  if (pinned !== undefined) {
    const warning = isDevelopment(pinned) ? ': no evidence of time' : '';
    return found('pass', `block ${block.number} of ${pinned.name}, pinned in your policy${warning}`);
  }
  const names = [...new Set(fitting.map(({ name }) => name))].join(' or ');
  return found(
    'unknown',
    `your policy pins no block ${block.number} ${toHexData(block.hash)} of ${names}`,
    'anchor.unpinned',
    `once you have it from nodes that you trust: qpoe policy pin-block ${fitting[0]!.name} ${block.number}`,
  );
}

const headerCheck = (result: Found): Check => makeCheck('anchor.header', 'Keccak-256', result);
const receiptCheck = (result: Found): Check =>
  makeCheck('anchor.receipt', 'Keccak-256, and your policy’s word on the contract', result);
const rootCheck = (result: Found): Check => makeCheck('anchor.root', 'SHA-256 (RFC 6962)', result);
const blockCheck = (result: Found): Check => makeCheck('anchor.block', 'your policy, which pins it', result);
