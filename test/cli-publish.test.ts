/** Archives at the command line: published, verified, cited, audited; what is withheld, who is anonymous, what is refused. */

import { spawnSync } from 'node:child_process';
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { digestOf } from '../src/core/digest.ts';
import { writeZip } from '../src/publish/write-zip.ts';
import { CITED, everythingIn, filesOf, fillStore } from './archives.ts';
import { newCapture } from './captures.ts';
import { BIN, newPlace, type Place } from './cli.ts';

function lab(): Place {
  const place = newPlace();
  fillStore(place);
  return place;
}

const json = (place: Place, ...args: string[]) => JSON.parse(place.qpoe(...args, '--json').stdout);

describe('an archive', () => {
  it('is published, verified and cited, and the same inputs give the same bytes', () => {
    const place = lab();
    const published = place.qpoe('publish', 'fig2=label:sweep', 'fig3=last', ...CITED, '--out', 'paper.zip');
    expect(published.stderr).toContain('labels: sweep, other  [signed: only --anonymous leaves it out]');
    expect(published.stderr).toContain('notes: a private note');
    expect(published.stdout).toMatch(
      /^archive paper\.zip, \d+ bytes\nholds {3}4 records, \d+ files\nfigure {2}fig2: 3 records\nfigure {2}fig3: 1 record\n/,
    );
    expect(published.stdout).toMatch(/logged {2}entry 4 of /);
    const [, signer] = /Signer: (sha256:[0-9a-f]{64})/.exec(published.stdout)!;
    const again = place.qpoe('publish', 'fig3=last', 'fig2=label:sweep', ...CITED, '--out', 'again.zip');
    expect(again.stdout).toContain('logged  entry 4 of ');
    expect(readFileSync(place.path('again.zip'))).toEqual(readFileSync(place.path('paper.zip')));

    const verified = place.qpoe('verify', 'paper.zip');
    expect(verified.stdout).toMatch(/^PASS: signed by "me" in /);
    expect(verified.stdout).toMatch(/ {2}fig2\n✓ pass {4}archive\.figure .*\n +3 records /);
    expect(verified.code).toBe(0);
    const stranger = newPlace();
    writeFileSync(stranger.path('paper.zip'), readFileSync(place.path('paper.zip')));
    expect(stranger.qpoe('verify', 'paper.zip')).toMatchObject({ code: 3 });
    expect(stranger.qpoe('verify', 'paper.zip', '--signer', signer!)).toMatchObject({ code: 0 });
    expect(stranger.qpoe('verify', 'paper.zip', '--signer', digestOf(new Uint8Array()))).toMatchObject({
      code: 3,
    });
    expect(stranger.qpoe('verify', '--integrity-only', '.').stdout).toContain('1 file: 1 pass');
    expect(json(stranger, 'verify', 'paper.zip', '--signer', signer!).files).toHaveLength(5);

    const cited = place.qpoe('cite', 'paper.zip', '--doi', 'https://doi.org/10.5281/zenodo.123');
    expect(cited.stdout).toContain(
      '  author = {Lovelace, Ada},\n  year = {2026},\n  month = {11},\n  doi = {10.5281/zenodo.123},',
    );
    expect(place.qpoe('cite', 'paper.zip', '--format', 'ris').stdout).toMatch(
      /^TY {2}- DATA\r\nTI {2}- .*\r\nAU {2}- Lovelace, Ada\r\n/,
    );
    expect(JSON.parse(place.qpoe('cite', 'paper.zip', '--format', 'csl-json').stdout)).toMatchObject([
      {
        type: 'dataset',
        author: [{ family: 'Lovelace', given: 'Ada' }],
        issued: { 'date-parts': [[2026, 11, 22]] },
      },
    ]);
    expect(place.qpoe('cite', 'paper.zip', '--format', 'cff').stdout).toContain('license: "CC-BY-4.0"');
    expect(place.qpoe('cite', 'paper.zip', '--format', 'word')).toMatchObject({ code: 2 });
  });

  it('says per figure what fails, in a report too, and a folder of archives is judged', () => {
    const place = lab();
    place.qpoe('publish', 'fig2=label:sweep', 'last', ...CITED, '--out', 'paper.zip');
    const files = filesOf(place.path('paper.zip'));
    const bundle = [...files.keys()].find((name) => name.startsWith('bundles/'))!;
    const text = Buffer.from(files.get(bundle)!).toString('utf8');
    files.set(bundle, Buffer.from(text.replace(/"shots":1024/, '"shots":1025')));
    writeFileSync(place.path('edited.zip'), writeZip(files));
    const { code, stdout } = place.qpoe('verify', 'edited.zip', '--html', 'report.html');
    expect(stdout).toMatch(/^FAIL: archive\.files, archive\.figure\n/);
    expect(stdout).toMatch(/ {2}fig2\n✗ fail {4}archive\.figure .*\n +1 of 3 records: /);
    expect(stdout).toMatch(/ {2}records of no figure\n✓ pass {4}archive\.figure /);
    expect(stdout).toMatch(/FAIL: record\.hash.* {2}edited\.zip\/bundles\//);
    expect(code).toBe(1);
    expect(readFileSync(place.path('report.html'), 'utf8')).toContain('edited.zip/bundles/');
    mkdirSync(place.path('all'));
    writeFileSync(place.path('all', 'good.zip'), readFileSync(place.path('paper.zip')));
    writeFileSync(place.path('all', 'photos.zip'), writeZip(new Map([['cat.jpg', new Uint8Array(9)]])));
    const all = place.qpoe('verify', 'all');
    expect(all.stdout).toContain('1 pass, 1 unrecognised');
    expect(all.code).toBe(3);
    expect(place.qpoe('verify', 'all/photos.zip').code).toBe(1);
  });

  it('is refused where someone packed it anew: that is another file than was published', ({ skip }) => {
    const place = lab();
    place.qpoe('publish', 'all', ...CITED, '--out', 'paper.zip');
    const script =
      'import zipfile as z; a = z.ZipFile("paper.zip"); b = z.ZipFile("b.zip", "w", z.ZIP_DEFLATED); [b.writestr(n, a.read(n)) for n in reversed(a.namelist())]; b.close()';
    const { error, status } = spawnSync('python3', ['-c', script], { cwd: place.folder });
    if (error !== undefined) skip('python3 is not installed');
    expect(status).toBe(0);
    const { code, stdout } = place.qpoe('verify', 'b.zip');
    expect(stdout).toMatch(/archive\.format[\s\S]*not as `qpoe publish` writes it: changed, or packed anew/);
    expect(code).toBe(1);
  });
});

describe('withholding', () => {
  it('leaves parts out, names them, and what is signed inside can’t be', () => {
    const place = lab();
    const dry = place.qpoe('publish', 'all', ...CITED, '--dry-run');
    expect(dry).toMatchObject({ code: 0, stdout: 'would publish 4 records; nothing was written\n' });
    expect(place.files()).not.toContain('publication.zip');
    const parts = ['artifacts', 'log', 'statements'].flatMap((part) => ['--withhold', part]);
    place.qpoe('publish', 'all', ...CITED, ...parts, '--out', 'less.zip');
    const files = filesOf(place.path('less.zip'));
    expect([...files.keys()].filter((name) => name.startsWith('circuits/'))).toEqual([]);
    for (const [name, bytes] of files)
      if (name.startsWith('bundles/'))
        expect(JSON.parse(Buffer.from(bytes).toString())).toMatchObject({
          artifacts: {},
          statements: [],
          keys: [expect.any(String), expect.any(String), expect.any(String)],
        });
    const { verdict } = json(place, 'verify', 'less.zip').files[0];
    expect(verdict.checks[0].evidence).toContain('withheld by its signer: artifacts, log, statements');
    expect(verdict.verdict).toBe('pass');
    expect(place.qpoe('publish', 'all', ...CITED, '--withhold', 'note')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('"note" stands inside what was signed'),
    });
    expect(place.qpoe('publish', 'all', ...CITED, '--withhold', 'everything').code).toBe(2);
  });

  it.each(['log', 'statements'])('%s: no file names the log, the manifest’s statements neither', (part) => {
    const place = lab();
    const { 0: origin } = place.qpoe('log', 'checkpoint').stdout.split('\n');
    expect(place.qpoe('publish', 'last', ...CITED, '--out', 'open.zip').code).toBe(0);
    expect(everythingIn(place.path('open.zip'))).toContain(origin);
    expect(place.qpoe('publish', 'last', ...CITED, '--withhold', part, '--out', 'less.zip').code).toBe(0);
    expect(everythingIn(place.path('less.zip'))).not.toContain(origin);
    expect(place.qpoe('verify', 'less.zip').code).toBe(0);
  });

  it('a log is refused where what is signed names it', () => {
    const place = lab();
    const { 0: origin } = place.qpoe('log', 'checkpoint').stdout.split('\n');
    place.qpoe('run', '-q', '--note', `as logged in ${origin}`);
    expect(place.qpoe('publish', 'last', ...CITED, '--withhold', 'log')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /bundles\/\S+ would name the log, which is withheld; nothing was written/,
      ),
    });
    expect(place.files()).not.toContain('publication.zip');
  });

  it('each part alone gives an archive that verifies', () => {
    const place = lab();
    for (const part of [
      'artifacts',
      'circuits',
      'results',
      'receipts',
      'statements',
      'log',
      'timestamps',
      'anchors',
    ]) {
      const { stdout } = place.qpoe('publish', 'last', ...CITED, '--withhold', part, '--out', `${part}.zip`);
      expect(place.qpoe('verify', `${part}.zip`).code, part).toBe(0);
      // As the paper says it.
      const [, printed] = /Verify offline: qpoe (.*)/.exec(stdout)!;
      expect(place.qpoe(...printed!.split(' ')), part).toMatchObject({ code: 0 });
    }
  });
});

