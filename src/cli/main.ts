/** The command line: which commands there are and what each takes. What a command does is loaded when it is called. */

import { Command, CommanderError, Option } from 'commander';
import { QpoeError } from '../core/error.ts';
import { printable } from '../core/printable.ts';
import { answerText } from './answer.ts';
import { type CommonOptions, type Context, makeContext } from './context.ts';
import { addExamples } from './examples.ts';
import { EXIT, type ExitCode, errorLine, exitCodeOf } from './exit.ts';
import { VERSION } from './version.ts';
import { silenceExperimentalWarnings } from './warnings.ts';

/** @returns the exit code */
export async function main(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> {
  silenceExperimentalWarnings();
  watchOutput();
  // Of a command that runs another, the signals are that one's.
  const { signal, stopped } = args[0] === 'exec' ? neverStop() : listenForStop();
  let exit: number = EXIT.pass;
  const program = makeProgram(async (options, action) => {
    const context = makeContext(options, environment, signal);
    exit = await action(context);
    context.finish();
  });
  try {
    if (args[0] === 'completion' || args[0] === 'complete') {
      const { addCompletion, completionLines } = await import('./completion.ts');
      addCompletion(program);
      if (args[0] === 'complete') {
        process.stdout.write(
          completionLines(program, args.slice(2))
            .map((line) => `${line}\n`)
            .join(''),
        );
        return EXIT.pass;
      }
    } else showFirstCommandsOnly(program);
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    exit = reportError(error, args, environment);
  }
  return stopped() ? EXIT.interrupted : exit;
}

function reportError(error: unknown, args: readonly string[], environment: NodeJS.ProcessEnv): ExitCode {
  if (error instanceof CommanderError) {
    // Commander has printed its own line, or the help that was asked for.
    if (error.exitCode === 0) return EXIT.pass;
    answerError(args, { code: 'usage', message: error.message });
    return EXIT.usage;
  }
  const known =
    error instanceof QpoeError
      ? error
      : new QpoeError(
          'external',
          `something in qpoe itself failed: ${String(error)}`,
          'run again with QPOE_DEBUG=1 and report it',
        );
  process.stderr.write(`qpoe: ${errorLine(known)}\n`);
  if (environment.QPOE_DEBUG) process.stderr.write(`${(error as Error).stack}\n`);
  answerError(args, known);
  return exitCodeOf(known);
}

function answerError(
  args: readonly string[],
  { code, message, hint }: { code: string; message: string; hint?: string | undefined },
): void {
  if (args.includes('--json')) process.stdout.write(`${answerText('error', { code, message, hint })}\n`);
}

/** `qpoe list | head` closes our stdout early: that is no failure. An answer that can't be written is one, and no verdict. */
function watchOutput(): void {
  process.stderr.on('error', () => process.exit(EXIT.external));
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return;
    process.stderr.write(`qpoe: can't write the answer to stdout: ${error.message}\n`);
    process.exit(EXIT.external);
  });
}

/** The first Ctrl-C lets a command end what it started; the second ends at once. */
function listenForStop(): { signal: AbortSignal; stopped: () => boolean } {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    controller.abort();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return { signal: controller.signal, stopped: () => controller.signal.aborted };
}

function neverStop(): { signal: AbortSignal; stopped: () => boolean } {
  return { signal: new AbortController().signal, stopped: () => false };
}

/** For the commands whose `--out` is the record's own file. */
const keepingOut = ({ out: _, ...options }: CommonOptions): CommonOptions => options;

/** @returns the exit code: one of `ExitCode`, or of `exec` its command's */
type Action = (context: Context) => Promise<number> | number;
type Run = (options: CommonOptions, action: Action) => Promise<void>;

/** Each use of the flag adds one. */
const collect = (text: string, before: readonly string[] = []): readonly string[] => [...before, text];

const whole = (flags: string, description: string): Option =>
  new Option(flags, description).argParser((text) => (/^-?\d{1,20}$/.test(text) ? Number(text) : Number.NaN));

