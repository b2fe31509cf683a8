/** The documents say what the program says. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { cliReference } from '../scripts/cli-reference.ts';
import { allCommands } from '../scripts/commands.ts';
import { VERSION } from '../src/cli/version.ts';
import { newPlace } from './cli.ts';

const root = join(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

it('docs/cli.md speaks of every command, and of no flag that there isn’t', () => {
  const cli = read('docs/cli.md');
  const commands = allCommands();
  expect(commands.length).toBeGreaterThan(40);
  // The original toolkit's names are hidden from the help.
  const flags = new Set(['--help']);
  for (const { path, command } of commands) {
    expect(cli).toContain(path);
    for (const { long } of command.options) flags.add(long!);
  }
  for (const [flag] of cli.matchAll(/--[a-z][a-z-]*/g)) expect(flags).toContain(flag);
});

it('docs/cli-reference.md is what `npm run schemas` writes: every command with every flag', () => {
  const reference = read('docs/cli-reference.md');
  expect(reference).toBe(cliReference());
  const [everywhere] = reference.split('\n## Exit codes');
  for (const { path, command } of allCommands()) {
    const section = reference.split(`\n### ${path}\n`)[1]!.split('\n### ')[0]!;
    for (const { long, hidden } of command.options)
      if (!hidden) expect(`${everywhere}${section}`, path).toContain(long);
  }
});

it('links in the documents lead somewhere', () => {
  const documents = [
    'README.md',
    'CONTRIBUTING.md',
    'SECURITY.md',
    ...readdirSync(join(root, 'docs'))
      .filter((name) => name.endsWith('.md'))
      .map((name) => `docs/${name}`),
  ];
  for (const document of documents)
    for (const [, target] of read(document).matchAll(/\]\((?!https?:)([^)#]+)/g))
      expect(existsSync(join(root, dirname(document), target!)), `${document}: ${target}`).toBe(true);
});

it('the published digest is that of the page that is built: `npm run schemas` writes it', () => {
  const { digest } = JSON.parse(newPlace().qpoe('verify', '--page', '--json').stdout);
  expect(read('docs/verifier-page.sha256')).toBe(`${digest.replace('sha256:', '')}  verifier.html\n`);
});

it('one version', () => {
  expect(JSON.parse(read('package.json')).version).toBe(VERSION);
  expect(read('python/pyproject.toml')).toContain(`\nversion = "${VERSION}"\n`);
  expect(read('python/qpoe/__init__.py')).toContain(`\n__version__ = "${VERSION}"\n`);
});
