/** contracts/LogAnchor.json is what its sources compile to, and what stays true of the compiled code. */

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { AbiItem } from 'ox';
import { describe, expect, it } from 'vitest';
import { LOG_ANCHOR } from '../bench/contract-gas.ts';
import { CONTRACTS, compile } from '../scripts/contract-compiler.ts';

const RETURN = 0xf3;
const STATICCALL = 0xfa;
const REVERT = 0xfd;

describe('the committed contract', () => {
  it('is what the sources make, byte for byte', () => {
    const script = new URL('../scripts/compile-contracts.mjs', import.meta.url).pathname;
    const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it('is not what other sources make, and a comment makes no other', () => {
    const source = readFileSync(new URL('LogAnchor.sol', CONTRACTS), 'utf8');
    const commented = compile('LogAnchor', `${source}// A comment.\n`);
    expect(commented.deployedBytecode).toBe(LOG_ANCHOR.deployedBytecode);
    const changed = compile('LogAnchor', source.replace('size <= oldSize', 'size < oldSize'));
    expect(changed.deployedBytecode).not.toBe(LOG_ANCHOR.deployedBytecode);
  });

  it('has no immutables: the code that is deployed ends the code that deploys it', () => {
    expect(LOG_ANCHOR.bytecode.endsWith(LOG_ANCHOR.deployedBytecode.slice(2))).toBe(true);
  });

  it('calls nothing but the precompiles, and neither creates, delegates nor destroys', () => {
    const found = instructions(LOG_ANCHOR.deployedBytecode).filter((code) => code >= 0xf0 && code !== RETURN);
    expect(new Set(found)).toEqual(new Set([STATICCALL, REVERT]));
  });

  it('has the interface of the original, and its own', () => {
    const signatures = LOG_ANCHOR.abi.map((item) => AbiItem.getSignature(item as never));
    expect(signatures.sort()).toEqual(
      [
        'submit(bytes32)',
        'getSubmitter(bytes32)',
        'getTimestamp(bytes32)',
        'exists(bytes32)',
        'Submitted(bytes32,address,uint256)',
        'head(bytes32)',
        'senderLogId(address,bytes32)',
        'signerLogId(address,bytes32)',
        'anchor(bytes32,uint64,bytes32,bytes32[])',
        'anchorSigned(bytes32,uint64,bytes32,bytes32,bytes32,bytes32[])',
        'Checkpoint(bytes32,uint64,bytes32)',
        'reportFork(bytes32,uint64,bytes32,bytes32,bytes32,bytes32,bytes32,bytes32)',
        'Fork(bytes32,uint64,bytes32,bytes32)',
        'forked(bytes32)',
        'verifyInclusion(bytes32,uint64,bytes32,bytes32[])',
        'InvalidHash()',
        'Stale(uint64)',
        'Inconsistent()',
        'BadCheckpoint()',
        'BadSignature()',
        'NotAFork()',
      ].sort(),
    );
    expect(
      LOG_ANCHOR.abi.filter((item) => 'stateMutability' in item && item.stateMutability === 'payable'),
    ).toEqual([]);
  });
});

/** The operations, without the data of the PUSH ones. */
function instructions(code: string): readonly number[] {
  const bytes = Buffer.from(code.slice(2), 'hex');
  const found: number[] = [];
  for (let i = 0; i < bytes.length; i++) {
    const operation = bytes[i]!;
    found.push(operation);
    if (operation >= 0x60 && operation <= 0x7f) i += operation - 0x5f;
  }
  return found;
}
