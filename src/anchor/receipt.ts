/**
 * Transaction receipts (yellow paper, section 4.4.1), as a block's receipt trie holds them:
 *
 *     [status, cumulative gas, bloom, [[address, [topic …], data] …]]      a legacy transaction's
 *     type ‖ the same list                                                 https://eips.ethereum.org/EIPS/eip-2718
 *
 *     01  https://eips.ethereum.org/EIPS/eip-2930      03  https://eips.ethereum.org/EIPS/eip-4844
 *     02  https://eips.ethereum.org/EIPS/eip-1559      04  https://eips.ethereum.org/EIPS/eip-7702
 *     7e  https://specs.optimism.io/protocol/deposits.html (never ours, but in the way when a block's trie is rebuilt)
 *
 * The form of before Byzantium, with a state root where the status is, is of blocks long before any of ours and is refused.
 */

import { type Bytes, concatenate, equalBytes } from '../core/bytes.ts';
import type { Fault, Read } from '../tlog/fault.ts';
import { fromHexData, fromHexQuantity } from './hex-data.ts';
import { HASH_BYTES } from './keccak.ts';
import { BLOOM_BYTES, type Log, logsBloom } from './log-bloom.ts';
import { decodeRlp, encodeRlp, isList, type RlpItem } from './rlp.ts';
import { integerBytes, readCount, readInteger } from './rlp-integer.ts';

export interface Receipt {
  /** 0 for a legacy transaction's. */
  readonly type: number;
  readonly status: 0 | 1;
  readonly cumulativeGasUsed: bigint;
  readonly bloom: Bytes;
  readonly logs: readonly Log[];
}

const ADDRESS_BYTES = 20;
const GAS_BYTES = 8;
const MAX_TOPICS = 4;
const LAST_TYPE = 4;
const DEPOSIT = 0x7e;

/** @param bytes the trie's value */
export function readReceipt(bytes: Bytes): Read<Receipt> {
  const [first = 0x80] = bytes;
  if (first >= 0xc0) return readBody(0, bytes);
  // 80 and above begin an RLP string, which no receipt is.
  if (first === 0 || first >= 0x80) return malformed('is neither a list nor of a type', 'type');
  return first <= LAST_TYPE ? readBody(first, bytes.subarray(1)) : newer(first);
}

function readBody(type: number, rlp: Bytes): Read<Receipt> {
  const decoded = decodeRlp(rlp);
  if (decoded.fault !== undefined) return decoded;
  const body = decoded.value;
  if (!isList(body) || body.length !== 4) return malformed('is no list of four', 'fields');
  const [outcome, gas, bloom, entries] = body as readonly [RlpItem, RlpItem, RlpItem, RlpItem];
  const status = readCount(outcome);
  if (status !== 0 && status !== 1) return malformed('has no status of 0 or 1', 'status');
  const cumulativeGasUsed = readInteger(gas, GAS_BYTES);
  if (cumulativeGasUsed === undefined) return malformed('has no amount of gas', 'gas');
  const logs = isList(entries) ? entries.map(readLog) : [undefined];
  if (logs.includes(undefined)) return malformed('has a log that is none', 'log');
  const value = { type, status, cumulativeGasUsed, bloom: bloom as Bytes, logs: logs as Log[] } as const;
  // Nothing here relies on the filter. But one that isn't the logs' own shows that no client made this receipt.
  return !isList(bloom) && equalBytes(bloom, logsBloom(value.logs))
    ? { value }
    : malformed('has a bloom that is not of its logs', 'bloom');
}

function readLog(item: RlpItem): Log | undefined {
  if (!isList(item) || item.length !== 3) return undefined;
  const [address, topics, data] = item as readonly [RlpItem, RlpItem, RlpItem];
  if (isList(address) || address.length !== ADDRESS_BYTES || isList(data)) return undefined;
  if (!isList(topics) || topics.length > MAX_TOPICS || !topics.every(isTopic)) return undefined;
  return { address, topics, data };
}

