/** Every member of a full evidence bundle, edited in every way, under a policy that demands all of it. */

import { beforeAll, describe, expect, it } from 'vitest';
import { utf8 } from '../src/core/bytes.ts';
import { digestOf } from '../src/core/digest.ts';
import { canonicalText } from '../src/core/jcs.ts';
import type { JsonObject } from '../src/core/json.ts';
import { recordSigner, spki } from '../src/store/identity.ts';
import type { Trust } from '../src/verify/trust.ts';
import { verifyBytes } from '../src/verify/verify.ts';
import {
  bodyOf,
  demandingAll,
  entryOf,
  fullBundle,
  newLog,
  type TestBundle,
  withEntries,
} from './bundles.ts';
import { edit, get, type Json, paths, SUBSTITUTES, variants } from './mutations.ts';
import { NOW, signedRecord } from './records.ts';
import { envelopes, newIdentity, payloadOf } from './statements.ts';

let full: TestBundle;
let original: { [name: string]: Json };
beforeAll(async () => {
  full = await fullBundle();
  original = JSON.parse(Buffer.from(full.bytes).toString()) as { [name: string]: Json };
});

async function judge(bundle: unknown, trust: Trust = full.trust) {
  const text = typeof bundle === 'string' ? bundle : JSON.stringify(bundle);
  return verifyBytes(utf8(text), trust, NOW);
}
const outcome = async (bundle: unknown, trust?: Trust) => (await judge(bundle, trust)).verdict;

it('passes unedited, with every layer that the policy demands', async () => {
  const verdict = await judge(original);
  expect(verdict).toMatchObject({
    verdict: 'pass',
    kind: 'bundle',
    signer: 'lab',
    hash: full.record.record.hash,
  });
  expect(verdict.checks.filter(({ status }) => status !== 'pass')).toEqual([]);
});

/**
 * Whether everything in an edited bundle stood in the original: then it may pass, where what was left out isn't demanded. The
 * keys don't count: no policy looks at them.
 */
function saysNothingNew(edited: Json): boolean {
  const { keys: _, statements, ...rest } = edited as { [name: string]: Json };
  const { keys: __, statements: before, ...asBefore } = original;
  if (canonicalText(rest) !== canonicalText(asBefore) || !Array.isArray(statements)) return false;
  const allowed = new Set(
    (before as JsonObject[]).flatMap((one) => [one, withEntries(one), withNoEntries(one)]).map(canonicalText),
  );
  return statements.every((one) => allowed.has(canonicalText(once(one))));
}

/** Protobuf's JSON leaves out what is zero or empty. */
function spellOut(entry: Json): Json {
  const { inclusionProof, ...rest } = (entry ?? {}) as { inclusionProof?: JsonObject };
  if (inclusionProof === undefined) return entry;
  return {
    logIndex: '0',
    ...rest,
    inclusionProof: { logIndex: '0', hashes: [], ...inclusionProof },
  } as unknown as Json;
}

/** A log entry that stands twice is one. */
function once(statement: Json): Json {
  const { verificationMaterial: material } = (statement ?? {}) as { verificationMaterial?: JsonObject };
  const entries = material?.tlogEntries;
  if (!Array.isArray(entries)) return statement;
  const distinct = [...new Map(entries.map(spellOut).map((entry) => [canonicalText(entry), entry])).values()];
  return {
    ...(statement as JsonObject),
    verificationMaterial: { ...material, tlogEntries: distinct },
  } as Json;
}

function withNoEntries(statement: JsonObject): JsonObject {
  const material = statement.verificationMaterial as JsonObject;
  return { ...statement, verificationMaterial: { ...material, tlogEntries: [] } };
}

function isRecordsProof(statement: Json): boolean {
  const { dsseEnvelope, verificationMaterial } = statement as unknown as {
    dsseEnvelope?: { payload?: string };
    verificationMaterial?: { tlogEntries?: Json[] };
  };
  const payload = Buffer.from(dsseEnvelope?.payload ?? '', 'base64').toString();
  return payload.includes('execution-record') && (verificationMaterial?.tlogEntries?.length ?? 0) > 0;
}

describe('a bundle with one member', () => {
  const expectRefused = async (edited: Json, about: string) => {
    if (saysNothingNew(edited)) return;
    const { verdict, headline, checks } = await judge(edited);
    // One that names a key or log the policy lacks is a stranger's: shown as unknown, it spoils nothing that others show.
    const strange = checks.some(({ id, status }) => /^(statement|log)\./.test(id) && status === 'unknown');
    expect(verdict === 'pass' && !strange, `${about}: ${headline}`).toBe(false);
  };

  it('changed or retyped never passes', async () => {
    let edits = 0;
    for (const path of paths(original))
      for (const value of [...variants(get(original, path)), ...SUBSTITUTES.slice(0, 8)]) {
        const about = `${path.join('.')} = ${JSON.stringify(value)?.slice(0, 80)}`;
        await expectRefused(
          edit(original, path, (parent, name) => {
            parent[name] = value;
          }),
          about,
        );
        edits++;
      }
    expect(edits).toBeGreaterThan(1500);
  }, 120_000);

  it('removed or doubled never passes', async () => {
    for (const path of paths(original)) {
      await expectRefused(
        edit(original, path, (parent, name) => {
          if (Array.isArray(parent)) parent.splice(Number(name), 1);
          else delete parent[name];
        }),
        `without ${path.join('.')}`,
      );
      await expectRefused(
        edit(original, path, (parent, name) => {
          if (Array.isArray(parent)) parent.push(parent[Number(name)]!);
          else parent[`${name}2`] = parent[name]!;
        }),
        `twice ${path.join('.')}`,
      );
    }
  }, 120_000);
});

