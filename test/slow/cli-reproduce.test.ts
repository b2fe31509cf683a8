/** `qpoe reproduce`, and `publish --reproduction`: from an author's archive to a reviewer's findings, and back into an archive. */

import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Circuit, gate, measureAll } from '../../src/circuit/circuit.ts';
import { utf8 } from '../../src/core/bytes.ts';
import type { Digest } from '../../src/core/digest.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { ed25519Spki } from '../../src/core/spki.ts';
import { writeZip } from '../../src/publish/write-zip.ts';
import type { ExecutionRecord } from '../../src/record/schema.ts';
import { simulatorSdk } from '../../src/sdk/simulator.ts';
import { compareResults } from '../../src/statistics/comparison.ts';
import { generateIdentity } from '../../src/store/identity.ts';
import { decodeArtifact, readBundle, writeBundle } from '../../src/verify/bundle.ts';
import { CITED, filesOf, fillStore } from '../archives.ts';
import { newPlace, type Place } from '../cli.ts';
import { type Counted, countedBundle, countedRecord, type RanOn, TILTED } from '../counted.ts';
import { newSigner, signedRecord } from '../records.ts';
import { archiveOf, type Bundled } from '../reproductions.ts';

const json = (text: string) => JSON.parse(text);

function published(): Place {
  const place = newPlace();
  fillStore(place);
  expect(place.qpoe('publish', 'fig2=label:sweep', 'fig3=last', ...CITED, '--out', 'paper.zip').code).toBe(0);
  return place;
}

/** One whole file, handed from one to the other. */
function hand(from: Place, name: string, to: Place): void {
  writeFileSync(to.path(name), readFileSync(from.path(name)));
}

const checkIn = (place: Place, archive: string, ...args: string[]) =>
  json(place.qpoe('verify', archive, ...args, '--json').stdout).files[0].verdict.checks.find(
    ({ id }: { id: string }) => id === 'archive.reproduction',
  );

describe('a reviewer', () => {
  it('runs it again, signs what came of it, and the author includes it', () => {
    const author = published();
    const reviewer = newPlace();
    hand(author, 'paper.zip', reviewer);
    const [, signer] = /Signer: (\S+)/.exec(
      Buffer.from(filesOf(author.path('paper.zip')).get('paper.txt')!).toString(),
    )!;
    const { code, stdout, stderr } = reviewer.qpoe('reproduce', 'paper.zip', '--signer', signer!);
    expect(stdout).toMatch(
      /^REPRODUCED: 4 identical\narchive paper\.zip: PASS: signed by .*, the identity you gave, by its key sha256:[0-9a-f]{64}\n {2}fig2: 3 identical\n {2}fig3: 1 identical\nwritten reproduction\.json\nsigner {2}sha256:[0-9a-f]{64}\n$/,
    );
    expect(stderr).toContain('made your signing identity');
    expect(stderr).toContain('next: qpoe verify reproduction.json; send it');
    expect(code).toBe(0);
    expect(reviewer.files()).toEqual(['paper.zip', 'reproduction.json']);

    const alone = reviewer.qpoe('verify', 'reproduction.json');
    expect(alone.stdout).toMatch(
      /^PASS: signed by "me" in [\s\S]*a reproduction: ran 4 of the 4 records that it names again: 4 identical; on simulator, /,
    );
    expect(alone.stdout).toContain('that they ran it again, or that the archive that it names verifies');
    hand(reviewer, 'reproduction.json', author);
    expect(author.qpoe('verify', 'reproduction.json')).toMatchObject({
      code: 3,
      stdout: expect.stringMatching(/^INTACT, SIGNER UNKNOWN TO YOU\n/),
    });

    const args = ['fig2=label:sweep', 'fig3=last', ...CITED, '--reproduction', 'reproduction.json'];
    expect(author.qpoe('publish', ...args, '--out', 'with.zip').code).toBe(0);
    expect(
      author.qpoe('publish', ...args, '--reproduction', 'reproduction.json', '--out', 'twice.zip').code,
    ).toBe(0);
    expect(readFileSync(author.path('twice.zip'))).toEqual(readFileSync(author.path('with.zip')));
    const names = [...filesOf(author.path('with.zip')).keys()];
    const [path] = names.filter((name) => name.startsWith('reproductions/'));
    const crate = Buffer.from(filesOf(author.path('with.zip')).get('ro-crate-metadata.json')!).toString();
    expect(crate).toContain(`"@id": "${path}"`);
    const verified = author.qpoe('verify', 'with.zip');
    expect(verified.stdout).toMatch(/^PASS: signed by "me" in /);
    expect(verified.stdout).toContain(`  ${path}\n? unknown archive.reproduction `);
    expect(verified.stdout).toContain('ran 4 of 4 records again: 4 identical; on simulator, ');
    expect(verified.stdout).toContain('whom you don’t know');

    const policy = readFileSync(join(reviewer.home, 'trust.toml'), 'utf8');
    const key = (name: string) => new RegExp(`^${name} = "(.*)"`, 'm').exec(policy)![1]!;
    const keys = ['--p256', key('p256'), '--ml-dsa-65', key('ml_dsa_65')];
    expect(author.qpoe('policy', 'add-signer', 'referee', ...keys).code).toBe(0);
    expect(checkIn(author, 'with.zip')).toMatchObject({
      status: 'pass',
      evidence: expect.stringContaining('"referee"'),
    });

    // It raises no trust: whoever knows the reviewer alone knows nothing of the archive.
    hand(author, 'with.zip', reviewer);
    expect(checkIn(reviewer, 'with.zip')).toMatchObject({ status: 'pass' });
    expect(reviewer.qpoe('verify', 'with.zip').stdout).toMatch(/^INTACT, SIGNER UNKNOWN TO YOU\n/);
  });

  it('takes a figure alone', () => {
    const place = published();
    const { code, stdout } = place.qpoe(
      'reproduce',
      'paper.zip',
      '--figure',
      'fig3',
      '--json',
      '--out',
      'r.json',
    );
    expect([code, json(stdout)]).toMatchObject([
      0,
      {
        written: true,
        path: 'r.json',
        tally: { identical: 1, not_replayed: 0 },
        reproduction: {
          statistics: { tests: 0, threshold: 0.001 },
          records: [{ outcome: 'identical', sdk: 'simulator' }],
        },
      },
    ]);
    expect(place.qpoe('reproduce', 'paper.zip', '--figure', 'fig3', '--figure', 'fig2').stdout).toMatch(
      /^REPRODUCED: 4 identical\n/,
    );
  });
});

