import { createMerkleProof, createMPT } from '@ethereumjs/mpt';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { brokenProofs, filled, someBits } from '../../test/chain-evidence.ts';
import { type Bytes, concatenate, fromHex, toHex, utf8 } from '../core/bytes.ts';
import { keccak256 } from './keccak.ts';
import { MAX_NODE_BYTES, MAX_PROOF_BYTES, MAX_PROOF_NODES, provenValue } from './mpt.ts';
import { encodeRlp, type RlpItem } from './rlp.ts';

const NONE = new Uint8Array(0);
const hex = (text: string): Bytes => fromHex(text)!;

/** With its references and its value in place, and nothing in the others. */
function branch(slots: { readonly [slot: number]: RlpItem }): RlpItem {
  return Array.from({ length: 17 }, (_, slot) => slots[slot] ?? NONE);
}

/** The proof of these nodes, from the root on: bound by its hashes, so that nothing but the nodes' form can be wrong. */
function prove(key: string, ...nodes: readonly RlpItem[]) {
  const proof = nodes.map(encodeRlp);
  return provenValue(keccak256(proof[0] ?? NONE), hex(key), proof);
}

const hashOf = (node: RlpItem): Bytes => keccak256(encodeRlp(node));
const LONG = filled(40, 7);

describe('a proof in any trie', () => {
  // Keys that begin with others: a branch then has a value of its own.
  const keys = fc
    .uint8Array({ maxLength: 4 })
    .map((key) => key.map((byte) => byte & 0x13)) as fc.Arbitrary<Bytes>;
  const strings = fc.uint8Array({ minLength: 1, maxLength: 60 }) as fc.Arbitrary<Bytes>;
  const tries = fc.uniqueArray(fc.tuple(keys, strings), {
    minLength: 1,
    maxLength: 60,
    selector: ([key]) => toHex(key),
  });

  it('that another implementation made holds for each key, and for none that is not there', async () => {
    await fc.assert(
      fc.asyncProperty(tries, keys, async (entries, stranger) => {
        const trie = await createMPT();
        for (const [key, value] of entries) await trie.put(key, value);
        const root = trie.root();
        for (const [key, value] of entries) {
          const all = (await createMerkleProof(trie, key)) as Bytes[];
          const proof = all.filter((node, depth) => depth === 0 || node.length >= 32);
          expect(provenValue(root, key, proof).value).toEqual(value);
          if (proof.length < all.length) expect(provenValue(root, key, all).code).toBe('mpt.extra');
          for (const [what, broken] of brokenProofs(proof, someBits))
            expect(provenValue(root, key, broken).fault, what).toBeDefined();
          if (entries.every(([known]) => toHex(known) !== toHex(stranger)))
            expect(provenValue(root, stranger, proof).fault).toBeDefined();
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('the Ethereum tests’ small trie', () => {
  // https://github.com/ethereum/tests/blob/develop/TrieTests/trieanyorder.json, "dogs"
  it('has its root, and is proven by one node and those in it', async () => {
    const trie = await createMPT();
    const pairs = [
      ['doe', 'reindeer'],
      ['dog', 'puppy'],
      ['dogglesworth', 'cat'],
    ] as const;
    for (const [key, value] of pairs) await trie.put(utf8(key), utf8(value));
    const root = hex('8aad789dff2f538bca5d8ea56e8abe10f4c7ba3a5dea95fea4cd6e7c3a1168d3');
    expect(toHex(trie.root())).toBe(toHex(root));
    for (const [key, value] of pairs) {
      const all = (await createMerkleProof(trie, utf8(key))) as Bytes[];
      const proof = all.filter((node, depth) => depth === 0 || node.length >= 32);
      expect(provenValue(root, utf8(key), proof).value).toEqual(utf8(value));
    }
    expect(
      provenValue(root, utf8('do'), (await createMerkleProof(trie, utf8('dog'))) as Bytes[]).fault,
    ).toBeDefined();
  });
});

describe('a node that no client writes, though its hash is right', () => {
  const leaf: RlpItem = [hex('20'), LONG];

  it('would be accepted in its own form', () => {
    expect(prove('12', [hex('2012'), LONG]).value).toEqual(LONG);
    expect(prove('12', [hex('2012'), filled(1, 1)]).value).toEqual(filled(1, 1));
    expect(prove('12', [hex('11'), hashOf(branch({ 2: leaf }))], branch({ 2: leaf })).fault).toBeDefined();
    const below = branch({ 2: hashOf(leaf) });
    expect(prove('12', [hex('11'), hashOf(below)], below, leaf).value).toEqual(LONG);
    expect(prove('12', [hex('11'), branch({ 2: [hex('20'), hex('05')] })]).value).toEqual(hex('05'));
    expect(prove('12', branch({ 1: [hex('32'), hex('05')], 2: LONG.subarray(8) })).value).toEqual(hex('05'));
    expect(prove('', branch({ 16: LONG })).value).toEqual(LONG);
  });

  it.each<[string, RlpItem, string]>([
    ['a flag beyond 3', [hex('4012'), LONG], 'prefix'],
    ['a flag beyond 3, odd', [hex('5120'), LONG], 'prefix'],
    ['a padding', [hex('2112'), LONG], 'prefix'],
    ['no prefix at all', [NONE, LONG], 'prefix'],
    ['a list for its prefix', [[hex('2012')], LONG], 'node'],
    ['a list for its value', [hex('2012'), [LONG]], 'node'],
    ['nothing for its value', [hex('2012'), NONE], 'absent'],
    ['a key that is too short', [hex('31'), LONG], 'absent'],
    ['a key that is too long', [hex('201200'), LONG], 'absent'],
    ['another key', [hex('2013'), LONG], 'absent'],
    ['one item', [hex('2012')], 'node'],
    ['three items', [hex('2012'), LONG, NONE], 'node'],
    ['none', [], 'node'],
    ['sixteen items', (branch({}) as RlpItem[]).slice(1), 'node'],
    ['eighteen items', [...(branch({}) as RlpItem[]), NONE], 'node'],
    ['no list', hex('2012'), 'node'],
    ['an extension by nothing', [hex('00'), branch({ 1: [hex('32'), hex('05')] })], 'prefix'],
    ['an extension to nothing', [hex('11'), NONE], 'absent'],
    ['an extension past the key', [hex('001234'), filled(32, 1)], 'absent'],
    ['a reference of 31 bytes', branch({ 1: filled(31, 1) }), 'reference'],
    ['a reference of 33 bytes', branch({ 1: filled(33, 1) }), 'reference'],
    ['a node embedded that is too long for it', branch({ 1: [hex('32'), LONG] }), 'reference'],
    ['a node of exactly 32 bytes embedded', branch({ 1: [hex('32'), filled(29, 1)] }), 'reference'],
    ['nothing there', branch({ 2: filled(32, 1) }), 'absent'],
  ])('%s', (_, node, code) => expect(prove('12', node).code).toBe(`mpt.${code}`));

  it('a list where a branch has its value', () =>
    expect(prove('', branch({ 16: [LONG] })).code).toBe('mpt.node'));

  it('no value where a branch ends the key', () =>
    expect(prove('', branch({ 0: filled(32, 1) })).code).toBe('mpt.absent'));

  it('a short node by its hash', () => {
    const short: RlpItem = [hex('32'), filled(28, 1)];
    expect(encodeRlp(short)).toHaveLength(31);
    expect(prove('12', branch({ 1: hashOf(short) }), short).code).toBe('mpt.reference');
    expect(prove('12', branch({ 1: short })).value).toEqual(filled(28, 1));
  });

  it('an embedded node that is listed as well', () => {
    const short: RlpItem = [hex('32'), filled(1, 1)];
    expect(prove('12', branch({ 1: short }), short).code).toBe('mpt.extra');
  });

  it('bytes that are no canonical RLP', () => {
    const wrapped = concatenate([hex('c5'), hex('822012'), hex('8105')]);
    expect(provenValue(keccak256(wrapped), hex('12'), [wrapped]).code).toBe('rlp.canonical');
    const longer = concatenate([encodeRlp([hex('2012'), LONG]), NONE, hex('00')]);
    expect(provenValue(keccak256(longer), hex('12'), [longer]).code).toBe('rlp.trailing');
  });
});

describe('a proof', () => {
  it('without nodes shows nothing, of the empty trie neither', () => {
    expect(provenValue(keccak256(NONE), NONE, []).code).toBe('mpt.missing');
    expect(provenValue(keccak256(hex('80')), NONE, [hex('80')]).code).toBe('mpt.node');
  });

  it('has bounds for its nodes, a node’s bytes and all bytes', () => {
    const root = filled(32, 0);
    const refused = (proof: readonly Bytes[]) => provenValue(root, NONE, proof).code;
    expect(refused(Array(MAX_PROOF_NODES + 1).fill(NONE))).toBe('mpt.count');
    expect(refused(Array(MAX_PROOF_NODES).fill(NONE))).toBe('mpt.hash');
    expect(refused([filled(MAX_NODE_BYTES + 1, 1)])).toBe('mpt.size');
    expect(refused([...Array(4).fill(filled(MAX_PROOF_BYTES / 4, 1)), filled(1, 1)])).toBe('mpt.size');
  });

  it('holds a receipt of nearly a megabyte', () => {
    const value = filled(MAX_NODE_BYTES - 20, 7);
    expect(prove('12', [hex('2012'), value]).value).toEqual(value);
  });

  it('is never anything that throws', () => {
    const nodes = fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 4 });
    fc.assert(
      fc.property(nodes, fc.uint8Array({ maxLength: 4 }), (proof, key) => {
        const [first = NONE] = proof as Bytes[];
        expect(typeof provenValue(keccak256(first), key, proof as Bytes[])).toBe('object');
      }),
      { numRuns: 1_000 },
    );
  });
});
