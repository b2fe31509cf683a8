import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { newIdentity } from '../../test/statements.ts';
import { newWitness } from '../../test/witnesses.ts';
import { toBase64 } from '../core/bytes.ts';
import { rawEd25519, spki } from '../store/identity.ts';
import { formatVkey, makeVkey } from '../tlog/vkey.ts';
import type { Policy, PolicySigner } from './policy.ts';
import type { PolicyFacts } from './policy-finding.ts';
import { lintPolicy } from './policy-lint.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const DAY = 86_400_000;
const identity = newIdentity();
const keys = {
  ed25519: toBase64(rawEd25519(identity.ed25519)),
  p256: toBase64(spki(identity.p256)),
  ml_dsa_65: toBase64(spki(identity.mlDsa65)),
};
const lab: PolicySigner = { name: 'lab', ...keys };
const logKey = rawEd25519(generateKeyPairSync('ed25519').privateKey);
const vkey = formatVkey(makeVkey('log.example.org', 'ed25519', logKey));
const [first, second] = ['a', 'b'].map((name) => formatVkey(newWitness(`${name}.example.org`).vkey));
const bare = { vkey };
const witnessed = { vkey, witnesses: [first!] };
const keyless = { identity: 'ci', issuer: 'https://ci.example', trusted_root: 'public-good' };
const base = { name: 'base', chain_id: 8453, contract: `0x${'a'.repeat(40)}`, log_id: `0x${'b'.repeat(64)}` };
const pinned = { ...base, blocks: [{ number: 1, hash: `0x${'c'.repeat(64)}` }] };
const local = { ...pinned, name: 'local', chain_id: 31_337 };

const facts = (extra: Partial<PolicyFacts> = {}): PolicyFacts => ({
  now: NOW,
  faults: new Map(),
  clocks: new Set(),
  ...extra,
});
const lint = (policy: Omit<Policy, 'version'>, extra?: Partial<PolicyFacts>) =>
  lintPolicy({ version: 1, ...policy }, facts(extra));
/** Every code that came up. */
const seen = new Set<string>();
const codes = (policy: Omit<Policy, 'version'>, extra?: Partial<PolicyFacts>) => {
  const findings = lint(policy, extra);
  for (const { code } of findings) seen.add(code);
  const of = (asked: string) => findings.filter(({ level }) => level === asked).map(({ code }) => code);
  return { warnings: of('warning'), notes: of('note') };
};
const demanding = (bundle: NonNullable<Policy['require']>['bundle']) => ({ require: { bundle } });

