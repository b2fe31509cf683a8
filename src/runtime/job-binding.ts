/**
 * What a job is bound to, when it is recorded: by what this store submitted or bound, else by the job's tags.
 *
 * Tags are pointers that anyone with access can edit or copy. So tags alone bind a job only where nothing speaks against it: they name
 * one statement that the store has, at an entry that it is at, and are not those of another job.
 */

import { QpoeError } from '../core/error.ts';
import { printable } from '../core/printable.ts';
import type { Binding, BoundProvenance } from '../record/binding.ts';
import { bindingTagsAmong, isBindingTag, type TaggedBinding, tagsOfBinding } from '../record/binding-tags.ts';
import type { RecordContent } from '../record/record.ts';
import { listReceipts, type StoredReceipt } from '../store/receipts.ts';
import type { Store } from '../store/store.ts';
import type { JobAnswer } from './answers.ts';
import { type Journal, type JournalFolder, listJournals } from './journal.ts';
import { bindingOf, entriesOf, entryTagged, sourceOf } from './receipt-entry.ts';
import { isMarker, listSubmissions } from './submission.ts';

export interface JobBinding {
  readonly binding?: Binding;
  /** By what: `submission` and `bind` are this store's own doing. */
  readonly by?: 'submission' | 'bind' | 'tags';
  readonly source?: Pick<RecordContent, 'source'>;
  /** What was odd about the tags, a line each. */
  readonly notes: readonly string[];
}

interface BindingPlace {
  readonly store: Store;
  readonly journals: JournalFolder;
}

/** @throws QpoeError `refused` where its tags are another job's */
export function bindingOfJob(place: BindingPlace, journal: Journal, job: JobAnswer): JobBinding {
  const tags = job.tags ?? [];
  if (journal.binding !== undefined) return byJournal(place, journal, tags);
  if (journal.submission !== undefined) return { notes: [] };
  refuseCopied(place, job.id, tags);
  return byTags(place, job, tags);
}

function byJournal(
  { store }: BindingPlace,
  { binding, submission }: Journal,
  tags: readonly string[],
): JobBinding {
  const { provenance } = binding!;
  const notes = differences(provenance, tags);
  const receipt = receiptOf(store, provenance.aiir_statement);
  if (receipt === undefined) return { notes: [...notes, noReceipt(provenance.aiir_statement)] };
  return {
    binding: binding!,
    by: submission === undefined ? 'bind' : 'submission',
    source: sourceOf(receipt, provenance.aiir_statement),
    notes,
  };
}

function receiptOf(store: Store, digest: string): StoredReceipt | undefined {
  return listReceipts(store).find((receipt) => receipt.digest === digest && receipt.payload !== undefined);
}

const noReceipt = (digest: string): string =>
  `no binding: the store has no receipt with the statement ${digest}`;

/** What the tags say now, against what the job was bound to. */
export function differences(provenance: BoundProvenance, tags: readonly string[]): string[] {
  const expected = tagsOfBinding(provenance);
  const missing = expected.filter((tag) => !tags.includes(tag));
  const strange = tags.filter((tag) => isBindingTag(tag) && !expected.includes(tag));
  return [
    ...missing.map((tag) => `the job no longer has the tag ${tag}`),
    ...strange.map((tag) => `the job has another binding's tag: ${printable(tag, 100)}`),
  ];
}

function byTags({ store }: BindingPlace, job: JobAnswer, tags: readonly string[]): JobBinding {
  const { found, fault } = bindingTagsAmong(tags);
  if (fault !== undefined) return { notes: [`no binding: ${fault}`] };
  if (found === undefined) return { notes: [] };
  const read = provenanceOfTags(store, found);
  if (typeof read === 'string') return { notes: [read] };
  return {
    binding: bindingOf(read.provenance, job.id, job.session_id || undefined),
    by: 'tags',
    source: sourceOf(read.receipt, read.receipt.digest),
    notes: [],
  };
}

/** The receipt and entry of the store that tags point at, or why there is none. */
export function provenanceOfTags(
  store: Store,
  { aiir_statement, transparency_entry }: TaggedBinding,
): { readonly provenance: BoundProvenance; readonly receipt: StoredReceipt } | string {
  const receipt = receiptOf(store, aiir_statement);
  if (receipt === undefined) return noReceipt(aiir_statement);
  const entry = entryTagged(entriesOf(receipt), transparency_entry);
  if (entry === undefined)
    return 'no binding: the statement that the tags name is not at the log entry that they name';
  return { provenance: { aiir_statement, transparency_entry: entry }, receipt };
}

/** A marker is one submission's, and the tags of a job that this store submitted or bound were set on that job. */
function refuseCopied({ journals }: BindingPlace, jobId: string, tags: readonly string[]): void {
  const other = jobWithMarker(journals, tags) ?? jobWithTags(journals, tags);
  if (other === undefined || other === jobId) return;
  throw new QpoeError(
    'refused',
    `the binding's tags on job ${jobId} were copied from job ${other}: this store set them there, and not here`,
    `if it does come of that source: qpoe runtime bind ${jobId} --receipt ID, and import it then; if not: --no-binding records it without`,
  );
}

function jobWithMarker(journals: JournalFolder, tags: readonly string[]): string | undefined {
  const marker = tags.find(isMarker);
  if (marker === undefined) return undefined;
  return listSubmissions(journals).find(({ submission }) => submission.marker === marker)?.submission.job_id;
}

function jobWithTags(journals: JournalFolder, tags: readonly string[]): string | undefined {
  if (!tags.some(isBindingTag)) return undefined;
  for (const { job_id: id, binding } of listJournals(journals))
    if (binding !== undefined && tagsOfBinding(binding.provenance).every((tag) => tags.includes(tag)))
      return id;
  return undefined;
}