describe('an anonymous archive', () => {
  it('says nothing of whose it is, verifies, and is linked later by who made it alone', () => {
    const place = lab();
    const own = /fingerprint +(sha256:[0-9a-f]{64})/.exec(place.qpoe('doctor').stdout)?.[1];
    const review = ['--license', 'CC0-1.0', '--anonymous', '--date', '2026-11-22'];
    const { stdout, code } = place.qpoe('publish', 'fig2=label:sweep', ...review, '--out', 'blind.zip');
    expect(code).toBe(0);
    const [, signer] = /Signer: (sha256:[0-9a-f]{64})/.exec(stdout)!;
    const listed = json(place, 'list').records as { record_id: string; hash: string }[];
    const policy = readFileSync(join(place.home, 'trust.toml'), 'utf8');
    const keys = [...policy.matchAll(/^(?:ed25519|p256|ml_dsa_65) = "(.*)"/gm)].map(([, key]) => key!);
    const text = everythingIn(place.path('blind.zip'));
    const secrets = [
      'a private note',
      '"sweep"',
      'qpoe.internal',
      ...(own === undefined ? [] : [own]),
      ...keys,
      ...listed.flatMap(({ record_id: id, hash }) => [id, hash, hash.slice(7)]),
    ];
    expect(keys).toHaveLength(3);
    for (const secret of secrets) expect(text, secret).not.toContain(secret);
    expect(place.qpoe('verify', 'blind.zip').stdout).toMatch(/^INTACT, SIGNER UNKNOWN TO YOU\n/);
    expect(place.qpoe('verify', 'blind.zip', '--signer', signer!).code).toBe(0);

    expect(place.qpoe('publish', '--link', 'blind.zip', '--out', 'link.json').code).toBe(0);
    const checked = place.qpoe('reveal', '--check', 'link.json', 'blind.zip');
    expect(checked.stdout).toMatch(/^PASS: the archive is by sha256:[0-9a-f]{64}, signed by "me" in /);
    place.qpoe('publish', 'fig2=label:sweep', ...review, '--out', 'second.zip');
    expect(place.qpoe('reveal', '--check', 'link.json', 'second.zip')).toMatchObject({
      code: 1,
      stdout: 'FAIL: it links another archive\n',
    });
    expect(place.qpoe('publish', 'last', '--link', 'blind.zip')).toMatchObject({ code: 2 });
    const thief = newPlace();
    expect(thief.qpoe('run', '-q').code).toBe(0);
    writeFileSync(thief.path('blind.zip'), readFileSync(place.path('blind.zip')));
    expect(thief.qpoe('publish', '--link', 'blind.zip')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('did not make'),
    });
  });

  it('opens what it withheld, and no other value', () => {
    const place = lab();
    place.qpoe('publish', 'last', '--license', 'CC0-1.0', '--anonymous', '--out', 'blind.zip');
    const [path, bytes] = [...filesOf(place.path('blind.zip'))].find(([name]) =>
      name.startsWith('bundles/'),
    )!;
    writeFileSync(place.path('one.qpoe.json'), bytes);
    expect(path).toContain('bundles/');
    const list = place.qpoe('reveal', 'one.qpoe.json').stdout;
    expect(list).toContain('execution.environment.republished.labels.label');
    const place2 = 'execution.environment.republished.labels.label';
    expect(place.qpoe('reveal', 'one.qpoe.json', place2, '--out', 'open.json').code).toBe(0);
    const checked = place.qpoe('reveal', '--check', 'open.json', 'one.qpoe.json', '--integrity-only');
    expect(checked).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`${place2} = "other"; the record: INTACT`),
    });
    writeFileSync(
      place.path('lie.json'),
      readFileSync(place.path('open.json'), 'utf8').replace('"other"', '"mine"'),
    );
    expect(place.qpoe('reveal', '--check', 'lie.json', 'one.qpoe.json')).toMatchObject({
      code: 1,
      stdout: `FAIL: the value is not the one withheld at ${place2}: its digest is another\n`,
    });
    for (const name of readdirSync(place.path('.qpoe/openings')))
      writeFileSync(place.path('.qpoe/openings', name), '{"salt":"","value":"mine"}');
    expect(place.qpoe('reveal', 'one.qpoe.json', place2)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('or one that does not match'),
    });
  });
});

