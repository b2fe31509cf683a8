/**
 * Bundles with every layer that there is, of one signer, one log and one chain, in memory: record, two envelopes of it, a receipt
 * as a file and in two envelopes, a log that two witnesses cosign, an anchor in a pinned block, artifacts, keys, and, where openssl
 * is there, time stamps.
 */

import { join } from 'node:path';
import { formatLogEntry } from '../src/attest/log-entry.ts';
import { RECEIPT_PREDICATE } from '../src/attest/receipt-statement.ts';
import { statementBytes } from '../src/attest/statement.ts';
import { circuitBytes } from '../src/circuit/circuit.ts';
import { buildWorkload, findWorkload } from '../src/circuit/workloads.ts';
import { type Bytes, fromBase64, toBase64, utf8 } from '../src/core/bytes.ts';
import { type Digest, digestOf } from '../src/core/digest.ts';
import type { JsonObject } from '../src/core/json.ts';
import type { ExecutionRecord } from '../src/record/schema.ts';
import { type Identity, recordSigner, spki } from '../src/store/identity.ts';
import { formatCheckpoint } from '../src/tlog/checkpoint.ts';
import { formatVkey, hashVkey } from '../src/tlog/vkey.ts';
import { encodeArtifact, type ForeignReceipt, type Timestamp, writeBundle } from '../src/verify/bundle.ts';
import type { Policy } from '../src/verify/policy.ts';
import type { Trust } from '../src/verify/trust.ts';
import { anchorTree, type TestBlock } from './anchors.ts';
import { bindingTo, boundJob } from './bound-jobs.ts';
import { bodyOf, newLog, signNote, type TestLog, withEntries } from './bundles.ts';
import { type Leaves, naiveLeaf, naivePath, naiveProof, naiveRoot } from './naive-tree.ts';
import { NO_OPENSSL, opensslAuthority } from './openssl-authority.ts';
import { aReceipt, stamped } from './receipts.ts';
import { NOW, signedRecord } from './records.ts';
import { envelopes, newIdentity, payloadOf, trustingIdentity } from './statements.ts';
import { cosign, newWitness, type Witness } from './witnesses.ts';

/** Seconds since 1970, an hour after the run. */
const AT = NOW / 1000 + 3600;
const ORIGIN = 'log.example.org';
const POLICY_FILE = 'trust.toml';

/** Everyone whose word is in a bundle. An attacker has one of their own, with the same names. */
export interface Parties {
  readonly identity: Identity;
  readonly log: TestLog;
  readonly witnesses: readonly Witness[];
  /** Stamps a signature; undefined where openssl is not installed. */
  readonly stamp: ((signature: Bytes) => Bytes) | undefined;
  /** Of the authority, for a policy. */
  readonly certificate: string | undefined;
}

/** @param root a folder that the caller removes */
export function newParties(root: string): Parties {
  const authority = newAuthority(root);
  return {
    identity: newIdentity(),
    log: newLog(ORIGIN),
    witnesses: ['w1.example.org', 'w2.example.org'].map(newWitness),
    stamp: authority?.stamp,
    certificate: authority?.certificate,
  };
}

function newAuthority(root: string) {
  if (NO_OPENSSL !== undefined) return undefined;
  const openssl = opensslAuthority(root);
  const certificate = openssl.certify('root', { extensions: 'root' });
  openssl.certify('tsa', { extensions: 'tsa', issuer: 'root' });
  const stamp = (signature: Bytes): Bytes =>
    Uint8Array.from(openssl.stamp(openssl.query(signature, '-sha256', '-cert'), { signer: 'tsa' }));
  return { certificate, stamp };
}

/** One run's documents, before any log has them. */
interface Documents {
  readonly record: ExecutionRecord;
  readonly artifacts: ReadonlyMap<Digest, Uint8Array>;
  /** The receipt as it came. */
  readonly file: Bytes;
  /** By P-256 and by ML-DSA-65. */
  readonly stated: readonly [JsonObject, JsonObject];
  readonly declared: readonly [JsonObject, JsonObject];
}

/**
 * @param commit what makes two runs differ: a hexadecimal digit
 * @param index of the receipt's statement in the log
 */
