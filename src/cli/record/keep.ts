/** The end of every command that makes a record: sign it, verify it, keep it, state it. */

import { dirname } from 'node:path';
import { recordStatement } from '../../attest/statement.ts';
import { type Bytes, utf8 } from '../../core/bytes.ts';
import { QpoeError } from '../../core/error.ts';
import { parseTime } from '../../core/time.ts';
import { coreBytes, makeRecord, type RecordContent, recordText } from '../../record/record.ts';
import type { ExecutionRecord } from '../../record/schema.ts';
import { type SignedEnvelope, signStatement } from '../../store/sign-statement.ts';
import {
  addAllStatements,
  addStatements,
  type KeptStatement,
  recordStatementsFolder,
} from '../../store/statements.ts';
import { addRecord, addRecords, type Store } from '../../store/store.ts';
import { uuidV7 } from '../../store/uuid.ts';
import { verifyBytes } from '../../verify/verify.ts';
import { readClock } from '../clock.ts';
import type { Context } from '../context.ts';
import { type Entered, enterAllKept, enterKept } from '../log/enter-log.ts';
import { writeOut } from '../output.ts';
import type { Signers } from './signing.ts';

export interface Kept {
  readonly record: ExecutionRecord;
  readonly path: string;
  readonly statements: readonly KeptStatement[];
  /** Where in which log the P-256 statement stands. */
  readonly entered: Entered | undefined;
}

/** @param store opened before the work whose result this is, so that a store that can't be used costs no result */
export async function keepRecord(
  context: Context,
  store: Store,
  content: RecordContent,
  objects: readonly Uint8Array[],
  signers: Signers,
  out: string | undefined,
): Promise<Kept> {
  const made = await makeStated(context, content, signers);
  const path = addOrRescue(store, made.record, objects, out);
  if (out !== undefined) copyOut(out, made.record, path);
  const statements = keepStatements(store, made);
  return { record: made.record, path, statements, entered: await enterKept(context, store, statements) };
}

export interface Stated {
  readonly record: ExecutionRecord;
  readonly envelopes: readonly SignedEnvelope[];
}

/** A record that verifies, signed and stated, before anything is written: a key that can't sign leaves nothing behind. */
export async function makeStated(
  context: Context,
  content: RecordContent,
  signers: Signers,
  recordId?: string,
): Promise<Stated> {
  // A clock that was set back meanwhile must not make the record older than what it records.
  const now = Math.max(readClock(), Math.ceil(parseTime(content.execution.finished_at)!));
  const record = await makeRecord(
    content,
    recordId ?? uuidV7(now),
    new Date(now).toISOString(),
    signers.record,
  );
  await refuseWhatFails(record, now);
  if (context.signal.aborted) throw new QpoeError('interrupted', 'stopped before the record was written');
  return {
    record,
    envelopes:
      signers.statements === undefined ? [] : signStatement(signers.statements, statedPayload(record)),
  };
}

/** @param stated of a record that the store has by now */
export function keepStatements(store: Store, { record, envelopes }: Stated): readonly KeptStatement[] {
  if (envelopes.length === 0) return [];
  return addStatements(store, recordStatementsFolder(store, record.record.record_id), envelopes);
}

/** A record that is stated, and what it names. */
export interface Made extends Stated {
  readonly objects: readonly Uint8Array[];
  readonly openings: readonly Bytes[];
}

/** As `keepRecord`, many at a time: the disk is waited for a few times in all, and the log appended to once. */
export async function keepAllMade(
  context: Context,
  store: Store,
  made: readonly Made[],
): Promise<readonly (readonly KeptStatement[])[]> {
  if (made.length === 0) return [];
  await addRecords(store, made);
  const places = made.map(({ record, envelopes }) => ({
    folder: recordStatementsFolder(store, record.record.record_id),
    envelopes,
  }));
  const kept = await addAllStatements(store, places);
  await enterAllKept(context, store, kept.flat());
  return kept;
}

/** States a record of the store that an interruption left without statements, as `keepRecord` would have. */
export async function completeStatements(
  context: Context,
  store: Store,
  record: ExecutionRecord,
  signers: Signers,
): Promise<void> {
  const folder = recordStatementsFolder(store, record.record.record_id);
  if (signers.statements === undefined) return;
  await refuseWhatFails(record, readClock());
  const envelopes = signStatement(signers.statements, statedPayload(record));
  // What these keys had signed by then stays, and an entry that is in the log is not made again.
  await enterKept(context, store, addStatements(store, folder, envelopes));
}

/** @param record one that was verified */
export function statedPayload(record: ExecutionRecord): Bytes {
  return recordStatement(coreBytes(record), record.record.record_id);
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

const ALGORITHMS = { p256: 'P-256', 'ml-dsa-65': 'ML-DSA-65', keyless: 'a Sigstore certificate' } as const;

/** What was signed and where it is logged, a line each; none where nothing was. */
export function describeStatements(
  statements: readonly KeptStatement[],
  entered: Entered | undefined,
): string[] {
  const [first] = statements;
  if (first === undefined) return [];
  const names = statements.map(({ algorithm }) => ALGORITHMS[algorithm]).join(' and ');
  return [
    `stated  by ${names}, in ${dirname(first.path)}`,
    ...(entered === undefined ? [] : [`logged  entry ${entered.index} of ${entered.log}`]),
  ];
}

/** The same for programs. */
export function answerStatements(statements: readonly KeptStatement[], entered: Entered | undefined): object {
  return {
    statements: statements.map(({ path }) => path),
    ...(entered === undefined ? {} : { log_entry: { log: entered.log, log_index: entered.index } }),
  };
}
