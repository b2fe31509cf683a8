/** Gas is the same on every machine: what anchoring may cost. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  anchorSigned,
  callData,
  type GasTable,
  gasPerRecord,
  hashOf,
  LOG_ANCHOR,
  measureGas,
  SIGNER,
} from '../bench/contract-gas.ts';
import { type Anvil, type Bytes, startAnvil } from './anvil.ts';
import { findFoundry } from './foundry.ts';

/** A few zero bytes more or less in hashes, addresses and signatures cost a few tens. */
const SLACK = 300;

const LIMITS = {
  submit: [45_927, 25_840],
  anchor: {
    first: 69_545,
    '1 → 2': 36_400,
    '1,000 → 2,000': 44_400,
    '1,000,000 → 1,001,000': 46_550,
    '2³⁰ − 12,345 → 2³⁰': 68_650,
  },
  anchorSigned: {
    first: 73_950,
    '1 → 2': 40_950,
    '1,000 → 2,000': 49_000,
    '1,000,000 → 1,001,000': 51_100,
    '2³⁰ − 12,345 → 2³⁰': 73_200,
  },
};

describe.skipIf(findFoundry('anvil') === undefined)('gas (needs the optional @foundry-rs/anvil)', () => {
  let chain: Anvil;
  let table: GasTable;
  beforeAll(async () => {
    chain = await startAnvil();
    table = await measureGas(chain);
  });
  afterAll(() => chain?.stop());

  it.each(['anchor', 'anchorSigned'] as const)('of %s is within its limits', (method) => {
    expect(Object.keys(table[method])).toEqual(Object.keys(LIMITS[method]));
    for (const [name, limit] of Object.entries(LIMITS[method]))
      expect(table[method][name], name).toBeLessThanOrEqual(limit + SLACK);
  });

  it('of a submission is within its limits, and less than two thirds of the original at first', () => {
    const [first, repeat] = table.submit;
    expect(first).toBeLessThanOrEqual(LIMITS.submit[0]! + SLACK);
    expect(repeat).toBeLessThanOrEqual(LIMITS.submit[1]! + SLACK);
    expect(first / table.original.submit[0]).toBeLessThan(0.68);
  });

  it('of a checkpoint over ten thousand records is about five a record', async () => {
    expect(await gasPerRecord(chain, 10_000)).toBeLessThan(5.1);
  });

  it('is of the log of the key that signed as wallets do', async () => {
    const { address } = await chain.deploy(LOG_ANCHOR.bytecode);
    const checkpoint = { origin: 'example.org/log', size: 3, root: hashOf('a root'), proof: [] };
    await chain.send({ to: address, data: anchorSigned(checkpoint, address, chain.chainId) });
    const idOf = callData('signerLogId', SIGNER, hashOf(checkpoint.origin));
    const [id] = await chain.call([{ to: address, data: idOf }]);
    const [head] = await chain.call([
      { to: address, data: callData('head', (id as { returned: Bytes }).returned) },
    ]);
    expect(head).toMatchObject({ returned: expect.stringContaining(checkpoint.root.slice(2)) });
  });

  it('is of the committed code', async () => {
    const { address } = await chain.deploy(LOG_ANCHOR.bytecode);
    expect(await chain.codeAt(address)).toBe(LOG_ANCHOR.deployedBytecode);
  });
});
