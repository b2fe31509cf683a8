/** The contract's own tests, in Solidity: contracts/test, run by forge. */

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { LOG_ANCHOR } from '../../bench/contract-gas.ts';
import { CONTRACTS } from '../../scripts/contract-compiler.ts';
import { findFoundry } from '../foundry.ts';

describe.skipIf(findFoundry('forge') === undefined)('contracts/test (needs @foundry-rs/forge)', () => {
  let summary = '';
  beforeAll(() => {
    const { stdout, stderr } = spawnSync('npm', ['run', '--silent', 'test:contract'], { encoding: 'utf8' });
    summary = `${stdout}\n${stderr}`;
  });

  it('passes, all of it', () => {
    const [, passed, failed, skipped] = /(\d+) tests passed, (\d+) failed, (\d+) skipped/.exec(summary) ?? [];
    expect([failed, skipped], summary).toEqual(['0', '0']);
    expect(Number(passed)).toBeGreaterThanOrEqual(39);
  });

  it('fuzzes each property a thousand times', () => {
    const runs = [...summary.matchAll(/\] testFuzz_\w+\(.*\) \(runs: (\d+),/g)].map(([, count]) =>
      Number(count),
    );
    expect(runs.length).toBeGreaterThanOrEqual(18);
    expect(Math.min(...runs)).toBeGreaterThanOrEqual(1000);
  });

  it('tries 200 sequences of 50 calls by several accounts', () => {
    expect(summary).toMatch(/\] invariant_\w+\(\) \(runs: 200, calls: 10000, reverts: 0\)/);
  });

  it('is of the committed code', () => {
    const built = JSON.parse(readFileSync(new URL('out/LogAnchor.sol/LogAnchor.json', CONTRACTS), 'utf8'));
    expect(built.deployedBytecode.object).toBe(LOG_ANCHOR.deployedBytecode);
  });
});
