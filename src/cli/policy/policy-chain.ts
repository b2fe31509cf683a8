/** `qpoe policy add-chain` and `pin-block`: a contract, and blocks of its chain, into the person's own policy. */

import { fromHexData, toHexData } from '../../anchor/hex-data.ts';
import { logId } from '../../anchor/log-id.ts';
import { QpoeError } from '../../core/error.ts';
import { printable } from '../../core/printable.ts';
import { formatTime } from '../../core/time.ts';
import { askBlock, type ChainNode, type Hex, type NodeBlock } from '../../online/chain-node.ts';
import { LOCAL_CHAIN } from '../../online/local-chain.ts';
import { refuseOtherCode } from '../../online/log-anchor.ts';
import { readOwnPolicy } from '../../store/home.ts';
import { type ChainTrust, pinBlock, trustChain } from '../../store/trust-chain.ts';
import { type ChainOptions, findChain, openNodes, readAddress } from '../anchor/chain-place.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit.ts';

export interface AddChainOptions extends ChainOptions {
  readonly logId?: string;
  /** The account whose log it is, with `origin`, instead of the id that both make. */
  readonly account?: string;
  readonly signer?: string;
  readonly origin?: string;
}

export async function addChain(context: Context, name: string, options: AddChainOptions): Promise<ExitCode> {
  const named = findChain(context, { ...options, chain: refuseLocal(name) });
  if (named.contract === undefined) throw new QpoeError('usage', 'which contract?', 'give --contract 0x…');
  const log = readLogId(options);
  const { nodes, chainId } = await openNodes(context, named);
  // The one time that the code is looked at: an anchor's proof shows none.
  for (const node of nodes) await refuseOtherCode(node, named.contract);
  const chain: ChainTrust = {
    name,
    chain_id: chainId,
    contract: named.contract,
    ...(log === undefined ? {} : { log_id: log }),
  };
  const added = trustChain(context.home, chain);
  context.say(
    `${added ? 'added' : 'there already:'} ${printable(name)}, chain ${chainId}, contract ${named.contract}`,
  );
  context.say(log === undefined ? 'any log: its anchors show existence only' : `log ${log}`);
  context.note(
    `its code is this version's contract, on the word of ${nodes.length} of ${nodes.length} nodes`,
  );
  context.answer('policy-add-chain', { policy: context.home.policy, added, chain });
  return EXIT.pass;
}

function refuseLocal(name: string): string {
  if (name !== LOCAL_CHAIN) return name;
  throw new QpoeError('usage', `${LOCAL_CHAIN} is the chain in your store`, '`qpoe anchor submit` adds it');
}

function readLogId({ logId: text, account, signer, origin }: AddChainOptions): Hex | undefined {
  if (text !== undefined) {
    if (/^0x[0-9a-fA-F]{64}$/.test(text)) return text.toLowerCase() as Hex;
    throw new QpoeError('usage', `--log-id ${printable(text, 100)} is not 0x and 64 hex digits`);
  }
  if (account === undefined && signer === undefined && origin === undefined) return undefined;
  const kind = signer === undefined ? 'sender' : 'signer';
  const owner = readAddress(signer ?? account, signer === undefined ? '--account' : '--signer');
  if (owner === undefined || origin === undefined)
    throw new QpoeError(
      'usage',
      'a log is an origin and whose it is on the chain',
      'give --origin with --account or --signer, or --log-id',
    );
  return toHexData(logId(kind, fromHexData(owner)!, origin)) as Hex;
}

export interface PinOptions extends ChainOptions {
  /** How many nodes must agree. */
  readonly agree: number;
}

export async function pin(
  context: Context,
  name: string,
  number: string,
  options: PinOptions,
): Promise<ExitCode> {
  const chains = (readOwnPolicy(context.home)?.chain ?? []).filter(
    (chain) => chain.name === refuseLocal(name),
  );
  if (chains.length === 0)
    throw new QpoeError('usage', `your policy has no chain ${printable(name)}`, 'qpoe policy add-chain');
  if (!/^\d{1,15}$/.test(number)) throw new QpoeError('usage', `${printable(number, 50)} is no block number`);
  const { nodes } = await openNodes(context, findChain(context, { ...options, chain: name }));
  if (!(options.agree >= 1) || nodes.length < options.agree)
    throw new QpoeError(
      'usage',
      `${options.agree} nodes must agree, and ${nodes.length} are given`,
      'give more --rpc-url, of operators that do not depend on each other, or ask for fewer: --agree',
    );
  const block = await askAll(nodes, Number(number));
  const pinned = { number: block.number, hash: block.hash.toLowerCase() };
  let added = false;
  for (const chain of chains) added = pinBlock(context.home, chain, pinned) || added;
  context.say(`${added ? 'pinned' : 'pinned already:'} block ${pinned.number} of ${printable(name)}`);
  context.say(`${pinned.hash}, of ${formatTime(block.timestamp * 1000)}`);
  context.note(`final, on the word of ${nodes.length} nodes`);
  context.answer('policy-pin-block', { policy: context.home.policy, added, chain: name, block: pinned });
  return EXIT.pass;
}

/** The block, where every node has the same one and calls it final. */
async function askAll(nodes: readonly ChainNode[], number: number): Promise<NodeBlock> {
  const blocks: NodeBlock[] = [];
  for (const node of nodes) blocks.push(await askFinal(node, number));
  const [first] = blocks;
  const odd = blocks.findIndex(({ hash }) => hash.toLowerCase() !== first!.hash.toLowerCase());
  if (odd < 0) return first!;
  throw new QpoeError(
    'refused',
    `the nodes disagree: ${nodes[0]!.shown} has block ${number} as ${first!.hash}, ${nodes[odd]!.shown} as ${blocks[odd]!.hash}`,
    'nothing was pinned; ask others',
  );
}

async function askFinal(node: ChainNode, number: number): Promise<NodeBlock> {
  const block = await askBlock(node, number);
  const final = (await askBlock(node, 'finalized'))?.number ?? -1;
  if (block !== undefined && number <= final) return block;
  throw new QpoeError(
    'external',
    block === undefined
      ? `${node.shown} has no block ${number}`
      : `${node.shown}: block ${number} is not final, the last final one is ${Math.max(final, 0)}`,
    'pin it later',
  );
}
