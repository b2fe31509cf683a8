/**
 * The embedded chain: a loopback anvil (https://getfoundry.sh/anvil) with its state in the store's `chain/state.json`. It runs for
 * one command and stops with it. Its key is known to everyone and its clock is this machine's: an anchor in it shows how
 * anchors work, and is no evidence of time.
 */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { gunzipSync } from 'node:zlib';
import { fromHex } from '../core/bytes.ts';
import { QpoeError } from '../core/error.ts';
import { enterFolder, lookAt, writeAtomic } from '../store/files.ts';
import { holdLock } from '../store/log-lock.ts';
import { packageRoot } from '../store/package-root.ts';
import type { Store } from '../store/store.ts';
import type { ChainAccount } from './chain-account.ts';
import { askAccounts, type ChainNode, callNode, chainNode, misspoken } from './chain-node.ts';

export const LOCAL_CHAIN = 'local';
/** Anvil's own, which no public chain has. */
export const LOCAL_CHAIN_ID = 31_337;

export interface LocalChain {
  readonly node: ChainNode;
  /** Funded by the chain's first block. */
  readonly account: ChainAccount;
  /** Until what was mined is final. */
  finalize(): Promise<void>;
  /** Keeps the state, and stops it. */
  close(): Promise<void>;
}

const START_MS = 20_000;
const STOP_MS = 5_000;
/** An epoch of one block is final two epochs later. */
const BLOCKS_TO_FINALITY = 3;
const ARGUMENTS = ['--host', '127.0.0.1', '--port', '0', '--hardfork', 'osaka', '--accounts', '1'];
const EPOCHS = ['--slots-in-an-epoch', '1'];

/** @throws QpoeError `external` where there is no anvil, or it does not start */
export async function openLocalChain(store: Store, signal: AbortSignal): Promise<LocalChain> {
  const folder = join(store.path, 'chain');
  enterFolder(folder);
  const release = holdLock(join(folder, 'lock'));
  try {
    const state = join(folder, 'state.json');
    if (lookAt(state)?.isSymbolicLink())
      throw new QpoeError('unsafe', `${state} is a link`, 'qpoe follows no links in a store');
    const load = lookAt(state) === undefined ? [] : ['--load-state', state];
    const anvil = startAnvil([...ARGUMENTS, ...EPOCHS, ...load]);
    try {
      const address = await readAddress(anvil, state, signal);
      const node = chainNode(address, signal, { attempts: 1 });
      // Also where the person has stopped the command.
      const keeper = chainNode(address, new AbortController().signal, { attempts: 1 });
      const [account] = await askAccounts(node);
      if (account === undefined) throw misspoken(node, 'eth_accounts', 'no account');
      return {
        node,
        account: { kind: 'unlocked', address: account.toLowerCase() as `0x${string}` },
        finalize: async () => {
          await callNode(node, 'anvil_mine', [`0x${BLOCKS_TO_FINALITY.toString(16)}`]);
        },
        close: async () => {
          try {
            writeAtomic(state, await dumpState(keeper));
          } finally {
            await stop(anvil);
            release();
          }
        },
      };
    } catch (error) {
      await stop(anvil);
      throw error;
    }
  } catch (error) {
    release();
    throw error;
  }
}

/** As `--load-state` reads it. */
async function dumpState(node: ChainNode): Promise<Buffer> {
  const dumped = await callNode(node, 'anvil_dumpState');
  const bytes = typeof dumped === 'string' ? fromHex(dumped.slice(2)) : undefined;
  if (bytes === undefined) throw misspoken(node, 'anvil_dumpState', 'no state');
  return gunzipSync(bytes);
}

/** Whether there is an anvil here, and it runs. */
export function hasLocalChain(): boolean {
  return spawnSync(anvilPath(), ['--version'], { stdio: 'ignore' }).status === 0;
}

/** The platform's own package of npm's, or what is on the path. */
function anvilPath(): string {
  const system = { x64: 'amd64', arm64: 'arm64' }[process.arch as string] ?? process.arch;
  const name = `@foundry-rs/anvil-${process.platform}-${system}/package.json`;
  try {
    const ours = createRequire(join(packageRoot(), 'package.json'));
    const anvil = createRequire(ours.resolve('@foundry-rs/anvil/package.json'));
    return join(dirname(anvil.resolve(name)), 'bin', 'anvil');
  } catch {
    return 'anvil';
  }
}

/** Ends anvil when our end of the pipe is closed, by whatever way we end. */
const LIFELINE =
  'exec 3<&0; "$@" </dev/null & child=$!; (cat <&3; kill "$child") >/dev/null 2>&1 & wait "$child"';

function startAnvil(args: readonly string[]): ChildProcess {
  return spawn('sh', ['-c', LIFELINE, 'sh', anvilPath(), ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    // Ctrl-C is for us: the chain's state is kept before it stops.
    detached: true,
  });
}

async function readAddress(anvil: ChildProcess, state: string, signal: AbortSignal): Promise<string> {
  const said: string[] = [];
  createInterface({ input: anvil.stderr! }).on('line', (line) => said.push(line));
  const found = Promise.withResolvers<string>();
  createInterface({ input: anvil.stdout! }).on('line', (line) => {
    const port = /^Listening on 127\.0\.0\.1:(\d+)$/.exec(line.trim())?.[1];
    if (port !== undefined) found.resolve(`http://127.0.0.1:${port}`);
  });
  anvil.on('error', () => found.reject(notStarted(said, state)));
  anvil.on('close', () => found.reject(notStarted(said, state)));
  const late = setTimeout(() => found.reject(notStarted([...said, 'it does not answer'], state)), START_MS);
  const stopped = () => found.reject(new QpoeError('interrupted', 'interrupted while anvil started'));
  signal.addEventListener('abort', stopped, { once: true });
  try {
    return await found.promise;
  } finally {
    clearTimeout(late);
    signal.removeEventListener('abort', stopped);
  }
}

function notStarted(said: readonly string[], state: string): QpoeError {
  const text = said.join(' ').trim();
  return /not found|ENOENT|No such file/i.test(text)
    ? new QpoeError(
        'external',
        'no anvil for the local chain',
        'npm install --global @foundry-rs/anvil, or name a chain: --chain NAME',
      )
    : new QpoeError(
        'external',
        `anvil does not start: ${text.slice(0, 300) || 'it ended without a word'}`,
        `if ${state} is damaged, take it away: the local chain begins anew`,
      );
}

async function stop(anvil: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => anvil.once('exit', resolve));
  anvil.stdin!.destroy();
  if (anvil.pid === undefined || anvil.exitCode !== null || anvil.signalCode !== null) return;
  const late = setTimeout(() => process.kill(-anvil.pid!, 'SIGKILL'), STOP_MS);
  await ended;
  clearTimeout(late);
}
