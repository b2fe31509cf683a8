/**
 * That a transparency log holds exactly this envelope (docs/format.md). A log entry is bound to nothing by lying in
 * a bundle: digest, signature, key, index, root and size are each compared with what was proven, because every one of them has
 * been left unbound by some verifier before.
 */

import type { LogEntry } from '../attest/log-entry.ts';
import type { RekorLog } from '../attest/trusted-root.ts';
import { toBase64, utf8 } from '../core/bytes.ts';
import { count } from '../core/count.ts';
import { ed25519Spki } from '../core/spki.ts';
import { formatTime } from '../core/time.ts';
import type { TransparencyEntry } from '../record/binding.ts';
import { collectCosignatures, quorumTime } from '../tlog/cosignature.ts';
import { parseNote } from '../tlog/note.ts';
import { hashVkey, parseVkey, type Vkey } from '../tlog/vkey.ts';
import { boundEntryOf } from './bound-entry.ts';
import { type Check, type Found, found, makeCheck } from './check.ts';
import type { Policy } from './policy.ts';
import type { LoggedEnvelope } from './rekor-body.ts';
import { judgeRekorEntry } from './rekor-checks.ts';
import type { Trust } from './trust.ts';
import { describeTime, type TrustedTime } from './trusted-time.ts';

/** A log of the policy's, and whom it asks to have seen it. */
export interface PolicyLog {
  readonly vkey: Vkey;
  readonly witnesses: readonly Vkey[];
  /** Of the witnesses; all where the policy doesn't say. */
  readonly quorum: number;
}

const logs = new WeakMap<Policy, ReadonlyMap<string, PolicyLog>>();

/** The policy's tile logs, by base64 of the whole hash of their key: Sigstore's `logId.keyId`. */
export function policyLogs(policy: Policy): ReadonlyMap<string, PolicyLog> {
  let known = logs.get(policy);
  if (known === undefined) {
    known = new Map((policy.log ?? []).flatMap(readPolicyLog));
    logs.set(policy, known);
  }
  return known;
}

function readPolicyLog({
  vkey: text,
  witnesses = [],
  quorum,
}: NonNullable<Policy['log']>[number]): [string, PolicyLog][] {
  if (text === undefined) return [];
  const vkey = parseVkey(text).value!;
  const log = { vkey, witnesses: witnesses.map((witness) => parseVkey(witness).value!) };
  return [[toBase64(hashVkey(vkey)), { ...log, quorum: quorum ?? log.witnesses.length }]];
}

export interface CheckedLogs {
  /** Three an entry, and `log.witnesses` where the policy names some for its log. */
  readonly checks: readonly Check[];
  readonly times: readonly TrustedTime[];
  readonly heads?: readonly LogHead[];
  readonly entries?: readonly NamedEntry[];
}

/** An entry as bindings name it. */
export interface NamedEntry {
  readonly entry: TransparencyEntry;
  /** Whether it is this very envelope's, in a tree that a known log signed. */
  readonly proven: boolean;
}

/** A tree that a known log signed. */
export interface LogHead {
  /** base64 of the whole hash of the log's key. */
  readonly log: string;
  /** As the checkpoint has it. */
  readonly origin: string;
  /** Of the entry that was proven to be in it. */
  readonly index: number;
  readonly size: string;
  readonly root: string;
}

/** Two trees of one size are two logs: each reviewer is shown one of them. Undefined where all agree. */
function findForkedLog(heads: readonly LogHead[]): LogHead | undefined {
  const roots = new Map<string, string>();
  return heads.find(({ log, size, root }) => {
    const known = roots.get(`${log} ${size}`) ?? root;
    roots.set(`${log} ${size}`, known);
    return known !== root;
  });
}

/**
 * An entry that stands twice counts once.
 * @param rekors the logs of the trusted roots that the policy names
 * @param time by when others than the log say that the signature existed
 */
export async function checkLogEntries(
  entries: readonly LogEntry[],
  logged: LoggedEnvelope,
  trust: Trust,
  rekors: readonly RekorLog[],
  time?: TrustedTime,
): Promise<CheckedLogs> {
  const distinct = [...new Map(entries.map((entry) => [JSON.stringify(entry), entry])).values()];
  const checked = await Promise.all(
    distinct.map((entry) => checkLogEntry(entry, logged, trust, rekors, time)),
  );
  const heads = checked.flatMap((one) => one.heads ?? []);
  return {
    checks: [...checked.flatMap(({ checks }) => checks), ...consistencyCheck(heads)],
    times: checked.flatMap(({ times }) => times),
    heads,
    entries: checked.flatMap((one) => one.entries ?? []),
  };
}

