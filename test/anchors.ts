/** Anchors for tests: the contract's event in a block made here, whose header, receipts and trie are as a chain's. */

import { CHECKPOINT_TOPIC, SUBMITTED_TOPIC } from '../src/anchor/contract-events.ts';
import { type ConsistencyProof, formatAnchor } from '../src/anchor/evidence.ts';
import { encodeHeader, readHeader } from '../src/anchor/header.ts';
import { toHexData } from '../src/anchor/hex-data.ts';
import { type Log, logsBloom } from '../src/anchor/log-bloom.ts';
import { type LogKind, logId } from '../src/anchor/log-id.ts';
import { encodeReceipt } from '../src/anchor/receipt.ts';
import { buildReceiptTrie } from '../src/anchor/trie.ts';
import { type Bytes, concatenate, fromBase64 } from '../src/core/bytes.ts';
import { type Digest, digestBytes } from '../src/core/digest.ts';
import type { JsonObject } from '../src/core/json.ts';
import type { Read } from '../src/tlog/fault.ts';
import type { Policy } from '../src/verify/policy.ts';

type Chain = NonNullable<Policy['chain']>[number];

/** A tree, as a checkpoint names it. */
interface TestHead {
  readonly origin: string;
  readonly size: number;
  readonly root: Bytes;
}

export interface TestBlock {
  /** Seconds since 1970. */
  readonly timestamp: number;
  readonly number?: number;
  readonly contract?: Bytes;
  readonly account?: Bytes;
  readonly kind?: LogKind;
  /** As the policy calls it. */
  readonly chain?: string;
  readonly chainId?: number;
  /** From the bundle's own trees to the anchored one. */
  readonly consistency?: readonly ConsistencyProof[];
}

export interface TestAnchor {
  /** As it stands in a bundle's `anchors`. */
  readonly anchor: JsonObject;
  /** The policy's `[[chain]]` under which it holds: of this log, with its block pinned. */
  readonly chain: Chain;
}

const CONTRACT = new Uint8Array(20).fill(0xc0);
const ACCOUNT = new Uint8Array(20).fill(0xac);
const INDEX = 1;

/** The tree of the entry, as its own proof names it. */
export function headOf(entry: JsonObject): TestHead {
  const { treeSize, rootHash, checkpoint } = entry.inclusionProof as unknown as {
    readonly treeSize: string;
    readonly rootHash: string;
    readonly checkpoint: { readonly envelope: string };
  };
  const [origin = ''] = checkpoint.envelope.split('\n', 1);
  return { origin, size: Number(treeSize), root: fromBase64(rootHash)! };
}

/** A log's head in a block: what `qpoe anchor submit` leaves. */
export function anchorTree({ origin, size, root }: TestHead, block: TestBlock): TestAnchor {
  const { account = ACCOUNT, kind = 'sender', consistency = [] } = block;
  const id = logId(kind, account, origin);
  const data = concatenate([wordOf(size), root]);
  const { place, chain } = makeBlock({ topics: [CHECKPOINT_TOPIC, id], data }, block);
  const log = { origin, kind, account };
  return {
    anchor: formatAnchor({ event: 'checkpoint', ...place, log, size, root, consistency }),
    chain: { ...chain, log_id: toHexData(id) },
  };
}

/** A record's hash alone in a block: what `qpoe anchor submit --record` leaves. */
export function anchorRecord(record: Digest, block: TestBlock): TestAnchor {
  const { account = ACCOUNT, timestamp } = block;
  const topics = [SUBMITTED_TOPIC, digestBytes(record), concatenate([new Uint8Array(12), account])];
  const { place, chain } = makeBlock({ topics, data: wordOf(timestamp) }, block);
  return { anchor: formatAnchor({ event: 'record', ...place, record }), chain };
}

/** A block of three transactions, of which the second made the event. */
function makeBlock(event: Omit<Log, 'address'>, block: TestBlock) {
  const { timestamp, number = 19_000_000, contract = CONTRACT, chain = 'mainnet', chainId = 1 } = block;
  const receipts = [[], [{ address: contract, ...event }], []].map(receiptOf);
  const trie = buildReceiptTrie(receipts);
  const header = orThrow(encodeHeader(headerOf(number, timestamp, trie.root)));
  const { hash } = orThrow(readHeader(header));
  return {
    place: { header, receipt: { index: INDEX, proof: trie.prove(INDEX) }, logIndex: 0 },
    chain: {
      name: chain,
      chain_id: chainId,
      contract: toHexData(contract),
      blocks: [{ number, hash: toHexData(hash) }],
    },
  };
}

function receiptOf(logs: readonly Log[], index: number): Bytes {
  return orThrow(
    encodeReceipt({
      type: '0x2',
      status: '0x1',
      cumulativeGasUsed: hex(60_000 * (index + 1)),
      logsBloom: toHexData(logsBloom(logs)),
      logs: logs.map(({ address, topics, data }) => ({
        address: toHexData(address),
        topics: topics.map(toHexData),
        data: toHexData(data),
      })),
    }),
  );
}

/** Of after Shanghai. Nothing reads the fields that stand empty. */
function headerOf(number: number, timestamp: number, receiptsRoot: Bytes) {
  return {
    parentHash: zeros(32),
    sha3Uncles: zeros(32),
    miner: zeros(20),
    stateRoot: zeros(32),
    transactionsRoot: zeros(32),
    receiptsRoot: toHexData(receiptsRoot),
    logsBloom: zeros(256),
    difficulty: '0x0',
    number: hex(number),
    gasLimit: hex(30_000_000),
    gasUsed: hex(180_000),
    timestamp: hex(timestamp),
    extraData: '0x',
    mixHash: zeros(32),
    nonce: zeros(8),
    baseFeePerGas: hex(7),
    withdrawalsRoot: zeros(32),
  };
}

const hex = (value: number): string => `0x${value.toString(16)}`;
const zeros = (bytes: number): string => `0x${'00'.repeat(bytes)}`;

function wordOf(value: number): Bytes {
  const word = new Uint8Array(32);
  new DataView(word.buffer).setBigUint64(24, BigInt(value));
  return word;
}

function orThrow<T>(read: Read<T>): T {
  if (read.fault !== undefined) throw new Error(read.fault);
  return read.value;
}
