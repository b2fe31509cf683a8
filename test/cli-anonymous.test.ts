/** Anonymous archives of bound, captured and declared jobs: whoever searches one finds nothing that leads to who made it. */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { toBase64, utf8 } from '../src/core/bytes.ts';
import { type Digest, digestOf } from '../src/core/digest.ts';
import { openArchive } from '../src/publish/archive.ts';
import { archiveRecords } from '../src/publish/archive-records.ts';
import { judgeLink, LINK_V1, type LinkClaim, linkPayload } from '../src/publish/link.ts';
import {
  MANIFEST_PATH,
  type Manifest,
  manifestBytes,
  PAPER_PATH,
  publicationStatement,
  STATEMENT_PATHS,
} from '../src/publish/manifest.ts';
import { paperText } from '../src/publish/paper-text.ts';
import { openingDigest } from '../src/publish/republish.ts';
import { writeZip } from '../src/publish/write-zip.ts';
import { homeAt } from '../src/store/home.ts';
import {
  generateIdentity,
  type Identity,
  identityFingerprint,
  readIdentity,
  spki,
} from '../src/store/identity.ts';
import { signStatement } from '../src/store/sign-statement.ts';
import { everythingIn, filesOf, fillStore } from './archives.ts';
import { newCapture } from './captures.ts';
import { newPlace, type Place } from './cli.ts';
import { AS_IS, newLab, recordsIn } from './runtime-lab.ts';

const REVIEW = ['--license', 'CC0-1.0', '--anonymous'];

/** Each text of a JSON value, members' names left out. */
function* textsIn(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value;
  if (typeof value === 'object' && value !== null)
    for (const member of Object.values(value)) yield* textsIn(member);
}

/** What the owner's store opens: who submitted, on which instance, where. */
const openedIn = (place: Place): string[] =>
  readdirSync(place.path('.qpoe/openings')).flatMap((name) => [
    ...textsIn(JSON.parse(readFileSync(place.path('.qpoe/openings', name), 'utf8')).value),
  ]);

function keysIn(place: Place): string[] {
  const policy = readFileSync(join(place.home, 'trust.toml'), 'utf8');
  const keys = [...policy.matchAll(/^(?:ed25519|p256|ml_dsa_65) = "(.*)"/gm)].map(([, key]) => key!);
  expect(keys).toHaveLength(3);
  const fingerprints = keys.slice(1).map((key) => digestOf(new Uint8Array(Buffer.from(key, 'base64'))));
  return [
    ...keys,
    ...fingerprints,
    ...fingerprints.map((one) => Buffer.from(one.slice(7), 'hex').toString('base64')),
  ];
}

function expectSilent(archive: string, secrets: Iterable<string>): void {
  const text = everythingIn(archive);
  for (const secret of secrets) {
    expect(secret.length, `"${secret}" would stand anywhere`).toBeGreaterThan(2);
    expect(text, secret).not.toContain(secret);
  }
}

