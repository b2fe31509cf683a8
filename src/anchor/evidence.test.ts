import { describe, expect, it } from 'vitest';
import {
  blockWith,
  brokenProofs,
  CONTRACT,
  checkpointLog,
  everyBit,
  filled,
  receiptBytes,
  submittedLog,
} from '../../test/chain-evidence.ts';
import { edit, get, type Json, paths, SUBSTITUTES, variants } from '../../test/mutations.ts';
import { equalBytes } from '../core/bytes.ts';
import { canonicalText } from '../core/jcs.ts';
import { type JsonObject, parseJson } from '../core/json.ts';
import {
  type CheckpointAnchor,
  formatAnchor,
  openAnchor,
  type RecordAnchor,
  readAnchor,
} from './evidence.ts';
import { keccak256 } from './keccak.ts';
import type { Log } from './log-bloom.ts';
import { logId } from './log-id.ts';

const ACCOUNT = filled(20, 0xaa);
const ORIGIN = 'example.org/log';
const ROOT = filled(32, 0xbb);
const INDEX = 131;
const stranger: Log = { address: filled(20, 9), topics: [], data: filled(0, 0) };
const checkpoint = checkpointLog(logId('sender', ACCOUNT, ORIGIN), 5, ROOT);
const submitted = submittedLog(filled(32, 0xdd), ACCOUNT, 1_740_508_595);

function placeOf(logs: readonly Log[], status = 1) {
  const { header, trie } = blockWith(receiptBytes({ logs, status }), INDEX);
  return { header, receipt: { index: INDEX, proof: trie.prove(INDEX) } };
}

function checkpointAnchor(log: Log = checkpoint, status?: number): CheckpointAnchor {
  return {
    event: 'checkpoint',
    ...placeOf([stranger, log], status),
    logIndex: 1,
    log: { origin: ORIGIN, kind: 'sender', account: ACCOUNT },
    size: 5,
    root: ROOT,
    consistency: [
      { size: 3, hashes: [filled(32, 1), filled(32, 2)] },
      { size: 9, hashes: [filled(32, 3)] },
    ],
  };
}

function recordAnchor(log: Log = submitted): RecordAnchor {
  return { event: 'record', ...placeOf([log]), logIndex: 0, record: `sha256:${'dd'.repeat(32)}` };
}

const good = formatAnchor(checkpointAnchor());
const goodRecord = formatAnchor(recordAnchor());
const opened = (object: JsonObject) => {
  const { value, fault } = readAnchor(object);
  if (value === undefined) throw new Error(fault);
  return openAnchor(value);
};

describe('an anchor', () => {
  it('reads back as what was written, through the strict parser', () => {
    for (const anchor of [checkpointAnchor(), recordAnchor()]) {
      const text = canonicalText(formatAnchor(anchor));
      expect(readAnchor(parseJson(text) as JsonObject)).toEqual({ value: anchor });
    }
  });

  it('of a checkpoint gives the block, the receipt and the event', () => {
    const { header, receipt, event } = opened(good);
    expect(header.value).toMatchObject({ hash: keccak256(checkpointAnchor().header), number: 21_925_176 });
    expect(receipt?.value?.logs).toHaveLength(2);
    expect(event?.value).toEqual({
      event: 'checkpoint',
      contract: CONTRACT,
      logId: logId('sender', ACCOUNT, ORIGIN),
      size: 5,
      root: ROOT,
    });
  });

  it('of a record gives its submitter and time', () =>
    expect(opened(goodRecord).event?.value).toEqual({
      event: 'record',
      contract: CONTRACT,
      recordHash: filled(32, 0xdd),
      submitter: ACCOUNT,
      timestamp: 1_740_508_595,
    }));

  it('needs no consistency proof', () =>
    expect(readAnchor({ ...good, consistency: [] }).fault).toBeUndefined());

  it.each<[string, JsonObject, string]>([
    ['another size', { ...good, size: 6 }, 'size'],
    ['another root', { ...good, root: 'A'.repeat(43) + '=' }, 'root'],
    [
      'another origin',
      { ...good, log: { ...(good.log as JsonObject), origin: 'example.org/other' } },
      'log-id',
    ],
    ['another kind', { ...good, log: { ...(good.log as JsonObject), kind: 'signer' } }, 'log-id'],
    [
      'another account',
      { ...good, log: { ...(good.log as JsonObject), account: `0x${'ab'.repeat(20)}` } },
      'log-id',
    ],
    ['another log of the receipt', { ...good, log_index: 0 }, 'topic'],
    ['a log that is not there', { ...good, log_index: 2 }, 'log-index'],
    ['another record', { ...goodRecord, record: `sha256:${'de'.repeat(32)}` }, 'record'],
    ['the other event', formatAnchor({ ...recordAnchor(checkpoint) }), 'topic'],
    ['the other event, for a checkpoint', formatAnchor(checkpointAnchor(submitted)), 'topic'],
    [
      'a size beyond 2^53',
      formatAnchor(checkpointAnchor(checkpointLog(filled(32, 1), 2n ** 60n, ROOT))),
      'data',
    ],
    ['a transaction that failed', formatAnchor(checkpointAnchor(checkpoint, 0)), 'status'],
  ])('that claims %s fails by its own code', (_, object, code) => {
    const { header, receipt, event } = opened(object);
    expect([header.fault, receipt?.fault]).toEqual([undefined, undefined]);
    expect(event?.code).toBe(`anchor.${code}`);
  });

  it('stops where it first fails', () => {
    const { header: _, ...withoutHeader } = good;
    expect(Object.keys(opened({ ...withoutHeader, header: '0xc0' }))).toEqual(['header']);
    const elsewhere = { ...(good.receipt as JsonObject), index: 130 };
    const { receipt, ...rest } = opened({ ...good, receipt: elsewhere });
    expect(receipt?.code).toMatch(/^mpt\./);
    expect(Object.keys(rest)).toEqual(['header']);
  });

  it('of a block of the same receipts but another root does not open', () => {
    const other = placeOf([stranger]);
    expect(openAnchor({ ...checkpointAnchor(), header: other.header }).receipt?.code).toBe('mpt.hash');
  });

  it('is refused with any bit of its proof flipped, and any node more or less', () => {
    const anchor = checkpointAnchor();
    for (const [what, proof] of brokenProofs(anchor.receipt.proof, everyBit))
      expect(openAnchor({ ...anchor, receipt: { index: INDEX, proof } }).receipt?.fault, what).toBeDefined();
  });
});

