/**
 * `qpoe bundle upgrade`: adds to a bundle what the store has learnt since: anchors that became final, earlier proofs that more have seen,
 * time stamps, receipts. What stands there stays, and nothing is added that would not verify.
 */

import { fromBase64 } from '../../core/bytes.ts';
import { digestOf } from '../../core/digest.ts';
import { QpoeError } from '../../core/error.ts';
import { canonicalText } from '../../core/jcs.ts';
import { type JsonObject, parseJsonBytes, WRAPPED } from '../../core/json.ts';
import { listAnchors } from '../../store/anchors.ts';
import { lookAt, readBounded } from '../../store/files.ts';
import { hasStore, openStore, recordPath, type Store } from '../../store/store.ts';
import { decodeArtifact, type EvidenceBundle, writeBundle } from '../../verify/bundle.ts';
import { settleAnchors } from '../anchor/anchor-status.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { checkOut, writeOut } from '../output.ts';
import { readBundleFile } from '../show/read-bundle.ts';
import { readRecordFile } from '../show/read-record.ts';
import { refuseWhatFails } from './bundle.ts';
import { collectBundle } from './collect-bundle.ts';

export interface UpgradeOptions {
  /** Default: the bundle itself. */
  readonly out?: string;
}

export async function upgrade(
  context: Context,
  path: string,
  { out = path }: UpgradeOptions,
): Promise<ExitCode> {
  checkOut(out);
  const { bundle, record } = readBundleFile(path);
  const store = openStore(context.storePath);
  refuseOther(store, record.record.record_id, record.record.hash);
  if (listAnchors(store).some(({ state }) => state === 'pending' || state === 'mined'))
    await settleAnchors(context, store, {});
  const fresh = parse(collectBundle(context, store, record).bytes);
  const bytes = merge(bundle, fresh);
  await refuseWhatFails(context, bytes);
  const added = countAdded(bundle, parse(bytes));
  const changed = digestOf(bytes) !== digestOf(readBounded(path, WRAPPED.bytes));
  if (changed || out !== path) writeOut(out, bytes);
  context.say(changed ? `upgraded  ${out}: ${describe(added)}` : `nothing to add to ${path}`);
  context.answer('bundle-upgrade', { path: out, changed, added, digest: digestOf(bytes) });
  return EXIT.pass;
}

/** What was just written. */
function parse(bytes: Uint8Array): EvidenceBundle {
  return parseJsonBytes(bytes, WRAPPED) as unknown as EvidenceBundle;
}

/** Of the very record: its id alone anyone can write. */
function refuseOther(store: Store, recordId: string, hash: string): void {
  const path = hasStore(store.path) ? recordPath(store, recordId) : undefined;
  const held = path !== undefined && lookAt(path) !== undefined ? readRecordFile(path) : undefined;
  if (held?.record.hash !== hash)
    throw new QpoeError(
      'usage',
      `${store.path} has no record ${recordId} with this hash`,
      'upgrade it where it was made, or name that store with --store',
    );
}

function merge(old: EvidenceBundle, fresh: EvidenceBundle): Uint8Array<ArrayBuffer> {
  const artifacts = { ...old.artifacts, ...fresh.artifacts };
  return writeBundle({
    record: old.record,
    artifacts: new Map(
      Object.entries(artifacts).map(([digest, artifact]) => [digest as never, decodeArtifact(artifact)!]),
    ),
    statements: mergeBy(old.statements, fresh.statements, envelopeOf),
    receipts: mergeBy(old.receipts as never[], fresh.receipts as never[], canonicalText),
    keys: [...new Set([...old.keys, ...fresh.keys])].map((key) => fromBase64(key)!),
    timestamps: mergeBy(old.timestamps as never[], fresh.timestamps as never[], canonicalText),
    anchors: mergeBy(old.anchors, fresh.anchors, eventOf),
  });
}

/** What the store has of the same counts, for it may have learnt more about it; what it has not stays. */
function mergeBy<T extends JsonObject>(
  old: readonly T[],
  fresh: readonly T[],
  nameOf: (one: T) => string,
): readonly T[] {
  return [...new Map([...old, ...fresh].map((one) => [nameOf(one), one])).values()];
}

/** The signature, without the proofs about it. */
function envelopeOf(statement: JsonObject): string {
  return canonicalText(statement.dsseEnvelope ?? statement);
}

/** The event in its block, without the proofs that lead to it. */
function eventOf({ consistency: _, ...event }: JsonObject): string {
  return canonicalText(event as JsonObject);
}

const PARTS = ['statements', 'receipts', 'keys', 'timestamps', 'anchors'] as const;

function countAdded(old: EvidenceBundle, now: EvidenceBundle): Record<string, number> {
  const artifacts = Object.keys(now.artifacts).length - Object.keys(old.artifacts).length;
  const counts = PARTS.map((part) => [part, now[part].length - old[part].length] as const);
  return Object.fromEntries([['artifacts', artifacts] as const, ...counts].filter(([, count]) => count > 0));
}

function describe(added: Record<string, number>): string {
  const parts = Object.entries(added).map(([part, count]) => `${count} ${part}`);
  return parts.length === 0 ? 'proofs that more have seen' : parts.join(', ');
}
