/** `qpoe anchor`: the log's checkpoint, or a record's hash, in a contract on a chain. */

import { toHexData } from '../../anchor/hex-data.ts';
import type { Digest } from '../../core/digest.ts';
import { QpoeError } from '../../core/error.ts';
import { printable } from '../../core/printable.ts';
import { formatEther, formatGwei, type Quote } from '../../online/anchor-send.ts';
import {
  anchorCheckpoint,
  anchorRecord,
  deployContract,
  logIdOf,
  planCheckpoint,
  planQuote,
  planRecord,
  type Tree,
  type Waiting,
} from '../../online/anchor-submit.ts';
import type { Hex } from '../../online/chain-node.ts';
import { compiledContract, refuseOtherCode, signHead } from '../../online/log-anchor.ts';
import { type AnchorEntry, listAnchors } from '../../store/anchors.ts';
import { readOwnPolicy } from '../../store/home.ts';
import { hasLog } from '../../store/log.ts';
import { proveConsistency, readCheckpoint } from '../../store/log-read.ts';
import { findRecord, openOrCreateStore, openStore, recordPath, type Store } from '../../store/store.ts';
import { pinBlock, trustChain } from '../../store/trust-chain.ts';
import { openCheckpoint } from '../../tlog/checkpoint.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { findLogKey, logFolder } from '../log/log-place.ts';
import { readRecordFile } from '../show/read-record.ts';
import { settleAll } from './anchor-status.ts';
import { type OpenChain, type PayerOptions, readPayer, withChain } from './chain-place.ts';
import { answerOf, describeAnchored } from './describe-anchor.ts';

export interface SubmitOptions extends PayerOptions {
  /** A record, instead of the log's checkpoint. */
  readonly record?: string;
  /** A key file: the log is then this key's, whoever pays. */
  readonly signer?: string;
  readonly dryRun?: boolean;
  /** Seconds. */
  readonly wait: number;
}

export interface DeployOptions extends PayerOptions {
  readonly dryRun?: boolean;
  readonly wait: number;
}

const NO_EVIDENCE_OF_TIME = 'no evidence of time';

export async function deploy(context: Context, options: DeployOptions): Promise<ExitCode> {
  const store = openOrCreateStore(context.storePath);
  return withChain(context, store, options, async (chain) => {
    if (options.dryRun === true) {
      const plan = { data: compiledContract().bytecode, anchored: { kind: 'contract' } } as const;
      return reportPlan(context, chain, plan.data, await planQuote(chain, plan));
    }
    const entry = await deployContract(chain, waitingFor(context, options.wait));
    if (entry.state === 'pending') return reportPending(context, entry);
    await refuseOtherCode(chain.node, entry.chain.contract);
    context.say(`contract  ${entry.chain.contract} on ${describeChain(chain)}`);
    if (!chain.isLocal)
      context.note(
        `next: contract = "${entry.chain.contract}" under [chain.${chain.chain.name}] in ${context.home.config}, then: qpoe anchor submit`,
      );
    context.answer('anchor-deploy', { ...answerOf(entry) });
    return EXIT.pass;
  });
}

export async function submit(context: Context, options: SubmitOptions): Promise<ExitCode> {
  const store = openStore(context.storePath);
  // Found out before a chain is asked anything.
  const record = options.record === undefined ? undefined : readAnchorable(store, options.record);
  const tree = record === undefined ? await readTree(context, store) : undefined;
  return withChain(context, store, options, async (chain) => {
    const waiting = waitingFor(context, options.wait);
    const contract = await findContract(context, chain, options, waiting);
    if (record !== undefined) {
      if (options.dryRun === true) {
        const plan = planRecord(contract, { kind: 'record', record_id: record.recordId, hash: record.hash });
        return reportPlan(context, chain, plan.data, await planQuote(chain, plan));
      }
      return report(context, chain, await anchorRecord(chain, contract, record, waiting));
    }
    const signed = await withSigner(context, chain, tree!, options.signer);
    if (options.dryRun === true) {
      const plan = await planCheckpoint(chain, contract, signed);
      if ('head' in plan) {
        context.say(`nothing to send: the chain holds these ${signed.size} entries already`);
        context.answer('anchor-plan', { chain: chain.chain.name, contract, anchored: signed.size });
        return EXIT.pass;
      }
      return reportPlan(context, chain, plan.data, await planQuote(chain, plan));
    }
    return report(context, chain, await anchorCheckpoint(chain, contract, signed, waiting));
  });
}

function readAnchorable(store: Store, id: string): { readonly recordId: string; readonly hash: Digest } {
  const { record_id: recordId } = findRecord(store, id);
  return { recordId, hash: readRecordFile(recordPath(store, recordId)).record.hash };
}

async function readTree(context: Context, store: Store): Promise<Tree> {
  const folder = logFolder(store);
  if (!hasLog(folder)) throw new QpoeError('usage', `no log at ${folder}`, '`qpoe run` makes one');
  const note = readCheckpoint(folder);
  const opened = await openCheckpoint(note, findLogKey(context, folder, note));
  if (opened.fault !== undefined)
    throw new QpoeError('refused', `${folder}: ${opened.fault}`, '`qpoe log fsck` checks every file of it');
  const { origin, size, root } = opened.value.checkpoint;
  if (size === 0) throw new QpoeError('usage', `the log ${origin} is empty`, '`qpoe run` enters something');
  return { origin, size, root, prove: (oldSize) => proveConsistency(folder, oldSize, size) };
}

