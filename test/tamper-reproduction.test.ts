/** Every edit of a reproduction is found: alone, and in an archive whose signer put it there. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { utf8 } from '../src/core/bytes.ts';
import type { JsonObject, JsonValue } from '../src/core/json.ts';
import { judgeReproduction, reproductionCheck } from '../src/publish/judge-reproduction.ts';
import type { Manifest } from '../src/publish/manifest.ts';
import { type Reproduction, reproductionPath } from '../src/publish/reproduction.ts';
import { verifyReproduction } from '../src/publish/verify-reproduction.ts';
import { generateIdentity, type Identity, spki } from '../src/store/identity.ts';
import type { Policy } from '../src/verify/policy.ts';
import type { Trust } from '../src/verify/trust.ts';
import { CITED, filesOf, fillStore, ownTrust } from './archives.ts';
import { type Place, placeIn } from './cli.ts';
import { mutantsOf } from './json-mutants.ts';
import { findingsOf, signFindings } from './reproductions.ts';

const root = mkdtempSync(join(tmpdir(), 'qpoe-reproduction-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const keysOf = ({ ed25519, p256, mlDsa65 }: Identity) =>
  [ed25519, p256, mlDsa65].map((key) => Buffer.from(spki(key)).toString('base64'));
const UNASKED: Trust = { kind: 'unasked' };
const identity = generateIdentity();
let place: Place;
let manifest: Manifest;
let made: Reproduction;

beforeAll(() => {
  place = placeIn(root);
  fillStore(place);
  expect(place.qpoe('publish', 'fig2=label:sweep', ...CITED, '--out', 'paper.zip').code).toBe(0);
  manifest = JSON.parse(Buffer.from(filesOf(place.path('paper.zip')).get('manifest.json')!).toString());
  made = signFindings(identity, findingsOf(identity, manifest.records));
});

const value = (reproduction: unknown) => structuredClone(reproduction) as JsonValue;
const judge = (changed: unknown, trust: Trust = UNASKED) =>
  judgeReproduction(value(changed), manifest, trust, {});
const alone = (changed: unknown, trust: Trust = UNASKED) =>
  verifyReproduction(utf8(JSON.stringify(changed)), trust, {});

const named = ({ record_id, hash }: Reproduction['reproduction']['records'][number]) => ({ record_id, hash });

it('holds as it is', async () => {
  expect((await judge(made)).fault).toBeUndefined();
  expect(await alone(made)).toMatchObject({ verdict: 'pass', kind: 'statement' });
  expect(await alone(made, ownTrust(place))).toMatchObject({
    verdict: 'inconclusive',
    headline: 'INTACT, SIGNER UNKNOWN TO YOU',
  });
  const { mediaType, ...rest } = made;
  expect(await alone({ ...rest, mediaType })).toMatchObject({ verdict: 'pass' });
  expect(await alone({ mediaType: 'application/json', ...rest })).toBeUndefined();
  const cut = utf8(JSON.stringify(made).slice(0, -1));
  expect(await verifyReproduction(cut, UNASKED, {})).toMatchObject({ headline: 'FAIL: statement.format' });
});

it('no member of it can be changed, taken away or doubled', async () => {
  const mutants = [...mutantsOf(made as unknown as JsonObject)];
  expect(mutants.length).toBeGreaterThan(100);
  for (const [at, mutant] of mutants.entries()) {
    const { fault } = await judge(mutant);
    expect(fault, `${at}: ${JSON.stringify(mutant).slice(0, 300)}`).toBeDefined();
    // Without its mediaType it no longer means to be one.
    expect((await alone(mutant))?.verdict ?? 'fail', `${at} alone`).toBe('fail');
  }
});

describe('not even by someone who signs it', () => {
  const thief = generateIdentity();

  it('under their own keys, as the first one’s', async () => {
    const stolen = signFindings(thief, made.reproduction);
    expect((await judge(stolen)).fault).toMatch(/another identity/);
    expect((await judge({ ...stolen, keys: made.keys })).fault).toMatch(/by another key/);
    const half = [keysOf(identity)[0]!, ...keysOf(thief).slice(1)];
    expect((await judge({ ...stolen, keys: half })).fault).toMatch(/another identity/);
  });

  it('with another’s signature beside their own', async () => {
    const own = signFindings(thief, { ...made.reproduction, by: findingsOf(thief, []).by });
    const mixed = { ...own, statements: [own.statements[0], made.statements[1]] };
    expect((await judge(mixed)).fault).toMatch(/by another key/);
  });

  it('of records that are none of the archive’s, or under other ids', async () => {
    const { records } = made.reproduction;
    const [first, ...others] = records;
    const strange = { ...first!, hash: `sha256:${'9'.repeat(64)}` as const };
    for (const changed of [strange, { ...first!, record_id: others[0]!.record_id }]) {
      const signed = signFindings(identity, { ...made.reproduction, records: [changed, ...others] });
      expect((await judge(signed)).fault).toMatch(/none of this archive/);
    }
  });
});

describe('in an archive', () => {
  const check = (changed: Reproduction, trust: Trust, path = reproductionPath(changed.reproduction)) =>
    reproductionCheck(path, value(changed), manifest, trust, {});
  const knowing: Trust = { kind: 'fingerprint', fingerprint: findingsOf(identity, []).by };
  const outcome = (...outcomes: string[]) =>
    signFindings(identity, {
      ...made.reproduction,
      records: made.reproduction.records.map(
        (one, at) => ({ ...one, outcome: outcomes[at] ?? 'identical' }) as never,
      ),
    });

  it('is what someone you know says, and no more', async () => {
    expect(await check(made, knowing)).toMatchObject({ id: 'archive.reproduction', status: 'pass' });
    expect(await check(made, UNASKED)).toMatchObject({
      status: 'absent',
      code: 'archive.reproduction-unasked',
    });
    for (const trust of [ownTrust(place), { kind: 'nobody' } as const])
      expect(await check(made, trust)).toMatchObject({
        status: 'unknown',
        code: 'archive.reproduction-unknown',
      });
    expect(await check(outcome('different'), knowing)).toMatchObject({
      status: 'unknown',
      code: 'archive.reproduction-differs',
      evidence: expect.stringContaining('2 identical, 1 different'),
    });
    expect(await check(outcome('unknown'), knowing)).toMatchObject({ code: 'archive.reproduction-unsure' });
    const [first] = made.reproduction.records;
    const part = signFindings(identity, {
      ...made.reproduction,
      records: [{ ...first!, outcome: 'identical' } as never],
    });
    expect(await check(part, knowing)).toMatchObject({
      evidence: expect.stringMatching(/^ran 1 of 3 records again: 1 identical; /),
    });
    const left = { ...first!, sdk: undefined, outcome: 'not_replayed', reason: 'failed' };
    const partly = signFindings(identity, {
      ...made.reproduction,
      records: made.reproduction.records.map((one, at) =>
        at === 0 ? one : (JSON.parse(JSON.stringify({ ...left, ...named(one) })) as never),
      ),
    });
    expect(await check(partly, knowing)).toMatchObject({
      evidence: expect.stringMatching(/^ran 1 of 3 records again: 1 identical, 2 not replayed; /),
    });
    expect(await check(made, knowing, 'reproductions/other.json')).toMatchObject({ status: 'fail' });
  });

  it('is worth no more than its own numbers, whatever word and threshold stand there', async () => {
    const saying = (outcome: string, numbers: object) =>
      signFindings(identity, {
        ...made.reproduction,
        statistics: { tests: 1, threshold: 1 },
        records: made.reproduction.records.map((one) => ({ ...one, outcome, ...numbers }) as never),
      });
    const apart = { total_variation: { value: 1, shot_noise: 0 } };
    for (const [outcome, numbers] of [
      ['consistent', { p_adjusted: 1e-12, ...apart }],
      ['consistent', { p_adjusted: 0.0009 }],
      ['consistent', apart],
      ['identical', apart],
    ] as const)
      expect(await check(saying(outcome, numbers), knowing), JSON.stringify(numbers)).toMatchObject({
        status: 'unknown',
        code: 'archive.reproduction-differs',
        evidence: expect.stringContaining('(3 of them against its own numbers: p below 0.001'),
      });
    const close = { total_variation: { value: 0.01, shot_noise: 0.02 } };
    for (const numbers of [
      { p_adjusted: 0.001, ...close },
      { p_adjusted: 1 },
      // All shots of both have one outcome.
      { total_variation: { value: 0, shot_noise: 0 } },
      {},
    ])
      expect(await check(saying('consistent', numbers), knowing)).toMatchObject({ status: 'pass' });
  });

  it('is none of others where the archive’s own signer made it', async () => {
    const own = { ...manifest, keys: made.keys };
    expect(
      await reproductionCheck(reproductionPath(made.reproduction), value(made), own, knowing, {}),
    ).toMatchObject({
      status: 'unknown',
      code: 'archive.reproduction-own',
    });
  });

  it('is none of others where one of the keys is theirs, or your policy says that all are one’s', async () => {
    const author = generateIdentity();
    const own = { ...manifest, keys: keysOf(author) };
    const stranger = generateIdentity();
    const judgeBy = (by: Identity, trust: Trust) => {
      const theirs = signFindings(by, findingsOf(by, manifest.records));
      return reproductionCheck(reproductionPath(theirs.reproduction), value(theirs), own, trust, {});
    };
    const isOwn = { status: 'unknown', code: 'archive.reproduction-own' };
    for (const shared of ['ed25519', 'p256', 'mlDsa65'] as const) {
      const by = { ...stranger, [shared]: author[shared] };
      const trust = { kind: 'fingerprint', fingerprint: findingsOf(by, []).by } as const;
      expect(await judgeBy(by, trust), shared).toMatchObject(isOwn);
    }
    const [ed25519] = [Buffer.from(spki(author.ed25519)).subarray(-32).toString('base64')];
    const [, p256, mlDsa65] = keysOf(stranger);
    const policyOf = (signer: NonNullable<Policy['signer']>): Trust => ({
      kind: 'policy',
      path: 'trust.toml',
      policy: { version: 1, signer },
    });
    const theirs = { p256, ml_dsa_65: mlDsa65 };
    expect(await judgeBy(stranger, policyOf([{ name: 'ada', ed25519, ...theirs }]))).toMatchObject(isOwn);
    const two = [
      { name: 'ada', ed25519 },
      { name: 'referee', ...theirs },
    ];
    expect(await judgeBy(stranger, policyOf(two))).toMatchObject({ status: 'pass' });
  });

  it('by one key of someone you know, and another’s beside it, is nobody’s whom you know', async () => {
    const [, p256, mlDsa65] = made.keys;
    const policy = { version: 1 as const, signer: [{ name: 'rival', p256, ml_dsa_65: mlDsa65 }] };
    const trust: Trust = { kind: 'policy', path: 'trust.toml', policy };
    expect(await check(made, trust)).toMatchObject({ status: 'pass' });
    expect(await alone(made, trust)).toMatchObject({ verdict: 'pass' });
    const mixed = { ...identity, mlDsa65: generateIdentity().mlDsa65 };
    const signed = signFindings(mixed, findingsOf(mixed, manifest.records));
    expect(await check(signed, trust)).toMatchObject({
      status: 'unknown',
      code: 'archive.reproduction-unknown',
      evidence: expect.stringContaining('the ml-dsa-65 key beside it is not theirs'),
    });
    expect(await alone(signed, trust)).toMatchObject({ headline: 'INTACT, SIGNER UNKNOWN TO YOU' });
  });

  it('of a signer whose window or right is not met is nobody’s whom you know', async () => {
    const [, p256, mlDsa65] = made.keys;
    const policy = {
      version: 1 as const,
      signer: [{ name: 'rival', p256, ml_dsa_65: mlDsa65, signs: ['receipt' as const] }],
    };
    expect(await check(made, { kind: 'policy', path: 'trust.toml', policy })).toMatchObject({
      status: 'unknown',
      evidence: expect.stringContaining('does not let "rival" vouch for records'),
    });
  });
});