it('of jobs that were bound to a receipt tells no job, log, receipt, tag, account or key', async () => {
  const lab = await newLab();
  const { place, runtime, emulator, receipt, tags } = lab;
  const labels = ['--label', 'our sweep', '--note', 'for the Lovelace lab'];
  const session = ['--session', 'new'];
  expect(
    (await runtime('submit', 'isa.qasm', ...AS_IS, '--receipt', receipt, ...labels, ...session)).code,
  ).toBe(0);
  const edited = await lab.submit('--receipt', receipt, '--detach', '--again');
  // The importer notes what it did not find, and so names it.
  emulator.job(edited).tags = [`aiir:sha256:${'0'.repeat(64)}`, tags[1], 'lovelace-lab'];
  expect((await runtime('import', edited)).code).toBe(0);
  const records = recordsIn(place);
  expect(records).toHaveLength(2);
  expect(JSON.stringify(records)).toContain('the job no longer has the tag aiir:');
  expect(JSON.stringify(records.map(({ execution }) => execution.job.binding))).toContain('qpoe.internal');

  const { code, stderr, stdout } = place.qpoe('publish', 'fig2=all', ...REVIEW, '--out', 'blind.zip');
  expect(code, stderr).toBe(0);
  expect(stderr).not.toMatch(/job tags|job ids|commits|people|logs|notes|labels/);
  const { 0: origin } = place.qpoe('log', 'checkpoint').stdout.split('\n');
  const opened = openedIn(place);
  expect(opened).toEqual(expect.arrayContaining(['IBMid-EMULATED', expect.stringMatching(/^crn:v1:/)]));
  const secrets = [
    origin!,
    'qpoe.internal',
    ...tags.flatMap((tag) => [tag, tag.slice(tag.indexOf(':') + 1)]),
    'lovelace-lab',
    receipt,
    'ada@example.org',
    'Lovelace',
    'our sweep',
    'bound_by": "',
    ...keysIn(place),
    ...opened.filter((text) => text.length > 8 && !['submission', 'ibm-quantum'].includes(text)),
    ...records.flatMap(({ record, execution, source }) => [
      record.record_id,
      record.hash.slice(7),
      execution.job.job_id,
      ...[execution.job.session_id ?? []].flat(),
      ...textsIn(execution.job.tags),
      source.commit,
      execution.job.instance.withheld,
      execution.job.submitter.withheld,
      execution.job.answers.job.digest,
    ]),
  ];
  expect(new Set(secrets).size).toBeGreaterThan(25);
  expectSilent(place.path('blind.zip'), secrets);
  const [, signer] = /Signer: (sha256:[0-9a-f]{64})/.exec(stdout)!;
  expect(place.qpoe('verify', 'blind.zip', '--signer', signer!).stdout).toMatch(/^PASS: /);

  // The same search finds all of it in an archive that has a name.
  place.qpoe('publish', 'all', '--license', 'CC0-1.0', '--author', 'A', '--out', 'open.zip');
  const open = everythingIn(place.path('open.zip'));
  for (const told of [origin!, receipt, 'ada@example.org', 'lovelace-lab', records[0].execution.job.job_id])
    expect(open, told).toContain(told);

  expect(place.qpoe('publish', '--link', 'blind.zip', '--out', 'link.json').code).toBe(0);
  expect(place.qpoe('reveal', '--check', 'link.json', 'blind.zip').stdout).toMatch(
    /^PASS: the archive is by /,
  );
});

it('of a captured job tells none of its ids, under whatever name, and is refused where a raw result holds one', () => {
  const place = newPlace();
  const job = {
    job_id: 'local-3f6a90',
    device_arn: 'arn:aws:braket:us-east-1:123456789012:device/qpu/x',
    account: 'lovelace-lab',
  };
  const write = (name: string, change: object) => {
    writeFileSync(
      place.path(name),
      JSON.stringify(newCapture({ job, options: { project: 'engine-42' }, ...change })),
    );
    expect(place.qpoe('record', '-q', '--capture', name).code).toBe(0);
  };
  write('quiet.json', {});
  expect(place.qpoe('publish', 'last', ...REVIEW, '--out', 'blind.zip').code).toBe(0);
  expectSilent(place.path('blind.zip'), [
    'local-3f6a90',
    '123456789012',
    'lovelace-lab',
    'engine-42',
    ...keysIn(place),
  ]);

  const wrapped = Buffer.from(JSON.stringify({ job_id: 'local-3f6a90' })).toString('base64');
  for (const raw of [JSON.stringify({ job_id: 'local-3f6a90' }), JSON.stringify({ inner: wrapped })]) {
    write('telling.json', {
      raw: { format: 'qiskit-result+json', base64: Buffer.from(raw).toString('base64') },
    });
    const refused = place.qpoe('publish', 'last', ...REVIEW, '--out', 'telling.zip');
    expect([refused.code, refused.stderr.trimEnd().split('\n').at(-1)]).toEqual([
      2,
      expect.stringMatching(
        /^qpoe: record \S+: artifact sha256:\S+ holds an id, tag or commit that leads to you; .*--withhold results/,
      ),
    ]);
    expect(place.files()).not.toContain('telling.zip');
    expect(place.qpoe('publish', 'last', ...REVIEW, '--withhold', 'results', '--out', 'less.zip').code).toBe(
      0,
    );
    expectSilent(place.path('less.zip'), ['local-3f6a90', wrapped]);
    expect([...filesOf(place.path('less.zip')).keys()].some((name) => name.startsWith('circuits/'))).toBe(
      true,
    );
  }
  // What a provider called something is no handle where it is a word; nor is a tag that the record says anyway.
  const backend = {
    job: { job_id: 'statevector', tags: ['simulator'] },
    mitigation: { of: ['statevector'] },
  };
  write('word.json', backend);
  expect(place.qpoe('publish', 'last', ...REVIEW, '--out', 'word.zip').code).toBe(0);
  // A tag that is a word was chosen, and may be a name.
  write('tag.json', { job: { tags: ['LovelaceLab'] }, timing: { queue: 'of lovelacelab' } });
  expect(place.qpoe('publish', 'last', ...REVIEW).stderr).toContain('--withhold execution.timing.queue, ');
  write('listed.json', { mitigation: { of: { these: ['local-3f6a90'] } } });
  expect(place.qpoe('publish', 'last', ...REVIEW).stderr).toContain(
    '--withhold execution.mitigation.of.these, ',
  );
  write('named.json', { mitigation: { of: 'local-3f6a90' } });
  expect(place.qpoe('publish', 'last', ...REVIEW)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining(
      'nothing was written; --withhold execution.mitigation.of, or leave out the record',
    ),
  });
  expect(
    place.qpoe('publish', 'last', ...REVIEW, '--withhold', 'execution.mitigation.of', '--out', 'b.zip').code,
  ).toBe(0);
});

