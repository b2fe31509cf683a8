/** What goes into a record's bundle: everything that the store holds about it, and the public keys that its signatures name. */

import { basename } from 'node:path';
import { isSigstoreBundle, keyHint, readSigstoreBundle } from '../../attest/sigstore-bundle.ts';
import { type Bytes, fromBase64, toBase64 } from '../../core/bytes.ts';
import { type Digest, digestOf } from '../../core/digest.ts';
import { type JsonObject, WRAPPED } from '../../core/json.ts';
import { ed25519Spki } from '../../core/spki.ts';
import { namedDigests } from '../../record/named-digests.ts';
import type { ExecutionRecord } from '../../record/schema.ts';
import { readOwn } from '../../store/files.ts';
import { readOwnPolicy } from '../../store/home.ts';
import { hasIdentity, readIdentity, spki } from '../../store/identity.ts';
import { readOwnJson } from '../../store/own-json.ts';
import { listStatementFiles, receiptFolder, recordStatementsFolder } from '../../store/statements.ts';
import { readObject, type Store } from '../../store/store.ts';
import { encodeArtifact, type ForeignReceipt, type Timestamp, writeBundle } from '../../verify/bundle.ts';
import { type Context, readPassphrase } from '../context.ts';
import { collectAnchors } from './collect-anchors.ts';

/** A larger artifact stays in the store, and in the bundle by its digest alone. */
const MAX_ARTIFACT_BYTES = 2 ** 20;
const MAX_ARTIFACTS_BYTES = 2 ** 24;

export interface CollectedBundle {
  readonly bytes: Bytes;
  readonly statements: readonly JsonObject[];
  readonly artifacts: ReadonlyMap<Digest, Uint8Array>;
  /** Named by the record, and not in the bundle. */
  readonly left: readonly Digest[];
  /** What the record names and the store lacks. */
  readonly missing: string | undefined;
  /** How many public keys it carries. */
  readonly keys: number;
  readonly anchors: number;
  /** Anchors that are not final yet. */
  readonly pending: number;
}

/** What came from elsewhere than the store. */
export interface Given {
  /** Public keys: carried where a signature names them. */
  readonly keys?: readonly Bytes[];
  /** Adds what a statement lacks. */
  readonly complete?: (statement: JsonObject) => JsonObject;
}

/** The bundle's bytes, of which nothing is written and nothing verified. */
export function collectBundle(
  context: Context,
  store: Store,
  record: ExecutionRecord,
  { keys: given = [], complete = (statement) => statement }: Given = {},
): CollectedBundle {
  const { artifacts, left } = collectArtifacts(store, record);
  const receipt = collectReceipt(store, record);
  const statements = [
    ...readStatements(recordStatementsFolder(store, record.record.record_id)),
    ...receipt.statements,
  ].map(complete);
  const keys = collectKeys(context, record, statements, given);
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
  const counts = { keys: keys.length, anchors: anchors.length, pending };
  return { bytes, statements, artifacts, left, missing: receipt.missing, ...counts };
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
        ...(signature === undefined ? {} : { signature: readOwnJson(signature) }),
      },
    ],
  };
}

function readStatements(folder: string): readonly JsonObject[] {
  return listStatementFiles(folder)
    .filter((path) => path.endsWith('.sigstore.json'))
    .map(readOwnJson);
}

/** The record's own key, and those that signed the statements, as far as your policy or identity holds them. */
function collectKeys(
  context: Context,
  { record }: ExecutionRecord,
  statements: readonly JsonObject[],
  given: readonly Bytes[],
): readonly Bytes[] {
  const hints = new Set(statements.flatMap(hintOf));
  const trusted = [...policyKeys(context), ...given];
  const found = new Set(trusted.map(keyHint));
  // The identity may ask for a passphrase: it is opened only for keys that stand nowhere else.
  const known = [...hints].every((hint) => found.has(hint))
    ? trusted
    : [...trusted, ...identityKeys(context)];
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

/** The key that a statement of a bare key names. */
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