export async function newDocuments(identity: Identity, commit: string, index: number): Promise<Documents> {
  const plain = aReceipt() as { commit: object };
  const receipt = stamped({ ...plain, commit: { ...plain.commit, sha: commit.repeat(40) } }) as JsonObject;
  const subject = [{ name: `commit@${commit}`, digest: { gitCommit: commit.repeat(40) } }];
  const statement = statementBytes(RECEIPT_PREDICATE, subject, receipt);
  const file = utf8(JSON.stringify(receipt));
  const raw = utf8(`raw ${commit}`);
  const record = await signedRecord(recordSigner(identity.ed25519), (content) => {
    content.source = {
      commit: commit.repeat(40),
      receipt: {
        receipt_id: receipt.receipt_id as string,
        statement: digestOf(statement),
        file: digestOf(file),
      },
    };
    content.execution.result_digest = digestOf(raw);
    content.execution.job = boundJob(bindingTo(digestOf(statement), ORIGIN, index, `job-${commit}`));
    content.execution.executed_circuits = [];
    delete content.workload.programs[0]!.input;
  });
  const circuit = buildWorkload(findWorkload('clifford_t_sampling')!, record.workload.parameters);
  return {
    record,
    file,
    artifacts: new Map([circuitBytes(circuit), raw].map((bytes) => [digestOf(bytes), bytes])),
    stated: envelopes(identity, payloadOf(record)),
    declared: envelopes(identity, statement),
  };
}

/** What a log holds of an envelope. */
export const leafOf = (envelope: JsonObject, { p256 }: Identity): Bytes => bodyOf(envelope, spki(p256));

/** The proof that a log of these entries has the one at `index`, of its first `size`. */
export function prove(
  { log, witnesses }: Pick<Parties, 'log' | 'witnesses'>,
  entries: readonly Bytes[],
  index: number,
  size: number,
): JsonObject {
  const leaves = entries.slice(0, size).map(naiveLeaf);
  const root = Uint8Array.from(naiveRoot(leaves));
  const note = signNote(log, formatCheckpoint({ origin: log.vkey.name, size, root, extensions: [] }));
  return formatLogEntry({
    logId: hashVkey(log.vkey),
    index,
    size,
    root,
    hashes: naivePath(index, leaves),
    checkpoint: witnesses.reduce((seen, witness, i) => cosign(seen, witness, AT + 60 * i + size), note),
    body: entries[index]!,
  });
}

/** The tree of the first `size` entries in a block, with proofs from the trees of these sizes. */
export function anchorEntries(
  log: TestLog,
  entries: readonly Bytes[],
  size: number,
  from: readonly number[],
  block: Partial<TestBlock> = {},
) {
  const leaves: Leaves = entries.map(naiveLeaf);
  const root = (count: number): Bytes => Uint8Array.from(naiveRoot(leaves.slice(0, count)));
  const consistency = from.map((older) => ({
    size: older,
    hashes: naiveProof(older, leaves.slice(0, size)).map((hash) => Uint8Array.from(hash)),
  }));
  const head = { origin: log.vkey.name, size, root: root(size) };
  return anchorTree(head, { timestamp: AT + 7200, ...block, consistency });
}

/** Where a run's two entries are in the log, and the trees that its proofs are of. */
interface LogPlace {
  readonly entries: readonly Bytes[];
  readonly receipt: number;
  readonly record: number;
  /** A tree that holds both, which a block has. */
  readonly anchored: number;
  readonly block?: Partial<TestBlock>;
}

/** @param parties whose word each layer is, but for the signatures in `documents` */
export function assemble(parties: Parties, documents: Documents, place: LogPlace) {
  const { record, artifacts, file, stated, declared } = documents;
  const { entries, receipt, record: index, anchored, block } = place;
  const { anchor, chain } = anchorEntries(
    parties.log,
    entries,
    anchored,
    [receipt + 1, index + 1].filter((size) => size < anchored),
    block,
  );
  const logged = [
    withEntries(declared[0], prove(parties, entries, receipt, receipt + 1)),
    withEntries(stated[0], prove(parties, entries, index, index + 1)),
  ];
  const { statements, timestamps } = stampAll(parties, [...logged, declared[1], stated[1]]);
  const { ed25519, p256, mlDsa65 } = parties.identity;
  const receipts = [encodeArtifact(file)] as readonly ForeignReceipt[];
  const keys = [ed25519, p256, mlDsa65].map(spki);
  const json = record as unknown as JsonObject;
  const parts = { record: json, artifacts, statements, receipts, timestamps, anchors: [anchor], keys };
  return { bytes: writeBundle(parts), chain };
}

/** The record's two signatures: one in its statement and beside it, as `qpoe bundle` writes it, the other beside it alone. */
function stampAll({ stamp }: Parties, statements: readonly JsonObject[]) {
  if (stamp === undefined) return { statements, timestamps: [] };
  const [receipt, record, ...others] = statements as [JsonObject, JsonObject, ...JsonObject[]];
  const timestamps = [record, others.at(-1)!].map((statement): Timestamp => {
    const signature = signatureOf(statement);
    return { over: digestOf(signature), rfc3161: toBase64(stamp(signature)) };
  });
  return { statements: [receipt, withStamp(record, timestamps[0]!.rfc3161), ...others], timestamps };
}

