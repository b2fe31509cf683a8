/** The GitHub Action's script on repositories as a runner has them: an origin, a checkout of the change, an event. */

import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { BIN, newPlace, type Place } from './cli.ts';

const root = join(import.meta.dirname, '..');
const POLICY = '.github/qpoe/trust.toml';

interface Person {
  readonly bundle: string;
  readonly policy: string;
}

let lab: Person;
let attacker: Person;
let place: Place;

function newPerson(name: string): Person {
  const own = newPlace();
  own.qpoe('init', '--name', name);
  own.qpoe('run', '--label', name);
  expect(own.qpoe('bundle', 'last', '--out', 'job.qpoe.json').code).toBe(0);
  return {
    bundle: readFileSync(own.path('job.qpoe.json'), 'utf8'),
    policy: readFileSync(join(own.home, 'trust.toml'), 'utf8'),
  };
}

beforeEach(() => {
  lab ??= newPerson('lab');
  attacker ??= newPerson('attacker');
  place = newPlace();
  git('init', '--quiet', '--bare', '--initial-branch=main', '../origin.git');
  git('init', '--quiet', '--initial-branch=main', '.');
  git('remote', 'add', 'origin', '../origin.git');
  write(POLICY, lab.policy);
  commit('the policy');
  push('main');
  write('results/job.qpoe.json', lab.bundle);
  commit('a bundle');
  push('main');
});

function git(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(
    'git',
    ['-c', 'user.name=t', '-c', 'user.email=t@example.org', '-c', 'commit.gpgsign=false', ...args],
    { cwd: place.folder, env: { PATH: process.env.PATH, HOME: join(place.folder, '..') }, encoding: 'utf8' },
  );
  expect([args, status, stderr]).toEqual([args, 0, expect.anything()]);
  return stdout.trim();
}

function write(path: string, content: string): void {
  mkdirSync(dirname(place.path(path)), { recursive: true });
  writeFileSync(place.path(path), content);
}

function commit(message: string): string {
  git('add', '--all', '--force', '.');
  git('commit', '--quiet', '--message', message);
  return git('rev-parse', 'HEAD');
}

const push = (branch: string): string => git('push', '--quiet', 'origin', `HEAD:refs/heads/${branch}`);

interface Outcome {
  readonly code: number | null;
  readonly lines: readonly string[];
  readonly summary: string;
}

const PULL_REQUEST = { pull_request: { base: { ref: 'main' } }, repository: { default_branch: 'main' } };

/** The script as the action starts it. */
function verify(event: object = PULL_REQUEST, extra: NodeJS.ProcessEnv = {}): Outcome {
  const file = (name: string): string => join(place.folder, '..', name);
  writeFileSync(file('event.json'), JSON.stringify(event));
  rmSync(file('summary.md'), { force: true });
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, 'action/verify-bundles.mjs'), BIN],
    {
      cwd: place.folder,
      env: {
        PATH: process.env.PATH,
        HOME: join(place.folder, '..'),
        GITHUB_EVENT_PATH: file('event.json'),
        GITHUB_STEP_SUMMARY: file('summary.md'),
        GITHUB_REF: 'refs/pull/1/merge',
        RUNNER_TEMP: join(place.folder, '..'),
        QPOE_ACTION_POLICY: POLICY,
        QPOE_ACTION_PATHS: '**/*.qpoe.json',
        QPOE_ACTION_BASE: '',
        ...extra,
      },
      encoding: 'utf8',
    },
  );
  expect(stderr).toBe('');
  let summary = '';
  try {
    summary = readFileSync(file('summary.md'), 'utf8');
  } catch {}
  return { code: status, lines: stdout.trimEnd().split('\n'), summary };
}

it('passes what the base’s policy trusts, and writes a summary', () => {
  git('checkout', '--quiet', '-b', 'change');
  write('results/other.qpoe.json', lab.bundle);
  commit('another');
  const { code, lines, summary } = verify();
  expect([code, lines]).toEqual([0, ['2 of 2 pass']]);
  expect(summary).toContain('2 of evidence verified');
  expect(decoded(summary)).toContain(
    '| ✅ | results/job.qpoe.json | PASS: signed by "lab" in .github/qpoe/trust.toml |',
  );
});

