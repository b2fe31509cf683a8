/** Every job that the account can see in its instance, page by page, oldest first. */

import { QpoeError } from '../core/error.ts';
import type { JobAnswer } from './answers.ts';
import { type JobPage, listJobs, type RuntimeClient } from './client.ts';

const PAGE = 200;
const MAX_JOBS = 1_000_000;

/** Each once, however the pages overlap. */
export async function listAllJobs(
  client: RuntimeClient,
  filter: Omit<JobPage, 'offset' | 'limit'>,
  onPage: (listed: number, of: number | undefined) => void = () => {},
): Promise<readonly JobAnswer[]> {
  const jobs = new Map<string, JobAnswer>();
  for (let offset = 0; offset < MAX_JOBS; ) {
    const page = await listJobs(client, { ...filter, offset, limit: PAGE });
    const before = jobs.size;
    for (const job of page.jobs) if (!jobs.has(job.id)) jobs.set(job.id, job);
    onPage(jobs.size, page.count ?? undefined);
    // A service that doesn't know the offset gives the same page for ever.
    if (page.jobs.length === 0 || (jobs.size === before && page.jobs.length < PAGE))
      return [...jobs.values()];
    if (jobs.size === before)
      throw new QpoeError(
        'external',
        'the service gives the same page of jobs again and again',
        'try again later',
      );
    offset += page.jobs.length;
    if (page.count != null && offset >= page.count) return [...jobs.values()];
  }
  throw new QpoeError(
    'external',
    `the service lists more than ${MAX_JOBS} jobs`,
    'narrow it down with --since DATE',
  );
}
