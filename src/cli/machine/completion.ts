/**
 * `qpoe completion SHELL` prints a shell's script; the script calls the hidden `qpoe complete -- WORDS…`, whose last word is the one that is
 * being typed. It answers a line for each word that could stand there, `word<TAB>what it is`, and nothing where a file or free text is meant.
 */

import type { Command, Option } from 'commander';
import { WORKLOAD_NAMES } from '../../circuit/workloads.ts';
import { QpoeError } from '../../core/error.ts';
import { printable } from '../../core/printable.ts';
import { CITATION_FORMATS } from '../../publish/citation.ts';
import { ANONYMOUS_FIELDS } from '../../publish/republish.ts';
import { WITHHOLDABLE_PARTS } from '../../publish/withheld-parts.ts';
import { INSTALLABLE_SDKS, SDK_NAMES } from '../../sdk/sdk-names.ts';
import { CLAIMS } from '../../verify/claims.ts';
import { LEVEL_NAMES } from '../../verify/policy-levels.ts';
import { SHIPPED_CHECKLISTS } from '../publish/shipped-checklists.ts';
import { SCRIPTS, SHELLS, type Shell } from './completion-scripts.ts';
import { SCHEMA_NAMES } from './schema-names.ts';

interface Candidate {
  readonly word: string;
  readonly text: string;
}

/** What stands after these flags, and in these commands' arguments. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  '--sdk': SDK_NAMES,
  '--framework': SDK_NAMES,
  '--workload': WORKLOAD_NAMES,
  '--level': LEVEL_NAMES,
  '--signs': ['record', 'receipt'],
  '--rekor-version': ['v1', 'v2', 'auto'],
  '--engine': ['simulator', 'aer'],
  '--explain': Object.keys(CLAIMS),
  '--format': CITATION_FORMATS,
  '--against': SHIPPED_CHECKLISTS,
  '--withhold': [...Object.keys(WITHHOLDABLE_PARTS), ...ANONYMOUS_FIELDS],
  schema: SCHEMA_NAMES,
  install: INSTALLABLE_SDKS,
  completion: SHELLS,
  show: ['last'],
  bundle: ['last'],
  statement: ['last'],
};

export function addCompletion(program: Command): void {
  program
    .command('completion')
    .description('print the completion script of bash, zsh or fish')
    .argument('<shell>', SHELLS.join(', '))
    .addHelpText(
      'after',
      '\nExamples:\n  $ source <(qpoe completion bash)\n  $ qpoe completion fish | source',
    )
    .action((shell: string) => {
      process.stdout.write(scriptOf(shell));
    });
}

function scriptOf(shell: string): string {
  if ((SHELLS as readonly string[]).includes(shell)) return SCRIPTS[shell as Shell];
  throw new QpoeError(
    'usage',
    `no completion for "${printable(shell)}"`,
    `choose one of: ${SHELLS.join(', ')}`,
  );
}

/** @param words after `qpoe`; the last may be empty */
export function completionLines(program: Command, words: readonly string[]): string[] {
  const last = words.at(-1) ?? '';
  return candidates(program, words.slice(0, -1), last)
    .filter(({ word }) => word.startsWith(last))
    .map(({ word, text }) => `${word}\t${text}`);
}

function candidates(program: Command, before: readonly string[], last: string): Candidate[] {
  let command = program;
  let taken = 0;
  let pending: Option | undefined;
  for (const word of before) {
    // After it every word is someone else's.
    if (word === '--') return [];
    if (pending !== undefined) pending = undefined;
    else if (word.startsWith('-')) pending = valued(command, word);
    else {
      const child = taken === 0 ? command.commands.find((known) => known.name() === word) : undefined;
      if (child === undefined) taken++;
      else command = child;
    }
  }
  if (pending !== undefined) return listed(VALUES[pending.long ?? ''], pending.description);
  if (last.startsWith('-')) return flagsOf(command);
  return taken > 0 ? [] : [...commandsOf(command), ...listed(VALUES[command.name()], command.description())];
}

/** The option that this word is, if a value is still to come. */
function valued(command: Command, word: string): Option | undefined {
  if (word.includes('=')) return undefined;
  return command.options.find(
    ({ long, short, required, optional }) => (required || optional) && (long === word || short === word),
  );
}

function flagsOf(command: Command): Candidate[] {
  const flags = command.options
    .filter(({ hidden }) => !hidden)
    .map(({ long, short, description }) => ({ word: long ?? short ?? '', text: description }));
  return [...flags, { word: '--help', text: 'say what it takes' }];
}

function commandsOf(command: Command): Candidate[] {
  return command.commands.map((child) => ({ word: child.name(), text: child.description() }));
}

const listed = (words: readonly string[] = [], text: string): Candidate[] =>
  words.map((word) => ({ word, text }));
