/** A log's folder as anyone may read it, without its signing key: its newest checkpoint, and proofs that lead to it. */

import { join } from 'node:path';
import { type Bytes, fromUtf8 } from '../../core/bytes.ts';
import { QpoeError } from '../../core/error.ts';
import { proveInclusion, readCheckpoint, readEntry } from '../../store/log-read.ts';
import { type Checkpoint, openCheckpoint } from '../../tlog/checkpoint.ts';
import { findInclusionFault, leafHash } from '../../tlog/merkle.ts';
import { hashVkey, type Vkey } from '../../tlog/vkey.ts';
import type { Context } from '../context.ts';
import { findLogKey } from './log-place.ts';

export interface ReadableLog {
  readonly folder: string;
  readonly vkey: Vkey;
  readonly checkpoint: Checkpoint;
  /** Signed. */
  readonly note: Bytes;
}

/** @throws QpoeError where no key of it is known here, or its checkpoint isn't of that key */
export async function openReadable(context: Context, folder: string): Promise<ReadableLog> {
  const note = readCheckpoint(folder);
  const vkey = findLogKey(context, folder, note);
  const opened = await openCheckpoint(note, vkey);
  if (opened.fault !== undefined) throw damaged(join(folder, 'checkpoint'), opened.fault);
  return { folder, vkey, checkpoint: opened.value.checkpoint, note };
}

/** As `formatLogEntry` takes it. What the tiles say is believed where it leads to the root that was signed. @throws QpoeError */
export function proveEntry({ folder, vkey, checkpoint, note }: ReadableLog, index: number) {
  const { size, root } = checkpoint;
  const body = readEntry(folder, index);
  const hashes = proveInclusion(folder, index, size);
  const fault = findInclusionFault({ leaf: leafHash(body), index, size, root }, hashes);
  if (fault !== undefined) throw damaged(folder, fault.fault);
  return { logId: hashVkey(vkey), index, size, root, hashes, checkpoint: fromUtf8(note)!, body };
}

function damaged(place: string, reason: string): QpoeError {
  return new QpoeError('refused', `${place}: ${reason}`, '`qpoe log fsck` checks every file of the log');
}
