/** From the entry in the log up to the root that the checkpoint signs, a hash at a time. */

import { readSigstoreBundle } from '../src/attest/sigstore-bundle.ts';
import { readStatement } from '../src/attest/statement.ts';
import { fromBase64, toHex } from '../src/core/bytes.ts';
import { RECORD_PREDICATE } from '../src/core/identifiers.ts';
import type { JsonObject } from '../src/core/json.ts';
import { climbToRoot, leafHash } from '../src/tlog/merkle.ts';
import type { EvidenceBundle } from '../src/verify/bundle.ts';

interface MerkleStep {
  readonly side: 'left' | 'right';
  readonly sibling: string;
  readonly hash: string;
}

/** Hashes as hex. */
export interface MerklePath {
  readonly index: number;
  readonly size: number;
  readonly leaf: string;
  readonly steps: readonly MerkleStep[];
  /** As the proof names it. */
  readonly root: string;
  /** Whether the last step's hash is that root. */
  readonly arrives: boolean;
  readonly checkpoint: string;
}

/** Of the record's own statement; undefined where none is logged, or nothing leads up. */
export function merklePath({ statements }: EvidenceBundle): MerklePath | undefined {
  for (const statement of statements) {
    const { value } = readSigstoreBundle(statement);
    const [entry] = value?.kind === 'keyed' ? value.tlogEntries : [];
    if (entry === undefined || !isOfRecord(statement)) continue;
    const { hashes, rootHash, treeSize, logIndex, checkpoint } = entry.inclusionProof;
    const [index, size] = [Number(logIndex), Number(treeSize)];
    const leaf = leafHash(fromBase64(entry.canonicalizedBody)!);
    const proof = hashes.map((hash) => fromBase64(hash)!);
    if (index >= size || proof.some(({ length }) => length !== leaf.length)) continue;
    const steps = climbToRoot({ leaf, index, size }, proof);
    if (steps === undefined) continue;
    const root = toHex(fromBase64(rootHash)!);
    return {
      index,
      size,
      leaf: toHex(leaf),
      steps: steps.map(({ side, sibling, hash }) => ({ side, sibling: toHex(sibling), hash: toHex(hash) })),
      root,
      arrives: toHex(steps.at(-1)?.hash ?? leaf) === root,
      checkpoint: checkpoint.envelope,
    };
  }
  return undefined;
}

/** Whether a statement says that it is a record's, by an envelope that a key signed. */
export function isOfRecord(statement: JsonObject): boolean {
  const { value } = readSigstoreBundle(statement);
  return (
    value?.kind === 'keyed' && readStatement(value.envelope.payload).value?.predicateType === RECORD_PREDICATE
  );
}