it('ATTACK: the change brings its own signer into the policy, and a bundle signed by it', () => {
  git('checkout', '--quiet', '-b', 'change');
  write(POLICY, attacker.policy);
  write('results/job.qpoe.json', attacker.bundle);
  commit('nothing to see here');
  const { code, lines, summary } = verify();
  expect(code).toBe(1);
  expect(lines).toEqual([
    '::error file=results/job.qpoe.json::results/job.qpoe.json: INTACT, SIGNER UNKNOWN TO YOU',
    `::notice file=${POLICY}::this change edits the policy; what counts is the one of main`,
    '0 of 1 pass',
  ]);
  expect(summary).toContain('❌');
  // Without the base, it would have passed: that is what the attack is worth.
  write('../outside.toml', attacker.policy);
  expect(place.qpoe('verify', '--policy', '../outside.toml', 'results/job.qpoe.json').code).toBe(0);
});

it('ATTACK: a policy planted in the work tree, the home and the variables', () => {
  git('checkout', '--quiet', '-b', 'change');
  write('results/job.qpoe.json', attacker.bundle);
  commit('a bundle');
  write('../.config/qpoe/trust.toml', attacker.policy);
  write('trust.toml', attacker.policy);
  const planted = { QPOE_POLICY: place.path('trust.toml'), QPOE_HOME: join(place.folder, '../.config/qpoe') };
  expect(verify(PULL_REQUEST, planted).code).toBe(1);
});

