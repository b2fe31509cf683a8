/**
 * The witness protocol (https://c2sp.org/tlog-witness): what is sent to a witness, and what a witness decides.
 *
 *     old 20852014\n                                          the size that the witness cosigned last
 *     PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n         the consistency proof from there, at most 63 hashes
 *     \n
 *     <checkpoint, with its signatures>
 *
 * A witness reads and authenticates without a lock. What it decides by its own record, and that record, must be one step:
 * between two of them it could cosign two trees.
 */

import { type Bytes, concatenate, fromBase64, fromUtf8, toBase64, utf8 } from '../core/bytes.ts';
import { type Checkpoint, parseCheckpoint, parseCount } from './checkpoint.ts';
import type { Fault, Read } from './fault.ts';
import { emptyRoot, findConsistencyFault, HASH_BYTES } from './merkle.ts';
import { type Note, type NoteSignature, parseNote, verifyNote } from './note.ts';
import { ed25519Verifier, type Vkey } from './vkey.ts';

export interface AddCheckpoint {
  readonly oldSize: number;
  readonly proof: readonly Uint8Array[];
  /** A signed note. */
  readonly checkpoint: Uint8Array;
}

const MAX_HASHES = 63;
/** Of the body that a 409 has. */
export const TREE_SIZE_TYPE = 'text/x.tlog.size';

export function formatAddCheckpoint({ oldSize, proof, checkpoint }: AddCheckpoint): Bytes {
  const head = [`old ${oldSize}`, ...proof.map(toBase64), '\n'].join('\n');
  return concatenate([utf8(head), checkpoint]);
}

export function parseAddCheckpoint(body: Uint8Array): Read<AddCheckpoint> {
  const text = fromUtf8(body);
  if (text === undefined) return malformed('is not UTF-8', 'utf8');
  const blank = text.indexOf('\n\n');
  if (blank < 0) return malformed('has no checkpoint', 'syntax');
  const [old = '', ...lines] = text.slice(0, blank).split('\n');
  const oldSize = old.startsWith('old ') ? parseCount(old.slice('old '.length)) : undefined;
  if (oldSize === undefined) return malformed('has no old size from 0 to 2^53−1', 'old');
  if (lines.length > MAX_HASHES) return malformed(`has more than ${MAX_HASHES} hashes`, 'count');
  const proof = lines.map(fromBase64);
  if (!proof.every((hash) => hash?.length === HASH_BYTES))
    return malformed('has a line that is no hash', 'hash');
  return { value: { oldSize, proof: proof as Bytes[], checkpoint: utf8(text.slice(blank + 2)) } };
}

/** The size in a 409's body: a decimal and a newline. */
export function parseTreeSize(body: Uint8Array): number | undefined {
  const text = fromUtf8(body);
  return text?.endsWith('\n') ? parseCount(text.slice(0, -1)) : undefined;
}

/** Why a witness does not cosign, as the protocol says it. */
export interface Refusal extends Fault {
  readonly status: 400 | 403 | 404 | 409 | 422;
  /** With 409: the size that was cosigned last. */
  readonly size?: number;
}

/** What a log that is known here asks to have cosigned. */
export interface Submission {
  readonly checkpoint: Checkpoint;
  /** Of the note, exactly what is cosigned. */
  readonly text: string;
  /** One of each of the log's own keys; who else signed is no concern of a witness. */
  readonly signatures: readonly NoteSignature[];
  readonly oldSize: number;
  readonly proof: readonly Uint8Array[];
}

type Opened =
  | { readonly value: Submission; readonly status?: never }
  | ({ readonly value?: never } & Refusal);

/** @param logs the keys of every known log; a log's name is its origin, and it may have several keys */
export async function openSubmission(body: Uint8Array, logs: readonly Vkey[]): Promise<Opened> {
  const request = parseAddCheckpoint(body);
  if (request.fault !== undefined) return { status: 400, ...request };
  const { oldSize, proof, checkpoint: bytes } = request.value;
  const note = parseNote(bytes);
  if (note.fault !== undefined) return { status: 400, ...note };
  const signatures = await verifyLog(note.value, logs);
  if ('status' in signatures) return signatures;
  const { text } = note.value;
  const read = parseCheckpoint(text);
  // The protocol has a status of its own for an empty tree with another root.
  if (read.fault !== undefined) return { status: read.code === 'checkpoint.root' ? 422 : 400, ...read };
  const checkpoint = read.value;
  if (oldSize > checkpoint.size)
    return {
      status: 400,
      fault: `the old size ${oldSize} is more than the checkpoint's ${checkpoint.size}`,
      code: 'witness.old-size',
    };
  return { value: { checkpoint, text, signatures, oldSize, proof } };
}

/** A line of each of the origin's own keys, where all of theirs hold. */
async function verifyLog(note: Note, logs: readonly Vkey[]): Promise<readonly NoteSignature[] | Refusal> {
  const origin = note.text.split('\n', 1)[0]!;
  const keys = logs.filter(({ name }) => name === origin).map(ed25519Verifier);
  if (keys.length === 0)
    return { status: 404, fault: 'the origin is of no log that is known here', code: 'witness.origin' };
  const verified = await verifyNote(note, keys);
  if (verified.fault !== undefined) return { status: 403, ...verified };
  if (verified.value.size === 0)
    return { status: 403, fault: 'no known key of the log signed the checkpoint', code: 'witness.unsigned' };
  return [...verified.value].map(([{ name, keyId }, lines]) => ({ name, keyId, signature: lines[0]! }));
}

/** What a witness cosigned last for an origin: the empty tree, before anything. */
export type Recorded = Pick<Checkpoint, 'size' | 'root'>;

/** Why a submission is not cosigned by who has cosigned this before; undefined where it is, and becomes the new record. */
export function judgeSubmission(
  recorded: Recorded | undefined,
  { checkpoint, oldSize, proof }: Submission,
): Refusal | undefined {
  const { size: oldest, root: oldRoot } = recorded ?? { size: 0, root: emptyRoot() };
  if (oldSize !== oldest)
    return {
      status: 409,
      fault: `the old size is ${oldSize}, cosigned last was ${oldest}`,
      code: 'witness.conflict',
      size: oldest,
    };
  const { size: newSize, root: newRoot } = checkpoint;
  const fault =
    oldSize === 0
      ? findStartFault(proof)
      : findConsistencyFault({ oldSize, oldRoot, newSize, newRoot }, proof);
  return fault && { status: 422, ...fault };
}

/** Every tree begins with the empty one: there is nothing to prove. */
function findStartFault(proof: readonly Uint8Array[]): Fault | undefined {
  return proof.length === 0
    ? undefined
    : { fault: 'a proof that starts from the empty tree', code: 'consistency.length' };
}

function malformed(what: string, code: string): Fault {
  return { fault: `the request ${what}`, code: `add-checkpoint.${code}` };
}