describe('is refused, and runs nothing', () => {
  it('of an archive that fails', () => {
    const author = published();
    const files = filesOf(author.path('paper.zip'));
    const bundle = [...files.keys()].find((name) => name.startsWith('bundles/'))!;
    const text = Buffer.from(files.get(bundle)!).toString('utf8');
    files.set(bundle, Buffer.from(text.replace(/"shots":1024/, '"shots":1025')));
    const reviewer = newPlace();
    writeFileSync(reviewer.path('edited.zip'), writeZip(files));
    const { code, stdout } = reviewer.qpoe('reproduce', 'edited.zip');
    expect([code, stdout]).toEqual([
      1,
      'FAIL: archive.files, archive.figure\nedited.zip does not verify: nothing was run; `qpoe verify` says more\n',
    ]);
    expect(json(reviewer.qpoe('reproduce', 'edited.zip', '--json').stdout)).toMatchObject({ written: false });
    expect(reviewer.files()).toEqual(['edited.zip']);
    expect(existsSync(join(reviewer.home, 'identity'))).toBe(false);
  });

  it.each<[string, string[], string]>([
    [
      'a figure that it hasn’t',
      ['paper.zip', '--figure', 'fig9'],
      'the archive has no figure "fig9"; it has fig2, fig3',
    ],
    ['what is no archive', ['r.json'], 'not a zip'],
    ['a zip of something else', ['photos.zip'], 'no archive of `qpoe publish`'],
    ['what isn’t there', ['none.zip'], 'none.zip'],
    ['the archive itself as what to write', ['paper.zip', '--out', './paper.zip'], 'is the archive'],
    ['a folder that isn’t there', ['paper.zip', '--out', 'no/r.json'], 'no such folder'],
    ['a time limit of nothing', ['paper.zip', '--timeout', '0'], '--timeout must be'],
  ])('%s', (_, args, reason) => {
    const place = published();
    writeFileSync(place.path('r.json'), '{}');
    writeFileSync(place.path('photos.zip'), writeZip(new Map([['cat.jpg', new Uint8Array(9)]])));
    const before = readFileSync(place.path('paper.zip'));
    const { code, stdout, stderr } = place.qpoe('reproduce', ...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(reason);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(readFileSync(place.path('paper.zip'))).toEqual(before);
  });
});

const signer = newSigner();

async function bundled(
  programs: readonly Counted[],
  ran?: RanOn,
  held: readonly Counted[] = programs,
): Promise<Bundled> {
  const record = await countedRecord(signer, programs, ran);
  return { record, bytes: countedBundle(signer, record, held) };
}

/** Takes minutes to simulate. */
const HEAVY: Circuit = {
  version: 1,
  qubits: 23,
  bits: 23,
  operations: [
    ...Array.from({ length: 4000 }, (_, n) => gate('ry', [n % 23], [0.1 + n / 1000])),
    ...measureAll(23),
  ],
};
const heavy = () => bundled([{ circuit: HEAVY, counts: { ['0'.repeat(23)]: 5 } }]);

let counts: Record<string, number>;
/** What the same seed does not give in one shot. */
let other: string;
beforeAll(async () => {
  const limits = { timeoutMs: 60_000, signal: new AbortController().signal };
  const sample = async (shots: number) =>
    (await simulatorSdk.run({ programs: [{ circuit: TILTED, shots }], seed: 7 }, limits)).programs[0]!.counts;
  counts = Object.fromEntries(await sample(2000));
  const [only] = (await sample(1)).keys();
  other = Object.keys(counts).find((outcome) => outcome !== only)!;
});

function put(archive: Uint8Array): Place {
  const place = newPlace();
  writeFileSync(place.path('paper.zip'), archive);
  return place;
}

/** One more of the first outcome, and one fewer of the second, so many times. */
function moved(by: number): Record<string, number> {
  const [first, second] = Object.keys(counts).sort((a, b) => counts[b]! - counts[a]!) as [string, string];
  return { ...counts, [first]: counts[first]! - by, [second]: counts[second]! + by };
}

/** How few must be moved for one in a thousand to be less likely. */
function farthest(): number {
  const asMap = (own: Record<string, number>) => [
    { kind: 'counts' as const, counts: new Map(Object.entries(own)) },
  ];
  for (let by = 1; ; by++)
    if (compareResults(asMap(moved(by)), asMap(counts)).outcome === 'differ') return by;
}

const tilted = (own: Record<string, number>) => [{ circuit: TILTED, counts: own }];

describe('each record is said of by itself', () => {
  it('what is identical, consistent, too few, or not replayed, and why', async () => {
    const whole = await bundled(tilted(counts));
    const newer = Buffer.from(whole.bytes)
      .toString('utf8')
      .replaceAll('"schema_version":"1.0"', '"schema_version":"1.9"');
    const all = [
      await bundled(tilted(counts)),
      await bundled(tilted(moved(3))),
      await bundled([{ circuit: TILTED, counts: { [other]: 1 } }]),
      await bundled(tilted(counts), { class: 'imported', sdk: 'ibm-quantum' }),
      await bundled(tilted(counts), { class: 'captured', sdk: 'qiskit' }),
      await bundled(tilted(counts), { class: 'supplied' }),
      await bundled(tilted(counts), { sdk: 'abacus' }),
      await bundled(tilted(counts), { sdk: 'cirq', backend: 'cirq.Simulator' }),
      await bundled(tilted(counts), {}, []),
      await bundled([{ circuit: TILTED, result: { kind: 'expectation', values: [1] } }]),
      { ...whole, instead: utf8(newer) },
    ];
    const place = put(archiveOf(generateIdentity(), all, { fig1: [0, 1], fig2: [0, 3] }));
    const { code, stdout, stderr } = place.qpoe('reproduce', 'paper.zip', '--python', '/nonexistent/python');
    expect(stdout, stderr).toMatch(/^CAN'T SAY: /);
    const { reproduction } = json(readFileSync(place.path('reproduction.json'), 'utf8'));
    const said = reproduction.records.map(
      (one: { outcome: string; reason?: string }) => one.reason ?? one.outcome,
    );
    expect(said).toEqual([
      'identical',
      'consistent',
      'unknown',
      'imported',
      'captured',
      'supplied',
      'sdk-unknown',
      'sdk-missing',
      'not-replayable',
      'not-replayable',
      'unread',
    ]);
    expect(code).toBe(3);
    expect(reproduction.records[1]).toMatchObject({
      p_adjusted: expect.any(Number),
      total_variation: { value: expect.closeTo(0.0015, 10) },
    });
    expect(Object.keys(reproduction.sdks)).toEqual(['simulator']);
    expect(stdout).toMatch(
      /\n {2}fig1: 1 identical, 1 consistent\n {4}\S+ consistent: p = \S+, 0\.0015 apart where shot noise/,
    );
    expect(stdout).toContain('  fig2: 1 identical, 1 not replayed\n');
    expect(stdout).toMatch(/not replayed: its SDK was not usable there: .*\/nonexistent\/python/);
    expect(stdout).toMatch(/\n {2}records of no figure: /);
    // What an SDK said stays on this machine.
    expect(readFileSync(place.path('reproduction.json'), 'utf8')).not.toContain('nonexistent');
  });

  it('what someone altered a little, where nothing else is another', async () => {
    const author = published();
    const files = filesOf(author.path('paper.zip'));
    const path = [...files.keys()].find((name) => name.startsWith('bundles/'))!;
    const bundle = readBundle(json(Buffer.from(files.get(path)!).toString())).value!;
    const honest = bundle.record as unknown as ExecutionRecord;
    const forge = async (by: number): Promise<Bundled> => {
      const record = await signedRecord(signer, (content) => {
        const [result, ...others] = honest.execution.result_summary;
        if (result?.kind !== 'counts' || !('counts' in result)) throw new Error('no counts');
        const [first, second] = Object.keys(result.counts).sort(
          (a, b) => result.counts[b]! - result.counts[a]!,
        ) as [string, string];
        const counts = {
          ...result.counts,
          [first]: result.counts[first]! - by,
          [second]: result.counts[second]! + by,
        };
        content.workload = honest.workload;
        const { started_at, finished_at } = content.execution;
        const times = { started_at, finished_at };
        content.execution = {
          ...honest.execution,
          ...times,
          result_summary: [{ ...result, counts }, ...others],
        };
      });
      const artifacts = new Map(
        Object.entries(bundle.artifacts).map(([digest, one]) => [digest as Digest, decodeArtifact(one)!]),
      );
      const parts = { statements: [], receipts: [], timestamps: [], anchors: [] };
      const keys = [ed25519Spki(Uint8Array.from(signer.publicKey))];
      return {
        record,
        bytes: writeBundle({ record: record as unknown as JsonObject, artifacts, keys, ...parts }),
      };
    };
    const altered = put(archiveOf(generateIdentity(), [await forge(0), await forge(3)], {}));
    const { stdout } = altered.qpoe('reproduce', 'paper.zip');
    expect(stdout).toMatch(/^REPRODUCED: 1 identical, 1 consistent\n/);
    expect(stdout.match(/its seed should have given the very same/g)).toHaveLength(1);
    expect(stdout).toMatch(/ consistent: p = .*; nothing that the record names is another, so its seed /);
  });

  it('what is different, with exit 1, and not as one of many by chance', async () => {
    const different = await bundled(tilted({ '00': 1000, '11': 1000 }));
    const place = put(
      archiveOf(generateIdentity(), [await bundled(tilted(counts)), different], { fig1: [0, 1] }),
    );
    const { code, stdout } = place.qpoe('reproduce', 'paper.zip');
    expect([code, stdout]).toEqual([1, expect.stringMatching(/^DIFFERENT: 1 identical, 1 different\n/)]);
    expect(stdout).toMatch(/ DIFFERENT: p = \S+e-\d+, 0\.\d+ apart where shot noise alone makes it 0\.0/);
    expect(checkAlone(place).evidence).toContain(
      '2 records that it names again: 1 identical, 1 different; on simulator',
    );

    // One that would be accused alone, among thirty.
    const suspect = tilted(moved(farthest()));
    const lone = put(archiveOf(generateIdentity(), [await bundled(suspect)], {}));
    expect(lone.qpoe('reproduce', 'paper.zip').stdout).toMatch(/^DIFFERENT: 1 different\n/);
    const many = await Promise.all([...Array(29).keys()].map((n) => bundled(tilted(moved(n + 1)))));
    const crowd = put(archiveOf(generateIdentity(), [...many, await bundled(suspect)], {}));
    expect(crowd.qpoe('reproduce', 'paper.zip').stdout).toMatch(/^REPRODUCED: 30 consistent\n/);
    expect(json(readFileSync(crowd.path('reproduction.json'), 'utf8')).reproduction.statistics.tests).toBe(
      30,
    );
  });

  it('what takes too long, and the next one runs', async () => {
    const place = put(archiveOf(generateIdentity(), [await heavy(), await bundled(tilted(counts))], {}));
    const { notes } = json(place.qpoe('reproduce', 'paper.zip', '--timeout', '2', '--json').stdout);
    expect(notes[0].notes).toEqual([expect.stringContaining('time limit of 2 s')]);
    const { code, stdout } = place.qpoe('reproduce', 'paper.zip', '--timeout', '2');
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^REPRODUCED: 1 identical, 1 not replayed\n/)]);
    expect(stdout).toMatch(/not replayed: the SDK failed, or took too long: .*time limit of 2 s/);
  });

  it('nothing where nothing could be run', async () => {
    const place = put(
      archiveOf(generateIdentity(), [await bundled(tilted(counts), { class: 'supplied' })], {}),
    );
    expect(place.qpoe('reproduce', 'paper.zip')).toMatchObject({
      code: 3,
      stdout: expect.stringMatching(/^CAN'T SAY: 1 not replayed\n/),
    });
  });

  it('Ctrl-C writes nothing', async () => {
    const place = put(archiveOf(generateIdentity(), [await bundled(tilted(counts)), await heavy()], {}));
    // The identity is there, so that nothing but the runs is left to stop.
    expect(place.qpoe('init').code).toBe(0);
    const running = place.start('reproduce', 'paper.zip');
    let said = '';
    running.stdout!.on('data', (text) => {
      said += text;
    });
    await sleep(4000);
    expect(running.exitCode).toBeNull();
    running.kill('SIGINT');
    const [code] = await once(running, 'exit');
    expect([code, said]).toEqual([130, '']);
    expect(place.files()).toEqual(['paper.zip']);
  });
});

