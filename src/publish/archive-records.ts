/** The records in an archive's bundles, as far as they can be read: what can't be is in its verdict. Nothing is judged here. */

import { JsonError, type JsonObject, parseJsonBytes, WRAPPED } from '../core/json.ts';
import { readRecord } from '../record/read-record.ts';
import type { ExecutionRecord } from '../record/schema.ts';
import { readBundle } from '../verify/bundle.ts';
import type { Archive } from './archive.ts';

export function archiveRecords({ manifest, zip }: Archive): readonly ExecutionRecord[] {
  const held = new Set(zip.entries.map(({ name }) => name));
  return manifest.records.flatMap(({ bundle: path }) => {
    const bytes = held.has(path) ? zip.unpack(path).value : undefined;
    return bytes === undefined ? [] : recordIn(bytes);
  });
}

function recordIn(bytes: Uint8Array): readonly ExecutionRecord[] {
  try {
    const bundle = readBundle(parseJsonBytes(bytes, WRAPPED) as JsonObject).value;
    const record = bundle && readRecord(bundle.record).value;
    return record === undefined ? [] : [record];
  } catch (error) {
    if (error instanceof JsonError) return [];
    throw error;
  }
}
