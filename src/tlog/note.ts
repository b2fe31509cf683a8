/**
 * Signed notes (https://c2sp.org/signed-note): text, and the signatures of any number of keys below it.
 *
 *     text, of any number of lines\n
 *     \n
 *     — <key name> base64(key id (4 bytes) ‖ signature)\n
 *
 * The text is what stands above the *last* blank line. No one may rely on it before `verifyNote` names a key of theirs.
 */

import { type Bytes, fromBase64, fromHex, fromUtf8, toBase64, toHex, utf8 } from '../core/bytes.ts';
import type { Fault, Read } from './fault.ts';

export interface NoteSignature {
  readonly name: string;
  /** Eight lowercase hex digits. */
  readonly keyId: string;
  /** What follows the key id: what it is depends on the key's type. */
  readonly signature: Bytes;
}

export interface Note {
  /** With its final newline: exactly what is signed. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** A key that the reader knows, under the name and id that its signature lines carry. */
export interface NoteVerifier {
  readonly name: string;
  readonly keyId: string;
  verify(text: Bytes, signature: Bytes): Promise<boolean>;
}

export const MAX_NOTE_BYTES = 1_000_000;
const MAX_SIGNATURES = 100;
const KEY_ID_BYTES = 4;

const NAME = /^[^\p{White_Space}\p{Cs}\u0000-\u001f+]+$/u;
const CONTROL = /[\u0000-\u0009\u000b-\u001f]/;

/** Whether a key may have this name: not empty, and without spaces, controls and `+`. */
export function isKeyName(name: string): boolean {
  return NAME.test(name);
}

/** A note of at most 1,000,000 bytes and 100 signatures, none of them judged yet. */
export function parseNote(bytes: Uint8Array): Read<Note> {
  if (bytes.length > MAX_NOTE_BYTES)
    return malformed(`a note of ${bytes.length} bytes, over the limit of ${MAX_NOTE_BYTES}`, 'size');
  const note = fromUtf8(bytes);
  if (note === undefined) return malformed('the note is not UTF-8', 'utf8');
  if (CONTROL.test(note)) return malformed('a control character in the note', 'control');
  const blank = note.lastIndexOf('\n\n');
  if (blank < 0) return malformed('no blank line between text and signatures', 'syntax');
  const signatures = parseSignatureLines(note.slice(blank + 2));
  return signatures.fault === undefined
    ? { value: { text: note.slice(0, blank + 1), signatures: signatures.value } }
    : signatures;
}

/** A signature line is malformed or it is read: what one reader skips and another reads is two notes in one. */
function parseSignatureLines(block: string): Read<readonly NoteSignature[]> {
  if (!block.endsWith('\n')) return malformed('the note does not end in a signature line', 'syntax');
  const lines = block.slice(0, -1).split('\n', MAX_SIGNATURES + 1);
  if (lines.length > MAX_SIGNATURES) return malformed(`more than ${MAX_SIGNATURES} signatures`, 'count');
  const signatures = lines.map(parseSignatureLine);
  const bad = signatures.indexOf(undefined);
  return bad < 0
    ? { value: signatures as NoteSignature[] }
    : malformed(`signature line ${bad + 1} is malformed`, 'signature');
}

function parseSignatureLine(line: string): NoteSignature | undefined {
  const [dash, name = '', encoded = '', ...more] = line.split(' ');
  const blob = fromBase64(encoded);
  if (dash !== '—' || !isKeyName(name) || more.length > 0) return undefined;
  if (blob === undefined || blob.length <= KEY_ID_BYTES) return undefined;
  return { name, keyId: toHex(blob.subarray(0, KEY_ID_BYTES)), signature: blob.slice(KEY_ID_BYTES) };
}

/** The note as `parseNote` reads it back: what it accepts, and this writes, is the same bytes. */
export function formatNote({ text, signatures }: Note): string {
  return `${text}\n${signatures.map(formatSignatureLine).join('')}`;
}

export function formatSignatureLine({ name, keyId, signature }: NoteSignature): string {
  return `— ${name} ${toBase64(Uint8Array.of(...fromHex(keyId)!, ...signature))}\n`;
}

/**
 * Which of `known` signed the note, each once and with every signature of its own: many lines of one witness are still one
 * witness. Lines of other keys are passed over, also where they share a name or an id with a known one. A known key's line
 * that does not verify rejects the whole note.
 */
export async function verifyNote<K extends NoteVerifier>(
  { text, signatures }: Note,
  known: readonly K[],
): Promise<Read<ReadonlyMap<K, readonly Bytes[]>>> {
  const signed = utf8(text);
  const verified = new Map<K, readonly Bytes[]>();
  for (const key of known) {
    const own = signatures.filter(({ name, keyId }) => name === key.name && keyId === key.keyId);
    for (const { signature } of own)
      if (!(await key.verify(signed, signature)))
        return {
          fault: `the signature of ${key.name}+${key.keyId} is not over this text`,
          code: 'note.invalid',
        };
    if (own.length > 0)
      verified.set(
        key,
        own.map(({ signature }) => signature),
      );
  }
  return { value: verified };
}

function malformed(fault: string, code: string): Fault {
  return { fault, code: `note.${code}` };
}
