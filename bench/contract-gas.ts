/** What anchoring costs, on a chain of our own: the cases of bench/contract.ts, and of the test that holds their limits. */

import { readFileSync } from 'node:fs';
import { AbiFunction, Hash, Hex, Address as OxAddress, Secp256k1, TypedData } from 'ox';
import { compile } from '../scripts/contract-compiler.ts';
import { toHex } from '../src/core/bytes.ts';
import { foldRight, leafHash, nodeHash, planConsistency } from '../src/tlog/merkle.ts';
import type { Address, Anvil, Bytes } from '../test/anvil.ts';

export const LOG_ANCHOR = JSON.parse(
  readFileSync(new URL('../contracts/LogAnchor.json', import.meta.url), 'utf8'),
) as { readonly abi: readonly object[]; readonly bytecode: Bytes; readonly deployedBytecode: Bytes };

export const callData = (name: string, ...args: readonly unknown[]): Bytes =>
  AbiFunction.encodeData(AbiFunction.fromAbi(LOG_ANCHOR.abi as never, name as never), args as never);

interface Step {
  readonly from: number;
  readonly to: number;
}

/** The sizes that a log grows from and to, as the facts' table has them. */
const STEPS: readonly (Step & { readonly name: string })[] = [
  { name: '1 → 2', from: 1, to: 2 },
  { name: '1,000 → 2,000', from: 1000, to: 2000 },
  { name: '1,000,000 → 1,001,000', from: 1_000_000, to: 1_001_000 },
  { name: '2³⁰ − 12,345 → 2³⁰', from: 2 ** 30 - 12_345, to: 2 ** 30 },
];

export interface GasTable {
  readonly deploy: number;
  readonly submit: readonly [first: number, repeat: number];
  readonly original: { readonly deploy: number; readonly submit: readonly [first: number, repeat: number] };
  /** By name: `first`, and the steps'. */
  readonly anchor: Readonly<Record<string, number>>;
  readonly anchorSigned: Readonly<Record<string, number>>;
}

export async function measureGas(chain: Anvil): Promise<GasTable> {
  const ours = await chain.deploy(LOG_ANCHOR.bytecode);
  const source = readFileSync(new URL('./ProofRecord.original.sol', import.meta.url), 'utf8');
  const original = await chain.deploy(compile('ProofRecord', source).bytecode);
  return {
    deploy: ours.gas,
    submit: await submitTwice(chain, ours.address),
    original: { deploy: original.gas, submit: await submitTwice(chain, original.address) },
    anchor: await measureSteps(chain, ours.address, anchor),
    anchorSigned: await measureSteps(chain, ours.address, anchorSigned),
  };
}

/** The gas a record of a checkpoint that covers so many, after a million others. */
export async function gasPerRecord(chain: Anvil, records: number): Promise<number> {
  const { address } = await chain.deploy(LOG_ANCHOR.bytecode);
  return (await grow(chain, address, anchor, { from: 1_000_000, to: 1_000_000 + records })).gas / records;
}

async function submitTwice(chain: Anvil, to: Address): Promise<[first: number, repeat: number]> {
  const data = callData('submit', hashOf('a record'));
  return [await gasOf(chain, { to, data }), await gasOf(chain, { to, data })];
}

async function measureSteps(chain: Anvil, to: Address, method: Method): Promise<Record<string, number>> {
  const gas: Record<string, number> & { first?: number } = {};
  for (const step of STEPS) {
    const grown = await grow(chain, to, method, step);
    gas.first ??= grown.first;
    gas[step.name] = grown.gas;
  }
  return gas;
}

/** In a log of its own: the first checkpoint, then the one that is measured. */
async function grow(
  chain: Anvil,
  to: Address,
  method: Method,
  step: Step,
): Promise<{ readonly first: number; readonly gas: number }> {
  const origin = `example.org/${step.from}/${step.to}`;
  const before = { origin, size: step.from, root: uniformRoot(step.from), proof: [] };
  const after = { origin, size: step.to, root: uniformRoot(step.to), proof: uniformProof(step) };
  return {
    first: await gasOf(chain, { to, data: method(before, to, chain.chainId) }),
    gas: await gasOf(chain, { to, data: method(after, to, chain.chainId) }),
  };
}

async function gasOf(
  chain: Anvil,
  transaction: { readonly to: Address; readonly data: Bytes },
): Promise<number> {
  const { status, gasUsed } = await chain.send(transaction);
  if (status !== '0x1') throw new Error('a transaction that should be measured reverted');
  return Number(gasUsed);
}

interface AnchoredCheckpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Bytes;
  readonly proof: readonly Bytes[];
}

type Method = (checkpoint: AnchoredCheckpoint, contract: Address, chainId: number) => Bytes;

const anchor: Method = ({ origin, size, root, proof }) =>
  callData('anchor', hashOf(origin), BigInt(size), root, proof);

const KEY: Bytes = hashOf('a key for measurements');
export const SIGNER: Address = OxAddress.fromPublicKey(Secp256k1.getPublicKey({ privateKey: KEY }));

/** As a wallet signs it: typed data, with the origin itself. */
export const anchorSigned: Method = ({ origin, size, root, proof }, contract, chainId) => {
  const payload = TypedData.getSignPayload({
    domain: { name: 'LogAnchor', version: '1', chainId, verifyingContract: contract },
    types: {
      Checkpoint: [
        { name: 'origin', type: 'string' },
        { name: 'size', type: 'uint64' },
        { name: 'root', type: 'bytes32' },
      ],
    },
    primaryType: 'Checkpoint',
    message: { origin, size: BigInt(size), root },
  });
  const { r, s, yParity } = Secp256k1.sign({ payload, privateKey: KEY });
  const vs = Hex.fromNumber(BigInt(s) | (BigInt(yParity) << 255n), { size: 32 });
  return callData('anchorSigned', hashOf(origin), BigInt(size), root, Hex.padLeft(r, 32), vs, proof);
};

export function hashOf(text: string): Bytes {
  return Hash.keccak256(Hex.fromString(text));
}

/** The hashes of complete subtrees, by level, of a tree whose leaves are all the same: a real tree of any size. */
const uniform: readonly Uint8Array[] = Array.from({ length: 53 }).reduce<Uint8Array[]>(
  (levels) => [
    ...levels,
    levels.length === 0 ? leafHash(new Uint8Array(0)) : nodeHash(levels.at(-1)!, levels.at(-1)!),
  ],
  [],
);

function uniformRoot(size: number): Bytes {
  const levels = uniform.map((_, level) => level).filter((level) => Math.floor(size / 2 ** level) % 2 === 1);
  return `0x${toHex(foldRight(levels.reverse().map((level) => uniform[level]!)))}`;
}

function uniformProof({ from, to }: Step): readonly Bytes[] {
  return planConsistency(from, to).map(
    (subtrees): Bytes => `0x${toHex(foldRight(subtrees.map(({ level }) => uniform[level]!)))}`,
  );
}
