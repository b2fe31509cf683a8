/** Commands: chain anchors. */

import type { Command } from 'commander';
import { collect, command, type Run, whole } from '../command.ts';

const onChain = (made: Command): Command =>
  made
    .option('--chain <name>', 'of config.toml, or local (the default: in the store, no evidence of time)')
    .option('--rpc-url <url>', 'where a node of it is asked', collect);

const payable = (made: Command): Command =>
  onChain(made)
    .option('--key <file>', 'of the account that pays: 64 hex digits, or a keystore')
    .option('--from <address>', 'or an account that the node holds unlocked')
    .option('--max-fee <gwei>', 'a gas costs at most (default: 100)')
    .option('--dry-run', 'say what it costs and send nothing')
    .addOption(whole('--wait <seconds>', 'until it is mined').default(600));

export function addAnchor(program: Command, run: Run): void {
  const anchor = program.command('anchor').description("the log's checkpoint on a chain");
  payable(command(anchor, 'submit', "anchor the log's checkpoint"))
    .option('--contract <address>', 'in which contract')
    .option('--record <id>', 'a record alone, instead of the log')
    .option('--signer <file>', "a key whose log it is, whoever pays (default: the paying account's)")
    .addHelpText(
      'after',
      '\nThe key may be in QPOE_CHAIN_KEY too, its passphrase in QPOE_CHAIN_PASSPHRASE_FILE.\n\nExample:\n  $ qpoe anchor submit --chain base --key payer.json --dry-run',
    )
    .action((options) =>
      run(options, async (context) => (await import('./anchor.ts')).submit(context, options)),
    );
  payable(command(anchor, 'deploy', 'make the contract on a chain')).action((options) =>
    run(options, async (context) => (await import('./anchor.ts')).deploy(context, options)),
  );
  onChain(command(anchor, 'status', 'what became of what was anchored')).action((options) =>
    run(options, async (context) => (await import('./anchor-status.ts')).status(context, options)),
  );
}
