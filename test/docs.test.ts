/** The documents say what the program says. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { VERSION } from '../src/cli/version.ts';
import { newPlace } from './cli.ts';

const root = join(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const COMMANDS = [
  'attest statement',
  'attest receipt',
  'bundle',
  'bundle unpack',
  'bundle upgrade',
  'publish',
  'cite',
  'reveal',
  'policy audit',
  'log append',
  'log cosign',
  'log witness serve',
  'anchor submit',
  'anchor deploy',
  'anchor status',
  'runtime emulate',
  'policy init',
  'policy check',
  'policy show',
  'policy add-signer',
  'policy add-log',
  'policy add-chain',
  'policy pin-block',
  'log prove',
  'log checkpoint',
  'log consistency',
  'log fsck',
  'log trusted-root',
  'log serve',
  'log audit',
  'run',
  'verify',
  'compare',
  'replay',
  'record',
  'exec',
  'list',
  'show',
  'init',
  'hash',
  'inspect',
  'runtime import',
  'runtime watch',
  'runtime submit',
  'runtime bind',
  'runtime bundle',
  'runtime tags',
  'sdk list',
  'sdk install',
  'demo',
  'doctor',
  'schema',
  'completion',
];

it('docs/cli.md names every command and every flag, and no other', () => {
  const place = newPlace();
  const cli = read('docs/cli.md');
  // The original toolkit's names are hidden from the help.
  const flags = new Set(['--help', '--version', '--framework', '--private-key-file']);
  for (const command of COMMANDS) {
    const { code, stdout } = place.qpoe(...command.split(' '), '--help');
    expect(code, command).toBe(0);
    expect(cli, command).toContain(`qpoe ${command}`);
    for (const [flag] of stdout.matchAll(/--[a-z][a-z-]*/g)) flags.add(flag);
  }
  for (const flag of flags) if (flag !== '--version') expect(cli, flag).toContain(flag);
  for (const [flag] of cli.matchAll(/--[a-z][a-z-]*/g)) expect(flags, flag).toContain(flag);
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
