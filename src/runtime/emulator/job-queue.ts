/** One device, one job at a time: Queued → Running → Completed, Failed or Cancelled. */

import { setTimeout as wait } from 'node:timers/promises';
import { QpoeError } from '../../core/error.ts';
import { printable } from '../../core/printable.ts';
import type { PythonChoice } from '../../sdk/python.ts';
import { ApiError, CODES } from './api-error.ts';
import type { Device } from './device.ts';
import type { Engine } from './engine.ts';
import { runEstimator } from './estimator.ts';
import { JobFault } from './job-fault.ts';
import { type EmulatedJob, FINAL, type JobBook } from './jobs.ts';
import { readParams } from './pubs.ts';
import { estimatorResults, samplerResults } from './results.ts';
import type { ProgramRun } from './run-program.ts';
import { runSampler } from './sampler.ts';
import type { Sessions } from './sessions.ts';

export interface QueueOptions {
  readonly book: JobBook;
  readonly sessions: Sessions;
  readonly devices: ReadonlyMap<string, Device>;
  readonly engine: Engine;
  readonly python: PythonChoice;
  /** What each job waits for, at least, before it runs. */
  readonly queueMs: number;
  readonly now: () => number;
  readonly signal: AbortSignal;
}

export interface JobQueue {
  enqueue(job: EmulatedJob): void;
  /** @throws ApiError 409 where it is over */
  cancel(job: EmulatedJob): void;
  /** Jobs waiting for a device. */
  length(backend: string): number;
  /** Once no job waits or runs. */
  idle(): Promise<void>;
}

export function openQueue(options: QueueOptions): JobQueue {
  const { book, sessions, devices, queueMs, now, signal } = options;
  const lines = new Map<string, Promise<void>>();
  const controllers = new Map<string, AbortController>();

  function isPending(job: EmulatedJob): boolean {
    return !FINAL.includes(job.status);
  }

  function finish(job: EmulatedJob, status: 'Completed' | 'Failed' | 'Cancelled'): void {
    if (!isPending(job)) return;
    job.status = status;
    job.finished = now();
    const others = book.all().some((other) => other.sessionId === job.sessionId && isPending(other));
    sessions.noteEnd(job.sessionId, others);
  }

  async function process(job: EmulatedJob): Promise<void> {
    if (queueMs > 0) await wait(queueMs, undefined, { signal }).catch(() => {});
    if (signal.aborted || !isPending(job)) return;
    const controller = new AbortController();
    controllers.set(job.id, controller);
    job.status = 'Running';
    job.running = now();
    sessions.noteStart(job.sessionId);
    try {
      await runJob(job, devices.get(job.backend)!, options, AbortSignal.any([signal, controller.signal]));
      finish(job, 'Completed');
    } catch (error) {
      noteFailure(job, error);
      finish(job, 'Failed');
    } finally {
      controllers.delete(job.id);
    }
  }

  return {
    enqueue(job) {
      const before = lines.get(job.backend) ?? Promise.resolve();
      lines.set(
        job.backend,
        before.then(() => process(job)),
      );
    },
    cancel(job) {
      if (!isPending(job))
        throw new ApiError(409, CODES.notCancellable, `The job is ${job.status}: it can't be cancelled.`);
      finish(job, 'Cancelled');
      controllers.get(job.id)?.abort();
    },
    length: (backend) => book.all().filter((job) => job.backend === backend && isPending(job)).length,
    idle: async () => {
      await Promise.all(lines.values());
    },
  };
}

function noteFailure(job: EmulatedJob, error: unknown): void {
  if (FINAL.includes(job.status)) return;
  job.reason =
    error instanceof JobFault || error instanceof QpoeError
      ? error.message
      : `The emulator failed: ${printable(String(error))}`;
  if (error instanceof JobFault && error.code !== undefined) job.reasonCode = error.code;
  job.log.push(`ERROR ${job.reason}`);
}

async function runJob(
  job: EmulatedJob,
  device: Device,
  { engine, python, now }: QueueOptions,
  signal: AbortSignal,
): Promise<void> {
  const calibration =
    device.calibrations.find(({ id }) => id === job.calibrationId) ?? device.calibrations.at(-1)!;
  const params = readParams(job.program, job.params);
  const run: ProgramRun = {
    device,
    calibration,
    engine,
    python,
    params,
    seed: seedOf(job, params.options),
    signal,
  };
  job.log.push(`INFO ${params.pubs.length} PUBs on the engine ${engine.name}, seed ${run.seed}`);
  const started = new Date(now());
  const { results, shots, qiskitVersion } = await runPrimitive(job, run, started, now);
  // A shot takes the delay between two, which is by far the longest part of it.
  job.seconds = Math.ceil((shots * (device.configuration.default_rep_delay ?? 250)) / 1e6);
  if (qiskitVersion !== undefined) job.qiskitVersion = qiskitVersion;
  job.results = Buffer.from(JSON.stringify(results));
}

async function runPrimitive(job: EmulatedJob, run: ProgramRun, started: Date, now: () => number) {
  if (job.program === 'sampler') {
    const { pubs, qiskitVersion } = await runSampler(run);
    const shots = pubs.reduce((sum, pub) => sum + pub.shots * pub.shape.reduce((a, b) => a * b, 1), 0);
    const results = samplerResults(pubs, run.params, { started, finished: new Date(now()) });
    return { results, shots, qiskitVersion };
  }
  const { pubs, qiskitVersion } = await runEstimator(run);
  const shots = pubs.reduce((sum, pub) => sum + pub.shots * pub.values.length, 0);
  return { results: estimatorResults(pubs, run.params), shots, qiskitVersion };
}

/** What the job asks for, else the next of the emulator's own. */
function seedOf(job: EmulatedJob, options: Readonly<Record<string, unknown>>): number {
  const { seed_estimator: own, simulator } = options;
  const asked = (simulator as { seed_simulator?: number | null } | undefined)?.seed_simulator ?? own;
  return typeof asked === 'number' ? asked : job.seed;
}