const keysOf = ({ ed25519, p256, mlDsa65 }: Identity): string[] =>
  [ed25519, p256, mlDsa65].map((key) => toBase64(spki(key)));

/** A link as someone with these keys signs it. */
const linkBy = (identity: Identity, manifest: Digest, claim: LinkClaim) => ({
  mediaType: LINK_V1,
  keys: keysOf(identity),
  statements: signStatement(identity, linkPayload(manifest, claim)).map(({ bundle }) => bundle),
});

function blind(): Place {
  const place = newPlace();
  fillStore(place);
  expect(place.qpoe('publish', 'label:sweep', ...REVIEW, '--out', 'blind.zip').code).toBe(0);
  expect(place.qpoe('publish', '--link', 'blind.zip', '--out', 'link.json').code).toBe(0);
  return place;
}

const check = (place: Place, link: unknown, archive: string, ...trust: string[]) => {
  writeFileSync(place.path('claimed.json'), JSON.stringify(link));
  return place.qpoe('reveal', '--check', 'claimed.json', archive, ...trust);
};

it('can’t be claimed by who packs its records into an archive of their own', async () => {
  const place = blind();
  const [thief, once] = [generateIdentity(), generateIdentity()];
  const identity = { salt: toBase64(new Uint8Array(32).fill(7)), value: identityFingerprint(thief) };
  const files = filesOf(place.path('blind.zip'));
  const manifest: Manifest = {
    ...JSON.parse(Buffer.from(files.get(MANIFEST_PATH)!).toString()),
    keys: keysOf(once),
    anonymous: { identity: { withheld: openingDigest(identity) } },
  };
  const bytes = manifestBytes(manifest);
  files.set(MANIFEST_PATH, bytes).set(PAPER_PATH, paperText(manifest));
  for (const { algorithm, bundle } of signStatement(once, publicationStatement(bytes)))
    files.set(STATEMENT_PATHS[algorithm as 'p256'], utf8(`${JSON.stringify(bundle)}\n`));
  writeFileSync(place.path('stolen.zip'), writeZip(files));
  const link = linkBy(thief, digestOf(bytes), { identity, records: [] });
  expect(check(place, link, 'stolen.zip', '--signer', identity.value)).toMatchObject({
    code: 3,
    stdout: 'the archive: INCOMPLETE: archive.figure\n',
  });
  // The link itself shows nothing either, whatever is made of the archive.
  const { value: archive } = openArchive(new Uint8Array(readFileSync(place.path('stolen.zip'))));
  const linked = { manifest, digest: digestOf(bytes), records: archiveRecords(archive!) };
  const judge = (claim: LinkClaim) =>
    judgeLink(linkBy(thief, linked.digest, claim) as never, linked, { kind: 'unasked' }, {});
  expect(await judge({ identity, records: [] })).toMatchObject({
    fault: `it does not claim ${manifest.records[0]!.hash}, which the archive holds`,
  });
  const guessed = manifest.records.map(({ hash }) => ({ record: hash, original: identity }));
  expect(await judge({ identity, records: guessed })).toMatchObject({
    fault: `it does not open the original of ${guessed[0]!.record}`,
  });
});

