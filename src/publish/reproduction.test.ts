import { describe, expect, it } from 'vitest';
import { findingsOf, signFindings } from '../../test/reproductions.ts';
import type { Digest } from '../core/digest.ts';
import type { JsonValue } from '../core/json.ts';
import { generateIdentity } from '../store/identity.ts';
import {
  describeTally,
  type Findings,
  readReproduction,
  reproductionBytes,
  reproductionPath,
  tallyOf,
} from './reproduction.ts';

const identity = generateIdentity();
const other = generateIdentity();
const OWN = [1, 2].map((n) => ({
  record_id: `01a202a4-058f-76e1-ba1d-00000000000${n}`,
  hash: `sha256:${String(n).repeat(64)}` as Digest,
}));
const findings = findingsOf(identity, OWN);
const read = (value: unknown) => readReproduction(value as JsonValue);
const fault = (change: Partial<Findings>) => read(signFindings(identity, { ...findings, ...change })).fault;
const [first] = findings.records;

it('is read as it is written', () => {
  const made = signFindings(identity, findings);
  const text = new TextDecoder().decode(reproductionBytes(made));
  expect(read(JSON.parse(text)).value).toEqual(made);
});

describe('is none', () => {
  it.each<[string, Partial<Findings>, RegExp]>([
    ['without records', { records: [] }, /records/],
    ['of a record twice', { records: [first!, first!] }, /stands there twice/],
    [
      'of an SDK that ran nowhere',
      { sdks: {} },
      /sdks: not what 01a202a4-058f-76e1-ba1d-000000000001 was run on/,
    ],
    ['of a time that is none', { at: 'yesterday' }, /not a time/],
    ['by another than the keys’ holder', { by: findingsOf(other, OWN).by }, /by: another identity/],
    ['with an outcome that nobody knows', { records: [{ ...first!, outcome: 'fine' } as never] }, /records/],
    [
      'with a reason in somebody’s own words',
      { records: [{ ...OWN[0]!, outcome: 'not_replayed', reason: '/home/ada is full' } as never] },
      /records/,
    ],
    ['with a host', { host: 'ada.local' } as never, /host/],
  ])('%s', (_, change, says) => {
    expect(fault(change)).toMatch(says);
  });

  it('with the statements of another, exchanged, or one alone', () => {
    const made = signFindings(identity, findings);
    const later = signFindings(identity, { ...findings, at: '2026-11-23T08:00:00Z' });
    const [p256, mlDsa65] = made.statements;
    expect(read({ ...made, statements: later.statements }).fault).toMatch(/states other findings/);
    expect(read({ ...made, statements: [mlDsa65, p256] }).fault).toMatch(/by another key/);
    expect(read({ ...made, statements: [p256] }).fault).toMatch(/statements/);
    expect(read({ ...made, statements: [p256, {}] }).fault).toMatch(/not a Sigstore bundle/);
    expect(read({ ...made, keys: made.keys.toReversed() }).fault).toMatch(/keys: not ed25519/);
    expect(read({ ...made, mediaType: 'text/plain' }).fault).toMatch(/mediaType/);
  });
});

it('stands where its content says, whoever signs it when', () => {
  expect(reproductionPath(findings)).toMatch(/^reproductions\/[0-9a-f]{64}\.json$/);
  expect(reproductionPath({ ...findings, at: '2026-11-23T08:00:00Z' })).not.toBe(reproductionPath(findings));
});

it('is counted in words', () => {
  const outcomes = ['identical', 'identical', 'unknown', 'not_replayed'] as const;
  expect(describeTally(tallyOf(outcomes.map((outcome) => ({ outcome }))))).toBe(
    '2 identical, 1 can’t be said, 1 not replayed',
  );
});
