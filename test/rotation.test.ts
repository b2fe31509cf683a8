/**
 * Keys that end: an expired or revoked key's older evidence still verifies, by whoever's word on the time there is; without
 * any it is unknown, neither PASS nor FAIL. A lab's next key stands beside its last.
 */

import { describe, expect, it } from 'vitest';
import { fromUtf8, toBase64, utf8 } from '../src/core/bytes.ts';
import type { Digest } from '../src/core/digest.ts';
import type { JsonObject } from '../src/core/json.ts';
import { spki } from '../src/store/identity.ts';
import { leafHash } from '../src/tlog/merkle.ts';
import type { Policy, PolicySigner } from '../src/verify/policy.ts';
import type { JudgeTimestamp } from '../src/verify/timestamps.ts';
import type { Trust } from '../src/verify/trust.ts';
import { verifyBytes } from '../src/verify/verify.ts';
import { anchorRecord, anchorTree, headOf, type TestAnchor, type TestBlock } from './anchors.ts';
import { bodyOf, fullBundle, type TestBundle } from './bundles.ts';
import { NOW } from './records.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** When the block was made: an hour after the record. */
const SEEN = NOW + HOUR;
const UNKNOWN = { verdict: 'inconclusive', headline: 'INTACT, SIGNER UNKNOWN TO YOU' };

const old = await fullBundle();
const next = await fullBundle();

type Bundle = JsonObject & { readonly statements: readonly JsonObject[] };

const contentOf = ({ bytes }: TestBundle): Bundle => JSON.parse(fromUtf8(bytes)!);

/** The entry of the record's statement: the log's second. */
function entryOfRecord(bundle: Bundle): JsonObject {
  const entries = bundle.statements.flatMap(
    ({ verificationMaterial }) =>
      (verificationMaterial as { tlogEntries?: readonly JsonObject[] }).tlogEntries ?? [],
  );
  return entries.find((entry) => headOf(entry).size === 2)!;
}

function anchored(bundle: TestBundle, block: Partial<TestBlock> = {}): TestAnchor & { content: Bundle } {
  const content = contentOf(bundle);
  const made = anchorTree(headOf(entryOfRecord(content)), { timestamp: SEEN / 1000, ...block });
  return { ...made, content: { ...content, anchors: [made.anchor] } };
}

function trusting(bundles: readonly TestBundle[], extra: readonly Partial<PolicySigner>[], rest: object) {
  const policies = bundles.map(({ trust }) => (trust as Extract<Trust, { kind: 'policy' }>).policy);
  const policy: Policy = {
    version: 1,
    signer: policies.map(({ signer }, at) => ({ ...signer![0]!, name: `lab-${2026 + at}`, ...extra[at] })),
    log: policies.flatMap(({ log }) => log!),
    ...rest,
  };
  return { kind: 'policy', path: '/home/person/trust.toml', policy } as const;
}

const judge = (content: JsonObject, trust: Trust, timestamps?: JudgeTimestamp) =>
  verifyBytes(utf8(JSON.stringify(content)), trust, NOW, { timestamps });