it('is linked by both keys of one identity, of each of its records once', () => {
  const place = blind();
  const link = JSON.parse(readFileSync(place.path('link.json'), 'utf8'));
  expect(check(place, link, 'blind.zip')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^PASS: /),
  });
  for (const statement of link.statements)
    for (const statements of [[statement], [statement, statement]])
      expect(check(place, { ...link, statements }, 'blind.zip').code).not.toBe(0);
  const [first, second] = link.statements;
  expect(check(place, { ...link, statements: [second, first] }, 'blind.zip').stdout).toMatch(
    /^FAIL: statement 0 is not by the p256 key/,
  );

  const own = readIdentity(homeAt(place.home), undefined);
  const { manifest, digest } = openArchive(new Uint8Array(readFileSync(place.path('blind.zip')))).value!;
  const { predicate: claim } = JSON.parse(Buffer.from(first.dsseEnvelope.payload, 'base64').toString()) as {
    predicate: LinkClaim;
  };
  expect(claim.records).toHaveLength(manifest.records.length);
  const [one, ...others] = claim.records;
  for (const [records, fault] of [
    [others, 'does not claim'],
    [[one!, ...claim.records], 'claims records that the archive does not hold'],
  ] as const)
    expect(check(place, linkBy(own, digest, { ...claim, records }), 'blind.zip').stdout).toContain(fault);
  const less = linkBy(own, digest, { ...claim, records: others });
  expect(check(place, { ...link, statements: [first, less.statements[1]] }, 'blind.zip').stdout).toBe(
    'FAIL: its two statements claim two things\n',
  );
  expect(check(place, linkBy(own, digest, claim), 'blind.zip').code).toBe(0);
});

it('verifies under the fingerprint that the paper prints where its statements are withheld', () => {
  const place = newPlace();
  fillStore(place);
  const args = [...REVIEW, '--withhold', 'statements', '--out', 'blind.zip'];
  const { stdout } = place.qpoe('publish', 'last', ...args);
  const [, signer] = /Signer: (sha256:[0-9a-f]{64})/.exec(stdout)!;
  expect(place.qpoe('verify', 'blind.zip', '--signer', signer!)).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^PASS: /),
  });
  expect(place.qpoe('publish', '--link', 'blind.zip', '--out', 'link.json').code).toBe(0);
  expect(place.qpoe('reveal', '--check', 'link.json', 'blind.zip').stdout).toMatch(/^PASS: /);
});

it('of a captured job keeps only the words that are known, and lists the texts that are anyone’s', () => {
  const place = newPlace();
  const secret = (text: string) => `${text} of lovelace`;
  const job = {
    provider: secret('cloud'),
    device: secret('device'),
    status: secret('DONE'),
    results: { owner: secret('group') },
    method: 'statevector',
    measured_qubits: [0, 1],
  };
  const change = { job, timing: { queue: secret('queue') }, mitigation: { by: [secret('method')] } };
  writeFileSync(place.path('job.json'), JSON.stringify(newCapture({ ...change, seeds: { from: 'dice' } })));
  expect(place.qpoe('record', '-q', '--capture', 'job.json').code).toBe(0);
  const { stderr, code } = place.qpoe('publish', 'last', ...REVIEW, '--out', 'blind.zip');
  expect(code, stderr).toBe(0);
  expect(stderr).toMatch(
    /texts in open sections: .*execution\.seeding\.from = dice, .*execution\.timing\.queue = queue of lovelace, execution\.mitigation\.by = method of lovelace {2}\[--withhold execution\.SECTION\.NAME\]/,
  );
  expectSilent(place.path('blind.zip'), ['cloud of', 'device of', 'DONE of', 'group of']);
  expect(everythingIn(place.path('blind.zip'))).toContain('"method":"statevector"');
  const less = ['timing.queue', 'mitigation.by'].flatMap((path) => ['--withhold', `execution.${path}`]);
  expect(place.qpoe('publish', 'last', ...REVIEW, ...less, '--out', 'less.zip').code).toBe(0);
  expectSilent(place.path('less.zip'), ['of lovelace']);
});

it('withholds no path that no record has: the signed manifest would claim it', () => {
  const place = newPlace();
  for (const timing of [{ queue: 'fast' }, {}]) {
    writeFileSync(place.path('job.json'), JSON.stringify(newCapture({ timing })));
    expect(place.qpoe('record', '-q', '--capture', 'job.json').code).toBe(0);
  }
  const publish = (path: string) =>
    place.qpoe('publish', 'all', ...REVIEW, '--withhold', path, '--out', 'blind.zip');
  expect(publish('execution.timing.qeue')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--withhold execution.timing.qeue: no selected record has that'),
  });
  expect(place.files()).not.toContain('blind.zip');
  expect(publish('execution.timing.queue')).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('execution.timing.queue stands in 1 of 2 records\n'),
  });
});
