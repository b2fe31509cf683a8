/** The end of every command that makes a record: sign it, verify it, keep it, say so. */

import { utf8 } from '../core/bytes.ts';
import { QpoeError } from '../core/error.ts';
import { parseTime } from '../core/time.ts';
import { makeRecord, type RecordContent, type RecordSigner, recordText } from '../record/record.ts';
import type { ExecutionRecord } from '../record/schema.ts';
import { addRecord, type Store } from '../store/store.ts';
import { uuidV7 } from '../store/uuid.ts';
import { verifyBytes } from '../verify/verify.ts';
import { readClock } from './clock.ts';
import type { Context } from './context.ts';
import { writeOut } from './output.ts';

export interface Kept {
  readonly record: ExecutionRecord;
  readonly path: string;
}

/** @param store opened before the work whose result this is, so that a store that can't be used costs no result */
export async function keepRecord(
  context: Context,
  store: Store,
  content: RecordContent,
  objects: readonly Uint8Array[],
  signer: RecordSigner | undefined,
  out: string | undefined,
): Promise<Kept> {
  // A clock that was set back meanwhile must not make the record older than what it records.
  const now = Math.max(readClock(), Math.ceil(parseTime(content.execution.finished_at)!));
  const record = await makeRecord(content, uuidV7(now), new Date(now).toISOString(), signer);
  await refuseWhatFails(record, now);
  if (context.signal.aborted) throw new QpoeError('interrupted', 'stopped before the record was written');
  const path = addOrRescue(store, record, objects, out);
  if (out !== undefined) copyOut(out, record, path);
  return { record, path };
}

/** Where the store fails after all, the record is still written to `--out`. */
function addOrRescue(
  store: Store,
  record: ExecutionRecord,
  objects: readonly Uint8Array[],
  out: string | undefined,
): string {
  try {
    return addRecord(store, record, objects);
  } catch (error) {
    if (!(error instanceof QpoeError) || out === undefined) throw error;
    writeOut(out, utf8(recordText(record)));
    throw new QpoeError(error.code, error.message, `the record itself, without its objects, is in ${out}`, {
      cause: error,
    });
  }
}

function copyOut(out: string, record: ExecutionRecord, path: string): void {
  try {
    writeOut(out, utf8(recordText(record)));
  } catch (error) {
    if (!(error instanceof QpoeError)) throw error;
    throw new QpoeError(error.code, error.message, `the record itself is kept: ${path}`, { cause: error });
  }
}

/** What we write must pass what we check: a record that doesn't is a fault here, and is not kept. */
async function refuseWhatFails(record: ExecutionRecord, now: number): Promise<void> {
  const verdict = await verifyBytes(utf8(recordText(record)), { kind: 'unasked' }, now);
  const failed = verdict.checks.find((check) => check.status === 'fail');
  if (failed !== undefined)
    throw new QpoeError(
      'refused',
      `the record would not verify: ${failed.id}: ${failed.evidence}`,
      'nothing was written',
    );
}