/** Every command and what it takes; the manual is made from it. @param run is handed what a command does */
export function makeProgram(run: Run): Command {
  const program = new Command('qpoe')
    .description('Turns a quantum job into one signed file that says what ran, and verifies it offline.')
    .version(VERSION)
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(oneLine(text)) })
    .addHelpText('after', FURTHER);
  addRun(program, run);
  addVerify(program, run);
  addList(program, run);
  addComparing(program, run);
  addInit(program, run);
  addRecord(program, run);
  addExec(program, run);
  addFileCommands(program, run);
  addAttest(program, run);
  addBundle(program, run);
  addPublish(program, run);
  addPolicy(program, run);
  addLog(program, run);
  addAnchor(program, run);
  addRuntime(program, run);
  addSdk(program, run);
  addDemo(program, run);
  addMachineCommands(program, run);
  addExamples(program);
  return program;
}

/** Commander's error and its suggestion, as one line like every other. */
function oneLine(text: string): string {
  const [message = '', ...more] = text
    .trim()
    .replace(/^error: /, '')
    .split('\n');
  return `qpoe: ${printable([message, ...more].join(' '), 500)}; \`qpoe --help\` and \`qpoe COMMAND --help\` say more\n`;
}

const FIRST = ['run', 'bundle', 'verify', 'list', 'doctor'];

/** Help shows the five a beginner needs; completion offers every command. */
function showFirstCommandsOnly(program: Command): void {
  const first = FIRST.map((name) => program.commands.find((command) => command.name() === name)!);
  program.configureHelp({
    visibleCommands: (shown) => (shown === program ? first : [...shown.commands]),
  });
}

const FURTHER = `
More commands:
  init, show, compare, replay, record, exec, attest, publish, reproduce, cite, reveal, log, anchor, policy, runtime, hash, inspect, sdk, demo, schema,
  completion    (each has --help; the manual page, qpoe(1), has them all)

Exit codes:
  0 pass   1 fail   2 usage or unreadable   3 inconclusive   4 something outside failed   130 interrupted

Examples:
  $ qpoe run --n-qubits 4 --depth 10 --seed 123 --shots 2000
  $ qpoe bundle last --out job.qpoe.json
  $ qpoe verify job.qpoe.json`;

function command(parent: Command, name: string, description: string): Command {
  return parent
    .command(name)
    .description(description)
    .option('--json', 'one JSON object on stdout')
    .option('-q, --quiet', 'no progress or notes on stderr')
    .option('--out <file>', 'write the answer there instead of to stdout')
    .option('--store <dir>', 'the store (default: .qpoe)')
    .option('--home <dir>', 'keys, trust and settings (default: ~/.config/qpoe)');
}

function addRun(program: Command, run: Run): void {
  command(program, 'run', 'run a circuit or a workload and write its signed record')
    .argument('[circuit...]', 'OpenQASM 2 or 3, or gate lists; several make one job')
    .addOption(
      new Option(
        '--sdk <name>',
        'what runs it: simulator, qiskit, cirq, braket, pennylane, qulacs, qdk (default: simulator)',
      ),
    )
    .addOption(new Option('--framework <name>', 'the same as --sdk').hideHelp())
    .option('--workload <name>', 'clifford_t_sampling (default) or toy-param-circuit')
    .addOption(whole('--n-qubits <n>', 'qubits (default: 3)'))
    .addOption(whole('--depth <n>', 'layers (default: 2)'))
    .addOption(new Option('--theta <radians>', "toy-param-circuit's angle (default: 1.234)"))
    .addOption(whole('--seed <n>', 'seeds the circuit and the sampling, 0 to 2^53−1').default(1234))
    .addOption(whole('--shots <n>', 'how often it is sampled (default: 1024)'))
    .option(
      '--observable <paulis>',
      'expectation values instead of counts, of ZZI, of a sum ZZI=0.5,IXX=-1, or of a file of them; exact without --shots',
      collect,
    )
    .option('--param <name=value>', 'a parameter by name; name=1,2,3 sweeps a circuit over it', collect)
    .option('--measure-all', 'measure every qubit of a circuit that measures none')
    .option('--label <text>', 'a name of your own, kept in the record')
    .option('--note <text>', 'a note of your own, kept in the record')
    .option('--receipt <id>', 'the receipt of the source it came from: its id in the store, or a file')
    .option('--key <file>', 'sign with this key: PKCS#8 PEM, or base64 of 32 raw bytes')
    .addOption(new Option('--private-key-file <file>', 'the same as --key').hideHelp())
    .addOption(new Option('--private-key-b64 <key>', 'refused').hideHelp())
    .option('--unsigned', 'sign nothing: the record never verifies better than inconclusive')
    .option('--python <path>', 'the Python that has the SDK')
    .addOption(whole('--timeout <seconds>', 'how long the SDK may take').default(3600))
    .option('--record-only', 'make the record alone')
    .addHelpText(
      'after',
      '\nExample:\n  $ qpoe run --sdk qiskit --n-qubits 4 --depth 10 --seed 123 --shots 2000 --out q.json',
    )
    .action((circuits, options) =>
      run(keepingOut(options), async (context) => (await import('./run.ts')).run(context, circuits, options)),
    );
}

