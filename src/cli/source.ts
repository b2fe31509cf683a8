/** `--receipt`: which source a record came from, and the receipt that says so. */

import { QpoeError } from '../core/error.ts';
import { MAX_BYTES } from '../core/json.ts';
import type { RecordContent } from '../record/record.ts';
import { lookAt, readBounded } from '../store/files.ts';
import { addReceiptFile, type FoundReceipt, findReceipt, readReceiptFile } from '../store/receipts.ts';
import type { Store } from '../store/store.ts';
import { readBeside } from './beside.ts';

export interface SourceOptions {
  /** A receipt of the store, by its id, or a file that holds one. */
  readonly receipt?: string;
}

export function describeSource(
  store: Store,
  { receipt: named }: SourceOptions,
): Pick<RecordContent, 'source'> {
  if (named === undefined) return {};
  const { receipt, digest, payload } = lookAt(named)?.isFile()
    ? importFile(store, named)
    : findReceipt(store, named);
  const commit = receipt.commitSha ?? '';
  if (!/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(commit))
    throw new QpoeError('usage', `the receipt ${named} names no commit`, 'name another');
  const told = payload === undefined ? { file: digest } : { statement: digest };
  return { source: { commit, receipt: { receipt_id: receipt.receiptId!, ...told } } };
}

/** Kept in the store, so that the record's bundle can carry it. */
function importFile(store: Store, path: string): FoundReceipt {
  const bytes = readBounded(path, MAX_BYTES);
  const found = readReceiptFile(bytes);
  if (found === undefined)
    throw new QpoeError(
      'usage',
      `${path} does not hold one receipt that is intact`,
      '`qpoe verify` says what is wrong with it',
    );
  addReceiptFile(store, found, bytes, found.payload === undefined ? readBeside(path) : undefined);
  return found;
}
