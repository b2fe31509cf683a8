/** The documents say what the program says. */

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { SIDEBAR } from '../docs/.vitepress/sidebar.ts';
import { slugOf } from '../docs/.vitepress/slug.ts';
import { cliReference } from '../scripts/cli-reference.ts';
import { allCommands } from '../scripts/commands.ts';
import { VERSION } from '../src/cli/version.ts';
import { newPlace } from './cli.ts';
import { DOCUMENTS, readFile } from './documents.ts';

const root = join(import.meta.dirname, '..');

it('docs/cli.md has a heading for every command, and no flag that there isn’t', () => {
  const cli = readFile('docs/cli.md');
  const commands = allCommands();
  expect(commands.length).toBeGreaterThan(40);
  // The original toolkit's names are hidden from the help.
  const flags = new Set(['--help']);
  for (const { path, command } of commands) {
    expect(cli).toContain(`\n### ${path}\n`);
    for (const { long } of command.options) flags.add(long!);
  }
  for (const [flag] of cli.matchAll(/--[a-z][a-z-]*/g)) expect(flags).toContain(flag);
});

it('docs/cli-reference.md is what `npm run schemas` writes: every command with every flag', () => {
  const reference = readFile('docs/cli-reference.md');
  expect(reference).toBe(cliReference());
  const [everywhere] = reference.split('\n## Exit codes');
  for (const { path, command } of allCommands()) {
    const section = reference.split(`\n### ${path}\n`)[1]!.split('\n### ')[0]!;
    for (const { long, hidden } of command.options)
      if (!hidden) expect(`${everywhere}${section}`, path).toContain(long);
  }
});

it('links in the documents lead to a file that is there, and to a heading of it', () => {
  let anchors = 0;
  for (const document of DOCUMENTS)
    for (const [, link] of proseOf(document).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)) {
      const [target, anchor] = link!.split('#') as [string, string?];
      const path = target === '' ? document : join(dirname(document), target);
      expect(existsSync(join(root, path)), `${document}: ${link}`).toBe(true);
      if (anchor === undefined) continue;
      anchors++;
      expect(anchorsOf(path), `${document}: ${link}`).toContain(anchor);
    }
  expect(anchors).toBeGreaterThan(5);
});

function proseOf(document: string): string {
  return readFile(document).replaceAll(/^```[\s\S]*?^```$/gm, '');
}

function anchorsOf(document: string): readonly string[] {
  return [...proseOf(document).matchAll(/^#+ (.*)$/gm)].map(([, heading]) => slugOf(heading!));
}

it('the picture says in words what it shows, keeps to the reader’s colours, and fetches nothing', () => {
  const picture = readFile('docs/proof-chain.svg');
  expect(picture).toMatch(/aria-labelledby="title desc"[\s\S]*<title id="title">[\s\S]*<desc id="desc">/);
  expect(picture).toContain('@media (prefers-color-scheme: dark)');
  expect(picture.replace('xmlns="http://www.w3.org/2000/svg"', '')).not.toMatch(
    /https?:|<script|<image|href/,
  );
  expect(picture.length).toBeLessThan(6000);
});

it('the site’s sidebar has every document, once', () => {
  const listed = SIDEBAR.flatMap(({ items }) => items.map(({ link }) => `docs${link}.md`));
  const documents = DOCUMENTS.filter((path) => path.startsWith('docs/') && path !== 'docs/index.md');
  expect(listed.toSorted()).toEqual(documents.toSorted());
});

it('the published digest is that of the page that is built: `npm run schemas` writes it', () => {
  const { digest } = JSON.parse(newPlace().qpoe('verify', '--page', '--json').stdout);
  expect(readFile('docs/verifier-page.sha256')).toBe(`${digest.replace('sha256:', '')}  verifier.html\n`);
});

it('one version', () => {
  expect(JSON.parse(readFile('package.json')).version).toBe(VERSION);
  for (const document of DOCUMENTS)
    for (const [, version] of readFile(document).matchAll(/quantum-proof-of-execution-([\d.]+)\.tgz/g))
      expect(version, document).toBe(VERSION);
  expect(readFile('python/pyproject.toml')).toContain(`\nversion = "${VERSION}"\n`);
  expect(readFile('python/qpoe/__init__.py')).toContain(`\n__version__ = "${VERSION}"\n`);
});
