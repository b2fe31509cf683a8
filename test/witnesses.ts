/** Witnesses of the tests' own, in memory. */

import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { utf8 } from '../src/core/bytes.ts';
import { rawEd25519 } from '../src/store/identity.ts';
import { ed25519CosignedMessage, formatCosignature } from '../src/tlog/cosignature.ts';
import { formatNote, parseNote } from '../src/tlog/note.ts';
import { makeVkey, type Vkey } from '../src/tlog/vkey.ts';

export interface Witness {
  readonly key: KeyObject;
  readonly vkey: Vkey;
}

export function newWitness(name: string): Witness {
  const key = generateKeyPairSync('ed25519').privateKey;
  return { key, vkey: makeVkey(name, 'cosignature-ed25519', rawEd25519(key)) };
}

/** @param time seconds since 1970 */
export function cosign(note: string, { key, vkey }: Witness, time: number): string {
  const { text, signatures } = parseNote(utf8(note)).value!;
  const signature = new Uint8Array(sign(null, ed25519CosignedMessage(text, time), key));
  const line = { name: vkey.name, keyId: vkey.keyId, signature: formatCosignature(time, signature) };
  return formatNote({ text, signatures: [...signatures, line] });
}

/** The witness's signature with another time before it. */
export function retime(note: string, { vkey }: Witness, time: number): string {
  const { text, signatures } = parseNote(utf8(note)).value!;
  const edited = signatures.map((line) =>
    line.keyId === vkey.keyId
      ? { ...line, signature: formatCosignature(time, line.signature.slice(8)) }
      : line,
  );
  return formatNote({ text, signatures: edited });
}
