/** Which chain a command means, where it is asked, at which contract, and who pays. */

import { resolve } from 'node:path';
import { QpoeError } from '../../core/error.ts';
import { printable } from '../../core/printable.ts';
import type { Anchoring } from '../../online/anchor-send.ts';
import { type ChainAccount, readChainKey } from '../../online/chain-account.ts';
import {
  askAccounts,
  askChainId,
  type ChainNode,
  chainNode,
  type Hex,
  refuseOtherChain,
} from '../../online/chain-node.ts';
import { LOCAL_CHAIN, LOCAL_CHAIN_ID, openLocalChain } from '../../online/local-chain.ts';
import { lockAnchors } from '../../store/anchors.ts';
import { readWithStats } from '../../store/files.ts';
import { OTHERS_ANYTHING, readOwnPolicy, refuseOthers } from '../../store/home.ts';
import type { Store } from '../../store/store.ts';
import { readClock } from '../clock.ts';
import type { Context } from '../context.ts';

export interface ChainOptions {
  readonly chain?: string;
  readonly rpcUrl?: readonly string[];
  readonly contract?: string;
}

export interface PayerOptions extends ChainOptions {
  /** A file. */
  readonly key?: string;
  /** An account that the node holds unlocked. */
  readonly from?: string;
  /** Gwei a gas. */
  readonly maxFee?: string;
}

/** A chain by name, as flags, config.toml and the policy have it. */
export interface NamedChain {
  readonly name: string;
  readonly urls: readonly string[];
  readonly chainId?: number | undefined;
  readonly contract?: Hex | undefined;
  /** A file. */
  readonly key?: string | undefined;
}

const MAX_KEY_BYTES = 100_000;
const DEFAULT_MAX_FEE = '100';

/** @throws QpoeError `usage` where a named chain has no address to ask */
export function findChain({ config, home }: Context, { chain, rpcUrl, contract }: ChainOptions): NamedChain {
  const name = chain ?? (rpcUrl === undefined ? (config.default_chain ?? LOCAL_CHAIN) : undefined);
  const set = name === undefined ? undefined : config.chain?.[name];
  const trusted = readOwnPolicy(home)?.chain?.find((one) => one.name === name);
  if (name === LOCAL_CHAIN && (rpcUrl ?? set) !== undefined)
    throw new QpoeError(
      'usage',
      `${LOCAL_CHAIN} is the chain in the store, and has no address`,
      'give a chain of a node’s another name',
    );
  const urls = rpcUrl ?? [set?.rpc_url ?? []].flat();
  if (name !== LOCAL_CHAIN && urls.length === 0)
    throw new QpoeError(
      'usage',
      `no node of the chain ${printable(name ?? '')} is known`,
      `give --rpc-url, or rpc_url under [chain.${printable(name ?? 'NAME')}] in ${home.config}`,
    );
  return {
    name: name ?? '',
    urls,
    chainId: set?.chain_id ?? trusted?.chain_id,
    contract: readAddress(contract ?? set?.contract ?? trusted?.contract, '--contract'),
    key: set?.key === undefined ? undefined : resolve(home.path, set.key),
  };
}

/** @throws QpoeError `usage` */
export function readAddress(text: string | undefined, flag: string): Hex | undefined {
  if (text === undefined) return undefined;
  if (/^0x[0-9a-fA-F]{40}$/.test(text)) return text.toLowerCase() as Hex;
  throw new QpoeError('usage', `${flag} ${printable(text, 100)} is not 0x and 40 hex digits`);
}

/** Each node of a chain that is not the local one, of the chain that it should be of. */
export async function openNodes(
  { signal }: Context,
  { urls, chainId }: NamedChain,
): Promise<{ readonly nodes: readonly ChainNode[]; readonly chainId: number }> {
  const nodes = urls.map((url) => chainNode(url, signal));
  const id = chainId ?? (await askChainId(nodes[0]!));
  for (const node of nodes) await refuseOtherChain(node, id);
  return { nodes, chainId: id };
}

