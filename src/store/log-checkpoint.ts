/** Checkpoints of a log on the disk: read, verified and signed without waiting, because a writer does it while it holds the lock. */

import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { join } from 'node:path';
import { type Bytes, utf8 } from '../core/bytes.ts';
import { ed25519Spki } from '../core/spki.ts';
import { type Checkpoint, formatCheckpoint, parseCheckpoint } from '../tlog/checkpoint.ts';
import type { Read } from '../tlog/fault.ts';
import { formatNote, MAX_NOTE_BYTES, parseNote } from '../tlog/note.ts';
import type { Vkey } from '../tlog/vkey.ts';
import { readOwn } from './files.ts';

export interface SignedCheckpoint extends Checkpoint {
  /** The whole signed note, with the witnesses' signatures where there are any. */
  readonly note: Bytes;
}

export function checkpointPath(log: string): string {
  return join(log, 'checkpoint');
}

/** The log's published checkpoint, as it lies. @throws QpoeError */
export function readCheckpoint(log: string): Bytes {
  return new Uint8Array(readOwn(checkpointPath(log), MAX_NOTE_BYTES));
}

/** The checkpoint in a note that this key signed, and that is of this key's log. */
export function openSignedCheckpoint(bytes: Uint8Array, vkey: Vkey): Read<SignedCheckpoint> {
  const parsed = parseNote(bytes);
  if (parsed.fault !== undefined) return parsed;
  const { text, signatures } = parsed.value;
  const own = signatures.filter(({ name, keyId }) => name === vkey.name && keyId === vkey.keyId);
  const key = createPublicKey({
    key: Buffer.from(ed25519Spki(vkey.publicKey)),
    format: 'der',
    type: 'spki',
  });
  if (own.length === 0 || !own.every(({ signature }) => verify(null, utf8(text), key, signature)))
    return { fault: `it is not signed by ${vkey.name}+${vkey.keyId}`, code: 'checkpoint.unsigned' };
  const checkpoint = parseCheckpoint(text);
  if (checkpoint.fault !== undefined) return checkpoint;
  if (checkpoint.value.origin !== vkey.name)
    return { fault: `its origin is not ${vkey.name}`, code: 'checkpoint.origin' };
  return { value: { ...checkpoint.value, note: new Uint8Array(bytes) } };
}

export function signCheckpoint(size: number, root: Bytes, vkey: Vkey, key: KeyObject): SignedCheckpoint {
  const checkpoint = { origin: vkey.name, size, root, extensions: [] };
  const text = formatCheckpoint(checkpoint);
  const signature = new Uint8Array(sign(null, utf8(text), key));
  const note = formatNote({ text, signatures: [{ name: vkey.name, keyId: vkey.keyId, signature }] });
  return { ...checkpoint, note: utf8(note) };
}
