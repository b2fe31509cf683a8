/** `qpoe runtime emulate`: IBM Quantum Compute on this machine, until it is stopped. */

import { existsSync } from 'node:fs';
import { QpoeError } from '../../core/error.ts';
import { readDevice } from '../../runtime/emulator/device.ts';
import { type Emulator, startEmulator } from '../../runtime/emulator/emulator.ts';
import { aerEngine, type Engine, findQpyReader, simulatorEngine } from '../../runtime/emulator/engine.ts';
import { readFaults } from '../../runtime/emulator/faults.ts';
import { cacheFolder } from '../../sdk/cache.ts';
import type { PythonChoice } from '../../sdk/python.ts';
import { readBounded } from '../../store/files.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { refuseListening } from '../listening.ts';

export interface EmulateOptions {
  readonly port: number;
  readonly configuration?: string;
  readonly properties?: readonly string[];
  readonly engine: string;
  readonly python?: string;
  readonly seed: number;
  readonly latency: number;
  readonly queueTime: number;
  readonly tokenLife: number;
  readonly jobsPerMinute: number;
  readonly faults?: string;
}

export async function emulate(context: Context, options: EmulateOptions): Promise<ExitCode> {
  const { port, seed, latency, queueTime, tokenLife, jobsPerMinute, faults } = options;
  refuseListening('127.0.0.1', port);
  refuseNumbers(options);
  const python = {
    python: options.python,
    cacheDir: cacheFolder(context.environment),
    env: context.environment,
  };
  const device = chosenDevice(options);
  const { signal, note } = context;
  const emulator = await startEmulator({
    port,
    signal,
    python,
    seed,
    note,
    latencyMs: latency,
    queueMs: queueTime,
    tokenSeconds: tokenLife,
    jobsPerMinute,
    engine: chosenEngine(options.engine, python),
    ...(device === undefined ? {} : { devices: [device] }),
    ...(faults === undefined ? {} : { onRequest: readFaults(faultText(faults)) }),
  });
  tell(context, emulator);
  await warnWithoutQiskit(context, python);
  await emulator.closed;
  return EXIT.pass;
}

/** The official client sends its circuits as QPY: better said now than by its first job. */
async function warnWithoutQiskit(context: Context, python: PythonChoice): Promise<void> {
  try {
    await findQpyReader(python, context.signal);
  } catch (error) {
    if (!(error instanceof QpoeError) || error.code !== 'external') throw error;
    context.note(`  Circuits of the official client can’t be read here: ${error.message};`);
    context.note('    `qpoe sdk install qiskit`, or --python with one that has it.');
  }
}

const MAX_MS = 600_000;
const NUMBERS = [
  ['seed', '--seed', 0, 2 ** 31 - 1],
  ['latency', '--latency', 0, MAX_MS],
  ['queueTime', '--queue-time', 0, MAX_MS],
  ['tokenLife', '--token-life', 1, 86_400],
  ['jobsPerMinute', '--jobs-per-minute', 1, 1_000_000],
] as const;

function refuseNumbers(options: EmulateOptions): void {
  for (const [name, flag, least, most] of NUMBERS)
    if (!(options[name] >= least && options[name] <= most))
      throw new QpoeError('usage', `${flag}: not a whole number from ${least} to ${most}`);
}

function chosenDevice({ configuration, properties = [] }: EmulateOptions) {
  if (configuration !== undefined && properties.length > 0) return readDevice(configuration, properties);
  if (configuration === undefined && properties.length === 0) return undefined;
  throw new QpoeError(
    'usage',
    `--${configuration === undefined ? 'properties without --configuration' : 'configuration without --properties'}`,
    'give both, of one device, or neither',
  );
}

function chosenEngine(name: string, python: PythonChoice): Engine {
  if (name === 'simulator') return simulatorEngine;
  if (name === 'aer') return aerEngine(python);
  throw new QpoeError('usage', '--engine: neither simulator nor aer');
}

const MAX_FAULTS = 100_000;

function faultText(faults: string): string {
  return existsSync(faults) ? readBounded(faults, MAX_FAULTS).toString('utf8') : faults;
}

/** The key opens nothing but this process, which no one else can reach: it may be shown. */
function tell(context: Context, { apiUrl, environment, apiKey, crn }: Emulator): void {
  context.say(`emulating IBM Quantum Compute at ${apiUrl}`);
  context.say('');
  for (const [name, value] of Object.entries(environment)) context.say(`export ${name}=${value}`);
  context.note('');
  context.note('  With these in its environment, a script with qiskit_ibm_runtime runs here unchanged:');
  context.note('    from qiskit_ibm_runtime import QiskitRuntimeService, SamplerV2');
  context.note('    backend = QiskitRuntimeService().backends()[0]');
  context.note('  Jobs live until it ends (Ctrl-C), and what it answers is evidence of nothing.');
  context.answer('runtime-emulate', { url: apiUrl, api_key: apiKey, crn, environment });
}
