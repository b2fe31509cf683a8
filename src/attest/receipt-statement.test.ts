import { describe, expect, it } from 'vitest';
import { aReceipt, stamped } from '../../test/receipts.ts';
import { utf8 } from '../core/bytes.ts';
import { readReceipts } from './read-receipts.ts';
import { checkReceiptHash } from './receipt.ts';
import { checkReceiptSubject, extraSubjects } from './receipt-statement.ts';

const SHA = 'a'.repeat(40);
const PREDICATES = 'https://invariantsystems.io/predicates/aiir/commit_receipt/';
const commit = { name: `https://example.org/repo@${SHA}`, digest: { gitCommit: SHA } };
const statement = {
  _type: 'https://in-toto.io/Statement/v1',
  subject: [commit],
  predicateType: `${PREDICATES}v1`,
  predicate: stamped(aReceipt()),
};
const read = (change: object) => readReceipts(utf8(JSON.stringify({ ...statement, ...change })));

function found(change: object) {
  const { value, fault } = read(change);
  expect(fault).toBeUndefined();
  const { receipt, statement: around } = value!.found[0]!;
  return { receipt, statement: around! };
}
const judge = (change: object) => {
  const { receipt, statement: around } = found(change);
  return checkReceiptSubject(receipt, around);
};

describe('a Statement about a receipt', () => {
  it.each(['v1', 'v2'])('of predicate %s is read', (version) => {
    const { receipt, statement: around } = found({ predicateType: PREDICATES + version });
    expect(checkReceiptHash(receipt)).toBeUndefined();
    expect(checkReceiptSubject(receipt, around)).toBeUndefined();
    expect(around.predicateType).toBe(PREDICATES + version);
  });

  it('lists what it is about besides the commit', () => {
    const manifest = { name: 'manifest', digest: { sha256: '1'.repeat(64) } };
    const { receipt, statement: around } = found({ subject: [manifest, commit] });
    expect(checkReceiptSubject(receipt, around)).toBeUndefined();
    expect(extraSubjects(around)).toEqual([
      { name: 'manifest', digest: new Map([['sha256', '1'.repeat(64)]]) },
    ]);
  });

  it.each([
    ['of another commit', [{ digest: { gitCommit: 'b'.repeat(40) } }]],
    ['of a second commit', [commit, { digest: { gitCommit: 'b'.repeat(40) } }]],
    ['of no commit', [{ digest: { sha256: SHA } }]],
    ['of the commit under an inherited name', [{ digest: { constructor: SHA } }]],
  ])('%s is not about the receipt', (_, subject) => {
    expect(judge({ subject })).toMatchObject({ code: 'receipt.subject' });
  });

  it('is about no receipt that names no commit', () => {
    expect(judge({ predicate: stamped({ ...aReceipt(), commit: {} }) })).toMatchObject({
      code: 'receipt.subject',
    });
  });

  it.each([
    ['of another version', { _type: 'https://in-toto.io/Statement/v0.1' }, 'statement.shape'],
    ['with a predicate not known yet', { predicateType: `${PREDICATES}v3` }, 'statement.predicate'],
    ['without subjects', { subject: [] }, 'statement.subject'],
    ['with a subject without digests', { subject: [commit, {}] }, 'statement.subject'],
    ['with an empty digest', { subject: [{ digest: {} }] }, 'statement.subject'],
    ['with a digest that is no text', { subject: [{ digest: { gitCommit: 1 } }] }, 'statement.subject'],
    ['with too many subjects', { subject: Array(1001).fill(commit) }, 'statement.subject'],
    ['without a predicate', { predicate: undefined }, 'receipt.shape'],
    ['about another Statement', { predicate: statement }, 'receipt.type'],
    ['with an edited label', { predicate: { ...aReceipt(), type: 'x' } }, 'receipt.type'],
  ])('%s is none', (_, change, code) => {
    expect(read(change)).toMatchObject({ code });
  });
});
