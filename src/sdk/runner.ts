/**
 * The runner protocol, version 1 (docs/runner-protocol.md): one request line to a Python process, one JSON answer.
 *
 *     {"protocol":1,"operation":"run","sdk":"qiskit","programs":[{"format":"openqasm3","text":"…","shots":100}],"seed":7}
 *     {"protocol":1,"result":{…}}   or   {"protocol":1,"error":{"kind":"…","message":"…"}}
 *
 * An answer is checked as if a stranger sent it: what isn't exactly a result never becomes one.
 */

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deflateSync } from 'node:zlib';
import * as z from 'zod/mini';
import type { Observable } from '../circuit/observable.ts';
import type { CircuitText } from '../circuit/sdk-text.ts';
import { fromBase64, fromUtf8, toBase64 } from '../core/bytes.ts';
import { QpoeError } from '../core/error.ts';
import { isJsonObject, JsonError, type JsonObject, type JsonValue, parseJson } from '../core/json.ts';
import { printable } from '../core/printable.ts';
import { checkShape } from '../core/shape.ts';
import { packageRoot } from '../store/package-root.ts';
import { describeExit, type Exit, type ProcessLimits, runProcess } from './process.ts';
import { PYTHON_SDKS, type PythonSdkName } from './python-sdk-names.ts';

const PROTOCOL = 1;

interface RunnerProgram extends CircuitText {
  readonly shots: number;
}

export interface RunRequest {
  readonly programs: readonly RunnerProgram[];
  readonly seed: number;
  /** One program to run again with each of these seeds, in the same process. */
  readonly probe?: { readonly program: RunnerProgram; readonly seeds: readonly number[] };
}

const environmentShape = {
  packages: z.record(z.string(), z.string()),
  python: z.optional(z.strictObject({ implementation: z.string(), version: z.string() })),
  node: z.optional(z.string()),
  platform: z.strictObject({ system: z.string(), machine: z.string() }),
};

const Description = z.strictObject({ ...environmentShape, missing: z.array(z.string()) });

const Result = z.strictObject({
  backend: z.string(),
  programs: z.array(
    z.strictObject({
      counts: z.unknown(),
      executed: z.optional(z.strictObject({ format: z.string(), text: z.string() })),
    }),
  ),
  raw: z.string(),
  applied: z.string(),
  settings: z.record(z.string(), z.unknown()),
  environment: z.strictObject(environmentShape),
  probe: z.optional(z.array(z.unknown())),
});

/** Of an SDK that computes expectation values: of each program, one for each observable. */
const Estimate = z.strictObject({
  backend: z.string(),
  programs: z.array(
    z.strictObject({
      values: z.array(z.number()),
      executed: z.optional(z.strictObject({ format: z.string(), text: z.string() })),
    }),
  ),
  raw: z.string(),
  settings: z.record(z.string(), z.unknown()),
  environment: z.strictObject(environmentShape),
});

const Exported = z.strictObject({
  circuits: z.array(
    z.union([
      z.strictObject({ fault: z.string() }),
      z.strictObject({
        text: z.string(),
        parameters: z.array(z.string()),
      }),
    ]),
  ),
  environment: z.strictObject(environmentShape),
});

const Answer = z.strictObject({
  protocol: z.literal(PROTOCOL),
  description: z.optional(z.unknown()),
  result: z.optional(z.unknown()),
  estimate: z.optional(z.unknown()),
  exported: z.optional(z.unknown()),
  noisy: z.optional(z.unknown()),
  transpile: z.optional(z.unknown()),
  error: z.optional(z.strictObject({ kind: z.string(), message: z.string() })),
});

export type Exported = z.infer<typeof Exported>;
export type ExportedCircuit = Exported['circuits'][number];
export type RunnerDescription = z.infer<typeof Description>;
export type RunnerResult = Omit<z.infer<typeof Result>, 'raw'> & { readonly raw: Uint8Array };
export type RunnerEstimate = Omit<z.infer<typeof Estimate>, 'raw'> & { readonly raw: Uint8Array };

/** In Python, by a shim of its own; or QDK, in Node. */
export type Runner =
  | {
      readonly sdk: PythonSdkName;
      /** The Python to start. */
      readonly python: string;
    }
  | { readonly sdk: 'qdk' /** The folder of `qsharp-lang`. */; readonly module: string };

/** What is installed in that Python, without importing it. */
export async function describeRunner(runner: Runner, limits: ProcessLimits): Promise<RunnerDescription> {
  const { description } = await ask(runner, { operation: 'describe' }, limits);
  return demandShape(runner, Description, description);
}

/** One result for each program; counts and probe are still unchecked. */
export async function runPrograms(
  runner: Runner,
  request: RunRequest,
  limits: ProcessLimits,
): Promise<RunnerResult> {
  const answer = await ask(runner, { operation: 'run', ...request } as never, limits);
  return demandResults(runner, demandShape(runner, Result, answer.result), request.programs.length);
}

