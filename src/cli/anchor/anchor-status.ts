/** `qpoe anchor status`: what became of everything that this store anchored, asked of the chains where it can still change. */

import { QpoeError } from '../../core/error.ts';
import { printable } from '../../core/printable.ts';
import { settle } from '../../online/anchor-settle.ts';
import type { ChainNode } from '../../online/chain-node.ts';
import { LOCAL_CHAIN, openLocalChain } from '../../online/local-chain.ts';
import { type AnchorEntry, listAnchors, lockAnchors, saveAnchor } from '../../store/anchors.ts';
import { openStore, type Store } from '../../store/store.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode, errorLine } from '../exit.ts';
import { findChain, openNodes } from './chain-place.ts';
import { answerOf, describeAnchored } from './describe-anchor.ts';

export interface StatusOptions {
  readonly rpcUrl?: readonly string[];
  /** Only this one. */
  readonly chain?: string;
}

export async function status(context: Context, options: StatusOptions): Promise<ExitCode> {
  const store = openStore(context.storePath);
  const { entries, asked } = await settleAnchors(context, store, options);
  for (const entry of entries) context.say(describe(entry));
  if (entries.length === 0) context.note('nothing was anchored from this store: qpoe anchor submit');
  context.answer('anchor-status', { anchors: entries.map(answerOf) });
  return asked ? EXIT.pass : EXIT.external;
}

/** Asks the chains where something can still change, and keeps what did. @returns whether every chain answered */
export async function settleAnchors(
  context: Context,
  store: Store,
  options: StatusOptions,
): Promise<{ readonly entries: readonly AnchorEntry[]; readonly asked: boolean }> {
  const entries = listAnchors(store).filter(
    ({ chain }) => options.chain === undefined || chain.name === options.chain,
  );
  const settled = new Map<string, AnchorEntry>();
  let asked = true;
  for (const [name, its] of Map.groupBy(entries, ({ chain }) => chain.name)) {
    if (its.every(isSettled)) continue;
    try {
      for (const entry of await settleOf(context, store, { ...options, chain: name }))
        settled.set(entry.id, entry);
    } catch (error) {
      if (!(error instanceof QpoeError) || error.code === 'interrupted') throw error;
      context.note(`${printable(name)}: as last seen: ${errorLine(error)}`);
      asked = false;
    }
  }
  return { entries: entries.map((entry) => settled.get(entry.id) ?? entry), asked };
}

function isSettled({ state }: AnchorEntry): boolean {
  return state !== 'pending' && state !== 'mined';
}

/** Read again under the lock: a submission may have gone on since. */
async function settleOf(
  context: Context,
  store: Store,
  options: StatusOptions,
): Promise<readonly AnchorEntry[]> {
  const entries = () => listAnchors(store).filter(({ chain }) => chain.name === options.chain);
  if (options.chain !== LOCAL_CHAIN) {
    const { nodes } = await openNodes(context, findChain(context, options));
    const release = lockAnchors(store);
    try {
      return await settleAll(store, nodes[0]!, entries());
    } finally {
      release();
    }
  }
  const local = await openLocalChain(store, context.signal);
  try {
    return await settleAll(store, local.node, entries());
  } finally {
    await local.close();
  }
}

/** And keeps what changed. */
export async function settleAll(
  store: Store,
  node: ChainNode,
  entries: readonly AnchorEntry[],
): Promise<readonly AnchorEntry[]> {
  const settled: AnchorEntry[] = [];
  for (const entry of entries) {
    const now = await settle(node, entry);
    if (now !== entry) saveAnchor(store, now);
    settled.push(now);
  }
  return settled;
}

function describe(entry: AnchorEntry): string {
  const { state, chain, block, sent } = entry;
  const hash = sent?.transactions.at(-1)?.hash;
  const where = block === undefined ? `transaction ${hash ?? 'of no known hash'}` : `block ${block.number}`;
  return `${state.padEnd(9)} ${printable(chain.name)}  ${describeAnchored(entry)}, ${where}`;
}
