/** Many files on every core: each thread takes the next batch when it is done with one. */

import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Trust } from '../../verify/trust.ts';
import type { PlausibilityAsked } from './plausibility-means.ts';
import type { FileTask, FileVerdict } from './verify-file.ts';

const BATCH = 64;
const MOST_THREADS = 8;
/** Smaller costs time in collections, larger costs memory: measured over 10,000 files. */
const YOUNG_MB = 32;

/** What a thread is started with. */
export interface VerifyWorkerTask {
  readonly trust: Trust;
  readonly asked: PlausibilityAsked;
}

/** What a thread is asked. */
export interface Batch {
  readonly tasks: readonly FileTask[];
  /** Whether checks that pass are wanted too. */
  readonly detail: boolean;
}

/**
 * The verdicts, batch by batch, in the order of the tasks.
 * @param load makes a task of what is to be verified, when its turn comes: not all of an archive is unpacked at once
 */
export async function* verifyOnAllCores<T>(
  tasks: readonly T[],
  trust: Trust,
  detail: boolean,
  asked: PlausibilityAsked,
  load: (task: T) => FileTask,
): AsyncGenerator<readonly FileVerdict[]> {
  const batches: T[][] = [];
  for (let at = 0; at < tasks.length; at += BATCH) batches.push(tasks.slice(at, at + BATCH));
  const threads = Math.min(availableParallelism(), MOST_THREADS, batches.length);
  const workers = Array.from({ length: threads }, () => startWorker({ trust, asked }));
  const slots = batches.map(() => Promise.withResolvers<readonly FileVerdict[]>());
  let next = 0;
  const drain = async (worker: Worker): Promise<void> => {
    for (let at = next++; at < batches.length; at = next++)
      slots[at]!.resolve(await ask(worker, { tasks: batches[at]!.map(load), detail }));
  };
  const drained = Promise.all(workers.map(drain));
  try {
    for (const slot of slots) yield await Promise.race([slot.promise, drained.then(() => slot.promise)]);
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

function startWorker(task: VerifyWorkerTask): Worker {
  const file = import.meta.url.endsWith('.ts') ? './verify-worker.ts' : './verify-worker.js';
  return new Worker(new URL(file, import.meta.url), {
    workerData: task,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
  });
}

function ask(worker: Worker, batch: Batch): Promise<readonly FileVerdict[]> {
  return new Promise((resolve, reject) => {
    const died = (code: number) => reject(new Error(`a verifying thread ended with code ${code}`));
    worker.once('error', reject).once('exit', died);
    worker.once('message', (results: readonly FileVerdict[]) => {
      worker.off('error', reject).off('exit', died);
      resolve(results);
    });
    worker.postMessage(batch);
  });
}
