/**
 * A log's identity in the contract, which keeps one head for each:
 *
 *     keccak256(abi.encode(uint8 kind, address account, bytes32 keccak256(origin)))
 *
 * Kind 0 is a log whose account sends its checkpoints itself, 1 one whose account signs them for others to send. The account
 * is part of it: under an origin alone, a stranger could extend the log with leaves of their own and shut its operator out.
 */

import { type Bytes, concatenate, utf8 } from '../core/bytes.ts';
import { keccak256 } from './keccak.ts';

/** Whose a log in the contract is: of the account that sends, or of a key that signs whoever sends. */
export type LogKind = 'sender' | 'signer';

export const ADDRESS_BYTES = 20;
const WORD_BYTES = 32;

export function originHash(origin: string): Bytes {
  return keccak256(utf8(origin));
}

/** @param account of 20 bytes */
export function logId(kind: LogKind, account: Uint8Array, origin: string): Bytes {
  if (account.length !== ADDRESS_BYTES) throw new RangeError('not an address');
  const words = [Uint8Array.of(kind === 'sender' ? 0 : 1), account, originHash(origin)];
  return keccak256(concatenate(words.map(toWord)));
}

/** Padded on the left, as the ABI has numbers and addresses. */
function toWord(bytes: Uint8Array): Bytes {
  return concatenate([new Uint8Array(WORD_BYTES - bytes.length), bytes]);
}
