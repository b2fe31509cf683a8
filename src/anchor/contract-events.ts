/**
 * The contract's two events in a receipt's logs (https://docs.soliditylang.org/en/latest/abi-spec.html#events):
 *
 *     Checkpoint(bytes32 indexed logId, uint64 size, bytes32 root)
 *       topics  keccak256("Checkpoint(bytes32,uint64,bytes32)"), log id
 *       data    size in a word, root
 *     Submitted(bytes32 indexed recordHash, address indexed submitter, uint256 timestamp)
 *       topics  keccak256("Submitted(bytes32,address,uint256)"), record hash, submitter in a word
 *       data    timestamp in a word
 *
 * Any contract can emit the same: who relies on one compares the log's address with the contract that they know.
 */

import { type Bytes, equalBytes, fromHex } from '../core/bytes.ts';
import type { Fault, Read } from '../tlog/fault.ts';
import type { Log } from './log-bloom.ts';
import { ADDRESS_BYTES } from './log-id.ts';
import { readCount } from './rlp-integer.ts';

export const CHECKPOINT_SIGNATURE = 'Checkpoint(bytes32,uint64,bytes32)';
export const CHECKPOINT_TOPIC = fromHex('bce4c1b959d6147d2c279f655c900103e69b51abd2e541f76569c69eccb0a87b')!;
export const SUBMITTED_SIGNATURE = 'Submitted(bytes32,address,uint256)';
export const SUBMITTED_TOPIC = fromHex('50dca40c14745b7b1b883ba39f16911a8b136760f477c97ff1ae7da2161727e3')!;

const WORD_BYTES = 32;

export interface CheckpointEvent {
  readonly logId: Bytes;
  readonly size: number;
  readonly root: Bytes;
}

export interface SubmittedEvent {
  readonly recordHash: Bytes;
  readonly submitter: Bytes;
  /** Seconds since 1970. */
  readonly timestamp: number;
}

export function readCheckpointEvent({ topics, data }: Log): Read<CheckpointEvent> {
  const [topic, logId] = topics;
  if (topic === undefined || logId === undefined || topics.length > 2 || !equalBytes(topic, CHECKPOINT_TOPIC))
    return malformed('is no checkpoint’s', 'topic');
  const size = wordCount(data.subarray(0, WORD_BYTES));
  if (size === undefined || data.length !== 2 * WORD_BYTES)
    return malformed('holds no size and root', 'data');
  return { value: { logId, size, root: data.slice(WORD_BYTES) } };
}

export function readSubmittedEvent({ topics, data }: Log): Read<SubmittedEvent> {
  const [topic, recordHash, word, ...more] = topics;
  if (topic === undefined || !equalBytes(topic, SUBMITTED_TOPIC)) return malformed('is no record’s', 'topic');
  const submitter = word && unpad(word, ADDRESS_BYTES);
  if (recordHash === undefined || submitter === undefined || more.length > 0)
    return malformed('names no record and submitter', 'topic');
  const timestamp = wordCount(data);
  if (timestamp === undefined) return malformed('holds no time', 'data');
  return { value: { recordHash, submitter, timestamp } };
}

/** The integer of a word, of up to 2^53−1: no log or clock comes near that. */
function wordCount(word: Bytes): number | undefined {
  const first = word.findIndex((byte) => byte !== 0);
  return word.length === WORD_BYTES
    ? readCount(first < 0 ? new Uint8Array(0) : word.subarray(first))
    : undefined;
}

/** The last bytes of a word whose others are zero. */
function unpad(word: Bytes, length: number): Bytes | undefined {
  const padding = word.length - length;
  return word.subarray(0, padding).every((byte) => byte === 0) ? word.slice(padding) : undefined;
}

function malformed(what: string, code: string): Fault {
  return { fault: `the contract’s event ${what}`, code: `anchor.${code}` };
}