describe('warns of what can’t work', () => {
  it.each<[string, Omit<Policy, 'version'>, string[]]>([
    ['no signer', {}, ['signer.none']],
    ['no signer of records', { signer: [{ ...lab, signs: ['receipt'] }] }, ['signer.no-record']],
    ['a window without a clock', { signer: [{ ...lab, not_after: NOW + DAY }] }, ['signer.undated']],
    ['a revocation without a clock', { signer: [{ ...lab, revoked_at: NOW + DAY }] }, ['signer.undated']],
    [
      'a window and only a bare log',
      { signer: [{ ...lab, not_before: NOW - DAY }], log: [bare] },
      ['signer.undated'],
    ],
    [
      'a window, and a chain that has no log to date',
      { signer: [{ ...lab, not_before: NOW - DAY }], chain: [pinned] },
      ['signer.undated'],
    ],
    [
      'a window, and the local chain',
      { signer: [{ ...lab, not_before: NOW - DAY }], log: [bare], chain: [local] },
      ['signer.undated'],
    ],
    [
      'a window without the key that is dated',
      { signer: [{ name: 'lab', ed25519: keys.ed25519, not_after: NOW + DAY }], log: [witnessed] },
      ['signer.undatable'],
    ],
    [
      'a window that nothing can be in',
      {
        signer: [
          { ...lab, not_before: NOW - DAY, revoked_at: NOW - 2 * DAY },
          { name: 'x', p256: 'x' },
        ],
        log: [witnessed],
      },
      ['signer.never'],
    ],
    [
      'only keys that ended',
      { signer: [{ ...lab, not_after: NOW - DAY }], log: [witnessed] },
      ['signer.ended'],
    ],
    ['only revoked keys', { signer: [{ ...lab, revoked_at: NOW }], log: [witnessed] }, ['signer.revoked']],
    [
      'only keys to come',
      { signer: [{ ...lab, not_before: NOW + DAY }], log: [witnessed] },
      ['signer.not-yet'],
    ],
    [
      'an ended key beside one for receipts',
      {
        signer: [
          { ...lab, not_after: NOW - DAY },
          { name: 'r', p256: 'x', signs: ['receipt'] },
        ],
        log: [witnessed],
      },
      ['signer.ended'],
    ],
    ['a skew that moves every window', { signer: [lab], require: { skew: '2d' } }, ['require.skew']],
    [
      'a P-256 statement of no one',
      { signer: [{ name: 'a', ed25519: keys.ed25519 }], ...demanding({ statements: ['p256'] }) },
      ['require.p256'],
    ],
    [
      'an ML-DSA-65 statement by one who signs receipts',
      {
        signer: [
          { ...lab, signs: ['receipt'] },
          { name: 'b', p256: 'x' },
        ],
        ...demanding({ statements: ['ml-dsa-65'] }),
      },
      ['require.ml-dsa-65'],
    ],
    ['a log it doesn’t know', { signer: [lab], ...demanding({ log: true }) }, ['require.log']],
    [
      'a log, and no key that logs take',
      { signer: [{ name: 'a', ml_dsa_65: keys.ml_dsa_65 }], log: [bare], ...demanding({ log: true }) },
      ['require.log'],
    ],
    ['witnesses of no log', { signer: [lab], ...demanding({ witnesses: true }) }, ['require.witnesses']],
    [
      'witnesses it doesn’t name',
      { signer: [lab], log: [bare], ...demanding({ witnesses: true }) },
      ['require.witnesses'],
    ],
    ['an anchor in no chain', { signer: [lab], ...demanding({ anchor: true }) }, ['require.anchor']],
    [
      'an anchor in no block',
      { signer: [lab], chain: [base], ...demanding({ anchor: true }) },
      ['require.anchor'],
    ],
    [
      'an anchor in the local chain',
      { signer: [lab], chain: [local, base], ...demanding({ anchor: true }) },
      ['require.anchor'],
    ],
    [
      'a receipt by no one',
      { signer: [{ ...lab, signs: ['record'] }], ...demanding({ receipt: true }) },
      ['require.receipt'],
    ],
    [
      'a receipt by a key that signs none',
      { signer: [{ name: 'a', ed25519: keys.ed25519 }], ...demanding({ receipt: true }) },
      ['require.receipt'],
    ],
    [
      'a date by no one',
      { signer: [lab], log: [bare], ...demanding({ existed_by: NOW }) },
      ['require.existed_by'],
    ],
    [
      'a date by the local chain',
      { signer: [lab], chain: [local], ...demanding({ existed_by: NOW }) },
      ['require.existed_by'],
    ],
    ['a binding of no log', { signer: [lab], ...demanding({ binding: true }) }, ['require.binding']],
    ['plausibility, which is judged', { signer: [lab], require: { plausibility: true } }, []],
    [
      'a witness that is the log',
      {
        signer: [lab],
        log: [{ vkey, witnesses: [formatVkey(makeVkey('w', 'cosignature-ed25519', logKey))] }],
      },
      ['log.own-witness'],
    ],
    [
      'a witness that is the signer',
      {
        signer: [lab],
        log: [
          {
            vkey,
            witnesses: [formatVkey(makeVkey('w', 'cosignature-ed25519', rawEd25519(identity.ed25519)))],
          },
        ],
      },
      ['log.own-witness'],
    ],
  ])('%s', (_, policy, warnings) => expect(codes(policy).warnings).toEqual(warnings));

  it('files that can’t be used, whatever needs them', () => {
    const faults = new Map([['tsa.pem', 'can’t read tsa.pem']]);
    const policy = {
      signer: [{ ...lab, not_after: NOW + DAY }],
      timestamp_authority: [{ certificate: 'tsa.pem' }],
    };
    expect(codes(policy, { faults }).warnings).toEqual(['file.unusable', 'signer.undated']);
    expect(codes(policy).warnings).toEqual([]);
  });
});

