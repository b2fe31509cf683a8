/** Every edit of an archive is found, whatever was edited: bytes, files, members of manifest and crate, signatures. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { equalBytes, utf8 } from '../src/core/bytes.ts';
import { digestOf } from '../src/core/digest.ts';
import { canonicalBytes } from '../src/core/jcs.ts';
import type { JsonObject } from '../src/core/json.ts';
import { publicationStatement, STATEMENT_PATHS } from '../src/publish/manifest.ts';
import { paperText } from '../src/publish/paper-text.ts';
import { type ArchiveMeans, type Member, verifyArchive } from '../src/publish/verify-archive.ts';
import { writeZip } from '../src/publish/write-zip.ts';
import { homeAt } from '../src/store/home.ts';
import { generateIdentity, type Identity, readIdentity, spki } from '../src/store/identity.ts';
import { signStatement } from '../src/store/sign-statement.ts';
import type { Verdict } from '../src/verify/check.ts';
import type { Policy } from '../src/verify/policy.ts';
import type { Trust } from '../src/verify/trust.ts';
import { verifyBytes } from '../src/verify/verify.ts';
import { CITED, filesOf, fillStore, ownTrust } from './archives.ts';
import { type Place, placeIn } from './cli.ts';
import { mutantsOf } from './json-mutants.ts';

const root = mkdtempSync(join(tmpdir(), 'qpoe-archive-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let place: Place;
let files: Map<string, Uint8Array>;
let older: Map<string, Uint8Array>;
let trust: Trust;

beforeAll(() => {
  place = placeIn(root);
  fillStore(place);
  expect(place.qpoe('publish', 'fig1=label:other', ...CITED, '--out', 'older.zip').code).toBe(0);
  expect(place.qpoe('publish', 'fig2=label:sweep', 'fig3=last', ...CITED, '--out', 'paper.zip').code).toBe(0);
  files = filesOf(place.path('paper.zip'));
  older = filesOf(place.path('older.zip'));
  trust = ownTrust(place);
});

type Edit = (files: Map<string, Uint8Array>) => void;

async function judge(edit: Edit, by: Trust = trust) {
  const copy = new Map(files);
  edit(copy);
  return (await verifyArchive(writeZip(copy), by, Date.now(), { judgeMembers: judgeOnce(by) })).verdict;
}

/** A bundle that no edit touched has the verdict that it had. */
function judgeOnce(by: Trust): NonNullable<ArchiveMeans['judgeMembers']> {
  return async ({ zip }, paths) =>
    Promise.all(
      paths.map(async (path): Promise<Member> => {
        const { value: bytes, fault } = zip.unpack(path);
        if (bytes === undefined) return { path, outcome: 'fail', error: fault! };
        const digest = digestOf(bytes);
        const known = `${by.kind} ${digest}`;
        const verdict = verdicts.get(known) ?? (await verifyBytes(bytes, by, Date.now()));
        verdicts.set(known, verdict);
        return { path, digest, size: bytes.length, outcome: verdict.verdict, verdict };
      }),
    );
}
const verdicts = new Map<string, Verdict>();

/** Nothing that was edited passes, also where nobody asks for the signer. */
async function expectFail(edit: Edit, what: string): Promise<void> {
  for (const by of [trust, { kind: 'unasked' } as const])
    expect((await judge(edit, by)).verdict, `${what}, ${by.kind}`).toBe('fail');
}

const parse = (bytes: Uint8Array): JsonObject => JSON.parse(new TextDecoder().decode(bytes));

it('passes as it is', async () => {
  const { verdict, checks } = await judge(() => {});
  expect(checks.filter(({ status }) => status !== 'pass')).toEqual([]);
  expect(verdict).toBe('pass');
});

it('no file can be changed, cut, emptied, taken away, doubled or exchanged', async () => {
  for (const [name, bytes] of files) {
    await expectFail(
      (copy) =>
        copy.set(
          name,
          bytes.map((byte, at) => (at === bytes.length >> 1 ? byte ^ 1 : byte)),
        ),
      `${name} flipped`,
    );
    await expectFail((copy) => copy.set(name, bytes.slice(0, -2)), `${name} cut`);
    await expectFail((copy) => copy.set(name, new Uint8Array()), `${name} emptied`);
    await expectFail((copy) => copy.set(`${name}.copy`, bytes), `${name} doubled`);
    const other = [...files].find(([path]) => path !== name)![1];
    await expectFail((copy) => copy.set(name, other), `${name} exchanged`);
  }
  for (const name of files.keys()) {
    // Without the manifest it is no archive at all, which fails where it is named.
    await expectFail((copy) => copy.delete(name), `${name} taken away`);
  }
});