function demandResults<T extends { readonly programs: readonly unknown[]; readonly raw: string }>(
  runner: Runner,
  result: T,
  programs: number,
): Omit<T, 'raw'> & { readonly raw: Uint8Array } {
  if (result.programs.length !== programs)
    throw garbage(runner, `${result.programs.length} results for ${programs} programs`);
  const raw = fromBase64(result.raw);
  if (raw === undefined) throw garbage(runner, 'a raw result that is not base64');
  return { ...result, raw };
}

/** Exact expectation values of the states before the final measurements. */
export async function estimatePrograms(
  runner: Runner,
  request: { readonly programs: readonly CircuitText[]; readonly observables: readonly Observable[] },
  limits: ProcessLimits,
): Promise<RunnerEstimate> {
  const answer = await ask(runner, { operation: 'estimate', ...request } as never, limits);
  const estimate = demandShape(runner, Estimate, answer.estimate);
  for (const { values } of estimate.programs)
    if (values.length !== request.observables.length)
      throw garbage(runner, `${values.length} values for ${request.observables.length} observables`);
  return demandResults(runner, estimate, request.programs.length);
}

/** Circuits in the SDK's own format (Qiskit's QPY) as OpenQASM 3, or why one can't be. Nothing but the SDK reads that format. */
export async function exportCircuits(
  runner: Runner,
  files: readonly Uint8Array[],
  limits: ProcessLimits,
): Promise<Exported> {
  const circuits = files.map((file) => toBase64(deflateSync(file, { level: 1 })));
  const { exported } = await ask(runner, { operation: 'export', circuits }, limits);
  const shaped = demandShape(runner, Exported, exported);
  if (shaped.circuits.length !== files.length)
    throw garbage(runner, `${shaped.circuits.length} circuits for ${files.length}`);
  return shaped;
}

/** A program and the device's errors, by the program's own qubits. */
export interface NoisyProgram extends RunnerProgram {
  readonly noise: Noise;
}

export interface Noise {
  /** A qubit: the probabilities of reading 1 for 0, and 0 for 1. */
  readonly readout: readonly (readonly [number, number])[];
  /** Average gate errors. */
  readonly gates: readonly {
    readonly name: string;
    readonly qubits: readonly number[];
    readonly error: number;
  }[];
}

/** Counts, still unchecked, of programs that are in a device's gates, with its errors. */
export async function runNoisy(
  runner: Runner,
  request: { readonly programs: readonly NoisyProgram[]; readonly seed: number },
  limits: ProcessLimits,
): Promise<unknown[]> {
  const { noisy } = await ask(runner, { operation: 'noisy', ...request } as never, limits);
  const counts = demandShape(runner, z.array(z.unknown()), noisy);
  if (counts.length !== request.programs.length)
    throw garbage(runner, `${counts.length} results for ${request.programs.length} programs`);
  return counts;
}

const Transpiled = z.strictObject({
  by: z.string(),
  circuits: z.array(
    z.strictObject({
      text: z.string(),
      initial: z.array(z.int()),
      final: z.array(z.int()),
      observables: z.array(z.record(z.string(), z.number())),
    }),
  ),
});
export type Transpiled = z.infer<typeof Transpiled>;

export interface TranspileRequest {
  /** OpenQASM 3. */
  readonly circuits: readonly string[];
  /** The provider's answers of the device, as they came. */
  readonly configuration: string;
  readonly properties: string | null;
  readonly optimization_level: number;
  readonly seed_transpiler: number;
  /** Sums of Pauli labels, of every circuit; the last letter is of qubit 0. */
  readonly observables: readonly Readonly<Record<string, number>>[];
}

/** Circuits in a device's instruction set, and where their qubits came to lie: one for each, in order. */
export async function transpileForDevice(
  runner: Runner,
  request: TranspileRequest,
  limits: ProcessLimits,
): Promise<Transpiled> {
  const answer = await ask(runner, { operation: 'transpile', ...request } as never, limits);
  const shaped = demandShape(runner, Transpiled, answer.transpile);
  if (shaped.circuits.length !== request.circuits.length)
    throw garbage(runner, `${shaped.circuits.length} circuits for ${request.circuits.length}`);
  const odd = shaped.circuits.find(({ observables }) => observables.length !== request.observables.length);
  if (odd !== undefined)
    throw garbage(runner, `${odd.observables.length} observables for ${request.observables.length}`);
  return shaped;
}

async function ask(
  runner: Runner,
  request: JsonObject,
  limits: ProcessLimits,
): Promise<z.infer<typeof Answer>> {
  const exit = await runProcess(
    {
      title: titleOf(runner),
      ...commandOf(runner),
      input: JSON.stringify({ protocol: PROTOCOL, sdk: runner.sdk, ...request }) + '\n',
    },
    limits,
  );
  if (exit.code !== 0) throw crashed(runner, exit);
  const answer = readAnswer(runner, exit);
  if (answer.error !== undefined) throw failed(runner, answer.error, exit);
  return answer;
}

