/** Waiting for a job's end, with what the provider tells of its queue. It tells no job's own place in it. */

import { QpoeError } from '../core/error.ts';
import { pause } from '../online/http-request.ts';
import { type JobAnswer, type JobStatus, jobAnswer, statusOf } from './answers.ts';
import { listBackends, parseAnswer, type RuntimeClient, readJobState, unexpected } from './client.ts';

export interface Waiting {
  /** As the provider says it. */
  readonly status: string;
  /** Jobs that wait for the device. */
  readonly queue?: number | undefined;
  /** How long jobs of the device wait, on average. */
  readonly waitSeconds?: number | undefined;
  /** How long this one is expected to run. */
  readonly runSeconds?: number | undefined;
}

const FIRST_MS = 500;
const LONGEST_MS = 20_000;
const GROWTH = 1.4;
const QUEUE_EVERY_MS = 30_000;

/** @returns the job, once it has ended. @throws QpoeError `refused`, `external`, `interrupted` */
export async function waitForJob(
  client: RuntimeClient,
  id: string,
  signal: AbortSignal,
  tell: (waiting: Waiting) => void,
): Promise<{ readonly job: JobAnswer; readonly status: JobStatus }> {
  let queue: Pick<Waiting, 'queue' | 'waitSeconds'> = {};
  let asked = Number.NEGATIVE_INFINITY;
  for (let waitMs = FIRST_MS; ; waitMs = Math.min(waitMs * GROWTH, LONGEST_MS)) {
    const answer = await readJobState(client, id);
    if (answer.status !== 200) throw unexpected(client, `job ${id}`, answer);
    const job = parseAnswer(jobAnswer, answer, `job ${id}`);
    const status = statusOf(job);
    if (status !== 'pending') return { job, status };
    if (performance.now() - asked > QUEUE_EVERY_MS) {
      asked = performance.now();
      queue = await askQueue(client, job.backend);
    }
    tell({
      status: job.state?.status ?? job.status ?? '',
      ...queue,
      runSeconds: job.estimated_running_time_seconds ?? undefined,
    });
    await pause(waitMs, signal);
  }
}

async function askQueue(
  client: RuntimeClient,
  backend: string | null | undefined,
): Promise<Pick<Waiting, 'queue' | 'waitSeconds'>> {
  try {
    const { devices } = await listBackends(client);
    const device = devices.find(({ name }) => name === backend);
    return {
      queue: device?.queue_length ?? undefined,
      waitSeconds: device?.wait_time_seconds?.average ?? undefined,
    };
  } catch (error) {
    // How long it may take is no reason to stop waiting.
    if (!(error instanceof QpoeError) || error.code === 'interrupted') throw error;
    return {};
  }
}
