/**
 * Setting a binding's tags on a job that is there already. The service replaces all tags at once and knows no condition: so they are
 * read, merged, read again, written and read back. What another wrote between two of these reads is noticed; a tag that came between
 * the last read and the write is not, and no client of this service could.
 */

import { QpoeError } from '../core/error.ts';
import { printable } from '../core/printable.ts';
import type { BoundProvenance } from '../record/binding.ts';
import { isBindingTag, MAX_TAGS, tagsOfBinding } from '../record/binding-tags.ts';
import { jobAnswer } from './answers.ts';
import { parseAnswer, type RuntimeClient, readJobState, replaceTags, unexpected } from './client.ts';

export interface TagsSet {
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** Whether they had to be written. */
  readonly written: boolean;
}

const ROUNDS = 3;

/** @throws QpoeError `refused` where they can't be added without dropping another's, `external` where others keep changing them */
export async function setBindingTags(
  client: RuntimeClient,
  jobId: string,
  provenance: BoundProvenance,
): Promise<TagsSet> {
  const own = tagsOfBinding(provenance);
  let written = false;
  let first: readonly string[] | undefined;
  for (let round = 0; round < ROUNDS; round++) {
    const before = await readTags(client, jobId);
    first ??= before;
    const merged = mergeTags(jobId, before, own);
    if (merged === undefined) return { before: first, after: before, written };
    if (!isSame(before, await readTags(client, jobId))) continue;
    await replaceTags(client, jobId, merged);
    written = true;
    const after = await readTags(client, jobId);
    if (own.every((tag) => after.includes(tag)) && before.every((tag) => after.includes(tag)))
      return { before: first, after, written };
  }
  throw new QpoeError(
    'external',
    `the tags of job ${jobId} are changed by someone else, again and again, while they are set`,
    'find out who does that, and run it again: what stands there now was left',
  );
}

/** @returns undefined where both are there already */
function mergeTags(
  jobId: string,
  before: readonly string[],
  own: readonly string[],
): readonly string[] | undefined {
  refuseOthers(jobId, before, own);
  if (own.every((tag) => before.includes(tag))) return undefined;
  const merged = [...new Set([...before, ...own])];
  if (merged.length <= MAX_TAGS) return merged;
  throw new QpoeError(
    'refused',
    `job ${jobId} has ${before.length} of at most ${MAX_TAGS} tags, and none of another's is dropped: ${before.map((tag) => printable(tag, 90)).join(', ')}`,
    'take some of them away where they were set, and run it again; --no-tags writes the binding’s file alone',
  );
}

function refuseOthers(jobId: string, before: readonly string[], own: readonly string[]): void {
  const other = before.find((tag) => isBindingTag(tag) && !own.includes(tag));
  if (other === undefined) return;
  throw new QpoeError(
    'refused',
    `job ${jobId} has another binding's tag already: ${printable(other, 100)}`,
    'find out who set it; a job is bound once. --no-tags writes the binding’s file alone',
  );
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((tag) => b.includes(tag));
}

/** @throws QpoeError `refused` where the job is not this instance's */
async function readTags(client: RuntimeClient, id: string): Promise<readonly string[]> {
  const answer = await readJobState(client, id);
  if (answer.status !== 200) throw unexpected(client, `job ${id}`, answer);
  return parseAnswer(jobAnswer, answer, `job ${id}`).tags ?? [];
}
