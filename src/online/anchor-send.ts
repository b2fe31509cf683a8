/** Sending a transaction so that it is paid once at most: it is in the journal, with its nonce, before any node sees it. */

import * as ContractAddress from 'ox/ContractAddress';
import { QpoeError } from '../core/error.ts';
import { type AnchorEntry, type Anchored, type Sent, saveAnchor } from '../store/anchors.ts';
import type { Store } from '../store/store.ts';
import { uuidV7 } from '../store/uuid.ts';
import { broadcast, type ChainAccount, signTransaction, type Unsigned } from './chain-account.ts';
import {
  askBalance,
  askBlock,
  askNonce,
  askTip,
  type Call,
  type ChainNode,
  estimateGas,
  type Hex,
  isPending,
  misspoken,
  NodeRefusal,
} from './chain-node.ts';

/** Where something is anchored, and who pays. */
export interface Anchoring {
  readonly node: ChainNode;
  readonly store: Store;
  readonly chain: { readonly name: string; readonly chainId: number };
  readonly account: ChainAccount;
  /** Wei a gas: with base fees above it nothing is sent. */
  readonly maxFeePerGas: bigint;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** What a transaction would cost now. Gas and wei. */
export interface Quote {
  readonly gas: bigint;
  readonly maxFeePerGas: bigint;
  readonly maxPriorityFeePerGas: bigint;
  /** At the base fee of the last block. */
  readonly cost: bigint;
  /** What it can cost at most. */
  readonly maxCost: bigint;
}

const GWEI = 10n ** 9n;

/** @throws NodeRefusal where the call would fail; QpoeError `refused` where gas is dearer than the person pays */
export async function quote({ node, maxFeePerGas }: Anchoring, call: Call): Promise<Quote> {
  // A head may need a longer proof, or a slot be new, by the time that it is mined.
  const gas = ((await estimateGas(node, call)) * 11n) / 10n;
  const baseFee = await askBaseFee(node);
  const tip = await askTip(node, baseFee);
  if (baseFee + tip > maxFeePerGas)
    throw new QpoeError(
      'refused',
      `a gas costs ${formatGwei(baseFee + tip)} gwei now, more than the ${formatGwei(maxFeePerGas)} of --max-fee`,
      'wait, or raise --max-fee',
    );
  // Six full blocks in a row double the base fee.
  const wanted = 2n * baseFee + tip;
  const offered = wanted < maxFeePerGas ? wanted : maxFeePerGas;
  return {
    gas,
    maxFeePerGas: offered,
    maxPriorityFeePerGas: tip,
    cost: (gas * 10n * (baseFee + tip)) / 11n,
    maxCost: gas * offered,
  };
}

async function askBaseFee(node: ChainNode): Promise<bigint> {
  const block = await askBlock(node, 'latest');
  if (block?.baseFeePerGas === undefined)
    throw misspoken(node, 'eth_getBlockByNumber', 'a latest block without a base fee (EIP-1559)');
  return block.baseFeePerGas;
}

export function formatGwei(wei: bigint): string {
  return formatUnits(wei, GWEI);
}

export function formatEther(wei: bigint): string {
  return formatUnits(wei, GWEI * GWEI);
}

function formatUnits(wei: bigint, unit: bigint): string {
  const digits = String(unit).length - 1;
  const rest = (wei % unit).toString().padStart(digits, '0').replace(/0+$/, '');
  return rest === '' ? String(wei / unit) : `${wei / unit}.${rest}`;
}

/** What is sent, and for what. */
export interface Purpose {
  /** Absent where a contract is made. */
  readonly contract?: Hex;
  readonly data: Hex;
  readonly anchored: Anchored;
}

/** @returns the entry, pending, as it stands in the journal */
export async function send(
  anchoring: Anchoring,
  { contract, data, anchored }: Purpose,
): Promise<AnchorEntry> {
  const { node, account, chain, now, store } = anchoring;
  const to = contract === undefined ? {} : { to: contract };
  const quoted = await quote(anchoring, { from: account.address, ...to, data });
  await refusePoor(node, account.address, quoted.maxCost);
  const nonce = await askNonce(node, account.address, 'pending');
  const made = ContractAddress.fromCreate({ from: account.address, nonce: BigInt(nonce) });
  const entry: AnchorEntry = {
    version: 1,
    id: uuidV7(now()),
    chain: {
      name: chain.name,
      chain_id: chain.chainId,
      contract: contract ?? (made.toLowerCase() as Hex),
    },
    anchored,
    sent: { from: account.address, nonce, data, gas: String(quoted.gas), transactions: [] },
    state: 'pending',
  };
  return submit(node, store, account, entry, quoted);
}

async function refusePoor(node: ChainNode, address: Hex, needed: bigint): Promise<void> {
  const balance = await askBalance(node, address);
  if (balance < needed)
    throw new QpoeError(
      'external',
      `${address} has ${formatEther(balance)} of the chain's coin, and up to ${formatEther(needed)} is needed`,
      'fund the account, or pay with another key',
    );
}

type Fees = Pick<Quote, 'maxFeePerGas' | 'maxPriorityFeePerGas'>;

/** Signs with these fees, keeps what was signed, and only then sends it. */
async function submit(
  node: ChainNode,
  store: Store,
  account: ChainAccount,
  entry: AnchorEntry,
  { maxFeePerGas, maxPriorityFeePerGas }: Fees,
): Promise<AnchorEntry> {
  const unsigned = unsignedOf(entry, { maxFeePerGas, maxPriorityFeePerGas });
  const signed = signTransaction(account, unsigned);
  const transaction = {
    ...signed,
    max_fee_per_gas: String(maxFeePerGas),
    max_priority_fee_per_gas: String(maxPriorityFeePerGas),
  };
  const before = entry.sent!.transactions;
  const kept = withTransactions(entry, [...before, transaction]);
  saveAnchor(store, kept);
  const hash = await broadcastOnce(node, account.address, unsigned, signed?.raw);
  if (signed !== undefined || hash === undefined) return kept;
  const told = withTransactions(entry, [...before, { ...transaction, hash: hash.toLowerCase() as Hex }]);
  saveAnchor(store, told);
  return told;
}

function withTransactions(entry: AnchorEntry, transactions: Sent['transactions']): AnchorEntry {
  return { ...entry, sent: { ...entry.sent!, transactions } };
}

function unsignedOf({ chain, anchored, sent }: AnchorEntry, fees: Fees): Unsigned {
  const { nonce, data, gas } = sent!;
  const to = anchored.kind === 'contract' ? {} : { to: chain.contract };
  return { chainId: chain.chain_id, nonce, ...to, data, gas: BigInt(gas), ...fees };
}

/** That a node has it already, or that its nonce is used, is no failure: what became of it is found out next. */
const HAD_ALREADY =
  /already known|known transaction|already imported|nonce too low|already exists|underpriced/i;

async function broadcastOnce(
  node: ChainNode,
  from: Hex,
  unsigned: Unsigned,
  raw: Hex | undefined,
): Promise<Hex | undefined> {
  try {
    return await broadcast(node, from, unsigned, raw);
  } catch (error) {
    if (error instanceof NodeRefusal && HAD_ALREADY.test(error.message)) return undefined;
    throw error;
  }
}

/**
 * Takes up a pending entry: sends again what a node may have lost, and offers more where the base fee has outgrown the offer,
 * always under the same nonce.
 */
export async function sendAgain(anchoring: Anchoring, entry: AnchorEntry): Promise<AnchorEntry> {
  const { node, store, account } = anchoring;
  const { from, transactions } = entry.sent!;
  if (from !== account.address)
    throw new QpoeError(
      'refused',
      `${from} sent a transaction that is still pending, and this key is ${account.address}'s`,
      'go on with the key that began',
    );
  const last = transactions.at(-1);
  if (last === undefined || (await isOutpriced(node, BigInt(last.max_fee_per_gas))))
    return submit(node, store, account, entry, await raisedFees(anchoring, entry));
  if (last.hash !== undefined && (await isPending(node, last.hash))) return entry;
  const fees = {
    maxFeePerGas: BigInt(last.max_fee_per_gas),
    maxPriorityFeePerGas: BigInt(last.max_priority_fee_per_gas),
  };
  const hash = await broadcastOnce(node, from, unsignedOf(entry, fees), last.raw);
  if (last.hash !== undefined || hash === undefined) return entry;
  const told = withTransactions(entry, [
    ...transactions.slice(0, -1),
    { ...last, hash: hash.toLowerCase() as Hex },
  ]);
  saveAnchor(store, told);
  return told;
}

async function isOutpriced(node: ChainNode, offered: bigint): Promise<boolean> {
  return (await askBaseFee(node)) > offered;
}

/** Nodes take a second transaction of one nonce from a tenth (some: an eighth) more on. */
async function raisedFees(anchoring: Anchoring, { sent }: AnchorEntry): Promise<Fees> {
  const baseFee = await askBaseFee(anchoring.node);
  const tip = await askTip(anchoring.node, baseFee);
  const raise = (wei: string | undefined) => (BigInt(wei ?? 0) * 9n) / 8n + 1n;
  const last = sent!.transactions.at(-1);
  const most = (a: bigint, b: bigint) => (a > b ? a : b);
  const maxFeePerGas = most(2n * baseFee + tip, raise(last?.max_fee_per_gas));
  if (maxFeePerGas > anchoring.maxFeePerGas)
    throw new QpoeError(
      'refused',
      `a transaction waits with too low a fee, and ${formatGwei(maxFeePerGas)} gwei would be needed`,
      'wait, or raise --max-fee',
    );
  return { maxFeePerGas, maxPriorityFeePerGas: most(tip, raise(last?.max_priority_fee_per_gas)) };
}
