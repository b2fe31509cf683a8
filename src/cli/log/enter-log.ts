/** Entering statements into the store's own log, and the proof of it into their files. */

import { pae } from '../../attest/dsse.ts';
import { formatLogEntry, type LogEntry } from '../../attest/log-entry.ts';
import { isSigstoreBundle, type KeyedEnvelope, readSigstoreBundle } from '../../attest/sigstore-bundle.ts';
import { type Bytes, fromBase64, fromUtf8, toBase64 } from '../../core/bytes.ts';
import { sha256 } from '../../core/digest.ts';
import { QpoeError } from '../../core/error.ts';
import { canonicalText } from '../../core/jcs.ts';
import { JsonError, type JsonObject, type JsonValue, parseJsonBytes, WRAPPED } from '../../core/json.ts';
import { verifyP256 } from '../../core/p256.ts';
import { lookAt, readBounded, writeAtomic } from '../../store/files.ts';
import { createLog, hasLog, type LogPlace, type OpenLog, openLog, readOrigin } from '../../store/log.ts';
import { appendToLog } from '../../store/log-append.ts';
import { logVkeys } from '../../store/log-key.ts';
import { boundOrigin } from '../../store/log-origin.ts';
import { proveInclusion, readCheckpoint } from '../../store/log-read.ts';
import type { KeptStatement } from '../../store/statements.ts';
import type { Store } from '../../store/store.ts';
import { trustOwnLog } from '../../store/trust-log.ts';
import { parseCheckpoint } from '../../tlog/checkpoint.ts';
import { formatHashedRekord } from '../../tlog/hashedrekord.ts';
import { findInclusionFault, leafHash } from '../../tlog/merkle.ts';
import { parseNote } from '../../tlog/note.ts';
import { formatVkey, hashVkey } from '../../tlog/vkey.ts';
import { asRekor } from '../../verify/log-checks.ts';
import { judgeRekorEntry } from '../../verify/rekor-checks.ts';
import { type Context, readPassphrase } from '../context.ts';
import { logFolder } from './log-place.ts';

/** The store's log, made the first time that anything is entered. */
export function openOwnLog({ home, environment, note }: Context, store: Store): OpenLog {
  const place = { path: logFolder(store), home, passphrase: readPassphrase(environment) };
  const existed = hasLog(place.path);
  const log = existed ? openLog(place) : createOrOpen(place);
  if (!existed) note(`made your log ${log.vkey.name} in ${log.path}`);
  // Also of a log without an entry: whoever made it may have been stopped before this.
  if (isEmpty(log.path) && trustOwnLog(home, log.vkey))
    note(`  ${home.policy} trusts its key: ${formatVkey(log.vkey)}`);
  return log;
}

function createOrOpen(place: LogPlace): OpenLog {
  try {
    return createLog(place);
  } catch (error) {
    // Another run was first: its log is the one.
    if (!hasLog(place.path)) throw error;
    return openLog(place);
  }
}

function isEmpty(folder: string): boolean {
  return sizeOf(readCheckpoint(folder)) === 0;
}

/** A statement's file, and what a log takes of it. */
export interface Enterable {
  readonly path: string;
  readonly bundle: JsonObject;
  readonly envelope: KeyedEnvelope;
  /** The log entries that it carries already. */
  readonly entries: readonly LogEntry[];
  /** The time stamps that it carries already. */
  readonly stamps: readonly Bytes[];
}

/** @throws QpoeError where the file is no envelope by a bare key */
export function readEnterable(path: string): Enterable {
  const bundle = readJson(path);
  const { value, fault } = isSigstoreBundle(bundle)
    ? readSigstoreBundle(bundle)
    : { fault: 'not a Sigstore bundle' };
  if (value?.kind !== 'keyed')
    throw new QpoeError(
      'usage',
      `${path}: ${fault ?? 'signed by a certificate, which a log of its own holds'}`,
      'give a P-256 statement, as `qpoe run` and `qpoe attest` make them',
    );
  const { envelope, tlogEntries: entries, stamps } = value;
  return { path, bundle: bundle as JsonObject, envelope, entries, stamps };
}

function readJson(path: string): JsonValue {
  try {
    return parseJsonBytes(readBounded(path, WRAPPED.bytes), WRAPPED);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new QpoeError('usage', `${path}: ${error.message}`, 'give a statement');
  }
}

/** A store may be shared: its log is appended to from the one home that has the log's key. */
function isAnothers({ home }: Context, store: Store): boolean {
  const folder = logFolder(store);
  if (!hasLog(folder)) return false;
  // Whose it is says the store, also where the checkpoint is damaged, which is for the log's own home to say.
  const origin = boundOrigin(folder) ?? readOrigin(folder);
  return !logVkeys(home).some(({ name }) => name === origin);
}

/**
 * Enters what was just signed, of which a log takes the P-256 envelope. The statements stand by now: a log that can't take
 * them costs none.
 */
export async function enterKept(
  context: Context,
  store: Store,
  kept: readonly KeptStatement[],
): Promise<Entered | undefined> {
  return (await enterAllKept(context, store, kept))[0];
}

/** The same for those of many records: the disk is waited for once. */
export async function enterAllKept(
  context: Context,
  store: Store,
  kept: readonly KeptStatement[],
): Promise<readonly Entered[]> {
  const statements = kept.filter(({ algorithm }) => algorithm === 'p256');
  const [first] = statements;
  if (first === undefined) return [];
  if (isAnothers(context, store)) {
    context.note('not logged: the key of this store’s log is in another home');
    return [];
  }
  try {
    const log = openOwnLog(context, store);
    return await enterStatements(
      log,
      statements.map(({ path, spki }) => ({ ...readEnterable(path), spki: spki! })),
    );
  } catch (error) {
    if (!(error instanceof QpoeError)) throw error;
    const mend = error.hint === undefined ? '' : `${error.hint}; `;
    const hint = `${mend}the statements are kept; once that is mended: qpoe log append ${first.path}`;
    throw new QpoeError(error.code, error.message, hint, { cause: error });
  }
}

