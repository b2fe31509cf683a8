/** A record of the store with everything that the store holds about it, as the bundle that `qpoe bundle` would write. */

import { findRecord, openStore, recordPath } from '../../store/store.ts';
import { collectBundle } from '../bundle/collect-bundle.ts';
import type { Context } from '../context.ts';
import { readRecordFile } from '../show/read-record.ts';
import type { FileTask } from './verify-file.ts';

/** @param id a record id, the beginning of one, or `last` */
export function storedTask(context: Context, id: string): FileTask {
  const store = openStore(context.storePath);
  const { record_id: recordId } = findRecord(store, id);
  const path = recordPath(store, recordId);
  const { bytes, left, missing } = collectBundle(context, store, readRecordFile(path));
  if (left.length > 0)
    context.note(`by digest alone (over a limit, damaged, or not in the store): ${left.join(', ')}`);
  if (missing !== undefined) context.note(missing);
  return { path, named: true, content: bytes };
}
