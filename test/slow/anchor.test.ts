/** Anchoring on a chain of a node's: an anvil behind one that may lie, be late, or lose an answer. */

import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as Keystore from 'ox/Keystore';
import { describe, expect, it } from 'vitest';
import { journal, KEY, lab, requireAnchor, states } from '../anchor-lab.ts';
import { newPlace, type Place } from '../cli.ts';
import { type LyingNode, NO_ANVIL, startNode } from '../lying-node.ts';
import { run } from '../running.ts';

/** The pids of the anvils whose state is in this folder. */
function anvilsOf(folder: string): string[] {
  const { stdout } = spawnSync('ps', ['-eo', 'pid,args'], { encoding: 'utf8' });
  return stdout.split('\n').filter((line) => line.includes('anvil') && line.includes(folder));
}

describe.skipIf(NO_ANVIL)('the embedded chain', () => {
  it('stops with a command that is killed, and the next one goes on', { timeout: 120_000 }, async () => {
    const place = lab();
    place.qpoe('anchor', 'submit');
    for (const ms of [60, 120, 160, 200, 250, 300]) {
      place.qpoe('run', '--n-qubits', '2', '--depth', '1');
      const child = place.start('anchor', 'submit', '--store', place.path('.qpoe'));
      const closed = new Promise((resolve) => child.on('close', resolve));
      await new Promise((resolve) => setTimeout(resolve, ms));
      child.kill('SIGKILL');
      await closed;
      await expect.poll(() => anvilsOf(place.folder), { timeout: 10_000 }).toEqual([]);
      const { code, stdout, stderr } = place.qpoe('anchor', 'submit');
      expect(stdout, stderr).toMatch(/^finalized \d entries/);
      expect(code).toBe(0);
    }
    expect(states(place).filter((state) => state === 'pending' || state === 'mined')).toEqual([]);
  });
});