describe('an expired key, by the time of a pinned block', () => {
  const { content, chain } = anchored(old);
  const verdict = (extra: Partial<PolicySigner>, chains = [chain]) =>
    judge(content, trusting([old], [extra], { chain: chains }));

  it('still verifies what the block holds', async () => {
    const { verdict: result, checks } = await verdict({ not_after: SEEN });
    expect(result).toBe('pass');
    expect(checks.find(({ id }) => id === 'time.existed_by')).toMatchObject({
      status: 'pass',
      relies_on: 'block 19000000 of mainnet',
    });
    expect(checks.filter(({ id }) => id === 'record.signer' || id === 'statement.signer')).toEqual(
      Array(3).fill(expect.objectContaining({ status: 'pass' })),
    );
  });
  it('is unknown where no one pinned the block', async () => {
    expect(await verdict({ not_after: SEEN }, [{ ...chain, blocks: [] }])).toMatchObject(UNKNOWN);
    expect(await verdict({ not_after: SEEN }, [])).toMatchObject(UNKNOWN);
  });
  it.each<[string, Partial<TestBlock>]>([
    ['the local chain', { chain: 'local' }],
    ['the local chain, whatever it calls itself', { chainId: 31_337 }],
    ['a development node', { chainId: 1337 }],
  ])('is unknown by a block of %s: whoever runs it sets its clock', async (_, block) => {
    const local = anchored(old, block);
    const trust = (extra: Partial<PolicySigner>) => trusting([old], [extra], { chain: [local.chain] });
    expect(await judge(local.content, trust({ not_after: SEEN }))).toMatchObject(UNKNOWN);
    // The anchor itself holds.
    const { checks, verdict: result } = await judge(local.content, trust({}));
    expect(result).toBe('pass');
    expect(checks.find(({ id }) => id === 'anchor.block')).toMatchObject({ status: 'pass' });
    expect(checks.some(({ id }) => id === 'time.existed_by')).toBe(false);
  });
  it('is unknown where the block came after the end, but for the skew', async () => {
    expect(await verdict({ not_after: SEEN - 5 * 60_000 })).toMatchObject({ verdict: 'pass' });
    expect(await verdict({ not_after: SEEN - 5 * 60_000 - 1 })).toMatchObject(UNKNOWN);
  });
  it('isn’t dated by a block that holds the record’s hash alone: that shows no signature', async () => {
    const hash = old.record.record.hash as Digest;
    const { anchor, chain: of } = anchorRecord(hash, { timestamp: SEEN / 1000 });
    const bundle = { ...contentOf(old), anchors: [anchor] };
    const trust = (extra: Partial<PolicySigner>) => trusting([old], [extra], { chain: [of] });
    expect(await judge(bundle, trust({ not_after: SEEN }))).toMatchObject(UNKNOWN);
    const { checks } = await judge(bundle, trust({}));
    expect(checks.find(({ id }) => id === 'time.existed_by')).toMatchObject({ status: 'pass' });
  });
  it('isn’t dated by a block of another log’s tree of the same origin', async () => {
    const foreign = anchored(next);
    const bundle = { ...content, anchors: [foreign.anchor] };
    const trust = trusting([old], [{ not_after: SEEN }], { chain: [foreign.chain] });
    expect(await judge(bundle, trust)).toMatchObject({ verdict: 'fail', headline: 'FAIL: anchor.root' });
  });
});

describe('a revoked key', () => {
  const { content, chain } = anchored(old);
  const verdict = (extra: Partial<PolicySigner>) =>
    judge(content, trusting([old], [extra], { chain: [chain] }));

  it('verifies what was seen before, without any tolerance', async () => {
    expect(await verdict({ revoked_at: SEEN + 1 })).toMatchObject({ verdict: 'pass' });
    expect(await verdict({ revoked_at: SEEN })).toMatchObject(UNKNOWN);
    expect(await verdict({ revoked_at: NOW - DAY })).toMatchObject(UNKNOWN);
  });
  it('is unknown without a time, and so is a bare record of it', async () => {
    const trust = trusting([old], [{ revoked_at: SEEN + DAY }], {});
    expect(await judge(contentOf(old), trust)).toMatchObject(UNKNOWN);
    expect(await judge(old.record as unknown as JsonObject, trust)).toMatchObject(UNKNOWN);
  });
  it('ends at the earlier of its end and its revocation', async () => {
    expect(await verdict({ not_after: SEEN + DAY, revoked_at: SEEN })).toMatchObject(UNKNOWN);
    expect(await verdict({ not_after: SEEN - DAY, revoked_at: SEEN + DAY })).toMatchObject(UNKNOWN);
  });
});

