/** Commands: records of what ran elsewhere. */

import type { Command } from 'commander';
import { command, keepingOut, type Run } from '../command.ts';

export function addRecord(program: Command, run: Run): void {
  command(program, 'record', 'make a record of results that you supply, or of a captured job')
    .option('--counts <file>', 'JSON object, outcome → count, keyed c[n-1]…c[0]')
    .option('--circuit <file>', 'a gate list, or any text (which is then only hashed)')
    .option('--sdk <name>', 'what ran it (default: unknown)')
    .option('--backend <name>', 'where it ran (default: unknown)')
    .option('--reverse-bits', 'the counts are keyed c[0]…c[n-1]')
    .option('--started-at <time>', 'RFC 3339, UTC (default: now)')
    .option('--finished-at <time>', 'RFC 3339, UTC (default: now)')
    .option('--capture <file>', 'a captured job instead; a folder of them, or - for one a line on stdin')
    .option('--follow', 'go on with the folder until stdin ends')
    .option('--label <text>', 'a name of your own, kept in the record')
    .option('--note <text>', 'a note of your own, kept in the record')
    .option('--receipt <id>', 'the receipt of the source it came from: its id in the store, or a file')
    .option('--key <file>', 'sign with this key')
    .option('--unsigned', 'sign nothing')
    .option('--record-only', 'make the record alone')
    .action((options) =>
      run(keepingOut(options), async (context) =>
        options.capture === undefined
          ? (await import('./record.ts')).recordSupplied(context, options)
          : (await import('./record-capture.ts')).recordCaptured(context, options),
      ),
    );
}

export function addExec(program: Command, run: Run): void {
  command(program, 'exec', 'run a command and record every job that a Python in it runs')
    .argument('<command...>', 'the command and its arguments, after --')
    .option('--label <text>', 'a name of your own, kept in the records')
    .option('--note <text>', 'a note of your own, kept in the records')
    .option('--key <file>', 'sign with this key')
    .option('--unsigned', 'sign nothing')
    .option('--record-only', 'make the records alone')
    .passThroughOptions()
    .addHelpText('after', '\nExample:\n  $ qpoe exec -- python sweep.py')
    .action((words, options) =>
      run(options, async (context) => (await import('./exec.ts')).exec(context, words, options)),
    );
}
