/** The examples of the library (examples/README.md), run as their reader runs them. */

import { spawnSync } from 'node:child_process';
import { webcrypto } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createContext, Script } from 'node:vm';
import { build } from 'esbuild';
import { expect, it } from 'vitest';
import { newPlace, type Place } from './cli.ts';

const root = join(import.meta.dirname, '..');
const example = (...parts: string[]): string => join(root, 'examples', ...parts);
const demo = (name: string): string => join(root, 'demo', name);

const node = (place: Place, ...args: string[]) =>
  spawnSync(process.execPath, args, { cwd: place.folder, env: place.environment, encoding: 'utf8' });

it('make-record.mjs writes a record that the command verifies, by a policy that knows its key', () => {
  const place = newPlace();
  const made = node(place, example('make-record.mjs'), 'record.json');
  expect(made).toMatchObject({ status: 0, stderr: '' });
  const [hash, ...signer] = made.stdout.split('\n');
  expect(place.qpoe('hash', 'record.json').stdout.trim()).toBe(hash);
  writeFileSync(join(place.folder, '../trust.toml'), ['version = 1', ...signer].join('\n'));
  const verified = place.qpoe('verify', '--policy', '../trust.toml', 'record.json');
  expect(verified.stdout).toContain('PASS: signed by "example"');
  expect(verified.code).toBe(0);
});

it('verify-bundle.mjs passes a bundle, and none that was touched or that holds what the library can’t judge', () => {
  const place = placeWithBundle();
  const pass = node(place, example('verify-bundle.mjs'), 'job.qpoe.json', join(place.home, 'trust.toml'));
  expect(pass.stdout).toContain('PASS: signed by "me"');
  expect(pass.stdout).toContain('not proven: that quantum hardware ran it');
  expect(pass.status).toBe(0);
  const stamped = node(place, example('verify-bundle.mjs'), demo('demo.qpoe.json'), demo('trust.toml'));
  expect(stamped.stdout).toMatch(/^INCOMPLETE: time.stamp\n/);
  expect(stamped.status).toBe(1);
  writeFileSync(place.path('touched.json'), touched());
  const fail = node(place, example('verify-bundle.mjs'), 'touched.json', demo('trust.toml'));
  expect(fail.stdout).toContain('FAIL: record.hash');
  expect(fail.status).toBe(1);
});

it('the browser’s bundle verifies where there is nothing of Node', async () => {
  const verify = await loadAsPage(example('browser', 'verify.js'));
  const place = placeWithBundle();
  const own = readFileSync(join(place.home, 'trust.toml'), 'utf8');
  const verdict = await verify(new Uint8Array(readFileSync(place.path('job.qpoe.json'))), own);
  expect(verdict.headline).toContain('PASS: signed by "me"');
  const policy = readFileSync(demo('trust.toml'), 'utf8');
  expect((await verify(new Uint8Array(touched()), policy)).headline).toContain('FAIL: record.hash');
});

function placeWithBundle(): Place {
  const place = newPlace();
  expect(place.qpoe('run', '--n-qubits', '2', '--depth', '1').code).toBe(0);
  expect(place.qpoe('bundle', 'last', '--out', 'job.qpoe.json').code).toBe(0);
  return place;
}

function touched(): Buffer {
  const bundle = JSON.parse(readFileSync(demo('demo.qpoe.json'), 'utf8'));
  const [result] = bundle.record.execution.result_summary;
  const [from, to] = Object.keys(result.counts) as [string, string];
  result.counts[from]--;
  result.counts[to]++;
  return Buffer.from(JSON.stringify(bundle));
}

type Verify = (bundle: Uint8Array, policy: string) => Promise<{ readonly headline: string }>;

/** The bundle in a realm that has only what a page has: `process`, `Buffer` or `require` would be an error. */
async function loadAsPage(entry: string): Promise<Verify> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    absWorkingDir: root,
    bundle: true,
    format: 'iife',
    globalName: 'page',
    platform: 'browser',
    write: false,
    logLevel: 'error',
  });
  const context = createContext({ crypto: webcrypto, TextEncoder, TextDecoder });
  new Script(outputFiles[0]!.text).runInContext(context);
  return (context.page as { readonly verify: Verify }).verify;
}
