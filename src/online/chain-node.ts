/**
 * A node of an EVM chain, asked by JSON-RPC (https://ethereum.github.io/execution-apis/). Nothing that it says is believed
 * beyond its form: what becomes evidence is recomputed from hashes, and the rest decides only what is asked or sent next.
 */

import * as z from 'zod/mini';
import { fromUtf8, utf8 } from '../core/bytes.ts';
import { QpoeError } from '../core/error.ts';
import { printable } from '../core/printable.ts';
import { checkShape, type Shaped } from '../core/shape.ts';
import { type Patience, requestPatiently } from './http-request.ts';

export interface ChainNode {
  /** Often with a secret in its path: `shown` is what people see. */
  readonly url: string;
  readonly shown: string;
  readonly patience: Patience;
}

export type Hex = `0x${string}`;

const TIMEOUT_MS = 20_000;
const ATTEMPTS = 4;
/** The receipts of a whole block of a busy chain. */
const MAX_ANSWER_BYTES = 64_000_000;
const LOOPBACK = ['127.0.0.1', '[::1]', 'localhost'];

/** @throws QpoeError `usage`: not an https address (plain http is for this very machine) */
export function chainNode(address: string, signal: AbortSignal, patience: Patience = {}): ChainNode {
  const url = URL.parse(address);
  const allowed =
    url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.includes(url.hostname));
  if (url === null || !allowed || url.username !== '' || url.hash !== '')
    throw new QpoeError(
      'usage',
      'an RPC address that is not https, nor http on this machine',
      'give --rpc-url https://…, or rpc_url under [chain.NAME] in config.toml',
    );
  const shown = `the node ${url.host}`;
  const bounds = { timeoutMs: TIMEOUT_MS, attempts: ATTEMPTS, maxBytes: MAX_ANSWER_BYTES };
  return { url: url.href, shown, patience: { ...bounds, ...patience, signal } };
}

/** What a node answers where it understood, and would not. */
export class NodeRefusal extends QpoeError {
  readonly data: Hex | undefined;

  constructor(node: ChainNode, method: string, message: string, data: Hex | undefined) {
    super('external', `${node.shown}: ${method}: ${printable(message, 300)}`, 'try another node, or later');
    this.data = data;
  }
}

const errorShape = z.looseObject({ code: z.number(), message: z.string(), data: z.optional(z.unknown()) });

/** @throws NodeRefusal; QpoeError `external` where there is no answer, or none that JSON-RPC 2.0 would have */
export async function callNode(
  node: ChainNode,
  method: string,
  params: readonly unknown[] = [],
): Promise<unknown> {
  const { status, body } = await requestPatiently(
    {
      url: node.url,
      shown: node.shown,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: utf8(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })),
    },
    node.patience,
  );
  const answer = parseAnswer(fromUtf8(body));
  if (answer === undefined) throw misspoken(node, method, `it answers ${status} without JSON-RPC`);
  if (answer.error === undefined || answer.error === null) return answer.result ?? null;
  const { value, fault } = checkShape(errorShape, answer.error);
  if (fault !== undefined) throw misspoken(node, method, 'an error of no form');
  const { data } = value;
  throw new NodeRefusal(node, method, value.message, isHex(data) ? data : undefined);
}

function parseAnswer(text: string | undefined): { result?: unknown; error?: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '');
    const isAnswer = typeof value === 'object' && value !== null && ('result' in value || 'error' in value);
    return isAnswer ? value : undefined;
  } catch {
    return undefined;
  }
}

function isHex(value: unknown): value is Hex {
  return typeof value === 'string' && /^0x[0-9a-fA-F]*$/.test(value);
}

export function misspoken({ shown }: ChainNode, method: string, what: string): QpoeError {
  return new QpoeError('external', `${shown}: ${method}: ${what}`, 'try another node');
}

const hash = z.templateLiteral(['0x', z.string().check(z.regex(/^[0-9a-fA-F]{64}$/))]);
const address = z.templateLiteral(['0x', z.string().check(z.regex(/^[0-9a-fA-F]{40}$/))]);
const quantity = z.pipe(
  z.string().check(z.regex(/^0x(?:0|[1-9a-fA-F][0-9a-fA-F]{0,63})$/)),
  z.transform((text) => BigInt(text)),
);
const count = z.pipe(
  z.string().check(
    z.regex(/^0x(?:0|[1-9a-fA-F][0-9a-fA-F]{0,13})$/),
    z.refine((text) => Number.isSafeInteger(Number(text)), 'a count beyond 2^53'),
  ),
  z.transform(Number),
);
const hexData = z.templateLiteral(['0x', z.string().check(z.regex(/^(?:[0-9a-fA-F]{2})*$/))]);

/** Asks, and holds the answer to a form. */
async function ask<T>(
  node: ChainNode,
  shape: z.ZodMiniType<T>,
  method: string,
  params: readonly unknown[] = [],
): Promise<T> {
  return orMisspoken(node, method, checkShape(shape, await callNode(node, method, params)));
}

