/** The contract beside src/tlog/merkle.ts: on a chain of our own, what one verifies the other does. */

import { AbiError, Hash, Hex } from 'ox';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callData, hashOf, LOG_ANCHOR } from '../bench/contract-gas.ts';
import { findConsistencyFault, findInclusionFault, foldRight, planConsistency } from '../src/tlog/merkle.ts';
import { type Address, type Anvil, type Bytes, type Call, type Outcome, startAnvil } from './anvil.ts';
import { findFoundry } from './foundry.ts';
import { naiveLeaves, naivePath, naiveProof, naiveRoot } from './naive-tree.ts';
import { describeVectors, listVectors, readVector } from './shared-vectors.ts';

const LIMIT = 40;

interface Claim {
  readonly name: string;
  readonly oldSize: number;
  readonly oldRoot: Uint8Array;
  readonly newSize: number;
  readonly newRoot: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

const INCONSISTENT = AbiError.getSelector(AbiError.from('error Inconsistent()'));
const TRUE = Hex.padLeft('0x1', 32);
const FALSE = Hex.padLeft('0x0', 32);

let chain: Anvil;
let contract: Address;

/** The old head in a log of its own; the call that asks for the new one, which is not sent. */
async function planAnchor(
  old: Omit<Claim, 'newSize' | 'newRoot' | 'proof'>,
): Promise<(claim: Claim) => Call> {
  const origin = hashOf(old.name);
  const data = callData('anchor', origin, BigInt(old.oldSize), Hex.fromBytes(old.oldRoot), []);
  expect((await chain.send({ to: contract, data })).status).toBe('0x1');
  return ({ newSize, newRoot, proof }) => ({
    from: chain.accounts[0]!,
    to: contract,
    data: callData(
      'anchor',
      origin,
      BigInt(newSize),
      Hex.fromBytes(newRoot),
      proof.map((hash) => Hex.fromBytes(hash)),
    ),
  });
}

function isAccepted(outcome: Outcome): boolean {
  if ('returned' in outcome) return true;
  expect(outcome.reverted).toBe(INCONSISTENT);
  return false;
}

describe.skipIf(findFoundry('anvil') === undefined)(
  'the contract (needs the optional @foundry-rs/anvil)',
  () => {
    beforeAll(async () => {
      chain = await startAnvil();
      contract = (await chain.deploy(LOG_ANCHOR.bytecode)).address;
    });
    afterAll(() => chain?.stop());

    const leaves = naiveLeaves(LIMIT + 1);
    const roots = Array.from({ length: LIMIT + 2 }, (_, size) => naiveRoot(leaves.slice(0, size)));

    it('accepts the consistency proofs that we verify, and no others, for all sizes up to 40', async () => {
      let accepted = 0;
      let refused = 0;
      for (let oldSize = 1; oldSize < LIMIT; oldSize++) {
        const old = { name: `all proofs from ${oldSize}`, oldSize, oldRoot: roots[oldSize]! };
        const claims = later(oldSize).flatMap((newSize) =>
          variants({ ...old, newSize, newRoot: roots[newSize]!, proof: ourProof(oldSize, newSize) }),
        );
        const call = await planAnchor(old);
        const outcomes = await chain.call(claims.map(call));
        for (const [i, claim] of claims.entries()) {
          const verified = findConsistencyFault(claim, claim.proof) === undefined;
          expect(isAccepted(outcomes[i]!), claim.name).toBe(verified);
          if (verified) accepted++;
          else refused++;
        }
      }
      // The 780 right ones, and proofs that are also good for one size more or less.
      expect(accepted).toBeGreaterThanOrEqual(780);
      expect(refused).toBeGreaterThan(5000);
    });

    const later = (oldSize: number): readonly number[] =>
      Array.from({ length: LIMIT - oldSize }, (_, i) => oldSize + 1 + i);

    function ourProof(oldSize: number, newSize: number): readonly Uint8Array[] {
      const proof = planConsistency(oldSize, newSize).map((subtrees) =>
        foldRight(
          subtrees.map(({ level, index }) =>
            naiveRoot(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level)),
          ),
        ),
      );
      expect(proof).toEqual(naiveProof(oldSize, leaves.slice(0, newSize)));
      return proof;
    }

    function variants(right: Claim): readonly Claim[] {
      const { proof, newSize } = right;
      const middle = Math.floor(proof.length / 2);
      const named = (change: string, changed: Partial<Claim>): Claim => ({
        ...right,
        ...changed,
        name: `${right.oldSize} → ${newSize}: ${change}`,
      });
      return [
        named('right', {}),
        named('one hash less', { proof: proof.slice(0, -1) }),
        named('without the first', { proof: proof.slice(1) }),
        named('one hash more', { proof: [...proof, leaves[0]!] }),
        named('one hash before', { proof: [right.oldRoot, ...proof] }),
        named('reversed', { proof: proof.toReversed() }),
        named('a bit changed', { proof: proof.with(middle, flip(proof[middle]!)) }),
        named('another root', { newRoot: flip(right.newRoot) }),
        named('the next root', { newRoot: roots[newSize + 1]! }),
        named('the next size', { newSize: newSize + 1 }),
        named('nearly the largest size', { newSize: 2 ** 53 - 1 }),
        ...(newSize - 1 > right.oldSize ? [named('the size before', { newSize: newSize - 1 })] : []),
      ];
    }

    it('finds every leaf of the heads up to 40 where it is, and nowhere else', async () => {
      for (let size = 1; size <= LIMIT; size++) {
        await planAnchor({ name: `leaves of ${size}`, oldSize: size, oldRoot: roots[size]! });
        const claims = Array.from({ length: size }, (_, index) => {
          const path = naivePath(index, leaves.slice(0, size));
          return [
            { index, leaf: leaves[index]!, path },
            { index: (index + 1) % (size + 1), leaf: leaves[index]!, path },
            { index, leaf: leaves[index + 1]!, path },
            { index, leaf: leaves[index]!, path: path.slice(1) },
            { index, leaf: leaves[index]!, path: [...path, leaves[0]!] },
            { index, leaf: leaves[index]!, path: path.toReversed() },
          ];
        }).flat();
        const outcomes = await chain.call(claims.map((claim) => planInclusion(`leaves of ${size}`, claim)));
        for (const [i, { index, leaf, path }] of claims.entries()) {
          const verified = findInclusionFault({ leaf, index, size, root: roots[size]! }, path) === undefined;
          expect(outcomes[i], `${index} in ${size}`).toEqual({ returned: verified ? TRUE : FALSE });
        }
      }
    });

    describeVectors("on transparency-dev's consistency proofs", 'merkle/consistency', () => {
      const vectors = readVectors<ConsistencyVector>('merkle/consistency').filter(
        ({ size1, size2, root1, root2, proof }) =>
          [root1, root2, ...proof].every(isHash) && size1 > 0 && isCount(size2) && size2 > size1,
      );

      it('that an ABI can express, 61 of 98, judges as their authors do', async () => {
        expect(vectors).toHaveLength(61);
        for (const { file, size1, size2, root1, root2, proof, wantErr } of vectors) {
          const old = { name: file, oldSize: size1, oldRoot: base64(root1) };
          const call = await planAnchor(old);
          const claim = { ...old, newSize: size2, newRoot: base64(root2), proof: proof.map(base64) };
          const [outcome] = await chain.call([call(claim)]);
          expect(isAccepted(outcome!), file).toBe(!wantErr);
        }
      });
    });

    describeVectors("on transparency-dev's inclusion proofs", 'merkle/inclusion', () => {
      const vectors = readVectors<InclusionVector>('merkle/inclusion').filter(
        ({ treeSize, leafIdx, root, leafHash, proof }) =>
          [root, leafHash, ...proof].every(isHash) && treeSize > 0 && isCount(leafIdx) && isCount(treeSize),
      );

      it('that an ABI can express, 67 of 98, judges as their authors do', async () => {
        expect(vectors).toHaveLength(67);
        for (const { file, leafIdx, treeSize, root, leafHash, proof, wantErr } of vectors) {
          await planAnchor({ name: file, oldSize: treeSize, oldRoot: base64(root) });
          const claim = { index: leafIdx, leaf: base64(leafHash), path: proof.map(base64) };
          expect(await chain.call([planInclusion(file, claim)]), file).toEqual([
            { returned: wantErr ? FALSE : TRUE },
          ]);
        }
      });
    });
  },
);

