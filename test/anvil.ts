/** A development chain of our own, by JSON-RPC: anvil, on a port that it chooses, of this machine alone. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { type Hex, Address as OxAddress } from 'ox';
import { findFoundry } from './foundry.ts';

export type Bytes = Hex.Hex;
export type Address = OxAddress.Address;

interface Receipt {
  readonly status: Bytes;
  readonly gasUsed: Bytes;
  readonly contractAddress: Address | null;
}

export interface Call {
  readonly from?: Address;
  readonly to?: Address;
  readonly data: Bytes;
}

/** What a call returned, or what it reverted with. */
export type Outcome = { readonly returned: Bytes } | { readonly reverted: Bytes };

export interface Anvil {
  readonly accounts: readonly Address[];
  readonly chainId: number;
  send(transaction: Call): Promise<Receipt>;
  deploy(bytecode: Bytes): Promise<{ readonly address: Address; readonly gas: number }>;
  /** Calls that change nothing, in as few requests as will do. */
  call(calls: readonly Call[]): Promise<readonly Outcome[]>;
  codeAt(address: Address): Promise<Bytes>;
  stop(): Promise<void>;
}

interface Reply {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string; readonly data?: Bytes };
}

/** The most a transaction may have since Osaka (EIP-7825): estimated limits would be a request more each. */
const GAS = '0x1000000';
const BATCH = 200;

/** @param hardfork whose prices and instructions it has */
export async function startAnvil(hardfork = 'osaka'): Promise<Anvil> {
  const program = findFoundry('anvil');
  if (program === undefined) throw new Error('anvil is not installed: npm install @foundry-rs/anvil');
  const process = spawn(program, ['--hardfork', hardfork, '--host', '127.0.0.1', '--port', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(process, 'exit');
  const stop = async (): Promise<void> => {
    process.kill('SIGKILL');
    await exited;
  };
  try {
    const lines = createInterface(process.stdout);
    const url = await new Promise<string>((resolve, reject) => {
      lines.on('line', (line) => {
        const listening = /^Listening on (127\.0\.0\.1:\d+)$/.exec(line);
        if (listening) resolve(`http://${listening[1]}`);
      });
      lines.on('close', () => reject(new Error('anvil ended before it listened')));
    });
    return await connect(url, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function connect(url: string, stop: () => Promise<void>): Promise<Anvil> {
  const ask = async (method: string, ...params: readonly unknown[]): Promise<unknown> => {
    const [reply] = await post(url, [{ method, params }]);
    if (reply?.error) throw new Error(`${method}: ${reply.error.message}`);
    return reply?.result;
  };
  const accounts = (await ask('eth_accounts')) as Address[];
  const send = async (transaction: Call): Promise<Receipt> =>
    (await ask('eth_sendTransactionSync', { from: accounts[0], gas: GAS, ...transaction })) as Receipt;
  return {
    accounts,
    chainId: Number(await ask('eth_chainId')),
    send,
    deploy: async (data) => {
      const { contractAddress, gasUsed, status } = await send({ data });
      if (status !== '0x1' || contractAddress === null) throw new Error('the deployment reverted');
      return { address: OxAddress.checksum(contractAddress), gas: Number(gasUsed) };
    },
    call: async (calls) => {
      const outcomes: Outcome[] = [];
      for (let i = 0; i < calls.length; i += BATCH) {
        const requests = calls
          .slice(i, i + BATCH)
          .map((call) => ({ method: 'eth_call', params: [call, 'latest'] }));
        outcomes.push(...(await post(url, requests)).map(outcomeOf));
      }
      return outcomes;
    },
    codeAt: async (address) => (await ask('eth_getCode', address, 'latest')) as Bytes,
    stop,
  };
}

async function post(
  url: string,
  requests: readonly { readonly method: string; readonly params: readonly unknown[] }[],
): Promise<readonly Reply[]> {
  const body = JSON.stringify(requests.map((request, id) => ({ jsonrpc: '2.0', id, ...request })));
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  const replies = (await response.json()) as Reply[];
  return replies.toSorted((a, b) => a.id - b.id);
}

function outcomeOf({ result, error }: Reply): Outcome {
  if (error === undefined) return { returned: result as Bytes };
  if (error.data === undefined) throw new Error(error.message);
  return { reverted: error.data };
}
