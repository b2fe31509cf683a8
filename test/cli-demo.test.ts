/** `qpoe demo` at the command line. */

import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hasLocalChain } from '../src/online/local-chain.ts';
import { BIN, newPlace, type Place } from './cli.ts';

const root = join(import.meta.dirname, '..');
const NO_ANVIL = hasLocalChain() ? undefined : 'there is no anvil here';
const unless = (reason: string | undefined) => (reason === undefined ? '' : ` (${reason})`);

/** With temporary files in a folder of the test's own, to see that nothing stays there. */
function demoPlace(extra: NodeJS.ProcessEnv = {}): { place: Place; left: () => readonly string[] } {
  const place = newPlace(extra);
  const temporary = join(place.home, '../tmp');
  mkdirSync(temporary);
  place.environment.TMPDIR = temporary;
  return { place, left: () => readdirSync(temporary) };
}

const transcript = readFileSync(join(root, 'docs/demo.md'), 'utf8')
  .split('$ qpoe demo --static --yes\n')[1]!
  .split('```')[0]!;
const verdicts = (text: string) =>
  [...text.matchAll(/^ {3}verdict {3}(.*)$/gm)].map(([, headline]) => headline);

describe('demo --static --yes', () => {
  it('prints the transcript in docs/demo.md, and leaves nothing behind', () => {
    const { place, left } = demoPlace();
    const { code, stdout, stderr } = place.qpoe('demo', '--static', '--yes');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toBe(transcript);
    expect(verdicts(stdout)).toHaveLength(14);
    expect([place.files(), left(), existsSync(place.home)]).toEqual([[], [], false]);
  });

  it('reads and writes nothing of the person’s', () => {
    const { place } = demoPlace({
      QPOE_POLICY: '/nowhere/trust.toml',
      QPOE_KEY: '/nowhere/key',
      QPOE_SDK: 'cirq',
    });
    mkdirSync(place.home);
    for (const name of ['trust.toml', 'config.toml']) writeFileSync(join(place.home, name), 'not = [ toml');
    writeFileSync(place.path('.qpoe'), 'no store');
    const { code, stdout } = place.qpoe('demo', '--static', '--yes');
    expect([code, stdout]).toEqual([0, transcript]);
    expect(readdirSync(place.home)).toEqual(['config.toml', 'trust.toml']);
    expect(place.files()).toEqual(['.qpoe']);
  });

  it('answers as one JSON object', () => {
    const { place } = demoPlace();
    const { code, stdout } = place.qpoe('demo', '--static', '--json');
    const answer = JSON.parse(stdout);
    expect([code, answer]).toMatchObject([0, { exit: 0, sample: 'static' }]);
    expect(answer.steps.map(({ id, amiss }: { id: string; amiss: string[] }) => [id, amiss])).toEqual([
      ...['verify', 'change-count', 'rehash', 're-sign', 'own-key', 'predicate'].map((id) => [id, []]),
      ...['forked-log', 'anchor', 'backdate', 'planted-policy'].map((id) => [id, []]),
      ...['runtime', 'copied-binding', 'changed-tag', 'invented'].map((id) => [id, []]),
    ]);
    expect(answer.steps[1]).toMatchObject({
      verdict: 'fail',
      found: [{ id: 'record.hash', status: 'fail', code: 'hash.mismatch' }],
    });
  });
});

describe.skipIf(NO_ANVIL !== undefined)(`demo --yes${unless(NO_ANVIL)}`, () => {
  it('makes a bundle of its own, comes to the same verdicts, and leaves nothing behind', () => {
    const { place, left } = demoPlace();
    const { code, stdout, stderr } = place.qpoe('demo', '--yes');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('The bundle was made just now');
    expect(verdicts(stdout)).toEqual(verdicts(transcript));
    expect([place.files(), left(), existsSync(place.home)]).toEqual([[], [], false]);
  });

  it('does without the receipt, and without a job bound to it, where there is no git, and says so', () => {
    const { place } = demoPlace();
    const tools = place.path('tools');
    mkdirSync(tools);
    // What the local chain needs, and no git.
    for (const tool of ['sh', 'cat', 'kill'])
      if (existsSync(`/bin/${tool}`)) spawnSync('ln', ['-s', `/bin/${tool}`, join(tools, tool)]);
    place.environment.PATH = tools;
    const { code, stdout } = place.qpoe('demo', '--yes');
    expect(stdout).toContain(
      'It has no receipt of a source commit, and so no job bound to one: there is no git here.',
    );
    const all = verdicts(transcript);
    expect([code, verdicts(stdout)]).toEqual([0, [...all.slice(0, 10), all.at(-1)]]);
    expect(stdout).not.toContain('Runtime job’s bundle');
  });

  it('is interrupted by Ctrl-C with 130, and leaves nothing behind', async () => {
    const { place, left } = demoPlace();
    const child = place.start('demo', '--yes');
    const ended = new Promise((resolve) => child.on('close', resolve));
    while (left().length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    child.kill('SIGINT');
    expect(await ended).toBe(130);
    expect(left()).toEqual([]);
  });
});

/** A package of its own, with nothing but what the command needs: no anvil, and a sample that can be changed. */
function copyPackage(place: Place): { bin: string; demo: string } {
  const copy = place.path('package');
  for (const part of ['dist/bin', 'demo', 'contracts', 'package.json'])
    cpSync(join(root, part), join(copy, part), { recursive: true });
  return { bin: BIN.replace(root, copy), demo: join(copy, 'demo') };
}

function runCopy(place: Place, bin: string, ...args: readonly string[]) {
  const environment = { ...place.environment, PATH: '/nowhere' };
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], {
    env: environment,
    encoding: 'utf8',
  });
  return { code: status, stdout, stderr };
}

