/** `qpoe doctor`: the problems that a person meets first, each found, named with its cure, and gone once the cure is done. */

import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { BIN, newPlace, type Place } from './cli.ts';

/** The lines with a cross, and the exit code that belongs to them. */
function problems(place: Place, ...args: string[]): string[] {
  const { code, stdout, stderr } = place.qpoe('doctor', ...args);
  expect(stderr).toBe('');
  const found = stdout.split('\n').filter((line) => line.startsWith('✗'));
  expect(code).toBe(found.length > 0 ? 1 : 0);
  return found;
}

function placeWithRecord(extra: NodeJS.ProcessEnv = {}): Place {
  const place = newPlace(extra);
  expect(place.qpoe('run').code).toBe(0);
  return place;
}

it('finds nothing before the first run, nothing after it, and leaves nothing behind', () => {
  const place = newPlace();
  expect(problems(place)).toEqual([]);
  expect(place.files()).toEqual([]);
  place.qpoe('run');
  const before = place.files();
  expect(place.qpoe('doctor').stdout).toMatch(/store +\.qpoe: 1 record\n.*log .*, 1 entry; /);
  expect(place.qpoe('log', 'fsck').stdout).toMatch(/: 1 entry, 3 files\n$/);
  expect(problems(place)).toEqual([]);
  expect(place.files()).toEqual(before);
});

it('1. keys that can’t be used: readable by others, one lost, the passphrase missing', () => {
  const place = placeWithRecord();
  const identity = join(place.home, 'identity');
  chmodSync(identity, 0o755);
  expect(problems(place)).toEqual([expect.stringContaining(`chmod go-rwx ${identity}`)]);
  spawnSync('chmod', ['go-rwx', identity]);
  expect(problems(place)).toEqual([]);
  renameSync(join(identity, 'ml-dsa-65.pem'), place.path('kept.pem'));
  expect(place.qpoe('run').code).not.toBe(0);
  expect(problems(place)).toEqual([expect.stringContaining(`put ${identity} back from your copy of it`)]);

  const secret = newPlace();
  const file = join(secret.folder, '../passphrase');
  writeFileSync(file, 'correct horse', { mode: 0o600 });
  secret.qpoe('init', '--passphrase-file', file);
  expect(problems(secret)).toEqual([expect.stringContaining('QPOE_PASSPHRASE_FILE')]);
  secret.environment.QPOE_PASSPHRASE_FILE = file;
  expect(problems(secret)).toEqual([]);
});

it('2. a policy that is gone, or doesn’t know your own keys', () => {
  const place = placeWithRecord();
  const policy = join(place.home, 'trust.toml');
  rmSync(policy);
  expect(problems(place)[0]).toContain('`qpoe init` makes it');
  place.qpoe('init');
  writeFileSync(policy, 'version = 1\n');
  place.qpoe('run', '--out', 'mine.json');
  expect(place.qpoe('verify', 'mine.json').code).toBe(3);
  const [stranger] = problems(place);
  const [, bundle, add] = /; qpoe (bundle .*) && qpoe (.*)$/.exec(stranger!)!;
  expect(place.qpoe(...bundle!.split(' ')).code).toBe(0);
  expect(place.qpoe(...add!.split(' ')).code).toBe(0);
  expect(problems(place).filter((line) => line.includes('policy  '))).toEqual([]);
  expect(place.qpoe('verify', 'mine.json').code).toBe(0);
});

/** Does what a policy's problem says: `qpoe … && qpoe …` after the semicolon. */
function cure(place: Place, problem: string): void {
  const [, ...commands] = problem.slice(problem.indexOf('; qpoe ') + 2).split(/(?:^| && )qpoe /);
  for (const command of commands) expect(place.qpoe(...command.split(' '))).toMatchObject({ code: 0 });
}

