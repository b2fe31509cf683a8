/** `qpoe attest receipt`: what git and the person declare of a source commit, as a signed AIIR receipt. */

import { relative, sep } from 'node:path';
import { readAiDeclaration } from '../../attest/declared-ai.ts';
import { type CommitFacts, makeReceipt } from '../../attest/make-receipt.ts';
import { type Manifest, makeManifest } from '../../attest/manifest.ts';
import { RECEIPT_PREDICATE } from '../../attest/receipt-statement.ts';
import { statementBytes } from '../../attest/statement.ts';
import { type Bytes, utf8 } from '../../core/bytes.ts';
import { digestOf } from '../../core/digest.ts';
import { QpoeError } from '../../core/error.ts';
import { canonicalText } from '../../core/jcs.ts';
import { type JsonObject, parseJsonBytes, WRAPPED } from '../../core/json.ts';
import { printable } from '../../core/printable.ts';
import { makeReceiptByAiir } from '../../online/aiir-cli.ts';
import { readCommit } from '../../online/git.ts';
import { readOwn } from '../../store/files.ts';
import { spki } from '../../store/identity.ts';
import { listReceipts, readReceiptFile } from '../../store/receipts.ts';
import { addStatements, isStatedBy, receiptFolder } from '../../store/statements.ts';
import { openOrCreateStore, putObject, type Store } from '../../store/store.ts';
import { readClock } from '../clock.ts';
import { type Context, readPassphrase } from '../context.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { enterKept } from '../log/enter-log.ts';
import { checkOut, writeOut } from '../output.ts';
import { answerStatements, describeStatements } from '../record/keep.ts';
import { openIdentity } from '../record/signing.ts';
import { VERSION } from '../version.ts';
import { type AttestOptions, signPayload } from './attest.ts';

export interface ReceiptOptions extends AttestOptions {
  readonly repo: string;
  readonly declareAi?: string;
  /** The files of the workload. */
  readonly manifest?: readonly string[];
  /** By the reference implementation, where it is installed. */
  readonly aiir?: boolean;
}

const MAX_MANIFEST_FILE = 2 ** 31;

export async function attestReceipt(
  context: Context,
  commit: string,
  options: ReceiptOptions,
): Promise<ExitCode> {
  checkOut(options.out);
  const manifest = readManifest(options);
  const facts = await readCommit(options.repo, commit, { env: context.environment, signal: context.signal });
  const receipt = await makeOne(context, facts, options);
  const store = openOrCreateStore(context.storePath);
  const made = statePayload(receipt, facts, manifest);
  const payload = options.keyless === true ? made : (findSame(store, made, ownKey(context)) ?? made);
  const stated = readReceiptFile(payload);
  if (stated === undefined)
    throw new QpoeError('external', 'the receipt is not intact once it is wrapped', 'leave --aiir out');
  const envelopes = await signPayload(context, payload, options);
  if (manifest !== undefined) putObject(store, manifest.bytes);
  const statements = addStatements(store, receiptFolder(store, stated.digest), envelopes);
  const entered = await enterKept(context, store, statements);
  if (options.out !== undefined) writeOut(options.out, receiptText(payload));
  const { receiptId, authorship } = stated.receipt;
  context.say(`receipt   ${receiptId}`);
  context.say(`commit    ${facts.sha}`);
  context.say(`declared  ${describeAuthorship(authorship.authorshipClass, authorship.signals)}`);
  if (manifest !== undefined) context.say(describeManifest(manifest));
  context.say(`statement ${stated.digest}`);
  for (const line of describeStatements(statements, entered)) context.say(line);
  context.note(`next: qpoe run --receipt ${receiptId}`);
  context.answer('attest-receipt', {
    receipt_id: receiptId,
    commit: facts.sha,
    statement: stated.digest,
    ...(manifest === undefined ? {} : { manifest: manifest.digest }),
    ...answerStatements(statements, entered),
  });
  return EXIT.pass;
}

function ownKey(context: Context): Bytes {
  return spki(openIdentity(context, readPassphrase(context.environment)).p256);
}

/** The receipt alone, as other tools read it. */
function receiptText(payload: Bytes): Bytes {
  const { predicate } = parseJsonBytes(payload, WRAPPED) as JsonObject;
  return utf8(`${JSON.stringify(predicate, null, 2)}\n`);
}

function describeManifest({ digest, entries }: Manifest): string {
  return `manifest  ${digest}, ${entries.length === 1 ? '1 file' : `${entries.length} files`}`;
}

function describeAuthorship(authorship: string | undefined, signals: readonly string[]): string {
  return printable(`${authorship}${signals.length === 0 ? '' : `: ${signals.join(', ')}`}`, 500);
}

async function makeOne(context: Context, facts: CommitFacts, options: ReceiptOptions): Promise<JsonObject> {
  const declaration = options.declareAi === undefined ? undefined : readAiDeclaration(options.declareAi);
  if (options.aiir === true) {
    const limits = { env: context.environment, signal: context.signal };
    return parseJsonBytes(
      await makeReceiptByAiir(options.repo, facts.sha, declaration, limits),
    ) as JsonObject;
  }
  const now = new Date(readClock()).toISOString();
  return makeReceipt(facts, { version: VERSION, now, declaration }).receipt;
}

function statePayload(receipt: JsonObject, { sha }: CommitFacts, manifest: Manifest | undefined): Bytes {
  const origin = (receipt.provenance as JsonObject | undefined)?.repository;
  const subject: JsonObject[] = [
    { name: `${typeof origin === 'string' ? origin : 'commit'}@${sha}`, digest: { gitCommit: sha } },
  ];
  if (manifest !== undefined)
    subject.push({ name: 'workload-manifest', digest: { sha256: manifest.digest.slice('sha256:'.length) } });
  return statementBytes(RECEIPT_PREDICATE, subject, receipt);
}

/**
 * The statement that this identity signed before of the same commit, the same in all but its time: one receipt isn't logged
 * twice. A payload that someone else put into the store is never signed.
 */
function findSame(store: Store, payload: Bytes, own: Bytes): Bytes | undefined {
  const wanted = timeless(payload);
  const same = listReceipts(store).find(
    ({ payload: held, folder }) =>
      held !== undefined && timeless(held) === wanted && isStatedBy(folder, own, held),
  );
  return same?.payload as Bytes | undefined;
}

function timeless(payload: Uint8Array): string {
  const { predicate, ...statement } = parseJsonBytes(payload, WRAPPED) as JsonObject;
  const { timestamp: _, ...rest } = predicate as JsonObject;
  return canonicalText({ ...statement, predicate: rest });
}

function readManifest({ manifest: files, repo }: ReceiptOptions): Manifest | undefined {
  if (files === undefined) return undefined;
  return makeManifest(
    files.map((file) => ({
      path: relative(repo, file).split(sep).join('/'),
      digest: digestOf(readOwn(file, MAX_MANIFEST_FILE)),
    })),
  );
}