describe('an anchor’s shape', () => {
  /** A header with another bit is another block's, which no policy knows: the hash takes that place here. */
  const outcome = (object: Json, block: Uint8Array): string => {
    const { value } = readAnchor(object as JsonObject);
    if (value === undefined) return 'refused';
    const { header, event } = openAnchor(value);
    return event?.value !== undefined && equalBytes(header.value!.hash, block) ? 'holds' : 'fails';
  };

  it.each([
    ['a checkpoint', good],
    ['a record', goodRecord],
  ])('of %s has no member that can be left out, added to or replaced', (_, object) => {
    const document = object as { [name: string]: Json };
    const block = keccak256(readAnchor(object).value!.header);
    expect(outcome(document, block)).toBe('holds');
    for (const path of paths(document)) {
      // Proofs between checkpoints are judged by who has both.
      if (path[0] === 'consistency') continue;
      const value = get(document, path);
      for (const other of [...SUBSTITUTES, ...variants(value)]) {
        if (canonicalText(other as never) === canonicalText(value as never)) continue;
        const changed = edit(document, path, (parent, name) => {
          parent[name] = other;
        });
        expect(outcome(changed, block), `${path.join('.')} = ${JSON.stringify(other).slice(0, 80)}`).not.toBe(
          'holds',
        );
      }
      const without = edit(document, path, (parent, name) => {
        delete parent[name];
      });
      expect(outcome(without, block), `without ${path.join('.')}`).not.toBe('holds');
    }
  });

  it('is closed at every depth, to `__proto__` as well', () => {
    for (const path of [[], ['receipt'], ['log'], ['consistency', '0']])
      for (const name of ['extra', '__proto__', 'constructor', 'toString', '']) {
        const changed = edit(good as Json, [...path, 'x'], (parent) => {
          Object.defineProperty(parent, name, { value: {}, enumerable: true });
        });
        expect(readAnchor(changed as JsonObject).fault, [...path, name].join('.')).toContain(name);
        const parsed = parseJson(JSON.stringify(changed));
        expect(readAnchor(parsed as JsonObject).fault).toBeDefined();
      }
  });

  it.each<[string, JsonObject]>([
    ['an unknown event', { ...good, event: 'block' }],
    ['a prototype’s name for its event', { ...good, event: 'toString' }],
    ['a record’s member in a checkpoint', { ...good, record: goodRecord.record! }],
    ['a checkpoint’s member in a record', { ...goodRecord, size: 5 }],
    ['a header of 2 kB and a byte', { ...good, header: `0x${'00'.repeat(2049)}` }],
    ['a header in capitals', { ...good, header: (good.header as string).toUpperCase() }],
    ['an index beyond all blocks', { ...good, log_index: 2 ** 24 + 1 }],
    ['65 nodes', { ...good, receipt: { index: 0, proof: Array(65).fill('0x') } }],
    [
      'a node of over a megabyte',
      { ...good, receipt: { index: 0, proof: [`0x${'00'.repeat(2 ** 20 + 1)}`] } },
    ],
    [
      'over four megabytes',
      { ...good, receipt: { index: 0, proof: Array(5).fill(`0x${'00'.repeat(2 ** 20)}`) } },
    ],
    ['size 0', { ...good, size: 0 }],
    ['size 2^53', { ...good, size: 2 ** 53 }],
    ['a root of 31 bytes', { ...good, root: `${'A'.repeat(42)}==` }],
    [
      '65 proofs',
      { ...good, consistency: Array.from({ length: 65 }, (_, i) => ({ size: i + 1, hashes: [] })) },
    ],
    ['65 hashes', { ...good, consistency: [{ size: 1, hashes: Array(65).fill(`${'A'.repeat(43)}=`) }] }],
    ['a size twice', { ...good, consistency: [1, 1].map((size) => ({ size, hashes: [] })) }],
    ['sizes that descend', { ...good, consistency: [2, 1].map((size) => ({ size, hashes: [] })) }],
    ['a proof from size 0', { ...good, consistency: [{ size: 0, hashes: [] }] }],
    ['a digest in capitals', { ...goodRecord, record: `sha256:${'DD'.repeat(32)}` }],
  ])('has no room for %s', (_, object) => expect(readAnchor(object).fault).toBeDefined());

  it.each([
    '',
    'a\nb',
    'a\r',
    'a\0',
    '\u007f',
    '\u0085',
    '\u2028',
    '\ud800',
    'a'.repeat(1025),
    'ä'.repeat(513),
  ])('has no log of such an origin: %#', (origin) => {
    const log = { ...(good.log as JsonObject), origin };
    expect(readAnchor({ ...good, log }).fault).toMatch(/^log\.origin: /);
  });

  it.each(['a', 'rekor.sigstore.dev - 2605736670972794746', 'ä'.repeat(512), '\ud83d\ude00'])(
    'has one of such an origin: %#',
    (origin) => {
      const log = { ...(good.log as JsonObject), origin };
      expect(readAnchor({ ...good, log }).fault).toBeUndefined();
    },
  );
});
