/**
 * A job as the device takes it: in its instruction set, on its qubits. The person's own Qiskit compiles it, for the device as the
 * provider's own answers describe it; both circuits are kept, because the provider never sees the one that was meant.
 */

import { type Circuit, circuitBytes } from '../circuit/circuit.ts';
import { type Observable, observablesObject } from '../circuit/observable.ts';
import { emitOpenQasm3 } from '../circuit/openqasm3.ts';
import { fromUtf8, utf8 } from '../core/bytes.ts';
import type { JsonObject, JsonValue } from '../core/json.ts';
import { findPython, type PythonChoice } from '../sdk/python.ts';
import { transpileForDevice } from '../sdk/runner.ts';
import { putObject, type Store } from '../store/store.ts';
import { type RuntimeClient, readConfiguration, readProperties, unexpected } from './client.ts';
import type { PlannedSubmission } from './submission.ts';

export interface MeantProgram {
  readonly circuit: Circuit;
  readonly values: Readonly<Record<string, number>>;
  readonly input?: { readonly format: string; readonly bytes: Uint8Array };
  /** What is sent where nothing is compiled. */
  readonly text: string;
}

export interface MeantJob {
  readonly name: string;
  readonly parameters: Readonly<Record<string, number>>;
  readonly programs: readonly MeantProgram[];
  readonly shots: number;
  /** None of a sampler. */
  readonly observables: readonly Observable[];
  readonly labels?: PlannedSubmission['labels'];
}

export interface Compilation {
  readonly backend: string;
  /** The circuits are in the device's instruction set already. */
  readonly asIs: boolean;
  readonly optimizationLevel: number;
  readonly seed: number;
}

export interface PreparePlace {
  readonly client: RuntimeClient;
  readonly store: Store;
  readonly python: PythonChoice;
  readonly signal: AbortSignal;
}

export interface Prepared {
  readonly plan: PlannedSubmission;
  readonly params: JsonObject;
}

const TIMEOUT_MS = 600_000;
const SEEDS = 2 ** 31;

interface Compiled {
  readonly text: string;
  readonly observables: readonly Readonly<Record<string, number>>[];
  readonly layout?: JsonObject;
}

/** @throws QpoeError `refused` where the device is not there, `external` where no Qiskit is */
export async function prepareJob(place: PreparePlace, job: MeantJob, how: Compilation): Promise<Prepared> {
  const device = await readDevice(place.client, how.backend);
  const compiled = how.asIs
    ? job.programs.map(({ text }) => ({ text, observables: job.observables.map(asQiskit) }))
    : await compile(place, job, how, device);
  return { plan: describePlan(place.store, job, compiled), params: paramsOf(job, compiled) };
}

const asQiskit = (observable: Observable): Readonly<Record<string, number>> => Object.fromEntries(observable);

interface DeviceAnswers {
  readonly configuration: string;
  readonly properties: string | null;
}

async function readDevice(client: RuntimeClient, backend: string): Promise<DeviceAnswers> {
  const now = new URLSearchParams();
  const configuration = await readConfiguration(client, backend, now);
  if (configuration.status !== 200) throw unexpected(client, `the device ${backend}`, configuration);
  const properties = await readProperties(client, backend, now);
  // A simulator has none.
  const known = properties.status === 200 ? (fromUtf8(properties.body) ?? null) : null;
  return { configuration: fromUtf8(configuration.body) ?? '', properties: known };
}

async function compile(
  { python, signal }: PreparePlace,
  { programs, observables }: MeantJob,
  { optimizationLevel, seed }: Compilation,
  device: DeviceAnswers,
): Promise<Compiled[]> {
  const packages = ['qiskit', 'qiskit-qasm3-import'];
  const found = await findPython('qiskit', { ...python, packages }, { signal });
  const { by, circuits } = await transpileForDevice(
    { sdk: 'qiskit', python: found.python },
    {
      ...device,
      circuits: programs.map(({ circuit }) => emitOpenQasm3(circuit)),
      optimization_level: optimizationLevel,
      seed_transpiler: seed % SEEDS,
      observables: observables.map(asQiskit),
    },
    { signal, timeoutMs: TIMEOUT_MS },
  );
  return circuits.map(({ text, initial, final, observables: placed }) => ({
    text,
    observables: placed,
    layout: {
      from: 'circuit',
      by,
      optimization_level: optimizationLevel,
      seed_transpiler: seed % SEEDS,
      initial,
      final,
      ...(placed.length === 0 ? {} : { observables: placed }),
    },
  }));
}

function describePlan(store: Store, job: MeantJob, compiled: readonly Compiled[]): PlannedSubmission {
  const observables =
    job.observables.length === 0 ? {} : { observables: putObject(store, observablesObject(job.observables)) };
  return {
    name: job.name,
    parameters: { ...job.parameters },
    programs: job.programs.map(({ circuit, values, input }, at) => {
      const { text, layout } = compiled[at]!;
      return {
        circuit: putObject(store, circuitBytes(circuit)),
        ...(input === undefined
          ? {}
          : { input: { format: input.format, digest: putObject(store, input.bytes) } }),
        values: { ...values },
        shots: job.shots,
        sent: putObject(store, utf8(text)),
        ...(layout === undefined ? {} : { layout }),
        ...observables,
      };
    }),
    ...(job.labels === undefined ? {} : { labels: job.labels }),
  };
}

/** Without `support_qiskit` the results are plain JSON, which needs no Qiskit to be read. */
function paramsOf({ shots, observables }: MeantJob, compiled: readonly Compiled[]): JsonObject {
  if (observables.length === 0)
    return { pubs: compiled.map(({ text }) => [text]), shots, support_qiskit: false, version: 2 };
  return {
    pubs: compiled.map(({ text, observables: placed }) => [text, placed as unknown as JsonValue]),
    precision: 1 / Math.sqrt(shots),
    support_qiskit: false,
    version: 2,
  };
}
