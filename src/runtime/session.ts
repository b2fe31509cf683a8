/** An open connection: whose account, which instance, and what is at hand to import its jobs. */

import type { Bytes } from '../core/bytes.ts';
import type { QpoeError } from '../core/error.ts';
import type { Patience } from '../online/http-request.ts';
import type { RecordContent } from '../record/record.ts';
import { listRecords, type Store } from '../store/store.ts';
import type { Account } from './account.ts';
import { addressesOf } from './addresses.ts';
import { type Calibrations, calibrationsOf } from './calibration.ts';
import type { RuntimeClient } from './client.ts';
import type { Importer } from './describe-job.ts';
import type { QpyExporter } from './export-qpy.ts';
import { subjectOf, tokenSource } from './iam.ts';
import { findInstance } from './instances.ts';
import { type JournalFolder, openJournals } from './journal.ts';

/** A record's content, and what it names. */
export interface KeepContent {
  readonly content: RecordContent;
  readonly objects: readonly Uint8Array[];
  readonly openings: readonly Bytes[];
}

/** What keeps records: signs, verifies, states and logs them. */
export interface Keeper {
  /** @returns of each the record's id, or why it would not verify. @throws QpoeError where the store can't keep them */
  keepAll(contents: readonly KeepContent[]): Promise<readonly (string | QpoeError)[]>;
  /** Makes up for what an interruption left out after the record itself was written. */
  complete(recordId: string): Promise<void>;
  /** The job that a record of class `imported` is of; undefined where it is of none. */
  jobOf(recordId: string): string | undefined;
}

export interface ImportSession {
  readonly client: RuntimeClient;
  readonly store: Store;
  readonly journals: JournalFolder;
  readonly calibrations: Calibrations;
  readonly importer: Importer;
  readonly qpy: QpyExporter;
  readonly keeper: Keeper;
  readonly now: () => number;
  readonly signal: AbortSignal;
  /** Records hold no binding, whatever the tags say. */
  readonly withoutBinding?: boolean;
}

export interface SessionParts {
  readonly store: Store;
  readonly keeper: Keeper;
  readonly qpy: QpyExporter;
  readonly version: string;
  readonly now: () => number;
  readonly signal: AbortSignal;
  readonly withoutBinding?: boolean;
  /** Beside the signal: of requests. */
  readonly patience?: Patience;
}

/** Asks for a token, so that a wrong key is found out before anything else. */
export async function openSession(account: Account, parts: SessionParts): Promise<ImportSession> {
  const { store, now, signal } = parts;
  const patience: Patience = { ...parts.patience, signal };
  const { iam } = addressesOf(account, undefined);
  const tokens = tokenSource({ iam, key: account.token, where: account.where, patience });
  const id = subjectOf(await tokens.get());
  const crn = await findInstance(account, tokens, patience);
  const { api, isIbm } = addressesOf(account, crn);
  const client: RuntimeClient = { api, crn, tokens, patience };
  return {
    ...parts,
    client,
    journals: openJournals(store, crn),
    calibrations: calibrationsOf(client, store, now),
    importer: { id, isIbm, version: parts.version },
  };
}

/**
 * Records of jobs that no journal names: where an import ended between the record and its journal, or the journals were taken away.
 * @param named the records that journals name
 */
export function unnamedRecords(
  { store, keeper }: ImportSession,
  named: ReadonlySet<string>,
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const { record_id: id, class: kind } of listRecords(store).rows) {
    if (kind !== 'imported' || named.has(id)) continue;
    const job = keeper.jobOf(id);
    // The oldest stays the one.
    if (job !== undefined) found.set(job, id);
  }
  return found;
}
