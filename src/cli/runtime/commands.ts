/** Commands: IBM's cloud. */

import { type Command, Option } from 'commander';
import { collect, command, keepingOut, type Run, whole } from '../command.ts';

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

export function addRuntime(program: Command, run: Run): void {
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
