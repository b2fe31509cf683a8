/** One Sigstore bundle, judged: who signed, what it says, and which logs hold it. Alone in a file, or in an evidence bundle. */

import type { LogEntry } from '../attest/log-entry.ts';
import { type Receipts, readReceipts } from '../attest/read-receipts.ts';
import { isReceiptStatementLike } from '../attest/receipt-statement.ts';
import { readSigstoreBundle, type SigstoreBundle } from '../attest/sigstore-bundle.ts';
import { IN_TOTO_PAYLOAD, readStatement } from '../attest/statement.ts';
import type { RekorLog } from '../attest/trusted-root.ts';
import { type Bytes, equalBytes } from '../core/bytes.ts';
import type { Digest } from '../core/digest.ts';
import { RECORD_PREDICATE } from '../core/identifiers.ts';
import { canonicalBytes } from '../core/jcs.ts';
import { type JsonObject, parseJsonBytes, WRAPPED } from '../core/json.ts';
import type { ExecutionRecord } from '../record/schema.ts';
import { boundEntryOf } from './bound-entry.ts';
import { type Check, type Found, found } from './check.ts';
import type { JudgeKeyless } from './keyless.ts';
import { type CheckedLogs, checkLogEntries, type LogHead, type NamedEntry } from './log-checks.ts';
import { receiptChecks } from './receipt-checks.ts';
import { judgeCertificate, judgeEnvelope, type Signed } from './signatories.ts';
import { checkStamps } from './stamp-checks.ts';
import { checkForeign, checkStated, statementCheck } from './statement-checks.ts';
import type { JudgeTimestamp } from './timestamps.ts';
import type { Trust } from './trust.ts';
import { earliest, type TrustedTime } from './trusted-time.ts';

export interface JudgedStatement {
  readonly form: 'keyed' | 'keyless';
  /** `unread`: its signature doesn't hold or can't be judged, and nothing of it was looked at. */
  readonly about: 'record' | 'receipt' | 'other' | 'unread';
  readonly signed: Signed;
  /** What was signed, where the signature holds. */
  readonly payload?: Bytes;
  /** The record whose core was stated, where exactly that was signed, and is a record that someone signed. */
  readonly record?: ExecutionRecord;
  /** The hash of the core that a record's statement carries, whatever else is wrong with it. */
  readonly stated?: Digest;
  readonly receipts?: Receipts;
  /** By when others say that it existed. */
  readonly times: readonly TrustedTime[];
  /** The trees that logs signed for it. */
  readonly heads: readonly LogHead[];
  /** The logs' entries that came with it. */
  readonly entries: readonly NamedEntry[];
  /** `statement.*` or `receipt.*`, then `log.*` and `time.stamp`. */
  readonly checks: readonly Check[];
}

export type Judged =
  | { readonly value: JudgedStatement; readonly fault?: never; readonly code?: never }
  | { readonly fault: string; readonly code: string; readonly value?: never };

/** @param value for which `isSigstoreBundle` holds, and whose signature is over its own envelope */
export async function judgeStatement(
  value: JsonObject,
  trust: Trust,
  means: StatementMeans,
  stampsElsewhere: StampsOver = () => [],
): Promise<Judged> {
  const { value: bundle, fault, code } = readSigstoreBundle(value);
  if (fault !== undefined) return { fault, code };
  if (bundle.kind === 'keyed-file' || bundle.envelope === undefined)
    return { fault: 'it signs a file that lies elsewhere', code: 'statement.detached' };
  const signed =
    bundle.kind === 'keyed'
      ? await judgeEnvelope(bundle.envelope, trust)
      : await judgeCertificate(value, undefined, trust, means.keyless);
  if (signed.signature.status !== 'pass') return { value: unread(bundle.kind, signed) };
  const {
    checks: dated,
    times,
    heads = [],
    entries = [],
  } = await judgeTimes(bundle, signed, trust, means, stampsElsewhere);
  const judged = judgePayload(bundle.envelope, signed, bundle.kind === 'keyed', earliest(times));
  return {
    value: { ...judged, form: bundle.kind, times, heads, entries, checks: [...judged.checks, ...dated] },
  };
}

/** Outside of the bundle: time stamps over a signature. */
export type StampsOver = (signature: Bytes) => readonly Bytes[];

