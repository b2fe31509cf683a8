/**
 * `qpoe runtime bundle`: from a job's or session's id alone to its evidence bundles: the id finds the record, the record names the
 * receipt, and what the store, or a given folder or log, holds of both is put together. The tags that the provider shows today are compared
 * with the signed binding and told; nothing is chosen by them.
 */

import { join } from 'node:path';
import { digestOf } from '../../core/digest.ts';
import { QpoeError } from '../../core/error.ts';
import { printable } from '../../core/printable.ts';
import type { ExecutionRecord } from '../../record/schema.ts';
import { JOB_ID } from '../../runtime/answers.ts';
import { type Comparison, compareWithProvider } from '../../runtime/compare-job.ts';
import { findHandle } from '../../runtime/handle.ts';
import { differences } from '../../runtime/job-binding.ts';
import type { ImportSession } from '../../runtime/session.ts';
import { lookAt } from '../../store/files.ts';
import { hasLog } from '../../store/log.ts';
import { listRecords, openStore, recordPath, type Store } from '../../store/store.ts';
import { bindingOf } from '../../verify/binding-checks.ts';
import { refuseWhatFails } from '../bundle/bundle.ts';
import { type Missing, missingParts } from '../bundle/bundle-missing.ts';
import { collectBundle, type Given } from '../bundle/collect-bundle.ts';
import { gatherParts, type Parts } from '../bundle/gather-parts.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { proveStatement } from '../log/prove-from-log.ts';
import { openReadable } from '../log/readable-log.ts';
import { checkOut, writeOut } from '../output.ts';
import { readRecordFile } from '../show/read-record.ts';
import { openRuntime, type RuntimeOptions } from './runtime-session.ts';

export interface RuntimeBundleOptions extends RuntimeOptions {
  readonly from?: string;
  readonly out?: string;
  readonly compare?: boolean;
  readonly offline?: boolean;
}

interface Wanted {
  readonly kind: 'job' | 'session';
  /** With the tags that they have today; undefined where the service wasn't asked, or has them no more. */
  readonly jobs: readonly { readonly id: string; readonly tags?: readonly string[] | undefined }[];
}

interface Bundled {
  readonly jobId: string;
  readonly state: 'bundled' | 'no record';
  readonly path?: string;
  readonly recordId?: string;
  readonly digest?: string;
  readonly missing?: readonly Missing[];
  readonly tags?: readonly string[] | undefined;
  readonly comparison?: Comparison | undefined;
}

export async function bundleRuntime(
  context: Context,
  id: string,
  options: RuntimeBundleOptions,
): Promise<ExitCode> {
  checkRequest(id, options);
  const parts = await partsOf(context, options);
  try {
    const records = recordsByJob(parts.store);
    const session =
      options.offline === true ? undefined : await openRuntime(context, { ...options, unsigned: true });
    const wanted = await findWanted(context, session, id, records);
    const bundled: Bundled[] = [];
    for (const job of wanted.jobs) {
      const path = pathFor(wanted, job.id, options);
      bundled.push(await bundleOne(context, session, parts, records.get(job.id) ?? [], job, path, options));
      tell(context, bundled.at(-1)!);
    }
    return conclude(context, bundled);
  } finally {
    parts.dispose();
  }
}

function checkRequest(id: string, { offline, compare }: RuntimeBundleOptions): void {
  if (!JOB_ID.test(id))
    throw new QpoeError(
      'usage',
      `"${printable(id, 60)}" is no job's or session's id`,
      'it is letters and digits',
    );
  if (offline === true && compare === true)
    throw new QpoeError(
      'usage',
      '--compare asks the service, and --offline asks nothing',
      'give one of them',
    );
}

type From = Parts & Pick<Given, 'complete'>;

/** A log holds no records: with one alone, all but the proofs is the own store's. */
async function partsOf(context: Context, { from }: RuntimeBundleOptions): Promise<From> {
  const own = (): Parts => ({ store: openStore(context.storePath), keys: [], dispose: () => {} });
  if (from === undefined) return own();
  const folder = [from, join(from, 'log')].find(hasLog);
  // Before anything is made of the parts: a log whose key isn't known here ends it.
  const log = folder === undefined ? undefined : await openReadable(context, folder);
  const parts = folder === from ? own() : gatherParts(from);
  return log === undefined ? parts : { ...parts, complete: (statement) => proveStatement(log, statement) };
}

/** Of each job the oldest first. */
function recordsByJob(store: Store): ReadonlyMap<string, readonly ExecutionRecord[]> {
  const found = new Map<string, ExecutionRecord[]>();
  for (const { record_id: recordId, class: kind } of [...listRecords(store).rows].reverse()) {
    if (kind !== 'imported') continue;
    const record = readRecordFile(recordPath(store, recordId));
    const { job_id: id } = record.execution.job;
    if (typeof id === 'string') found.set(id, [...(found.get(id) ?? []), record]);
  }
  return found;
}

