// The commands as the program has them, for the manual page and the reference.

import type { Argument, Command, Option } from 'commander';
import { addCompletion } from '../src/cli/machine/completion.ts';
import { makeProgram } from '../src/cli/program.ts';

export interface Leaf {
  readonly path: string;
  readonly command: Command;
}

/** Every command that does something, in the order of the help. */
export function allCommands(): readonly Leaf[] {
  return leaves(newProgram(), 'qpoe');
}

export function newProgram(): Command {
  const program = makeProgram(async () => {});
  addCompletion(program);
  return program;
}

function leaves(parent: Command, above: string): Leaf[] {
  return parent.commands.flatMap((command) => {
    const path = `${above} ${command.name()}`;
    const children = leaves(command, path);
    const isGroup = children.length > 0 && command.registeredArguments.length === 0;
    return isGroup ? children : [{ path, command }, ...children];
  });
}

/** What they all take is said once. `demo` and `completion` have an interface of their own. */
export function commonOptions(commands: readonly Leaf[]): readonly Option[] {
  const run = commands.find(({ path }) => path === 'qpoe run')!.command;
  const all = commands.filter(({ path }) => path !== 'qpoe completion');
  return run.options.filter(({ flags, description }) =>
    all.every(({ command }) =>
      command.options.some((other) => other.flags === flags && other.description === description),
    ),
  );
}

/** What the command alone takes, but for the original toolkit's names, which no help shows. */
export function ownOptions(command: Command, common: readonly Option[]): readonly Option[] {
  return command.options.filter(
    ({ flags, hidden }) => !hidden && !common.some((other) => other.flags === flags),
  );
}

export function placeholder(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? `<${name}>` : `[${name}]`;
}

export function described({ description, defaultValue }: Option): string {
  return `${description}${defaultValue === undefined ? '' : ` (default: ${String(defaultValue)})`}`;
}

export const sentence = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.?!]$/.test(text) ? '' : '.'}`;

/** What a command's help says after its options. */
export function notesAndExamples(command: Command): {
  readonly notes: readonly string[];
  readonly examples: readonly string[];
} {
  const lines = helpOf(command)
    .slice(command.helpInformation().length)
    .split('\n')
    .filter((line) => line.trim() !== '' && !/^Examples?:$/.test(line));
  return {
    notes: lines.filter((line) => !line.startsWith('  $ ')),
    examples: lines.filter((line) => line.startsWith('  $ ')).map((line) => line.slice('  $ '.length)),
  };
}

export function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
  });
  command.outputHelp();
  return text;
}
