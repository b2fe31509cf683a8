/** Publishing a checkpoint again with the signatures of witnesses below it. */

import { fromUtf8 } from '../core/bytes.ts';
import type { OpenLog } from './log.ts';
import { openSignedCheckpoint, readCheckpoint } from './log-checkpoint.ts';
import { keepCheckpoint } from './log-key.ts';
import { asLogWriter } from './log-lock.ts';
import { publishCheckpoint } from './log-settle.ts';

/** @returns whether it was published: not where the log has grown meanwhile, and its checkpoint is another */
export function publishCosigned(log: OpenLog, note: Uint8Array): boolean {
  return asLogWriter(log, () => {
    if (textOf(readCheckpoint(log.path)) !== textOf(note)) return false;
    const signed = openSignedCheckpoint(note, log.vkey).value!;
    keepCheckpoint(log, signed.note);
    publishCheckpoint(log.path, signed);
    return true;
  });
}

/** What is signed: origin, size and root. */
function textOf(note: Uint8Array): string {
  const text = fromUtf8(note)!;
  return text.slice(0, text.lastIndexOf('\n\n'));
}