it('ATTACK: file names that are flags, commands of the runner, or markup', () => {
  git('checkout', '--quiet', '-b', 'change');
  const names = [
    `--policy=${POLICY}.qpoe.json`,
    'a\n::set-output name=verdict::pass\n.qpoe.json',
    'b##[add-path]x.qpoe.json',
    'c,line=1::warning.qpoe.json',
    'd%0A::error::x.qpoe.json',
    'e|<img src=x>[x](http-evil) `x`.qpoe.json',
    'f\u202egpj.qpoe.json',
  ];
  for (const name of names) write(name, attacker.bundle);
  commit('names');
  const { code, lines, summary } = verify();
  expect(code).toBe(1);
  expect(lines).toHaveLength(names.length + 1);
  for (const line of lines.slice(0, -1)) {
    expect(line).toMatch(/^::error file=[^:,]+::/);
    expect(line).not.toContain('##[');
    expect(line).not.toContain('\u202e');
  }
  expect(lines.join('\n')).toContain('d%250A%3A%3Aerror');
  expect(summary.split('\n').filter((row) => row.startsWith('| ❌ |'))).toHaveLength(names.length);
  expect(summary).not.toMatch(/[<`[\]]|::/);
});

it('ATTACK: bundles in hidden folders, and under names that are hardly one', () => {
  git('checkout', '--quiet', '-b', 'change');
  const names = ['.hidden/x.qpoe.json', 'a/.b/c/x.qpoe.json', '.x.qpoe.json', 'a/.qpoe.json'];
  for (const name of names) write(name, attacker.bundle);
  commit('hidden');
  const { code, lines } = verify();
  expect([code, lines.at(-1)]).toEqual([1, '1 of 5 pass']);
});

it('ATTACK: links to a bundle that would pass, and out of the repository', () => {
  git('checkout', '--quiet', '-b', 'change');
  symlinkSync('results/job.qpoe.json', place.path('link.qpoe.json'));
  symlinkSync('/etc/passwd', place.path('out.qpoe.json'));
  commit('links');
  const { code, lines } = verify();
  expect(code).toBe(1);
  expect(lines.filter((line) => line.includes('a link or a module, and no file'))).toHaveLength(2);
});

it('ATTACK: what lies in the work tree and isn’t committed is not what is judged', () => {
  git('checkout', '--quiet', '-b', 'change');
  write('results/job.qpoe.json', lab.bundle.replace('"depth":2', '"depth":3'));
  commit('touched');
  write('results/job.qpoe.json', lab.bundle);
  const { code, lines } = verify();
  expect([code, lines[0]]).toEqual([1, expect.stringContaining('FAIL: record.hash')]);
});

it('the base is its newest commit: a signer who was dropped since is no longer trusted', () => {
  git('checkout', '--quiet', '-b', 'change');
  const change = git('rev-parse', 'HEAD');
  git('checkout', '--quiet', 'main');
  write(POLICY, attacker.policy);
  commit('rotated');
  push('main');
  git('update-ref', 'refs/remotes/origin/main', change);
  git('checkout', '--quiet', 'change');
  expect(verify().lines[0]).toContain('SIGNER UNKNOWN');
});

it('a shallow checkout, as a runner makes it, is enough', () => {
  const event = PULL_REQUEST;
  const clone = join(place.folder, '../shallow');
  git('clone', '--quiet', '--depth=1', `file://${join(place.folder, '../origin.git')}`, clone);
  rmSync(place.path('.git'), { recursive: true });
  cpSync(join(clone, '.git'), place.path('.git'), { recursive: true });
  expect(git('rev-parse', '--is-shallow-repository')).toBe('true');
  expect(verify(event).code).toBe(0);
});

it('a push to the default branch is judged by the policy that stood there before', () => {
  const before = git('rev-parse', 'HEAD');
  write(POLICY, attacker.policy);
  write('results/job.qpoe.json', attacker.bundle);
  commit('both');
  push('main');
  const event = { before, repository: { default_branch: 'main' } };
  expect(verify(event, { GITHUB_REF: 'refs/heads/main' }).lines[0]).toContain('SIGNER UNKNOWN');
  const first = { before: '0'.repeat(40), repository: { default_branch: 'main' } };
  expect(verify(first, { GITHUB_REF: 'refs/heads/main' })).toMatchObject({
    code: 2,
    lines: ['::error::nothing stood on main before this push: commit the policy alone, first'],
  });
});

it('says what is gone', () => {
  git('checkout', '--quiet', '-b', 'change');
  git('mv', 'results/job.qpoe.json', 'results/moved.qpoe.json');
  commit('moved');
  const { code, lines } = verify();
  expect([code, lines[0]]).toEqual([
    0,
    '::warning file=results/job.qpoe.json::results/job.qpoe.json is on main, and no more here',
  ]);
});

it('refuses where there is no policy, no base, or nothing to verify', () => {
  const line = (outcome: Outcome): unknown[] => [outcome.code, ...outcome.lines];
  expect(line(verify(PULL_REQUEST, { QPOE_ACTION_POLICY: '.github/none/trust.toml' }))).toEqual([
    2,
    '::error::no .github/none/trust.toml on main: commit the policy there first',
  ]);
  for (const path of ['trust.toml', '../trust.toml', '/etc/qpoe/trust.toml', 'a/../b/trust.toml'])
    expect(verify(PULL_REQUEST, { QPOE_ACTION_POLICY: path }).code).toBe(2);
  expect(line(verify({}))[1]).toContain('give the input `base`');
  expect(verify({}, { QPOE_ACTION_BASE: 'main' }).code).toBe(0);
  expect(line(verify(PULL_REQUEST, { QPOE_ACTION_BASE: 'nowhere' }))[1]).toContain(
    "can't reach the base nowhere",
  );
  expect(line(verify(PULL_REQUEST, { QPOE_ACTION_PATHS: '*.none' }))[1]).toContain('nothing to verify');
});

it('a policy that is none is a refusal, not a pass', () => {
  write(POLICY, 'version = 2\n');
  commit('broken');
  push('main');
  const { code, lines } = verify();
  expect([code, lines[0]]).toEqual([2, expect.stringMatching(/^::error::.*version/)]);
});

it('action.yml installs this very version, runs this script, and lets no input into a command line', () => {
  const action = readFileSync(join(root, 'action.yml'), 'utf8');
  const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  expect(action).toContain(`default: ${name}@${version}\n`);
  expect(action).toContain('action/verify-bundles.mjs');
  for (const line of action.split('\n').filter((line) => /^\s+run:/.test(line)))
    expect(line).not.toContain('${{');
});

function decoded(summary: string): string {
  return summary.replaceAll(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)));
}
