/** Commands: the demonstration. */

import type { Command } from 'commander';
import { command, type Run } from '../command.ts';

export function addDemo(program: Command, run: Run): void {
  command(program, 'demo', 'tamper with a real bundle in every way, and see what the verifier says')
    .option('--static', 'with the committed sample, instead of one made now')
    .option('--yes', 'without a pause after each step')
    .addHelpText(
      'after',
      '\nIt works in a folder of its own: no home, store or policy of yours is read or written.',
    )
    .action(async (options) =>
      (await import('./demo-place.ts')).withDemoPlace((place) =>
        run({ ...options, home: place.home, store: place.store }, async (context) =>
          (await import('./demo.ts')).demo(context, place, options),
        ),
      ),
    );
}
