/** The contract (`contracts/LogAnchor.sol`) as its callers need it: what to send, what it says, and whether it is the one. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as AbiFunction from 'ox/AbiFunction';
import * as Secp256k1 from 'ox/Secp256k1';
import * as TypedData from 'ox/TypedData';
import { fromHexData, toHexData } from '../anchor/hex-data.ts';
import { keccak256 } from '../anchor/keccak.ts';
import { originHash } from '../anchor/log-id.ts';
import { type Bytes, utf8 } from '../core/bytes.ts';
import { QpoeError } from '../core/error.ts';
import { packageRoot } from '../store/package-root.ts';
import { askCall, askCode, type ChainNode, type Hex, NodeRefusal } from './chain-node.ts';

const FUNCTIONS = {
  submit: AbiFunction.from('function submit(bytes32 recordHash)'),
  getTimestamp: AbiFunction.from('function getTimestamp(bytes32 recordHash) view returns (uint256)'),
  anchor: AbiFunction.from('function anchor(bytes32 originHash, uint64 size, bytes32 root, bytes32[] proof)'),
  anchorSigned: AbiFunction.from(
    'function anchorSigned(bytes32 originHash, uint64 size, bytes32 root, bytes32 r, bytes32 vs, bytes32[] proof)',
  ),
  head: AbiFunction.from(
    'function head(bytes32 logId) view returns ((bytes32 root, uint64 size, uint64 time, uint64 blockNumber, uint64 count))',
  ),
};

/** A tree that a contract is asked to take as a log's head. */
export interface NewHead {
  readonly origin: string;
  readonly size: number;
  readonly root: Bytes;
  /** From the head that the contract holds (RFC 6962); none where it holds none. */
  readonly proof: readonly Bytes[];
}

/** By an EIP-712 signature, s in the lower half. */
export interface HeadSignature {
  readonly r: Hex;
  /** EIP-2098: s, with the parity in its highest bit. */
  readonly vs: Hex;
}

export function encodeSubmit(recordHash: Bytes): Hex {
  return AbiFunction.encodeData(FUNCTIONS.submit, [hex(recordHash)]);
}

export function encodeAnchor({ origin, size, root, proof }: NewHead, signature?: HeadSignature): Hex {
  const head = [hex(originHash(origin)), BigInt(size), hex(root)] as const;
  const hashes = proof.map(hex);
  return signature === undefined
    ? AbiFunction.encodeData(FUNCTIONS.anchor, [...head, hashes])
    : AbiFunction.encodeData(FUNCTIONS.anchorSigned, [...head, signature.r, signature.vs, hashes]);
}

/** For a log of the signer's, whoever sends and pays. */
export function signHead(
  { origin, size, root }: Omit<NewHead, 'proof'>,
  privateKey: Hex,
  chainId: number,
  contract: Hex,
): HeadSignature {
  const payload = TypedData.getSignPayload({
    domain: { name: 'LogAnchor', version: '1', chainId: BigInt(chainId), verifyingContract: contract },
    types: {
      Checkpoint: [
        { name: 'origin', type: 'string' },
        { name: 'size', type: 'uint64' },
        { name: 'root', type: 'bytes32' },
      ],
    },
    primaryType: 'Checkpoint',
    message: { origin, size: BigInt(size), root: hex(root) },
  });
  const { r, s, yParity } = Secp256k1.sign({ payload, privateKey });
  return { r: word(BigInt(r)), vs: word(BigInt(s) | (BigInt(yParity) << 255n)) };
}

/** What the contract holds of a log. */
export interface ChainHead {
  /** 0 where it was never anchored. */
  readonly size: number;
  readonly root: Bytes;
  /** Where it was last anchored. */
  readonly blockNumber: number;
}

export async function askHead(node: ChainNode, contract: Hex, logId: Bytes): Promise<ChainHead> {
  const data = await askCall(node, contract, AbiFunction.encodeData(FUNCTIONS.head, [hex(logId)]));
  const head = decode(node, () => AbiFunction.decodeResult(FUNCTIONS.head, data));
  if (head.size > BigInt(Number.MAX_SAFE_INTEGER))
    throw new QpoeError('refused', `the contract ${contract} holds a log of ${head.size} entries`);
  return { size: Number(head.size), root: bytes(head.root), blockNumber: Number(head.blockNumber) };
}

/** When a record hash was first submitted, in seconds since 1970; undefined where it never was. */
export async function askSubmitted(
  node: ChainNode,
  contract: Hex,
  recordHash: Bytes,
): Promise<number | undefined> {
  const call = AbiFunction.encodeData(FUNCTIONS.getTimestamp, [hex(recordHash)]);
  const data = await askCall(node, contract, call);
  const seconds = decode(node, () => AbiFunction.decodeResult(FUNCTIONS.getTimestamp, data));
  return seconds === 0n ? undefined : Number(seconds);
}

function decode<T>(node: ChainNode, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new QpoeError(
      'refused',
      `${node.shown}: what is at that address does not answer as the contract does`,
      'check the contract’s address and the chain',
      { cause: error },
    );
  }
}

interface Compiled {
  /** That makes the contract. */
  readonly bytecode: Hex;
  /** That then stands at its address. */
  readonly deployedBytecode: Hex;
}

export function compiledContract(): Compiled {
  return JSON.parse(readFileSync(join(packageRoot(), 'contracts', 'LogAnchor.json'), 'utf8'));
}

/** @throws QpoeError `refused` where other code is at the address than this package's contract */
export async function refuseOtherCode(node: ChainNode, contract: Hex): Promise<void> {
  const code = await askCode(node, contract);
  if (code.toLowerCase() === compiledContract().deployedBytecode) return;
  throw new QpoeError(
    'refused',
    code === '0x'
      ? `${node.shown}: there is no contract at ${contract}`
      : `${node.shown}: the code at ${contract} is not that of this version's contract`,
    '`qpoe anchor deploy` makes one',
  );
}

/** The contract's own errors, by selector. */
const ERRORS = new Map(
  ['InvalidHash()', 'Stale(uint64)', 'Inconsistent()', 'BadCheckpoint()', 'BadSignature()', 'NotAFork()'].map(
    (signature) => [toHexData(keccak256(utf8(signature))).slice(0, 10), signature.replace(/\(.*/, '')],
  ),
);

/** The name of the contract's error that a node reports; undefined where it reports something else. */
export function contractError(error: unknown): string | undefined {
  return error instanceof NodeRefusal ? ERRORS.get(error.data?.slice(0, 10) ?? '') : undefined;
}

function hex(value: Uint8Array): Hex {
  return toHexData(value) as Hex;
}

function word(value: bigint): Hex {
  return `0x${value.toString(16).padStart(64, '0')}`;
}

function bytes(value: string): Bytes {
  return fromHexData(value.toLowerCase())!;
}
