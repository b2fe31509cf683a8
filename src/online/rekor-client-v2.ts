/**
 * Rekor v2 (sigstore/rekor-tiles): POST /api/v2/log/entries
 *
 *     {"hashedRekordRequestV002":{"digest":base64(SHA-256(PAE)),"signature":{"content":base64(DER),
 *       "verifier":{"publicKey":{"rawBytes":base64(SPKI)},"keyDetails":"PKIX_ECDSA_P256_SHA_256"}}}}
 *
 * 201 brings the whole entry. 409 with `x-log-index` says that it was there before, and nothing else: proof and checkpoint are
 * then made from the log's tiles.
 *
 * A log knows its duplicates only a while after it took an entry: one that dies in between takes it again. So the entry is
 * looked for among the log's latest, whose hashes its tiles of level 0 are, before it is sent; and where an answer was lost,
 * for as long as the log may take to publish it.
 */

import { pae } from '../attest/dsse.ts';
import { formatLogEntry, type LogEntry, logEntrySchema } from '../attest/log-entry.ts';
import { type Bytes, fromUtf8, toBase64 } from '../core/bytes.ts';
import { sha256 } from '../core/digest.ts';
import { QpoeError } from '../core/error.ts';
import { canonicalBytes } from '../core/jcs.ts';
import type { JsonObject, JsonValue } from '../core/json.ts';
import { checkShape } from '../core/shape.ts';
import { type Checkpoint, parseCheckpoint, parseCount } from '../tlog/checkpoint.ts';
import { formatHashedRekord } from '../tlog/hashedrekord.ts';
import { HASH_BYTES, leafHash, planInclusion, sameHash } from '../tlog/merkle.ts';
import { parseNote, verifyNote } from '../tlog/note.ts';
import { FULL_WIDTH, type Tile, tileAt, tilePath, tilesOfPlan } from '../tlog/tile.ts';
import { readProof } from '../tlog/tile-hashes.ts';
import type { LoggedEnvelope } from '../verify/rekor-body.ts';
import { rekorVerifier } from '../verify/rekor-checks.ts';
import { pause, requestPatiently, serviceUrl } from './http-request.ts';
import { excerpt, type RekorService, readJsonAnswer, unusable } from './rekor-service.ts';

const NOT_FOUND = 404;
const CONFLICT = 409;
const CHECKPOINT_READS = 20;
const CHECKPOINT_PAUSE_MS = 1000;
/** For each read of a look that is worth nothing where it takes longer than the log itself. */
const LOOK_MS = 5000;
/** Rekor publishes every 10 seconds unless it is told otherwise. */
const SETTLE_MS = 12_000;
/** Of 256 entries each. */
const LATEST_TILES = 4;

/** What was answered, not verified yet. */
export async function submitToRekorV2(
  service: RekorService,
  submission: LoggedEnvelope,
): Promise<LogEntry | 'no v2 here'> {
  const { url } = service;
  const there = await findLatest(service, submission);
  if (there !== undefined) return there;
  const answer = await requestPatiently(
    {
      url: `${url}/api/v2/log/entries`,
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: requestBody(submission),
    },
    service,
    () => awaitLatest(service, submission),
  );
  if ('logIndex' in answer) return answer;
  if (answer.status === NOT_FOUND) return 'no v2 here';
  if (answer.status === CONFLICT) {
    const index = parseCount(answer.headers.get('x-log-index') ?? '');
    if (index === undefined) throw unusable(url, 'it has the entry already, and does not say where');
    return proveFromTiles(service, submission, index);
  }
  if (answer.status !== 200 && answer.status !== 201)
    throw unusable(url, `it answers ${answer.status}: ${excerpt(answer.body)}`);
  const { value, fault } = checkShape(logEntrySchema, withoutDefaults(readJsonAnswer(url, answer)));
  if (fault !== undefined) throw unusable(url, `it answers ${answer.status} and no log entry: ${fault}`);
  return value;
}

function requestBody(submission: LoggedEnvelope): Bytes {
  const { envelope, spki } = submission;
  return canonicalBytes({
    hashedRekordRequestV002: {
      digest: toBase64(digestOf(submission)),
      signature: {
        content: toBase64(envelope.signature),
        verifier: { publicKey: { rawBytes: toBase64(spki) }, keyDetails: 'PKIX_ECDSA_P256_SHA_256' },
      },
    },
  });
}

function digestOf({ envelope }: LoggedEnvelope): Bytes {
  return sha256(pae(envelope.payloadType, envelope.payload));
}

/** What the log makes of it. */
function entryBody(submission: LoggedEnvelope): Bytes {
  const { envelope, spki } = submission;
  return formatHashedRekord({
    digest: digestOf(submission),
    signature: envelope.signature,
    publicKey: spki,
  });
}

/** Protobuf's JSON may write what is not there: no promise as null. A time of 0 says nothing either, and is left out. */
function withoutDefaults(answer: JsonValue): JsonValue {
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) return answer;
  const { inclusionPromise, integratedTime, ...entry } = answer as JsonObject;
  return {
    ...entry,
    ...(inclusionPromise === null || inclusionPromise === undefined ? {} : { inclusionPromise }),
    ...(integratedTime === '0' || integratedTime === undefined ? {} : { integratedTime }),
  };
}

