/**
 * Checkpoints (https://c2sp.org/tlog-checkpoint): a log's signed statement of its size and root.
 *
 *     log.example.org\n                                  origin
 *     20852163\n                                         size, in decimal
 *     CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n     root hash
 *     …\n                                                extension lines, opaque, rarely any
 *     \n
 *     — log.example.org Az3grlgt…\n
 */

import { type Bytes, fromBase64, toBase64 } from '../core/bytes.ts';
import type { Fault, Read } from './fault.ts';
import { emptyRoot, HASH_BYTES, sameHash } from './merkle.ts';
import { type Note, parseNote, verifyNote } from './note.ts';
import { ed25519Verifier, type Vkey } from './vkey.ts';

/** A tree’s size and root, under the log’s name (https://c2sp.org/tlog-checkpoint). */
export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Bytes;
  readonly extensions: readonly string[];
}

/** The decimal text of a size or an index; undefined for anything else, and beyond 2^53−1. */
export function parseCount(text: string): number | undefined {
  if (!/^(?:0|[1-9][0-9]{0,15})$/.test(text)) return undefined;
  const count = Number(text);
  return Number.isSafeInteger(count) ? count : undefined;
}

/** The text that is signed. */
export function formatCheckpoint({ origin, size, root, extensions }: Checkpoint): string {
  return [origin, String(size), toBase64(root), ...extensions].map((line) => `${line}\n`).join('');
}

/** @param text of a note */
export function parseCheckpoint(text: string): Read<Checkpoint> {
  if (!text.endsWith('\n')) return malformed('does not end in a newline', 'syntax');
  const [origin = '', count = '', hash = '', ...extensions] = text.slice(0, -1).split('\n');
  if ([origin, ...extensions].includes('')) return malformed('has an empty line', 'syntax');
  const size = parseCount(count);
  if (size === undefined) return malformed('has no tree size from 0 to 2^53−1', 'size');
  const root = fromBase64(hash);
  if (root?.length !== HASH_BYTES) return malformed('has no root hash of 32 bytes in base64', 'root');
  // There is one empty tree. Any other root at size 0 would be taken for the start of a log that never was.
  if (size === 0 && !sameHash(root, emptyRoot()))
    return malformed('has a root that the empty tree does not have', 'root');
  return { value: { origin, size, root, extensions } };
}

export interface OpenedCheckpoint {
  readonly checkpoint: Checkpoint;
  /** With the other signatures, such as witnesses' cosignatures: none of them is verified yet. */
  readonly note: Note;
}

/**
 * The checkpoint in a note that the log's key signed. The origin must be the key's name: else one key could speak for two
 * logs, and a proof from the one would pass for a proof from the other.
 */
export async function openCheckpoint(bytes: Uint8Array, vkey: Vkey): Promise<Read<OpenedCheckpoint>> {
  if (vkey.type !== 'ed25519')
    return { fault: `a log's key is of type ed25519, not ${vkey.type}`, code: 'checkpoint.key' };
  const note = parseNote(bytes);
  if (note.fault !== undefined) return note;
  const verifier = ed25519Verifier(vkey);
  const verified = await verifyNote(note.value, [verifier]);
  if (verified.fault !== undefined) return verified;
  if (!verified.value.has(verifier)) return unsigned(note.value, vkey);
  const checkpoint = parseCheckpoint(note.value.text);
  if (checkpoint.fault !== undefined) return checkpoint;
  const { origin } = checkpoint.value;
  if (origin !== vkey.name)
    return { fault: `the origin is ${origin}, the key is ${vkey.name}'s`, code: 'checkpoint.origin' };
  return { value: { checkpoint: checkpoint.value, note: note.value } };
}

const MAX_NAMED = 4;

/** Names the keys that did sign: blaming the wrong key is what costs people most time. */
function unsigned({ signatures }: Note, { name, keyId }: Vkey): Fault {
  const signers = signatures.slice(0, MAX_NAMED).map((line) => `${line.name}+${line.keyId}`);
  const more = signatures.length > MAX_NAMED ? ', …' : '';
  return {
    fault: `not signed by ${name}+${keyId}, but by ${signers.join(', ')}${more}`,
    code: 'checkpoint.unsigned',
  };
}

function malformed(what: string, code: string): Fault {
  return { fault: `the checkpoint ${what}`, code: `checkpoint.${code}` };
}
