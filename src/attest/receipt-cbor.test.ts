import { encode } from 'cborg';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aReceipt, stamped } from '../../test/receipts.ts';
import { describeVectors, readVector } from '../../test/shared-vectors.ts';
import { fromHex, toHex, utf8 } from '../core/bytes.ts';
import { sha256 } from '../core/digest.ts';
import { parsePythonJson, pythonText } from '../core/python-json.ts';
import { readReceipts } from './read-receipts.ts';
import { checkReceiptHash, readReceipt } from './receipt.ts';
import { checkSidecar, isReceiptCbor, readCoreCbor } from './receipt-cbor.ts';

interface Vector {
  readonly id: string;
  readonly source_vector: string;
  readonly expected: {
    readonly cbor_hex: string;
    readonly cbor_sha256: string;
    readonly cbor_length: number;
  };
}
interface Source {
  readonly id: string;
  readonly receipt: Record<string, unknown>;
}
const vectorsIn = <T>(path: string): readonly T[] =>
  (JSON.parse(readVector(path).toString()) as { vectors: readonly T[] }).vectors;

const receiptOf = (value: unknown) => readReceipt(parsePythonJson(utf8(JSON.stringify(value)))).value!;
const CORE = ['type', 'schema', 'version', 'commit', 'ai_attestation', 'provenance'];
const coreOf = (receipt: Record<string, unknown>) =>
  Object.fromEntries(CORE.filter((name) => name in receipt).map((name) => [name, receipt[name]]));

describeVectors('the reference’s sidecars', 'aiir/cbor_test_vectors.json', () => {
  const sources = new Map(
    vectorsIn<Source>('aiir/test_vectors.json').map((source) => [source.id, source.receipt]),
  );

  it.each(vectorsIn<Vector>('aiir/cbor_test_vectors.json'))('$id', ({ source_vector, expected }) => {
    const bytes = fromHex(expected.cbor_hex)!;
    expect(isReceiptCbor(bytes)).toBe(true);
    expect([bytes.length, toHex(sha256(bytes))]).toEqual([expected.cbor_length, expected.cbor_sha256]);
    const source = sources.get(source_vector)!;
    const json = readReceipts(utf8(JSON.stringify(source)));
    const cbor = readReceipts(bytes);
    if (json.fault !== undefined) {
      expect(cbor.code).toBe(source_vector.includes('non-string-schema') ? 'cbor.envelope' : json.code);
      return;
    }
    const { receipt } = json.value.found[0]!;
    expect(checkSidecar(receipt, bytes)).toBeUndefined();
    expect(cbor.value).toMatchObject({ encoding: 'cbor', found: [{ receipt: { core: receipt.core } }] });
  });
});

const core = coreOf(aReceipt());
const envelope = {
  type: 'aiir.canonical_object',
  schema: 'aiir/canonical_object.v1',
  kind: 'aiir.commit_receipt.core',
  object_schema: 'aiir/commit_receipt.v2',
  core,
};
const sidecar = encode(envelope);

describe('a sidecar', () => {
  it('is of its receipt, and of no other', () => {
    expect(checkSidecar(receiptOf(stamped(aReceipt())), sidecar)).toBeUndefined();
    const other = receiptOf(stamped({ ...aReceipt(), version: '1.2.6' }));
    expect(checkSidecar(other, sidecar)).toMatchObject({ code: 'receipt.sidecar' });
    const count = { ...(core.ai_attestation as object), signal_count: true };
    const lookalike = receiptOf(stamped({ ...aReceipt(), ai_attestation: count }));
    expect(checkSidecar(lookalike, sidecar)).toMatchObject({ code: 'receipt.sidecar' });
  });

  it('alone states no hash, and so doesn’t hold', () => {
    const { value } = readReceipts(sidecar);
    expect(checkReceiptHash(value!.found[0]!.receipt)).toBeDefined();
  });

  it('holds any core without fractions, whole numbers of 64 bits and byte order marks too', () => {
    const text = fc.string({ unit: 'binary' });
    const any = fc.anything({
      maxDepth: 3,
      key: text.filter((name) => name !== '__proto__'),
      values: [text, fc.maxSafeInteger(), fc.boolean(), fc.constant(null)],
    });
    const number = fc.bigInt(-(2n ** 64n), 2n ** 64n - 1n);
    fc.assert(
      fc.property(any, text, number, (any, text, number) => {
        const commit = { any, text: `\ufeff${text}`, number };
        const read = readCoreCbor(encode({ ...envelope, core: { ...core, commit } }));
        const expected = JSON.stringify(commit, (_, value: unknown) =>
          typeof value === 'bigint' ? `#${value}#` : value,
        );
        const asJson = expected.replace(/"#(-?\d+)#"/, '$1');
        expect(read.fault).toBeUndefined();
        expect(pythonText(read.value!.commit!, true)).toBe(pythonText(parsePythonJson(utf8(asJson)), true));
      }),
    );
  });
});

