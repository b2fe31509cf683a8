/** The selected records as bundles for an archive: as they are, without what is withheld, or said again by a one-off identity. */

import { randomBytes } from 'node:crypto';
import { recordStatement } from '../../attest/statement.ts';
import type { Bytes } from '../../core/bytes.ts';
import { count } from '../../core/count.ts';
import type { Digest } from '../../core/digest.ts';
import { QpoeError } from '../../core/error.ts';
import { type JsonObject, parseJsonBytes, WRAPPED } from '../../core/json.ts';
import { printable } from '../../core/printable.ts';
import { parseTime } from '../../core/time.ts';
import { findHandle, handlesOf, holdsHandleIn } from '../../publish/handles.ts';
import { ANONYMOUS_FIELDS, isCoreField, type Opening, republish, standsIn } from '../../publish/republish.ts';
import { logsIn } from '../../publish/tells.ts';
import { artifactKeeper, type WithholdablePart, withholdParts } from '../../publish/withheld-parts.ts';
import { coreBytes, makeRecord } from '../../record/record.ts';
import type { ExecutionRecord } from '../../record/schema.ts';
import { readOwnPolicy } from '../../store/home.ts';
import { type Identity, recordSigner, spki } from '../../store/identity.ts';
import type { RecordRow } from '../../store/record-index.ts';
import { signStatement } from '../../store/sign-statement.ts';
import { readObject, recordPath, type Store } from '../../store/store.ts';
import { uuidV7 } from '../../store/uuid.ts';
import { decodeArtifact, type EvidenceBundle, readBundle, writeBundle } from '../../verify/bundle.ts';
import type { Trust } from '../../verify/trust.ts';
import { collectBundle } from '../bundle/collect-bundle.ts';
import { readClock } from '../clock.ts';
import type { Context } from '../context.ts';
import { readRecordFile } from '../show/read-record.ts';
import { evidenceMeans } from '../verify/evidence-means.ts';
import { plausibilityMeans } from '../verify/plausibility-means.ts';
import { type FileTask, type FileVerdict, verifyFile } from '../verify/verify-file.ts';
import type { Packed } from './archive-parts.ts';

export interface Withheld {
  /** Parts of bundles. */
  readonly parts: ReadonlySet<WithholdablePart>;
  /** Whether what is too large for a bundle goes along. */
  readonly external: boolean;
  /** Of records, which only a new record can leave out. */
  readonly fields: readonly string[];
}

/** Of an artifact that is handed over beside an archive. */
export const MAX_EXTERNAL_BYTES = 2 ** 31;

export interface PackedRecord extends Packed {
  /** Artifacts that the record names and its bundle does not hold, by their size and not by choice. */
  readonly left: readonly Digest[];
  /** What the store calls the record: where a one-off identity signed it, another id than the new one. */
  readonly listedAs: string;
  /** The logs that its statements are in, in the archive or not. */
  readonly logs: readonly string[];
  /** Where a one-off identity signed it: the record that it is of. */
  readonly of?: { readonly original: Opening; readonly openings: readonly Bytes[] };
}

/** @param oneOff signs each record anew */
export async function packRecords(
  context: Context,
  store: Store,
  rows: readonly RecordRow[],
  withheld: Withheld,
  oneOff: Identity | undefined,
): Promise<readonly PackedRecord[]> {
  refuseMistyped(context, store, rows, withheld);
  const packed: PackedRecord[] = [];
  for (const row of rows) {
    if (context.signal.aborted) throw new QpoeError('interrupted', 'stopped before anything was written');
    const record = readRecordFile(recordPath(store, row.record_id));
    const { bytes, left: all } = collectBundle(context, store, record);
    const left = all.filter(artifactKeeper(record, withheld.parts));
    const bundle = readOwnBundle(bytes);
    const known = { left, listedAs: row.record_id, logs: logsIn(bundle) };
    if (oneOff === undefined) packed.push({ record, ...known, ...reduced(bundle, record, withheld) });
    else {
      const anew = { ...known, ...(await signAnew(record, bundle, withheld, oneOff)) };
      refuseHandles(store, record, withheld.external ? anew : { ...anew, left: [] });
      packed.push(anew);
    }
  }
  await refuseWhatFails(context, packed);
  return packed;
}

/** A path that leads nowhere would withhold nothing, and the signed manifest would say that it did. */
function refuseMistyped(
  context: Context,
  store: Store,
  rows: readonly RecordRow[],
  { fields }: Withheld,
): void {
  const paths = fields.filter((field) => !ANONYMOUS_FIELDS.includes(field));
  const held = new Map(paths.map((path) => [path, 0]));
  if (paths.length > 0)
    for (const row of rows) {
      const record = readRecordFile(recordPath(store, row.record_id));
      for (const path of paths) if (standsIn(record, path)) held.set(path, held.get(path)! + 1);
    }
  for (const [path, found] of held) {
    if (found === 0)
      throw new QpoeError(
        'usage',
        `--withhold ${printable(path)}: no selected record has that`,
        '`qpoe show ID --json` shows what a record has',
      );
    if (found < rows.length)
      context.note(`${printable(path)} stands in ${found} of ${count(rows.length, 'record')}`);
  }
}