function isTopic(item: RlpItem): item is Bytes {
  return !isList(item) && item.length === HASH_BYTES;
}

/** A receipt as `eth_getBlockReceipts` answers, of which nothing is taken for granted. */
export interface RpcReceipt {
  readonly type?: unknown;
  readonly status?: unknown;
  readonly cumulativeGasUsed?: unknown;
  readonly logsBloom?: unknown;
  readonly logs?: unknown;
  readonly depositNonce?: unknown;
  readonly depositReceiptVersion?: unknown;
}

/** The trie's value. Whoever asks builds the trie of a whole block and compares its root with the header's. */
export function encodeReceipt(receipt: RpcReceipt): Read<Bytes> {
  const type = rpcInteger(receipt.type, 1);
  if (type === undefined) return malformed('names no type', 'type');
  const number = Number(type[0] ?? 0);
  if (number > LAST_TYPE && number !== DEPOSIT) return newer(number);
  const body = rpcBody(receipt);
  if (body.fault !== undefined) return body;
  const extra = number === DEPOSIT ? rpcDeposit(receipt) : [];
  if (extra === undefined) return malformed('has a deposit’s version without its nonce', 'deposit');
  return { value: concatenate([type, encodeRlp([...body.value, ...extra])]) };
}

function rpcBody({ status, cumulativeGasUsed, logsBloom, logs }: RpcReceipt): Read<readonly RlpItem[]> {
  const outcome = rpcInteger(status, 1);
  if (outcome === undefined || (outcome[0] ?? 0) > 1) return malformed('has no status of 0 or 1', 'status');
  const gas = rpcInteger(cumulativeGasUsed, GAS_BYTES);
  if (gas === undefined) return malformed('has no amount of gas', 'gas');
  const bloom = rpcData(logsBloom);
  if (bloom?.length !== BLOOM_BYTES) return malformed('has no bloom of 256 bytes', 'bloom');
  const entries = Array.isArray(logs) ? logs.map(rpcLog) : [undefined];
  if (entries.includes(undefined)) return malformed('has a log that is none', 'log');
  return { value: [outcome, gas, bloom, entries as RlpItem[]] };
}

/**
 * What a deposit's receipt has besides. The nonce came with Regolith, but is hashed since Canyon alone, which is when the
 * version came: a service shows the nonce of the time between, too, and there it is not in the trie.
 */
function rpcDeposit({ depositNonce, depositReceiptVersion }: RpcReceipt): readonly RlpItem[] | undefined {
  if ((depositReceiptVersion ?? null) === null) return [];
  const extra = [rpcInteger(depositNonce, 8), rpcInteger(depositReceiptVersion, 8)];
  return extra.includes(undefined) ? undefined : (extra as RlpItem[]);
}

/** What stands where a string is due: a list is neither address, topic nor data, and an empty string is no list of topics. */
const NO_STRING: RlpItem = [];
const NO_LIST: RlpItem = new Uint8Array(0);

function rpcLog(log: unknown): RlpItem | undefined {
  const { address, topics, data } = (log ?? {}) as { readonly [name: string]: unknown };
  const string = (value: unknown): RlpItem => rpcData(value) ?? NO_STRING;
  const item = [string(address), Array.isArray(topics) ? topics.map(string) : NO_LIST, string(data)];
  return readLog(item) && item;
}

function rpcData(value: unknown): Bytes | undefined {
  return typeof value === 'string' && value.startsWith('0x') ? fromHexData(value.toLowerCase()) : undefined;
}

function rpcInteger(value: unknown, width: number): Bytes | undefined {
  const quantity = typeof value === 'string' ? fromHexQuantity(value) : undefined;
  const bytes = quantity === undefined ? undefined : integerBytes(quantity);
  return bytes === undefined || bytes.length > width ? undefined : bytes;
}

function newer(type: number): Fault {
  return malformed(`is of type 0x${type.toString(16)}, which is not known here`, 'newer');
}

function malformed(what: string, code: string): Fault {
  return { fault: `the receipt ${what}`, code: `receipt.${code}` };
}