const checkAlone = (place: Place) =>
  json(place.qpoe('verify', 'reproduction.json', '--json').stdout).files[0].verdict.checks[0];

describe('publish takes no reproduction', () => {
  it('of other records, of the same person, that was edited, or for an anonymous archive', () => {
    const author = published();
    const reviewer = newPlace();
    hand(author, 'paper.zip', reviewer);
    expect(reviewer.qpoe('reproduce', 'paper.zip', '-q').code).toBe(0);
    hand(reviewer, 'reproduction.json', author);
    expect(author.qpoe('reproduce', 'paper.zip', '-q', '--out', 'own.json').code).toBe(0);
    const text = readFileSync(author.path('reproduction.json'), 'utf8');
    writeFileSync(author.path('edited.json'), text.replace('"identical"', '"consistent"'));
    writeFileSync(author.path('text.json'), 'no JSON');
    const refused: [string[], string][] = [
      [['label:other', ...CITED, '--reproduction', 'reproduction.json'], 'which is none of this archive'],
      [['all', ...CITED, '--reproduction', 'own.json'], 'you made it yourself'],
      [['all', ...CITED, '--reproduction', 'edited.json'], 'states other findings than these'],
      [['all', ...CITED, '--reproduction', 'paper.zip'], 'not strict JSON'],
      [['all', ...CITED, '--reproduction', 'text.json'], 'not strict JSON'],
      [['all', ...CITED, '--reproduction', 'none.json'], 'none.json'],
      [
        ['all', '--license', 'MIT', '--anonymous', '--reproduction', 'reproduction.json'],
        'contradict each other',
      ],
    ];
    for (const [args, reason] of refused) {
      const { code, stderr } = author.qpoe('publish', ...args, '-q', '--out', 'new.zip');
      expect([code, stderr], args.join(' ')).toEqual([2, expect.stringContaining(reason)]);
    }
    expect(author.files()).not.toContain('new.zip');
    expect(author.qpoe('verify', 'edited.json')).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^FAIL: statement\.format\n/),
    });
    writeFileSync(author.path('later.json'), text.replace('reproduction.v1+json', 'reproduction.v2+json'));
    expect(author.qpoe('verify', 'later.json')).toMatchObject({
      code: 3,
      stdout: expect.stringMatching(/^NEWER FORMAT\n/),
    });
  });

  it('and verify finds one that someone put there all the same', () => {
    const author = published();
    const reviewer = newPlace();
    hand(author, 'paper.zip', reviewer);
    expect(reviewer.qpoe('reproduce', 'paper.zip', '-q').code).toBe(0);
    const files = filesOf(author.path('paper.zip'));
    files.set('reproductions/mine.json', readFileSync(reviewer.path('reproduction.json')));
    writeFileSync(author.path('slipped.zip'), writeZip(files));
    expect(author.qpoe('verify', 'slipped.zip').stdout).toMatch(/^FAIL: archive\.files\n/);
  });
});
