/** `qpoe runtime bind`: a job or a session bound to a receipt: its binding as a file, and the two tags on jobs that have none. */

import { utf8 } from '../../core/bytes.ts';
import { QpoeError } from '../../core/error.ts';
import { printable } from '../../core/printable.ts';
import type { Binding, BoundProvenance } from '../../record/binding.ts';
import { bindingTagsAmong, tagsOfBinding } from '../../record/binding-tags.ts';
import { JOB_ID, type JobAnswer } from '../../runtime/answers.ts';
import { findHandle, type Handle } from '../../runtime/handle.ts';
import { asImporter } from '../../runtime/import-jobs.ts';
import { provenanceOfTags } from '../../runtime/job-binding.ts';
import { readJournal, writeJournal } from '../../runtime/journal.ts';
import { bindingOf, PROVIDER } from '../../runtime/receipt-entry.ts';
import type { ImportSession } from '../../runtime/session.ts';
import { setBindingTags, type TagsSet } from '../../runtime/set-tags.ts';
import { openOrCreateStore } from '../../store/store.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { checkOut, writeOut } from '../output.ts';
import { provenanceNamed } from './bound-receipt.ts';
import { openRuntime, type RuntimeOptions } from './runtime-session.ts';

export interface BindOptions extends RuntimeOptions {
  readonly receipt?: string;
  readonly out?: string;
  /** `false`: --no-tags. */
  readonly tags?: boolean;
}

export async function bindRuntime(context: Context, id: string, options: BindOptions): Promise<ExitCode> {
  if (!JOB_ID.test(id))
    throw new QpoeError(
      'usage',
      `"${printable(id, 60)}" is no job's or session's id`,
      'it is letters and digits',
    );
  const path = options.out ?? `${id}.binding.json`;
  checkOut(path);
  const store = openOrCreateStore(context.storePath);
  const named =
    options.receipt === undefined ? undefined : await provenanceNamed(context, store, options.receipt);
  const setsTags = options.tags !== false;
  if (named !== undefined && setsTags) tagsOfBinding(named);
  const session = await openRuntime(context, { ...options, unsigned: true });
  const handle = await findHandle(session.client, id);
  if (handle.jobs.length === 0)
    throw new QpoeError('refused', `the session ${id} has no job`, 'there is nothing to bind yet');
  const provenance = named ?? foundProvenance(session, handle);
  const binding = bindingFor(handle, provenance);
  await asImporter(session, async () => {
    for (const job of handle.jobs) await bindJob(context, session, job, provenance, setsTags);
  });
  writeOut(path, utf8(`${JSON.stringify(binding, null, 2)}\n`));
  report(context, path, handle, binding);
  return EXIT.pass;
}

function bindingFor(handle: Handle, provenance: BoundProvenance): Binding {
  if (handle.kind === 'session')
    return { runtime: { provider: PROVIDER, session_id: handle.id }, provenance };
  const [job] = handle.jobs;
  return bindingOf(provenance, job.id, job.session_id || undefined);
}

/** What every one of the jobs says, by this store's word or by its tags; a session of several bindings has none. */
function foundProvenance(session: ImportSession, { jobs }: Handle): BoundProvenance {
  const found = new Map<string, BoundProvenance>();
  for (const job of jobs) {
    const one = readJournal(session.journals, job.id).binding?.provenance ?? byTags(session, job);
    if (one !== undefined) found.set(JSON.stringify(tagsOfBinding(one)), one);
  }
  const [only, another] = found.values();
  if (only === undefined)
    throw new QpoeError(
      'usage',
      `${jobs.length === 1 ? 'the job names' : 'the jobs name'} no receipt`,
      'name it with --receipt ID',
    );
  if (another !== undefined)
    throw new QpoeError(
      'refused',
      `the jobs of the session are bound to ${found.size} receipts`,
      'bind them one by one: qpoe runtime bind JOB',
    );
  return only;
}

function byTags({ store }: ImportSession, job: JobAnswer): BoundProvenance | undefined {
  const { found, fault } = bindingTagsAmong(job.tags ?? []);
  if (fault !== undefined)
    throw new QpoeError(
      'refused',
      `the tags of job ${job.id}: ${fault}`,
      'name the receipt with --receipt ID',
    );
  if (found === undefined) return undefined;
  const read = provenanceOfTags(store, found);
  if (typeof read !== 'string') return read.provenance;
  throw new QpoeError('refused', `job ${job.id}: ${read}`, 'put the receipt into the store: --receipt FILE');
}

async function bindJob(
  context: Context,
  session: ImportSession,
  { id, session_id: sessionId }: JobAnswer,
  provenance: BoundProvenance,
  setsTags: boolean,
): Promise<void> {
  const journal = readJournal(session.journals, id);
  if (journal.binding !== undefined && !isSame(journal.binding.provenance, provenance))
    throw new QpoeError(
      'refused',
      `job ${id} is bound to the statement ${journal.binding.provenance.aiir_statement} already`,
      'a job is bound once',
    );
  const set = setsTags ? await setBindingTags(session.client, id, provenance) : undefined;
  if (journal.binding === undefined && journal.record_id === undefined) {
    // The answer that was kept before doesn't have the tags.
    const { job: _, ...rest } = journal;
    writeJournal(session.journals, { ...rest, binding: bindingOf(provenance, id, sessionId || undefined) });
  }
  tellJob(context, id, set, journal.record_id, journal.binding !== undefined);
}

function isSame(a: BoundProvenance, b: BoundProvenance): boolean {
  return tagsOfBinding(a).join() === tagsOfBinding(b).join();
}

function tellJob(
  { say, note }: Context,
  id: string,
  set: TagsSet | undefined,
  recordId: string | undefined,
  wasBound: boolean,
): void {
  if (set === undefined) say(`job ${id}: its tags are left as they are`);
  else if (!set.written) say(`job ${id}: has the binding's two tags already`);
  else {
    say(`job ${id}: the binding's two tags are set, beside ${set.before.length} that it had`);
    note(`  set after the job was submitted, they show no order between it and the receipt`);
  }
  if (recordId !== undefined && !wasBound)
    note(`  its record ${recordId} was made before, and holds no binding; the file stands beside it`);
}

function report(context: Context, path: string, { jobs }: Handle, binding: Binding): void {
  context.say(`binding ${path}`);
  context.note(`next: qpoe runtime import ${jobs.map(({ id }) => id).join(' ')}`);
  context.answer('runtime-bind', { path, binding, jobs: jobs.map(({ id }) => id) });
}
