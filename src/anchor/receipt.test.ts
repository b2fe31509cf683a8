import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { filled, receiptBytes } from '../../test/chain-evidence.ts';
import { type Bytes, concatenate } from '../core/bytes.ts';
import { toHexData } from './hex-data.ts';
import { type Log, logsBloom } from './log-bloom.ts';
import { encodeReceipt, type RpcReceipt, readReceipt } from './receipt.ts';
import { encodeRlp, type RlpItem } from './rlp.ts';
import { integerBytes } from './rlp-integer.ts';

const bytes = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }) as fc.Arbitrary<Bytes>;
const logs: fc.Arbitrary<Log[]> = fc.array(
  fc.record({
    address: bytes(20),
    topics: fc.array(bytes(32), { maxLength: 4 }),
    data: fc.uint8Array({ maxLength: 99 }) as fc.Arbitrary<Bytes>,
  }),
  { maxLength: 6 },
);

const LOG: Log = { address: filled(20, 1), topics: [filled(32, 2)], data: filled(3, 3) };
const BLOOM = logsBloom([LOG]);
const ENTRY: RlpItem = [LOG.address, LOG.topics, LOG.data];
const BODY: readonly RlpItem[] = [integerBytes(1), integerBytes(21_000), BLOOM, [ENTRY]];
const read = (body: readonly RlpItem[]) => readReceipt(encodeRlp(body));

/** As a service would answer. */
function rpcReceipt(type: number, status: number, all: readonly Log[]): RpcReceipt {
  return {
    type: `0x${type.toString(16)}`,
    status: `0x${status}`,
    cumulativeGasUsed: '0x5208',
    logsBloom: toHexData(logsBloom(all)),
    logs: all.map(({ address, topics, data }, i) => ({
      address: toHexData(address),
      topics: topics.map(toHexData),
      data: toHexData(data),
      logIndex: `0x${i}`,
    })),
  };
}

