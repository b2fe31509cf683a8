/** The package as a stranger gets it: packed, installed into an empty folder, run from there, and compiled against. */

import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readFile } from '../documents.ts';
import { runDocument, stepsOf } from '../transcript.ts';

const root = join(import.meta.dirname, '../..');
const tool = (name: string): string => join(root, 'node_modules/.bin', name);
const place = mkdtempSync(join(tmpdir(), 'qpoe-package-'));
afterAll(() => rmSync(place, { recursive: true, force: true }));

// A folder above this one, or a variable, must not lend it anything.
const environment = {
  PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
  HOME: place,
  NO_COLOR: '1',
};
const run = (command: string, ...args: string[]) =>
  spawnSync(command, args, { cwd: place, env: environment, encoding: 'utf8', timeout: 300_000 });
const qpoe = (...args: string[]) => run(join(place, 'node_modules/.bin/qpoe'), ...args);

// Without its scripts: they would build again under the tests that run beside this one.
const packed = spawnSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', place], {
  cwd: root,
  encoding: 'utf8',
});
const tarball = join(place, readdirSync(place).find((name) => name.endsWith('.tgz')) ?? 'none');
writeFileSync(join(place, 'package.json'), '{"private":true,"type":"module"}');
// The registry is reached as this machine reaches it; only what is installed runs without its settings.
const installed = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', tarball], {
  cwd: place,
  encoding: 'utf8',
  timeout: 300_000,
});
const offline =
  installed.status !== 0 &&
  /E(?:NOTFOUND|CONNREFUSED|AI_AGAIN|TIMEDOUT)/.test(String(installed.stderr) + installed.error);

it('is packed', () => {
  expect(packed.stderr + packed.error).not.toContain('npm error');
  expect(existsSync(tarball)).toBe(true);
});

it('holds what it needs, none of the tests, and is small', () => {
  const { stdout } = run('tar', 'tzf', tarball);
  const files = stdout
    .trim()
    .split('\n')
    .map((name) => name.slice('package/'.length));
  expect(files).toEqual(
    expect.arrayContaining([
      'LICENSE',
      'README.md',
      'dist/bin/qpoe.js',
      'dist/bin/verify-worker.js',
      'dist/verify/index.d.ts',
      'checklists/fair.toml',
      'demo/demo.qpoe.json',
      'docs/qpoe.1',
      'examples/verify-bundle.mjs',
      'python/runner.py',
      'python/locks/qiskit.txt',
      'contracts/LogAnchor.json',
    ]),
  );
  expect(
    files.filter((name) =>
      /(^|\/)(test|src|vectors|bench|\.changeset)\/|\.test\.|tsbuildinfo|\.pyc$/.test(name),
    ),
  ).toEqual([]);
  expect(statSync(tarball).size).toBeLessThan(2_000_000);
});

it('publint and arethetypeswrong find nothing', () => {
  const publint = run(tool('publint'), '--strict', tarball);
  expect([publint.status, publint.stdout]).toEqual([0, expect.stringContaining('All good!')]);
  const types = run(tool('attw'), '--profile', 'esm-only', '--no-color', tarball);
  expect([types.status, types.stdout.match(/quantum-proof-of-execution\/verify/)?.length]).toEqual([0, 1]);
});

