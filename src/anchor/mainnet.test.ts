/** A block of the main network, number 21,925,176, with its 202 receipts and an account of its state. */

import { expect, it } from 'vitest';
import { brokenProofs, someBits } from '../../test/chain-evidence.ts';
import { describeVectors, readVector } from '../../test/shared-vectors.ts';
import { toHex } from '../core/bytes.ts';
import { encodeHeader, readHeader } from './header.ts';
import { fromHexData, toHexData } from './hex-data.ts';
import { keccak256 } from './keccak.ts';
import { provenValue } from './mpt.ts';
import { encodeReceipt, type RpcReceipt, readReceipt } from './receipt.ts';
import { decodeRlp } from './rlp.ts';
import { readInteger } from './rlp-integer.ts';
import { buildReceiptTrie, receiptKey } from './trie.ts';

describeVectors('a block of the main network', 'ethereum', () => {
  const json = (name: string) => JSON.parse(readVector(`ethereum/${name}.json`).toString('utf8'));
  const block = json('block');
  const receipts: readonly (RpcReceipt & { readonly logs: unknown[] })[] = json('receipts');
  const values = receipts.map((receipt) => encodeReceipt(receipt).value!);
  const { root, prove } = buildReceiptTrie(values);
  const header = encodeHeader(block).value!;

  it('has the hash of its header', () => {
    expect(json('block_hashes')).toEqual([toHexData(keccak256(header))]);
    expect(readHeader(header).value).toEqual({
      hash: fromHexData(block.hash),
      number: 21_925_176,
      timestamp: Number(block.timestamp),
      stateRoot: fromHexData(block.stateRoot),
      receiptsRoot: fromHexData(block.receiptsRoot),
      fieldCount: 20,
    });
  });

  it('has the root of its receipts', () => {
    expect(values).toHaveLength(202);
    expect(toHexData(root)).toBe(block.receiptsRoot);
  });

  it('has receipts that are read as they were answered', () => {
    for (const [index, receipt] of receipts.entries()) {
      const { value, fault } = readReceipt(values[index]!);
      expect(fault).toBeUndefined();
      expect(`0x${value!.type.toString(16)}`).toBe(receipt.type);
      expect(`0x${value!.status}`).toBe(receipt.status);
      expect(toHexData(value!.bloom)).toBe(receipt.logsBloom);
      const logs = value!.logs.map(({ address, topics, data }) => ({
        address: toHexData(address),
        topics: topics.map(toHexData),
        data: toHexData(data),
      }));
      expect(receipt.logs).toMatchObject(logs);
    }
  });

  it('proves each of its receipts, and refuses every proof that was changed', () => {
    let broken = 0;
    for (const [index, value] of values.entries()) {
      const proof = prove(index);
      expect(provenValue(root, receiptKey(index), proof).value).toEqual(value);
      for (const [what, changed] of brokenProofs(proof, someBits)) {
        broken++;
        expect(provenValue(root, receiptKey(index), changed).fault, `${index}: ${what}`).toBeDefined();
      }
      for (let other = 0; other <= values.length; other++)
        if (other !== index) expect(provenValue(root, receiptKey(other), proof).fault).toBeDefined();
    }
    expect(broken).toBeGreaterThan(10_000);
  });

  it('proves an account of its state, and a slot of that account’s storage', () => {
    const { address, balance, storageHash, storageProof, accountProof } = json('proof');
    const { stateRoot } = readHeader(header).value!;
    const key = keccak256(fromHexData(address)!);
    const proof = accountProof.map(fromHexData);
    const account = decodeRlp(provenValue(stateRoot, key, proof).value!).value as Uint8Array<ArrayBuffer>[];
    expect(account).toHaveLength(4);
    expect(readInteger(account[1]!, 32)).toBe(BigInt(balance));
    expect(toHexData(account[2]!)).toBe(storageHash);
    for (const [what, changed] of brokenProofs(proof, someBits))
      expect(provenValue(stateRoot, key, changed).fault, what).toBeDefined();
    for (const slot of storageProof) {
      const value = provenValue(account[2]!, keccak256(fromHexData(slot.key)!), slot.proof.map(fromHexData));
      expect(toHex(decodeRlp(value.value!).value as Uint8Array)).toBe(slot.value.slice(2));
    }
  });
});
