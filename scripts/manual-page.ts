// The manual page, qpoe(1), from the program's own tables: man(7), which groff and mandoc read.

import type { Argument, Command, Option } from 'commander';
import { addCompletion } from '../src/cli/completion.ts';
import { EXIT_MEANINGS } from '../src/cli/exit.ts';
import { makeProgram } from '../src/cli/main.ts';
import { VARIABLES } from '../src/cli/variables.ts';
import { VERSION } from '../src/cli/version.ts';

export function manualPage(): string {
  const program = makeProgram(async () => {});
  addCompletion(program);
  const commands = leaves(program);
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

interface Leaf {
  readonly path: string;
  readonly command: Command;
}

/** Every command that does something, in the order of the help. */
function leaves(parent: Command, above = 'qpoe'): Leaf[] {
  return parent.commands.flatMap((command) => {
    const path = `${above} ${command.name()}`;
    const children = leaves(command, path);
    const isGroup = children.length > 0 && command.registeredArguments.length === 0;
    return isGroup ? children : [{ path, command }, ...children];
  });
}

/** What they all take is said once. `demo` and `completion` have an interface of their own. */
function commonOptions(commands: readonly Leaf[]): readonly Option[] {
  const run = commands.find(({ path }) => path === 'qpoe run')!.command;
  const all = commands.filter(({ path }) => path !== 'qpoe completion');
  return run.options.filter(({ flags, description }) =>
    all.every(({ command }) =>
      command.options.some((other) => other.flags === flags && other.description === description),
    ),
  );
}

function section({ path, command }: Leaf, common: readonly Option[]): string[] {
  const own = command.options.filter(
    ({ flags, hidden }) => !hidden && !common.some((other) => other.flags === flags),
  );
  return [
    `.SS ${quoted([path, ...command.registeredArguments.map(placeholder)].join(' '))}`,
    plain(sentence(command.description())),
    ...command.registeredArguments
      .filter(({ description }) => description)
      .flatMap((argument) => ['.TP', `.I ${plain(placeholder(argument))}`, plain(argument.description)]),
    ...own.flatMap(option),
    ...further(command),
  ];
}

function placeholder(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${name}>` : `[${name}]`;
}

function option({ flags, description, defaultValue }: Option): string[] {
  const shown = defaultValue === undefined ? '' : ` (default: ${String(defaultValue)})`;
  return ['.TP', `.B ${plain(flags)}`, plain(`${description}${shown}`)];
}

/** What a command's help says after its options: notes and examples, each example on a line of its own. */
function further(command: Command): string[] {
  const lines = helpOf(command)
    .slice(command.helpInformation().length)
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^Examples?:$/.test(line));
  const examples = lines.filter((line) => line.startsWith('  $ ')).map((line) => line.slice('  $ '.length));
  const notes = lines.filter((line) => !line.startsWith('  $ '));
  return [
    ...notes.flatMap((note) => ['.PP', plain(note)]),
    ...(examples.length > 0 ? example(examples) : []),
  ];
}

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
  });
  command.outputHelp();
  return text;
}

function example(lines: readonly string[]): string[] {
  return ['.PP', '.RS', '.nf', ...lines.map((line) => `$ ${plain(line)}`), '.fi', '.RE'];
}

const sentence = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.?!]$/.test(text) ? '' : '.'}`;

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
