/** Draining a spool: every capture in it becomes a record, in batches, and is then removed. */

import { basename } from 'node:path';
import { QpoeError } from '../../core/error.ts';
import { WRAPPED } from '../../core/json.ts';
import { parseTime } from '../../core/time.ts';
import { readOwn } from '../../store/files.ts';
import {
  holdSpool,
  listSpool,
  refuseSpooled,
  removeSpooled,
  type Spooled,
  spooledPath,
  takeSpooled,
} from '../../store/spool.ts';
import type { Store } from '../../store/store.ts';
import { uuidV7 } from '../../store/uuid.ts';
import { readClock } from '../clock.ts';
import type { Context } from '../context.ts';
import { errorLine } from '../exit.ts';
import type { Made } from './keep.ts';
import {
  type CaptureWords,
  enterCaptures,
  type KeptCapture,
  keepMadeCaptures,
  makeCapture,
  parseCapture,
  resumeCapture,
} from './keep-captures.ts';
import type { Signers } from './signing.ts';

/** How long the lock is held is how long another drainer waits. */
const BATCH = 64;
/** Results that lie in memory until they are kept together: past this the batch ends. */
const MAX_HELD_BYTES = 32_000_000;

export interface Drained {
  readonly kept: readonly KeptCapture[];
  readonly refused: readonly string[];
}

export interface Drain {
  readonly context: Context;
  readonly store: Store;
  readonly signers: Signers;
  readonly words?: CaptureWords;
}

export async function drainSpool(drain: Drain, folder: string): Promise<Drained> {
  const kept: KeptCapture[] = [];
  const refused: string[] = [];
  while (listSpool(folder).length > 0 && !drain.context.signal.aborted) {
    const batch = await drainBatch(drain, folder);
    kept.push(...batch.kept);
    refused.push(...batch.refused);
  }
  return { kept, refused };
}

async function drainBatch(drain: Drain, folder: string): Promise<Drained> {
  const release = holdSpool(folder);
  try {
    const done: Spooled[] = [];
    const resumed: KeptCapture[] = [];
    const made: Made[] = [];
    const refused: string[] = [];
    for (const spooled of listSpool(folder).slice(0, BATCH)) {
      if (drain.context.signal.aborted || heldBytes(made) > MAX_HELD_BYTES) break;
      const outcome = await makeSpooled(drain, spooled);
      if (typeof outcome === 'string') refused.push(outcome);
      else {
        done.push(outcome.spooled);
        if ('made' in outcome) made.push(outcome.made);
        else resumed.push(outcome.resumed);
      }
    }
    await enterCaptures(drain.context, drain.store, resumed);
    const kept = [...resumed, ...(await keepMadeCaptures(drain.context, drain.store, made))];
    // Last: until it is in the log, whoever comes next goes on with it.
    for (const spooled of done) removeSpooled(spooled);
    return { kept, refused };
  } finally {
    release();
  }
}

function heldBytes(made: readonly Made[]): number {
  return made.flatMap(({ objects }) => objects).reduce((sum, { length }) => sum + length, 0);
}

type MadeSpooled = { readonly spooled: Spooled } & (
  | { readonly made: Made }
  | { readonly resumed: KeptCapture }
);

/** @returns the record, not yet written; or, of what no record can be made of, where it was put aside */
async function makeSpooled(
  { context, store, signers, words }: Drain,
  spooled: Spooled,
): Promise<MadeSpooled | string> {
  if (spooled.recordId !== undefined) {
    const resumed = resumeCapture(store, signers, spooled.recordId);
    if (resumed !== undefined) return { spooled, resumed };
  }
  const place = spooledPath(spooled);
  try {
    const capture = parseCapture(readOwn(place, WRAPPED.bytes), basename(place));
    // Its time is the record's: one that was named long ago by a dead drainer is named again.
    const recordId = uuidV7(Math.max(readClock(), Math.ceil(parseTime(capture.finished_at)!)));
    const taken = takeSpooled(spooled, recordId);
    return {
      spooled: taken,
      made: await makeCapture(context, signers, capture, { place, recordId, words }),
    };
  } catch (error) {
    if (!(error instanceof QpoeError) || !MALFORMED.includes(error.code)) throw error;
    const where = refuseSpooled(findAgain(spooled), errorLine(error));
    context.note(`not recorded: ${errorLine(error)}; it is in ${where}`);
    return where;
  }
}

/** What another try would not mend. */
const MALFORMED: readonly QpoeError['code'][] = ['usage', 'refused', 'unreadable', 'unsafe'];

/** It may have been taken by now. */
function findAgain(spooled: Spooled): Spooled {
  return listSpool(spooled.folder).find(({ name }) => name === spooled.name) ?? spooled;
}
