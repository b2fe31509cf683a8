/**
 * What a log's own operator can do: a second tree under the same name and of the same size, in which another record stands in
 * this one's place. Signature and proofs hold, because the operator makes both.
 */

import { pae } from '../attest/dsse.ts';
import { formatLogEntry, type LogEntry } from '../attest/log-entry.ts';
import { keyHint } from '../attest/sigstore-bundle.ts';
import { type Bytes, fromBase64, utf8 } from '../core/bytes.ts';
import { sha256 } from '../core/digest.ts';
import type { JsonObject } from '../core/json.ts';
import type { ExecutionRecord } from '../record/schema.ts';
import { formatCheckpoint } from '../tlog/checkpoint.ts';
import { formatHashedRekord } from '../tlog/hashedrekord.ts';
import { leafHash, nodeHash } from '../tlog/merkle.ts';
import { formatNote } from '../tlog/note.ts';
import { hashVkey } from '../tlog/vkey.ts';
import type { EvidenceBundle } from '../verify/bundle.ts';
import type { Hands, LogHand } from './sample.ts';
import { entriesOf, envelopeOf, isOfRecord, restate } from './statements.ts';

/** @param record in the place of the bundle's own, signed by the same signer */
export async function forkLog(
  bundle: EvidenceBundle,
  record: ExecutionRecord,
  { signer, log }: Hands,
): Promise<EvidenceBundle> {
  const replaced = bundle.statements.filter(isOfRecord).flatMap(entriesOf)[0]!;
  const restated = await restate(bundle, record, signer);
  const hint = keyHint(signer.keys.p256);
  const logged = restated.statements.find(
    (statement) => isOfRecord(statement) && envelopeOf(statement).keyid === hint,
  )!;
  const own = { index: Number(replaced.logIndex), body: bodyOf(logged, signer.keys.p256) };
  const others = restated.statements.flatMap(entriesOf).map(placeOf);
  const tree = await signTree(log, [...others, own]);
  const statements = restated.statements.map((statement) => {
    const [entry] = entriesOf(statement);
    if (statement === logged) return withEntry(statement, tree.prove(own.index));
    return entry === undefined ? statement : withEntry(statement, tree.prove(Number(entry.logIndex)));
  });
  return { ...restated, statements };
}

interface Place {
  readonly index: number;
  readonly body: Bytes;
}

function placeOf({ logIndex, canonicalizedBody }: LogEntry): Place {
  return { index: Number(logIndex), body: fromBase64(canonicalizedBody)! };
}

function bodyOf(statement: JsonObject, publicKey: Bytes): Bytes {
  const { payloadType, payload, signature } = envelopeOf(statement);
  return formatHashedRekord({ digest: sha256(pae(payloadType, payload)), signature, publicKey });
}

function withEntry(statement: JsonObject, entry: LogEntry & JsonObject): JsonObject {
  const material = statement.verificationMaterial as JsonObject;
  return { ...statement, verificationMaterial: { ...material, tlogEntries: [entry] } };
}

async function signTree(log: LogHand, places: readonly Place[]) {
  const bodies = inOrder(places);
  const leaves = bodies.map(leafHash);
  const root = rootOf(leaves);
  const text = formatCheckpoint({ origin: log.vkey.name, size: leaves.length, root, extensions: [] });
  const { name, keyId } = log.vkey;
  const signature = await log.sign(utf8(text));
  const checkpoint = formatNote({ text, signatures: [{ name, keyId, signature }] });
  const common = { logId: hashVkey(log.vkey), size: leaves.length, root, checkpoint };
  return {
    prove: (index: number) =>
      formatLogEntry({ ...common, index, hashes: pathTo(index, leaves), body: bodies[index]! }),
  };
}

/** What others entered the operator knows, and this bundle doesn't: anything may stand there. */
function inOrder(places: readonly Place[]): readonly Bytes[] {
  const size = Math.max(...places.map(({ index }) => index)) + 1;
  return Array.from(
    { length: size },
    (_, at) => places.find(({ index }) => index === at)?.body ?? utf8("another's entry"),
  );
}

/** RFC 6962, section 2.1, word for word: the tree is small. */
function rootOf(leaves: readonly Bytes[]): Bytes {
  if (leaves.length === 1) return leaves[0]!;
  const half = largestPowerBelow(leaves.length);
  return nodeHash(rootOf(leaves.slice(0, half)), rootOf(leaves.slice(half)));
}

/** RFC 6962, section 2.1.1. */
function pathTo(index: number, leaves: readonly Bytes[]): readonly Bytes[] {
  if (leaves.length === 1) return [];
  const half = largestPowerBelow(leaves.length);
  const [left, right] = [leaves.slice(0, half), leaves.slice(half)];
  return index < half
    ? [...pathTo(index, left), rootOf(right)]
    : [...pathTo(index - half, right), rootOf(left)];
}

function largestPowerBelow(size: number): number {
  let power = 1;
  while (power * 2 < size) power *= 2;
  return power;
}