function readOwnBundle(bytes: Uint8Array): EvidenceBundle {
  const { value, fault } = readBundle(parseJsonBytes(bytes, WRAPPED) as JsonObject);
  if (fault !== undefined) throw new QpoeError('refused', `a bundle is not of its form: ${fault}`);
  return value;
}

function reduced(
  bundle: EvidenceBundle,
  record: ExecutionRecord,
  { parts }: Withheld,
): Pick<Packed, 'bundle' | 'bytes'> {
  const bytes = withholdParts(bundle, record, parts);
  return { bytes, bundle: () => readOwnBundle(bytes) };
}

/** Nothing of the old record's evidence can stand beside the new one: it is about another hash. */
async function signAnew(
  record: ExecutionRecord,
  bundle: EvidenceBundle,
  withheld: Withheld,
  oneOff: Identity,
): Promise<Omit<PackedRecord, 'left' | 'listedAs' | 'logs'>> {
  const { content, openings, original } = republish(
    record,
    withheld.fields,
    () => new Uint8Array(randomBytes(32)),
  );
  const now = Math.max(readClock(), Math.ceil(parseTime(record.execution.finished_at)!));
  const made = await makeRecord(
    content,
    uuidV7(now),
    new Date(now).toISOString(),
    recordSigner(oneOff.ed25519),
  );
  const payload = recordStatement(coreBytes(made), made.record.record_id);
  const whole = writeBundle({
    record: made as unknown as JsonObject,
    artifacts: new Map(),
    statements: signStatement(oneOff, payload).map(({ bundle: signed }) => signed),
    receipts: [],
    keys: [oneOff.ed25519, oneOff.p256, oneOff.mlDsa65].map(spki),
    timestamps: [],
    anchors: [],
  });
  const carried = { ...readOwnBundle(whole), artifacts: bundle.artifacts };
  return { record: made, ...reduced(carried, made, withheld), of: { original, openings } };
}

/** Whoever reads it could ask the provider, the log or the repository whose that is. */
function refuseHandles(
  store: Store,
  original: ExecutionRecord,
  { record, bundle, left }: PackedRecord,
): void {
  const handles = handlesOf(original);
  const refuse = (where: string, field: string | undefined): QpoeError =>
    new QpoeError(
      'refused',
      `record ${original.record.record_id}: ${where} holds an id, tag or commit that leads to you`,
      `nothing was written; ${field === undefined ? '' : `--withhold ${field}, or `}leave out the record`,
    );
  const member = findHandle(record as unknown as JsonObject, handles);
  if (member !== undefined) throw refuse(member, isCoreField(member) ? member : undefined);
  const isCircuit = artifactKeeper(original, new Set(['results']));
  const field = (digest: Digest): string => (isCircuit(digest) ? 'circuits' : 'results');
  const { artifacts } = bundle();
  for (const digest of Object.keys(artifacts) as Digest[])
    if (holdsHandleIn(decodeArtifact(artifacts[digest]!)!, handles))
      throw refuse(`artifact ${digest}`, field(digest));
  for (const digest of left) {
    const bytes = readObject(store, digest, MAX_EXTERNAL_BYTES);
    if (bytes !== undefined && holdsHandleIn(bytes, handles))
      throw refuse(`artifact ${digest}`, field(digest));
  }
}

/** What is published must pass what a reviewer checks; here under the own policy, which knows the log's key. */
async function refuseWhatFails(context: Context, packed: readonly PackedRecord[]): Promise<void> {
  const policy = readOwnPolicy(context.home);
  const trust: Trust =
    policy === undefined ? { kind: 'unasked' } : { kind: 'policy', policy, path: context.home.policy };
  for await (const batch of verifyAll(packed, trust, context.storePath))
    for (const { path, verdict, error } of batch) {
      const failed = verdict?.checks.find(({ status }) => status === 'fail');
      if (verdict !== undefined && failed === undefined) continue;
      throw new QpoeError(
        'refused',
        `record ${path} does not verify: ${failed === undefined ? error : `${failed.id}: ${failed.evidence}`}`,
        'nothing was written; `qpoe verify --record` says more',
      );
    }
}

const FEW = 64;

async function* verifyAll(
  packed: readonly PackedRecord[],
  trust: Trust,
  storePath: string,
): AsyncGenerator<readonly FileVerdict[]> {
  const load = ({ record, bytes }: PackedRecord): FileTask => ({
    path: record.record.record_id,
    named: true,
    content: bytes,
  });
  const asked = { plausibility: false, storePath };
  if (packed.length >= FEW)
    yield* (await import('../verify/verify-pool.ts')).verifyOnAllCores(packed, trust, false, asked, load);
  else {
    const means = { ...(await evidenceMeans(trust)), ...(await plausibilityMeans(asked, trust)) };
    for (const one of packed) yield [await verifyFile(load(one), trust, Date.now(), means)];
  }
}
