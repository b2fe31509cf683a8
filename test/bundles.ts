/** A full evidence bundle for tests, with an identity and a log of the test's own, in memory. */

import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { pae } from '../src/attest/dsse.ts';
import { formatLogEntry, type LogEntry } from '../src/attest/log-entry.ts';
import { RECEIPT_PREDICATE } from '../src/attest/receipt-statement.ts';
import { IN_TOTO_PAYLOAD, statementBytes } from '../src/attest/statement.ts';
import { circuitBytes } from '../src/circuit/circuit.ts';
import { buildWorkload, findWorkload } from '../src/circuit/workloads.ts';
import { type Bytes, fromBase64, utf8 } from '../src/core/bytes.ts';
import { type Digest, digestOf, sha256 } from '../src/core/digest.ts';
import type { JsonObject } from '../src/core/json.ts';
import type { RecordContent } from '../src/record/record.ts';
import type { ExecutionRecord } from '../src/record/schema.ts';
import { type Identity, rawEd25519, recordSigner, spki } from '../src/store/identity.ts';
import { formatCheckpoint } from '../src/tlog/checkpoint.ts';
import { formatHashedRekord } from '../src/tlog/hashedrekord.ts';
import { leafHash, nodeHash } from '../src/tlog/merkle.ts';
import { formatNote } from '../src/tlog/note.ts';
import { formatVkey, hashVkey, makeVkey, type Vkey } from '../src/tlog/vkey.ts';
import { writeBundle } from '../src/verify/bundle.ts';
import type { Policy } from '../src/verify/policy.ts';
import type { Trust } from '../src/verify/trust.ts';
import { bindingTo, boundJob } from './bound-jobs.ts';
import { aReceipt, stamped } from './receipts.ts';
import { signedRecord } from './records.ts';
import { envelopes, newIdentity, payloadOf, trustingIdentity } from './statements.ts';

export interface TestLog {
  readonly vkey: Vkey;
  readonly key: KeyObject;
}

export function newLog(origin = 'log.example.org'): TestLog {
  const key = generateKeyPairSync('ed25519').privateKey;
  return { key, vkey: makeVkey(origin, 'ed25519', rawEd25519(key)) };
}

export function signNote({ vkey, key }: TestLog, text: string): string {
  const signature = Uint8Array.from(sign(null, Buffer.from(text), key));
  return formatNote({ text, signatures: [{ name: vkey.name, keyId: vkey.keyId, signature }] });
}

/** The body that a log holds of a P-256 envelope. */
export function bodyOf(bundle: JsonObject, key: Bytes): Bytes {
  const { dsseEnvelope } = bundle as unknown as {
    dsseEnvelope: { payload: string; signatures: [{ sig: string }] };
  };
  const message = pae(IN_TOTO_PAYLOAD, fromBase64(dsseEnvelope.payload)!);
  return formatHashedRekord({
    digest: sha256(message),
    signature: fromBase64(dsseEnvelope.signatures[0].sig)!,
    publicKey: key,
  });
}

/** The first entry of a log. */
function firstEntryOf(log: TestLog, body: Bytes): LogEntry & JsonObject {
  return proven(log, body, [], leafHash(body));
}

/** An entry in a tree of two, after one that is another's. */
export function entryOf(
  log: TestLog,
  body: Bytes,
  {
    first = utf8('another entry'),
    checkpoint,
  }: { readonly first?: Bytes; readonly checkpoint?: string } = {},
): LogEntry & JsonObject {
  const before = leafHash(first);
  return proven(log, body, [before], nodeHash(before, leafHash(body)), checkpoint);
}

function proven(
  log: TestLog,
  body: Bytes,
  hashes: readonly Bytes[],
  root: Bytes,
  checkpoint?: string,
): LogEntry & JsonObject {
  const size = hashes.length + 1;
  const text = formatCheckpoint({ origin: log.vkey.name, size, root, extensions: [] });
  return formatLogEntry({
    logId: hashVkey(log.vkey),
    index: size - 1,
    size,
    root,
    hashes,
    checkpoint: checkpoint ?? signNote(log, text),
    body,
  });
}

/** Without any, the member is left out. */
export function withEntries(bundle: JsonObject, ...entries: readonly JsonObject[]): JsonObject {
  const { tlogEntries: _, ...material } = bundle.verificationMaterial as JsonObject;
  const tlogEntries = entries.length === 0 ? {} : { tlogEntries: [...entries] };
  return { ...bundle, verificationMaterial: { ...material, ...tlogEntries } };
}

export interface TestBundle {
  readonly identity: Identity;
  readonly log: TestLog;
  readonly record: ExecutionRecord;
  readonly bytes: Bytes;
  /** A policy that trusts both and demands everything that a bundle can hold by now. */
  readonly trust: Trust;
}

/** @param change what the record says, before it is signed */
export async function fullBundle(
  change: (content: RecordContent) => void = () => undefined,
): Promise<TestBundle> {
  const identity = newIdentity();
  const log = newLog();
  const receipt = stamped(aReceipt()) as JsonObject;
  const { sha } = receipt.commit as { readonly sha: string };
  const subject = [{ name: `commit@${sha}`, digest: { gitCommit: sha } }];
  const declared = statementBytes(RECEIPT_PREDICATE, subject, receipt);
  const raw = utf8('raw');
  const record = await signedRecord(recordSigner(identity.ed25519), (content) => {
    content.source = {
      commit: sha,
      receipt: { receipt_id: receipt.receipt_id as string, statement: digestOf(declared) },
    };
    content.execution.job = boundJob(bindingTo(digestOf(declared), log.vkey.name, 0));
    content.execution.executed_circuits = [];
    delete content.workload.programs[0]!.input;
    change(content);
  });
  const circuit = buildWorkload(findWorkload('clifford_t_sampling')!, record.workload.parameters);
  const artifacts = new Map<Digest, Uint8Array>(
    [circuitBytes(circuit), raw].map((bytes) => [digestOf(bytes), bytes]),
  );
  const key = spki(identity.p256);
  const [receiptP256, receiptMlDsa] = envelopes(identity, declared);
  const [p256, mlDsa65] = envelopes(identity, payloadOf(record));
  // The receipt first: one tree that grew.
  const first = bodyOf(receiptP256, key);
  const stated = [
    withEntries(receiptP256, firstEntryOf(log, first)),
    receiptMlDsa,
    withEntries(p256, entryOf(log, bodyOf(p256, key), { first })),
    mlDsa65,
  ];
  const bytes = writeBundle({
    record: record as unknown as JsonObject,
    artifacts,
    statements: stated,
    receipts: [],
    timestamps: [],
    anchors: [],
    keys: [spki(identity.ed25519), spki(identity.p256), spki(identity.mlDsa65)],
  });
  return { identity, log, record, bytes, trust: demandingAll(identity, log) };
}

export function demandingAll(identity: Identity, log: TestLog): Trust {
  const trust = trustingIdentity(identity) as Extract<Trust, { kind: 'policy' }>;
  const policy: Policy = {
    ...trust.policy,
    log: [{ vkey: formatVkey(log.vkey) }],
    require: {
      bundle: { statements: ['p256', 'ml-dsa-65'], log: true, receipt: true, artifacts: true, binding: true },
    },
  };
  return { ...trust, policy };
}