describe('a receipt', () => {
  it('of each type is read, and written alike from a service’s answer', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4 }), fc.nat({ max: 1 }), logs, (type, status, all) => {
        const written = receiptBytes({ type, status, logs: all });
        expect(readReceipt(written).value).toEqual({
          type,
          status,
          cumulativeGasUsed: 21_000n,
          bloom: logsBloom(all),
          logs: all,
        });
        expect(encodeReceipt(rpcReceipt(type, status, all)).value).toEqual(written);
      }),
    );
  });

  it.each([5, 0x64, 0x7e, 0x7f])('of type %d is refused as newer', (type) =>
    expect(readReceipt(receiptBytes({ type })).code).toBe('receipt.newer'),
  );

  it.each([[], [0], [0, 0xc0], [0x80], [0x83, 1, 2, 3], [0xb8, 0x38], [0xbf]])(
    'is not what begins neither a list nor a type: %s',
    (...start) => expect(readReceipt(Uint8Array.from(start)).code).toBe('receipt.type'),
  );

  it('is not wrapped in a string, as a block’s body wraps a typed one', () =>
    expect(readReceipt(encodeRlp(receiptBytes({}))).code).toBe('receipt.type'));

  it('of before Byzantium, with a root for its status, is refused', () =>
    expect(read(BODY.with(0, filled(32, 1))).code).toBe('receipt.status'));

  it.each<[string, number, RlpItem]>([
    ['status', 0, integerBytes(2)],
    ['status', 0, Uint8Array.of(0)],
    ['status', 0, Uint8Array.of(0, 1)],
    ['status', 0, []],
    ['gas', 1, Uint8Array.of(0)],
    ['gas', 1, filled(9, 1)],
    ['gas', 1, []],
    ['bloom', 2, filled(255, 0)],
    ['bloom', 2, filled(257, 0)],
    ['bloom', 2, filled(256, 0)],
    ['bloom', 2, []],
    ['log', 3, filled(2, 0)],
    ['log', 3, [ENTRY, filled(1, 1)]],
    ['log', 3, [[]]],
    ['log', 3, [[LOG.address, LOG.topics]]],
    ['log', 3, [[LOG.address, LOG.topics, LOG.data, LOG.data]]],
    ['log', 3, [[filled(19, 1), LOG.topics, LOG.data]]],
    ['log', 3, [[filled(32, 1), LOG.topics, LOG.data]]],
    ['log', 3, [[[], LOG.topics, LOG.data]]],
    ['log', 3, [[LOG.address, LOG.topics[0]!, LOG.data]]],
    ['log', 3, [[LOG.address, [filled(31, 2)], LOG.data]]],
    ['log', 3, [[LOG.address, [[]], LOG.data]]],
    ['log', 3, [[LOG.address, Array(5).fill(filled(32, 2)), LOG.data]]],
    ['log', 3, [[LOG.address, LOG.topics, []]]],
  ])('with a malformed %s is refused: %#', (code, index, item) =>
    expect(read(BODY.with(index, item)).code).toBe(`receipt.${code}`),
  );

  it('with a bit of its bloom flipped is refused, each of the 2048', () => {
    for (let bit = 0; bit < 2048; bit++) {
      const bloom = BLOOM.slice();
      bloom[bit >> 3]! ^= 1 << (bit & 7);
      expect(read(BODY.with(2, bloom)).code).toBe('receipt.bloom');
    }
  });

  it('with another address or topic in its logs is refused by the bloom', () => {
    expect(read(BODY.with(3, [[filled(20, 9), LOG.topics, LOG.data]])).code).toBe('receipt.bloom');
    expect(read(BODY.with(3, [[LOG.address, [filled(32, 9)], LOG.data]])).code).toBe('receipt.bloom');
    expect(read(BODY.with(3, [])).code).toBe('receipt.bloom');
  });

  it('of three or of five items is refused, as is a deposit’s of six under another type', () => {
    expect(read(BODY.slice(0, 3)).code).toBe('receipt.fields');
    expect(read([...BODY, integerBytes(1)]).code).toBe('receipt.fields');
    expect(read([...BODY, integerBytes(1), integerBytes(1)]).code).toBe('receipt.fields');
  });

  it('is never anything that throws', () => {
    const first = fc.constantFrom(0, 1, 2, 3, 4, 5, 0x7e, 0x80, 0xc0, 0xc4, 0xf8, 0xf9, 0xff);
    fc.assert(
      fc.property(first, fc.uint8Array({ maxLength: 400 }), (type, rest) => {
        expect(readReceipt(Uint8Array.of(type, ...rest)).code).toBeDefined();
      }),
      { numRuns: 1_000 },
    );
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 0, max: 255 }), (pick, byte) => {
        const good = receiptBytes({ logs: [LOG] });
        readReceipt(good.with(pick % good.length, byte));
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('a deposit’s receipt', () => {
  const deposit = rpcReceipt(0x7e, 1, [LOG]);
  const type = Uint8Array.of(0x7e);

  it('has its nonce and version since Canyon', () => {
    const answer = { ...deposit, depositNonce: '0x1234', depositReceiptVersion: '0x1' };
    const body = [...BODY, integerBytes(0x1234), integerBytes(1)];
    expect(encodeReceipt(answer).value).toEqual(concatenate([type, encodeRlp(body)]));
  });

  it('is four items before, also where the service knows the nonce', () => {
    const four = concatenate([type, encodeRlp(BODY)]);
    expect(encodeReceipt(deposit).value).toEqual(four);
    expect(encodeReceipt({ ...deposit, depositNonce: '0x1234' }).value).toEqual(four);
    expect(encodeReceipt({ ...deposit, depositReceiptVersion: null }).value).toEqual(four);
  });

  it('has no version without a nonce', () =>
    expect(encodeReceipt({ ...deposit, depositReceiptVersion: '0x1' }).code).toBe('receipt.deposit'));

  it('lends its members to no other type', () => {
    const answer = { ...rpcReceipt(2, 1, [LOG]), depositNonce: '0x1', depositReceiptVersion: '0x1' };
    expect(encodeReceipt(answer).value).toEqual(receiptBytes({ logs: [LOG] }));
  });
});

describe('a receipt as a service answers it', () => {
  const good = rpcReceipt(2, 1, [LOG]);
  const [log] = good.logs as [Record<string, unknown>];

  it.each(['0x5', '0x64', '0x6a', '0x7f', '0xff'])('of type %s is refused as newer', (type) =>
    expect(encodeReceipt({ ...good, type }).code).toBe('receipt.newer'),
  );

  it.each<[string, unknown]>([
    ['type', undefined],
    ['type', 2],
    ['type', '0x02'],
    ['type', '0x100'],
    ['status', undefined],
    ['status', '0x2'],
    ['status', '0x01'],
    ['status', true],
    ['cumulativeGasUsed', '0x'],
    ['cumulativeGasUsed', `0x1${'0'.repeat(16)}`],
    ['cumulativeGasUsed', 21_000],
    ['logsBloom', '0x00'],
    ['logsBloom', null],
    ['logs', null],
    ['logs', {}],
    ['logs', [null]],
    ['logs', ['0x']],
    ['logs', [{ ...log, address: '0x00' }]],
    ['logs', [{ ...log, address: undefined }]],
    ['logs', [{ ...log, address: (log.address as string).toUpperCase() }]],
    ['logs', [{ ...log, topics: undefined }]],
    ['logs', [{ ...log, topics: {} }]],
    ['logs', [{ ...log, topics: [null] }]],
    ['logs', [{ ...log, topics: ['0x01'] }]],
    ['logs', [{ ...log, topics: Array(5).fill(toHexData(filled(32, 2))) }]],
    ['logs', [{ ...log, data: null }]],
    ['logs', [{ ...log, data: '0x0' }]],
  ])('with a malformed %s is refused: %j', (name, value) => {
    const code = { cumulativeGasUsed: 'gas', logsBloom: 'bloom', logs: 'log' }[name] ?? name;
    expect(encodeReceipt({ ...good, [name]: value }).code).toBe(`receipt.${code}`);
  });
});