describe.skipIf(NO_ANVIL)('a chain of a node’s', () => {
  async function chain(extra: NodeJS.ProcessEnv = {}) {
    const node = await startNode();
    const place = lab({ QPOE_CHAIN_KEY: KEY, ...extra });
    const anchor = (...args: string[]) => run(place, 'anchor', ...args, '--rpc-url', node.url);
    const deployed = await anchor('deploy');
    expect(deployed, deployed.stderr).toMatchObject({ code: 0 });
    return { node, place, anchor };
  }

  const nonce = async (node: LyingNode) =>
    Number(await node.ask('eth_getTransactionCount', node.accounts[0], 'latest'));

  it('is deployed to once, submitted to, added to the policy, and its final block pinned', async () => {
    const { node, place, anchor } = await chain();
    expect((await anchor('deploy')).code).toBe(0);
    expect(await nonce(node)).toBe(1);
    const { stdout, stderr } = await anchor('submit');
    expect(stdout).toMatch(/^mined {5}1 entry of .*\nin block {2}2 0x/);
    expect(stderr).toMatch(/not final yet: `qpoe anchor status` says when/);
    const [, contract, logId] = /add-chain chain-31337 --contract (0x\w+) --log-id (0x\w+)/.exec(stderr)!;
    const bundled = await run(place, 'bundle', '--out', 'early.json');
    expect(bundled.stderr).toContain('1 anchors are not final yet');
    await node.ask('anvil_mine', '0x3');
    expect((await anchor('status')).stdout).toMatch(/^finalized .*\nfinalized chain-31337 {2}1 entry/);
    const rpc = ['--rpc-url', node.url];
    const added = await run(
      place,
      ...['policy', 'add-chain', 'chain-31337', '--contract', contract!, '--log-id', logId!, ...rpc],
    );
    expect(added, added.stderr).toMatchObject({ code: 0 });
    await run(place, 'bundle', '--out', 'b.json');
    requireAnchor(place);
    expect(place.qpoe('verify', 'b.json')).toMatchObject({
      code: 3,
      stdout: expect.stringMatching(
        /^INCOMPLETE: anchor\.block[\s\S]*once you have it from nodes that you trust: qpoe policy pin-block chain-31337 2/,
      ),
    });
    const pin = ['policy', 'pin-block', 'chain-31337', '2', ...rpc];
    expect(await run(place, ...pin)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('2 nodes must agree, and 1 are given'),
    });
    const pinned = await run(place, ...pin, ...rpc);
    expect(pinned, pinned.stderr).toMatchObject({ code: 0 });
    expect(place.qpoe('verify', 'b.json').stdout).toMatch(/^PASS/);
    expect(place.qpoe('verify', 'early.json').stdout).toMatch(/^INCOMPLETE: anchor\.block/);
  });

  it('takes a relayed checkpoint of a signer’s log, whoever pays', async () => {
    const { place, anchor } = await chain();
    const file = place.path('signer.key');
    writeFileSync(file, `${'11'.repeat(32)}\n`, { mode: 0o600 });
    const { stdout, stderr } = await anchor('submit', '--signer', file);
    expect(stdout, stderr).toMatch(/^mined {5}1 entry/);
    expect(journal(place).at(-1)).toMatchObject({
      anchored: { log: { kind: 'signer', account: '0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2a' } },
    });
    place.qpoe('run', '--seed', '2');
    expect((await anchor('submit', '--signer', file)).stdout).toMatch(/^mined {5}2 entries/);
  });

  it('is paid by a keystore, or by an account that the node holds', async () => {
    const { node, place } = await chain();
    const rpc = ['--rpc-url', node.url];
    const [, second] = node.accounts;
    const unlocked = await run(place, 'anchor', 'submit', '--from', second!, ...rpc);
    expect(unlocked, unlocked.stderr).toMatchObject({ code: 0 });
    expect(journal(place).at(-1)).toMatchObject({ sent: { from: second!.toLowerCase() } });
    const keystore = place.path('key.json');
    const [key, options] = Keystore.pbkdf2({ password: 'secret', iterations: 1000 });
    writeFileSync(keystore, JSON.stringify(Keystore.encrypt(KEY, key, options)), { mode: 0o600 });
    place.qpoe('run', '--seed', '2');
    const locked = await run(place, 'anchor', 'submit', '--key', keystore, ...rpc);
    expect(locked).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('is a keystore, and there is no'),
    });
    place.environment.QPOE_CHAIN_PASSPHRASE = 'wrong';
    const wrong = await run(place, 'anchor', 'submit', '--key', keystore, ...rpc);
    expect(wrong).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('does not open with this passphrase'),
    });
    place.environment.QPOE_CHAIN_PASSPHRASE = 'secret';
    const opened = await run(place, 'anchor', 'submit', '--key', keystore, ...rpc);
    expect(opened, opened.stderr).toMatchObject({ code: 0 });
    expect(journal(place).at(-1)).toMatchObject({ sent: { from: node.accounts[0]!.toLowerCase() } });
    const foreign = await run(place, 'anchor', 'submit', '--from', `0x${'12'.repeat(20)}`, ...rpc);
    expect(foreign).toMatchObject({ code: 2, stderr: expect.stringContaining('does not hold 0x1212') });
  });

  describe('an answer that is lost', () => {
    it.each(['eth_sendRawTransaction', 'eth_getTransactionReceipt', 'eth_getBlockReceipts'])(
      'to %s is never paid for twice',
      async (method) => {
        const { node, place, anchor } = await chain();
        node.lie = (asked) => (asked.method === method ? 'cut' : undefined);
        const cut = await anchor('submit', '--wait', '0');
        expect(cut.code, cut.stdout).toBe(4);
        node.lie = () => undefined;
        const { stdout, stderr } = await anchor('submit');
        expect(stdout, stderr).toMatch(/^mined {5}1 entry/);
        expect(await nonce(node)).toBe(2);
        expect(states(place)).toEqual([expect.any(String), 'mined']);
      },
    );

    it('of a node that signs for us is found again by what the contract holds', async () => {
      const { node, place } = await chain();
      const rpc = ['--rpc-url', node.url, '--from', node.accounts[0]!];
      node.lie = ({ method }) => (method === 'eth_sendTransaction' ? 'cut' : undefined);
      expect((await run(place, 'anchor', 'submit', '--wait', '0', ...rpc)).code).toBe(4);
      node.lie = () => undefined;
      expect((await run(place, 'anchor', 'submit', ...rpc)).stdout).toMatch(/^mined {5}1 entry/);
      expect(await nonce(node)).toBe(2);
    });
  });

  it('is paid once, whichever request the submission is killed at', async () => {
    const { node, place, anchor } = await chain();
    const requests = async (): Promise<number> => {
      node.asked.length = 0;
      await anchor('submit');
      return node.asked.length;
    };
    const before = await node.ask('evm_snapshot');
    const count = await requests();
    expect(count).toBeGreaterThan(10);
    await node.ask('evm_revert', before);
    for (let at = 1; at <= count; at++) {
      rmSync(place.path('.qpoe', 'anchors'), { recursive: true });
      const again = await node.ask('evm_snapshot');
      const contract = ['--contract', '0x5fbdb2315678afecb367f032d93f642f64180aa3'];
      node.asked.length = 0;
      const child = place.start('anchor', 'submit', ...contract, '--rpc-url', node.url);
      node.lie = () => {
        if (node.asked.length === at) child.kill('SIGKILL');
        return undefined;
      };
      await new Promise((resolve) => child.on('close', resolve));
      node.lie = () => undefined;
      const { stdout, stderr } = await anchor('submit', ...contract);
      expect(stdout, `killed at request ${at}: ${stderr}`).toMatch(/^mined {5}1 entry/);
      expect(await nonce(node), `killed at request ${at}`).toBe(2);
      await node.ask('evm_revert', again);
    }
  });

  it('is paid once by two submissions at the same time', async () => {
    const { node, place, anchor } = await chain();
    const both = await Promise.all([anchor('submit'), anchor('submit')]);
    for (const { code, stdout, stderr } of both) {
      expect(stdout, stderr).toMatch(/^mined {5}1 entry/);
      expect(code).toBe(0);
    }
    expect(await nonce(node)).toBe(2);
    expect(states(place)).toHaveLength(2);
  });

  it('that doesn’t mine leaves it pending, and it is the same transaction later', async () => {
    const { node, place, anchor } = await chain();
    await node.ask('evm_setAutomine', false);
    const pending = await anchor('submit', '--wait', '1');
    expect(pending.stdout).toMatch(/^pending {3}1 entry of .*, transaction 0x/);
    expect(pending.code).toBe(4);
    expect((await anchor('submit', '--wait', '0')).stdout).toBe(pending.stdout);
    await node.ask('anvil_mine', '0x1');
    expect((await anchor('submit')).stdout).toMatch(/^mined/);
    expect(await nonce(node)).toBe(2);
    expect(states(place)).toHaveLength(2);
  });

  it('whose price outgrows the offer is offered more under the same nonce', async () => {
    const { node, place, anchor } = await chain();
    await node.ask('evm_setAutomine', false);
    await anchor('submit', '--wait', '0');
    await node.ask('anvil_setNextBlockBaseFeePerGas', '0x4a817c800');
    await node.ask('anvil_mine', '0x1');
    const spiked = await anchor('submit', '--wait', '0', '--max-fee', '5');
    expect(spiked.stderr).toMatch(
      /waits with too low a fee, and [\d.]+ gwei would be needed; wait, or raise --max-fee/,
    );
    await node.ask('evm_setAutomine', true);
    const { stdout, stderr } = await anchor('submit');
    expect(stdout, stderr).toMatch(/^mined/);
    expect(journal(place).at(-1)!.sent!.transactions).toHaveLength(2);
    expect(await nonce(node)).toBe(2);
  });

  it('that is too dear is not sent to at all', async () => {
    const { node, anchor } = await chain();
    await node.ask('anvil_setNextBlockBaseFeePerGas', '0x174876e8000');
    await node.ask('anvil_mine', '0x1');
    const { code, stderr } = await anchor('submit');
    expect(stderr).toMatch(
      /a gas costs [\d.]+ gwei now, more than the 100 of --max-fee; wait, or raise --max-fee/,
    );
    expect(code).toBe(2);
    expect(await nonce(node)).toBe(1);
  });

  it('is not paid by an account without funds', async () => {
    const { node, anchor } = await chain();
    await node.ask('anvil_setBalance', node.accounts[0], '0x1');
    const { code, stderr } = await anchor('submit');
    expect(stderr).toMatch(
      /0xf39f\w+ has 0\.000000000000000001 of the chain's coin, and up to [\d.]+ is needed/,
    );
    expect(code).toBe(4);
  });

  it('that is reorganized after mining is anchored anew, and its old evidence is gone', async () => {
    const { node, place, anchor } = await chain();
    const before = await node.ask('evm_snapshot');
    expect((await anchor('submit')).stdout).toMatch(/^mined/);
    await node.ask('evm_revert', before);
    await node.ask('anvil_mine', '0x1');
    const status = await anchor('status');
    expect(status.stdout).toMatch(/\npending {3}chain-31337 {2}1 entry/);
    expect((await anchor('submit')).stdout).toMatch(/^mined/);
    expect(states(place)).toEqual(['mined', 'mined']);
  });

  it('that holds more of the log than the store does is not anchored to', async () => {
    const { place, anchor } = await chain();
    cpSync(place.path('.qpoe'), place.path('older'), { recursive: true });
    place.qpoe('run', '--seed', '2');
    await anchor('submit');
    const { code, stderr } = await anchor('submit', '--store', 'older');
    expect(stderr).toMatch(
      /the chain holds 2 entries of \S+, and this store 1; this is an older copy of the log: restore the newer one/,
    );
    expect(code).toBe(2);
  });

  it('that holds another history of the log is not anchored to', async () => {
    const { place, anchor, node } = await chain();
    await anchor('submit');
    const copy = newPlace({ QPOE_CHAIN_KEY: KEY });
    execFileSync('cp', ['-a', place.home, copy.home]);
    execFileSync('cp', ['-a', place.path('.qpoe'), copy.path('.qpoe')]);
    place.qpoe('run', '--seed', '2');
    expect(copy.qpoe('run', '--seed', '3')).toMatchObject({ code: 0 });
    copy.qpoe('run', '--seed', '4');
    await anchor('submit');
    const { code, stderr } = await run(copy, 'anchor', 'submit', '--rpc-url', node.url);
    expect(stderr).toMatch(
      /the chain holds another history of \S+ at 2 entries: the consistency proof leads/,
    );
    expect(code).toBe(2);
    expect(await nonce(node)).toBe(3);
  });

  describe('a node that lies', () => {
    it.each([
      ['another chain id', ({ method }) => (method === 'eth_chainId' ? { result: '0x1' } : undefined), 2],
      ['a 500', ({ method }) => (method === 'eth_estimateGas' ? { status: 500 } : undefined), 4],
      [
        'another transaction’s receipt',
        ({ method }, truth) =>
          method === 'eth_getTransactionReceipt' && truth !== null
            ? { result: { ...(truth as object), transactionHash: `0x${'ab'.repeat(32)}` } }
            : undefined,
        4,
      ],
      [
        'a block with another time',
        ({ method }, truth) =>
          method === 'eth_getBlockByHash'
            ? { result: { ...(truth as object), timestamp: '0x5e0be100' } }
            : undefined,
        4,
      ],
      [
        'a receipt of another status',
        ({ method }, truth) =>
          method === 'eth_getBlockReceipts'
            ? { result: (truth as object[]).map((one) => ({ ...one, status: '0x0' })) }
            : undefined,
        4,
      ],
      ['no receipts', ({ method }) => (method === 'eth_getBlockReceipts' ? { result: [] } : undefined), 4],
      ['nonsense', ({ method }) => (method === 'eth_getBlockByHash' ? { result: 7 } : undefined), 4],
    ] as [string, LyingNode['lie'], number][])('with %s is found out', async (_, lie, expected) => {
      const { node, place, anchor } = await chain();
      writeFileSync(
        join(place.home, 'config.toml'),
        '[chain.dev]\nrpc_url = "http://127.0.0.1:1"\nchain_id = 31337\n',
      );
      node.lie = lie;
      const { code, stdout, stderr } = await anchor(
        'submit',
        '--chain',
        'dev',
        '--contract',
        contractOf(place),
      );
      expect(stderr.split('\n').filter((line) => line.startsWith('qpoe: '))).toHaveLength(1);
      expect(code, stdout + stderr).toBe(expected);
      expect(journal(place).filter(({ state }) => state === 'finalized')).toHaveLength(0);
      node.lie = () => undefined;
      const again = await anchor('submit', '--chain', 'dev', '--contract', contractOf(place));
      expect(again.stdout, again.stderr).toMatch(/^mined/);
      expect(await nonce(node)).toBe(2);
    });

    const contractOf = (place: Place) => journal(place)[0]!.chain.contract;
  });
});