it('hands over what is too large beside the archive', () => {
  const place = newPlace();
  const counts = Object.fromEntries(
    Array.from({ length: 60_000 }, (_, n) => [n.toString(2).padStart(16, '0'), 1]),
  );
  writeFileSync(place.path('counts.json'), JSON.stringify(counts));
  writeFileSync(place.path('circuit.txt'), `// ${'large '.repeat(200_000)}`);
  expect(
    place.qpoe('record', '-q', '--counts', 'counts.json', '--circuit', 'circuit.txt', '--sdk', 'lab').code,
  ).toBe(0);
  const { stderr } = place.qpoe('publish', 'last', ...CITED, '--out', 'paper.zip');
  expect(stderr).toMatch(/in the store stay \d large artifacts?: --external DIR hands them over/);
  expect(place.qpoe('publish', 'last', ...CITED, '--external', 'large', '--out', 'paper.zip').code).toBe(0);
  const [name] = readdirSync(place.path('large'));
  expect(place.qpoe('verify', 'paper.zip').stdout).toContain('by digest, not looked at');
  expect(place.qpoe('verify', 'paper.zip', '--external', 'large').stdout).toMatch(
    /✓ pass {4}archive\.external /,
  );
  mkdirSync(place.path('empty'));
  expect(place.qpoe('verify', 'paper.zip', '--external', 'empty')).toMatchObject({
    code: 3,
    stdout: expect.stringMatching(/^INCOMPLETE: archive\.external\n/),
  });
  expect(place.qpoe('verify', 'paper.zip', '--external', 'empty', '--integrity-only').code).toBe(3);
  expect(place.qpoe('verify', 'paper.zip').code).toBe(0);
  writeFileSync(place.path('large', name!), 'other');
  expect(place.qpoe('verify', 'paper.zip', '--external', 'large')).toMatchObject({ code: 1 });
});