function planInclusion(
  name: string,
  claim: { readonly index: number; readonly leaf: Uint8Array; readonly path: readonly Uint8Array[] },
): Call {
  const { index, leaf, path } = claim;
  const hashes = path.map((hash): Bytes => Hex.fromBytes(hash));
  return {
    to: contract,
    data: callData('verifyInclusion', senderLog(name), BigInt(index), Hex.fromBytes(leaf), hashes),
  };
}

/** As the contract defines it: keccak256(abi.encode(uint8(0), sender, originHash)). */
function senderLog(name: string): Bytes {
  const words = [FALSE, Hex.padLeft(chain.accounts[0]!, 32), hashOf(name)];
  return Hash.keccak256(Hex.concat(...words));
}

interface Vector {
  readonly file: string;
  readonly proof: readonly string[];
  readonly wantErr: boolean;
}

interface ConsistencyVector extends Vector {
  readonly size1: number;
  readonly size2: number;
  readonly root1: string;
  readonly root2: string;
}

interface InclusionVector extends Vector {
  readonly leafIdx: number;
  readonly treeSize: number;
  readonly root: string;
  readonly leafHash: string;
}

function readVectors<Kind extends Vector>(folder: string): readonly Kind[] {
  return listVectors(folder, '.json').map((file) => {
    const vector = JSON.parse(readVector(file).toString('utf8'));
    return { ...vector, file, proof: vector.proof ?? [] };
  });
}

const base64 = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));
const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;
const isHash = (text: string): boolean => base64(text).length === 32;
const flip = (hash: Uint8Array): Uint8Array => hash.map((byte, i) => (i === 7 ? byte ^ 16 : byte));
