/** Commands: policies. */

import type { Command } from 'commander';
import { collect, command, keepingOut, type Run, whole } from '../command.ts';

export function addPolicy(program: Command, run: Run): void {
  const policy = program.command('policy').description('whom you trust, and what you demand');
  addPolicyFile(policy, run);
  addSigner(policy, run);
  command(policy, 'audit', 'hold an archive against a checklist: what shows each control, or what to add')
    .argument('<archive>')
    .requiredOption('--against <file>', 'a checklist in TOML or JSON, or fair')
    .option('--policy <file>', 'whom to trust (default: trust.toml in your home)')
    .option('--signer <fingerprint>', 'trust this one identity')
    .option('--integrity-only', 'judge no signer')
    .addHelpText('after', '\nExample:\n  $ qpoe policy audit --against fair paper.zip')
    .action((archive, options) =>
      run(options, async (context) =>
        (await import('../publish/policy-audit.ts')).auditPolicy(context, archive, options),
      ),
    );
  command(policy, 'add-log', 'add a log and its witnesses to your policy')
    .argument('[vkey]', "the log's key")
    .option('--tlog-policy <file>', 'import a C2SP tlog-policy')
    .option('--witness <vkey>', 'a witness of it', collect)
    .addOption(whole('--quorum <n>', 'how many of them must have seen a checkpoint (default: all)'))
    .action((vkey, options) =>
      run(options, async (context) => (await import('./policy-log.ts')).addLog(context, vkey, options)),
    );
  addChainPolicy(policy, run);
}

function addPolicyFile(policy: Command, run: Run): void {
  command(policy, 'init', 'begin a commented policy at a level: it overwrites nothing')
    .option('--level <name>', 'own, lab, publication or strict', 'own')
    .option('--existed-by <time>', 'demand evidence that a bundle existed by then')
    .option('--name <name>', 'what the policy calls you', 'me')
    .option('--passphrase-file <file>', 'of your keys')
    .addHelpText(
      'after',
      '\nWithout --out it is your own, trust.toml in your home.\n\nExample:\n  $ qpoe policy init --level publication --out reviewers.toml',
    )
    .action((options) =>
      run(keepingOut(options), async (context) =>
        (await import('./policy-init.ts')).initPolicy(context, options),
      ),
    );
  command(policy, 'check', 'is it a policy, and what would make it useless?')
    .argument('[file]', 'default: the one that verify takes')
    .action((file, options) =>
      run(options, async (context) => (await import('./policy-check.ts')).checkPolicy(context, file)),
    );
  command(policy, 'show', 'say a policy in words')
    .argument('[file]', 'default: the one that verify takes')
    .action((file, options) =>
      run(options, async (context) => (await import('./policy-show.ts')).showPolicy(context, file)),
    );
}

function addSigner(policy: Command, run: Run): void {
  command(policy, 'add-signer', "add someone's keys to your policy")
    .argument('<name>', 'what the policy calls them')
    .option('--ed25519 <base64>', 'the key of their records, 32 raw bytes')
    .option('--p256 <base64>', 'a key of their statements, SPKI')
    .option('--ml-dsa-65 <base64>', 'the other key of their statements, SPKI')
    .option('--from <file>', 'or the keys that a bundle or record of theirs carries ...')
    .option('--fingerprint <digest>', '... if they have this fingerprint, which you got another way')
    .option('--signs <what>', 'record or receipt: what they may vouch for (default: both)', collect)
    .option('--not-before <time>', 'trusted for what existed from then on')
    .option('--not-after <time>', 'trusted for what existed by then')
    .addHelpText(
      'after',
      '\nExample:\n  $ qpoe policy add-signer lab-2027 --from job.qpoe.json --fingerprint sha256:5ab4…',
    )
    .action((name, options) =>
      run(options, async (context) => (await import('./policy-signer.ts')).addSigner(context, name, options)),
    );
}

function addChainPolicy(policy: Command, run: Run): void {
  command(policy, 'add-chain', "add a chain's contract, and a log in it, to your policy")
    .argument('<name>', 'of the chain')
    .option('--rpc-url <url>', 'where a node of it is asked', collect)
    .option('--contract <address>', 'which contract')
    .option('--log-id <id>', 'which log in it')
    .option('--origin <name>', 'or the origin of the log')
    .option('--account <address>', '... and whose transactions it is anchored by')
    .option('--signer <address>', '... or whose signatures')
    .action((name, options) =>
      run(options, async (context) => (await import('./policy-chain.ts')).addChain(context, name, options)),
    );
  command(policy, 'pin-block', 'add a block to your policy, once it is final and nodes agree on it')
    .argument('<chain>')
    .argument('<number>')
    .option('--rpc-url <url>', 'where a node of it is asked', collect)
    .addOption(whole('--agree <n>', 'how many nodes').default(2))
    .action((name, number, options) =>
      run(options, async (context) =>
        (await import('./policy-chain.ts')).pin(context, name, number, options),
      ),
    );
}
