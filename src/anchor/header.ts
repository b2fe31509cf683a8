/**
 * Block headers (yellow paper, section 4.4.3), of after the merge: a list of 16 to 21 fields whose Keccak-256 is the block's hash.
 *
 *     16  to baseFeePerGas          https://eips.ethereum.org/EIPS/eip-1559 (also chains that never merged, with a difficulty)
 *     17  withdrawalsRoot           https://eips.ethereum.org/EIPS/eip-4895
 *     20  blobGasUsed, excessBlobGas, parentBeaconBlockRoot      https://eips.ethereum.org/EIPS/eip-4844, eip-4788
 *     21  requestsHash              https://eips.ethereum.org/EIPS/eip-7685
 *
 * A header of another length is refused and its rest not skipped: what a later fork puts there may change what the fields
 * before it mean. Every width is exact. A header shows neither its chain nor that anyone ever agreed to it: the block's hash
 * has to be known from elsewhere.
 */

import type { Bytes } from '../core/bytes.ts';
import type { Fault, Read } from '../tlog/fault.ts';
import { fromHexData, fromHexQuantity } from './hex-data.ts';
import { keccak256 } from './keccak.ts';
import { decodeRlp, encodeRlp, isList, type RlpItem } from './rlp.ts';
import { integerBytes, readCount, readInteger } from './rlp-integer.ts';

/** Some three times the longest there is. */
export const MAX_HEADER_BYTES = 2048;

export interface BlockHeader {
  /** Keccak-256 of the header's own bytes. */
  readonly hash: Bytes;
  readonly number: number;
  /** Seconds since 1970. */
  readonly timestamp: number;
  readonly stateRoot: Bytes;
  readonly receiptsRoot: Bytes;
  /** 16, 17, 20 or 21: which fork's rules the block is of. */
  readonly fieldCount: number;
}

type Form =
  | { readonly kind: 'data'; readonly least: number; readonly most: number }
  | { readonly kind: 'integer'; readonly width: number }
  | { readonly kind: 'count' };

const data = (bytes: number): Form => ({ kind: 'data', least: bytes, most: bytes });
const HASH = data(32);
const WORD: Form = { kind: 'integer', width: 32 };
const GAS: Form = { kind: 'integer', width: 8 };
const COUNT: Form = { kind: 'count' };

/** In order, by the names that JSON-RPC gives them. */
const FIELDS = [
  ['parentHash', HASH],
  ['sha3Uncles', HASH],
  ['miner', data(20)],
  ['stateRoot', HASH],
  ['transactionsRoot', HASH],
  ['receiptsRoot', HASH],
  ['logsBloom', data(256)],
  ['difficulty', WORD],
  ['number', COUNT],
  ['gasLimit', GAS],
  ['gasUsed', GAS],
  ['timestamp', COUNT],
  // Longer on chains alone whose validators seal a block in it, as Clique's do: none of them is supported.
  ['extraData', { kind: 'data', least: 0, most: 32 }],
  ['mixHash', HASH],
  ['nonce', data(8)],
  ['baseFeePerGas', WORD],
  ['withdrawalsRoot', HASH],
  ['blobGasUsed', GAS],
  ['excessBlobGas', GAS],
  ['parentBeaconBlockRoot', HASH],
  ['requestsHash', HASH],
] as const satisfies readonly (readonly [string, Form])[];

type FieldName = (typeof FIELDS)[number][0];

const FIELD_COUNTS: readonly number[] = [16, 17, 20, 21];

export function readHeader(rlp: Bytes): Read<BlockHeader> {
  if (rlp.length > MAX_HEADER_BYTES) return malformed(`is longer than ${MAX_HEADER_BYTES} bytes`, 'size');
  const decoded = decodeRlp(rlp);
  if (decoded.fault !== undefined) return decoded;
  if (!isList(decoded.value)) return malformed('is no list', 'fields');
  const fields = decoded.value;
  const fault = findCountFault(fields.length) ?? findFieldFault(fields);
  if (fault !== undefined) return fault;
  const field = (name: FieldName): RlpItem => fields[FIELDS.findIndex(([known]) => known === name)]!;
  return {
    value: {
      hash: keccak256(rlp),
      number: readCount(field('number'))!,
      timestamp: readCount(field('timestamp'))!,
      stateRoot: field('stateRoot') as Bytes,
      receiptsRoot: field('receiptsRoot') as Bytes,
      fieldCount: fields.length,
    },
  };
}

function findCountFault(count: number): Fault | undefined {
  if (FIELD_COUNTS.includes(count)) return undefined;
  return count > FIELDS.length
    ? malformed(`has ${count} fields, more than are known here`, 'newer')
    : malformed(`has ${count} fields, as none since the merge has`, 'fields');
}

function findFieldFault(fields: readonly RlpItem[]): Fault | undefined {
  const bad = fields.findIndex((item, i) => !hasForm(item, FIELDS[i]![1]));
  return bad < 0 ? undefined : malformed(`has no ${FIELDS[bad]![0]} of the form that it must have`, 'field');
}

function hasForm(item: RlpItem, form: Form): boolean {
  if (form.kind === 'integer') return readInteger(item, form.width) !== undefined;
  if (form.kind === 'count') return readCount(item) !== undefined;
  return !isList(item) && item.length >= form.least && item.length <= form.most;
}

/** A block as `eth_getBlockByHash` answers, of which nothing is taken for granted; null is as good as absent. */
export type RpcBlock = { readonly [name in FieldName]?: unknown };

/**
 * The header's bytes. Whoever asks compares their Keccak-256 with the block's hash: a field that isn't known here, or one
 * that the service made up, is found out by that alone.
 */
export function encodeHeader(block: RpcBlock): Read<Bytes> {
  const present = FIELDS.filter(([name]) => (block[name] ?? null) !== null);
  const gap = present.findIndex(([name], i) => name !== FIELDS[i]![0]);
  if (gap >= 0) return malformed(`has a ${present[gap]![0]} but no ${FIELDS[gap]![0]}`, 'fields');
  const items = present.map(([name, form]) => itemOf(block[name], form));
  const bad = items.indexOf(undefined);
  if (bad >= 0) return malformed(`has no ${FIELDS[bad]![0]} of the form that it must have`, 'field');
  return findCountFault(items.length) ?? { value: encodeRlp(items as RlpItem[]) };
}

function itemOf(value: unknown, form: Form): RlpItem | undefined {
  if (typeof value !== 'string' || !value.startsWith('0x')) return undefined;
  const item = form.kind === 'data' ? fromHexData(value.toLowerCase()) : quantityBytes(value);
  return item !== undefined && hasForm(item, form) ? item : undefined;
}

function quantityBytes(text: string): Bytes | undefined {
  const quantity = fromHexQuantity(text);
  return quantity === undefined ? undefined : integerBytes(quantity);
}

function malformed(what: string, code: string): Fault {
  return { fault: `the block header ${what}`, code: `header.${code}` };
}