function commandOf(runner: Runner): { readonly program: string; readonly args: readonly string[] } {
  if (runner.sdk !== 'qdk')
    return {
      program: runner.python,
      args: ['-I', '-B', join(packageRoot(), 'python', 'runner.py'), runner.sdk],
    };
  return { program: process.execPath, args: [qdkRunnerFile(), runner.module] };
}

/** The CLI is bundled into one folder, where the runner is an entry of its own. */
function qdkRunnerFile(): string {
  const name = import.meta.url.endsWith('.ts') ? './qdk-runner.ts' : './qdk-runner.js';
  return fileURLToPath(new URL(name, import.meta.url));
}

function readAnswer(runner: Runner, exit: Exit): z.infer<typeof Answer> {
  const value = parseAnswer(runner, exit.stdout);
  const version = isJsonObject(value) ? value.protocol : undefined;
  if (typeof version === 'number' && version !== PROTOCOL) throw otherProtocol(runner, version);
  return demandShape(runner, Answer, value);
}

function parseAnswer(runner: Runner, stdout: Uint8Array): JsonValue {
  const text = fromUtf8(stdout);
  if (text === undefined) throw garbage(runner, 'bytes that are not UTF-8');
  if (text.trim() === '') throw garbage(runner, 'nothing');
  try {
    return parseJson(text);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw garbage(runner, `something that is not strict JSON: ${error.message}`, error);
  }
}

function demandShape<T>(runner: Runner, schema: z.ZodMiniType<T>, value: unknown): T {
  const shaped = checkShape(schema, value);
  if (shaped.fault !== undefined) throw garbage(runner, shaped.fault);
  return shaped.value;
}

/**
 * Outcome → count in the order of the outcomes. A runner that lost a shot, or a bit, must not get a signature.
 *
 * @throws QpoeError `external`
 */
export function readCounts(
  runner: Runner,
  counts: unknown,
  bits: number,
  shots: number,
): Map<string, number> {
  if (typeof counts !== 'object' || counts === null || Array.isArray(counts))
    throw garbage(runner, 'counts that are no object');
  const entries = Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1));
  let total = 0;
  for (const [outcome, count] of entries) {
    if (outcome.length !== bits || !/^[01]*$/.test(outcome))
      throw garbage(runner, `the outcome "${printable(outcome, 80)}" for a circuit of ${bits} bits`);
    if (!Number.isSafeInteger(count) || count < 1)
      throw garbage(runner, `the count ${printable(JSON.stringify(count), 40)}`);
    total += count;
  }
  if (total !== shots)
    throw garbage(runner, `counts that add up to ${total}, not to the ${shots} shots asked for`);
  return new Map(entries);
}

function sdkTitle({ sdk }: Runner): string {
  return sdk === 'qdk' ? 'QDK' : PYTHON_SDKS[sdk].title;
}

function titleOf(runner: Runner): string {
  return `the ${sdkTitle(runner)} runner`;
}

function placeOf(runner: Runner): string {
  return printable(runner.sdk === 'qdk' ? runner.module : runner.python);
}

/** Understood as JSON or not: it isn't what the protocol says. */
function garbage(runner: Runner, what: string, cause?: Error): QpoeError {
  return new QpoeError(
    'external',
    `${titleOf(runner)} (${placeOf(runner)}) answered garbage: ${what}`,
    `\`qpoe sdk list\` shows what is used; \`qpoe sdk install ${runner.sdk}\` makes a working one.`,
    { cause },
  );
}

function crashed(runner: Runner, exit: Exit): QpoeError {
  return new QpoeError(
    'external',
    `${titleOf(runner)} (${placeOf(runner)}) crashed with ${describeExit(exit)}`,
    exit.signal === 'SIGKILL'
      ? 'The system ends a process so when memory runs out: use fewer qubits.'
      : `\`qpoe sdk install ${runner.sdk}\` makes a working one.`,
    { cause: new Error(exit.stderr) },
  );
}

function otherProtocol(runner: Runner, version: number): QpoeError {
  return new QpoeError(
    'external',
    `${titleOf(runner)} speaks protocol ${version}; this qpoe speaks ${PROTOCOL}`,
    'The package is mixed from two versions: install it again.',
  );
}

function failed(
  runner: Runner,
  error: { readonly kind: string; readonly message: string },
  exit: Exit,
): QpoeError {
  const cause = new Error(exit.stderr);
  const title = sdkTitle(runner);
  const message = printable(error.message);
  if (error.kind === 'too-large')
    return new QpoeError('refused', `too large for ${title}: ${message}`, 'Use fewer qubits.', { cause });
  return new QpoeError(
    'external',
    `${title} (${placeOf(runner)}) failed: ${message}`,
    `\`qpoe sdk install ${runner.sdk}\` makes an environment that is known to work.`,
    { cause },
  );
}
