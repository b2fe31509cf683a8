/** `qpoe bundle`: a record and everything the store holds about it, as one file for whoever reviews it. */

import { basename } from 'node:path';
import type { Bytes } from '../../core/bytes.ts';
import { type Digest, digestOf } from '../../core/digest.ts';
import { QpoeError } from '../../core/error.ts';
import type { ExecutionRecord } from '../../record/schema.ts';
import { readOwnPolicy } from '../../store/home.ts';
import { listStatementFiles, receiptFolder, recordStatementsFolder } from '../../store/statements.ts';
import { findRecord, openStore, recordPath, type Store } from '../../store/store.ts';
import type { Check } from '../../verify/check.ts';
import type { Trust } from '../../verify/trust.ts';
import { verifyBytes } from '../../verify/verify.ts';
import { readClock } from '../clock.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { checkOut, writeOut } from '../output.ts';
import { readRecordFile } from '../show/read-record.ts';
import { evidenceMeans } from '../verify/evidence-means.ts';
import { type Missing, missingParts } from './bundle-missing.ts';
import { type CollectedBundle, collectBundle } from './collect-bundle.ts';

export interface BundleOptions {
  readonly out?: string;
  /** The address of an RFC 3161 authority. */
  readonly timestamp?: string;
  /** That nothing may be missing. */
  readonly require?: boolean;
}

export async function bundle(
  context: Context,
  id: string,
  { out, timestamp, require }: BundleOptions,
): Promise<ExitCode> {
  const store = openStore(context.storePath);
  const { record_id: recordId } = findRecord(store, id);
  const path = out ?? `${recordId}.qpoe.json`;
  checkOut(path);
  const record = readRecordFile(recordPath(store, recordId));
  if (timestamp !== undefined)
    await (await import('./stamp-statements.ts')).stampStatements(
      context,
      p256Files(store, record),
      timestamp,
    );
  const collected = collectBundle(context, store, record);
  const missing = missingParts(collected, await refuseWhatFails(context, collected.bytes));
  if (require === true) refuseMissing(missing);
  writeOut(path, collected.bytes);
  report(context, path, recordId, collected, missing);
  return EXIT.pass;
}

function refuseMissing(missing: readonly Missing[]): void {
  if (missing.length === 0) return;
  const list = missing.map(({ part, what }) => `${part}: ${what}`).join('; ');
  throw new QpoeError('refused', `the bundle is not complete: ${list}`, 'nothing was written');
}

/** Of the record and of the receipt that it names: what a time stamp is over. */
function p256Files(store: Store, { record, source }: ExecutionRecord): readonly string[] {
  const stated = source?.receipt?.statement as Digest | undefined;
  const folders = [
    recordStatementsFolder(store, record.record_id),
    ...(stated === undefined ? [] : [receiptFolder(store, stated)]),
  ];
  return folders.flatMap(listStatementFiles).filter((path) => basename(path).startsWith('p256-'));
}

/**
 * What we write must pass what we check: as anyone sees it, and as the own policy does, which knows the log's key.
 * @returns the checks by the own policy; none where there is no policy
 */
export async function refuseWhatFails({ home }: Context, bytes: Bytes): Promise<readonly Check[]> {
  const policy = readOwnPolicy(home);
  const own: Trust[] = policy === undefined ? [] : [{ kind: 'policy', policy, path: home.policy }];
  let checks: readonly Check[] = [];
  for (const trust of [{ kind: 'unasked' } as const, ...own]) {
    const verdict = await verifyBytes(bytes, trust, readClock(), await evidenceMeans(trust));
    const failed = verdict.checks.find(({ status }) => status === 'fail');
    if (failed !== undefined)
      throw new QpoeError(
        'refused',
        `the bundle would not verify: ${failed.id}: ${failed.evidence}`,
        'nothing was written; `qpoe verify` on the record’s statements says which file it is',
      );
    checks = trust.kind === 'policy' ? verdict.checks : checks;
  }
  return checks;
}

function report(
  context: Context,
  path: string,
  recordId: string,
  { bytes, statements, artifacts, left, anchors }: CollectedBundle,
  missing: readonly Missing[],
): void {
  context.say(`bundle  ${path}, ${bytes.length} bytes`);
  context.say(`record  ${recordId}`);
  context.say(`with    ${statements.length} statements, ${artifacts.size} artifacts, ${anchors} anchors`);
  for (const { part, what } of missing) context.note(`without ${part}: ${what}`);
  context.note(`next: qpoe verify ${path}`);
  context.answer('bundle', {
    path,
    record_id: recordId,
    digest: digestOf(bytes),
    statements: statements.length,
    artifacts: [...artifacts.keys()],
    left_out: left,
    anchors,
    missing,
  });
}