describe('an expired key, by the time of a stamp', () => {
  /** An authority's answer, whose verifier is held to real ones elsewhere. */
  const stampedAt =
    (time: number): JudgeTimestamp =>
    async (_, __, [authority]) =>
      authority === undefined
        ? { status: 'unknown', evidence: 'no authority', code: 'timestamp.authority' }
        : { status: 'pass', time, authority };
  const content = contentOf(old);
  const stamped = {
    ...content,
    statements: content.statements.map((statement) => {
      const material = statement.verificationMaterial as JsonObject;
      if (material.tlogEntries === undefined) return statement;
      const timestampVerificationData = { rfc3161Timestamps: [{ signedTimestamp: 'AA==' }] };
      return { ...statement, verificationMaterial: { ...material, timestampVerificationData } };
    }),
  };
  const authority = { timestamp_authority: [{ certificate: 'tsa.pem' }] };

  it('still verifies, and is unknown without the authority or after the end', async () => {
    const trust = trusting([old], [{ not_after: SEEN }], authority);
    expect(await judge(stamped, trust, stampedAt(SEEN))).toMatchObject({ verdict: 'pass' });
    expect(await judge(stamped, trust, stampedAt(SEEN + DAY))).toMatchObject(UNKNOWN);
    expect(await judge(content, trust, stampedAt(SEEN))).toMatchObject(UNKNOWN);
    const nobody = trusting([old], [{ not_after: SEEN }], {});
    expect(await judge(stamped, nobody, stampedAt(SEEN))).toMatchObject(UNKNOWN);
  });
});

describe('a lab’s next key', () => {
  const [first, second] = [anchored(old), anchored(next, { timestamp: (SEEN + 30 * DAY) / 1000 })];
  const turn = NOW + 10 * DAY;
  const trust = trusting([old, next], [{ not_after: turn }, { not_before: turn }], {
    chain: [first.chain, second.chain],
  });

  it('stands beside the last: what each signed in its time passes, by its name', async () => {
    expect((await judge(first.content, trust)).headline).toContain('"lab-2026"');
    expect((await judge(second.content, trust)).headline).toContain('"lab-2027"');
  });
  it('doesn’t open the last again: what that one signs later is unknown', async () => {
    const late = anchored(old, { timestamp: (SEEN + 30 * DAY) / 1000 });
    const both = trusting([old, next], [{ not_after: turn }, { not_before: turn }], { chain: [late.chain] });
    expect(await judge(late.content, both)).toMatchObject(UNKNOWN);
  });
  it('vouches for nothing from before its time', async () => {
    const early = anchored(next);
    const both = trusting([old, next], [{ not_after: turn }, { not_before: turn }], { chain: [early.chain] });
    expect(await judge(early.content, both)).toMatchObject(UNKNOWN);
  });
});

describe('an anchored tree that holds both heads', () => {
  it('dates receipt and record by one block', async () => {
    const content = contentOf(old);
    const p256 = content.statements.find((one) => JSON.stringify(one).includes('"treeSize":"2"'))!;
    const second = leafHash(bodyOf(p256, spki(old.identity.p256)));
    const { anchor, chain } = anchorTree(headOf(entryOfRecord(content)), {
      timestamp: SEEN / 1000,
      consistency: [{ size: 1, hashes: [second] }],
    });
    const trust = trusting([old], [{ not_after: SEEN }], {
      chain: [chain],
      require: { bundle: { anchor: true, receipt: true, existed_by: SEEN } },
    });
    const bundle = { ...content, anchors: [anchor] };
    expect(await judge(bundle, trust)).toMatchObject({ verdict: 'pass' });
    const broken = { ...anchor, consistency: [{ size: 1, hashes: [toBase64(leafHash(second))] }] };
    expect(await judge({ ...content, anchors: [broken] }, trust)).toMatchObject({
      verdict: 'fail',
      headline: expect.stringContaining('anchor.root'),
    });
  });
});
