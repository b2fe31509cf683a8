/**
 * That a Rekor holds exactly this envelope, and from when: version 2, whose tiled log has no time, and version 1, which signs
 * one with each entry (sigstore/rekor `pkg/api/entries.go`, the signed entry timestamp, SET):
 *
 *     ECDSA or Ed25519 over the RFC 8785 JSON of {"body":b64,"integratedTime":seconds,"logID":hex,"logIndex":n}
 *
 * Rekor v1 names its key by SHA-256(SPKI); a log that is named as C2SP's tile logs are has no clock, whatever it signs.
 * The log's key comes from a trusted root that the policy names. A v1 log is made of shards: the outer `logIndex` counts over
 * all of them, and only the SET signs it; the proof's counts in the shard whose checkpoint has `<host> - <tree id>` as origin.
 */

import type { LogEntry } from '../attest/log-entry.ts';
import type { RekorLog } from '../attest/trusted-root.ts';
import { type Bytes, equalBytes, fromBase64, toBase64, toHex, utf8 } from '../core/bytes.ts';
import { count } from '../core/count.ts';
import { sha256 } from '../core/digest.ts';
import { verifyEd25519 } from '../core/ed25519.ts';
import { canonicalBytes } from '../core/jcs.ts';
import { verifyP256 } from '../core/p256.ts';
import { rawKey } from '../core/spki.ts';
import { formatTime } from '../core/time.ts';
import { type Checkpoint, parseCheckpoint } from '../tlog/checkpoint.ts';
import { findInclusionFault, leafHash } from '../tlog/merkle.ts';
import { type Note, type NoteVerifier, parseNote, verifyNote } from '../tlog/note.ts';
import { type Found, found } from './check.ts';
import { checkRekorBody, isKnownKind, type LoggedEnvelope } from './rekor-body.ts';

export interface RekorVerdict {
  /** `log.entry`: the entry is exactly this envelope. */
  readonly entry: Found;
  /** `log.inclusion`: it is in the tree that the checkpoint names. */
  readonly inclusion: Found;
  /** `log.checkpoint`: a log of the root signed that checkpoint, and the time where there is one. */
  readonly checkpoint: Found;
  /** The log that signed, where all three pass. Of v2 nothing here says when: its key's validity is for the caller to judge. */
  readonly log?: RekorLog;
  /** The log's word on when it took the entry, where all three pass: milliseconds since 1970. */
  readonly integrated?: number;
}

/** @param logs of the roots that the policy names for logs */
export async function judgeRekorEntry(
  entry: LogEntry,
  logged: LoggedEnvelope,
  logs: readonly RekorLog[],
): Promise<RekorVerdict> {
  if (!isKnownKind(entry)) {
    const needs = found('skipped', 'needs log.entry');
    return { entry: checkRekorBody(entry, logged), inclusion: needs, checkpoint: needs };
  }
  const note = parseNote(utf8(entry.inclusionProof.checkpoint.envelope));
  const log = findLog(entry, logs);
  const verdict = {
    entry: checkRekorBody(entry, logged),
    inclusion: note.fault === undefined ? checkInclusion(entry, note.value) : failed(note),
    checkpoint: note.fault === undefined ? await checkSigned(entry, note.value, log) : failed(note),
  };
  if (log === undefined || Object.values(verdict).some(({ status }) => status !== 'pass')) return verdict;
  const integrated = integratedMs(entry);
  return { ...verdict, log, ...(integrated === undefined ? {} : { integrated }) };
}

const failed = ({ fault, code }: { readonly fault: string; readonly code: string }) =>
  found('fail', fault, code);

/** Of a key that the root holds for several spans, the one that covers the entry's time. */
function findLog(entry: LogEntry, logs: readonly RekorLog[]): RekorLog | undefined {
  const known = logs.filter(({ keyId }) => toBase64(keyId) === entry.logId.keyId);
  return known.find((log) => wasValid(log, integratedMs(entry))) ?? known[0];
}

function wasValid({ start, end }: RekorLog, at: number | undefined): boolean {
  return at === undefined || (start <= at && at <= end);
}

/** Only where a promise stands beside it: nothing else signs it. */
function integratedMs({ inclusionPromise, integratedTime = '0' }: LogEntry): number | undefined {
  return inclusionPromise === undefined ? undefined : Number(integratedTime) * 1000;
}

/** 9999-12-31T23:59:59Z, in seconds: what RFC 3339 can write. */
const MAX_TIME = 253_402_300_799;

function isV1({ kindVersion }: LogEntry): boolean {
  return kindVersion.version === '0.0.1';
}

function checkInclusion(entry: LogEntry, note: Note): Found {
  const { value: stated, fault, code } = parseCheckpoint(note.text);
  if (fault !== undefined) return found('fail', fault, code);
  const contradiction = findContradiction(entry, stated);
  if (contradiction !== undefined) return contradiction;
  const { inclusionProof: proof, canonicalizedBody } = entry;
  const leaf = leafHash(fromBase64(canonicalizedBody)!);
  const wrong = findInclusionFault(
    { leaf, index: Number(proof.logIndex), size: stated.size, root: stated.root },
    proof.hashes.map((hash) => fromBase64(hash)!),
  );
  return wrong === undefined
    ? found('pass', `entry ${proof.logIndex} of ${proof.treeSize}, root ${proof.rootHash}`)
    : failed(wrong);
}

