/** The records in an archive's bundles, as far as they can be read: what can't be is in its verdict. Nothing is judged here. */

import { JsonError, type JsonObject, parseJsonBytes, WRAPPED } from '../core/json.ts';
import { readRecord } from '../record/read-record.ts';
import type { ExecutionRecord } from '../record/schema.ts';
import { type EvidenceBundle, readBundle } from '../verify/bundle.ts';
import type { Archive } from './archive.ts';

export interface ArchivedRecord {
  readonly record: ExecutionRecord;
  readonly bundle: EvidenceBundle;
}

export function archiveRecords(archive: Archive): readonly ExecutionRecord[] {
  const held = new Set(archive.zip.entries.map(({ name }) => name));
  return archive.manifest.records
    .filter(({ bundle }) => held.has(bundle))
    .flatMap(({ bundle }) => readArchived(archive, bundle)?.record ?? []);
}

/** @param path of a bundle that is there: of an archive that verifies each is */
export function readArchived({ zip }: Archive, path: string): ArchivedRecord | undefined {
  const bytes = zip.unpack(path).value;
  return bytes === undefined ? undefined : recordIn(bytes);
}

function recordIn(bytes: Uint8Array): ArchivedRecord | undefined {
  try {
    const bundle = readBundle(parseJsonBytes(bytes, WRAPPED) as JsonObject).value;
    const record = bundle && readRecord(bundle.record).value;
    return record === undefined ? undefined : { record, bundle: bundle! };
  } catch (error) {
    if (error instanceof JsonError) return undefined;
    throw error;
  }
}
