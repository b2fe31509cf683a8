/** What a store holds beside a record: the person's own store, and the one that the record's file lies in. */

import { basename, dirname } from 'node:path';
import { QpoeError } from '../../core/error.ts';
import { MAX_BYTES } from '../../core/json.ts';
import { hasStore, openStore, readObject, type Store } from '../../store/store.ts';
import type { ReadObject } from '../../verify/held-objects.ts';

/** Of the store at that path; nothing where there is none. */
export function objectsOf(storePath: string): ReadObject {
  const store = openIfStore(storePath);
  return (digest) => (store === undefined ? undefined : readObject(store, digest, MAX_BYTES));
}

/** @param path of a record's file: in a store it lies in `records` */
export function objectsBeside(path: string): ReadObject {
  const folder = dirname(path);
  return basename(folder) === 'records' ? objectsOf(dirname(folder)) : () => undefined;
}

/** An object is what its digest says, wherever it lies: that a folder which came with the evidence is no proper store costs no verdict. */
function openIfStore(path: string): Store | undefined {
  try {
    return hasStore(path) ? openStore(path) : undefined;
  } catch (error) {
    if (error instanceof QpoeError) return undefined;
    throw error;
  }
}
