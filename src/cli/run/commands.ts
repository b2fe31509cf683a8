/** Commands: running circuits. */

import { type Command, Option } from 'commander';
import { INSTALLABLE_SDKS, SDK_NAMES } from '../../sdk/sdk-names.ts';
import { collect, command, keepingOut, type Run, whole } from '../command.ts';

export function addRun(program: Command, run: Run): void {
  command(program, 'run', 'run a circuit or a workload and write its signed record')
    .argument('[circuit...]', 'OpenQASM 2 or 3, or gate lists; several make one job')
    .addOption(new Option('--sdk <name>', `what runs it: ${SDK_NAMES.join(', ')} (default: simulator)`))
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

export function addSdk(program: Command, run: Run): void {
  const sdk = program.command('sdk').description('the SDKs that can run a workload');
  command(sdk, 'list', 'which are usable, and why the others are not')
    .option('--python <path>', 'look in this Python')
    .action((options) =>
      run(options, async (context) => (await import('./sdk.ts')).listSdks(context, options)),
    );
  command(sdk, 'install', 'install one into an environment of its own')
    .argument('<name>', INSTALLABLE_SDKS.join(', '))
    .option('--python <path>', 'make the environment with this Python')
    .action((name, options) =>
      run(options, async (context) => (await import('./sdk.ts')).installNamed(context, name, options)),
    );
}