it.each(['manifest.json', 'ro-crate-metadata.json'])(
  'no member of %s can be changed',
  async (name) => {
    const found = [...mutantsOf(parse(files.get(name)!))];
    expect(found.length).toBeGreaterThan(100);
    // The crate's mutants all fail for one reason: a sample is enough.
    const step = name === 'manifest.json' ? 1 : 5;
    for (const [at, mutant] of found.entries())
      if (at % step === 0)
        expect(
          (await judge((copy) => copy.set(name, canonicalBytes(mutant as JsonObject)))).verdict,
          `${at}`,
        ).toBe('fail');
  },
  120_000,
);

it('nothing of another archive of the same signer fits', async () => {
  for (const [name, bytes] of older)
    if (files.has(name) && !equalBytes(files.get(name)!, bytes))
      await expectFail((copy) => copy.set(name, bytes), name);
  await expectFail((copy) => {
    for (const path of ['manifest.json', 'paper.txt', ...Object.values(STATEMENT_PATHS)])
      copy.set(path, older.get(path)!);
  }, 'the whole manifest');
  await expectFail((copy) => {
    copy.set(STATEMENT_PATHS.p256, files.get(STATEMENT_PATHS['ml-dsa-65'])!);
    copy.set(STATEMENT_PATHS['ml-dsa-65'], files.get(STATEMENT_PATHS.p256)!);
  }, 'the statements of each other');
});

describe('a stranger who signs', () => {
  const stranger = generateIdentity();
  const sign = (copy: Map<string, Uint8Array>, manifest: JsonObject): void => {
    const bytes = canonicalBytes(manifest);
    copy.set('manifest.json', bytes);
    for (const { algorithm, bundle } of signStatement(stranger, publicationStatement(bytes)))
      copy.set(STATEMENT_PATHS[algorithm as 'p256'], utf8(`${JSON.stringify(bundle)}\n`));
  };

  it('the same manifest is not the one whom it names', async () => {
    await expectFail((copy) => sign(copy, parse(files.get('manifest.json')!)), 'another signer');
  });

  it('their own manifest is nobody whom you know', async () => {
    const keys = [stranger.ed25519, stranger.p256, stranger.mlDsa65].map((key) =>
      Buffer.from(spki(key)).toString('base64'),
    );
    const own = { ...parse(files.get('manifest.json')!), keys };
    const { verdict } = await judge((copy) => sign(copy, own));
    // paper.txt still names the one who signed it first.
    expect(verdict).toBe('fail');
    const { verdict: whole, headline } = await judge((copy) => {
      sign(copy, own);
      copy.set('paper.txt', paperText(own as never));
    });
    expect([whole, headline]).toEqual(['inconclusive', 'INTACT, SIGNER UNKNOWN TO YOU']);
  });
});

