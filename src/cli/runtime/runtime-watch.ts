/** `qpoe runtime watch`: imports what is new, again and again, until it is stopped. */

import { QpoeError } from '../../core/error.ts';
import { printable } from '../../core/printable.ts';
import { pause } from '../../online/http-request.ts';
import { asImporter, type Imported } from '../../runtime/import-jobs.ts';
import { providerTime } from '../../runtime/provider-time.ts';
import type { ImportSession } from '../../runtime/session.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode, errorLine } from '../exit.ts';
import { importAll, listed, readSince, summarize } from './runtime-import.ts';
import { openRuntime, type RuntimeOptions } from './runtime-session.ts';

export interface WatchOptions extends RuntimeOptions {
  readonly since?: string;
  readonly interval: number;
}

const LEAST_SECONDS = 10;
const MOST_SECONDS = 86_400;

export async function watchRuntime(context: Context, options: WatchOptions): Promise<ExitCode> {
  const { interval } = options;
  if (!Number.isSafeInteger(interval) || interval < LEAST_SECONDS || interval > MOST_SECONDS)
    throw new QpoeError(
      'usage',
      `--interval must be a whole number from ${LEAST_SECONDS} to ${MOST_SECONDS}`,
    );
  let since = options.since === undefined ? undefined : readSince(options.since);
  const session = await openRuntime(context, options);
  const told = new Set<string>();
  context.note(`watching; a look every ${interval} s, Ctrl-C ends it`);
  for (;;) {
    since = (await lookOnce(context, session, since, told)) ?? since;
    try {
      await pause(interval * 1000, context.signal);
    } catch (error) {
      if (context.signal.aborted) return EXIT.interrupted;
      throw error;
    }
  }
}

/** @param told the jobs that can't be had, of which it was said. @returns from when on the next look need list jobs; undefined where this one didn't come to its end */
async function lookOnce(
  context: Context,
  session: ImportSession,
  since: string | undefined,
  told: Set<string>,
): Promise<string | undefined> {
  const imported: Imported[] = [];
  try {
    await asImporter(session, async () =>
      importAll(context, session, await listed(context, session, since), imported),
    );
  } catch (error) {
    // A service that is away now may be there at the next look; a key that is refused will be refused again.
    if (!(error instanceof QpoeError) || error.code !== 'external') throw error;
    context.note(printable(errorLine(error), 1000));
    return undefined;
  }
  const news = imported.filter(
    ({ state, jobId }) => state === 'recorded' || (state === 'refused' && !told.has(jobId)),
  );
  for (const { state, jobId } of imported) if (state === 'refused') told.add(jobId);
  if (news.length > 0) for (const line of summarize(news)) context.say(line);
  return oldestOpen(imported);
}

/** Jobs come to their end in any order: the oldest that hasn't is where the next list must begin. */
function oldestOpen(imported: readonly Imported[]): string | undefined {
  const created = (one: Imported): string | undefined => providerTime(one.job?.created ?? '');
  const open = imported.filter(({ state }) => state === 'pending' || state === 'refused');
  const times = (open.length > 0 ? open : imported.slice(-1)).map(created);
  if (times.length === 0 || times.some((time) => time === undefined)) return undefined;
  const oldest = (times as string[]).sort()[0]!;
  // The service's filter may leave out the job of that very moment.
  return new Date(Date.parse(oldest) - 1000).toISOString();
}
