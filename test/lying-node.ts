/** A node between us and anvil that answers as a test wants it to: late, falsely, or not at all. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import { findFoundry } from './foundry.ts';

interface Asked {
  readonly method: string;
  readonly params: readonly unknown[];
}

/** What to say instead: another result, an HTTP status, or nothing (the connection is cut). */
type Said = { readonly result: unknown } | { readonly status: number } | 'cut' | undefined;

export interface LyingNode {
  readonly url: string;
  readonly accounts: readonly `0x${string}`[];
  /** Every method that was asked for, in order. */
  readonly asked: string[];
  /** Undefined lets anvil's own answer through. */
  lie: (asked: Asked, truth: unknown) => Said;
  /** Asks anvil itself. */
  ask(method: string, ...params: readonly unknown[]): Promise<unknown>;
}

export const NO_ANVIL = findFoundry('anvil') === undefined;

/** It ends with the test. */
export async function startNode(...flags: string[]): Promise<LyingNode> {
  const direct = await startAnvil(flags);
  const ask = (method: string, ...params: readonly unknown[]) => post(direct, { method, params });
  const node = { asked: [] as string[], lie: (() => undefined) as LyingNode['lie'] };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { id, method, params } = JSON.parse(Buffer.concat(chunks).toString());
    node.asked.push(method);
    const truth = await forward(direct, { method, params });
    const said = node.lie({ method, params }, truth.result);
    if (said === 'cut') return request.socket.destroy();
    if (said !== undefined && 'status' in said) return response.writeHead(said.status).end();
    const answer = said === undefined ? truth : { result: said.result };
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ jsonrpc: '2.0', id, ...answer }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const accounts = (await ask('eth_accounts')) as LyingNode['accounts'];
  return Object.assign(node, { url, accounts, ask });
}

async function startAnvil(flags: readonly string[]): Promise<string> {
  const args = ['--host', '127.0.0.1', '--port', '0', '--hardfork', 'osaka', '--slots-in-an-epoch', '1'];
  const anvil = spawn(findFoundry('anvil')!, [...args, ...flags], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void anvil.kill('SIGKILL'));
  for await (const line of createInterface(anvil.stdout)) {
    const port = /^Listening on 127\.0\.0\.1:(\d+)$/.exec(line)?.[1];
    if (port === undefined) continue;
    anvil.stdout.resume();
    return `http://127.0.0.1:${port}`;
  }
  throw new Error('anvil ended before it listened');
}

interface Truth {
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

async function forward(url: string, asked: Asked): Promise<Truth> {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, ...asked });
  const { result, error } = (await (await fetch(url, { method: 'POST', headers, body })).json()) as Truth;
  return error === undefined ? { result } : { error };
}

async function post(url: string, asked: Asked): Promise<unknown> {
  const { result, error } = await forward(url, asked);
  if (error !== undefined) throw new Error(`${asked.method}: ${error.message}`);
  return result;
}