it('is held against a checklist', () => {
  const place = lab();
  const rich = ['--description', 'Counts of three circuits', '--doi', '10.5281/zenodo.123'];
  place.qpoe('publish', 'fig2=label:sweep', ...CITED, ...rich, '--out', 'paper.zip');
  const { code, stdout } = place.qpoe('policy', 'audit', '--against', 'fair', 'paper.zip');
  expect(stdout).toContain(
    '✓ met      F1  Data have a globally unique and persistent identifier\n           ✓ doi: 10.5281/zenodo.123',
  );
  expect(stdout).toMatch(
    /✗ not met {2}R1\.2 [\s\S]*✗ source: the source’s commit or receipt: not in 3 of 3 records[\s\S]*→ run from a commit/,
  );
  expect(stdout).toContain('11 met, 1 not met, 0 can’t be said');
  expect(code).toBe(1);
  const journal = {
    version: 1,
    title: 'A journal',
    control: [{ id: 'J1', title: 'Every record is in a figure', needs: ['every_record_shown', 'logged'] }],
  };
  writeFileSync(place.path('journal.json'), JSON.stringify(journal));
  expect(place.qpoe('policy', 'audit', '--against', 'journal.json', 'paper.zip').code).toBe(0);
  const stranger = newPlace();
  writeFileSync(stranger.path('paper.zip'), readFileSync(place.path('paper.zip')));
  writeFileSync(
    stranger.path('signed.toml'),
    'version = 1\ntitle = "t"\n[[control]]\nid = "S"\ntitle = "signed"\nneeds = ["signed"]\n',
  );
  expect(stranger.qpoe('policy', 'audit', '--against', 'signed.toml', 'paper.zip').code).toBe(3);
  writeFileSync(
    place.path('bad.toml'),
    'version = 1\ntitle = "t"\n[[control]]\nid = "S"\ntitle = "s"\nneeds = ["rm -rf"]\n',
  );
  expect(place.qpoe('policy', 'audit', '--against', 'bad.toml', 'paper.zip')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('is no checklist'),
  });
  expect(place.qpoe('policy', 'audit', '--against', 'FAIR.toml', 'paper.zip')).toMatchObject({
    code: 2,
    stderr:
      "qpoe: can't read FAIR.toml: no such file or folder; name a TOML or JSON file of yours, or one that is shipped: fair\n",
  });
});