/** Looked for until a log that took it must have published it. */
async function awaitLatest(service: RekorService, submission: LoggedEnvelope): Promise<LogEntry | undefined> {
  const { settleMs = SETTLE_MS, signal } = service;
  const end = performance.now() + settleMs;
  for (;;) {
    const there = await findLatest(service, submission);
    if (there !== undefined || performance.now() >= end) return there;
    await pause(Math.min(CHECKPOINT_PAUSE_MS, settleMs), signal);
  }
}

/** The entry, where it is among the latest; undefined also where the log can't be read now. */
async function findLatest(service: RekorService, submission: LoggedEnvelope): Promise<LogEntry | undefined> {
  const patience = { ...service, attempts: 1, timeoutMs: Math.min(service.timeoutMs ?? LOOK_MS, LOOK_MS) };
  try {
    const signed = await readCheckpoint(patience);
    const index = await findIndex(patience, leafHash(entryBody(submission)), signed.checkpoint.size);
    return index === undefined ? undefined : await proveIn(signed, patience, submission, index);
  } catch (error) {
    if (error instanceof QpoeError && error.code === 'external') return undefined;
    throw error;
  }
}

async function findIndex(service: RekorService, leaf: Bytes, size: number): Promise<number | undefined> {
  const last = Math.ceil(size / FULL_WIDTH) - 1;
  for (let index = last; index >= 0 && index > last - LATEST_TILES; index--) {
    const tile = tileAt(0, index, size);
    const hashes = await readTile(service, tile);
    if (hashes?.length !== tile.width * HASH_BYTES) continue;
    for (let at = 0; at < tile.width; at++)
      if (sameHash(hashes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES), leaf))
        return index * FULL_WIDTH + at;
  }
  return undefined;
}

/** The entry that is there already, proven in the tree of the log's checkpoint of now. */
async function proveFromTiles(
  service: RekorService,
  submission: LoggedEnvelope,
  index: number,
): Promise<LogEntry> {
  return proveIn(await awaitCheckpoint(service, index), service, submission, index);
}

async function proveIn(
  { note, logId, checkpoint: { size, root } }: SignedCheckpoint,
  service: RekorService,
  submission: LoggedEnvelope,
  index: number,
): Promise<LogEntry> {
  const plan = planInclusion(index, size);
  const tiles = await readTiles(service, tilesOfPlan(plan, size));
  const { value: hashes, fault } = readProof(plan, size, (tile) => tiles.get(tilePath(tile)));
  if (fault !== undefined) throw unusable(service.url, fault);
  const body = entryBody(submission);
  return formatLogEntry({ logId, index, size, root, hashes, checkpoint: note, body });
}

interface SignedCheckpoint {
  readonly note: string;
  readonly logId: Bytes;
  readonly checkpoint: Checkpoint;
}

/** The first that covers the entry: a log gives an index before it publishes the tree, and a cache may lag behind it. */
async function awaitCheckpoint(service: RekorService, index: number): Promise<SignedCheckpoint> {
  for (let left = CHECKPOINT_READS; ; left--) {
    const signed = await readCheckpoint(service);
    const { size } = signed.checkpoint;
    if (index < size) return signed;
    if (left === 1)
      throw unusable(service.url, `it has entry ${index}, and its checkpoint only ${size} entries yet`);
    await pause(CHECKPOINT_PAUSE_MS, service.signal);
  }
}

/** By whichever log of the root signed it: an answer without an entry names none. */
async function readCheckpoint(service: RekorService): Promise<SignedCheckpoint> {
  const bytes = await read(service, 'checkpoint');
  const { value: note, fault } = bytes === undefined ? { fault: 'it has no checkpoint' } : parseNote(bytes);
  if (bytes === undefined || note === undefined) throw unusable(service.url, fault!);
  for (const log of service.logs) {
    const verifier = rekorVerifier(log);
    if (!(await verifyNote(note, [verifier])).value?.has(verifier)) continue;
    const { value: checkpoint, fault: malformed } = parseCheckpoint(note.text);
    if (malformed !== undefined) throw unusable(service.url, malformed);
    return { note: fromUtf8(bytes)!, logId: log.keyId, checkpoint };
  }
  throw unusable(service.url, 'its checkpoint is signed by no log of the trusted root');
}

async function readTiles(
  service: RekorService,
  wanted: readonly Tile[],
): Promise<ReadonlyMap<string, Bytes>> {
  const read = await Promise.all(
    wanted.map(async (tile) => [tilePath(tile), await readTile(service, tile)] as const),
  );
  return new Map(read.flatMap(([path, bytes]) => (bytes === undefined ? [] : [[path, bytes] as const])));
}

/** A partial tile may be gone once the full one is there, whose beginning it is. */
async function readTile(service: RekorService, tile: Tile): Promise<Bytes | undefined> {
  const bytes = await read(service, tilePath(tile));
  if (bytes !== undefined || tile.width === FULL_WIDTH) return bytes;
  const full = await read(service, tilePath({ ...tile, width: FULL_WIDTH }));
  return full?.slice(0, (full.length / FULL_WIDTH) * tile.width);
}

async function read(service: RekorService, path: string): Promise<Bytes | undefined> {
  const base = service.readUrl === undefined ? `${service.url}/api/v2` : serviceUrl(service.readUrl);
  const { status, body } = await requestPatiently({ url: `${base}/${path}`, method: 'GET' }, service);
  if (status === 200) return body;
  if (status === NOT_FOUND) return undefined;
  throw unusable(service.url, `${path}: it answers ${status}`);
}
