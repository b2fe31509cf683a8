/** `qpoe bundle`: a record and everything the store holds about it, as one file for whoever reviews it. */

import { basename } from 'node:path';
import { isSigstoreBundle, keyHint, readSigstoreBundle } from '../attest/sigstore-bundle.ts';
import { type Bytes, fromBase64, toBase64 } from '../core/bytes.ts';
import { type Digest, digestOf } from '../core/digest.ts';
import { QpoeError } from '../core/error.ts';
import { JsonError, type JsonObject, parseJsonBytes, WRAPPED } from '../core/json.ts';
import { ed25519Spki } from '../core/spki.ts';
import { namedDigests } from '../record/named-digests.ts';
import type { ExecutionRecord } from '../record/schema.ts';
import { readOwn } from '../store/files.ts';
import { readOwnPolicy } from '../store/home.ts';
import { hasIdentity, readIdentity, spki } from '../store/identity.ts';
import { listStatementFiles, receiptFolder, recordStatementsFolder } from '../store/statements.ts';
import { findRecord, openStore, readObject, recordPath, type Store } from '../store/store.ts';
import { encodeArtifact, type ForeignReceipt, type Timestamp, writeBundle } from '../verify/bundle.ts';
import type { Trust } from '../verify/trust.ts';
import { verifyBytes } from '../verify/verify.ts';
import { readClock } from './clock.ts';
import { collectAnchors } from './collect-anchors.ts';
import { type Context, readPassphrase } from './context.ts';
import { evidenceMeans } from './evidence-means.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { checkOut, writeOut } from './output.ts';
import { readRecordFile } from './read-record.ts';

export interface BundleOptions {
  readonly out?: string;
  /** The address of an RFC 3161 authority. */
  readonly timestamp?: string;
}

/** A larger artifact stays in the store, and in the bundle by its digest alone. */
const MAX_ARTIFACT_BYTES = 2 ** 20;
const MAX_ARTIFACTS_BYTES = 2 ** 24;

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
  const { artifacts, left } = collectArtifacts(store, record);
  if (timestamp !== undefined)
    await (await import('./stamp-statements.ts')).stampStatements(
      context,
      p256Files(store, record),
      timestamp,
    );
  const receipt = collectReceipt(store, record);
  const statements = [...readStatements(recordStatementsFolder(store, recordId)), ...receipt.statements];
  const keys = collectKeys(context, record, statements);
  const { anchors, pending } = collectAnchors(store, record.record.hash, statements);
  const bytes = writeBundle({
    record: record as unknown as JsonObject,
    artifacts,
    statements,
    receipts: receipt.foreign,
    timestamps: statements.flatMap(timestampsOf),
    keys,
    anchors,
  });
  await refuseWhatFails(context, bytes);
  writeOut(path, bytes);
  report(context, {
    path,
    bytes,
    recordId,
    statements,
    artifacts,
    left,
    missing: receipt.missing,
    keys: keys.length,
    anchors: anchors.length,
    pending,
  });
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

interface Artifacts {
  readonly artifacts: ReadonlyMap<Digest, Uint8Array>;
  /** Named by the record, and not in the bundle. */
  readonly left: readonly Digest[];
}

function collectArtifacts(store: Store, record: ExecutionRecord): Artifacts {
  const artifacts = new Map<Digest, Uint8Array>();
  const left: Digest[] = [];
  let total = 0;
  for (const digest of [...namedDigests(record)].sort()) {
    const bytes = readObject(store, digest, MAX_ARTIFACT_BYTES);
    if (bytes === undefined || total + bytes.length > MAX_ARTIFACTS_BYTES) left.push(digest);
    else {
      artifacts.set(digest, bytes);
      total += bytes.length;
    }
  }
  return { artifacts, left };
}

interface CollectedReceipt {
  readonly statements: readonly JsonObject[];
  readonly foreign: readonly ForeignReceipt[];
  /** What the record names and the store lacks. */
  readonly missing?: string;
}