function addVerify(program: Command, run: Run): void {
  command(
    program,
    'verify',
    'verify records, bundles, archives, statements and receipts: files, folders, or - for stdin',
  )
    .argument('[path...]', 'files, or folders that hold them')
    .option('--record <id>', 'a record of the store instead, with everything that the store holds about it')
    .option('--policy <file>', 'whom to trust (default: trust.toml in your home)')
    .option('--signer <fingerprint>', 'trust this one key, as a paper prints it: SHA-256 of its SPKI')
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
      '\nA policy never comes from the evidence, its folder, the working directory or the store.\n\nExample:\n  $ qpoe verify record.json',
    )
    .action((paths, options) =>
      options.page === true
        ? run(keepingOut(options), async (context) =>
            (await import('./print-page.ts')).printPage(context, paths, options.out),
          )
        : run(options, async (context) => (await import('./verify.ts')).verify(context, paths, options)),
    );
}

function addList(program: Command, run: Run): void {
  command(program, 'list', 'list the records of the store, newest first').action((options) =>
    run(options, async (context) => (await import('./list.ts')).list(context)),
  );
  command(program, 'show', 'show one record of the store')
    .argument('<id>', 'a record id, the beginning of one, or last')
    .action((id, options) => run(options, async (context) => (await import('./list.ts')).show(context, id)));
}

