/** The embedded simulator as an SDK. It runs in a worker, so that a person or a time limit can stop it. */

import { Worker } from 'node:worker_threads';
import type { Circuit } from '../circuit/circuit.ts';
import { beforeMeasurement } from '../circuit/measurement.ts';
import { termsOf } from '../circuit/observable.ts';
import { emitForSdk } from '../circuit/sdk-text.ts';
import { QpoeError } from '../core/error.ts';
import { canonicalBytes } from '../core/jcs.ts';
import type { JsonObject } from '../core/json.ts';
import type { SamplerVersion } from '../simulator/sampler.ts';
import { MAX_QUBITS, stateBytes } from '../simulator/statevector.ts';
import { packageVersion } from '../store/package-root.ts';
import { expectationsInWorker } from './expectation.ts';
import { checkJob } from './job.ts';
import type { EstimateJob, EstimateOutcome, Job, JobOutcome, RunLimits, Sdk } from './sdk.ts';
import type { SampledProgram } from './simulator-job.ts';
import type { WorkerAnswer, WorkerTask } from './simulator-worker.ts';

const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const simulatorSdk: Sdk = {
  name: 'simulator',
  status: async () => ({ usable: true, version: packageVersion(), where: 'embedded' }),
  run: runJob,
  estimate: estimateJob,
};

async function runJob(job: Job, limits: RunLimits): Promise<JobOutcome> {
  checkJob(job);
  for (const { circuit } of job.programs) checkSize(circuit);
  const sampled = await sampleInWorker(job, limits);
  const sampler = agreed(sampled.map((program) => program.sampler));
  return {
    backend: 'statevector',
    programs: job.programs.map(({ circuit }, index) => ({
      source: emitForSdk('simulator', circuit),
      counts: sampled[index]!.counts,
    })),
    raw: canonicalBytes({ counts: sampled.map(({ counts }) => Object.fromEntries(counts)), sampler }),
    environment: { ...describeEnvironment(), sampler },
    seeding: {
      requested: job.seed,
      applied: `sampler ${[sampler].flat().join(', ')}: SHA-256 of seed and program number keys MT19937`,
      // By construction, and held to it by vectors/simulator.
      took_effect: true,
    },
  };
}

/** Computed from the state, in double precision. */
async function estimateJob(
  { circuits, observables }: EstimateJob,
  { signal, timeoutMs }: RunLimits,
): Promise<EstimateOutcome> {
  for (const circuit of circuits) checkSize(circuit);
  const programs = circuits.map((circuit) => ({
    circuit: beforeMeasurement(circuit),
    sums: observables.map((observable) => termsOf(observable, circuit.qubits)),
  }));
  const moments = await expectationsInWorker(
    programs,
    AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
  );
  const values = programs.map(({ sums }, program) =>
    sums.map((sum, at) =>
      sum.reduce(
        (total, { coefficient }, term) => total + coefficient * moments[program]![at]![term]!.mean,
        0,
      ),
    ),
  );
  return {
    backend: 'statevector',
    programs: circuits.map((circuit, index) => ({
      source: emitForSdk('simulator', circuit),
      values: values[index]!,
    })),
    raw: canonicalBytes({ values }),
    environment: describeEnvironment(),
  };
}

function describeEnvironment(): JsonObject {
  return {
    sdk: 'simulator',
    packages: { 'quantum-proof-of-execution': packageVersion() },
    node: process.versions.node,
    platform: { system: process.platform, machine: process.arch },
  };
}

/** One number where the programs agree, else one a program. */
function agreed(samplers: readonly SamplerVersion[]): SamplerVersion | SamplerVersion[] {
  const [first] = samplers;
  return samplers.every((sampler) => sampler === first) ? first! : [...samplers];
}

function checkSize({ qubits }: Circuit): void {
  if (qubits > MAX_QUBITS)
    throw new QpoeError(
      'refused',
      `${qubits} qubits; the simulator takes ${MAX_QUBITS}`,
      'use fewer qubits, or another SDK: --sdk qiskit',
    );
  const needed = stateBytes(qubits);
  const available = process.availableMemory();
  if (needed > available)
    throw new QpoeError(
      'refused',
      `${qubits} qubits need ${needed} bytes of memory; ${available} are free`,
      'use fewer qubits',
    );
}

/** The CLI is bundled into one folder, where the worker is an entry of its own. */
function workerUrl(): URL {
  return new URL(
    import.meta.url.endsWith('.ts') ? './simulator-worker.ts' : './simulator-worker.js',
    import.meta.url,
  );
}

function sampleInWorker(job: Job, { timeoutMs, signal }: RunLimits): Promise<SampledProgram[]> {
  if (signal.aborted) return Promise.reject(interrupted());
  const { promise, resolve, reject } = Promise.withResolvers<SampledProgram[]>();
  const worker = new Worker(workerUrl(), { workerData: { job } satisfies WorkerTask });
  const timer = setTimeout(() => stop(tookTooLong(timeoutMs)), Math.min(timeoutMs, LONGEST_TIMER_MS));
  const onAbort = () => stop(interrupted());
  signal.addEventListener('abort', onAbort);
  worker.on('message', (answer: WorkerAnswer) => {
    settle();
    if (answer.error === undefined) resolve(answer.sampled);
    else reject(new QpoeError(answer.error.code, answer.error.message, answer.error.hint));
  });
  worker.on('error', (cause) => stop(crashed(cause)));
  worker.on('exit', (code) => stop(crashed(new Error(`exit code ${code}`))));
  return promise;

  /** After the answer it changes nothing: a promise settles once. */
  function stop(error: QpoeError): void {
    settle();
    reject(error);
    void worker.terminate();
  }

  function settle(): void {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}

function interrupted(): QpoeError {
  return new QpoeError('interrupted', 'the simulator was stopped: interrupted');
}

function tookTooLong(timeoutMs: number): QpoeError {
  return new QpoeError(
    'external',
    `the simulator was stopped: not done within its time limit of ${timeoutMs / 1000} s`,
    'use fewer qubits or shots, or a longer time limit',
  );
}

function crashed(cause: unknown): QpoeError {
  return new QpoeError(
    'external',
    `the simulator crashed: ${cause instanceof Error ? cause.message : String(cause)}`,
    'use fewer qubits: the likeliest cause is memory',
    { cause },
  );
}