it('refuses what can’t be meant, and writes nothing', () => {
  const place = lab();
  const refused: [string[], string][] = [
    [[...CITED], 'nothing is selected'],
    [['label:none', ...CITED], 'no record is "label:none"'],
    [['2020-01-01..2020-12-31', ...CITED], 'no record is "2020-01-01..2020-12-31"'],
    [['fig2=last', 'fig2=label:sweep', ...CITED], 'two selections claim fig2'],
    [['fig/2=last', ...CITED], "can't be a figure's name"],
    [['what?', ...CITED], '"what?" selects nothing'],
    [['last', '--author', 'A', '--license', 'free'], '--license free is no licence identifier of SPDX'],
    [['last'], 'an archive needs --license ID and --author NAME'],
    [['last', ...CITED, '--anonymous'], '--anonymous and --author contradict each other'],
    [['last', '--license', 'MIT', '--author', 'A; 0000-0002-1825-0098'], 'is no ORCID'],
    [['last', '--license', 'MIT', '--author', 'A; 0000-0002-1825-0097; B'], 'is not one author'],
    [['last', '--license', 'MIT', '--author', 'Smith,'], 'is not one author'],
    [['last', ...CITED, '--author', 'B; 0000-0002-1825-0097'], 'two authors have the ORCID'],
    [['last', ...CITED, '--date', '2026-02-30'], 'is no day'],
    [['last', ...CITED, '--doi', 'zenodo'], 'is no DOI'],
  ];
  for (const [args, reason] of refused)
    expect(place.qpoe('publish', ...args), args.join(' ')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(reason),
    });
  const [record] = readdirSync(place.path('.qpoe/records'));
  const path = place.path('.qpoe/records', record!);
  writeFileSync(path, readFileSync(path, 'utf8').replace('"shots": 1024', '"shots": 1025'));
  expect(place.qpoe('publish', 'all', ...CITED)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('does not verify: '),
  });
  expect(place.files().some((name) => name.endsWith('.zip'))).toBe(false);
});

