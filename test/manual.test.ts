/** The manual page and the helps: made from the program, read by roff without a warning, with examples that the program takes. */

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { allCommands, helpOf, newProgram } from '../scripts/commands.ts';
import { manualPage } from '../scripts/manual-page.ts';
import { SCHEMA_NAMES } from '../src/cli/machine/schema-names.ts';
import { INNER_VARIABLES, VARIABLES } from '../src/cli/variables.ts';
import { CITATION_FORMATS } from '../src/publish/citation.ts';
import { INSTALLABLE_SDKS, SDK_NAMES } from '../src/sdk/sdk-names.ts';
import { newPlace } from './cli.ts';

const root = join(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const page = read('docs/qpoe.1');
/** What it says, without roff. */
const shown = page
  .replaceAll('\\-', '-')
  .replaceAll(/\\\[u([0-9A-F]{4,6})\]/g, (_, hex) => String.fromCodePoint(Number.parseInt(hex, 16)));

const commands = allCommands();

it('docs/qpoe.1 is what `npm run schemas` writes', () => {
  expect(page).toBe(manualPage());
});

it('names every command and every flag', () => {
  expect(commands.length).toBeGreaterThan(40);
  for (const { path, command } of commands) {
    expect(shown).toContain(`.SS "${path}`);
    for (const { long, hidden } of command.options) if (!hidden) expect(shown, path).toContain(long!);
  }
});

const groff = spawnSync('groff', ['--version']).status === 0;
it.skipIf(!groff)(`roff reads it without a warning${groff ? '' : ' (skipped: no groff)'}`, () => {
  const { status, stderr, stdout } = spawnSync(
    'groff',
    ['-man', '-ww', '-Tutf8', join(root, 'docs/qpoe.1')],
    {
      encoding: 'utf8',
    },
  );
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toContain('inconclusive');
});

const mandoc = spawnSync('mandoc', ['-h']).error === undefined;
it.skipIf(!mandoc)(`mandoc finds no fault${mandoc ? '' : ' (skipped: no mandoc)'}`, () => {
  const { stdout } = spawnSync('mandoc', ['-Tlint', '-Wwarning', join(root, 'docs/qpoe.1')], {
    encoding: 'utf8',
  });
  // A date would be that of some build; the version stands there.
  expect(stdout.replace(/^.*missing date.*\n/, '')).toBe('');
});

it('text of the program can’t become a request of roff', () => {
  for (const line of page.split('\n'))
    expect(line).toMatch(/^(?:\.(?:TH|SH|SS|PP|TP|B|I|RI|RS|RE|nf|fi)(?: |$)|[^.']|$)/);
});

it('the variables are those that the source reads', () => {
  const source = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && !name.endsWith('variables.ts'))
    .map((name) => read(join('src', name)))
    .join('\n');
  const used = new Set([...source.matchAll(/\b(QPOE_[A-Z_]+[A-Z])\b/g)].map(([, name]) => name!));
  expect(used.size).toBeGreaterThan(10);
  expect([...Object.keys(VARIABLES), ...INNER_VARIABLES]).toEqual(expect.arrayContaining([...used]));
  for (const name of Object.keys(VARIABLES)) expect(source, name).toContain(name);
});

it.each(commands.map(({ path }) => path))('%s has an example in its help, and takes it', async (path) => {
  const help = helpOf(commands.find((one) => one.path === path)!.command);
  const examples = [...help.matchAll(/^ {2}\$ (.*)$/gm)].map(([, line]) => line!);
  expect(examples.length).toBeGreaterThan(0);
  for (const example of examples) {
    const [first, ...words] = wordsOf(example.replace(/^source <\((.*)\)$/, '$1'));
    expect(first).toBe('qpoe');
    expect(words.join(' ')).toContain(path.slice('qpoe '.length));
    if (path === 'qpoe completion') continue;
    // It throws where the command has no such flag, or needs another argument; nothing is run.
    await newProgram().parseAsync(words, { from: 'user' });
  }
});

it('the first help fits a terminal, and names every command', () => {
  const { stdout } = newPlace().qpoe('--help');
  for (const command of newProgram().commands)
    expect(stdout).toMatch(new RegExp(`^  .*\\b${command.name()}\\b`, 'm'));
  expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
});

it.each([
  ['qpoe run', SDK_NAMES],
  ['qpoe sdk install', INSTALLABLE_SDKS],
  ['qpoe schema', SCHEMA_NAMES],
  ['qpoe cite', CITATION_FORMATS],
])('the help of %s names each of what it takes, and so does docs/cli-reference.md', (path, names) => {
  const { command } = commands.find((one) => one.path === path)!;
  const [, section] = read('docs/cli-reference.md').split(`\n### ${path}\n`);
  for (const text of [helpOf(command), section!.split('\n### ')[0]!])
    expect(text.match(/[\w-]+/g)).toEqual(expect.arrayContaining([...names]));
});

/** As a shell would split it, up to a pipe. */
function wordsOf(line: string): string[] {
  return [...line.split(' | ')[0]!.matchAll(/'([^']*)'|"([^"]*)"|([^\s'"]+)/g)].map(
    ([, single, double, bare]) => single ?? double ?? bare!,
  );
}