/** What lies outside the file and the pure code, where someone handed it in. */
export interface StatementMeans {
  /** Sigstore's own verifier, which runs in Node only. */
  readonly keyless?: JudgeKeyless | undefined;
  /** A verifier of time stamps, which runs in Node only. */
  readonly timestamps?: JudgeTimestamp | undefined;
  /** The logs of the trusted roots that the policy names. */
  readonly rekors?: readonly RekorLog[] | undefined;
}

type EnvelopeBundle = Exclude<SigstoreBundle, { readonly kind: 'keyed-file' }>;

/** Of a keyless bundle Sigstore's verifier has judged log and clock too. */
async function judgeTimes(
  bundle: EnvelopeBundle,
  { key, times = [] }: Signed,
  trust: Trust,
  { rekors = [], timestamps }: StatementMeans,
  stampsElsewhere: StampsOver,
): Promise<CheckedLogs> {
  if (bundle.kind !== 'keyed') return { checks: [], times, entries: bundle.tlogEntries.map(certified) };
  const { envelope, tlogEntries, stamps } = bundle;
  const over = [...stamps, ...stampsElsewhere(envelope.signature)];
  const stamped = await checkStamps(over, envelope.signature, trust, timestamps);
  const subject = { envelope, spki: key!.spki };
  const logged = await checkLogEntries(tlogEntries, subject, trust, rekors, earliest(stamped.times));
  return {
    checks: [...logged.checks, ...stamped.checks],
    times: [...logged.times, ...stamped.times],
    heads: logged.heads ?? [],
    entries: logged.entries ?? [],
  };
}

/**
 * An entry that Sigstore's verifier proved with the signature. It doesn't compare the outer index with the proof's, which nothing
 * but a promise signs.
 */
function certified(entry: LogEntry): NamedEntry {
  const { inclusionPromise, logIndex, inclusionProof } = entry;
  const proven = inclusionPromise !== undefined || logIndex === inclusionProof.logIndex;
  return { entry: boundEntryOf(entry), proven };
}

function unread(form: JudgedStatement['form'], signed: Signed): JudgedStatement {
  const needs = found('skipped', 'needs statement.signature');
  return {
    form,
    about: 'unread',
    signed,
    times: [],
    heads: [],
    entries: [],
    checks: stages(signed, needs, needs),
  };
}

function stages({ signature }: Signed, signer: Found, subject: Found): Check[] {
  return [
    statementCheck('signature', signature),
    statementCheck('signer', signer),
    statementCheck('subject', subject),
  ];
}

/** @param payload bytes whose signature holds */
function judgePayload(
  { payload, payloadType }: { readonly payload: Bytes; readonly payloadType: string },
  signed: Signed,
  keyed: boolean,
  time: TrustedTime | undefined,
): Omit<JudgedStatement, 'form' | 'times' | 'heads' | 'entries'> {
  const common = { signed, payload } as const;
  if (payloadType !== IN_TOTO_PAYLOAD) {
    const reason = `this program does not know payload type ${payloadType}`;
    const subject = found('unknown', reason, 'statement.payload-type');
    return { ...common, about: 'other', checks: stages(signed, signed.signer('record', time), subject) };
  }
  const read = readStatement(payload);
  if (read.value !== undefined && isReceiptStatementLike(read.value)) {
    const receipts = readReceipts(payload);
    // What we sign is canonical. A stranger's tool that signs by certificate may print as it likes.
    const canonical = !keyed || equalBytes(payload, canonicalBytes(parseJsonBytes(payload, WRAPPED)));
    const checks = [...receiptChecks(receipts, signed, time), ...(canonical ? [] : [notCanonical()])];
    return {
      ...common,
      about: 'receipt',
      checks,
      ...(receipts.value === undefined ? {} : { receipts: receipts.value }),
    };
  }
  const signer = signed.signer('record', time);
  if (read.value?.predicateType !== RECORD_PREDICATE)
    return { ...common, about: 'other', checks: stages(signed, signer, checkForeign(read)) };
  const { subject, record } = checkStated(payload, read.value);
  const exact = {
    ...(record === undefined ? {} : { stated: record.record.hash }),
    ...(record !== undefined && subject.status === 'pass' ? { record } : {}),
  };
  return { ...common, about: 'record', checks: stages(signed, signer, subject), ...exact };
}

function notCanonical(): Check {
  return statementCheck('subject', found('fail', 'the payload is not canonical JSON', 'statement.canonical'));
}