it('is incomplete without any part that the policy demands', async () => {
  const statements = original.statements as Json[];
  const without = (gone: (statement: Json) => boolean) => ({
    ...original,
    statements: statements.filter((one) => !gone(one)),
  });
  const isReceipt = (one: Json) =>
    Buffer.from((one as { dsseEnvelope: { payload: string } }).dsseEnvelope.payload, 'base64').includes(
      'aiir/commit_receipt',
    );
  const headline = async (edited: unknown) => (await judge(edited)).headline;
  expect(await headline(without(isRecordsProof))).toBe('INCOMPLETE: statement.signature, log.inclusion');
  expect(await headline(without((one) => !isReceipt(one) && !isRecordsProof(one)))).toBe(
    'INCOMPLETE: statement.signature',
  );
  expect(await headline(without(isReceipt))).toBe('INCOMPLETE: receipt.signature, binding.match');
  expect(await headline({ ...original, artifacts: {} })).toBe('INCOMPLETE: artifact.digest');
});

const change = (name: string, to: (value: never) => unknown) => ({
  ...original,
  [name]: to(original[name] as never),
});

describe('evidence of something else', () => {
  it('fails: another record’s statement, however well it is signed and logged', async () => {
    const other = await signedRecord(recordSigner(full.identity.ed25519));
    const [p256] = envelopes(full.identity, payloadOf(other));
    const logged = withEntries(p256, entryOf(full.log, bodyOf(p256, spki(full.identity.p256))));
    const verdict = await judge(change('statements', (all: Json[]) => [...all, logged]));
    expect(verdict.checks).toContainEqual(
      expect.objectContaining({ status: 'fail', code: 'statement.record' }),
    );
  });

  it('fails: a receipt that the record does not name', async () => {
    const foreign = { encoding: 'utf8', data: '{}' };
    expect(await outcome(change('receipts', () => [foreign]))).toBe('fail');
  });

  it('fails: an artifact that the record does not name', async () => {
    const stranger = { [digestOf(utf8('x'))]: { encoding: 'utf8', data: 'x' } };
    expect(await outcome(change('artifacts', (all: object) => ({ ...all, ...stranger })))).toBe('fail');
  });

  it('fails: a key with which nothing here was signed', async () => {
    const stray = Buffer.from(spki(newIdentity().p256)).toString('base64');
    const { headline, checks } = await judge(change('keys', (all: string[]) => [...all, stray]));
    expect(headline).toBe('FAIL: bundle.keys');
    expect(checks).toContainEqual(expect.objectContaining({ id: 'bundle.keys', code: 'bundle.stray-key' }));
    // Where the statements were cut away, their keys may have stayed.
    expect((await judge(change('statements', () => []))).headline).toMatch(/^INCOMPLETE/);
    expect(await outcome(change('keys', () => []))).toBe('pass');
  });

  it('doesn’t make a stranger’s record one of a signer who signed something else', async () => {
    const stranger = newIdentity();
    const record = await signedRecord(recordSigner(stranger.ed25519));
    const forged = {
      ...original,
      record,
      artifacts: {},
      statements: (original.statements as Json[]).slice(0, 1),
    };
    expect(await outcome(forged)).not.toBe('pass');
    expect(await outcome({ ...forged, statements: [] })).toBe('inconclusive');
  });
});

