/** What a shell is offered at each place. The shells themselves are among the slow tests. */

import { readdirSync } from 'node:fs';
import { join, parse } from 'node:path';
import { expect, it } from 'vitest';
import { newPlace } from './cli.ts';

const place = () => newPlace();
const words = (...typed: string[]): string[] => {
  const { code, stdout, stderr } = place().qpoe('complete', '--', ...typed);
  expect([code, stderr]).toEqual([0, '']);
  return stdout.split('\n').flatMap((line) => (line === '' ? [] : [line.split('\t')[0]!]));
};

it('offers every command, and those of a group', () => {
  expect(words('')).toEqual(expect.arrayContaining(['run', 'verify', 'anchor', 'completion']));
  expect(words('ver')).toEqual(['verify']);
  expect(words('log', 'c')).toEqual(['checkpoint', 'consistency', 'cosign']);
  expect(words('log', 'witness', '')).toEqual(['serve']);
});

it('offers a command’s own flags, not the hidden ones', () => {
  expect(words('run', '--s')).toEqual(['--store', '--sdk', '--seed', '--shots']);
  expect(words('run', 'bell.qasm', '--seed', '7', '--sh')).toEqual(['--shots']);
  expect(words('run', '--private')).toEqual([]);
});

it('offers the values that are known, and leaves files to the shell', () => {
  expect(words('run', '--sdk', 'q')).toEqual(['qiskit', 'qulacs', 'qdk']);
  expect(words('policy', 'init', '--level', '')).toEqual(['own', 'lab', 'publication', 'strict']);
  expect(words('sdk', 'install', 'q')).toEqual(['qiskit', 'qulacs', 'qdk']);
  expect(words('schema', 'b')).toEqual(['bundle', 'binding']);
  expect(words('verify', '--explain', 'archive.f')).toEqual([
    'archive.format',
    'archive.files',
    'archive.figure',
  ]);
  expect(words('cite', 'paper.zip', '--format', '')).toEqual(['bibtex', 'ris', 'csl-json', 'cff']);
  expect(words('policy', 'audit', '--against', '')).toEqual(
    readdirSync(join(import.meta.dirname, '../checklists')).map((file) => parse(file).name),
  );
  expect(words('publish', '--withhold', 'r')).toEqual(['results', 'receipts']);
  expect(words('bundle', 'l')).toEqual(['last']);
  expect(words('verify', '')).toEqual([]);
  expect(words('verify', '--policy', '')).toEqual([]);
  expect(words('run', '--sdk=')).toEqual([]);
});

it('offers nothing of its own to the command that exec runs', () => {
  expect(words('exec', '--', '')).toEqual([]);
  expect(words('exec', '--', 'python', '--')).toEqual([]);
});

it('knows the shells that it can be tried in, and refuses others by name', () => {
  expect(place().qpoe('completion', 'fish').stdout).toContain('complete -c qpoe');
  expect(place().qpoe('completion', 'tcsh')).toMatchObject({
    code: 2,
    stderr: 'qpoe: no completion for "tcsh"; choose one of: bash, zsh, fish\n',
  });
});
