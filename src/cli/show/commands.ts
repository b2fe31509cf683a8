/** Commands: looking at what is there. */

import type { Command } from 'commander';
import { command, keepingOut, type Run } from '../command.ts';
import { SCHEMA_NAMES } from '../machine/schema-names.ts';

export function addList(program: Command, run: Run): void {
  command(program, 'list', 'list the records of the store, newest first').action((options) =>
    run(options, async (context) => (await import('./list.ts')).list(context)),
  );
  command(program, 'show', 'show one record of the store')
    .argument('<id>', 'a record id, the beginning of one, or last')
    .action((id, options) => run(options, async (context) => (await import('./list.ts')).show(context, id)));
}

export function addFileCommands(program: Command, run: Run): void {
  command(program, 'hash', "print a record's hash, computed again")
    .argument('<file>')
    .option('--core', 'write the hashed bytes themselves')
    .action((file, options) =>
      run(keepingOut(options), async (context) => (await import('./hash.ts')).hash(context, file, options)),
    );
  command(program, 'inspect', 'show what a file says, judging nothing')
    .argument('<file>')
    .action((file, options) =>
      run(options, async (context) => (await import('./inspect.ts')).inspect(context, file)),
    );
  command(program, 'schema', 'print the JSON Schema of a format')
    .argument('[name]', SCHEMA_NAMES.join(', '))
    .action((name, options) =>
      run(keepingOut(options), async (context) =>
        (await import('../machine/schema.ts')).schema(context, name, options),
      ),
    );
}