/** What stands outside of every signature must say what is signed. */
function findContradiction(entry: LogEntry, stated: Checkpoint): Found | undefined {
  const { inclusionProof: proof, inclusionPromise, logIndex, integratedTime = '0' } = entry;
  if (inclusionPromise === undefined ? integratedTime !== '0' : !isV1(entry) || integratedTime === '0')
    return found('fail', 'a time that nothing signs, or a signature over none', 'log.integrated-time');
  if (Number(integratedTime) > MAX_TIME)
    return found('fail', 'a time after the year 9999', 'log.integrated-time');
  const [outer, inner] = [Number(logIndex), Number(proof.logIndex)];
  if (inclusionPromise === undefined ? outer !== inner : outer < inner)
    return found('fail', `the entry says index ${logIndex}, its proof ${proof.logIndex}`, 'log.index');
  if (proof.treeSize !== String(stated.size) || proof.rootHash !== toBase64(stated.root))
    return found('fail', 'the proof’s size or root is not its checkpoint’s', 'log.root');
  return undefined;
}

async function checkSigned(entry: LogEntry, note: Note, log: RekorLog | undefined): Promise<Found> {
  const { keyId } = entry.logId;
  if (log === undefined)
    return found(
      'unknown',
      `log ${keyId} is none that you trust`,
      'log.unknown',
      'name its vkey, or the trusted root that has it, under [[log]] in a policy',
    );
  if (log.algorithm === undefined)
    return found('unknown', `log ${log.host}: its key is of a kind that is not known here`, 'log.algorithm');
  const wrong = (await findNoteFault(entry, note, log)) ?? (await findPromiseFault(entry, log));
  if (wrong !== undefined) return wrong;
  const at = integratedMs(entry);
  const when = at === undefined ? 'no time of its own' : `taken at ${formatTime(at)}`;
  return {
    ...found(
      'pass',
      `${log.host}, ${count(Number(entry.inclusionProof.treeSize), 'entry', 'entries')}; ${when}`,
    ),
    relies_on: 'the log’s key, in the trusted root that your policy names',
  };
}

async function findNoteFault(entry: LogEntry, note: Note, log: RekorLog): Promise<Found | undefined> {
  const verifier = rekorVerifier(log);
  const verified = await verifyNote(note, [verifier]);
  if (verified.fault !== undefined) return failed(verified);
  if (!verified.value.has(verifier))
    return found('fail', `not signed by ${log.host}+${verifier.keyId}`, 'checkpoint.unsigned');
  const [origin = ''] = note.text.split('\n', 1);
  const shard = origin.startsWith(`${log.host} - `) && /^\d+$/.test(origin.slice(log.host.length + 3));
  return origin === log.host || (isV1(entry) && shard)
    ? undefined
    : found('fail', `the origin is ${origin}, the key is ${log.host}'s`, 'checkpoint.origin');
}

/** The name and id under which a Rekor signs its checkpoints. */
export function rekorVerifier(log: RekorLog): NoteVerifier {
  return {
    name: log.host,
    keyId: toHex(log.keyId.subarray(0, 4)),
    verify: (text, signature) => verifyByLog(log, signature, text),
  };
}

/** Whether it is a Rekor v1, whose id is the hash of its key. A C2SP key id covers a name too, and is a tile log's. */
export function signsTimes({ keyId, publicKey }: RekorLog): boolean {
  return equalBytes(keyId, sha256(publicKey));
}

async function findPromiseFault(entry: LogEntry, log: RekorLog): Promise<Found | undefined> {
  const { inclusionPromise, canonicalizedBody, integratedTime = '0', logId, logIndex } = entry;
  if (inclusionPromise === undefined) return undefined;
  if (!signsTimes(log))
    return found('fail', `${log.host} is a tile log, which has no word on when`, 'log.promise');
  const signed = canonicalBytes({
    body: canonicalizedBody,
    integratedTime: Number(integratedTime),
    logID: toHex(fromBase64(logId.keyId)!),
    logIndex: Number(logIndex),
  });
  if (!(await verifyByLog(log, fromBase64(inclusionPromise.signedEntryTimestamp)!, signed)))
    return found('fail', `${log.host} did not sign this entry’s time and index`, 'log.promise');
  return wasValid(log, integratedMs(entry))
    ? undefined
    : found('fail', `the key of ${log.host} was not valid at the time that it signed`, 'log.window');
}

async function verifyByLog(log: RekorLog, signature: Bytes, message: Bytes): Promise<boolean> {
  return log.algorithm === 'ed25519'
    ? verifyEd25519(rawKey('ed25519', log.publicKey), signature, message)
    : log.algorithm === 'p256' && verifyP256(log.publicKey, signature, message);
}