async function withSigner(
  context: Context,
  { chain }: OpenChain,
  tree: Tree,
  file: string | undefined,
): Promise<Tree> {
  if (file === undefined) return tree;
  const signer = await readPayer(context, file, 'QPOE_CHAIN_SIGNER_KEY');
  if (signer.kind !== 'key') return tree;
  const { address, privateKey } = signer;
  const sign = (contract: Hex) => signHead(tree, privateKey, chain.chainId, contract);
  return { ...tree, signer: { address, sign } };
}

/** The local chain's is made on first use. */
async function findContract(
  context: Context,
  chain: OpenChain,
  options: SubmitOptions,
  waiting: Waiting,
): Promise<Hex> {
  const made = chain.isLocal ? await deployContract(chain, waiting) : findDeployed(chain);
  const contract = chain.isLocal ? made!.chain.contract : (chain.named.contract ?? made?.chain.contract);
  if (contract === undefined)
    throw new QpoeError(
      'usage',
      `no contract on ${describeChain(chain)} is known`,
      'give --contract, or make one: qpoe anchor deploy',
    );
  await refuseOtherCode(chain.node, contract);
  if (chain.isLocal && options.dryRun !== true) context.note(`on the local chain: ${NO_EVIDENCE_OF_TIME}`);
  return contract;
}

function findDeployed({ store, chain }: OpenChain): AnchorEntry | undefined {
  return listAnchors(store).findLast(
    ({ chain: its, anchored, state }) =>
      its.chain_id === chain.chainId &&
      its.name === chain.name &&
      anchored.kind === 'contract' &&
      (state === 'mined' || state === 'finalized'),
  );
}

const NOTE_EVERY_MS = 15_000;

function waitingFor(context: Context, seconds: number): Waiting {
  if (!(Number.isInteger(seconds) && seconds >= 0))
    throw new QpoeError('usage', '--wait: not a whole number of seconds');
  let told = Number.NEGATIVE_INFINITY;
  return {
    forMs: seconds * 1000,
    onPending: ({ sent }) => {
      if (performance.now() - told < NOTE_EVERY_MS) return;
      told = performance.now();
      context.note(`pending: ${sent?.transactions.at(-1)?.hash ?? 'sent by the node'}`);
    },
  };
}

function describeChain({ chain, isLocal }: OpenChain): string {
  return `${printable(chain.name)} (chain ${chain.chainId}${isLocal ? `, ${NO_EVIDENCE_OF_TIME}` : ''})`;
}

function reportPlan(context: Context, chain: OpenChain, calldata: Hex, quote: Quote): ExitCode {
  context.say(`would send to ${describeChain(chain)}, from ${chain.account.address}`);
  context.say(`gas       up to ${quote.gas}, at up to ${formatGwei(quote.maxFeePerGas)} gwei`);
  context.say(`cost      ${formatEther(quote.cost)} now, at most ${formatEther(quote.maxCost)}`);
  context.say(`calldata  ${calldata}`);
  if (!chain.isLocal) context.note('an L2 adds its own fee for the data; nothing was sent');
  context.answer('anchor-plan', {
    chain: chain.chain.name,
    chain_id: chain.chain.chainId,
    from: chain.account.address,
    gas: Number(quote.gas),
    max_fee_per_gas: String(quote.maxFeePerGas),
    cost: String(quote.cost),
    max_cost: String(quote.maxCost),
    calldata,
  });
  return EXIT.pass;
}

async function report(context: Context, chain: OpenChain, entry: AnchorEntry): Promise<ExitCode> {
  if (entry.state === 'pending') return reportPending(context, entry);
  const settled = chain.isLocal ? await finalizeLocal(context, chain, entry) : entry;
  context.say(`${settled.state.padEnd(9)} ${describeAnchored(settled)}`);
  context.say(
    `in block  ${settled.block!.number} ${settled.block!.hash} of ${describeChain(chain)}, contract ${settled.chain.contract}`,
  );
  if (!chain.isLocal) sayNext(context, settled);
  context.answer('anchor-submit', answerOf(settled));
  return EXIT.pass;
}

function reportPending(context: Context, entry: AnchorEntry): ExitCode {
  const hash = entry.sent?.transactions.at(-1)?.hash ?? 'not told by the node';
  context.say(`pending   ${describeAnchored(entry)}, transaction ${hash}`);
  context.note('run it again to go on: it is never paid twice');
  context.answer('anchor-submit', answerOf(entry));
  return EXIT.external;
}

function sayNext(context: Context, { state, chain, block, anchored }: AnchorEntry): void {
  if (state !== 'finalized') context.note('not final yet: `qpoe anchor status` says when');
  const logId = logIdOf(anchored);
  const id = logId === undefined ? '' : ` --log-id ${toHexData(logId)}`;
  context.note(
    `whoever verifies it trusts the chain and the block: qpoe policy add-chain ${printable(chain.name)} --contract ${chain.contract}${id}; qpoe policy pin-block ${printable(chain.name)} ${block!.number}`,
  );
}

/** Mined until it is final, and trusted: by the one person who runs this chain. */
async function finalizeLocal(context: Context, chain: OpenChain, entry: AnchorEntry): Promise<AnchorEntry> {
  await chain.finalize();
  const [final] = await settleAll(chain.store, chain.node, [entry]);
  const { home } = context;
  const logId = logIdOf(entry.anchored);
  const trusted = {
    name: chain.chain.name,
    chain_id: chain.chain.chainId,
    contract: entry.chain.contract,
    ...(logId === undefined ? {} : { log_id: toHexData(logId) }),
  };
  if (readOwnPolicy(home) === undefined) return final!;
  const added = trustChain(home, trusted);
  if (pinBlock(home, trusted, final!.block!) || added)
    context.note(`  ${home.policy} pins block ${final!.block!.number} of it`);
  return final!;
}
