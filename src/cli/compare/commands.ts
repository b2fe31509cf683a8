/** Commands: comparing and repeating. */

import type { Command } from 'commander';
import { command, type Run, whole } from '../command.ts';

export function addComparing(program: Command, run: Run): void {
  command(program, 'compare', 'do the results of two records agree?')
    .argument('<a>', 'a record or bundle, or a record of the store by its id')
    .argument('<b>', 'another')
    .option('--anyway', 'also where they ran different circuits')
    .option('--html <file>', 'write a page with the histograms there, too')
    .addHelpText('after', "\nExit codes: 0 they agree, 1 they differ, 3 it can't be said.")
    .action((a, b, options) =>
      run(options, async (context) => (await import('./compare.ts')).compare(context, [a, b], options)),
    );
  command(program, 'replay', 'run a record again, on the same SDK with the same seed')
    .argument('<record>', 'a record or bundle, or a record of the store by its id')
    .option('--python <path>', 'the Python that has the SDK')
    .addOption(whole('--timeout <seconds>', 'how long the SDK may take').default(3600))
    .addHelpText('after', "\nExit codes: 0 identical or consistent, 1 different, 3 it can't be said.")
    .action((record, options) =>
      run(options, async (context) => (await import('./replay.ts')).replay(context, record, options)),
    );
}
