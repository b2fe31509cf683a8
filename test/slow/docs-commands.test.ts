/**
 * Every command in the documents is one of these, by what its block says:
 *
 *     ```console run                run here, as its reader runs it (transcript.ts); what needs the package, by test/slow/package.test.ts
 *     ```console by=test/FILE       run by that test, which names the document
 *     ```console                    followed by "*Not run by a test: why.*", and listed in CONTRIBUTING.md
 */

import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DOCUMENTS, readFile } from '../documents.ts';
import { findFoundry } from '../foundry.ts';
import { findTestPython } from '../test-python.ts';
import { runDocument, stepsOf } from '../transcript.ts';

const root = join(import.meta.dirname, '../..');
const qiskit = await findTestPython('qiskit');
const has = [...('python' in qiskit ? ['qiskit'] : []), ...(findFoundry('anvil') ? ['anvil'] : [])];
const environment =
  'python' in qiskit ? { PATH: [dirname(qiskit.python), process.env.PATH].join(delimiter) } : {};

interface Block {
  readonly document: string;
  readonly options: string;
  readonly commands: string;
  readonly notRun: string | undefined;
}

const BLOCKS = DOCUMENTS.flatMap((document) =>
  [
    ...readFile(document).matchAll(/^```console(.*)\n([\s\S]*?)^```\n(?:\n\*Not run by a test: (.*)\*$)?/gm),
  ].map(
    ([, options, commands, notRun]): Block => ({
      document,
      options: options!.trim(),
      commands: commands!,
      notRun,
    }),
  ),
);
const by = (options: string): string | undefined => /^by=(\S+)$/.exec(options)?.[1];

const lacking = 'reason' in qiskit ? ` (without the steps on Qiskit: ${qiskit.reason})` : '';

describe(`prints what it shows${lacking}`, () => {
  for (const document of DOCUMENTS) {
    const steps = stepsOf(readFile(document));
    if (steps.length === 0) continue;
    const isHere = steps.some(({ needs }) => needs === undefined || has.includes(needs));
    const name = `${document}${isHere ? '' : ` (skipped: needs ${steps[0]!.needs})`}`;
    it.skipIf(!isHere)(name, { timeout: 180_000 }, async () => {
      expect(await runDocument(readFile(document), { has, environment })).toBeGreaterThan(0);
    });
  }
});

it('a block is run, run by another test, or marked as neither', () => {
  for (const { document, options, commands, notRun } of BLOCKS) {
    const kinds = [
      /^run(?: needs=(?:qiskit|anvil|package))?$/.test(options),
      by(options) !== undefined,
      notRun !== undefined,
    ];
    expect(kinds.filter(Boolean).length, `${document}: \`\`\`console ${options}\n${commands}`).toBe(1);
  }
});

it('another test that runs a block names its document, and every command and flag of it', () => {
  for (const { document, options, commands } of BLOCKS) {
    const test = by(options);
    if (test === undefined) continue;
    expect(existsSync(join(root, test)), `${document}: ${test}`).toBe(true);
    const text = readFile(test);
    expect(text, `${test} doesn't name ${document}`).toContain(document);
    for (const [, words] of commands.matchAll(/^\$ (?:npx )?qpoe ((?:[a-z][a-z-]+ ?)*)/gm))
      for (const word of words!.trim().split(' ')) expect(text, `${test}: ${words}`).toContain(word);
    for (const [line] of commands.matchAll(/^\$ (?:npx )?qpoe [^#\n]*/gm))
      for (const [flag] of line.matchAll(/(?<= )--[a-z][a-z-]+/g))
        expect(text, `${test}: ${line}`).toContain(flag);
  }
});

it('a script of npm that a block names is there', () => {
  const { scripts } = JSON.parse(readFile('package.json'));
  const named = BLOCKS.flatMap(({ commands }) => [...commands.matchAll(/npm run (?:-s )?([\w:]+)/g)]);
  expect(named.length).toBeGreaterThan(5);
  for (const [, script] of named) expect(Object.keys(scripts)).toContain(script);
});

it('CONTRIBUTING.md lists what is not run', () => {
  const listed = [...readFile('CONTRIBUTING.md').matchAll(/^\| \[([^\]]*)\]\([^)]*\) \| (.*) \|$/gm)];
  expect(listed.map(([, document, why]) => `${document}: ${why}`)).toEqual(
    BLOCKS.flatMap(({ document, notRun }) => (notRun ? [`${document}: ${notRun}`] : [])),
  );
});

it('no other kind of block holds commands', () => {
  for (const document of DOCUMENTS)
    for (const [block, language] of readFile(document).matchAll(/^ *```(\w*)[^\n]*\n[\s\S]*?^ *```$/gm)) {
      expect(['', 'console', 'js', 'json', 'jsonc', 'python', 'toml', 'ts', 'yaml'], document).toContain(
        language,
      );
      if (language !== 'console') expect(block, document).not.toMatch(/^ *\$ /m);
    }
});
