/**
 * What a careful reader wants to know about a receipt and the reference doesn't enforce: shown, never a fault. The closed
 * schemas are `commit_receipt.v1.schema.json` and `…v2…` of invariant-systems-ai/aiir.
 */

import * as z from 'zod/mini';
import { isPythonInt, type PythonNumber, pythonInt } from '../core/python-json.ts';
import { checkShape, listOf } from '../core/shape.ts';
import { CORE_KEYS, isDeeper, MAX_DEPTH, objectAt, RECEIPT_TYPE, type Receipt } from './receipt.ts';

const text = z.string();
const commitSha = text.check(z.regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/));
const sha256 = text.check(z.regex(/^sha256:[0-9a-f]{64}$/));
const count = z.custom<PythonNumber>(
  (value) => isPythonInt(value) && pythonInt(value) >= 0n,
  'not a whole number of at least 0',
);
const identity = z.strictObject({
  name: text.check(z.maxLength(1024)),
  email: text.check(z.maxLength(1024)),
  date: text,
});

const commitV1 = {
  sha: commitSha,
  author: identity,
  committer: identity,
  subject: text.check(z.maxLength(4096)),
  message_hash: sha256,
  diff_hash: sha256,
  files_changed: count,
  files: z.optional(listOf(text).check(z.maxLength(100))),
  files_redacted: z.optional(z.literal(true)),
  files_capped: z.optional(z.literal(true)),
};
const commitV2 = {
  ...commitV1,
  tree_sha: text.check(z.regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64}|)$/)),
  parent_shas: listOf(commitSha),
};
const listedOrRedacted = z.refine<{ files?: unknown; files_redacted?: unknown }>(
  ({ files, files_redacted }) => (files === undefined) !== (files_redacted === undefined),
  'either files or files_redacted',
);

const attestation = z
  .strictObject({
    is_ai_authored: z.boolean(),
    signals_detected: listOf(text),
    signal_count: count,
    is_bot_authored: z.optional(z.boolean()),
    bot_signals_detected: z.optional(listOf(text)),
    bot_signal_count: z.optional(count),
    authorship_class: z.optional(z.enum(['human', 'ai_assisted', 'bot', 'ai+bot'])),
    detection_method: text,
  })
  .check(
    z.refine(
      ({ signals_detected, signal_count }) => pythonInt(signal_count) === BigInt(signals_detected.length),
      'signal_count is not the number of signals',
    ),
  );

const besidesCommit = {
  type: z.literal(RECEIPT_TYPE),
  version: text,
  ai_attestation: attestation,
  provenance: z.strictObject({
    repository: z.nullable(text),
    tool: text.check(z.regex(/^https:\/\/github\.com\/invariant-systems-ai\/aiir@/)),
    generator: text,
  }),
  receipt_id: text.check(z.regex(/^g1-[0-9a-f]{32}$/)),
  content_hash: sha256,
  timestamp: text,
  extensions: z.looseObject({ instance_id: z.optional(text), namespace: z.optional(text) }),
};
const SCHEMAS: ReadonlyMap<string, z.ZodMiniType> = new Map<string, z.ZodMiniType>([
  [
    'aiir/commit_receipt.v1',
    z.looseObject({
      ...besidesCommit,
      schema: z.literal('aiir/commit_receipt.v1'),
      commit: z.strictObject(commitV1).check(listedOrRedacted),
    }),
  ],
  [
    'aiir/commit_receipt.v2',
    z.looseObject({
      ...besidesCommit,
      schema: z.literal('aiir/commit_receipt.v2'),
      commit: z.strictObject(commitV2).check(listedOrRedacted),
    }),
  ],
]);

/** Text from the receipt stands in some: to be escaped before it is printed. */
export function receiptNotes(receipt: Receipt): readonly string[] {
  return [...schemaNotes(receipt), ...unhashedNotes(receipt), ...repositoryNotes(receipt)];
}

function schemaNotes({ schema, value }: Receipt): string[] {
  const known = SCHEMAS.get(schema);
  if (known === undefined)
    return [`schema ${schema} is none that this program knows: ${[...SCHEMAS.keys()].join(', ')}`];
  const { fault } = checkShape(known, value);
  return fault === undefined ? [] : [`departs from ${schema}: ${fault}`];
}

const UNHASHED = ['receipt_id', 'content_hash', 'timestamp', 'extensions'];

function unhashedNotes({ value }: Receipt): string[] {
  const notes: string[] = [];
  const extra = Object.keys(value).filter((name) => !CORE_KEYS.includes(name) && !UNHASHED.includes(name));
  if (extra.length > 0) notes.push(`members that no schema has, outside the hash: ${extra.join(', ')}`);
  const extensions = objectAt(value, 'extensions') ?? {};
  const names = Object.keys(extensions);
  if (names.length > 0)
    notes.push(`extensions are outside the hash, only a signature covers them: ${names.join(', ')}`);
  if (isDeeper(extensions, MAX_DEPTH)) notes.push(`extensions nested deeper than ${MAX_DEPTH}`);
  return notes;
}

/** SPEC.md §5.1 has credentials taken out before the address goes into a receipt. */
function repositoryNotes({ repository = '' }: Receipt): string[] {
  return /^[a-z+]+:\/\/[^/]*@|[?#]/i.test(repository)
    ? ['the address of the repository holds what may be credentials']
    : [];
}
