/** `qpoe attest statement`: the statements of a record that the store holds already. */

import { QpoeError } from '../../core/error.ts';
import { MAX_BYTES, parseJsonBytes, WRAPPED } from '../../core/json.ts';
import { readRecord } from '../../record/read-record.ts';
import type { ExecutionRecord } from '../../record/schema.ts';
import { readOwn } from '../../store/files.ts';
import { readOwnPolicy } from '../../store/home.ts';
import { addStatements, recordStatementsFolder } from '../../store/statements.ts';
import { findRecord, openStore, recordPath, type Store } from '../../store/store.ts';
import { ed25519Fingerprint, findRecordSigner } from '../../verify/trust.ts';
import { verifyBytes } from '../../verify/verify.ts';
import { readClock } from '../clock.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { enterKept } from '../log/enter-log.ts';
import { checkOut, writeOut } from '../output.ts';
import { answerStatements, describeStatements, statedPayload } from '../record/keep.ts';
import { type AttestOptions, signPayload } from './attest.ts';

export async function attestStatement(
  context: Context,
  id: string,
  options: AttestOptions,
): Promise<ExitCode> {
  checkOut(options.out);
  const store = openStore(context.storePath);
  const record = await readVerified(store, findRecord(store, id).record_id);
  refuseStrangers(context, record);
  const envelopes = await signPayload(context, statedPayload(record), options);
  const statements = addStatements(store, recordStatementsFolder(store, record.record.record_id), envelopes);
  const entered = await enterKept(context, store, statements);
  if (options.out !== undefined) writeOut(options.out, readOwn(statements[0]!.path, WRAPPED.bytes));
  context.say(`record  ${record.record.record_id}`);
  context.say(`hash    ${record.record.hash}`);
  for (const line of describeStatements(statements, entered)) context.say(line);
  if (statements.every(({ existed }) => existed))
    context.note('these keys had signed it before; nothing changed');
  context.answer('attest-statement', {
    record_id: record.record.record_id,
    hash: record.record.hash,
    ...answerStatements(statements, entered),
  });
  return EXIT.pass;
}

/** What is signed is what was verified: the same bytes, read once. */
async function readVerified(store: Store, recordId: string): Promise<ExecutionRecord> {
  const path = recordPath(store, recordId);
  const bytes = readOwn(path, MAX_BYTES);
  const { checks } = await verifyBytes(bytes, { kind: 'unasked' }, readClock());
  const failed = checks.find(({ status }) => status === 'fail');
  if (failed !== undefined)
    throw new QpoeError(
      'refused',
      `${path} does not verify: ${failed.id}: ${failed.evidence}`,
      'nothing was signed; `qpoe verify` says more',
    );
  const { value: record, fault } = readRecord(parseJsonBytes(bytes));
  if (fault !== undefined)
    throw new QpoeError('refused', `${path} is no record that this version can state: ${fault}`);
  if (record.record.signature === null)
    throw new QpoeError(
      'refused',
      `${path} is unsigned: no one vouched for it when it ran`,
      'nothing was signed',
    );
  return record;
}

/** A statement vouches for the record: it must be one's own, or of someone whom one's policy trusts. */
function refuseStrangers({ home }: Context, { record }: ExecutionRecord): void {
  const policy = readOwnPolicy(home);
  const known = policy !== undefined && findRecordSigner(policy, record.public_key!) !== undefined;
  if (known) return;
  throw new QpoeError(
    'refused',
    `record ${record.record_id} is signed by key ${ed25519Fingerprint(record.public_key!)}, which is not in ${home.policy}`,
    'to vouch for it, first add its signer there',
  );
}
