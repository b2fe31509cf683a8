/** A record that a person names: a file, a bundle, or one of the store. Read as what it says; nothing of it is judged. */

import { JsonError, parseJsonBytes, WRAPPED } from '../../core/json.ts';
import type { ExecutionRecord } from '../../record/schema.ts';
import { lookAt, readBounded } from '../../store/files.ts';
import { findRecord, openStore, recordPath } from '../../store/store.ts';
import { decodeArtifact, isBundleLike } from '../../verify/bundle.ts';
import type { ReadObject } from '../../verify/held-objects.ts';
import type { Context } from '../context.ts';
import { objectsBeside, objectsOf } from './objects-beside.ts';
import { readBundleFile } from './read-bundle.ts';
import { readRecordFile } from './read-record.ts';

export interface NamedRecord {
  readonly record: ExecutionRecord;
  /** What the bundle, or a store beside the record, holds of what it names. */
  readonly read: ReadObject;
  readonly path: string;
}

/** @param name a path, a record id, the beginning of one, or `last` */
export function readNamedRecord(context: Context, name: string): NamedRecord {
  if (lookAt(name) === undefined) return readStored(context, name);
  const own = objectsOf(context.storePath);
  if (!isBundleFile(name)) {
    const beside = objectsBeside(name);
    return {
      record: readRecordFile(name),
      read: (digest) => own(digest) ?? beside(digest),
      path: name,
    };
  }
  const { bundle, record } = readBundleFile(name);
  const { artifacts } = bundle;
  return {
    record,
    read: (digest) => (Object.hasOwn(artifacts, digest) ? decodeArtifact(artifacts[digest]!) : own(digest)),
    path: name,
  };
}

function readStored(context: Context, id: string): NamedRecord {
  const store = openStore(context.storePath);
  const path = recordPath(store, findRecord(store, id).record_id);
  return { record: readRecordFile(path), read: objectsOf(context.storePath), path };
}

/** Whatever else is wrong with it, is for the reader of the one or the other to say. */
function isBundleFile(path: string): boolean {
  try {
    return isBundleLike(parseJsonBytes(readBounded(path, WRAPPED.bytes), WRAPPED));
  } catch (error) {
    if (error instanceof JsonError) return false;
    throw error;
  }
}