it('is never written over what it is made from, nor into the middle of another file', () => {
  const place = lab();
  place.qpoe('publish', 'last', '--license', 'MIT', '--anonymous', '--out', 'blind.zip');
  const blind = readFileSync(place.path('blind.zip'));
  symlinkSync('blind.zip', place.path('by-link.zip'));
  linkSync(place.path('blind.zip'), place.path('other-name.zip'));
  for (const out of ['blind.zip', './blind.zip', 'by-link.zip', 'other-name.zip'])
    expect(place.qpoe('publish', '--link', 'blind.zip', '--out', out), out).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`--out ${out} is the archive`),
    });
  expect(
    place.qpoe('publish', 'last', ...CITED, '--reproduction', 'blind.zip', '--out', 'by-link.zip'),
  ).toMatchObject({ code: 2, stderr: expect.stringContaining('is a reproduction that it is to hold') });
  expect(readFileSync(place.path('blind.zip'))).toEqual(blind);

  writeFileSync(place.path('long.txt'), 'x'.repeat(100_000), { mode: 0o600 });
  symlinkSync('long.txt', place.path('link.json'));
  expect(place.qpoe('publish', '--link', 'blind.zip', '--out', 'link.json').code).toBe(0);
  expect(lstatSync(place.path('link.json')).isSymbolicLink()).toBe(true);
  expect(JSON.parse(readFileSync(place.path('long.txt'), 'utf8'))).toHaveProperty('statements');
  expect(place.qpoe('reveal', '--check', 'link.json', 'blind.zip').code).toBe(0);
});

it('what is printed goes on where --out is /dev/stdout and that is a file', () => {
  const place = lab();
  const script = `"$0" "$@" --out /dev/stdout > all.txt`;
  const { status } = spawnSync('sh', ['-c', script, process.execPath, BIN, 'log', 'checkpoint'], {
    cwd: place.folder,
    env: place.environment,
  });
  expect(status).toBe(0);
  expect(readFileSync(place.path('all.txt'), 'utf8')).toContain('qpoe.internal');
});

it('leaves nothing of an archive that can’t be written', ({ skip }) => {
  if (!existsSync('/dev/full')) skip('no /dev/full here');
  const place = newPlace();
  writeFileSync(place.path('counts.json'), JSON.stringify({ 0: 1 }));
  writeFileSync(place.path('circuit.txt'), `// ${'large '.repeat(200_000)}`);
  place.qpoe('record', '-q', '--counts', 'counts.json', '--circuit', 'circuit.txt', '--sdk', 'lab');
  const before = place.files();
  const large = ['--external', 'beside/large', '--out', '/dev/full'];
  expect(place.qpoe('publish', 'last', '--license', 'MIT', '--anonymous', ...large)).toMatchObject({
    code: 4,
  });
  expect(place.files().filter((name) => !name.includes('/openings/'))).toEqual(before);
  expect(place.qpoe('publish', 'last', ...CITED, ...large)).toMatchObject({
    code: 4,
    stderr: expect.stringContaining('the same command gives the same archive'),
  });
  expect(existsSync(place.path('beside'))).toBe(false);
  mkdirSync(place.path('beside/large'), { recursive: true });
  writeFileSync(place.path('beside/large/mine'), '');
  place.qpoe('publish', 'last', ...CITED, ...large);
  expect(readdirSync(place.path('beside/large'))).toEqual(['mine']);
});

