/** The rule that keeps the pure folders pure, broken in a copy: the build or the linter must say so. */

import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const PURE = [
  'core',
  'circuit',
  'simulator',
  'statistics',
  'record',
  'attest',
  'tlog',
  'anchor',
  'verify',
  'demo',
  'publish',
];
const BREACHES: [string, string][] = [
  ['a Node module', "import 'node:fs';"],
  ['Buffer', 'export const breach = Buffer.from([]);'],
  ['the process', 'export const breach = process.env;'],
  ['the network', 'export const breach = () => fetch;'],
  ['a page', 'export const breach = () => document;'],
  ['a timer', 'export const breach = () => setTimeout;'],
  ['the clock', 'export const breach = () => Date.now();'],
  ['a new date', 'export const breach = () => new Date();'],
  ['randomness', 'export const breach = () => Math.random();'],
  ['the secure kind', 'export const breach = () => crypto.getRandomValues(new Uint8Array(1));'],
  ['engine-dependent maths', 'export const breach = () => Math.sin(1);'],
  ['the same by another way', 'const { cos } = Math;\nexport const breach = cos;'],
  ['powers by operator', 'export const breach = (x: number) => x ** 0.5;'],
  ['a folder to its right', "export { addRecord } from '../store/store.ts';"],
  ['every global at once', 'export const breach = globalThis;'],
];

describe('a breach of purity', () => {
  let copy = '';
  beforeAll(() => {
    copy = mkdtempSync(join(tmpdir(), 'qpoe-purity-'));
    for (const part of ['src', 'lint', 'biome.json', 'tsconfig.base.json', 'tsconfig.json', 'package.json'])
      cpSync(join(root, part), join(copy, part), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
    spawnSync('git', ['init', '-q'], { cwd: copy });
  });
  afterAll(() => rmSync(copy, { recursive: true, force: true }));

  const run = (tool: string, ...args: string[]) =>
    spawnSync(join(root, 'node_modules/.bin', tool), args, { cwd: copy, encoding: 'utf8' });

  it('is not there to begin with', () => {
    const built = run('tsc', '-b', 'src/verify', 'src/tlog', 'src/anchor', 'src/demo', 'src/publish');
    expect(built.status, built.stdout).toBe(0);
    const linted = run('biome', 'lint', ...PURE.map((folder) => `src/${folder}`));
    expect(linted.status, linted.stderr).toBe(0);
  });

  it.each(BREACHES)('by %s is found', (_, code) => {
    const file = join(copy, 'src/core/breach.ts');
    writeFileSync(file, `${code}\n`);
    const built = run('tsc', '-b', 'src/core');
    const linted = run('biome', 'lint', 'src/core/breach.ts');
    rmSync(file);
    expect([built.status, linted.status]).not.toEqual([0, 0]);
    expect(built.stdout + linted.stderr).toContain('breach.ts');
  });

  it.each(PURE)('in src/%s is found', (folder) => {
    const file = join(copy, 'src', folder, 'breach.ts');
    writeFileSync(file, 'export const breach = () => Math.sin(Date.now());\n');
    const { status, stderr } = run('biome', 'lint', `src/${folder}/breach.ts`);
    rmSync(file);
    expect(status).toBe(1);
    expect(stderr).toMatch(/noRestrictedGlobals[\s\S]*plugin|plugin[\s\S]*noRestrictedGlobals/);
  });
});
