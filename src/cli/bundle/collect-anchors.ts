/** The anchors that go into a record's bundle: for each chain the earliest that holds the record or its statements. */

import { isSigstoreBundle, readSigstoreBundle } from '../../attest/sigstore-bundle.ts';
import { toBase64 } from '../../core/bytes.ts';
import type { JsonObject } from '../../core/json.ts';
import { type AnchorEntry, listAnchors } from '../../store/anchors.ts';
import { hasLog } from '../../store/log.ts';
import { proveConsistency } from '../../store/log-read.ts';
import type { Store } from '../../store/store.ts';
import { logFolder } from '../log/log-place.ts';

export interface CollectedAnchors {
  readonly anchors: readonly JsonObject[];
  /** How many would be here if their block were final. */
  readonly pending: number;
}

/** An entry of a log, and the tree that its proof leads to. */
interface Head {
  readonly origin: string;
  readonly index: number;
  readonly size: number;
}

type Checkpoint = AnchorEntry['anchored'] & { readonly kind: 'checkpoint' };

export function collectAnchors(
  store: Store,
  recordHash: string,
  statements: readonly JsonObject[],
): CollectedAnchors {
  const heads = statements.flatMap(headsOf);
  const relevant = listAnchors(store).filter(
    ({ anchored, state }) =>
      state !== 'failed' &&
      state !== 'replaced' &&
      ((anchored.kind === 'record' && anchored.hash === recordHash) ||
        (anchored.kind === 'checkpoint' && heads.some((head) => isIn(head, anchored)))),
  );
  const final = relevant.filter(({ state, evidence }) => state === 'finalized' && evidence !== undefined);
  const byPlace = Map.groupBy(final, placeOf);
  const anchors = [...byPlace.values()].flatMap((entries) => earliestOf(entries, heads));
  return {
    anchors: anchors.map((entry) => withConsistency(store, entry, heads)),
    pending: relevant.filter((entry) => !final.includes(entry) && !byPlace.has(placeOf(entry))).length,
  };
}

function headsOf(statement: JsonObject): Head[] {
  const { value } = isSigstoreBundle(statement) ? readSigstoreBundle(statement) : {};
  if (value?.kind !== 'keyed') return [];
  return value.tlogEntries.map(({ inclusionProof: { checkpoint, logIndex, treeSize } }) => ({
    origin: checkpoint.envelope.split('\n', 1)[0]!,
    index: Number(logIndex),
    size: Number(treeSize),
  }));
}

function isIn({ origin, index }: Head, { log, size }: Checkpoint): boolean {
  return log.origin === origin && index < size;
}

function placeOf({ chain, anchored }: AnchorEntry): string {
  const log = anchored.kind === 'checkpoint' ? Object.values(anchored.log).join(' ') : '';
  return [chain.name, chain.contract, anchored.kind, log].join(' ');
}

/** Of a log, for each entry the smallest tree that holds it; of a record the first block. */
function earliestOf(entries: readonly AnchorEntry[], heads: readonly Head[]): readonly AnchorEntry[] {
  const sorted = entries.toSorted((a, b) => a.block!.number - b.block!.number);
  if (sorted[0]!.anchored.kind === 'record') return sorted.slice(0, 1);
  const found = heads.flatMap(
    (head) => sorted.find(({ anchored }) => isIn(head, anchored as Checkpoint)) ?? [],
  );
  return [...new Set(found)];
}

function withConsistency(
  store: Store,
  { anchored, evidence }: AnchorEntry,
  heads: readonly Head[],
): JsonObject {
  if (anchored.kind !== 'checkpoint') return evidence as JsonObject;
  const log = logFolder(store);
  const sizes = new Set(heads.filter((head) => head.origin === anchored.log.origin).map(({ size }) => size));
  sizes.delete(anchored.size);
  const consistency = hasLog(log)
    ? [...sizes]
        .sort((a, b) => a - b)
        .map((size) => ({ size, hashes: proveBetween(log, size, anchored.size) }))
    : [];
  return { ...(evidence as JsonObject), consistency };
}

function proveBetween(log: string, a: number, b: number): readonly string[] {
  return proveConsistency(log, Math.min(a, b), Math.max(a, b)).map(toBase64);
}