export interface OpenChain extends Anchoring {
  readonly named: NamedChain;
  readonly isLocal: boolean;
  /** Of the local chain: until what was mined is final. Of others nothing can be done but wait. */
  finalize(): Promise<void>;
}

/** Runs `use` with the chain, which is stopped after it where it is the local one. */
export async function withChain<T>(
  context: Context,
  store: Store,
  options: PayerOptions,
  use: (chain: OpenChain) => Promise<T>,
): Promise<T> {
  const named = findChain(context, options);
  const maxFeePerGas = readMaxFee(options.maxFee ?? DEFAULT_MAX_FEE);
  const common = { store, named, maxFeePerGas, now: readClock };
  if (named.name === LOCAL_CHAIN) {
    const local = await openLocalChain(store, context.signal);
    try {
      const chain = { name: LOCAL_CHAIN, chainId: LOCAL_CHAIN_ID };
      const { node, account, finalize } = local;
      return await use({ ...common, node, account, chain, isLocal: true, finalize });
    } finally {
      await local.close();
    }
  }
  const { nodes, chainId } = await openNodes(context, named);
  const node = nodes[0]!;
  const chain = { name: named.name || `chain-${chainId}`, chainId };
  const account = await findAccount(context, node, named, options);
  // The local chain has a lock of its own, for as long as it runs.
  const release = lockAnchors(store);
  try {
    return await use({ ...common, node, account, chain, isLocal: false, finalize: async () => {} });
  } finally {
    release();
  }
}

/** In wei. */
function readMaxFee(gwei: string): bigint {
  const match = /^(\d{1,9})(?:\.(\d{1,9}))?$/.exec(gwei);
  if (match === null)
    throw new QpoeError('usage', `--max-fee ${printable(gwei, 50)} is no price in gwei`, 'such as 20 or 0.5');
  return BigInt(match[1]!) * 10n ** 9n + BigInt((match[2] ?? '').padEnd(9, '0'));
}

async function findAccount(
  context: Context,
  node: ChainNode,
  named: NamedChain,
  { key, from }: PayerOptions,
): Promise<ChainAccount> {
  if (key !== undefined && from !== undefined)
    throw new QpoeError('usage', '--key and --from both say who pays', 'give one of them');
  if (from !== undefined) return findUnlocked(node, readAddress(from, '--from')!);
  return readPayer(context, key ?? named.key, 'QPOE_CHAIN_KEY');
}

async function findUnlocked(node: ChainNode, address: Hex): Promise<ChainAccount> {
  const held = (await askAccounts(node)).map((one) => one.toLowerCase());
  if (held.includes(address)) return { kind: 'unlocked', address };
  throw new QpoeError('usage', `${node.shown} does not hold ${address} unlocked`, 'give its key: --key FILE');
}

/**
 * A key from a file of the person's own, or from the environment: argv is seen by everyone on the machine.
 * @throws QpoeError `usage` where there is neither
 */
export async function readPayer(
  { environment }: Context,
  file: string | undefined,
  variable: string,
): Promise<ChainAccount> {
  const passphrase = readChainPassphrase(environment);
  if (file !== undefined) {
    const { bytes, stats } = readWithStats(file, MAX_KEY_BYTES);
    refuseOthers(file, stats, OTHERS_ANYTHING);
    return readChainKey(bytes.toString('utf8'), file, passphrase);
  }
  const text = environment[variable];
  if (text) return readChainKey(text, variable, passphrase);
  throw new QpoeError(
    'usage',
    'no key that pays for the transaction',
    `give --key FILE or --from ADDRESS, or set ${variable}`,
  );
}

function readChainPassphrase(environment: NodeJS.ProcessEnv): string | undefined {
  const path = environment.QPOE_CHAIN_PASSPHRASE_FILE;
  if (!path) return environment.QPOE_CHAIN_PASSPHRASE || undefined;
  const { bytes, stats } = readWithStats(path, MAX_KEY_BYTES);
  refuseOthers(path, stats, OTHERS_ANYTHING);
  return bytes.toString('utf8').replace(/\r?\n$/, '');
}
