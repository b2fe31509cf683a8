import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aReceipt, stamped } from '../../test/receipts.ts';
import { describeVectors, readVector } from '../../test/shared-vectors.ts';
import { utf8 } from '../core/bytes.ts';
import { isReceiptLike, looksLikeReceipts, readReceipts } from './read-receipts.ts';
import { checkReceiptHash, type Receipt } from './receipt.ts';

const fileOf = (value: unknown): Uint8Array => utf8(JSON.stringify(value));

function readOne(file: unknown): Receipt {
  const { value, fault } = readReceipts(fileOf(file));
  expect(fault).toBeUndefined();
  return value!.found[0]!.receipt;
}

/** Every reason the reference would give, as one text; undefined for a receipt that holds. */
function judge(file: unknown): string | undefined {
  const read = readReceipts(fileOf(file));
  if (read.fault !== undefined) return read.fault;
  return read.value.found
    .map(({ receipt }) => checkReceiptHash(receipt)?.fault)
    .find((fault) => fault !== undefined);
}

interface Vector {
  readonly id: string;
  readonly receipt: unknown;
  readonly expected: { readonly valid: boolean; readonly errors: readonly string[] };
}
interface EncoderVector {
  readonly id: string;
  readonly input_core: object;
  readonly expected: {
    readonly canonical_json: string;
    readonly content_hash: string;
    readonly receipt_id: string;
  };
  readonly full_receipt: unknown;
}
const vectorsIn = <T>(path: string): readonly T[] =>
  (JSON.parse(readVector(path).toString()) as { vectors: readonly T[] }).vectors;

describeVectors('the reference’s receipts', 'aiir/test_vectors.json', () => {
  it.each(vectorsIn<Vector>('aiir/test_vectors.json'))('$id', ({ receipt, expected }) => {
    const fault = judge(receipt);
    if (expected.valid) expect(fault).toBeUndefined();
    // It names the wrong value in Python's quotes, and an object a dict.
    else
      for (const error of expected.errors)
        expect(fault).toContain(error.replace('a dict', 'an object').split(':')[0]);
  });
});

describeVectors('the reference’s encoder', 'aiir/encoder_interop_vectors.json', () => {
  it.each(vectorsIn<EncoderVector>('aiir/encoder_interop_vectors.json'))('$id', (vector) => {
    const { canonical_json, content_hash, receipt_id } = vector.expected;
    const receipt = readOne({ ...vector.input_core, content_hash, receipt_id });
    expect(new TextDecoder().decode(receipt.core)).toBe(canonical_json);
    expect(checkReceiptHash(receipt)).toBeUndefined();
    expect(judge(vector.full_receipt)).toBeUndefined();
  });
});

describeVectors('signed receipts of the public', 'aiir/signed', () => {
  it.each([
    '25efd95ac696_a256d63a8ac45ea8',
    '304b4b8f36f2_a25604dd5dfcaa1f',
    'cf8033cdafb5_a256e4e751c8d511',
  ])('receipt_%s.json holds', (name) => {
    const { value } = readReceipts(readVector(`aiir/signed/receipt_${name}.json`));
    expect(value).toMatchObject({ encoding: 'json', found: [{ statement: undefined }] });
    const { receipt } = value!.found[0]!;
    expect(checkReceiptHash(receipt)).toBeUndefined();
    expect(receipt.commitSha).toMatch(new RegExp(`^${name.slice(0, 12)}`));
  });
});