describe('a policy', () => {
  const keysOf = ({ ed25519, p256, mlDsa65 }: Identity) =>
    [ed25519, p256, mlDsa65].map((key) => Buffer.from(spki(key)).toString('base64'));
  const own = () => readIdentity(homeAt(place.home), undefined);
  const policyOf = (change: (policy: Policy) => Policy): Trust => {
    if (trust.kind !== 'policy') throw new Error('no policy');
    return { ...trust, policy: change(trust.policy) };
  };
  const requiring = (bundle: NonNullable<Policy['require']>['bundle']) => (policy: Policy) => ({
    ...policy,
    require: { bundle },
  });
  const ofP256Alone = (policy: Policy): Policy => ({
    ...policy,
    signer: policy.signer!.map(({ ml_dsa_65: _, ...signer }) => signer),
  });
  /** What it says of the manifest: the bundles are judged as one that demands nothing does. */
  const judgeManifest = async (edit: Edit, by: Trust) => {
    const copy = new Map(files);
    edit(copy);
    const means = { judgeMembers: judgeOnce(trust) };
    return (await verifyArchive(writeZip(copy), by, Date.now(), means)).verdict;
  };
  /** The manifest anew, as someone with these keys signs it. */
  const signBy =
    (identity: Identity): Edit =>
    (copy) => {
      const manifest = { ...parse(files.get('manifest.json')!), keys: keysOf(identity) };
      const bytes = canonicalBytes(manifest);
      copy.set('manifest.json', bytes).set('paper.txt', paperText(manifest as never));
      for (const { algorithm, bundle } of signStatement(identity, publicationStatement(bytes)))
        copy.set(STATEMENT_PATHS[algorithm as 'p256'], utf8(`${JSON.stringify(bundle)}\n`));
    };
  const withoutSignature =
    (path: string): Edit =>
    (copy) => {
      const { dsseEnvelope, ...rest } = parse(copy.get(path)!);
      const { signatures, ...envelope } = dsseEnvelope as { signatures: JsonObject[] };
      const sig = Buffer.alloc(3309).toString('base64');
      const zeros = { ...rest, dsseEnvelope: { ...envelope, signatures: [{ ...signatures[0], sig }] } };
      copy.set(path, utf8(`${JSON.stringify(zeros)}\n`));
    };

  it('that knows one key of two still finds that the other’s signature doesn’t hold', async () => {
    const knowsOne = policyOf(ofP256Alone);
    expect(await judgeManifest(() => {}, knowsOne)).toMatchObject({ verdict: 'pass' });
    expect(await judgeManifest(withoutSignature(STATEMENT_PATHS['ml-dsa-65']), knowsOne)).toMatchObject({
      headline: 'FAIL: statement.signature',
    });
  });

  it('takes no one for a signer who has one of the signer’s two keys', async () => {
    const stranger = generateIdentity();
    for (const mixed of [
      { ...own(), mlDsa65: stranger.mlDsa65 },
      { ...own(), p256: stranger.p256 },
    ]) {
      const { headline, checks } = await judgeManifest(signBy(mixed), trust);
      expect(headline).toBe('INTACT, SIGNER UNKNOWN TO YOU');
      expect(checks.filter(({ code }) => code === 'signer.mixed')).toHaveLength(1);
    }
    expect(await judgeManifest(signBy(own()), trust)).toMatchObject({ verdict: 'pass' });
    const [, p256, mlDsa65] = keysOf({ ...own(), mlDsa65: stranger.mlDsa65 });
    const ofTwo = policyOf((policy) => ({
      ...policy,
      signer: [
        { name: 'one', p256 },
        { name: 'other', ml_dsa_65: mlDsa65 },
      ],
    }));
    expect(await judgeManifest(signBy({ ...own(), mlDsa65: stranger.mlDsa65 }), ofTwo)).toMatchObject({
      headline: 'INTACT, SIGNER UNKNOWN TO YOU',
    });
  });

  it('demands of the manifest what it demands of a bundle’s statements', async () => {
    const both = requiring({ statements: ['p256', 'ml-dsa-65'] });
    const log = requiring({ log: true });
    expect(await judgeManifest(() => {}, policyOf(both))).toMatchObject({ verdict: 'pass' });
    expect(await judgeManifest(() => {}, policyOf(log))).toMatchObject({ verdict: 'pass' });
    expect(
      await judgeManifest(
        () => {},
        policyOf((policy) => both(ofP256Alone(policy))),
      ),
    ).toMatchObject({
      headline: 'INCOMPLETE: statement.signature',
    });
    expect(await judgeManifest(signBy(own()), policyOf(log))).toMatchObject({
      headline: 'INCOMPLETE: log.inclusion',
    });
  });
});

it('what is not signed may be withheld: a log proof beside the statement', async () => {
  const { verificationMaterial, ...rest } = parse(files.get(STATEMENT_PATHS.p256)!);
  const { tlogEntries, ...material } = verificationMaterial as JsonObject;
  expect(tlogEntries).toHaveLength(1);
  const unlogged = utf8(`${JSON.stringify({ ...rest, verificationMaterial: material })}\n`);
  const { verdict, checks } = await judge((copy) => copy.set(STATEMENT_PATHS.p256, unlogged));
  expect(verdict).toBe('pass');
  expect(checks.some(({ id }) => id.startsWith('log.'))).toBe(false);
});

it.each<[string, (text: string) => string]>([
  ['blanks behind it', (text) => `${text}${' '.repeat(1000)}`],
  ['blanks within it', (text) => text.replace(',', ',\t \t')],
  ['a letter in another spelling', (text) => text.replace('"dsseEnvelope"', '"dsseEnvelop\\u0065"')],
  ['no newline', (text) => text.trimEnd()],
])('a statement’s file has one form, and no room for more: %s', async (_, edit) => {
  const path = STATEMENT_PATHS.p256;
  const edited = edit(Buffer.from(files.get(path)!).toString());
  const { verdict, checks } = await judge((copy) => copy.set(path, utf8(edited)));
  expect(verdict).toBe('fail');
  expect(checks).toMatchObject([{ id: 'archive.format', code: 'archive.statement' }]);
});