function addComparing(program: Command, run: Run): void {
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

function addInit(program: Command, run: Run): void {
  command(program, 'init', 'make your signing keys, and a policy that trusts them')
    .option('--name <name>', 'what the policy calls you', 'me')
    .option('--passphrase-file <file>', 'encrypt the keys with the passphrase in this file')
    .action((options) => run(options, async (context) => (await import('./init.ts')).init(context, options)));
}

function addRecord(program: Command, run: Run): void {
  command(program, 'record', 'make a record of results that you supply, or of a captured job')
    .option('--counts <file>', 'JSON object, outcome → count, keyed c[n-1]…c[0]')
    .option('--circuit <file>', 'a gate list, or any text (which is then only hashed)')
    .option('--sdk <name>', 'what ran it (default: unknown)')
    .option('--backend <name>', 'where it ran (default: unknown)')
    .option('--reverse-bits', 'the counts are keyed c[0]…c[n-1]')
    .option('--started-at <time>', 'RFC 3339, UTC (default: now)')
    .option('--finished-at <time>', 'RFC 3339, UTC (default: now)')
    .option('--capture <file>', 'a captured job instead; a folder of them, or - for one a line on stdin')
    .option('--follow', 'go on with the folder until stdin ends')
    .option('--label <text>', 'a name of your own, kept in the record')
    .option('--note <text>', 'a note of your own, kept in the record')
    .option('--receipt <id>', 'the receipt of the source it came from: its id in the store, or a file')
    .option('--key <file>', 'sign with this key')
    .option('--unsigned', 'sign nothing')
    .option('--record-only', 'make the record alone')
    .action((options) =>
      run(keepingOut(options), async (context) =>
        options.capture === undefined
          ? (await import('./record.ts')).recordSupplied(context, options)
          : (await import('./record-capture.ts')).recordCaptured(context, options),
      ),
    );
}

function addExec(program: Command, run: Run): void {
  command(program, 'exec', 'run a command and record every job that a Python in it runs')
    .argument('<command...>', 'the command and its arguments, after --')
    .option('--label <text>', 'a name of your own, kept in the records')
    .option('--note <text>', 'a note of your own, kept in the records')
    .option('--key <file>', 'sign with this key')
    .option('--unsigned', 'sign nothing')
    .option('--record-only', 'make the records alone')
    .passThroughOptions()
    .addHelpText('after', '\nExample:\n  $ qpoe exec -- python sweep.py')
    .action((words, options) =>
      run(options, async (context) => (await import('./exec.ts')).exec(context, words, options)),
    );
}

function addFileCommands(program: Command, run: Run): void {
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
    .argument(
      '[name]',
      'record, circuit, policy, bundle, config, verify, capture, publication, opening, link, checklist',
    )
    .action((name, options) =>
      run(keepingOut(options), async (context) =>
        (await import('./schema.ts')).schema(context, name, options),
      ),
    );
}

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

function addAttest(program: Command, run: Run): void {
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

function addPublish(program: Command, run: Run): void {
  command(program, 'publish', 'put the records behind a paper into one signed archive')
    .argument('[selection...]', 'ids, label:TEXT, days, all or last; FIGURE=SELECTOR,SELECTOR for a figure')
    .option('--title <text>', 'of the archive')
    .option('--author <name>', '"Family, Given", with "; ORCID" after it where there is one', collect)
    .option('--license <id>', 'an SPDX identifier: CC-BY-4.0, CC0-1.0, ...')
    .option('--description <text>', 'what it is, in a sentence')
    .option('--doi <doi>', 'one that the repository reserved')
    .option('--date <day>', 'of publication (default: today)')
    .option('--withhold <field>', 'leave that out, where it can be', collect)
    .option('--anonymous', 'sign anew by an identity made for this alone, for double-blind review')
    .option('--external <dir>', 'write what is too large for a bundle there, by its digest')
    .option('--dry-run', 'say what it would tell, and write nothing')
    .option('--reproduction <file>', 'include what someone else found who ran the records again', collect)
    .option('--link <archive>', 'instead: say that an anonymous archive is yours')
    .addHelpText(
      'after',
      '\nWithout --out it is written to publication.zip.\n\nExample:\n  $ qpoe publish fig2=label:sweep --license CC-BY-4.0 --author "Lovelace, Ada" --out paper.zip',
    )
    .action((selections, options) =>
      run(keepingOut(options), async (context) =>
        options.link === undefined
          ? (await import('./publish.ts')).publish(context, selections, options)
          : (await import('./publish-link.ts')).linkArchive(context, options.link, selections, options),
      ),
    );
  addReproduce(program, run);
  command(program, 'cite', 'cite an archive')
    .argument('<archive>')
    .option('--format <name>', 'bibtex, ris, csl-json or cff', 'bibtex')
    .option('--doi <doi>', 'under which it was deposited')
    .action((archive, options) =>
      run(options, async (context) => (await import('./cite.ts')).cite(context, archive, options)),
    );
  addReveal(program, run);
}

function addReproduce(program: Command, run: Run): void {
  command(program, 'reproduce', 'verify an archive, run its records again, and sign what came of it')
    .argument('<archive>')
    .option('--figure <name>', 'of that figure alone; more than once for several', collect)
    .option('--policy <file>', 'whom to trust (default: trust.toml in your home)')
    .option('--signer <fingerprint>', 'trust this one identity, as the paper prints it')
    .option('--python <path>', 'the Python that has the SDKs')
    .addOption(whole('--timeout <seconds>', 'how long each record may take').default(3600))
    .addHelpText(
      'after',
      "\nWithout --out it is written to reproduction.json.\n\nExit codes: 0 whatever ran is identical or consistent, 1 something differs, 3 it can't be said, or nothing ran.",
    )
    .action((archive, options) =>
      run(keepingOut(options), async (context) =>
        (await import('./reproduce.ts')).reproduce(context, archive, options),
      ),
    );
}

function addReveal(program: Command, run: Run): void {
  command(program, 'reveal', 'open a value that a record withholds, or check one that was opened')
    .argument('<record>', 'a record id, or a file that holds one; with --check what to hold it against')
    .argument('[path]', 'where it stands in the record (default: list what it withholds)')
    .option('--check <file>', 'an opened value, or the link of an anonymous archive')
    .option('--policy <file>', 'with --check: whom to trust (default: trust.toml in your home)')
    .option('--signer <fingerprint>', 'with --check: trust this one identity')
    .option('--integrity-only', 'with --check: judge no signer')
    .addHelpText(
      'after',
      '\nExample:\n  $ qpoe reveal last execution.job.submitter --out who.json\n  $ qpoe reveal --check who.json job.qpoe.json',
    )
    .action((what, path, options) =>
      run(keepingOut(options), async (context) =>
        options.check === undefined
          ? (await import('./reveal.ts')).reveal(context, what, path, options)
          : (await import('./reveal-check.ts')).checkRevealed(context, options.check, what, options),
      ),
    );
}

function addPolicy(program: Command, run: Run): void {
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
        (await import('./policy-audit.ts')).auditPolicy(context, archive, options),
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

function addAnchor(program: Command, run: Run): void {
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

function addBundle(program: Command, run: Run): void {
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

function addLog(program: Command, run: Run): void {
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

const withService = (runtime: Command): Command =>
  runtime
    .option('--account <name|file>', "a saved account's name, or a file (default: as the official client's)")
    .option('--instance <crn|name>', "instead of the account's own");

const withAccount = (runtime: Command): Command =>
  withService(runtime)
    .option('--no-binding', 'records hold no binding, whatever the tags say')
    .option('--since <date>', 'only jobs created since then (import: with --all)')
    .option('--python <path>', 'the Python whose Qiskit reads circuits in QPY')
    .option('--key <file>', 'sign the records with this key')
    .option('--unsigned', 'sign nothing')
    .option('--record-only', 'make the records alone');

function addRuntime(program: Command, run: Run): void {
  const runtime = program.command('runtime').description("IBM's cloud, and an emulator of it");
  withAccount(
    command(runtime, 'import', 'record jobs that ran there, with everything the provider has of them'),
  )
    .argument('[job...]', 'job ids')
    .option('--all', 'every job that the account sees')
    .option('--csv <file>', 'list there what is gone')
    .addHelpText('after', '\nExample:\n  $ qpoe runtime import --all --since 2026-01-01 --csv gone.csv')
    .action((jobs, options) =>
      run(options, async (context) =>
        (await import('./runtime-import.ts')).importRuntime(context, jobs, options),
      ),
    );
  withAccount(command(runtime, 'watch', 'keep importing what is new'))
    .addOption(whole('--interval <seconds>', 'between two looks').default(300))
    .action((options) =>
      run(options, async (context) => (await import('./runtime-watch.ts')).watchRuntime(context, options)),
    );
  addSubmit(runtime, run);
  addBinding(runtime, run);
  addEmulator(runtime, run);
}

function addSubmit(runtime: Command, run: Run): void {
  withService(
    command(runtime, 'submit', 'submit a job there, bound to the receipt of its source, and record it'),
  )
    .argument('[circuit...]', 'OpenQASM 2 or 3, or gate lists; several make one job')
    .requiredOption('--backend <name>', 'the device')
    .option('--session <id|new>', 'a session that is open, or a new one')
    .option('--receipt <id>', 'the receipt of the source: its id in the store, or a file')
    .option('--no-receipt', 'a job without a binding')
    .option('--observable <paulis>', 'expectation values instead of counts: ZZ, or ZZ=1,XX=0.5', collect)
    .option('--workload <name>', 'clifford_t_sampling (default) or toy-param-circuit')
    .addOption(whole('--n-qubits <n>', 'qubits (default: 3)'))
    .addOption(whole('--depth <n>', 'layers (default: 2)'))
    .addOption(new Option('--theta <radians>', "toy-param-circuit's angle (default: 1.234)"))
    .addOption(whole('--seed <n>', 'seeds the workload and the transpiler').default(1234))
    .addOption(whole('--shots <n>', 'how often each circuit is sampled').default(1024))
    .option('--param <name=value>', 'a parameter by name; name=1,2,3 sweeps a circuit over it', collect)
    .option('--measure-all', 'measure every qubit of a circuit that measures none')
    .addOption(whole('--optimization <level>', "of Qiskit's transpiler, 0 to 3").default(1))
    .option('--as-is', "the circuits are in the device's instruction set: send them as they are")
    .option('--detach', 'submit, and wait for nothing')
    .option('--again', 'also where the same was submitted and recorded before')
    .option('--label <text>', 'a name of your own, kept in the record')
    .option('--note <text>', 'a note of your own, kept in the record')
    .option('--python <path>', 'the Python whose Qiskit transpiles')
    .option('--key <file>', 'sign the record with this key')
    .option('--unsigned', 'sign nothing')
    .option('--record-only', 'make the record alone')
    .addHelpText(
      'after',
      '\nExample:\n  $ qpoe runtime submit bell.qasm --backend ibm_kingston --receipt g1-…',
    )
    .action((circuits, options) =>
      run(options, async (context) =>
        (await import('./runtime-submit.ts')).submitRuntime(context, circuits, options),
      ),
    );
}

function addBinding(runtime: Command, run: Run): void {
  withService(command(runtime, 'bind', 'bind a job or a session to a receipt: a file, and two tags'))
    .argument('<job|session>', 'its id')
    .option('--receipt <id>', "a receipt's id in the store, or a file (default: what its tags name)")
    .option('--no-tags', 'leave its tags as they are')
    .action((id, options) =>
      run(keepingOut(options), async (context) =>
        (await import('./runtime-bind.ts')).bindRuntime(context, id, options),
      ),
    );
  withService(command(runtime, 'bundle', 'the evidence bundles of a job or of a session, from its id'))
    .argument('<job|session>', 'its id')
    .option(
      '--from <dir>',
      'a store, a folder with the parts, or a log to make missing proofs from (default: the own store)',
    )
    .option('--compare', 'ask for the results again, and compare them with the record')
    .option('--offline', 'ask the service nothing')
    .action((id, options) =>
      run(keepingOut(options), async (context) =>
        (await import('./runtime-bundle.ts')).bundleRuntime(context, id, options),
      ),
    );
  command(runtime, 'tags', "a receipt's two tags, for jobs that another client submits")
    .argument('<receipt>', 'its id in the store, or a file')
    .action((receipt, options) =>
      run(options, async (context) => (await import('./runtime-tags.ts')).runtimeTags(context, receipt)),
    );
}

function addEmulator(runtime: Command, run: Run): void {
  command(runtime, 'emulate', "serve IBM Quantum Compute's API on this machine, to try it without an account")
    .addOption(whole('--port <n>', '0: any').default(0))
    .option('--configuration <file>', 'of a real device, as its API gives it (default: a small one, made up)')
    .option('--properties <file>', 'and its calibration; again for several, by their dates', collect)
    .option('--engine <name>', 'simulator: no errors; aer: with the errors of the calibration', 'simulator')
    .option('--python <path>', 'has the Qiskit that reads QPY, and Aer')
    .addOption(whole('--seed <n>', 'of the first job that names none').default(0))
    .addOption(whole('--latency <ms>', 'before each answer').default(0))
    .addOption(whole('--queue-time <ms>', 'that each job waits before it runs').default(0))
    .addOption(whole('--token-life <seconds>', 'of an access token').default(3600))
    .addOption(whole('--jobs-per-minute <n>', 'that a user may submit').default(5))
    .option('--faults <rules>', 'what goes wrong at which request, or a file of it')
    .addHelpText(
      'after',
      "\nExample:\n  $ qpoe runtime emulate --port 8787 --faults '503 every 5, cut nth 3 on POST /api/v1/jobs'",
    )
    .action((options) =>
      run(options, async (context) => (await import('./runtime-emulate.ts')).emulate(context, options)),
    );
}

function addSdk(program: Command, run: Run): void {
  const sdk = program.command('sdk').description('the SDKs that can run a workload');
  command(sdk, 'list', 'which are usable, and why the others are not')
    .option('--python <path>', 'look in this Python')
    .action((options) =>
      run(options, async (context) => (await import('./sdk.ts')).listSdks(context, options)),
    );
  command(sdk, 'install', 'install one into an environment of its own')
    .argument('<name>', 'qiskit or cirq')
    .option('--python <path>', 'make the environment with this Python')
    .action((name, options) =>
      run(options, async (context) => (await import('./sdk.ts')).installNamed(context, name, options)),
    );
}

function addDemo(program: Command, run: Run): void {
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

function addMachineCommands(program: Command, run: Run): void {
  command(program, 'doctor', 'find what is wrong with this installation').action((options) =>
    run(options, async (context) => (await import('./doctor.ts')).doctor(context)),
  );
}
