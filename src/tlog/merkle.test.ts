import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { naiveLeaf, naiveLeaves, naivePath, naiveProof, naiveRoot } from '../../test/naive-tree.ts';
import { describeVectors, listVectors, readVector } from '../../test/shared-vectors.ts';
import { toHex } from '../core/bytes.ts';
import {
  completeRoot,
  emptyRoot,
  findConsistencyFault,
  findInclusionFault,
  leafHash,
  nodeHash,
  planConsistency,
  planInclusion,
  sameHash,
} from './merkle.ts';

/** Of arbitrary length: Go's base64 of whatever the vector holds. */
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'base64'));

describeVectors("transparency-dev's inclusion proofs", 'merkle/inclusion', () => {
  const files = listVectors('merkle/inclusion', '.json');
  it('are 98', () => expect(files).toHaveLength(98));

  it.each(files)('%s', (file) => {
    const vector = JSON.parse(readVector(file).toString('utf8'));
    const fault = findInclusionFault(
      {
        leaf: bytes(vector.leafHash),
        index: vector.leafIdx,
        size: vector.treeSize,
        root: bytes(vector.root),
      },
      (vector.proof ?? []).map(bytes),
    );
    expect(fault !== undefined, fault?.code).toBe(vector.wantErr);
  });
});

describeVectors("transparency-dev's consistency proofs", 'merkle/consistency', () => {
  const files = listVectors('merkle/consistency', '.json');
  it('are 98', () => expect(files).toHaveLength(98));

  it.each(files)('%s', (file) => {
    const vector = JSON.parse(readVector(file).toString('utf8'));
    const fault = findConsistencyFault(
      {
        oldSize: vector.size1,
        oldRoot: bytes(vector.root1),
        newSize: vector.size2,
        newRoot: bytes(vector.root2),
      },
      (vector.proof ?? []).map(bytes),
    );
    expect(fault !== undefined, fault?.code).toBe(vector.wantErr);
  });
});

describeVectors("Rekor's own inclusion proofs in three signed receipts", 'aiir/signed', () => {
  const files = listVectors('aiir/signed', '.sigstore');
  it('are three', () => expect(files).toHaveLength(3));

  it.each(files)('%s', (file) => {
    const bundle = JSON.parse(readVector(file).toString('utf8'));
    const { canonicalizedBody, inclusionProof: proof } = bundle.verificationMaterial.tlogEntries[0];
    const inclusion = {
      leaf: leafHash(bytes(canonicalizedBody)),
      index: Number(proof.logIndex),
      size: Number(proof.treeSize),
      root: bytes(proof.rootHash),
    };
    const hashes = proof.hashes.map(bytes);
    expect(findInclusionFault(inclusion, hashes)).toBeUndefined();
    expect(findInclusionFault({ ...inclusion, index: inclusion.index + 1 }, hashes)).toBeDefined();
    expect(findInclusionFault({ ...inclusion, size: 2 * inclusion.size }, hashes)).toBeDefined();
  });
});

describe('hashes', () => {
  it('are those of RFC 6962', () => {
    expect(toHex(emptyRoot())).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(toHex(leafHash(new Uint8Array(0)))).toBe(
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    );
    const [left, right] = naiveLeaves(2) as [Uint8Array, Uint8Array];
    expect(nodeHash(left, right)).toEqual(naiveRoot([left, right]));
    for (const length of [70_000, 65_536, 65_535, 65_534, 7, 0, 8])
      expect(leafHash(new Uint8Array(length).fill(5))).toEqual(naiveLeaf(new Uint8Array(length).fill(5)));
  });

  it.each([0, 31, 33, 64])('are 32 bytes, never %i', (length) => {
    const [hash] = naiveLeaves(1) as [Uint8Array];
    expect(() => nodeHash(new Uint8Array(length), hash)).toThrow(RangeError);
    expect(() => nodeHash(hash, new Uint8Array(length))).toThrow(RangeError);
  });

  it.each([1, 2, 4, 64, 256])('of a complete tree of %i come from one row of bytes', (count) => {
    const leaves = naiveLeaves(count);
    const row = Uint8Array.of(...leaves.flatMap((leaf) => [...leaf]));
    const before = row.slice();
    expect(completeRoot(row)).toEqual(naiveRoot(leaves));
    expect(row).toEqual(before);
  });

  it('are the same only where every byte is', () => {
    expect(sameHash(Uint8Array.of(1, 2), Uint8Array.of(1, 2))).toBe(true);
    expect(sameHash(Uint8Array.of(1, 2), Uint8Array.of(1, 3))).toBe(false);
    expect(sameHash(Uint8Array.of(1, 2), Uint8Array.of(1, 2, 3))).toBe(false);
    expect(sameHash(Uint8Array.of(1, 2, 3), Uint8Array.of(1, 2))).toBe(false);
  });
});