describe('a file', () => {
  it('of several receipts is read in order, bare or in Statements', () => {
    const predicateType = 'https://invariantsystems.io/predicates/aiir/commit_receipt/v2';
    const statement = {
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ name: 'x', digest: { gitCommit: 'a'.repeat(40) } }],
      predicateType,
      predicate: stamped(aReceipt()),
    };
    const { value } = readReceipts(fileOf([stamped({ ...aReceipt(), version: '9.9.9' }), statement]));
    expect(value!.found.map(({ receipt }) => receipt.version)).toEqual(['9.9.9', '1.2.5']);
    expect(value!.found.map((found) => found.statement?.predicateType)).toEqual([undefined, predicateType]);
  });

  it('may hold a thousand, and not one more', () => {
    const receipt = stamped(aReceipt());
    expect(readReceipts(fileOf(Array(1000).fill(receipt))).value!.found).toHaveLength(1000);
    expect(readReceipts(fileOf(Array(1001).fill(receipt)))).toMatchObject({ code: 'receipt.count' });
  });

  it('of over 50 MB is refused unread', () => {
    expect(readReceipts(new Uint8Array(50 * 1024 * 1024 + 1))).toMatchObject({ code: 'json.size' });
  });

  it.each([
    ['an empty array', '[]', 'receipt.count'],
    ['nothing', '', 'json.syntax'],
    ['a number', '1', 'receipt.shape'],
    ['null', 'null', 'receipt.shape'],
    ['an array with something else', `[${JSON.stringify(stamped(aReceipt()))},null]`, 'receipt.shape'],
    ['an array in an array', '[[]]', 'receipt.shape'],
    ['two members of one name', '{"type":1,"type":2}', 'json.duplicate'],
    ['NaN', '{"type":NaN}', 'json.syntax'],
    ['an overflow', '{"type":1e999}', 'json.number'],
    ['a lone surrogate', '{"type":"\\ud800"}', 'json.surrogate'],
    ['a byte order mark', '\ufeff{}', 'json.syntax'],
    ['bottomless nesting', '['.repeat(500_000), 'json.depth'],
  ])('that is no receipt is refused: %s', (_, text, code) => {
    const { fault, ...rest } = readReceipts(utf8(text));
    expect(rest).toEqual({ code });
    expect(fault).toBeTruthy();
  });

  it('never throws, whatever its bytes', () => {
    const start = fc.constantFrom('', '{', '[', '\u00a5dcore', '[{"type":"aiir.commit_receipt"');
    fc.assert(
      fc.property(start, fc.uint8Array({ maxLength: 60 }), (text, tail) => {
        const head = Uint8Array.from(text, (character) => character.charCodeAt(0));
        const { value, fault } = readReceipts(Uint8Array.of(...head, ...tail));
        expect([value, fault]).toContain(undefined);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('what means to be receipts', () => {
  const statement = { predicateType: 'https://invariantsystems.io/predicates/aiir/commit_receipt/v3' };
  it.each([
    ['one', stamped(aReceipt())],
    ['one of an unknown kind', { schema: 'aiir/review_receipt.v1' }],
    ['one without labels', { commit: {}, ai_attestation: {}, provenance: {} }],
    ['an array with one', [1, { type: 'aiir.commit_receipt' }]],
    ['a Statement about one', statement],
  ])('is told: %s', (_, value) => {
    expect(isReceiptLike(value)).toBe(true);
  });

  it.each([
    ['a record', { schema_version: '1.0' }],
    ['an original record', { schema: 'qpoe-0.1' }],
    ['another Statement', { predicateType: 'https://slsa.dev/provenance/v1' }],
    ['nothing', null],
    ['an empty array', []],
  ])('is not mistaken: %s', (_, value) => {
    expect(isReceiptLike(value)).toBe(false);
  });

  it('is told by its bytes where they can’t be parsed', () => {
    expect(looksLikeReceipts(utf8('{"type":"aiir.commit_receipt",'))).toBe(true);
    expect(looksLikeReceipts(utf8('{"schema": "aiir/x"'))).toBe(true);
    expect(looksLikeReceipts(Uint8Array.of(0xbf, ...utf8('dcore')))).toBe(true);
    expect(looksLikeReceipts(utf8('dcore'))).toBe(false);
    expect(looksLikeReceipts(Uint8Array.of())).toBe(false);
  });
});

it('refuses a small text of very many values before it takes their memory', () => {
  const text = `{"type":"aiir.commit_receipt","schema":"aiir/x","extensions":[${'{},'.repeat(1_000_000)}{}]}`;
  const started = process.memoryUsage().heapUsed;
  expect(readReceipts(utf8(text))).toMatchObject({ code: 'json.size' });
  expect(process.memoryUsage().heapUsed - started).toBeLessThan(200_000_000);
});
