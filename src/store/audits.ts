/**
 * What was seen of other people's logs: in the home, because it is what one trusts them by.
 *
 *     audits/<key>/checkpoint                 the last signed note that held, <key> by the hash of the log's key
 *     audits/<key>/not-made-here              entries in one's own name that one's store does not know, a line each:
 *                                               <index> signed|unsigned <what it says, or ->; and at the end, of how many
 *                                               there was no room for: more <n>
 *     audits/<key>/fault-<n>/seen, shown, …   what a log showed that it must not have
 *     audits/<key>/lock                       for who changes the first two
 */

import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { equalBytes, toBase64, toHex, utf8 } from '../core/bytes.ts';
import { QpoeError } from '../core/error.ts';
import { type Checkpoint, parseCheckpoint } from '../tlog/checkpoint.ts';
import { sameHash } from '../tlog/merkle.ts';
import { MAX_NOTE_BYTES, parseNote } from '../tlog/note.ts';
import { hashVkey, type Vkey } from '../tlog/vkey.ts';
import { enterFolder, fileError, lookAt, readOwn, writeAtomic } from './files.ts';
import { type Home, OTHERS_WRITE, refuseUnsafe } from './home.ts';
import { withLogLock } from './log-lock.ts';

/** Evidence of a fault. */
export interface FaultEvidence {
  readonly seen: Uint8Array | undefined;
  readonly shown: Uint8Array;
  readonly consistency?: { readonly oldRoot: Uint8Array; readonly hashes: readonly Uint8Array[] };
  readonly files: readonly { readonly path: string; readonly bytes: Uint8Array }[];
}

function auditFolder({ path }: Home, vkey: Vkey): string {
  return join(path, 'audits', toHex(hashVkey(vkey)).slice(0, 32));
}

export function readSeen(home: Home, vkey: Vkey): Uint8Array | undefined {
  const path = join(auditFolder(home, vkey), 'checkpoint');
  if (lookAt(path) === undefined) return undefined;
  for (const part of [home.path, dirname(path), path]) refuseUnsafe(part, OTHERS_WRITE);
  return readOwn(path, MAX_NOTE_BYTES);
}

/**
 * Keeps a note that was checked to extend `from`, which was the kept one when its audit began.
 *
 * @returns false where another audit has kept another tree since: the log is to be audited again, from that one on
 * @throws QpoeError `refused` where that is another tree of the same size
 */
export function keepSeen(home: Home, vkey: Vkey, from: Uint8Array | undefined, note: Uint8Array): boolean {
  const folder = openFolder(home, vkey);
  return withLogLock(folder, () => {
    const kept = readSeen(home, vkey);
    if (kept !== undefined && (from === undefined || !equalBytes(kept, from))) {
      const [before, after] = [openOwn(kept), openOwn(note)];
      if (before === undefined || after === undefined || before.size !== after.size) return false;
      if (sameHash(before.root, after.root)) return true;
      const evidence = keepFault(home, vkey, { seen: kept, shown: note, files: [] });
      throw new QpoeError(
        'refused',
        `${vkey.name} signed two roots for ${after.size} entries, and showed each to one of two audits`,
        `the evidence is kept in ${evidence}`,
      );
    }
    writeAtomic(join(folder, 'checkpoint'), note, 0o600);
    return true;
  });
}

/** What a note says whose signature was verified before. */
function openOwn(bytes: Uint8Array): Checkpoint | undefined {
  const { value: note } = parseNote(bytes);
  return note && parseCheckpoint(note.text).value;
}

/** Where the same lies already, that stays the one: an audit that is made every hour finds the same fault every hour. @returns the folder */
export function keepFault(home: Home, vkey: Vkey, evidence: FaultEvidence): string {
  const above = openFolder(home, vkey);
  const files = evidenceFiles(evidence);
  const numbers = readdirSync(above)
    .map((name) => Number(/^fault-([1-9]\d{0,8})$/.exec(name)?.[1] ?? 0))
    .filter((number) => number > 0)
    .sort((a, b) => a - b);
  const same = numbers.map((n) => join(above, `fault-${n}`)).find((folder) => holdsExactly(folder, files));
  if (same !== undefined) return same;
  const folder = makeNext(above, (numbers.at(-1) ?? 0) + 1);
  for (const [name, bytes] of files) writeAtomic(join(folder, name), bytes, 0o600);
  return folder;
}

function evidenceFiles({ seen, shown, consistency, files }: FaultEvidence): ReadonlyMap<string, Uint8Array> {
  return new Map([
    ...(seen === undefined ? [] : [['seen', seen] as const]),
    ['shown', shown],
    ...(consistency === undefined ? [] : [['consistency', utf8(consistencyText(consistency))] as const]),
    ...files.map(({ path, bytes }) => [path.replaceAll('/', '_'), bytes] as const),
  ]);
}