it('2. keys that are gone while the policy names them; and new ones beside the name of the old', () => {
  const place = placeWithRecord();
  const identity = join(place.home, 'identity');
  renameSync(identity, place.path('copy'));
  expect(problems(place)).toEqual([
    expect.stringMatching(/✗ identity .*"me", who signed .*the keys are gone: put .*identity back/),
  ]);
  renameSync(place.path('copy'), identity);
  expect(problems(place)).toEqual([]);

  const lose = () => rmSync(identity, { recursive: true });

  lose();
  const { stderr } = place.qpoe('run');
  expect(stderr).toContain(`${place.home}/trust.toml names other keys: what you sign will not pass here`);
  expect(stderr).not.toContain('trusts it when you verify here');
  expect(place.qpoe('verify', join('.qpoe/records', newest(place))).code).toBe(3);
  const [stranger, ...rest] = problems(place);
  expect([stranger, rest]).toEqual([expect.stringContaining('add-signer me-2 '), []]);
  cure(place, stranger!);
  expect(problems(place)).toEqual([]);
  expect(place.qpoe('verify', join('.qpoe/records', newest(place))).code).toBe(0);

  // Keys that have signed nothing yet are in no bundle.
  lose();
  rmSync(place.path('own.qpoe.json'));
  place.qpoe('init');
  const [unused] = problems(place);
  expect(unused).toMatch(/; qpoe run && qpoe bundle last .*add-signer me-3 /);
  cure(place, unused!);
  expect(problems(place)).toEqual([]);
});

const newest = (place: Place): string =>
  readdirSync(place.path('.qpoe/records'))
    .filter((name) => name.endsWith('.json'))
    .sort()
    .at(-1)!;

it('a policy for reviewers need not know your own keys', () => {
  const place = placeWithRecord();
  writeFileSync(join(place.folder, '../reviewers.toml'), 'version = 1\n');
  place.environment.QPOE_POLICY = '../reviewers.toml';
  expect(problems(place).filter((line) => line.includes('policy  '))).toEqual([]);
  place.environment.QPOE_POLICY = '../none.toml';
  expect(problems(place).join()).toContain("can't read ../none.toml");
});

