/** Commands: this installation. */

import type { Command } from 'commander';
import type { QpoeError } from '../../core/error.ts';
import { command, type Run } from '../command.ts';

export function addInit(program: Command, run: Run): void {
  command(program, 'init', 'make your signing keys, and a policy that trusts them')
    .option('--name <name>', 'what the policy calls you', 'me')
    .option('--passphrase-file <file>', 'encrypt the keys with the passphrase in this file')
    .action((options) => run(options, async (context) => (await import('./init.ts')).init(context, options)));
}

export function addMachineCommands(program: Command, run: Run): void {
  command(program, 'doctor', 'find what is wrong with this installation').action((options) => {
    let fault: QpoeError | undefined;
    const onBadConfig = (error: QpoeError) => {
      fault = error;
    };
    return run({ ...options, onBadConfig }, async (context) =>
      (await import('./doctor.ts')).doctor(context, fault),
    );
  });
}
