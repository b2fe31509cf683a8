/** `qpoe reveal`: opens a value that a record withholds, into a file that anyone can hold against the record. */

import { utf8 } from '../../core/bytes.ts';
import { QpoeError } from '../../core/error.ts';
import {
  isJsonObject,
  JsonError,
  type JsonObject,
  type JsonValue,
  parseJsonBytes,
  WRAPPED,
} from '../../core/json.ts';
import { printable } from '../../core/printable.ts';
import { listWithheld, OPENING_V1, type WithheldAt } from '../../publish/opening-file.ts';
import { readRecord } from '../../record/read-record.ts';
import type { ExecutionRecord } from '../../record/schema.ts';
import { lookAt, readBounded } from '../../store/files.ts';
import { readOpeningOf } from '../../store/openings.ts';
import { findRecord, openStore, recordPath } from '../../store/store.ts';
import { isBundleLike, readBundle } from '../../verify/bundle.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { checkOut, refuseSameFile, writeOut } from '../output.ts';
import { readRecordFile } from '../show/read-record.ts';

/** @param what a record's id, or a file that holds one. @param path undefined to list what can be opened */
export function reveal(
  context: Context,
  what: string,
  path: string | undefined,
  { out }: { readonly out?: string },
): ExitCode {
  checkOut(out);
  refuseSameFile(out, what, 'the record’s file');
  const store = openStore(context.storePath);
  const record = lookAt(what)?.isFile()
    ? readRecordIn(what)
    : readRecordFile(recordPath(store, findRecord(store, what).record_id));
  const places = listWithheld(record);
  const openingOf = ({ digest }: WithheldAt): JsonObject | undefined => readOpeningOf(store, digest);
  if (path === undefined) return list(context, places, (place) => openingOf(place) !== undefined);
  const place = places.find((one) => one.path === path);
  if (place === undefined)
    throw new QpoeError(
      'usage',
      `the record withholds nothing at "${printable(path)}"`,
      '`qpoe reveal ID` lists what it withholds',
    );
  const opening = openingOf(place);
  if (opening === undefined)
    throw new QpoeError(
      'refused',
      `${store.path} has no opening of ${place.digest}, or one that does not match`,
      'only the store that made the record has it',
    );
  const text = `${JSON.stringify({ mediaType: OPENING_V1, record: record.record.hash, path, ...opening }, null, 2)}\n`;
  if (out === undefined) context.say(text.trimEnd());
  else {
    writeOut(out, utf8(text));
    context.say(`opened  ${path}, in ${out}`);
  }
  context.note(`next: qpoe reveal --check ${out ?? 'OPENING'} RECORD`);
  context.answer('reveal', { record: record.record.hash, path, ...opening });
  return EXIT.pass;
}

function list(
  context: Context,
  places: readonly WithheldAt[],
  canOpen: (place: WithheldAt) => boolean,
): ExitCode {
  const shown = places.map((place) => ({ ...place, here: canOpen(place) }));
  for (const { path, digest, here } of shown)
    context.say(
      `${printable(path)}  ${digest}  ${here ? 'can be opened' : 'its opening is not in this store'}`,
    );
  if (shown.length === 0) context.note('the record withholds nothing');
  context.answer('reveal-list', { withheld: shown });
  return EXIT.pass;
}

/** Of a record's file, or of a bundle. */
export function readRecordIn(path: string): ExecutionRecord {
  const value = readJsonIn(path);
  const held = isBundleLike(value) ? readBundle(value).value?.record : value;
  const { value: record, fault } = isJsonObject(held) ? readRecord(held) : { fault: 'no object' };
  if (record !== undefined) return record;
  throw new QpoeError('usage', `${path} holds no record: ${printable(fault!)}`, 'give a record or a bundle');
}

export function readJsonIn(path: string): JsonValue {
  try {
    return parseJsonBytes(readBounded(path, WRAPPED.bytes), WRAPPED);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new QpoeError('unreadable', `${path}: ${error.message}`, 'give a file that qpoe wrote');
  }
}
