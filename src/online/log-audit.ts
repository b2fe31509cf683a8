/**
 * The monitor: follows a log from the last checkpoint that was seen of it to the one that it shows now. The new one must
 * extend the old one; every entry in between is read and hashed, every tile over them made again, and the root compared with
 * the signed one. A log that shows two people different trees is found out once they compare what they have seen; a log that
 * contradicts what it showed here is found out at once, and what proves it is kept.
 *
 * O(n) in the new entries; it holds a few entry bundles, and of the tree its right edge.
 */

import '../store/native-sha256.ts';
import { type Bytes, equalBytes, utf8 } from '../core/bytes.ts';
import { QpoeError } from '../core/error.ts';
import { printable } from '../core/printable.ts';
import { type Checkpoint, openCheckpoint } from '../tlog/checkpoint.ts';
import type { Fault } from '../tlog/fault.ts';
import type { HashedRekord } from '../tlog/hashedrekord.ts';
import { parseNote } from '../tlog/note.ts';
import type { Vkey } from '../tlog/vkey.ts';
import { extendSeen } from './log-audit-consistency.ts';
import { type Checked, checkEntries } from './log-audit-entries.ts';
import { type AuditedLog, openSource } from './log-audit-source.ts';

export interface AuditOptions {
  /** The log's key. */
  readonly vkey: Vkey;
  /** The last checkpoint that was seen of this log, a signed note. Without one the whole log is read. */
  readonly seen?: Uint8Array | undefined;
  /** SPKIs of P-256 keys whose entries are looked for. */
  readonly ownKeys: readonly Bytes[];
  /**
   * Whether the owner of those keys knows of this entry: by its digest and key. Of a signature (r, s) anyone can make the
   * equally valid (r, n−s), and enter that.
   */
  readonly isKnown: (entry: HashedRekord) => boolean;
  readonly signal?: AbortSignal;
  /** Is told how many of the new entries are checked, and of how many. */
  readonly report?: (entries: number, of: number) => void;
  /** For each request. */
  readonly timeoutMs?: number;
}

export interface Audit {
  /** The log's checkpoint as it came, a signed note: the one to give as `seen` next time, where there is no fault. */
  readonly note: Bytes;
  /** What it says; undefined where the log's key did not sign it. */
  readonly checkpoint: Checkpoint | undefined;
  /** New entries that were read and hashed. */
  readonly entries: number;
  readonly fault: AuditFault | undefined;
  /** Entries that name one of the keys, and that no one here knows of: the first thousand. */
  readonly strangers: readonly Stranger[];
  readonly strangerCount: number;
}

/**
 * - `audit.checkpoint`: the log's key did not sign what it shows
 * - `audit.fork`: the log's key signed two trees, and the evidence proves it to anyone
 * - `audit.rollback`: it shows an older tree than it did; an old copy, or the start of another branch
 * - `audit.tile`, `audit.entries`, `audit.root`: what it shows is not what it signed
 */
interface AuditFault extends Fault {
  readonly evidence: Evidence;
}

export interface Evidence {
  /** Signed notes. */
  readonly seen: Uint8Array | undefined;
  readonly shown: Uint8Array;
  /** From the tree of the old size and this root to the one that the log shows: one that it did not show before. */
  readonly consistency?: { readonly oldRoot: Uint8Array; readonly hashes: readonly Uint8Array[] };
  /** Files of the log as they came. */
  readonly files: readonly { readonly path: string; readonly bytes: Uint8Array }[];
}

export interface Stranger {
  readonly index: number;
  readonly entry: Uint8Array;
  /** Whether the named key really signed it. A log that checks nothing takes an entry in anyone's name. */
  readonly signed: boolean;
  /** What it says, where it can be read. */
  readonly rekord: HashedRekord | undefined;
}

/** A fault as a step of the audit finds it. */
export interface FoundFault extends Fault {
  readonly evidence?: Partial<Evidence>;
}

/** @throws QpoeError where the log can't be reached, or `seen` is no checkpoint of it. What the log shows never throws. */
export async function auditLog(log: AuditedLog, options: AuditOptions): Promise<Audit> {
  const { vkey, signal, timeoutMs } = options;
  const seen = await openSeen(options);
  const source = openSource(log, signal, timeoutMs);
  const note = await source.checkpoint();
  const end = (checkpoint: Checkpoint | undefined, { bad, ...found }: Checked): Audit => ({
    note,
    checkpoint,
    fault: bad && {
      ...bad,
      evidence: { seen: seen && options.seen!, shown: note, files: [], ...bad.evidence },
    },
    ...found,
  });
  const opened = await openCheckpoint(note, vkey);
  if (opened.fault !== undefined) {
    if ('url' in log) refuseOther(note, vkey, log.url);
    return end(undefined, nothingChecked({ fault: opened.fault, code: 'audit.checkpoint' }));
  }
  const { checkpoint } = opened.value;
  const extended = await extendSeen(source, seen, checkpoint);
  if (extended.fault !== undefined) return end(checkpoint, nothingChecked(extended));
  return end(checkpoint, await checkEntries(source, extended.value, checkpoint, options));
}

/** Any web server answers something: what is no signed note, and does not begin as this log's does, accuses no log. */
function refuseOther(note: Bytes, { name }: Vkey, url: string): void {
  const origin = utf8(`${name}\n`);
  if (parseNote(note).fault === undefined || equalBytes(note.subarray(0, origin.length), origin)) return;
  throw new QpoeError(
    'external',
    `no log at ${printable(url)}: its checkpoint is no signed note`,
    'check the address',
  );
}

async function openSeen({ seen, vkey }: AuditOptions): Promise<Checkpoint | undefined> {
  if (seen === undefined) return undefined;
  const opened = await openCheckpoint(seen, vkey);
  if (opened.fault !== undefined)
    throw new QpoeError('usage', `the checkpoint that was seen last is not of this log: ${opened.fault}`);
  return opened.value.checkpoint;
}

function nothingChecked(bad: FoundFault): Checked {
  return { bad, entries: 0, strangers: [], strangerCount: 0 };
}
