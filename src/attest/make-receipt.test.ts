import { createHash } from 'node:crypto';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeVectors, readVector } from '../../test/shared-vectors.ts';
import { utf8 } from '../core/bytes.ts';
import type { JsonObject } from '../core/json.ts';
import { parsePythonJson } from '../core/python-json.ts';
import { type CommitFacts, makeReceipt } from './make-receipt.ts';
import { checkReceiptHash, readReceipt } from './receipt.ts';

const EMPTY_HASH = `sha256:${createHash('sha256').update('').digest('hex')}` as const;
const ADA = { name: 'Ada Łovelace', email: 'ada@example.org', date: '2026-01-02T03:04:05+02:00' };
const FACTS: CommitFacts = {
  sha: '82'.repeat(20),
  tree: '4b825dc642cb6eb9a060e54bf8d69288fbee4904',
  parents: ['ab'.repeat(20)],
  author: ADA,
  committer: ADA,
  subject: 'Add the Bell pair',
  message: 'Add the Bell pair\n\nMore.',
  trailers: [],
  diffHash: EMPTY_HASH,
  files: ['bell.qasm'],
  remote: 'https://github.com/ada/bell.git',
  git: { version: 'git version 2.54.0', diffArguments: ['diff', '<parent>', '<commit>'] },
};
const OPTIONS = { version: '0.1.0', now: '2026-11-22T00:00:00Z' };
const receiptOf = (facts: Partial<CommitFacts> = {}) => makeReceipt({ ...FACTS, ...facts }, OPTIONS).receipt;
const member = (receipt: JsonObject, name: string) => receipt[name] as JsonObject;
const repositoryOf = (remote: string | undefined) => member(receiptOf({ remote }), 'provenance').repository;

it('says what git says, and who made it', () => {
  const { receipt, text } = makeReceipt(FACTS, OPTIONS);
  expect(JSON.parse(text)).toEqual(receipt);
  expect(text.endsWith('}\n')).toBe(true);
  expect(receipt).toMatchObject({
    type: 'aiir.commit_receipt',
    schema: 'aiir/commit_receipt.v2',
    version: '0.1.0',
    commit: {
      sha: FACTS.sha,
      tree_sha: FACTS.tree,
      parent_shas: FACTS.parents,
      author: ADA,
      subject: 'Add the Bell pair',
      message_hash: `sha256:${createHash('sha256').update(FACTS.message).digest('hex')}`,
      diff_hash: EMPTY_HASH,
      files_changed: 1,
      files: ['bell.qasm'],
    },
    ai_attestation: {
      is_ai_authored: false,
      signals_detected: [],
      signal_count: 0,
      is_bot_authored: false,
      authorship_class: 'human',
      detection_method: 'qpoe_declared_v1',
    },
    provenance: { repository: 'https://github.com/ada/bell.git', generator: 'qpoe.cli' },
    timestamp: OPTIONS.now,
    extensions: {
      qpoe: {
        generator: 'quantum-proof-of-execution@0.1.0',
        git: {
          ...{ version: FACTS.git.version, object_format: 'sha1' },
          diff_arguments: FACTS.git.diffArguments,
        },
      },
    },
  });
});

it('is addressed by the six members that are hashed, and by nothing else', () => {
  const receipt = receiptOf();
  const later = makeReceipt(
    { ...FACTS, git: { version: 'git version 3.0', diffArguments: [] } },
    { ...OPTIONS, now: '2027-01-01T00:00:00Z' },
  ).receipt;
  expect(later.receipt_id).toBe(receipt.receipt_id);
  expect(receiptOf({ message: 'x' }).receipt_id).not.toBe(receipt.receipt_id);
  expect(receipt.receipt_id).toBe(`g1-${String(receipt.content_hash).slice(7, 39)}`);
  // What Python's json.dumps(sort_keys=True, separators=(",", ":"), ensure_ascii=True) prints of this core.
  const core = `{"ai_attestation":{"authorship_class":"human","bot_signal_count":0,"bot_signals_detected":[],"detection_method":"qpoe_declared_v1","is_ai_authored":false,"is_bot_authored":false,"signal_count":0,"signals_detected":[]},"commit":{"author":{"date":"2026-01-02T03:04:05+02:00","email":"ada@example.org","name":"Ada \\u0141ovelace"},"committer":{"date":"2026-01-02T03:04:05+02:00","email":"ada@example.org","name":"Ada \\u0141ovelace"},"diff_hash":"${EMPTY_HASH}","files":["bell.qasm"],"files_changed":1,"message_hash":"${member(receipt, 'commit').message_hash}","parent_shas":["${FACTS.parents[0]}"],"sha":"${FACTS.sha}","subject":"Add the Bell pair","tree_sha":"${FACTS.tree}"},"provenance":{"generator":"qpoe.cli","repository":"https://github.com/ada/bell.git","tool":"https://github.com/invariant-systems-ai/aiir@spec-2.0.0"},"schema":"aiir/commit_receipt.v2","type":"aiir.commit_receipt","version":"0.1.0"}`;
  expect(receipt.content_hash).toBe(`sha256:${createHash('sha256').update(core).digest('hex')}`);
});

it('keeps a declaration in the hashed part, and the tool and model where the reference has them', () => {
  const { receipt } = makeReceipt(FACTS, { ...OPTIONS, declaration: { tool: 'cursor', model: 'gpt-5' } });
  expect(receipt).toMatchObject({
    ai_attestation: {
      is_ai_authored: true,
      signals_detected: ['declared-by-person:tool=cursor,model=gpt-5'],
      signal_count: 1,
      authorship_class: 'ai_assisted',
    },
    extensions: {
      agent_attestation: { tool_id: 'cursor', model_class: 'gpt-5', confidence: 'declared' },
    },
  });
});