export function signatureOf({ dsseEnvelope }: JsonObject): Bytes {
  const { signatures } = dsseEnvelope as unknown as { readonly signatures: readonly [{ sig: string }] };
  return fromBase64(signatures[0].sig)!;
}

function withStamp(statement: JsonObject, signedTimestamp: string): JsonObject {
  const material = statement.verificationMaterial as JsonObject;
  const timestampVerificationData = { rfc3161Timestamps: [{ signedTimestamp }] };
  return { ...statement, verificationMaterial: { ...material, timestampVerificationData } };
}

export interface CompleteBundle {
  readonly parties: Parties;
  readonly documents: Documents;
  /** The log's entries: both bundles' and others'. */
  readonly entries: readonly Bytes[];
  readonly bytes: Bytes;
  /** Of another run, as complete. */
  readonly other: Bytes;
  /** What there was before, each valid then: of the record no proof that a witness saw, an anchor of a tree without it. */
  readonly older: {
    /** The record's entry in its tree, which no witness had seen. */
    readonly unwitnessed: JsonObject;
    /** The log's entry before it, in a tree that witnesses saw. */
    readonly before: JsonObject;
    readonly anchor: JsonObject;
    /** Of the same record, by the same keys, with an older stamp. */
    readonly statement: JsonObject;
    readonly timestamps: readonly Timestamp[];
  };
  /** Demands every layer. */
  readonly strict: Trust;
  /** Knows the same signer, log and chain, and demands nothing. */
  readonly own: Trust;
}

/** @param root a folder that the caller removes */
export async function completeBundle(root: string): Promise<CompleteBundle> {
  const parties = newParties(root);
  const { identity, log } = parties;
  const [documents, another] = [await newDocuments(identity, 'a', 0), await newDocuments(identity, 'b', 2)];
  const entries = [
    leafOf(documents.declared[0], identity),
    leafOf(documents.stated[0], identity),
    leafOf(another.declared[0], identity),
    leafOf(another.stated[0], identity),
    utf8('another entry'),
    utf8('and another'),
  ];
  const first = assemble(parties, documents, { entries, receipt: 0, record: 1, anchored: 5 });
  const block = { number: 19_000_100, timestamp: AT + 9000 };
  const other = assemble(parties, another, { entries, receipt: 2, record: 3, anchored: 6, block });
  const early = anchorEntries(log, entries, 1, [], { number: 18_999_000, timestamp: AT });
  const [statement] = envelopes(identity, payloadOf(documents.record));
  const strict = trusting(parties, root, [first.chain, other.chain, early.chain]);
  return {
    parties,
    documents,
    entries,
    bytes: first.bytes,
    other: other.bytes,
    older: {
      unwitnessed: prove({ log, witnesses: [] }, entries, 1, 2),
      before: prove(parties, entries, 0, 1),
      anchor: early.anchor,
      statement,
      timestamps: stampAll(parties, [statement, statement, statement]).timestamps.slice(0, 1),
    },
    strict: { ...strict, policy: { ...strict.policy, require: { bundle: DEMANDS } } },
    own: strict,
  };
}

const DEMANDS: NonNullable<NonNullable<Policy['require']>['bundle']> = {
  statements: ['p256', 'ml-dsa-65'],
  log: true,
  witnesses: true,
  anchor: true,
  receipt: true,
  artifacts: true,
  binding: true,
};

type Chain = NonNullable<Policy['chain']>[number];

function trusting(
  { identity, log, witnesses, certificate }: Parties,
  root: string,
  chains: readonly [Chain, ...Chain[]],
): Extract<Trust, { kind: 'policy' }> {
  const { policy } = trustingIdentity(identity) as Extract<Trust, { kind: 'policy' }>;
  const vkeys = witnesses.map(({ vkey }) => formatVkey(vkey));
  return {
    kind: 'policy',
    path: join(root, POLICY_FILE),
    policy: {
      ...policy,
      log: [{ vkey: formatVkey(log.vkey), witnesses: vkeys, quorum: vkeys.length }],
      chain: [{ ...chains[0], blocks: chains.flatMap(({ blocks = [] }) => blocks) }],
      ...(certificate === undefined ? {} : { timestamp_authority: [{ certificate }] }),
    },
  };
}
