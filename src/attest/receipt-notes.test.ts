import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { aReceipt, stamped } from '../../test/receipts.ts';
import { describeVectors, readVector } from '../../test/shared-vectors.ts';
import { utf8 } from '../core/bytes.ts';
import { readReceipts } from './read-receipts.ts';
import { receiptNotes } from './receipt-notes.ts';

type Json = Record<string, unknown>;

function notesOf(value: unknown): readonly string[] {
  const { value: read, fault } = readReceipts(utf8(JSON.stringify(value)));
  expect(fault).toBeUndefined();
  return receiptNotes(read!.found[0]!.receipt);
}

const plain: Json = { ...aReceipt(), extensions: {} };
const note = (change: Json): string => notesOf(stamped({ ...plain, ...change })).join('\n');
const commit = (change: Json): Json => ({ commit: { ...(plain.commit as Json), ...change } });
const deep = (levels: number): unknown => (levels === 0 ? {} : { x: deep(levels - 1) });

describe('a receipt', () => {
  it('that is what its schema says gives no reason for a note', () => {
    expect(note({})).toBe('');
  });

  it.each([
    ['a schema not known', { schema: 'aiir/commit_receipt.v99' }, /aiir\/commit_receipt\.v99 is none that/],
    [
      'a member that no schema has',
      { injected_admin: true },
      /^members .* outside the hash: injected_admin$/,
    ],
    [
      'what an agent declared',
      { extensions: { agent_attestation: {} } },
      /only a signature covers them: agent_att/,
    ],
    ['deep extensions', { extensions: deep(70) }, /deeper than 64/],
    [
      'credentials',
      { provenance: { ...(plain.provenance as Json), repository: 'https://a:b@x.org/' } },
      /credentials/,
    ],
    ['a commit id that is none', commit({ sha: 'HEAD' }), /commit\.sha: not of the form/],
    ['files listed and redacted', commit({ files_redacted: true }), /either files or files_redacted/],
    [
      'a wrong number of signals',
      { ai_attestation: { ...(plain.ai_attestation as Json), signal_count: 3 } },
      /number of signals/,
    ],
    ['a fraction of a file', commit({ files_changed: 0.5 }), /files_changed: not a whole number/],
    ['no commit at all', { commit: undefined }, /commit: expected/],
  ])('with %s gives one', (_, change, expected) => {
    expect(note(change as Json)).toMatch(expected);
  });
});

interface Vector {
  readonly id: string;
  readonly receipt: unknown;
}

describeVectors('the schemas', 'aiir/test_vectors.json', () => {
  const ajv = new Ajv2020({ validateFormats: false, strict: false });
  const judges = new Map(
    ['v1', 'v2'].map((version) => {
      const schema = JSON.parse(readVector(`aiir/commit_receipt.${version}.schema.json`).toString()) as Json;
      return [`aiir/commit_receipt.${version}`, ajv.compile(schema)];
    }),
  );
  const { vectors } = JSON.parse(readVector('aiir/test_vectors.json').toString()) as { vectors: Vector[] };
  const readable = vectors.filter(
    ({ receipt }) => readReceipts(utf8(JSON.stringify(receipt))).fault === undefined,
  );
  /** The number of signals is the reference's own rule, and in no schema. */
  const departs = (value: unknown): boolean =>
    notesOf(value).some((text) => /^(departs(?!.*number of signals)|members)/.test(text));

  it.each([...readable, { id: 'ours', receipt: stamped(aReceipt()) }])(
    'say of $id what the published ones say',
    ({ receipt }) => {
      const published = judges.get((receipt as Json).schema as string)!;
      expect(departs(receipt)).toBe(!published(receipt));
      if (!published(receipt)) return;
      // One member gone, or one of another type, anywhere.
      for (const [name, value] of Object.entries(receipt as Json)) {
        if (typeof value !== 'object' || value === null || name === 'extensions') continue;
        for (const inner of Object.keys(value))
          for (const other of [undefined, 7, null, 'x', []]) {
            const edited = { ...(receipt as Json), [name]: { ...value, [inner]: other } };
            expect([name, inner, other, departs(edited)]).toEqual([
              name,
              inner,
              other,
              !published(JSON.parse(JSON.stringify(edited))),
            ]);
          }
      }
    },
  );
});
