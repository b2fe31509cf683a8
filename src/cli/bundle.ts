/** `qpoe bundle`: a record and everything the store holds about it, as one file for whoever reviews it. */

import { basename } from 'node:path';
import type { Bytes } from '../core/bytes.ts';
import { type Digest, digestOf } from '../core/digest.ts';
import { QpoeError } from '../core/error.ts';
import type { ExecutionRecord } from '../record/schema.ts';
import { readOwnPolicy } from '../store/home.ts';
import { listStatementFiles, receiptFolder, recordStatementsFolder } from '../store/statements.ts';
import { findRecord, openStore, recordPath, type Store } from '../store/store.ts';
import type { Trust } from '../verify/trust.ts';
import { verifyBytes } from '../verify/verify.ts';
import { readClock } from './clock.ts';
import { type CollectedBundle, collectBundle, hintOf } from './collect-bundle.ts';
import type { Context } from './context.ts';
import { evidenceMeans } from './evidence-means.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { checkOut, writeOut } from './output.ts';
import { readRecordFile } from './read-record.ts';

export interface BundleOptions {
  readonly out?: string;
  /** The address of an RFC 3161 authority. */
  readonly timestamp?: string;
}

export async function bundle(
  context: Context,
  id: string,
  { out, timestamp }: BundleOptions,
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
  await refuseWhatFails(context, collected.bytes);
  writeOut(path, collected.bytes);
  report(context, path, recordId, collected);
  return EXIT.pass;
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

/** What we write must pass what we check: as anyone sees it, and as the own policy does, which knows the log's key. */
async function refuseWhatFails({ home }: Context, bytes: Bytes): Promise<void> {
  const policy = readOwnPolicy(home);
  const own: Trust[] = policy === undefined ? [] : [{ kind: 'policy', policy, path: home.policy }];
  for (const trust of [{ kind: 'unasked' } as const, ...own]) {
    const verdict = await verifyBytes(bytes, trust, readClock(), await evidenceMeans(trust));
    const failed = verdict.checks.find(({ status }) => status === 'fail');
    if (failed !== undefined)
      throw new QpoeError(
        'refused',
        `the bundle would not verify: ${failed.id}: ${failed.evidence}`,
        'nothing was written; `qpoe verify` on the record’s statements says which file it is',
      );
  }
}

function report(context: Context, path: string, recordId: string, collected: CollectedBundle): void {
  const { bytes, statements, artifacts, left, missing, keys, anchors, pending } = collected;
  context.say(`bundle  ${path}, ${bytes.length} bytes`);
  context.say(`record  ${recordId}`);
  context.say(`with    ${statements.length} statements, ${artifacts.size} artifacts, ${anchors} anchors`);
  if (pending > 0)
    context.note(`${pending} anchors are not final yet: \`qpoe anchor status\`, then bundle it again`);
  if (left.length > 0)
    context.note(`by digest alone (over a limit, damaged, or not in the store): ${left.join(', ')}`);
  if (missing !== undefined) context.note(missing);
  const partial = statements.filter((statement) => hintOf(statement).length > 0).length > 0 && keys < 3;
  if (partial)
    context.note(
      'without all the signer’s public keys, which this home doesn’t have: --signer may not know the identity',
    );
  if (statements.length === 0) context.note('no statements: `qpoe attest statement` makes them');
  context.note(`next: qpoe verify ${path}`);
  context.answer('bundle', {
    path,
    record_id: recordId,
    digest: digestOf(bytes),
    statements: statements.length,
    artifacts: [...artifacts.keys()],
    left_out: left,
    anchors,
    anchors_pending: pending,
    ...(missing === undefined ? {} : { missing }),
  });
}