const LIMIT = 70;
const allLeaves = naiveLeaves(LIMIT);
const roots = Array.from({ length: LIMIT + 1 }, (_, size) => naiveRoot(allLeaves.slice(0, size)));

describe('an inclusion proof', () => {
  it('of the definition is accepted for every leaf of every tree up to 70, and for no other leaf or size', () => {
    for (let size = 1; size <= LIMIT; size++)
      for (let index = 0; index < size; index++) {
        const proof = naivePath(index, allLeaves.slice(0, size));
        const claim = { leaf: allLeaves[index]!, index, size, root: roots[size]! };
        expect(findInclusionFault(claim, proof), `${index} in ${size}`).toBeUndefined();
        expect(findInclusionFault({ ...claim, index: (index + 1) % size }, proof) === undefined).toBe(
          size === 1,
        );
        expect(findInclusionFault({ ...claim, root: roots[size - 1]! }, proof)).toBeDefined();
      }
  });

  it('is refused with one bit of it changed, with a hash more, with one less', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: LIMIT }), fc.nat(), fc.nat(), (size, pick, bit) => {
        const index = pick % size;
        const proof = naivePath(index, allLeaves.slice(0, size));
        const claim = { leaf: allLeaves[index]!, index, size, root: roots[size]! };
        const at = bit % proof.length;
        const flipped = proof.map((hash, i) => (i === at ? flip(hash, bit) : hash));
        expect(findInclusionFault(claim, flipped)?.code).toBe('inclusion.root');
        expect(findInclusionFault({ ...claim, leaf: flip(claim.leaf, bit) }, proof)?.code).toBe(
          'inclusion.root',
        );
        expect(findInclusionFault(claim, proof.slice(1))?.code).toBe('inclusion.length');
        expect(findInclusionFault(claim, [...proof, roots[size]!])?.code).toBe('inclusion.length');
        expect(findInclusionFault(claim, [...proof.slice(1), new Uint8Array(31)])?.code).toBe(
          'inclusion.hash',
        );
      }),
    );
  });

  it('never takes a node of the tree for a leaf of a smaller one without that size being signed', () => {
    const [a, b] = allLeaves as [Uint8Array, Uint8Array];
    const claim = { leaf: nodeHash(a, b), index: 0, size: 4, root: roots[4]! };
    expect(findInclusionFault(claim, [nodeHash(allLeaves[2]!, allLeaves[3]!)])?.code).toBe(
      'inclusion.length',
    );
  });

  it.each([
    [-1, 4],
    [0.5, 4],
    [4, 4],
    [0, 0],
    [Number.NaN, 4],
    [0, Number.POSITIVE_INFINITY],
    [0, 2 ** 53],
  ])('for leaf %d of %d is refused', (index, size) =>
    expect(findInclusionFault({ leaf: roots[1]!, index, size, root: roots[1]! }, [])?.code).toBe(
      'inclusion.index',
    ),
  );

  it('of 53 hashes is needed for the first leaf of the largest tree, and is judged', () => {
    const claim = { leaf: roots[1]!, index: 0, size: Number.MAX_SAFE_INTEGER, root: roots[1]! };
    const proof = Array.from({ length: 53 }, () => roots[1]!);
    expect(findInclusionFault(claim, proof)?.code).toBe('inclusion.root');
    expect(findInclusionFault(claim, proof.slice(1))?.code).toBe('inclusion.length');
    const last = { ...claim, index: claim.size - 1 };
    expect(findInclusionFault(last, proof.slice(1))?.code).toBe('inclusion.root');
    expect(findInclusionFault(last, proof)?.code).toBe('inclusion.length');
  });
});