describe.skipIf(offline)(`installed${offline ? ' (skipped: no package registry)' : ''}`, () => {
  beforeAll(() => expect([installed.status, installed.stderr]).toEqual([0, expect.anything()]));

  it('runs the demo, every step as told', () => {
    const { status, stdout } = qpoe('demo', '--static', '--yes');
    expect([status, stdout.split('\n').length > 50]).toEqual([0, true]);
    // With a chain of its own where anvil could be installed, and without where not.
    expect(qpoe('demo', '--yes').status).toBe(0);
  });

  it('runs, bundles and verifies', () => {
    expect(qpoe('run', '--n-qubits', '4', '--depth', '10', '--seed', '123', '--shots', '2000').status).toBe(
      0,
    );
    expect(qpoe('bundle', 'last', '--out', 'job.qpoe.json').status).toBe(0);
    const verified = qpoe('verify', 'job.qpoe.json');
    expect([verified.status, verified.stdout]).toEqual([0, expect.stringContaining('PASS: signed by "me"')]);
    const changed = readFileSync(join(place, 'job.qpoe.json'), 'utf8').replace('"depth":10', '"depth":11');
    writeFileSync(join(place, 'changed.qpoe.json'), changed);
    expect(qpoe('verify', 'changed.qpoe.json').status).toBe(1);
    expect(qpoe('doctor').status).toBe(0);
  });

  it('publishes, and audits against the checklist that is shipped', () => {
    const cited = ['--license', 'CC-BY-4.0', '--author', 'Lovelace, Ada'];
    expect(qpoe('run', '--n-qubits', '2', '--depth', '1', '--label', 'fig1').status).toBe(0);
    expect(
      qpoe('publish', 'fig1=label:fig1', '--title', 'A paper', ...cited, '--out', 'paper.zip').status,
    ).toBe(0);
    const audited = qpoe('policy', 'audit', '--against', 'fair', 'paper.zip');
    expect(audited.stdout).toContain('FAIR principles: paper.zip');
    // No DOI was given.
    expect([audited.status, /✗ not met {2}F1 /.test(audited.stdout)]).toEqual([1, true]);
  });

  it('brings the examples, which run beside it', () => {
    const examples = join(place, 'node_modules/quantum-proof-of-execution/examples');
    for (const name of ['make-record.mjs', 'verify-bundle.mjs'])
      cpSync(join(examples, name), join(place, name));
    expect(run(process.execPath, 'make-record.mjs', 'record.json').status).toBe(0);
    const policy = join(place, '.config/qpoe/trust.toml');
    const verified = run(process.execPath, 'verify-bundle.mjs', 'job.qpoe.json', policy);
    expect([verified.status, verified.stdout]).toEqual([0, expect.stringContaining('PASS: signed by "me"')]);
  });

  it.each(['researchers', 'reviewers', 'lab-engineers'])(
    'docs/getting-started-%s.md, from an empty home and the package alone',
    async (reader) => {
      // Run by npm, this process has npm's own settings: where `-g` installs is the reader's.
      const own = Object.entries(process.env).filter(([name]) => !/^npm_(?!config_registry$)/i.test(name));
      const environment = { ...Object.fromEntries(own), NPM_CONFIG_USERCONFIG: join(homedir(), '.npmrc') };
      const document = readFile(`docs/getting-started-${reader}.md`);
      expect(stepsOf(document)[0]!.command).toMatch(/^npm install -g /);
      await runDocument(document, { has: ['package'], environment, tarball });
    },
  );

  it('is a library that another program compiles against, and runs', () => {
    const consumer = join(root, 'test/consumer');
    for (const name of ['consumer.ts', 'tsconfig.json']) cpSync(join(consumer, name), join(place, name));
    cpSync(join(root, 'node_modules/@types/node'), join(place, 'node_modules/@types/node'), {
      recursive: true,
    });
    cpSync(join(root, 'node_modules/undici-types'), join(place, 'node_modules/undici-types'), {
      recursive: true,
    });
    const compiled = run(tool('tsc'), '-p', 'tsconfig.json');
    expect(compiled.stdout + compiled.stderr).toBe('');
    const ran = run(process.execPath, 'out/consumer.js');
    expect(ran.stderr.replaceAll(/^.*(?:ExperimentalWarning|--trace-warnings).*\n/gm, '')).toBe('');
    expect(JSON.parse(ran.stdout)).toMatchObject({
      digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      shots: 10,
      anchor: 'string',
      home: '/nowhere/trust.toml',
      verdict: 'fail',
      checks: expect.any(Number),
      refused: 'usage',
      schema: 'qpoe execution record, version 1.0',
    });
  });

  it('hands out nothing beside its ways in', () => {
    const ran = run(process.execPath, '-e', "await import('quantum-proof-of-execution/dist/store/files.js')");
    expect(ran.stderr).toContain('ERR_PACKAGE_PATH_NOT_EXPORTED');
  });
});
