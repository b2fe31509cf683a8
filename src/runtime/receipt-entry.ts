/**
 * Where a receipt of the store is logged, which is what a job is bound to. The proof lies in the statement's own file; here it is
 * only named.
 */

import { basename } from 'node:path';
import { isSigstoreBundle, readSigstoreBundle } from '../attest/sigstore-bundle.ts';
import type { Digest } from '../core/digest.ts';
import { QpoeError } from '../core/error.ts';
import type { Binding, BoundProvenance, TransparencyEntry } from '../record/binding.ts';
import type { TaggedBinding } from '../record/binding-tags.ts';
import type { RecordContent } from '../record/record.ts';
import { readOwnJson } from '../store/own-json.ts';
import type { FoundReceipt, StoredReceipt } from '../store/receipts.ts';
import { listStatementFiles } from '../store/statements.ts';
import { boundEntryOf } from '../verify/bound-entry.ts';

export const PROVIDER = 'ibm-quantum';

/** Every entry of a log that the statement's files carry a proof of, those of a Rekor v1 first: they have a date of their own. */
export function entriesOf({ folder }: Pick<StoredReceipt, 'folder'>): readonly TransparencyEntry[] {
  const entries = listStatementFiles(folder)
    .filter((path) => path.endsWith('.sigstore.json'))
    .flatMap((path) => {
      const value = readOwnJson(path);
      const bundle = isSigstoreBundle(value) ? readSigstoreBundle(value).value : undefined;
      return bundle !== undefined && 'tlogEntries' in bundle ? bundle.tlogEntries : [];
    })
    .map(boundEntryOf);
  return [
    ...entries.filter(({ uuid }) => uuid !== undefined),
    ...entries.filter(({ uuid }) => uuid === undefined),
  ];
}

/** @throws QpoeError `refused` where the receipt isn't logged */
export function provenanceOf(receipt: StoredReceipt): BoundProvenance {
  if (receipt.payload === undefined)
    throw new QpoeError(
      'refused',
      `the receipt ${receipt.receipt.receiptId} came without a signed statement, and a binding names one`,
      '`qpoe attest receipt` makes one that is stated and logged',
    );
  const [entry] = entriesOf(receipt);
  if (entry !== undefined) return { aiir_statement: receipt.digest, transparency_entry: entry };
  throw new QpoeError(
    'refused',
    `the receipt ${receipt.receipt.receiptId} is in no log: nothing would show that it was there before the job`,
    `log it first: qpoe log append ${p256File(receipt)}`,
  );
}

/** A log takes the P-256 envelope alone. */
function p256File({ folder, file }: StoredReceipt): string {
  return listStatementFiles(folder).find((path) => basename(path).startsWith('p256-')) ?? file;
}

/** What a tag points at, among a statement's entries. */
export function entryTagged(
  entries: readonly TransparencyEntry[],
  tagged: TaggedBinding['transparency_entry'],
): TransparencyEntry | undefined {
  return entries.find(({ log, uuid, log_index }) =>
    tagged.uuid === undefined
      ? log === tagged.log && log_index === tagged.log_index
      : // Without the tree's id it is the leaf's hash alone.
        uuid?.endsWith(tagged.uuid) === true,
  );
}

export function bindingOf(
  provenance: BoundProvenance,
  jobId: string,
  sessionId: string | undefined,
): Binding {
  return {
    runtime: {
      provider: PROVIDER,
      ...(sessionId === undefined ? {} : { session_id: sessionId }),
      job_id: jobId,
    },
    provenance,
  };
}

const COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** What a record says of its source. @throws QpoeError `usage` where the receipt names no commit */
export function sourceOf(
  { receipt, digest, payload }: FoundReceipt,
  named: string,
): Pick<RecordContent, 'source'> {
  const commit = receipt.commitSha ?? '';
  if (!COMMIT.test(commit))
    throw new QpoeError('usage', `the receipt ${named} names no commit`, 'name another');
  const told: { statement: Digest } | { file: Digest } =
    payload === undefined ? { file: digest } : { statement: digest };
  return { source: { commit, receipt: { receipt_id: receipt.receiptId!, ...told } } };
}
