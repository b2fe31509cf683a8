/** `qpoe list` and `qpoe show`: what the store holds. Neither verifies anything, and both say so. */

import { printable } from '../../core/printable.ts';
import { findRecord, listRecords, openStore, recordPath } from '../../store/store.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { describeRecord } from './describe-record.ts';
import { readRecordFile } from './read-record.ts';

export function list(context: Context): ExitCode {
  const { rows, strange } = listRecords(openStore(context.storePath));
  for (const row of rows)
    context.say(
      [
        row.record_id,
        row.created_at.slice(0, 19) + 'Z',
        printable(row.sdk, 12).padEnd(9),
        `${row.shots} shots`.padStart(13),
        printable(row.workload, 40),
        row.signed === 1 ? '' : '(unsigned)',
        row.label === null ? '' : `"${printable(row.label, 60)}"`,
      ]
        .filter((cell) => cell !== '')
        .join('  '),
    );
  if (rows.length === 0) context.note(`no records in ${context.storePath} yet; make one with \`qpoe run\``);
  for (const name of strange) context.note(`not a record: ${context.storePath}/records/${printable(name)}`);
  context.answer('list', {
    records: rows.map((row) => ({ ...row, signed: row.signed === 1 })),
    not_records: strange,
  });
  return EXIT.pass;
}

export function show(context: Context, id: string): ExitCode {
  const store = openStore(context.storePath);
  const { record_id: recordId } = findRecord(store, id);
  const path = recordPath(store, recordId);
  const record = readRecordFile(path);
  for (const line of describeRecord(record)) context.say(line);
  context.say(`file        ${path}`);
  context.note(`nothing was verified here: qpoe verify ${path}`);
  context.answer('show', { path, record });
  return EXIT.pass;
}
