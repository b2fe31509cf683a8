/** What every command takes, and what kinds of options there are. */

import { type Command, Option } from 'commander';
import type { CommonOptions, Context } from './context.ts';

/** @returns the exit code: one of `ExitCode`, or of `exec` its command's */
type Action = (context: Context) => Promise<number> | number;

export type Run = (options: CommonOptions, action: Action) => Promise<void>;

/** For the commands whose `--out` is the record's own file. */
export const keepingOut = ({ out: _, ...options }: CommonOptions): CommonOptions => options;

/** Each use of the flag adds one. */
export const collect = (text: string, before: readonly string[] = []): readonly string[] => [...before, text];

export const whole = (flags: string, description: string): Option =>
  new Option(flags, description).argParser((text) => (/^-?\d{1,20}$/.test(text) ? Number(text) : Number.NaN));

export function command(parent: Command, name: string, description: string): Command {
  return parent
    .command(name)
    .description(description)
    .option('--json', 'one JSON object on stdout')
    .option('-q, --quiet', 'no progress or notes on stderr')
    .option('--out <file>', 'write the answer there instead of to stdout')
    .option('--store <dir>', 'the store (default: .qpoe)')
    .option('--home <dir>', 'keys, trust and settings (default: ~/.config/qpoe)');
}
