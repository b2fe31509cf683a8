/** Commands: verifying. */

import type { Command } from 'commander';
import { command, keepingOut, type Run } from '../command.ts';

export function addVerify(program: Command, run: Run): void {
  command(
    program,
    'verify',
    'verify records, bundles, archives, statements and receipts: files, folders, or - for stdin',
  )
    .argument('[path...]', 'files, or folders that hold them')
    .option('--record <id>', 'a record of the store instead, with everything that the store holds about it')
    .option('--policy <file>', 'whom to trust (default: trust.toml in your home)')
    .option(
      '--signer <fingerprint>',
      'trust this identity, as a paper prints it, or this one key (SHA-256 of its SPKI)',
    )
    .option('--integrity-only', 'judge hashes and signatures, not the signer')
    .option(
      '--plausibility',
      'are the counts what the circuit can give? (simulates it, where it is small enough)',
    )
    .option('--html <file>', 'write a report for people there, too')
    .option('--explain <check>', 'say what a check is worth, and verify nothing')
    .option('--page', 'print the verifier page, which verifies in a browser; nothing is verified')
    .option('--external <dir>', 'the folder of what is handed over beside an archive')
    .option(
      '--python <path>',
      "let the SDK in this Python judge the circuit of the original toolkit's records",
    )
    .addHelpText(
      'after',
      '\nA policy never comes from the evidence, its folder, the working directory or the store.\n\nExamples:\n  $ qpoe verify record.json\n  $ qpoe verify paper.zip --signer sha256:…',
    )
    .action((paths, options) =>
      options.page === true
        ? run(keepingOut(options), async (context) =>
            (await import('./print-page.ts')).printPage(context, paths, options.out),
          )
        : run(options, async (context) => (await import('./verify.ts')).verify(context, paths, options)),
    );
}
