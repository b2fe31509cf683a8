/** The records in an archive's bundles, as far as they can be read: what can't be is in its verdict. Nothing is judged here. */

import type { Digest } from '../core/digest.ts';
import { JsonError, type JsonObject, parseJsonBytes, WRAPPED } from '../core/json.ts';
import { namedDigests } from '../record/named-digests.ts';
import { readRecord } from '../record/read-record.ts';
import type { ExecutionRecord } from '../record/schema.ts';
import { type EvidenceBundle, readBundle } from '../verify/bundle.ts';
import type { Archive } from './archive.ts';

export interface ArchivedRecord {
  readonly record: ExecutionRecord;
  readonly bundle: EvidenceBundle;
}

export interface ListedRecord {
  readonly record: ExecutionRecord;
  /** How many artifacts it names that are neither in its bundle nor handed over beside the archive. */
  readonly lacking: number;
}

export function archiveRecords(archive: Archive): readonly ExecutionRecord[] {
  return listArchived(archive).map(({ record }) => record);
}

export function listArchived(archive: Archive): readonly ListedRecord[] {
  const held = new Set(archive.zip.entries.map(({ name }) => name));
  const beside = new Set(archive.manifest.external.map(({ digest }) => digest));
  return archive.manifest.records
    .filter(({ bundle }) => held.has(bundle))
    .flatMap(({ bundle: path }) => {
      const archived = readArchived(archive, path);
      if (archived === undefined) return [];
      const { record, bundle } = archived;
      const isHere = (digest: Digest): boolean =>
        Object.hasOwn(bundle.artifacts, digest) || beside.has(digest);
      return [{ record, lacking: [...namedDigests(record)].filter((digest) => !isHere(digest)).length }];
    });
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
