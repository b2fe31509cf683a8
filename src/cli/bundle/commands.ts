/** Commands: bundles. */

import type { Command } from 'commander';
import { command, keepingOut, type Run } from '../command.ts';

export function addBundle(program: Command, run: Run): void {
  const bundle = command(
    program,
    'bundle',
    'put a record and its evidence into one file that anyone can verify',
  )
    .argument('[id]', 'a record id, the beginning of one, or last', 'last')
    .option('--timestamp <url>', 'have an RFC 3161 authority stamp the statements first')
    .option('--require', 'write nothing where a part is missing')
    .addHelpText(
      'after',
      '\nWithout --out it is written to <record id>.qpoe.json.\n\nExample:\n  $ qpoe bundle last --out job.qpoe.json',
    )
    .action((id, options) =>
      run(keepingOut(options), async (context) => (await import('./bundle.ts')).bundle(context, id, options)),
    );
  command(bundle, 'unpack', "write a bundle's parts as files for other tools, into a new folder")
    .argument('<file>')
    .action((file, _, own) => {
      const options = own.optsWithGlobals();
      return run(keepingOut(options), async (context) =>
        (await import('./bundle-unpack.ts')).unpack(context, file, options),
      );
    });
  command(bundle, 'upgrade', 'add to a bundle what was pending when it was made')
    .argument('<file>')
    .action((file, _, own) => {
      const options = own.optsWithGlobals();
      return run(keepingOut(options), async (context) =>
        (await import('./bundle-upgrade.ts')).upgrade(context, file, options),
      );
    });
}
