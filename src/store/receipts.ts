/** The receipts of the store, each in a folder named by its digest (`statements.ts` shows the layout). */

import { join } from 'node:path';
import { readReceipts } from '../attest/read-receipts.ts';
import { checkReceiptHash, type Receipt } from '../attest/receipt.ts';
import { isSigstoreBundle, readSigstoreBundle } from '../attest/sigstore-bundle.ts';
import { type Digest, digestOf } from '../core/digest.ts';
import { QpoeError } from '../core/error.ts';
import { JsonError, parseJsonBytes, WRAPPED } from '../core/json.ts';
import { enterFolder, lookAt, readOwn, writeAtomic } from './files.ts';
import { listStatementFiles, receiptFolder } from './statements.ts';
import { asWriter, type Store } from './store.ts';

export interface StoredReceipt {
  readonly receipt: Receipt;
  /** Of the statement's payload; of the file, where it came without a statement. */
  readonly digest: Digest;
  /** The statement's payload; undefined where it came without one. */
  readonly payload: Uint8Array | undefined;
  readonly folder: string;
  /** The one of its files that was read. */
  readonly file: string;
}

/** Every receipt whose files are what their folder's name says; the others are no receipts of this store. */
export function listReceipts(store: Store): readonly StoredReceipt[] {
  return listStatementFiles(join(store.path, 'receipts')).flatMap(
    (folder) => readStored(store, folder) ?? [],
  );
}

/** Of the files in a folder the first that is what the folder's name says: a stranger's file beside it hides nothing. */
function readStored(store: Store, folder: string): StoredReceipt | undefined {
  for (const file of listStatementFiles(folder)) {
    if (!file.endsWith('.json') || !lookAt(file)?.isFile()) continue;
    const found = readReceiptFile(readOwn(file, WRAPPED.bytes));
    if (found !== undefined && receiptFolder(store, found.digest) === folder)
      return { ...found, folder, file };
  }
  return undefined;
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

/** Keeps a receipt that came in a file, with the signature that lay beside it. What is kept already stays as it is. */
export function addReceiptFile(
  store: Store,
  { digest, payload }: FoundReceipt,
  bytes: Uint8Array,
  signature: Uint8Array | undefined,
): void {
  const folder = receiptFolder(store, digest);
  // Several may have signed the same statement: each envelope stays.
  const name = payload === undefined ? 'receipt.json' : `foreign-${shortDigest(bytes)}.sigstore.json`;
  asWriter(store, () => {
    enterFolder(folder);
    if (signature !== undefined) addIfAbsent(join(folder, `${name}.sigstore`), signature);
    addIfAbsent(join(folder, name), bytes);
  });
}

function shortDigest(bytes: Uint8Array): string {
  return digestOf(bytes).slice('sha256:'.length).slice(0, 16);
}

function addIfAbsent(path: string, bytes: Uint8Array): void {
  if (lookAt(path) === undefined) writeAtomic(path, bytes);
}

export type FoundReceipt = Omit<StoredReceipt, 'folder' | 'file'>;

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
