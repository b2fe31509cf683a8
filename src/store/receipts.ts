/** The receipts of the store, each in a folder named by its digest (`statements.ts` shows the layout). */

import { basename, join } from 'node:path';
import { readReceipts } from '../attest/read-receipts.ts';
import { checkReceiptHash, type Receipt } from '../attest/receipt.ts';
import { isSigstoreBundle, readSigstoreBundle } from '../attest/sigstore-bundle.ts';
import { type Digest, digestOf } from '../core/digest.ts';
import { QpoeError } from '../core/error.ts';
import { JsonError, parseJsonBytes, WRAPPED } from '../core/json.ts';
import { enterFolder, lookAt, readOwn, writeAtomic } from './files.ts';
import { listStatementFiles, receiptFolder } from './statements.ts';
import type { Store } from './store.ts';

export interface StoredReceipt {
  readonly receipt: Receipt;
  /** Of the statement's payload; of the file, where it came without a statement. */
  readonly digest: Digest;
  /** The statement's payload; undefined where it came without one. */
  readonly payload: Uint8Array | undefined;
  readonly folder: string;
}

/** Every receipt whose files are what their folder's name says; the others are no receipts of this store. */
export function listReceipts(store: Store): readonly StoredReceipt[] {
  return listStatementFiles(join(store.path, 'receipts')).flatMap((folder) => {
    const found = readStored(folder);
    return found !== undefined && receiptFolder(store, found.digest) === folder ? [found] : [];
  });
}

function readStored(folder: string): StoredReceipt | undefined {
  const files = listStatementFiles(folder);
  const file =
    files.find((path) => path.endsWith('.sigstore.json')) ??
    files.find((path) => basename(path) === 'receipt.json');
  if (file === undefined) return undefined;
  const found = readReceiptFile(readOwn(file, WRAPPED.bytes));
  return found === undefined ? undefined : { ...found, folder };
}

/** The one receipt that `id` names: the beginning of its id, or of its statement's digest. */
export function findReceipt(store: Store, id: string): StoredReceipt {
  const matches = listReceipts(store).filter(
    ({ receipt, digest }) => receipt.receiptId!.startsWith(id) || digest.startsWith(id),
  );
  const [match] = matches;
  if (match === undefined)
    throw new QpoeError(
      'usage',
      `no receipt "${id}" in ${store.path}`,
      '`qpoe attest receipt` makes one; or name a file',
    );
  if (matches.length > 1)
    throw new QpoeError(
      'usage',
      `"${id}" names ${matches.length} receipts`,
      `give one's statement: ${matches.map(({ digest }) => digest).join(', ')}`,
    );
  return match;
}

/** Keeps a receipt that came in a file, with the signature that lay beside it. */
export function addReceiptFile(
  store: Store,
  { digest, payload }: FoundReceipt,
  bytes: Uint8Array,
  signature: Uint8Array | undefined,
): void {
  const folder = receiptFolder(store, digest);
  enterFolder(folder);
  if (signature !== undefined) writeAtomic(join(folder, 'receipt.sigstore'), signature);
  // Several may have signed the same: each envelope stays.
  const name =
    payload === undefined
      ? 'receipt.json'
      : `foreign-${digestOf(bytes).slice('sha256:'.length).slice(0, 16)}.sigstore.json`;
  const path = join(folder, name);
  if (lookAt(path) === undefined) writeAtomic(path, bytes);
}

export type FoundReceipt = Omit<StoredReceipt, 'folder'>;

/** The one receipt in a Sigstore bundle or in a file of its own, its hash checked; undefined for anything else. */
export function readReceiptFile(bytes: Uint8Array): FoundReceipt | undefined {
  const payload = payloadOf(bytes);
  const content = payload ?? bytes;
  const { value: receipts } = readReceipts(content);
  const [found] = receipts?.found ?? [];
  if (found === undefined || receipts!.found.length > 1) return undefined;
  if (checkReceiptHash(found.receipt) !== undefined) return undefined;
  return { receipt: found.receipt, digest: digestOf(content), payload };
}

/** What a Sigstore bundle's envelope holds; undefined where the file is none. */
function payloadOf(bytes: Uint8Array): Uint8Array | undefined {
  try {
    const value = parseJsonBytes(bytes, WRAPPED);
    return isSigstoreBundle(value) ? readSigstoreBundle(value).value?.envelope?.payload : undefined;
  } catch (error) {
    if (error instanceof JsonError) return undefined;
    throw error;
  }
}
