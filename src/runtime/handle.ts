/** What a person names of the provider's: one job, or a session and with it every job in it. */

import { QpoeError } from '../core/error.ts';
import { type JobAnswer, jobAnswer } from './answers.ts';
import { parseAnswer, type RuntimeClient, readJobState, readSession, unexpected } from './client.ts';
import { listAllJobs } from './list-all.ts';

export type Handle =
  | { readonly kind: 'job'; readonly jobs: readonly [JobAnswer] }
  | { readonly kind: 'session'; readonly id: string; readonly jobs: readonly JobAnswer[] };

/** @throws QpoeError `refused` where this instance has neither */
export async function findHandle(client: RuntimeClient, id: string): Promise<Handle> {
  const answer = await readJobState(client, id);
  if (answer.status === 200) return { kind: 'job', jobs: [parseAnswer(jobAnswer, answer, `job ${id}`)] };
  if (answer.status !== 404) throw unexpected(client, `job ${id}`, answer);
  const session = await readSession(client, id);
  if (session.status !== 200)
    throw new QpoeError(
      'refused',
      `this instance has no job and no session ${id}`,
      'is it of another instance? --instance names one',
    );
  const jobs = await listAllJobs(client, { sessionId: id });
  // A service that doesn't know the filter lists everything.
  return { kind: 'session', id, jobs: jobs.filter(({ session_id: of }) => of === id) };
}
