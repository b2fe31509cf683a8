// docs/cli-reference.md: every command, flag, exit code and variable, from the program's own tables.

import type { Command, Option } from 'commander';
import { EXIT_MEANINGS } from '../src/cli/exit.ts';
import { VARIABLES } from '../src/cli/variables.ts';
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

export function cliReference(): string {
  const commands = allCommands();
  const common = commonOptions(commands);
  return `${[
    '# Reference: commands, flags, exit codes, variables',
    '`npm run schemas` writes this page from the program, as it does `man qpoe`. What the commands are for, and how they go together, is in [cli.md](cli.md).',
    '## Everywhere',
    'Every command that has no interface of its own (`demo`, `completion`) takes these. A flag beats its variable, which beats `config.toml` in the home, which beats the default.',
    table(['flag', 'is'], common.map(row)),
    '## Exit codes',
    table(['exit code', 'means'], Object.entries(EXIT_MEANINGS)),
    'Of several files: 1 before 2 before 4 before 3 before 0.',
    '## Variables',
    table(
      ['variable', 'is'],
      Object.entries(VARIABLES).map(([name, text]) => [code(name), cell(text)]),
    ),
    '## Commands',
    ...commands.flatMap((leaf) => section(leaf, common)),
  ].join('\n\n')}\n`;
}

function section({ path, command }: Leaf, common: readonly Option[]): string[] {
  const taken = command.registeredArguments
    .filter(({ description }) => description)
    .map((argument) => [code(placeholder(argument)), cell(argument.description)]);
  const flags = [...taken, ...ownOptions(command, common).map(row)];
  return [
    `### ${path}`,
    `${code([path, ...command.registeredArguments.map(placeholder)].join(' '))}: ${cell(sentence(command.description()))}`,
    ...(flags.length > 0 ? [table(['takes', 'is'], flags)] : []),
    ...further(command),
  ];
}

function further(command: Command): string[] {
  const { notes, examples } = notesAndExamples(command);
  return [
    ...notes.map((note) => cell(note.trim())),
    ...(examples.length > 0 ? [examples.map((example) => `- ${code(example)}`).join('\n')] : []),
  ];
}

const row = (option: Option): readonly string[] => [code(option.flags), cell(described(option))];

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** In a table a bar ends the cell, in backticks too. */
const code = (text: string): string => `\`${text.replaceAll('|', '\\|')}\``;

/** Text that Markdown and Vue leave as it is: no tag, no cell's end, no placeholder of a template. */
function cell(text: string): string {
  return text
    .split(/(`[^`]*`)/)
    .map((part, index) =>
      index % 2 === 1 ? part : part.replaceAll('<', '\\<').replaceAll('*', '\\*').replaceAll('_', '\\_'),
    )
    .join('')
    .replaceAll('|', '\\|');
}
