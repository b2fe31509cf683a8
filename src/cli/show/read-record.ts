/** A record from a file that the person names, for the commands that need one and judge nothing. */

import { QpoeError } from '../../core/error.ts';
import { JsonError, type JsonValue, MAX_BYTES, parseJsonBytes } from '../../core/json.ts';
import { readRecord } from '../../record/read-record.ts';
import type { ExecutionRecord } from '../../record/schema.ts';
import { readBounded } from '../../store/files.ts';

function readJsonFile(path: string): JsonValue {
  try {
    return parseJsonBytes(readBounded(path, MAX_BYTES));
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new QpoeError(
      'unreadable',
      `${path}: ${error.message}`,
      'give a record, as `qpoe run --out` writes it',
    );
  }
}

export function readRecordFile(path: string): ExecutionRecord {
  const { value, fault } = readRecord(readJsonFile(path));
  if (fault !== undefined)
    throw new QpoeError('unreadable', `${path} is not a record: ${fault}`, '`qpoe verify` says more');
  return value;
}
