/** The catalogue explains every check and every code that the verifier can give, and nothing else. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { checksPage } from '../../scripts/checks-page.ts';
import { utf8 } from '../core/bytes.ts';
import { parseTime } from '../core/time.ts';
import type { Check } from './check.ts';
import { CLAIMS } from './claims.ts';
import { EXPLANATIONS, explain } from './explanations.ts';
import { IDEAL_BACKENDS } from './ideal-simulators.ts';
import { parsePolicy } from './policy.ts';
import { verifyBytes } from './verify.ts';

const root = join(import.meta.dirname, '../..');
const own = readdirSync(import.meta.dirname).filter(
  (name) =>
    name.endsWith('.ts') &&
    !name.endsWith('.test.ts') &&
    !/^(explanations|claims|still-holds|lint-|policy-)/.test(name),
);
const ofArchives = [
  'verify-archive.ts',
  'archive.ts',
  'read-zip.ts',
  'judge-carried.ts',
  'judge-reproduction.ts',
  'verify-reproduction.ts',
].map((name) => join('../publish', name));
const verifier = [...own, ...ofArchives]
  .map((name) => readFileSync(join(import.meta.dirname, name), 'utf8'))
  .join('\n');
const everything = ['core', 'record', 'attest', 'tlog', 'anchor', 'online', 'verify', 'publish']
  .flatMap((folder) =>
    readdirSync(join(root, 'src', folder))
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && name !== 'explanations.ts')
      .map((name) => readFileSync(join(root, 'src', folder, name), 'utf8')),
  )
  .join('\n');
const matches = (code: string, known: string): boolean =>
  known.endsWith('.*') ? code.startsWith(known.slice(0, -1)) : code === known;
const isExplained = ({ id, status, code }: Pick<Check, 'id' | 'status' | 'code'>): boolean =>
  explain(id)!.failings.some(
    (failing) => failing.status === status && failing.codes.some((known) => matches(code!, known)),
  );

/** The checks of every committed vector. */
async function checksOfVectors(): Promise<Check[]> {
  const folders = ['record', 'statement', 'log', 'time', 'bundle'].map((name) => join(root, 'vectors', name));
  const files = folders.flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)));
  const verdicts = files.map((file) => {
    const { text, policy, now } = JSON.parse(readFileSync(file, 'utf8'));
    const trust = { kind: 'policy', path: 'trust.toml', policy: parsePolicy(policy, 'trust.toml') } as const;
    return verifyBytes(utf8(text), trust, parseTime(now)!);
  });
  return (await Promise.all(verdicts)).flatMap(({ checks }) => [...checks]);
}

it('holds every check that some code makes, and no other', async () => {
  const made = new Set((await checksOfVectors()).map(({ id }) => id));
  const written = [...verifier.matchAll(/(?:makeCheck|missing|formatCheck)\(\s*'([a-z_.]+)'/g)].map(
    ([, id]) => id!,
  );
  const formats = [...verifier.matchAll(/malformed\('([a-z]+)'/g)].map(([, kind]) => `${kind}.format`);
  const all = new Set<string>([...made, ...written, ...formats]);
  expect([...all].sort()).toEqual(Object.keys(CLAIMS).sort());
  expect(EXPLANATIONS.map(({ id }) => id)).toEqual(Object.keys(CLAIMS));
});

it('explains what each vector’s checks say where they don’t pass', async () => {
  const checks = (await checksOfVectors()).filter(
    ({ status, code }) => status !== 'pass' && code !== undefined,
  );
  expect(checks.length).toBeGreaterThan(60);
  const unexplained = checks.filter((check) => !isExplained(check));
  expect([...new Set(unexplained.map(({ id, status, code }) => `${id} ${status} ${code}`))]).toEqual([]);
});

it('names every code that stands in the verifier, and no code that nothing gives', () => {
  const codes = new Set(EXPLANATIONS.flatMap(({ failings }) => failings.flatMap((failing) => failing.codes)));
  const backends = Object.values(IDEAL_BACKENDS).flat();
  const literals = new Set(
    [...verifier.matchAll(/'([a-z-]+\.[a-z][a-z.-]*)'/g)]
      .map(([, text]) => text!)
      .filter(
        (text) =>
          !/\.(?:ts|json|txt)$/.test(text) && !Object.hasOwn(CLAIMS, text) && !backends.includes(text),
      ),
  );
  expect(literals.size).toBeGreaterThan(50);
  expect([...literals].filter((code) => ![...codes].some((known) => matches(code, known)))).toEqual([]);
  const isGiven = (code: string): boolean =>
    everything.includes(code.endsWith('.*') ? code.slice(0, -1) : `'${code}'`);
  expect([...codes].filter((code) => !isGiven(code))).toEqual([]);
});

it('speaks of no command line outside of the hint for it', () => {
  for (const { cli: _, ...texts } of EXPLANATIONS)
    expect(JSON.stringify(texts), texts.id).not.toMatch(/qpoe |--[a-z]/);
});

it('is docs/checks.md', () =>
  expect(readFileSync(join(root, 'docs/checks.md'), 'utf8'), '`npm run schemas` writes it').toBe(
    checksPage(),
  ));