async function findWanted(
  context: Context,
  session: ImportSession | undefined,
  id: string,
  records: ReadonlyMap<string, readonly ExecutionRecord[]>,
): Promise<Wanted> {
  if (session !== undefined)
    try {
      const handle = await findHandle(session.client, id);
      return { kind: handle.kind, jobs: handle.jobs.map((job) => ({ id: job.id, tags: job.tags ?? [] })) };
    } catch (error) {
      const known = wantedHere(id, records);
      if (!(error instanceof QpoeError) || error.code !== 'refused' || known === undefined) throw error;
      context.note(`${error.message}: its tags are not compared`);
      return known;
    }
  const known = wantedHere(id, records);
  if (known !== undefined) return known;
  throw new QpoeError(
    'usage',
    `no record of a job or session ${id} is here`,
    `qpoe runtime import ${id}, or --from DIR where the parts are`,
  );
}

function wantedHere(
  id: string,
  records: ReadonlyMap<string, readonly ExecutionRecord[]>,
): Wanted | undefined {
  if (records.has(id)) return { kind: 'job', jobs: [{ id }] };
  const jobs = [...records].filter(([, all]) => all.some(({ execution }) => execution.job.session_id === id));
  return jobs.length === 0 ? undefined : { kind: 'session', jobs: jobs.map(([job]) => ({ id: job })) };
}

/** A job's bundle is a file, a session's bundles are files in a folder. */
function pathFor({ kind }: Wanted, jobId: string, { out }: RuntimeBundleOptions): string {
  const name = `${jobId}.qpoe.json`;
  if (out === undefined) return name;
  const path = kind === 'session' || lookAt(out)?.isDirectory() === true ? join(out, name) : out;
  checkOut(path);
  return path;
}

async function bundleOne(
  context: Context,
  session: ImportSession | undefined,
  { store, ...given }: From,
  records: readonly ExecutionRecord[],
  { id, tags }: Wanted['jobs'][number],
  path: string,
  { compare }: RuntimeBundleOptions,
): Promise<Bundled> {
  const [record] = records;
  if (record === undefined) return { jobId: id, state: 'no record' };
  if (records.length > 1) context.note(`job ${id} has ${records.length} records here: the oldest is taken`);
  const comparison =
    compare === true ? await compareWithProvider(session!.client, session!.qpy, id, record) : undefined;
  const collected = collectBundle(context, store, record, given);
  const missing = missingParts(collected, await refuseWhatFails(context, collected.bytes));
  writeOut(path, collected.bytes);
  const { provenance } = bindingOf(record) ?? {};
  return {
    jobId: id,
    state: 'bundled',
    path,
    recordId: record.record.record_id,
    digest: digestOf(collected.bytes),
    missing,
    tags:
      tags === undefined
        ? undefined
        : provenance === undefined
          ? ['the record holds no binding']
          : differences(provenance, tags),
    comparison,
  };
}

const SAID = { agrees: 'the same', differs: 'DIFFERS', unknown: 'can’t be said' } as const;

function tell({ say, note }: Context, bundled: Bundled): void {
  const { jobId, path, recordId, missing = [], tags, comparison } = bundled;
  if (bundled.state === 'no record') {
    say(`job     ${jobId}: no record of it is here: qpoe runtime import ${jobId}`);
    return;
  }
  say(`job     ${jobId}`);
  say(`bundle  ${path}`);
  say(`record  ${recordId}`);
  if (tags !== undefined) say(`tags    ${tags.length === 0 ? 'as they are bound' : tags.join('; ')}`);
  if (comparison !== undefined)
    say(`compare ${SAID[comparison.outcome]}: ${printable(comparison.says, 300)}`);
  for (const { part, what } of missing) note(`without ${part}: ${what}`);
}

function conclude(context: Context, bundled: readonly Bundled[]): ExitCode {
  const outcomes = bundled.flatMap(({ comparison }) => comparison?.outcome ?? []);
  const isIncomplete = bundled.some(({ state }) => state === 'no record') || bundled.length === 0;
  if (bundled.length === 0) context.say('the session has no job');
  const written = bundled.flatMap(({ path }) => path ?? []);
  if (written.length > 0) context.note(`next: qpoe verify ${written.join(' ')}`);
  context.answer('runtime-bundle', { jobs: bundled.map(answerOf) });
  if (outcomes.includes('differs')) return EXIT.fail;
  return isIncomplete || outcomes.includes('unknown') ? EXIT.inconclusive : EXIT.pass;
}

function answerOf({ jobId, state, path, recordId, digest, missing, tags, comparison }: Bundled): object {
  return {
    job_id: jobId,
    state,
    ...(path === undefined ? {} : { path, record_id: recordId, digest, missing }),
    ...(tags === undefined ? {} : { tags: tags.length === 0 ? 'agree' : 'differ', tag_notes: tags }),
    ...(comparison === undefined ? {} : { compare: comparison }),
  };
}
