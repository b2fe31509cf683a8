/**
 * What a witness cosigned last, for each origin: the whole note, with the log's signatures and its own, in
 * `<home>/witness/<SHA-256 of the origin, hex>`. It is replaced, durably and under the lock, before anyone is shown the
 * cosignature: a witness that is killed at any moment, or runs twice, never cosigns two trees of one size.
 */

import { createPublicKey, sign, verify } from 'node:crypto';
import { unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type Bytes, toHex, utf8 } from '../core/bytes.ts';
import { sha256 } from '../core/digest.ts';
import { QpoeError } from '../core/error.ts';
import { parseCheckpoint } from '../tlog/checkpoint.ts';
import { ed25519CosignedMessage, formatCosignature, readTimedSignature } from '../tlog/cosignature.ts';
import { formatNote, formatSignatureLine, MAX_NOTE_BYTES, type Note, parseNote } from '../tlog/note.ts';
import { judgeSubmission, type Recorded, type Refusal, type Submission } from '../tlog/witness.ts';
import { fileError, isTemporary, lookAt, readOwn, writeAtomic } from './files.ts';
import { listFolder } from './log-files.ts';
import { withLogLock } from './log-lock.ts';
import type { WitnessKey } from './witness-key.ts';

/** The name of an origin's record, here and where monitors ask for it. */
export function originHash(origin: string): string {
  return toHex(sha256(utf8(origin)));
}

/** The note cosigned last, as it lies; undefined before the first. @throws QpoeError */
export function readCosignedNote({ folder }: WitnessKey, hash: string): Bytes | undefined {
  const path = join(folder, hash);
  return lookAt(path) === undefined ? undefined : new Uint8Array(readOwn(path, MAX_NOTE_BYTES));
}

/** @returns a signature line once it is on the disk. @throws QpoeError where record or disk fails: nothing is cosigned then */
export function cosignSubmission(
  witness: WitnessKey,
  submission: Submission,
  now: () => number,
): { readonly line: string; readonly status?: never } | Refusal {
  const { origin } = submission.checkpoint;
  return withLogLock(witness.folder, () => {
    const refusal = judgeSubmission(readRecord(witness, origin), submission);
    if (refusal !== undefined) return refusal;
    const signature = cosign(witness, submission.text, now());
    const { name, keyId } = witness.vkey;
    const own = { name, keyId, signature };
    const note = formatNote({ text: submission.text, signatures: [...submission.signatures, own] });
    writeAtomic(join(witness.folder, originHash(origin)), utf8(note), 0o600);
    return { line: formatSignatureLine(own) };
  });
}

/** @param now in milliseconds since 1970 */
function cosign({ key }: WitnessKey, text: string, now: number): Bytes {
  const time = Math.floor(now / 1000);
  if (time <= 0) throw new QpoeError('refused', 'the clock of this machine is not set', 'set it');
  return formatCosignature(time, sign(null, ed25519CosignedMessage(text, time), key));
}

/** @throws QpoeError where the record is not what this witness wrote: without it nothing of this origin is cosigned */
function readRecord(witness: WitnessKey, origin: string): Recorded | undefined {
  const hash = originHash(origin);
  const bytes = readCosignedNote(witness, hash);
  if (bytes === undefined) return undefined;
  const note = parseNote(bytes);
  const read = note.fault === undefined ? parseCheckpoint(note.value.text) : note;
  const known = read.value?.origin === origin && isCosigned(witness, note.value!);
  if (read.value !== undefined && known) return read.value;
  throw new QpoeError(
    'refused',
    `${join(witness.folder, hash)} is damaged: ${read.fault ?? 'it is not cosigned by this witness'}`,
    'restore it from the newest copy of the home; without it a fork could be cosigned',
  );
}

function isCosigned({ key, vkey }: WitnessKey, { text, signatures }: Note): boolean {
  const own = signatures.filter(({ name, keyId }) => name === vkey.name && keyId === vkey.keyId);
  const publicKey = createPublicKey(key);
  return (
    own.length > 0 &&
    own.every(({ signature: cosignature }) => {
      const read = readTimedSignature(cosignature);
      if (read === undefined) return false;
      return verify(null, ed25519CosignedMessage(text, read.time), publicKey, read.signature);
    })
  );
}

/** Removes what killed writers left: under the lock no one else's file is temporary. */
export function sweepWitness({ folder }: WitnessKey): void {
  withLogLock(folder, () => {
    for (const name of listFolder(folder).filter(isTemporary)) {
      try {
        unlinkSync(join(folder, name));
      } catch (error) {
        throw fileError('external', 'remove', join(folder, name), error);
      }
    }
  });
}
