import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { filled, flip, headerFields } from '../../test/chain-evidence.ts';
import type { Bytes } from '../core/bytes.ts';
import type { JsonObject } from '../core/json.ts';
import { encodeHeader, MAX_HEADER_BYTES, type RpcBlock, readHeader } from './header.ts';
import { toHexData } from './hex-data.ts';
import { keccak256 } from './keccak.ts';
import { encodeRlp, type RlpItem } from './rlp.ts';
import { integerBytes, readInteger } from './rlp-integer.ts';

const ROOT = filled(32, 0xee);
const encoded = (count?: number): Bytes => encodeRlp(headerFields(ROOT, count));
const withField = (index: number, item: RlpItem): Bytes => encodeRlp(headerFields(ROOT).with(index, item));

const NAMES = [
  'parentHash sha3Uncles miner stateRoot transactionsRoot receiptsRoot logsBloom difficulty number gasLimit gasUsed',
  'timestamp extraData mixHash nonce baseFeePerGas withdrawalsRoot blobGasUsed excessBlobGas parentBeaconBlockRoot',
  'requestsHash',
].flatMap((line) => line.split(' '));
const INTEGERS = ['difficulty', 'number', 'gasLimit', 'gasUsed', 'timestamp', 'baseFeePerGas', 'blobGasUsed'];
INTEGERS.push('excessBlobGas');

/** As a service would answer. */
function rpcBlock(count = 21): Record<string, string> {
  const fields = headerFields(ROOT, count).map((item, i) => {
    const name = NAMES[i]!;
    const text = INTEGERS.includes(name)
      ? `0x${readInteger(item, 32)!.toString(16)}`
      : toHexData(item as Bytes);
    return [name, text] as const;
  });
  return Object.fromEntries(fields);
}

describe('a block header', () => {
  it.each([16, 17, 20, 21])('of %d fields is read', (count) => {
    const rlp = encoded(count);
    expect(readHeader(rlp).value).toEqual({
      hash: keccak256(rlp),
      number: 21_925_176,
      timestamp: 1_740_508_595,
      stateRoot: filled(32, 4),
      receiptsRoot: ROOT,
      fieldCount: count,
    });
  });

  it.each([0, 1, 15, 18, 19])('of %d fields is refused', (count) =>
    expect(readHeader(encoded(count)).code).toBe('header.fields'),
  );

  it('of a fork to come is refused as newer, not read as far as it is known', () => {
    const fields = [...headerFields(ROOT), filled(32, 1)];
    expect(readHeader(encodeRlp(fields)).code).toBe('header.newer');
    expect(readHeader(encodeRlp([...fields, integerBytes(7)])).code).toBe('header.newer');
    expect(readHeader(encodeRlp([...fields, []])).code).toBe('header.newer');
  });

  it.each(NAMES.map((name, index) => [name, index] as const))(
    'with a %s of another width is refused',
    (name, index) => {
      const most = { difficulty: 32, baseFeePerGas: 32, number: 7, timestamp: 7, extraData: 32 }[name] ?? 8;
      const field = headerFields(ROOT)[index] as Bytes;
      const isInteger = INTEGERS.includes(name);
      const bad = isInteger
        ? [filled(1, 0), Uint8Array.of(0, 1), filled(most + 1, 1), [], [integerBytes(1)]]
        : [filled((name === 'extraData' ? most : field.length) + 1, 1), [], [field]];
      if (!isInteger && name !== 'extraData') bad.push(field.subarray(1), filled(0, 0));
      for (const item of bad) {
        const read = readHeader(withField(index, item));
        expect(read.code).toBe('header.field');
        expect(read.fault).toContain(name);
      }
      if (isInteger || name === 'extraData')
        expect(
          readHeader(withField(index, filled(isInteger && most === 7 ? 6 : most, 1))).fault,
        ).toBeUndefined();
    },
  );

  it('keeps its number and time exact', () => {
    expect(readHeader(withField(8, integerBytes(2n ** 53n))).code).toBe('header.field');
    expect(readHeader(withField(11, integerBytes(2n ** 53n))).code).toBe('header.field');
    expect(readHeader(withField(8, integerBytes(2n ** 53n - 1n))).value?.number).toBe(2 ** 53 - 1);
    expect(readHeader(withField(8, integerBytes(0))).value?.number).toBe(0);
  });

  it('may have the difficulty of 1 that some rollups give every block', () =>
    expect(readHeader(withField(7, integerBytes(1))).fault).toBeUndefined());

  it('is not what is no list, not cut, not continued, not beyond its bound', () => {
    expect(readHeader(encodeRlp(filled(99, 1))).code).toBe('header.fields');
    expect(readHeader(encoded().subarray(1)).fault).toBeDefined();
    expect(readHeader(encoded().subarray(0, -1)).code).toBe('rlp.truncated');
    expect(readHeader(Uint8Array.of(...encoded(), 0)).code).toBe('rlp.trailing');
    expect(readHeader(new Uint8Array(0)).code).toBe('rlp.truncated');
    expect(readHeader(filled(MAX_HEADER_BYTES + 1, 1)).code).toBe('header.size');
  });

  it('with any bit flipped is of another block, if it is a header at all', () => {
    const rlp = encoded();
    for (let bit = 0; bit < 8 * rlp.length; bit++) {
      const read = readHeader(flip(rlp, bit));
      if (read.fault === undefined) expect(read.value.hash).not.toEqual(keccak256(rlp));
    }
  });

  it('is never anything that throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 700 }), (bytes) => {
        expect(readHeader(bytes as Bytes).code).toBeDefined();
      }),
    );
  });
});

describe('a block as a service answers it', () => {
  it.each([16, 17, 20, 21])('gives the header of %d fields', (count) => {
    expect(encodeHeader(rpcBlock(count)).value).toEqual(encoded(count));
    const more: JsonObject = { ...rpcBlock(count), hash: '0x', uncles: [], slotNumber: '0x1' };
    expect(encodeHeader(more).value).toEqual(encoded(count));
  });

  it('may say null for what it does not have', () => {
    const nulls: RpcBlock = { ...rpcBlock(17), blobGasUsed: null, requestsHash: undefined };
    expect(encodeHeader(nulls).value).toEqual(encoded(17));
  });

  it.each(NAMES)('without %s is refused, but for the last', (name) => {
    const { [name]: _, ...rest } = rpcBlock();
    expect(encodeHeader(rest).code).toBe(name === 'requestsHash' ? undefined : 'header.fields');
  });

  it('of 18 or 19 fields is refused, as is nothing at all', () => {
    for (const count of [0, 15, 18, 19]) expect(encodeHeader(rpcBlock(count)).code).toBe('header.fields');
  });

  it.each(NAMES)('with a malformed %s is refused', (name) => {
    const good = rpcBlock()[name]!;
    const forms = [
      1,
      true,
      {},
      [],
      '',
      '0x',
      good.slice(2),
      `${good} `,
      `${good}0`,
      good.replace('0x', '0X'),
    ];
    const bad = INTEGERS.includes(name)
      ? [...forms, '0x00', '0x01', '0xF', `0x${'f'.repeat(66)}`].filter((form) => form !== `${good}0`)
      : [...forms, `${good}00`.padEnd(68, '0'), good.slice(0, -1)].filter(
          (form) => name !== 'extraData' || (form !== '0x' && form !== `${good}00`.padEnd(68, '0')),
        );
    for (const form of bad) expect(encodeHeader({ ...rpcBlock(), [name]: form }).code).toBe('header.field');
  });
});
