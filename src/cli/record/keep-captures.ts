/** Captures as records, many at a time: each is signed, verified, kept and stated alone, and all are entered into the log at once. */

import { dirname, join } from 'node:path';
import { fromBase64 } from '../../core/bytes.ts';
import { QpoeError } from '../../core/error.ts';
import { MAX_BYTES, parseJsonBytes, WRAPPED } from '../../core/json.ts';
import { type Capture, readCapture } from '../../record/capture.ts';
import { readRecord } from '../../record/read-record.ts';
import type { RecordContent } from '../../record/record.ts';
import type { ExecutionRecord } from '../../record/schema.ts';
import { lookAt, readOwn } from '../../store/files.ts';
import { addOpenings } from '../../store/openings.ts';
import { signStatement } from '../../store/sign-statement.ts';
import type { KeptStatement } from '../../store/statements.ts';
import { addRecord, recordPath, type Store } from '../../store/store.ts';
import { readClock } from '../clock.ts';
import type { Context } from '../context.ts';
import { type Entered, enterAllKept } from '../log/enter-log.ts';
import { describeCapture } from './describe-capture.ts';
import { keepAllMade, keepStatements, type Made, makeStated, statedPayload } from './keep.ts';
import type { LabelOptions } from './labels.ts';
import type { Signers } from './signing.ts';

/** Past this a result is no longer read into memory. */
const MAX_RAW_BYTES = 2 ** 30;

/** What the person says beside what the process says. */
export interface CaptureWords {
  readonly labels?: LabelOptions;
  readonly source?: RecordContent['source'];
}

export interface KeptCapture {
  readonly record: ExecutionRecord;
  readonly path: string;
  readonly statements: readonly KeptStatement[];
}

/** @param place where its bytes come from, for messages; a file that it names lies in that file's folder */
export function parseCapture(bytes: Uint8Array, place: string): Capture {
  const { value, fault } = readCapture(bytes, readClock());
  if (fault !== undefined)
    throw new QpoeError('usage', `${place}: no capture: ${fault}`, '`qpoe schema capture` prints its form');
  return value;
}

/** @param place the capture's file; undefined where it came through a pipe */
function readRaw({ raw }: Capture, place: string | undefined): Uint8Array {
  if ('base64' in raw) return fromBase64(raw.base64)!;
  if (place === undefined)
    throw new QpoeError(
      'usage',
      `the capture names a file, ${raw.file}, and came without one`,
      'give it as base64',
    );
  return readOwn(join(dirname(place), raw.file), MAX_RAW_BYTES);
}

export async function keepCapture(
  context: Context,
  store: Store,
  signers: Signers,
  capture: Capture,
  { place, words, recordId }: CaptureMaking,
): Promise<KeptCapture> {
  const made = await makeCapture(context, signers, capture, { place, words, recordId });
  addOpenings(store, made.openings);
  const path = addRecord(store, made.record, made.objects);
  return { record: made.record, path, statements: keepStatements(store, made) };
}

interface CaptureMaking {
  readonly place?: string | undefined;
  readonly words?: CaptureWords | undefined;
  readonly recordId?: string | undefined;
}

/** Nothing is written yet. */
export async function makeCapture(
  context: Context,
  signers: Signers,
  capture: Capture,
  { place, words, recordId }: CaptureMaking,
): Promise<Made> {
  const { content, objects, openings } = describeCapture(
    { ...capture, ...words?.labels },
    readRaw(capture, place),
  );
  const source = words?.source === undefined ? {} : { source: words.source };
  const stated = await makeStated(context, { ...content, ...source }, signers, recordId);
  return { ...stated, objects, openings };
}

/** As `keepCapture` of each, and entered: the disk is waited for together. */
export async function keepMadeCaptures(
  context: Context,
  store: Store,
  made: readonly Made[],
): Promise<readonly KeptCapture[]> {
  const statements = await keepAllMade(context, store, made);
  return made.map(({ record }, at) => ({
    record,
    path: recordPath(store, record.record.record_id),
    statements: statements[at]!,
  }));
}

/** Goes on where a killed process stopped: the record stands, its statements perhaps not. */
export function resumeCapture(store: Store, signers: Signers, recordId: string): KeptCapture | undefined {
  const path = recordPath(store, recordId);
  if (lookAt(path) === undefined) return undefined;
  const { value: record, fault } = readRecord(parseJsonBytes(readOwn(path, MAX_BYTES), WRAPPED));
  if (fault !== undefined) throw new QpoeError('refused', `${path} is no record: ${fault}`);
  const stated = signers.statements !== undefined && record.record.signature !== null;
  const envelopes = stated ? signStatement(signers.statements, statedPayload(record)) : [];
  return { record, path, statements: keepStatements(store, { record, envelopes }) };
}

export function enterCaptures(
  context: Context,
  store: Store,
  kept: readonly KeptCapture[],
): Promise<readonly Entered[]> {
  return enterAllKept(
    context,
    store,
    kept.flatMap(({ statements }) => statements),
  );
}