it('an archive whose title would act on a terminal is none', () => {
  const place = lab();
  place.qpoe('publish', 'last', ...CITED, '--title', 'A title', '--out', 'paper.zip');
  const files = filesOf(place.path('paper.zip'));
  const manifest = Buffer.from(files.get('manifest.json')!).toString('utf8');
  for (const title of ['A\\u001b[2Ktitle', 'A\u009btitle', 'A\u202etitle', 'A\u2028title']) {
    files.set('manifest.json', Buffer.from(manifest.replace('A title', title)));
    writeFileSync(place.path('hostile.zip'), writeZip(files));
    const { code, stdout, stderr } = place.qpoe('cite', 'hostile.zip');
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain('publication.title: not one line of printable text');
    expect(stderr).toMatch(/^[\n -~]*$/);
  }
});

it('a checklist counts what is shown, and not what is said', () => {
  const place = lab();
  const needs = ['logged', 'software_versions', 'seeds', 'complete', 'artifacts'];
  const control = needs.map((need) => ({ id: need, title: need, needs: [need] }));
  const list = JSON.stringify({ version: 1, title: 'A journal', control });
  const audit = (at: Place, archive: string, ...more: string[]) => {
    writeFileSync(at.path('journal.json'), list);
    const { controls } = json(at, 'policy', 'audit', '--against', 'journal.json', archive, ...more);
    return Object.fromEntries(controls.map(({ id, outcome }: Record<string, string>) => [id, outcome]));
  };
  const { stdout } = place.qpoe('publish', 'last', ...CITED, '--out', 'paper.zip');
  const all = { logged: 'met', software_versions: 'met', seeds: 'met', complete: 'met', artifacts: 'met' };
  expect(audit(place, 'paper.zip')).toEqual(all);
  // A fingerprint says nothing of the log: its tree may be made up.
  const stranger = newPlace();
  writeFileSync(stranger.path('paper.zip'), readFileSync(place.path('paper.zip')));
  const [, signer] = /Signer: (sha256:[0-9a-f]{64})/.exec(stdout)!;
  expect(audit(stranger, 'paper.zip', '--signer', signer!)).toEqual({ ...all, logged: 'unknown' });

  // The manifest says that nothing is withheld, and the circuits are not there.
  place.qpoe('publish', 'last', ...CITED, '--withhold', 'circuits', '--out', 'less.zip');
  const files = filesOf(place.path('less.zip'));
  const manifest = Buffer.from(files.get('manifest.json')!).toString('utf8');
  files.set('manifest.json', Buffer.from(manifest.replace('["circuits"]', '[]')));
  writeFileSync(place.path('lie.zip'), writeZip(files));
  expect(audit(place, 'lie.zip')).toMatchObject({ complete: 'unmet', artifacts: 'unmet' });

  const record = JSON.parse(place.qpoe('show', 'last', '--json').stdout).record;
  const paths = ['environment', 'seeding'].flatMap((section) =>
    Object.keys(record.execution[section]).flatMap((name) => ['--withhold', `execution.${section}.${name}`]),
  );
  expect(paths.length).toBeGreaterThan(4);
  const { code, stderr } = place.qpoe(
    'publish',
    'last',
    '--license',
    'MIT',
    '--anonymous',
    ...paths,
    '--out',
    'b.zip',
  );
  expect(code, stderr).toBe(0);
  expect(audit(place, 'b.zip')).toMatchObject({ software_versions: 'unmet', seeds: 'unmet' });
});

it('says where a person, host or path is named, of the record as the store lists it, and nowhere else', () => {
  const place = newPlace();
  place.qpoe('run', '-q', '--label', 'say "x" now');
  expect(place.qpoe('publish', 'last', ...CITED, '--dry-run').stderr).not.toContain('name a person');
  const capture = newCapture() as { programs: object[] };
  const programs = capture.programs.map((program) => ({ ...program, values: { '/home/ada/angle': 1 } }));
  writeFileSync(place.path('job.json'), JSON.stringify({ ...capture, programs }));
  expect(place.qpoe('record', '-q', '--capture', 'job.json').code).toBe(0);
  const { record_id: id } = json(place, 'list').records[0];
  const { stderr } = place.qpoe('publish', 'last', '--license', 'MIT', '--anonymous', '--dry-run');
  expect(stderr).toContain(
    `records to leave out, as they name a person, host or path: ${id} at workload.programs.values./home/ada/angle  [signed: stays]`,
  );
});
