/**
 * A binding as the provider's job carries it: two of its at most 8 tags, each of at most 86 characters.
 *
 *     aiir:sha256:<64 hex>           the statement's payload
 *     rekor:<64 or 80 hex>           the log's entry by its uuid
 *     tlog:<index>@<origin>          the log's entry, where the log has no uuids
 *
 * Whoever may use the provider's account can change or copy them, and nothing signs them: they point, and prove nothing.
 */

import { DIGEST_PATTERN, type Digest } from '../core/digest.ts';
import { QpoeError } from '../core/error.ts';
import { printable } from '../core/printable.ts';
import { type BoundProvenance, REKOR_UUID } from './binding.ts';

export const MAX_TAGS = 8;
export const MAX_TAG_LENGTH = 86;

/** @throws QpoeError `refused` for a log whose origin doesn't fit */
export function tagsOfBinding({ aiir_statement, transparency_entry }: BoundProvenance): [string, string] {
  const { log, uuid, log_index: index } = transparency_entry;
  const entry = uuid === undefined ? `tlog:${index}@${log}` : `rekor:${uuid}`;
  if (entry.length > MAX_TAG_LENGTH)
    throw new QpoeError(
      'refused',
      `the log's origin ${printable(log)} does not fit into a tag: ${entry.length} characters of at most ${MAX_TAG_LENGTH}`,
      'log the receipt in a log with a shorter origin; the binding file itself holds any',
    );
  return [`aiir:${aiir_statement}`, entry];
}

/** As far as a tag can say it: by its uuid, or by its place in a log. */
type TaggedEntry =
  | { readonly uuid: string; readonly log?: never; readonly log_index?: never }
  | { readonly uuid?: never; readonly log: string; readonly log_index: number };

export interface TaggedBinding {
  readonly aiir_statement: Digest;
  readonly transparency_entry: TaggedEntry;
}

/** Neither member where no tag is a binding's. */
interface BindingTags {
  readonly found?: TaggedBinding;
  readonly fault?: string;
}

const STATEMENT = 'aiir:';
const ENTRY = /^(?:rekor|tlog):/;

/** Whether a tag is one of a binding's two, well formed or not. Every other tag is someone's own. */
export function isBindingTag(tag: string): boolean {
  return tag.startsWith(STATEMENT) || ENTRY.test(tag);
}

/** What a job's tags say of a binding. Several, halves and malformed ones are faults: which of them was meant is anyone's guess. */
export function bindingTagsAmong(tags: readonly string[]): BindingTags {
  const distinct = [...new Set(tags)];
  const statements = distinct.filter((tag) => tag.startsWith(STATEMENT));
  const entries = distinct.filter((tag) => ENTRY.test(tag));
  const [statement] = statements;
  const [entry] = entries;
  if (statement === undefined && entry === undefined) return {};
  if (statements.length > 1) return { fault: `${statements.length} tags name a statement` };
  if (entries.length > 1) return { fault: `${entries.length} tags name a log's entry` };
  if (statement === undefined) return { fault: `${shown(entry!)} stands without a statement's tag` };
  if (entry === undefined) return { fault: `${shown(statement)} stands without a log entry's tag` };
  const digest = statement.slice(STATEMENT.length);
  const read = readEntry(entry);
  if (!DIGEST_PATTERN.test(digest)) return { fault: `${shown(statement)} names no SHA-256` };
  if (read === undefined) return { fault: `${shown(entry)} names no entry of a log` };
  return { found: { aiir_statement: digest as Digest, transparency_entry: read } };
}

function readEntry(tag: string): TaggedEntry | undefined {
  if (tag.length > MAX_TAG_LENGTH) return undefined;
  const uuid = /^rekor:(.*)$/s.exec(tag)?.[1];
  if (uuid !== undefined) return REKOR_UUID.test(uuid) ? { uuid } : undefined;
  const [, index = '', log = ''] = /^tlog:(0|[1-9]\d{0,15})@([!-*,-~]+)$/.exec(tag) ?? [];
  return log !== '' && Number.isSafeInteger(Number(index)) ? { log, log_index: Number(index) } : undefined;
}

const shown = (tag: string): string => `"${printable(tag, 100)}"`;