describe('a consistency proof', () => {
  it('of the definition is accepted between all trees up to 70', () => {
    for (let newSize = 1; newSize <= LIMIT; newSize++)
      for (let oldSize = 1; oldSize <= newSize; oldSize++) {
        const proof = naiveProof(oldSize, allLeaves.slice(0, newSize));
        const claim = { oldSize, oldRoot: roots[oldSize]!, newSize, newRoot: roots[newSize]! };
        expect(findConsistencyFault(claim, proof), `${oldSize} to ${newSize}`).toBeUndefined();
        expect(findConsistencyFault({ ...claim, oldRoot: roots[oldSize - 1]! }, proof)).toBeDefined();
        expect(findConsistencyFault({ ...claim, newRoot: roots[newSize - 1]! }, proof)).toBeDefined();
      }
  });

  it('is refused with one bit of it changed, with a hash more, with one less', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: LIMIT }), fc.nat(), fc.nat(), (newSize, pick, bit) => {
        const oldSize = 1 + (pick % (newSize - 1));
        const proof = naiveProof(oldSize, allLeaves.slice(0, newSize));
        const claim = { oldSize, oldRoot: roots[oldSize]!, newSize, newRoot: roots[newSize]! };
        const at = bit % proof.length;
        const flipped = proof.map((hash, i) => (i === at ? flip(hash, bit) : hash));
        expect(findConsistencyFault(claim, flipped)?.code).toMatch(/^consistency\.(?:old|new)-root$/);
        expect(findConsistencyFault(claim, proof.slice(1))?.code).toBe('consistency.length');
        expect(findConsistencyFault(claim, [...proof, roots[1]!])?.code).toBe('consistency.length');
      }),
    );
  });

  it('between trees with a changed old leaf does not exist', () => {
    const forged = [flip(allLeaves[0]!, 0), ...allLeaves.slice(1)];
    for (let oldSize = 1; oldSize < LIMIT; oldSize++) {
      const claim = { oldSize, oldRoot: roots[oldSize]!, newSize: LIMIT, newRoot: naiveRoot(forged) };
      expect(findConsistencyFault(claim, naiveProof(oldSize, forged))).toBeDefined();
    }
  });

  it('does not overlook an old root of another length', () => {
    const claim = { oldSize: 1, oldRoot: new Uint8Array(33), newSize: 2, newRoot: roots[2]! };
    expect(findConsistencyFault(claim, [allLeaves[1]!])?.code).toBe('consistency.length');
  });
});

describe('a plan', () => {
  /** A subtree's root by the definition. */
  const rootOf = ({ level, index }: { level: number; index: number }): Uint8Array =>
    naiveRoot(allLeaves.slice(index * 2 ** level, (index + 1) * 2 ** level));
  const hashesOf = (plan: ReturnType<typeof planInclusion>): readonly Uint8Array[] =>
    plan.map((subtrees) => subtrees.map(rootOf).reduceRight((right, left) => nodeHash(left, right)));

  it('makes the proofs of the definition', () => {
    for (let size = 1; size <= LIMIT; size++)
      for (let m = 1; m <= size; m++) {
        const leaves = allLeaves.slice(0, size);
        expect(hashesOf(planInclusion(m - 1, size)), `${m - 1} in ${size}`).toEqual(naivePath(m - 1, leaves));
        expect(hashesOf(planConsistency(m, size)), `${m} to ${size}`).toEqual(naiveProof(m, leaves));
      }
  });

  it('names complete subtrees alone, at any size', () => {
    const sizes = fc.maxSafeNat().filter((size) => size > 0);
    fc.assert(
      fc.property(sizes, fc.maxSafeNat(), (size, pick) => {
        const index = pick % size;
        for (const { level, index: i } of [
          ...planInclusion(index, size),
          ...planConsistency(index + 1, size),
        ].flat())
          expect((i + 1) * 2 ** level).toBeLessThanOrEqual(size);
      }),
    );
  });

  it('covers all of the tree but the leaf, also of the largest', () => {
    const sizes = fc.oneof(fc.constant(Number.MAX_SAFE_INTEGER), fc.maxSafeNat());
    fc.assert(
      fc.property(sizes, fc.maxSafeNat(), fc.boolean(), (size, pick, last) => {
        if (size === 0) return;
        const plan = planInclusion(last ? size - 1 : pick % size, size);
        const covered = plan.flat().reduce((leaves, { level }) => leaves + 2n ** BigInt(level), 0n);
        expect(covered).toBe(BigInt(size) - 1n);
      }),
    );
  });

  it.each([
    () => planInclusion(4, 4),
    () => planInclusion(-1, 4),
    () => planConsistency(0, 4),
    () => planConsistency(5, 4),
    () => planConsistency(1, 2 ** 53),
  ])('is refused where there is no such proof: %s', (plan) => expect(plan).toThrow(/no leaf|no proof/));
});

function flip(hash: Uint8Array, bit: number): Uint8Array {
  const flipped = hash.slice();
  flipped[bit % 32]! ^= 1 << (bit % 8);
  return flipped;
}