function holdsExactly(folder: string, files: ReadonlyMap<string, Uint8Array>): boolean {
  if (lookAt(folder)?.isDirectory() !== true || readdirSync(folder).length !== files.size) return false;
  return [...files].every(([name, bytes]) => {
    const stats = lookAt(join(folder, name));
    if (stats?.isFile() !== true || stats.size !== bytes.length) return false;
    return equalBytes(readOwn(join(folder, name), bytes.length), bytes);
  });
}

/** Never one that is there: another audit may keep its own evidence at the same time. */
function makeNext(above: string, number: number): string {
  const folder = join(above, `fault-${number}`);
  try {
    mkdirSync(folder, { mode: 0o755 });
    return folder;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST')
      throw fileError('external', 'make the folder', folder, error);
    return makeNext(above, number + 1);
  }
}

/** The old root, then the proof from it, a line each. */
function consistencyText({ oldRoot, hashes }: NonNullable<FaultEvidence['consistency']>): string {
  return [oldRoot, ...hashes].map((hash) => `${toBase64(hash)}\n`).join('');
}

function openFolder(home: Home, vkey: Vkey): string {
  const folder = auditFolder(home, vkey);
  for (const part of [home.path, dirname(folder), folder]) {
    enterFolder(part);
    refuseUnsafe(part, OTHERS_WRITE);
  }
  return folder;
}

const MAX_STRANGERS = 1000;
const MAX_STRANGERS_BYTES = 1_000_000;

/** An entry in one's own name that one did not make. */
interface KeptStranger {
  readonly index: number;
  readonly signed: boolean;
  /** What it says, as 64 hex digits that are the same for the same; undefined where that can't be read. */
  readonly says: string | undefined;
}

export interface Strangers {
  readonly listed: readonly KeptStranger[];
  /** How many there are beside those. */
  readonly more: number;
}

/**
 * Adds those that an audit found to those that were kept, and drops what is known by now.
 *
 * @param found with how many of the log's entries, from the first on, the audit read: of those there are no others
 * @returns those that are kept
 */
export function keepStrangers(
  home: Home,
  vkey: Vkey,
  found: Strangers & { readonly readAnew: number },
  isKnown: (says: string) => boolean,
): Strangers {
  const folder = openFolder(home, vkey);
  return withLogLock(folder, () => {
    const path = join(folder, 'not-made-here');
    const kept = lookAt(path) === undefined ? { listed: [], more: 0 } : readStrangers(path);
    // A larger tree may have been audited meanwhile.
    const beyond = kept.listed.filter(({ index }) => index >= found.readAnew);
    const byIndex = new Map([...beyond, ...found.listed].map((stranger) => [stranger.index, stranger]));
    const all = [...byIndex.values()]
      .filter(({ says }) => says === undefined || !isKnown(says))
      .sort((a, b) => a.index - b.index);
    const listed = all.slice(0, MAX_STRANGERS);
    const strangers = {
      listed,
      more: (found.readAnew > 0 ? 0 : kept.more) + found.more + all.length - listed.length,
    };
    if (all.length > 0 || strangers.more > 0) writeAtomic(path, utf8(strangersText(strangers)), 0o600);
    else rmSync(path, { force: true });
    return strangers;
  });
}

function strangersText({ listed, more }: Strangers): string {
  const lines = listed.map(
    ({ index, signed, says }) => `${index} ${signed ? 'signed' : 'unsigned'} ${says ?? '-'}\n`,
  );
  return lines.join('') + (more > 0 ? `more ${more}\n` : '');
}

const LINE =
  /^(?:(?<index>\d{1,15}) (?<by>signed|unsigned) (?:(?<says>[0-9a-f]{64})|-)|more (?<more>\d{1,15}))$/;

function readStrangers(path: string): Strangers {
  refuseUnsafe(path, OTHERS_WRITE);
  const text = readOwn(path, MAX_STRANGERS_BYTES).toString('latin1');
  const lines = text
    .split('\n')
    .slice(0, -1)
    .map((line) => LINE.exec(line)?.groups);
  if (!text.endsWith('\n') || lines.includes(undefined))
    throw new QpoeError(
      'refused',
      `${path} is damaged`,
      'take it away, and the checkpoint beside it: the next audit reads the whole log',
    );
  const listed = lines
    .filter((line) => line!.index !== undefined)
    .map((line) => ({ index: Number(line!.index), signed: line!.by === 'signed', says: line!.says }));
  return { listed, more: Number(lines.at(-1)!.more ?? 0) };
}