const hex = (text: string) => Uint8Array.from(text.match(/../g)!, (pair) => Number.parseInt(pair, 16));
/** An envelope whose core is `{"x": <item>}` under its labels. */
const withItem = (item: string) => {
  const bytes = encode({ ...envelope, core: { ...core, commit: 'ITEM' } });
  const text = toHex(bytes).replace(toHex(encode('ITEM')), item);
  return hex(text);
};

describe('CBOR that has another meaning or another form is refused', () => {
  it.each([
    ['an array of indefinite length', '9f01ff'],
    ['a map of indefinite length', 'bf6161 01ff'],
    ['text of indefinite length', '7f6161ff'],
    ['a number longer than it must be', '1801'],
    ['a 64-bit number longer than it must be', '1b0000000000000001'],
    ['a length longer than it must be', '780161'],
    ['two names that are the same', 'a2616101616102'],
    ['names out of order', 'a2616201616102'],
    ['names out of order by length', 'a262616101616201'],
    ['a name that is no text', 'a10101'],
    ['a tag', 'c101'],
    ['bytes', '4161'],
    ['a fraction', 'f93e00'],
    ['a whole number as a fraction', 'f93c00'],
    ['NaN', 'f97e00'],
    ['undefined', 'f7'],
    ['a simple value', 'f0'],
    ['a break', 'ff'],
    ['broken UTF-8', '61ff'],
    ['a surrogate', '63eda080'],
    ['a length beyond the end', '7affffffff'],
    ['an array beyond the end', '9b001fffffffffffff'],
  ])('%s', (_, item) => {
    const { value, fault, code } = readCoreCbor(withItem(item.replaceAll(' ', '')));
    expect(value).toBeUndefined();
    expect(fault).toBeTruthy();
    expect(code).toMatch(/^cbor\.(syntax|canonical)$/);
  });

  it('bytes after the end, or too few', () => {
    expect(readCoreCbor(Uint8Array.of(...sidecar, 0))).toMatchObject({ code: 'cbor.syntax' });
    fc.assert(
      fc.property(fc.nat(sidecar.length - 1), (length) => {
        expect(readCoreCbor(sidecar.subarray(0, length)).value).toBeUndefined();
      }),
    );
  });

  it('any one byte changed is refused, or is another core', () => {
    const receipt = receiptOf(stamped(aReceipt()));
    for (let at = 0; at < sidecar.length; at++) {
      const changed = Uint8Array.from(sidecar);
      changed[at]! ^= 1 << (at % 8);
      expect(checkSidecar(receipt, changed)).toBeDefined();
    }
  });

  it('nesting beyond 64 levels, as the reference counts them', () => {
    // The envelope is level 0, its core level 1.
    const nested = (arrays: number) => withItem(`${'81'.repeat(arrays)}00`);
    expect(readCoreCbor(nested(62)).fault).toBeUndefined();
    expect(readCoreCbor(nested(63))).toMatchObject({ fault: expect.stringContaining('deeper') });
    expect(readCoreCbor(nested(1_000_000))).toMatchObject({ code: 'cbor.syntax' });
  });

  it('more than a million items', () => {
    expect(readCoreCbor(withItem(`9a000f4240${'00'.repeat(1_000_000)}`))).toMatchObject({
      fault: expect.stringContaining('items'),
    });
  });

  it('more than 10 MB', () => {
    expect(readCoreCbor(new Uint8Array(10 * 1024 * 1024 + 1))).toMatchObject({ code: 'cbor.size' });
  });

  it.each([
    ['no envelope', core],
    ['no map', [core]],
    ['another type', { ...envelope, type: 'aiir.other' }],
    ['another schema', { ...envelope, schema: 'aiir/canonical_object.v2' }],
    ['another kind than its core', { ...envelope, kind: 'aiir.review_receipt.core' }],
    ['another object schema than its core', { ...envelope, object_schema: 'aiir/commit_receipt.v1' }],
    ['one more member', { ...envelope, extra: 1 }],
    ['a core that is no map', { ...envelope, core: 1 }],
  ])('an envelope that is not right: %s', (_, value) => {
    expect(readCoreCbor(encode(value))).toMatchObject({ code: 'cbor.envelope' });
  });
});