describe('warns of nothing', () => {
  it.each<[string, Omit<Policy, 'version'>]>([
    ['where it knows one signer', { signer: [lab] }],
    ['where only a certificate signs', { keyless: [keyless] }],
    ['where witnesses date the window', { signer: [{ ...lab, not_after: NOW + DAY }], log: [witnessed] }],
    [
      'where a pinned block dates the log',
      { signer: [{ ...lab, not_after: NOW + DAY }], log: [bare], chain: [pinned] },
    ],
    [
      'where an authority dates it',
      { signer: [{ ...lab, not_after: NOW + DAY }], timestamp_authority: [{ certificate: 'a.pem' }] },
    ],
    [
      'where a receipt comes by certificate',
      {
        signer: [{ ...lab, signs: ['record'] }],
        keyless: [{ ...keyless, signs: ['receipt'] }],
        ...demanding({ receipt: true }),
      },
    ],
    [
      'where a block dates the record',
      { signer: [lab], chain: [pinned], ...demanding({ existed_by: NOW, anchor: true }) },
    ],
    [
      'where a certificate brings its clock',
      { signer: [lab], keyless: [keyless], ...demanding({ existed_by: NOW }) },
    ],
    [
      'where everything is there',
      {
        signer: [lab],
        log: [witnessed],
        chain: [pinned],
        ...demanding({
          statements: ['p256', 'ml-dsa-65'],
          log: true,
          witnesses: true,
          anchor: true,
          receipt: true,
          artifacts: true,
          existed_by: NOW,
        }),
      },
    ],
    [
      'where what is off is off',
      {
        signer: [lab],
        ...demanding({ log: false, witnesses: false, anchor: false, binding: false, statements: [] }),
      },
    ],
  ])('%s', (_, policy) => expect(codes(policy).warnings).toEqual([]));

  it('where a Rekor signs times', () => {
    const policy = { signer: [{ ...lab, not_after: NOW + DAY }], log: [{ trusted_root: 'r.json' }] };
    expect(codes(policy, { clocks: new Set(['r.json']) })).toEqual({ warnings: [], notes: [] });
    expect(codes(policy)).toEqual({ warnings: ['signer.undated'], notes: ['log.unwitnessed'] });
  });
});

describe('notes what shows less than it seems to', () => {
  it.each<[string, Omit<Policy, 'version'>, string[]]>([
    ['a log that no one else saw', { log: [bare] }, ['log.unwitnessed']],
    ['a quorum of any one', { log: [{ vkey, witnesses: [first!, second!], quorum: 1 }] }, ['log.quorum-one']],
    ['a quorum of all', { log: [{ vkey, witnesses: [first!, second!] }] }, []],
    ['a chain without a block', { chain: [base] }, ['chain.no-blocks']],
    ['a chain of any log', { chain: [{ ...pinned, log_id: undefined }] }, ['chain.any-log']],
    ['a chain of one’s own', { chain: [local] }, ['chain.local']],
    ['demands that a bare record goes around', demanding({ artifacts: true }), ['require.bundles-only']],
    [
      'an ended key beside its next',
      {
        signer: [
          { ...lab, not_after: NOW - DAY },
          { name: 'lab-2027', p256: 'x' },
        ],
        log: [witnessed],
      },
      ['signer.ended'],
    ],
  ])('%s', (_, policy, notes) =>
    expect(codes({ signer: [lab], ...policy })).toEqual({ warnings: [], notes }),
  );
});

it('says what it is, and what next, on one line each, warnings first', () => {
  const findings = lint({
    signer: [{ ...lab, not_after: NOW - DAY }],
    log: [bare],
    chain: [base],
    ...demanding({ binding: true, anchor: true }),
  });
  const levels = findings.map(({ level }) => level);
  expect(levels).toEqual(levels.toSorted().reverse());
  for (const { code, text, next } of findings) {
    expect(code).toMatch(/^(file|signer|require|log|chain)\.[a-z0-9_-]+$/);
    expect(`${text} ${next}`).toMatch(/^[^\n]{20,300}$/);
  }
});

it('docs/policy.md lists every code', () => {
  const text = readFileSync(join(import.meta.dirname, '../../docs/policy.md'), 'utf8');
  expect(seen.size).toBeGreaterThan(20);
  for (const code of seen) expect(text).toContain(`\`${code}\``);
});
