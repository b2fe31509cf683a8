/** The simulator's worker: a job as `workerData`, its counts as the one message back. */

import { parentPort, workerData } from 'node:worker_threads';
import { type ErrorCode, QpoeError } from '../core/error.ts';
import { sampleCounts } from '../simulator/sampler.ts';
import type { Job } from './sdk.ts';

export type WorkerAnswer =
  | { readonly counts: ReadonlyMap<string, number>[]; readonly error?: never }
  | { readonly error: { code: ErrorCode; message: string; hint: string | undefined } };

parentPort!.postMessage(answerJob(workerData as Job));

function answerJob({ programs, seed }: Job): WorkerAnswer {
  try {
    return { counts: programs.map(({ circuit, shots }, index) => sampleCounts(circuit, shots, seed, index)) };
  } catch (error) {
    // A class does not survive the way between threads.
    if (!(error instanceof QpoeError)) throw error;
    return { error: { code: error.code, message: error.message, hint: error.hint } };
  }
}