it('is a receipt to our own reader, which finds its hash right', () => {
  const { text } = makeReceipt(FACTS, { ...OPTIONS, declaration: { tool: 'cursor', model: 'gpt-5' } });
  const { value } = readReceipt(parsePythonJson(utf8(text)));
  expect(value).toMatchObject({ version: '0.1.0', generator: 'qpoe.cli' });
  expect(checkReceiptHash(value!)).toBeUndefined();
});

it.each([
  ['human', ADA, []],
  ['ai_assisted', ADA, [{ key: 'Assisted-by', value: 'x' }]],
  ['bot', { ...ADA, name: 'renovate[bot]' }, []],
  ['ai+bot', { ...ADA, name: 'copilot-swe-agent[bot]' }, []],
])('classes a commit as %s', (authorship, author, trailers) => {
  expect(member(receiptOf({ author, trailers }), 'ai_attestation').authorship_class).toBe(authorship);
});

it('names 100 files and counts all', () => {
  const files = Array.from({ length: 101 }, (_, i) => `f${i}`);
  expect(receiptOf({ files }).commit).toMatchObject({
    files_changed: 101,
    files_capped: true,
    files: files.slice(0, 100),
  });
  expect(receiptOf({ files: files.slice(0, 100) }).commit).not.toHaveProperty('files_capped');
});

it('refuses a commit that the format has no room for', () => {
  expect(() => receiptOf({ subject: '😀'.repeat(4096) })).not.toThrow();
  expect(() => receiptOf({ subject: 'x'.repeat(4097) })).toThrow(
    "the message's first paragraph has 4097 characters; a receipt has room for 4096",
  );
  expect(() => receiptOf({ author: { ...ADA, name: 'x'.repeat(1025) } })).toThrow(
    "the author's name has 1025",
  );
});

describe("the remote's address", () => {
  it.each([
    ['https://github.com/a/b.git', 'https://github.com/a/b.git'],
    ['https://token@github.com/a/b', 'https://github.com/a/b'],
    ['https://user:ghp_secret@git.example.org:8443/a/b', 'https://git.example.org:8443/a/b'],
    ['https://user:p@ss@example.org/a', 'https://example.org/a'],
    ['https://example.org/a?private_token=secret', 'https://example.org/a'],
    ['https://example.org/a#secret', 'https://example.org/a'],
    ['https://example.org', 'https://example.org'],
    ['ssh://git@github.com/a/b.git', 'ssh://github.com/a/b.git'],
    ['ssh://ada@[2001:db8::1]:22/b', 'ssh://[2001:db8::1]:22/b'],
    ['git@github.com:a/b.git', 'git@github.com:a/b.git'],
    ['ada@example.org:a/b.git', 'example.org:a/b.git'],
    ['token:x-oauth@github.com:a/b.git', 'github.com:a/b.git'],
  ])('%s is published as %s', (remote, published) => {
    expect(repositoryOf(remote)).toBe(published);
  });

  it.each([
    undefined,
    '',
    '/home/ada/b.git',
    '../b.git',
    'file:///home/ada/b.git',
    'C:\\Users\\ada\\b',
    'C:/Users/ada/b',
    'ext::sh -c secret',
    'codecommit::us-east-1://profile@b',
    'https://user:pa/ss@example.org/a',
    'https://user:pa#ss@example.org/a',
    'https://user:1?@example.org/a',
    'https://user:pa ss@example.org/a',
  ])('%s is not published', (remote) => {
    expect(repositoryOf(remote)).toBeNull();
  });

  it('never holds what stands before an @', () => {
    const secret = fc.stringMatching(/^[A-Za-z0-9:/?#@._-]{0,12}$/);
    fc.assert(
      fc.property(fc.constantFrom('https', 'ssh', 'HTTP'), secret, secret, (scheme, before, after) => {
        const published = repositoryOf(`${scheme}://${before}SECRET${after}@example.org/x`);
        expect(published ?? '').not.toContain('SECRET');
      }),
      { numRuns: 2000 },
    );
  });
});

describeVectors("the published JSON Schema of AIIR's receipts", 'aiir/commit_receipt.v2.schema.json', () => {
  const schema = () => JSON.parse(readVector('aiir/commit_receipt.v2.schema.json').toString());
  const ajv = new Ajv2020({
    strict: true,
    allowUnionTypes: true,
    formats: { 'date-time': true },
    strictRequired: false,
  });

  it('accepts whatever is made', () => {
    const validate = ajv.compile(schema());
    const text = fc.string({ unit: 'binary', maxLength: 60 });
    const identity = fc.record({ name: text, email: text, date: text });
    const facts = fc.record({
      author: identity,
      committer: identity,
      subject: text,
      message: text,
      files: fc.array(text, { maxLength: 120 }),
      parents: fc.array(fc.constantFrom('ab'.repeat(20), 'cd'.repeat(32)), { maxLength: 3 }),
      remote: fc.option(text, { nil: undefined }),
      trailers: fc.array(fc.record({ key: fc.constantFrom('Assisted-by', 'Co-authored-by'), value: text })),
    });
    fc.assert(
      fc.property(facts, fc.option(fc.constant({ tool: 't' }), { nil: undefined }), (some, declaration) => {
        const { text: written } = makeReceipt({ ...FACTS, ...some }, { ...OPTIONS, declaration });
        expect(validate(JSON.parse(written)), JSON.stringify(validate.errors)).toBe(true);
      }),
    );
  });
});
