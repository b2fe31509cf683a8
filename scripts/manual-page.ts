// The manual page, qpoe(1), from the program's own tables: man(7), which groff and mandoc read.

import type { Command, Option } from 'commander';
import { EXIT_MEANINGS } from '../src/cli/exit.ts';
import { makeProgram } from '../src/cli/program.ts';
import { VARIABLES } from '../src/cli/variables.ts';
import { VERSION } from '../src/cli/version.ts';
import {
  allCommands,
  commonOptions,
  described,
  type Leaf,
  notesAndExamples,
  ownOptions,
  placeholder,
  sentence,
} from './commands.ts';

export function manualPage(): string {
  const program = makeProgram(async () => {});
  const commands = allCommands();
  const common = commonOptions(commands);
  return [
    `.TH QPOE 1 "" ${quoted(`qpoe ${VERSION}`)} "User Commands"`,
    '.SH NAME',
    'qpoe \\- one signed file that says what a quantum job ran, and its verifier',
    '.SH SYNOPSIS',
    '.B qpoe',
    '.I command',
    '.RI [ argument ...]',
    '.RI [ option ...]',
    '.SH DESCRIPTION',
    plain(program.description()),
    '.PP',
    'The path most people take is three commands:',
    ...example([
      'qpoe run circuit.qasm',
      'qpoe bundle last --out job.qpoe.json',
      'qpoe verify job.qpoe.json',
    ]),
    '.PP',
    'A verdict never proves that quantum hardware ran it, that no other run was made and discarded, or that what was signed was true.',
    '.SH OPTIONS',
    'Every command that has no interface of its own takes these.',
    ...common.flatMap(option),
    '.SH COMMANDS',
    ...commands.flatMap((command) => section(command, common)),
    '.SH "EXIT STATUS"',
    ...Object.entries(EXIT_MEANINGS).flatMap(([code, text]) => ['.TP', `.B ${code}`, plain(text)]),
    '.PP',
    'Of several files: 1 before 2 before 4 before 3 before 0.',
    '.SH ENVIRONMENT',
    'A flag beats its variable, which beats the settings in the home, which beat the default.',
    ...Object.entries(VARIABLES).flatMap(([name, text]) => ['.TP', `.B ${name}`, plain(text)]),
    '.SH FILES',
    ...FILES.flatMap(([path, text]) => ['.TP', `.I ${plain(path)}`, plain(text)]),
    '',
  ].join('\n');
}

const FILES: readonly (readonly [string, string])[] = [
  ['~/.config/qpoe/identity/', 'your signing keys, which no one else may read'],
  ['~/.config/qpoe/trust.toml', 'your policy: whom a verification trusts, and what it demands'],
  ['~/.config/qpoe/config.toml', 'settings'],
  ['.qpoe/', 'the store: records, their statements, and the log'],
];

function section({ path, command }: Leaf, common: readonly Option[]): string[] {
  return [
    `.SS ${quoted([path, ...command.registeredArguments.map(placeholder)].join(' '))}`,
    plain(sentence(command.description())),
    ...command.registeredArguments
      .filter(({ description }) => description)
      .flatMap((argument) => ['.TP', `.I ${plain(placeholder(argument))}`, plain(argument.description)]),
    ...ownOptions(command, common).flatMap(option),
    ...further(command),
  ];
}

function option(one: Option): string[] {
  return ['.TP', `.B ${plain(one.flags)}`, plain(described(one))];
}

/** Each example on a line of its own. */
function further(command: Command): string[] {
  const { notes, examples } = notesAndExamples(command);
  return [
    ...notes.flatMap((note) => ['.PP', plain(note)]),
    ...(examples.length > 0 ? example(examples) : []),
  ];
}

function example(lines: readonly string[]): string[] {
  return ['.PP', '.RS', '.nf', ...lines.map((line) => `$ ${plain(line)}`), '.fi', '.RE'];
}

/** Text that roff prints as it is: no escape, no request, every hyphen one that can be copied, and only ASCII in the file. */
function plain(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll(
      /[^\n -~]/gu,
      (character) => `\\[u${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}]`,
    )
    .replace(/^(['.])/, '\\&$1');
}

function quoted(text: string): string {
  return `"${plain(text).replaceAll('"', '""')}"`;
}