/** A statement with the key that signed it. */
export interface Signed extends Enterable {
  readonly spki: Bytes;
}

export interface Entered {
  readonly path: string;
  /** The log's origin. */
  readonly log: string;
  readonly index: number;
  readonly existed: boolean;
}

/**
 * Durable in the log when it resolves, and then in each file: an interruption between the two is taken up by entering the
 * file again, which the log answers with the same index.
 * @param statements with the key that signed each
 */
export async function enterStatements(
  log: OpenLog,
  statements: readonly Signed[],
): Promise<readonly Entered[]> {
  for (const { path, envelope, spki } of statements)
    if (!(await verifyP256(spki, envelope.signature, pae(envelope.payloadType, envelope.payload))))
      throw new QpoeError('refused', `${path} does not hold that key's signature`, 'nothing was entered');
  const entries = statements.map(({ envelope, spki }) =>
    formatHashedRekord({
      digest: sha256(pae(envelope.payloadType, envelope.payload)),
      signature: envelope.signature,
      publicKey: spki,
    }),
  );
  const { indexes, checkpoint } = await appendToLog(log, entries);
  const entered: Entered[] = [];
  for (const [at, statement] of statements.entries()) {
    const { index, existed } = indexes[at]!;
    // The earliest proof is the one worth keeping: a later one dates it later.
    if (!(await isLogged(log, statement)))
      writeProof(log, statement, { index, body: entries[at]!, checkpoint });
    entered.push({ path: statement.path, log: log.vkey.name, index, existed });
  }
  return entered;
}

/** Whether a file holds a proof by this log that holds: one that was damaged is written anew. */
async function isLogged({ vkey }: OpenLog, { entries, envelope, spki }: Signed): Promise<boolean> {
  for (const entry of entries) {
    if (entry.logId.keyId !== toBase64(hashVkey(vkey))) continue;
    const verdict = await judgeRekorEntry(entry, { envelope, spki }, [asRekor(vkey)]);
    if (verdict.log !== undefined) return true;
  }
  return false;
}

/**
 * Puts a proof at this checkpoint in the place of one that fewer have seen.
 * @returns whether it did: not where the checkpoint doesn't cover the entry, or the file has another proof by now
 */
export function proveAgain(log: OpenLog, statement: Enterable, entry: LogEntry, checkpoint: Bytes): boolean {
  const index = Number(entry.logIndex);
  if (index >= sizeOf(checkpoint)) return false;
  return writeProof(log, statement, { index, body: fromBase64(entry.canonicalizedBody)!, checkpoint });
}

function sizeOf(checkpoint: Bytes): number {
  return parseCheckpoint(parseNote(checkpoint).value!.text).value!.size;
}

/** @returns whether it was written: not where the proof by this log isn't the one that was read */
function writeProof(
  log: OpenLog,
  statement: Enterable,
  { index, body, checkpoint }: { readonly index: number; readonly body: Bytes; readonly checkpoint: Bytes },
): boolean {
  const { size, root } = parseCheckpoint(parseNote(checkpoint).value!.text).value!;
  const hashes = proveInclusion(log.path, index, size);
  // What the tiles say is believed where it leads to the root that was signed.
  const fault = findInclusionFault({ leaf: leafHash(body), index, size, root }, hashes);
  if (fault !== undefined)
    throw new QpoeError(
      'refused',
      `${log.path}: ${fault.fault}`,
      '`qpoe log fsck` checks every file of the log',
    );
  const entry = formatLogEntry({
    logId: hashVkey(log.vkey),
    index,
    size,
    root,
    hashes,
    checkpoint: fromUtf8(checkpoint)!,
    body,
  });
  const isOwn = ({ logId }: LogEntry) => logId.keyId === entry.logId.keyId;
  const proofs = ({ entries }: Enterable) => JSON.stringify(entries.filter(isOwn));
  return amendMaterial(statement, (now) => {
    // What another run wrote since may be seen by more, and earlier.
    if (proofs(now) !== proofs(statement)) return undefined;
    const others = now.entries.filter((other) => !isOwn(other));
    return { tlogEntries: [...others, entry] as unknown as JsonValue };
  });
}

/**
 * Changes what stands beside the envelope, and nothing else of a statement's file. The file is read again: others may have
 * written to it since `statement` was read. Nothing is awaited between that and the writing.
 * @param change the members that change, of the statement as it is now; undefined to leave it as it is
 * @returns whether it was written
 */
export function amendMaterial(
  { path, bundle }: Enterable,
  change: (now: Enterable) => JsonObject | undefined,
): boolean {
  const stats = lookAt(path);
  if (stats?.isSymbolicLink())
    throw new QpoeError('unsafe', `${path} is a link`, 'name the statement itself');
  const now = readEnterable(path);
  if (canonicalText(now.bundle.dsseEnvelope!) !== canonicalText(bundle.dsseEnvelope!))
    throw new QpoeError('refused', `${path} was changed meanwhile`, 'run it again');
  const changed = change(now);
  if (changed === undefined) return false;
  const material = { ...(now.bundle.verificationMaterial as JsonObject), ...changed };
  const text = `${JSON.stringify({ ...now.bundle, verificationMaterial: material })}\n`;
  writeAtomic(path, Buffer.from(text), stats === undefined ? undefined : stats.mode & 0o777);
  return true;
}
