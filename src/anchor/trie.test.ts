import { createMerkleProof, createMPT } from '@ethereumjs/mpt';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { brokenProofs, everyBit, someBits } from '../../test/chain-evidence.ts';
import { type Bytes, toHex } from '../core/bytes.ts';
import { provenValue } from './mpt.ts';
import { buildReceiptTrie, receiptKey } from './trie.ts';

const hexes = (nodes: readonly Uint8Array[]): readonly string[] => nodes.map(toHex);

async function oracleTrie(values: readonly Bytes[]) {
  const trie = await createMPT();
  for (const [index, value] of values.entries()) await trie.put(receiptKey(index), value);
  return trie;
}

/** Of a byte or two, which stand in the nodes above them, up to some that make long nodes. */
const values = fc.oneof(
  { weight: 3, arbitrary: fc.uint8Array({ minLength: 1, maxLength: 4 }) },
  { weight: 2, arbitrary: fc.uint8Array({ minLength: 20, maxLength: 40 }) },
  fc.uint8Array({ minLength: 200, maxLength: 400 }),
) as fc.Arbitrary<Bytes>;
const counts = fc.oneof(
  fc.integer({ min: 1, max: 20 }),
  fc.constantFrom(127, 128, 129, 130, 255, 256, 257, 300),
);
const blocks = counts.chain((count) => fc.array(values, { minLength: count, maxLength: count, size: 'max' }));

describe('a trie of receipts', () => {
  it('has the root and the proofs of another implementation', async () => {
    await fc.assert(
      fc.asyncProperty(blocks, fc.nat(), async (block, pick) => {
        const trie = buildReceiptTrie(block);
        const oracle = await oracleTrie(block);
        expect(toHex(trie.root)).toBe(toHex(oracle.root()));
        for (const index of new Set([0, pick % block.length, block.length - 1])) {
          // It lists nodes that stand embedded in their parents, too.
          const theirs = await createMerkleProof(oracle, receiptKey(index));
          const listed = theirs.filter((node, depth) => depth === 0 || node.length >= 32);
          expect(hexes(trie.prove(index))).toEqual(hexes(listed));
        }
      }),
      { numRuns: 60 },
    );
  });

  it('of nothing is the empty one', () =>
    expect(toHex(buildReceiptTrie([]).root)).toBe(
      '56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421',
    ));

  it('of a block of every size up to 300 proves every receipt', () => {
    for (let count = 1; count <= 300; count += count < 20 ? 1 : 7) {
      const block = Array.from({ length: count }, (_, i) => new Uint8Array(1 + ((i * 37) % 90)).fill(i + 1));
      const { root, prove } = buildReceiptTrie(block);
      for (const [index, value] of block.entries())
        expect(provenValue(root, receiptKey(index), prove(index)).value).toEqual(value);
    }
  });

  it.each([-1, 3, 0.5, Number.NaN])('has no receipt %d', (index) => {
    const { prove } = buildReceiptTrie([1, 2, 3].map((byte) => Uint8Array.of(byte)));
    expect(() => prove(index)).toThrow(/no receipt/);
  });

  it('holds no empty value', () => {
    expect(() => buildReceiptTrie([new Uint8Array(0)])).toThrow(/empty/);
    expect(() => buildReceiptTrie([]).prove(0)).toThrow(/no receipt/);
  });
});

describe('a proof of a receipt', () => {
  it('is refused with any bit of it flipped, and any node more, less, doubled, moved, cut or continued', () => {
    fc.assert(
      fc.property(blocks, fc.nat(), (block, pick) => {
        const index = pick % block.length;
        const { root, prove } = buildReceiptTrie(block);
        const proof = prove(index);
        expect(provenValue(root, receiptKey(index), proof).value).toEqual(block[index]);
        for (const [what, broken] of brokenProofs(proof, block.length <= 20 ? everyBit : someBits))
          expect(provenValue(root, receiptKey(index), broken).fault, what).toBeDefined();
      }),
      { numRuns: 60 },
    );
  });

  it('is one of no other receipt and of no other root', () => {
    fc.assert(
      fc.property(blocks, fc.nat(), (block, pick) => {
        const index = pick % block.length;
        const { root, prove } = buildReceiptTrie(block);
        const proof = prove(index);
        for (let other = 0; other <= block.length; other++)
          if (other !== index) {
            const read = provenValue(root, receiptKey(other), proof);
            // Where the receipts are so short that one node holds both, its proof is the other's as well.
            if (read.fault === undefined) {
              expect(read.value).toEqual(block[other]);
              expect(hexes(prove(other))).toEqual(hexes(proof));
            }
          }
        expect(provenValue(root.with(0, root[0]! ^ 1), receiptKey(index), proof).code).toBe('mpt.hash');
        expect(provenValue(root.subarray(1), receiptKey(index), proof).code).toBe('mpt.hash');
      }),
      { numRuns: 60 },
    );
  });
});