describe('a log entry', () => {
  const logged = () =>
    (original.statements as unknown as JsonObject[]).find((one) => isRecordsProof(one as unknown as Json))!;
  const entry = () =>
    (logged().verificationMaterial as unknown as { tlogEntries: JsonObject[] }).tlogEntries[0]!;
  const withEntry = (edited: JsonObject) =>
    change('statements', (all: Json[]) =>
      all.map((one) => (isRecordsProof(one) ? withEntries(logged(), edited) : one)),
    );
  const codes = async (edited: JsonObject) =>
    (await judge(withEntry(edited))).checks.filter(({ status }) => status === 'fail').map(({ code }) => code);
  const proof = (edit: JsonObject): JsonObject => ({
    ...entry(),
    inclusionProof: { ...(entry().inclusionProof as JsonObject), ...edit },
  });

  it('with another outer index fails', async () =>
    expect(await codes({ ...entry(), logIndex: '0' })).toEqual(['log.index']));
  it('with another root or size than its checkpoint fails', async () => {
    expect(await codes(proof({ rootHash: Buffer.alloc(32).toString('base64') }))).toEqual(['log.root']);
    expect(await codes(proof({ treeSize: '3' }))).toEqual(['log.root']);
  });
  it('with a time that nothing signs fails', async () => {
    expect(await codes({ ...entry(), integratedTime: '1700000000' })).toEqual(['log.integrated-time']);
    const inclusionPromise = { signedEntryTimestamp: 'AAAA' };
    expect(await codes({ ...entry(), inclusionPromise })).toContain('log.integrated-time');
  });
  it('of another envelope, another signature or another key fails', async () => {
    const [again] = envelopes(full.identity, payloadOf(full.record));
    const [other] = envelopes(full.identity, utf8('other'));
    const key = spki(full.identity.p256);
    expect(await codes(entryOf(full.log, bodyOf(again, key)))).toEqual(['log.signature']);
    expect(await codes(entryOf(full.log, bodyOf(other, key)))).toEqual(['log.digest']);
    const stranger = spki(newIdentity().p256);
    expect(await codes(entryOf(full.log, bodyOf(logged(), stranger)))).toEqual(['log.key']);
  });
  it('whose checkpoint another key signed under the log’s name fails', async () => {
    const forger = newLog(full.log.vkey.name);
    const body = bodyOf(logged(), spki(full.identity.p256));
    const forged = { ...entryOf(forger, body), logId: entry().logId! } as JsonObject;
    expect(await codes(forged)).toEqual(['checkpoint.unsigned']);
  });
  it('of a log that the policy doesn’t know is unknown, and doesn’t meet its demand', async () => {
    const body = bodyOf(logged(), spki(full.identity.p256));
    const verdict = await judge(withEntry(entryOf(newLog('other.example.org'), body)));
    expect(verdict).toMatchObject({ verdict: 'inconclusive', headline: 'INCOMPLETE: log.inclusion' });
  });
  it('that stands twice counts once', async () => {
    const twice = change('statements', (all: Json[]) =>
      all.map((one) => (isRecordsProof(one) ? withEntries(logged(), entry(), entry()) : one)),
    );
    const { verdict, checks } = await judge(twice);
    expect(verdict).toBe('pass');
    expect(checks).toHaveLength((await judge(original)).checks.length);
  });
  it('of a log whose key is no longer in the policy is unknown', async () => {
    const other = demandingAll(full.identity, newLog());
    expect(await outcome(original, other)).toBe('inconclusive');
  });
  it('seen by no one else is called that', async () => {
    const checkpoints = (await judge(original)).checks.filter(({ id }) => id === 'log.checkpoint');
    expect(checkpoints.map(({ evidence }) => evidence)).toEqual(
      checkpoints.map(() => expect.stringContaining('seen by no one else: proves no date')),
    );
  });
});

describe('without a policy', () => {
  it('is intact where only that is asked, by the keys that it carries', async () => {
    expect(await judge(original, { kind: 'unasked' })).toMatchObject({
      verdict: 'pass',
      headline: expect.stringMatching(/^INTACT/),
    });
    const { checks } = await judge(original, { kind: 'unasked' });
    expect(checks.filter(({ id }) => id === 'statement.signature').map(({ status }) => status)).toEqual([
      'pass',
      'pass',
    ]);
  });

  it('passes by the fingerprint of the identity or of its record key, and of no other', async () => {
    const { ed25519, p256, mlDsa65 } = full.identity;
    const three = Buffer.concat([spki(ed25519), spki(p256), spki(mlDsa65)]);
    for (const fingerprint of [digestOf(three), digestOf(spki(ed25519)), digestOf(spki(p256))])
      expect(await outcome(original, { kind: 'fingerprint', fingerprint }), fingerprint).toBe('pass');
    const other = digestOf(Buffer.concat([spki(p256), spki(ed25519), spki(mlDsa65)]));
    expect(await outcome(original, { kind: 'fingerprint', fingerprint: other })).toBe('inconclusive');
    // What a person compares with a paper is what they gave, and what a wrong one is compared with is the identity's.
    const [own, key] = [digestOf(three), digestOf(spki(ed25519))];
    const { headline } = await judge(original, { kind: 'fingerprint', fingerprint: own });
    expect(headline).toBe(`PASS: signed by ${own}, the identity you gave, by its key ${key}`);
    const { checks } = await judge(original, { kind: 'fingerprint', fingerprint: other });
    const signer = checks.find(({ id }) => id === 'record.signer');
    expect(signer).toMatchObject({
      hint: `its keys make ${own}: is that what you were given?`,
      relies_on: 'the fingerprint you gave',
    });
  });

  it('of no one is inconclusive, and of a later version newer', async () => {
    expect(await outcome(original, { kind: 'nobody' })).toBe('inconclusive');
    const newer = { ...original, mediaType: 'application/vnd.qpoe.bundle.v2+json' };
    expect(await judge(newer)).toMatchObject({
      verdict: 'inconclusive',
      headline: 'NEWER FORMAT',
      kind: 'bundle',
    });
  });
});
