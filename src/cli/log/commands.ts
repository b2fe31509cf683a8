/** Commands: the transparency log and its witnesses. */

import type { Command } from 'commander';
import { collect, command, keepingOut, type Run, whole } from '../command.ts';

export function addLog(program: Command, run: Run): void {
  const log = program.command('log').description("the store's own transparency log");
  command(log, 'append', 'enter statements into the log, and the proof into their files')
    .argument('<file...>', 'P-256 statements')
    .option('--rekor-url <url>', "into a Rekor that your policy's trusted_root names, instead")
    .option('--rekor-version <v>', 'v1, v2 or auto')
    .option('--rekor-read-url <url>', "where a v2 Rekor's tiles are read, if elsewhere")
    .action((files, options) =>
      run(options, async (context) => (await import('./log.ts')).appendFiles(context, files, options)),
    );
  command(log, 'prove', 'print the proof that an entry is in the log')
    .argument('<file|index>', 'a statement that was entered, or an index')
    .option('--sigstore', "as a Sigstore bundle's tlogEntries holds it, instead of a C2SP tlog-proof")
    .action((what, options) =>
      run(keepingOut(options), async (context) => (await import('./log.ts')).prove(context, what, options)),
    );
  command(log, 'checkpoint', 'print the signed checkpoint').action((options) =>
    run(options, async (context) => (await import('./log.ts')).checkpoint(context)),
  );
  command(log, 'consistency', 'print the proof that a tree of N entries begins with that of M')
    .argument('<m>')
    .argument('<n>')
    .action((m, n, options) =>
      run(options, async (context) => (await import('./log.ts')).consistency(context, m, n)),
    );
  command(log, 'fsck', 'compute the whole log again, and check every file that lies there')
    .option('--dir <folder>', "another log's folder")
    .option('--vkey <key>', "the log's key (default: your own, or your policy's, by its origin)")
    .action((options) =>
      run(options, async (context) => (await import('./log-fsck.ts')).checkLog(context, options)),
    );
  addLogServices(log, run);
  addWitnesses(log, run);
}

function addLogServices(log: Command, run: Run): void {
  command(log, 'trusted-root', "print the log's trusted_root.json for cosign and sigstore-js").action(
    (options) =>
      run(keepingOut(options), async (context) =>
        (await import('./log.ts')).printTrustedRoot(context, options),
      ),
  );
  command(log, 'serve', 'show the log over HTTP, and take entries as Rekor v2 does')
    .option('--host <address>', 'where to listen', '127.0.0.1')
    .addOption(whole('--port <n>', '0: any').default(0))
    .action((options) =>
      run(options, async (context) => (await import('./log-serve.ts')).serve(context, options)),
    );
  command(log, 'audit', 'follow a log: did it only grow, and who wrote in your name?')
    .option('--url <url>', 'where it is served')
    .option('--dir <folder>', 'or where it lies')
    .option('--vkey <key>', "the log's key, or the name of one that you know")
    .action((options) =>
      run(options, async (context) => (await import('./log-audit.ts')).audit(context, options)),
    );
}

function addWitnesses(log: Command, run: Run): void {
  command(log, 'cosign', "collect the witnesses' signatures of the newest checkpoint")
    .option('--witness <name=url>', 'where a witness of your policy is asked, beside config.toml', collect)
    .action((options) =>
      run(options, async (context) => (await import('./log-cosign.ts')).cosign(context, options)),
    );
  const witness = log.command('witness').description('being a witness of others');
  command(witness, 'serve', 'cosign the logs of your policy, never two trees of one')
    .option('--host <address>', 'where to listen', '127.0.0.1')
    .addOption(whole('--port <n>', '0: any').default(0))
    .option('--prefix <path>', 'what stands before /add-checkpoint', '')
    .option('--name <name>', 'of the witness, when its key is made')
    .option('--log <vkey>', 'a log beside those of your policy', collect)
    .action((options) =>
      run(options, async (context) => (await import('./log-witness.ts')).serveAsWitness(context, options)),
    );
}
