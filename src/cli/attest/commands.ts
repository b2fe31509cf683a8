/** Commands: statements and receipts. */

import type { Command } from 'commander';
import { command, keepingOut, type Run } from '../command.ts';

const SIGNING_FLAGS: readonly (readonly [string, string])[] = [
  ['--keyless', 'sign by a Sigstore certificate for your identity token, instead of with your keys'],
  ['--identity-token <file>', "the token (default: the CI job's own)"],
  ['--fulcio-url <url>', "the certificate authority (default: Sigstore's public one)"],
  ['--rekor-url <url>', "the log (default: Sigstore's public one)"],
  ['--tsa-url <url>', 'a time-stamp authority too'],
  ['--trusted-root <file>', 'what the answer of services of your own is verified against'],
];

function signing(attest: Command): Command {
  for (const [flags, description] of SIGNING_FLAGS) attest.option(flags, description);
  return attest;
}

export function addAttest(program: Command, run: Run): void {
  const attest = program.command('attest').description('signed statements of records and of source commits');
  signing(command(attest, 'statement', 'sign the statement of a record in the store'))
    .argument('<id>', 'a record id, the beginning of one, or last')
    .action((id, options) =>
      run(keepingOut(options), async (context) =>
        (await import('./attest-statement.ts')).attestStatement(context, id, options),
      ),
    );
  addAttestReceipt(attest, run);
}

function addAttestReceipt(attest: Command, run: Run): void {
  signing(command(attest, 'receipt', 'make and sign the AIIR receipt of a source commit: was AI involved?'))
    .argument('[commit]', 'any name of one that git knows', 'HEAD')
    .option('--repo <dir>', 'the repository', '.')
    .option('--declare-ai <tool=…,model=…>', 'what you declare yourself')
    .option('--manifest <file...>', 'the files of the workload, as a subject of the statement')
    .option('--aiir', 'let the installed aiir make the receipt')
    .addHelpText('after', '\nExample:\n  $ qpoe attest receipt --declare-ai tool=claude-code,model=opus')
    .action((commit, options) =>
      run(keepingOut(options), async (context) =>
        (await import('./attest-receipt.ts')).attestReceipt(context, commit, options),
      ),
    );
}