function orMisspoken<T>(node: ChainNode, method: string, { value, fault }: Shaped<T>): T {
  if (fault !== undefined) throw misspoken(node, method, `an answer of another form: ${fault}`);
  return value;
}

export function askChainId(node: ChainNode): Promise<number> {
  return ask(node, count, 'eth_chainId');
}

/** @throws QpoeError `refused` where the node is of another chain */
export async function refuseOtherChain(node: ChainNode, chainId: number): Promise<void> {
  const its = await askChainId(node);
  if (its !== chainId)
    throw new QpoeError(
      'refused',
      `${node.shown} is of chain ${its}, not ${chainId}`,
      'correct the address, or the chain_id in config.toml or your policy',
    );
}

const block = z.object({ number: count, hash, timestamp: count, baseFeePerGas: z.optional(quantity) });
export interface NodeBlock extends z.infer<typeof block> {
  /** As the node words it: what a header is made of. */
  readonly worded: object;
}

/** @param which a tag, a number or a hash; undefined where the node has no such block */
export async function askBlock(
  node: ChainNode,
  which: 'latest' | 'finalized' | number | Hex,
): Promise<NodeBlock | undefined> {
  const byHash = typeof which === 'string' && which.length === 66;
  const name = typeof which === 'number' ? `0x${which.toString(16)}` : which;
  const method = byHash ? 'eth_getBlockByHash' : 'eth_getBlockByNumber';
  const worded = await callNode(node, method, [name, false]);
  if (worded === null) return undefined;
  const found = orMisspoken(node, method, checkShape(block, worded));
  if (byHash && found.hash.toLowerCase() !== which.toLowerCase())
    throw misspoken(node, method, 'another block than the one asked for');
  if (typeof which === 'number' && found.number !== which)
    throw misspoken(node, method, 'another block than the one asked for');
  return { ...found, worded: worded as object };
}

const receipts = z.array(z.looseObject({}));

/** As the node words them. */
export async function askBlockReceipts(node: ChainNode, blockHash: Hex): Promise<readonly object[]> {
  const found = await ask(node, z.nullable(receipts), 'eth_getBlockReceipts', [blockHash]);
  if (found === null) throw misspoken(node, 'eth_getBlockReceipts', `it has no block ${blockHash}`);
  return found;
}

const receipt = z.looseObject({ transactionHash: hash, blockHash: hash, blockNumber: count, status: count });
export type NodeReceipt = z.infer<typeof receipt>;

/** Undefined where the transaction isn't mined, or not known. */
export async function askReceipt(node: ChainNode, transaction: Hex): Promise<NodeReceipt | undefined> {
  const found = await ask(node, z.nullable(receipt), 'eth_getTransactionReceipt', [transaction]);
  // Of a replacing transaction it would say whether that one succeeded.
  if (found !== null && found.transactionHash.toLowerCase() !== transaction.toLowerCase())
    throw misspoken(node, 'eth_getTransactionReceipt', 'the receipt of another transaction');
  return found ?? undefined;
}

export async function isPending(node: ChainNode, transaction: Hex): Promise<boolean> {
  return (await callNode(node, 'eth_getTransactionByHash', [transaction])) !== null;
}

/** How many transactions of an account are mined, or with those that wait. */
export function askNonce(node: ChainNode, account: Hex, when: 'latest' | 'pending'): Promise<number> {
  return ask(node, count, 'eth_getTransactionCount', [account, when]);
}

export function askBalance(node: ChainNode, account: Hex): Promise<bigint> {
  return ask(node, quantity, 'eth_getBalance', [account, 'latest']);
}

export function askCode(node: ChainNode, contract: Hex): Promise<Hex> {
  return ask(node, hexData, 'eth_getCode', [contract, 'latest']);
}

export function askCall(node: ChainNode, to: Hex, data: Hex): Promise<Hex> {
  return ask(node, hexData, 'eth_call', [{ to, data }, 'latest']);
}

export function askAccounts(node: ChainNode): Promise<readonly Hex[]> {
  return ask(node, z.array(address), 'eth_accounts');
}

export interface Call {
  readonly from: Hex;
  readonly to?: Hex;
  readonly data: Hex;
}

export function estimateGas(node: ChainNode, call: Call): Promise<bigint> {
  return ask(node, quantity, 'eth_estimateGas', [call]);
}

/** What is offered beside the base fee, in wei a gas. */
export async function askTip(node: ChainNode, baseFee: bigint): Promise<bigint> {
  try {
    return await ask(node, quantity, 'eth_maxPriorityFeePerGas');
  } catch (error) {
    // Not of the standard's core: some chains have only the sum of both.
    if (!(error instanceof NodeRefusal)) throw error;
    const price = await ask(node, quantity, 'eth_gasPrice');
    return price > baseFee ? price - baseFee : 0n;
  }
}

export function sendRaw(node: ChainNode, raw: Hex): Promise<Hex> {
  return ask(node, hash, 'eth_sendRawTransaction', [raw]);
}

export function sendUnlocked(node: ChainNode, transaction: object): Promise<Hex> {
  return ask(node, hash, 'eth_sendTransaction', [transaction]);
}
