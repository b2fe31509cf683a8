/** The simulator's worker: a job as its data and the answer as its one message; or a board, and it helps another. */

import { parentPort, workerData } from 'node:worker_threads';
import { type ErrorCode, QpoeError } from '../core/error.ts';
import type { Job } from './sdk.ts';
import { type SampledProgram, sampleJob } from './simulator-job.ts';
import { type Board, help } from './simulator-team.ts';

export type WorkerTask = { readonly job: Job } | { readonly board: Board };

export type WorkerAnswer =
  | { readonly sampled: SampledProgram[]; readonly error?: never }
  | { readonly error: { code: ErrorCode; message: string; hint: string | undefined } };

const task = workerData as WorkerTask;
if ('board' in task) help(task.board);
else parentPort!.postMessage(answerJob(task.job));

function answerJob(job: Job): WorkerAnswer {
  try {
    return { sampled: sampleJob(job, new URL(import.meta.url)) };
  } catch (error) {
    // A class does not survive the way between threads.
    if (!(error instanceof QpoeError)) throw error;
    return { error: { code: error.code, message: error.message, hint: error.hint } };
  }
}