it('demo takes the committed sample where there is no anvil, and says so', () => {
  const { place } = demoPlace();
  const { bin } = copyPackage(place);
  expect(runCopy(place, bin, 'demo', '--yes')).toEqual({
    code: 0,
    stdout: transcript,
    stderr: 'no anvil here to anchor on: the committed sample is taken, as with --static\n',
  });
});

describe('demo exits with 1 and says which step is amiss', () => {
  const amiss = (text: string) => /^AMISS: (.*)\. Do not trust/m.exec(text)?.[1];

  it('where the stranger is believed', () => {
    const { place } = demoPlace();
    const { bin, demo } = copyPackage(place);
    const { attacker } = JSON.parse(readFileSync(join(demo, 'keys.json'), 'utf8'));
    const key = Buffer.from(attacker.ed25519, 'base64');
    const pem = `-----BEGIN PRIVATE KEY-----\n${key.toString('base64')}\n-----END PRIVATE KEY-----\n`;
    const der = spawnSync('openssl', ['pkey', '-pubout', '-outform', 'DER'], { input: pem }).stdout;
    const raw = der.subarray(-32).toString('base64');
    appendFileSync(join(demo, 'trust.toml'), `\n[[signer]]\nname = "stranger"\ned25519 = "${raw}"\n`);
    const { code, stdout } = runCopy(place, bin, 'demo', '--static', '--yes');
    expect([code, amiss(stdout)]).toEqual([1, 're-sign, planted-policy']);
  });

  it('where the sample doesn’t pass to begin with', () => {
    const { place } = demoPlace();
    const { bin, demo } = copyPackage(place);
    const path = join(demo, 'demo.qpoe.json');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"label":"DEMO"', '"label":"ODEM"'));
    const { code, stdout } = runCopy(place, bin, 'demo', '--static', '--yes');
    expect(code).toBe(1);
    expect(amiss(stdout)).toMatch(/^verify, /);
  });

  it('where witnesses and anchor are no longer asked for', () => {
    const { place } = demoPlace();
    const { bin, demo } = copyPackage(place);
    const path = join(demo, 'trust.toml');
    const weak = readFileSync(path, 'utf8').replace(
      /^(?:witnesses|quorum|anchor|blocks) = .*\n(?: {2}\{.*\n)*(?:\]\n)?/gm,
      '',
    );
    writeFileSync(path, weak);
    const { code, stdout } = runCopy(place, bin, 'demo', '--static', '--yes');
    expect([code, amiss(stdout)]).toEqual([1, 'verify, forked-log, backdate, invented']);
  });
});

/** Notes each socket and process in a file, and lets none be. */
const GUARD = `
import { appendFileSync } from 'node:fs';
import net from 'node:net';
import child from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';
const refuse = (what) => () => {
  appendFileSync(process.env.GUARD_LOG, what + '\\n');
  throw new Error('the guard lets no ' + what + ' be');
};
net.Socket.prototype.connect = refuse('socket');
net.Server.prototype.listen = refuse('server');
child.spawn = refuse('process');
child.spawnSync = refuse('process');
syncBuiltinESMExports();
`;

it('demo --static opens no socket and starts no process', () => {
  const { place } = demoPlace();
  const guard = place.path('guard.mjs');
  const log = place.path('guard.log');
  writeFileSync(guard, GUARD);
  Object.assign(place.environment, { NODE_OPTIONS: `--import ${guard}`, GUARD_LOG: log });
  expect(place.qpoe('demo', '--static', '--yes')).toEqual({ code: 0, stdout: transcript, stderr: '' });
  expect(existsSync(log)).toBe(false);
  // The guard sees what it is there to see.
  expect(place.qpoe('demo', '--yes').code).toBe(4);
  expect(readFileSync(log, 'utf8')).toBe('process\n');
});

it('demo says in one line where it can make no folder', () => {
  const { place } = demoPlace({});
  place.environment.TMPDIR = '/dev/null/nowhere';
  const { code, stderr } = place.qpoe('demo', '--yes');
  expect([code, stderr]).toEqual([
    4,
    expect.stringMatching(/^qpoe: can't make a temporary folder in \/dev\/null\/nowhere: .*\n$/),
  ]);
});

const NO_SCRIPT = spawnSync('script', ['--version']).status === 0 ? undefined : 'there is no script(1) here';

describe.skipIf(NO_SCRIPT !== undefined)(`demo at a terminal${unless(NO_SCRIPT)}`, () => {
  const atTerminal = (place: Place, command: string, input: string) =>
    spawnSync('script', ['-qec', command, '/dev/null'], { env: place.environment, input, encoding: 'utf8' });

  it('waits for Enter after each step', () => {
    const { place } = demoPlace();
    const { status, stdout } = atTerminal(place, `${process.execPath} ${BIN} demo --static`, '\n'.repeat(14));
    expect(status).toBe(0);
    expect(stdout.match(/Enter for the next step/g)).toHaveLength(13);
  });

  it('goes on without, once the input has ended', () => {
    const { place } = demoPlace();
    const { status, stdout } = atTerminal(place, `${process.execPath} ${BIN} demo --static`, '');
    expect(status).toBe(0);
    expect(stdout.match(/Enter for the next step/g)).toHaveLength(1);
  });

  it('doesn’t with --yes', () => {
    const { place } = demoPlace();
    const { status, stdout } = atTerminal(place, `${process.execPath} ${BIN} demo --static --yes`, '');
    expect(status).toBe(0);
    expect(stdout).not.toContain('Enter for');
  });
});