it('3. a folder that takes no files: one that is a file, one where nothing can be made', () => {
  const place = placeWithRecord();
  writeFileSync(place.path('taken'), '');
  expect(problems(place, '--store', 'taken/store')[0]).toMatch(/✗ store .*taken is a file/);
  expect(problems(place, '--store', '/proc/qpoe')[0]).toMatch(/✗ store .*can't write into \/proc.*--store/);
  expect(problems(place, '--home', '/proc/qpoe')[0]).toMatch(/✗ identity .*can't write into \/proc.*--home/);
});

const small = spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', '-o', 'size=1m', 'none', '/mnt']);
it.skipIf(small.status !== 0)('3. a disk that is full (skipped where no small disk can be mounted)', () => {
  const place = newPlace();
  const line = `mount -t tmpfs -o size=1m none "$1" && cd "$1" && exec "$2" "$3" doctor`;
  mkdirSync(place.path('disk'));
  const { stdout, status } = spawnSync(
    'unshare',
    ['-m', 'sh', '-c', line, 'sh', place.path('disk'), process.execPath, BIN],
    { env: place.environment, encoding: 'utf8' },
  );
  expect(stdout).toMatch(/✗ store .* has 1 MB left; free some/);
  expect(status).toBe(1);
});

it('4. a store whose log belongs to another home', () => {
  const place = placeWithRecord();
  const other = join(place.home, '../other');
  place.qpoe('init', '--home', other);
  expect(place.qpoe('run', '--home', other).stderr).toContain('not logged');
  const [log] = problems(place, '--home', other);
  expect(log).toMatch(/✗ log .*key is in another home.*--home or QPOE_HOME, or keep a store of your own/);
  expect(problems(place, '--home', other, '--store', 'mine')).toEqual([]);
  expect(problems(place)).toEqual([]);
});

it('4. a log that is damaged', () => {
  const place = placeWithRecord();
  const checkpoint = place.path('.qpoe/log/checkpoint');
  const good = readFileSync(checkpoint);
  writeFileSync(checkpoint, 'x');
  const said = '.qpoe/log/checkpoint is no checkpoint: ';
  expect(problems(place)).toEqual([expect.stringMatching(`✗ log .*${said}.*; restore .qpoe/log from your`)]);
  for (const command of [['run'], ['log', 'fsck'], ['log', 'prove', '0']])
    expect(place.qpoe(...command)).toMatchObject({ code: 2, stderr: expect.stringContaining(said) });
  writeFileSync(checkpoint, good.toString().replace(/.{9}\n$/, 'AAAAAAAA=\n'));
  expect(problems(place)).toEqual([expect.stringMatching('✗ log .* is damaged: .*; restore .qpoe/log from')]);
  rmSync(checkpoint);
  expect(problems(place)).toEqual([
    expect.stringMatching('✗ log .*checkpoint is gone; .*logs/<origin>/checkpoint'),
  ]);
  const [origin] = good.toString().split('\n');
  writeFileSync(checkpoint, readFileSync(join(place.home, 'logs', origin!, 'checkpoint')));
  expect(problems(place)).toEqual([]);
  expect(place.qpoe('log', 'fsck').code).toBe(0);
});

it('4. a log that is gone while statements carry its entries', () => {
  const place = placeWithRecord();
  const origin = readFileSync(place.path('.qpoe/log-origin'), 'utf8').trim();
  renameSync(place.path('.qpoe/log'), place.path('backup'));
  mkdirSync(place.path('.qpoe/log'));
  expect(problems(place)).toEqual([
    expect.stringMatching(
      `✗ log .*${origin} of this store is gone.*1 entry of it; restore .qpoe/log from your`,
    ),
  ]);
  // No second log hides it.
  const { code, stderr } = place.qpoe('run');
  expect([code, stderr]).toEqual([2, expect.stringContaining(`the log ${origin} of this store is gone`)]);
  rmSync(place.path('.qpoe/log'), { recursive: true });
  renameSync(place.path('backup'), place.path('.qpoe/log'));
  expect(problems(place)).toEqual([]);
  const [, append] = /once that is mended: qpoe (.*)\n$/.exec(stderr)!;
  expect(place.qpoe(...append!.split(' ')).code).toBe(0);

  rmSync(place.path('.qpoe/log'), { recursive: true });
  const [, remove] = /or remove (\S+) where there is none/.exec(problems(place)[0]!)!;
  rmSync(place.path(remove!));
  expect(place.qpoe('run').code).toBe(0);
  expect(problems(place)).toEqual([]);
});

it('5. an SDK that was asked for and isn’t there', () => {
  const place = newPlace({ QPOE_CACHE: '/nonexistent/cache', PATH: '/nonexistent' });
  // The simulator needs no Python: to who didn't ask for another it is a note.
  expect(problems(place)).toEqual([]);
  place.environment.QPOE_SDK = 'qiskit';
  expect(problems(place)).toEqual([expect.stringMatching(/✗ qiskit .*; run `qpoe sdk install qiskit`$/)]);
});

it('5. an SDK that no one knows, and settings that are none', () => {
  const place = placeWithRecord();
  const config = join(place.home, 'config.toml');
  place.environment.QPOE_SDK = 'foo';
  expect(problems(place)).toEqual([
    expect.stringMatching(/✗ sdk +QPOE_SDK asks for "foo".*; choose one of: .*qdk$/),
  ]);
  place.environment.QPOE_SDK = '';
  writeFileSync(config, 'sdk = "foo"\n');
  expect(problems(place)).toEqual([expect.stringMatching(/✗ sdk .*config.toml asks for "foo"/)]);
  writeFileSync(config, 'sdkk = "qulacs"\n');
  expect(place.qpoe('list')).toMatchObject({ code: 2, stdout: '' });
  expect(problems(place)).toEqual([
    expect.stringMatching(/✗ settings .*config.toml.*sdkk.*its keys: store, /),
  ]);
  writeFileSync(config, 'sdk = "simulator"\n');
  expect(problems(place)).toEqual([]);
});

it('a clock that is behind the newest record', () => {
  const place = placeWithRecord();
  const [file] = place.files().filter((name) => name.startsWith('.qpoe/records/'));
  const record = JSON.parse(readFileSync(place.path(file!), 'utf8'));
  record.record.created_at = '2099-01-01T00:00:00Z';
  writeFileSync(place.path(file!), JSON.stringify(record));
  rmSync(place.path('.qpoe/index.sqlite'));
  expect(problems(place)).toEqual([expect.stringMatching(/✗ clock .*2099-01-01.*set the clock/)]);
});
