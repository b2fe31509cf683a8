/**
 * That a transparency log holds exactly this envelope (design, section 3, *Log*). A log entry is bound to nothing by lying in
 * a bundle: digest, signature, key, index, root and size are each compared with what was proven, because every one of them has
 * been left unbound by some verifier before.
 */

import { pae } from '../attest/dsse.ts';
import type { LogEntry } from '../attest/log-entry.ts';
import type { KeyedEnvelope } from '../attest/sigstore-bundle.ts';
import { type Bytes, fromBase64, toBase64, utf8 } from '../core/bytes.ts';
import { sha256 } from '../core/digest.ts';
import { type Checkpoint, openCheckpoint, parseCheckpoint } from '../tlog/checkpoint.ts';
import { parseHashedRekord } from '../tlog/hashedrekord.ts';
import { findInclusionFault, leafHash, sameHash } from '../tlog/merkle.ts';
import { parseNote } from '../tlog/note.ts';
import { hashVkey, parseVkey, type Vkey } from '../tlog/vkey.ts';
import type { Check } from './check.ts';
import type { Policy } from './policy.ts';
import { type Found, found } from './signature-checks.ts';
import type { Trust } from './trust.ts';

const logs = new WeakMap<Policy, ReadonlyMap<string, Vkey>>();

/** The policy's logs, by base64 of the whole hash of their key: Sigstore's `logId.keyId`. */
export function policyLogs(policy: Policy): ReadonlyMap<string, Vkey> {
  let known = logs.get(policy);
  if (known === undefined) {
    const vkeys = (policy.log ?? []).flatMap(({ vkey }) =>
      vkey === undefined ? [] : [parseVkey(vkey).value!],
    );
    known = new Map(vkeys.map((vkey) => [toBase64(hashVkey(vkey)), vkey]));
    logs.set(policy, known);
  }
  return known;
}

/** What is said to be in the log: an envelope whose signature holds, and the key that it holds by. */
export interface Logged {
  readonly envelope: KeyedEnvelope;
  /** The key's SPKI. */
  readonly spki: Bytes;
}

/** Three checks an entry; an entry that stands twice counts once. */
export async function checkLogEntries(
  entries: readonly LogEntry[],
  logged: Logged,
  trust: Trust,
): Promise<Check[]> {
  const distinct = [...new Map(entries.map((entry) => [JSON.stringify(entry), entry])).values()];
  return (await Promise.all(distinct.map((entry) => checkLogEntry(entry, logged, trust)))).flat();
}

async function checkLogEntry(entry: LogEntry, logged: Logged, trust: Trust): Promise<Check[]> {
  const { kind, version } = entry.kindVersion;
  if (kind !== 'hashedrekord' || version !== '0.0.2') {
    const unknown = found(
      'unknown',
      `this program does not know entries of kind ${kind} ${version}`,
      'log.kind',
    );
    return [entryCheck(unknown), inclusionCheck(needs('log.entry')), checkpointCheck(needs('log.entry'))];
  }
  const body = fromBase64(entry.canonicalizedBody)!;
  const bound = checkBody(body, logged);
  const stated = readStated(entry);
  return [
    entryCheck(bound),
    inclusionCheck(checkInclusion(body, entry, stated)),
    checkpointCheck(await checkCheckpoint(entry, trust)),
  ];
}

function checkBody(body: Bytes, { envelope, spki }: Logged): Found {
  const { value: entry, fault, code } = parseHashedRekord(body);
  if (fault !== undefined) return found('fail', fault, code);
  if (!sameHash(entry.digest, sha256(pae(envelope.payloadType, envelope.payload))))
    return found('fail', 'the entry is of another payload', 'log.digest');
  if (!sameHash(entry.signature, envelope.signature))
    return found('fail', 'the entry is of another signature over this payload', 'log.signature');
  if (!sameHash(entry.publicKey, spki)) return found('fail', 'the entry names another key', 'log.key');
  return found('pass', 'digest, signature and key are this envelope’s');
}

/** What the note says, whoever signed it; or why it says nothing. */
function readStated({ inclusionProof }: LogEntry): Checkpoint | Found {
  const note = parseNote(utf8(inclusionProof.checkpoint.envelope));
  if (note.fault !== undefined) return found('fail', note.fault, note.code);
  const { value, fault, code } = parseCheckpoint(note.value.text);
  return fault === undefined ? value : found('fail', fault, code);
}

function checkInclusion(body: Bytes, entry: LogEntry, stated: Checkpoint | Found): Found {
  const { inclusionProof: proof, inclusionPromise, integratedTime = '0', logIndex } = entry;
  if ('status' in stated) return stated;
  if (logIndex !== proof.logIndex)
    return found('fail', `the entry says index ${logIndex}, its proof ${proof.logIndex}`, 'log.index');
  if (proof.treeSize !== String(stated.size) || proof.rootHash !== toBase64(stated.root))
    return found('fail', 'the proof’s size or root is not its checkpoint’s', 'log.root');
  if (inclusionPromise !== undefined || integratedTime !== '0')
    return found('fail', 'a time that nothing in an entry of this kind signs', 'log.integrated-time');
  const leaf = { leaf: leafHash(body), index: Number(logIndex), size: stated.size, root: stated.root };
  const fault = findInclusionFault(
    leaf,
    proof.hashes.map((hash) => fromBase64(hash)!),
  );
  return fault === undefined
    ? found('pass', `entry ${logIndex} of ${stated.size}, root ${proof.rootHash}`)
    : found('fail', fault.fault, fault.code);
}

async function checkCheckpoint({ logId, inclusionProof }: LogEntry, trust: Trust): Promise<Found> {
  if (trust.kind !== 'policy')
    return found(
      'unknown',
      `log ${logId.keyId}: no policy names it`,
      'log.unknown',
      'verify with a policy that names it',
    );
  const vkey = policyLogs(trust.policy).get(logId.keyId);
  if (vkey === undefined)
    return found(
      'unknown',
      `log ${logId.keyId} is not in ${trust.path}`,
      'log.unknown',
      'add its vkey under [[log]]',
    );
  const opened = await openCheckpoint(utf8(inclusionProof.checkpoint.envelope), vkey);
  if (opened.fault !== undefined) return found('fail', opened.fault, opened.code);
  return {
    ...found(
      'pass',
      `${vkey.name}, ${opened.value.checkpoint.size} entries; seen by no one else: proves no date`,
    ),
    relies_on: 'the log’s key, in your policy',
  };
}

function needs(id: string): Found {
  return found('skipped', `needs ${id}`);
}

const entryCheck = (result: Found): Check => ({
  id: 'log.entry',
  claim: 'The log’s entry is exactly this envelope.',
  relies_on: 'SHA-256',
  ...result,
});
const inclusionCheck = (result: Found): Check => ({
  id: 'log.inclusion',
  claim: 'The entry is in the tree that the checkpoint names.',
  relies_on: 'SHA-256 (RFC 6962)',
  ...result,
});
const checkpointCheck = (result: Found): Check => ({
  id: 'log.checkpoint',
  claim: 'A log that you know signed that checkpoint.',
  relies_on: 'your policy',
  ...result,
});