async function checkLogEntry(
  entry: LogEntry,
  logged: LoggedEnvelope,
  trust: Trust,
  rekors: readonly RekorLog[],
  time: TrustedTime | undefined,
): Promise<CheckedLogs> {
  const own = trust.kind === 'policy' ? policyLogs(trust.policy).get(entry.logId.keyId) : undefined;
  const known = own === undefined ? rekors : [asRekor(own.vkey)];
  const {
    entry: bound,
    inclusion,
    checkpoint,
    log,
    integrated,
  } = await judgeRekorEntry(entry, logged, known);
  const window =
    log === undefined || integrated !== undefined ? checkpoint : checkWindow(checkpoint, log, time);
  const witnessed = log === undefined || own === undefined ? undefined : await judgeWitnesses(entry, own);
  const checks = [
    entryCheck(bound),
    inclusionCheck(inclusion),
    checkpointCheck(own === undefined ? window : sayWhoSaw(checkpoint, entry, own)),
    ...(witnessed === undefined ? [] : [witnessCheck(witnessed.found)]),
  ];
  const times = [
    ...(integrated === undefined ? [] : [{ ms: integrated, source: `the log ${log!.host}` }]),
    ...(witnessed?.time === undefined ? [] : [witnessed.time]),
  ];
  const proven = [bound, inclusion, window].every(({ status }) => status === 'pass');
  return {
    checks,
    times,
    heads: log === undefined ? [] : [headOf(entry)],
    entries: [{ entry: boundEntryOf(entry), proven }],
  };
}

/** Of a log without a clock: a key that its root gives up is good for what is known to be older. */
function checkWindow(checkpoint: Found, { host, end }: RekorLog, time: TrustedTime | undefined): Found {
  if (!Number.isFinite(end) || (time !== undefined && time.ms <= end)) return checkpoint;
  const until = `the key of ${host} was valid until ${formatTime(end)}`;
  return time === undefined
    ? found('unknown', `${until}, and nothing here proves a time`, 'log.window')
    : found('fail', `${until}, and this existed by ${formatTime(time.ms)}`, 'log.window');
}

function headOf({ logId, inclusionProof }: LogEntry): LogHead {
  const { treeSize, rootHash, logIndex, checkpoint } = inclusionProof;
  const [origin = ''] = checkpoint.envelope.split('\n', 1);
  return { log: logId.keyId, origin, index: Number(logIndex), size: treeSize, root: rootHash };
}

/** A tile log of the policy's, as Sigstore describes logs: an entry of either is judged by the same code. */
export function asRekor(vkey: Vkey): RekorLog {
  return {
    keyId: hashVkey(vkey),
    baseUrl: `https://${vkey.name}`,
    host: vkey.name,
    publicKey: ed25519Spki(vkey.publicKey),
    algorithm: 'ed25519',
    start: Number.NEGATIVE_INFINITY,
    end: Number.POSITIVE_INFINITY,
  };
}

function sayWhoSaw(checkpoint: Found, { inclusionProof }: LogEntry, { vkey, witnesses }: PolicyLog): Found {
  if (checkpoint.status !== 'pass') return checkpoint;
  const seen =
    witnesses.length > 0 ? 'its witnesses are judged apart' : 'seen by no one else: proves no date';
  return {
    ...checkpoint,
    evidence: `${vkey.name}, ${count(Number(inclusionProof.treeSize), 'entry', 'entries')}; ${seen}`,
    relies_on: 'the log’s key, in your policy',
  };
}

interface Witnessed {
  readonly found: Found;
  /** When the quorum was reached. */
  readonly time?: TrustedTime;
}

/** Nothing where the policy names no witness of the log. @param entry whose checkpoint the log signed */
async function judgeWitnesses(entry: LogEntry, log: PolicyLog): Promise<Witnessed | undefined> {
  const { vkey, witnesses, quorum } = log;
  if (witnesses.length === 0) return undefined;
  const note = parseNote(utf8(entry.inclusionProof.checkpoint.envelope)).value!;
  const { cosigned, faults } = await collectCosignatures(note, witnesses);
  const [fault] = faults;
  if (fault !== undefined) return { found: found('fail', fault.fault, fault.code) };
  const seconds = quorumTime(
    cosigned.map(({ time }) => time),
    quorum,
  );
  const names = cosigned.map(({ vkey: { name } }) => name).join(', ');
  if (seconds === undefined)
    return {
      found: found(
        'unknown',
        `${cosigned.length} of the quorum of ${quorum}${names === '' ? '' : `: ${names}`}`,
        'witnesses.quorum',
      ),
    };
  const time = {
    ms: seconds * 1000,
    source: `${quorum === 1 ? 'a witness' : `${quorum} witnesses`} of ${vkey.name}`,
  };
  return { found: found('pass', `${names}; ${describeTime(time)}`), time };
}

const entryCheck = (result: Found): Check => makeCheck('log.entry', 'SHA-256', result);
const inclusionCheck = (result: Found): Check => makeCheck('log.inclusion', 'SHA-256 (RFC 6962)', result);
const checkpointCheck = (result: Found): Check => makeCheck('log.checkpoint', 'your policy', result);
const witnessCheck = (result: Found): Check =>
  makeCheck('log.witnesses', 'the witnesses in your policy, and their clocks', result);

/** Only where it fails: that two trees agree shows nothing beyond their own checks. */
export function consistencyCheck(heads: readonly LogHead[]): Check[] {
  const forked = findForkedLog(heads);
  if (forked === undefined) return [];
  return [
    makeCheck(
      'log.consistency',
      'SHA-256 (RFC 6962)',
      found('fail', `log ${forked.log} signed two trees of ${forked.size} entries`, 'log.fork'),
    ),
  ];
}