function collectReceipt(store: Store, { source }: ExecutionRecord): CollectedReceipt {
  const named = source?.receipt;
  if (named === undefined) return { statements: [], foreign: [] };
  const missing = `the store has no receipt ${named.receipt_id}`;
  const digest = (named.statement ?? named.file) as Digest | undefined;
  if (digest === undefined) return { statements: [], foreign: [], missing };
  const folder = receiptFolder(store, digest);
  const files = listStatementFiles(folder);
  if (named.statement !== undefined) {
    const statements = readStatements(folder);
    return statements.length > 0 ? { statements, foreign: [] } : { statements, foreign: [], missing };
  }
  const file = files.find((path) => basename(path) === 'receipt.json');
  if (file === undefined) return { statements: [], foreign: [], missing };
  const signature = files.find((path) => basename(path) === 'receipt.json.sigstore');
  return {
    statements: [],
    foreign: [
      {
        ...encodeArtifact(readOwn(file, WRAPPED.bytes)),
        ...(signature === undefined ? {} : { signature: readJson(signature) }),
      },
    ],
  };
}

function readStatements(folder: string): readonly JsonObject[] {
  return listStatementFiles(folder)
    .filter((path) => path.endsWith('.sigstore.json'))
    .map(readJson);
}

function readJson(path: string): JsonObject {
  try {
    return parseJsonBytes(readOwn(path, WRAPPED.bytes), WRAPPED) as JsonObject;
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new QpoeError('unreadable', `${path}: ${error.message}`, 'restore it, or take it away');
  }
}

/** The record's own key, and those that signed the statements, as far as your policy or identity holds them. */
function collectKeys(
  context: Context,
  { record }: ExecutionRecord,
  statements: readonly JsonObject[],
): readonly Bytes[] {
  const hints = new Set(statements.flatMap(hintOf));
  const known = [...policyKeys(context), ...(hints.size === 0 ? [] : identityKeys(context))];
  const own = record.public_key === null ? [] : [ed25519Spki(fromBase64(record.public_key)!)];
  return [...own, ...known.filter((key) => hints.has(keyHint(key)))];
}

/** What a statement's own file holds, beside it for readers of the bundle alone. */
function timestampsOf(statement: JsonObject): Timestamp[] {
  const { value } = isSigstoreBundle(statement) ? readSigstoreBundle(statement) : {};
  if (value?.kind !== 'keyed') return [];
  const over = digestOf(value.envelope.signature);
  return value.stamps.map((stamp) => ({ over, rfc3161: toBase64(stamp) }));
}

function hintOf(statement: JsonObject): string[] {
  const { value } = isSigstoreBundle(statement) ? readSigstoreBundle(statement) : {};
  return value?.kind === 'keyed' ? [value.envelope.keyid] : [];
}

function policyKeys({ home }: Context): Bytes[] {
  return (readOwnPolicy(home)?.signer ?? []).flatMap(({ p256, ml_dsa_65 }) =>
    [p256, ml_dsa_65].flatMap((key) => (key === undefined ? [] : [fromBase64(key)!])),
  );
}

function identityKeys({ home, environment }: Context): Bytes[] {
  if (!hasIdentity(home)) return [];
  const { p256, mlDsa65 } = readIdentity(home, readPassphrase(environment));
  return [spki(p256), spki(mlDsa65)];
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

interface Bundled {
  readonly path: string;
  readonly bytes: Bytes;
  readonly recordId: string;
  readonly statements: readonly JsonObject[];
  readonly artifacts: ReadonlyMap<Digest, Uint8Array>;
  readonly left: readonly Digest[];
  readonly missing: string | undefined;
  /** How many public keys it carries. */
  readonly keys: number;
  readonly anchors: number;
  /** Anchors that are not final yet. */
  readonly pending: number;
}

function report(context: Context, bundled: Bundled): void {
  const { path, bytes, recordId, statements, artifacts, left, missing, keys, anchors, pending } = bundled;
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
