/**
 * Entry bundles (https://c2sp.org/tlog-tiles, "Log entries"): the entries under one tile of level 0, as
 *
 *     length (2 bytes, big-endian) ‖ entry ‖ length ‖ entry ‖ …
 */

import { type Bytes, concatenate } from '../core/bytes.ts';
import { QpoeError } from '../core/error.ts';
import type { Fault, Read } from './fault.ts';
import { type EntryTile, FULL_WIDTH, type TileFile } from './tile.ts';

export const MAX_ENTRY_BYTES = 0xffff;
const LENGTH_BYTES = 2;

/** The entries of a bundle that must have `width` of them and nothing else. They are views of its bytes. */
export function parseEntryBundle(bundle: Uint8Array, width: number): Read<readonly Uint8Array[]> {
  const entries: Uint8Array[] = [];
  let at = 0;
  while (entries.length < width) {
    if (at + LENGTH_BYTES > bundle.length)
      return malformed(`ends after ${entries.length} of ${width} entries`);
    const start = at + LENGTH_BYTES;
    at = start + (bundle[at]! << 8) + bundle[at + 1]!;
    if (at > bundle.length) return malformed(`ends within entry ${entries.length}`);
    entries.push(bundle.subarray(start, at));
  }
  return at === bundle.length ? { value: entries } : malformed(`goes on after its ${width} entries`);
}

function malformed(what: string): Fault {
  return { fault: `the entry bundle ${what}`, code: 'entries.syntax' };
}

/** @throws QpoeError for an entry that is too long for any bundle */
export function formatEntryBundle(entries: readonly Uint8Array[]): Bytes {
  const tooLong = entries.find(({ length }) => length > MAX_ENTRY_BYTES);
  if (tooLong !== undefined)
    throw new QpoeError('refused', `a log entry of ${tooLong.length} bytes: at most ${MAX_ENTRY_BYTES} fit`);
  const bundle = new Uint8Array(entries.reduce((total, { length }) => total + LENGTH_BYTES + length, 0));
  let at = 0;
  for (const entry of entries) {
    bundle[at] = entry.length >> 8;
    bundle[at + 1] = entry.length & 0xff;
    bundle.set(entry, at + LENGTH_BYTES);
    at += LENGTH_BYTES + entry.length;
  }
  return bundle;
}

/**
 * The bundles to write when a log of `size` entries grows: those that became full, and the new partial one.
 * @param held the bytes of the partial bundle that the log has; none where its last one is full
 * @throws QpoeError
 */
export function appendEntries(
  size: number,
  held: Uint8Array,
  entries: readonly Uint8Array[],
): readonly TileFile[] {
  const files: TileFile[] = [];
  let begin = size % FULL_WIDTH;
  let index = (size - begin) / FULL_WIDTH;
  for (let at = 0; at < entries.length; index++, begin = 0) {
    const taken = entries.slice(at, at + FULL_WIDTH - begin);
    at += taken.length;
    const fresh = formatEntryBundle(taken);
    const tile: EntryTile = { level: 'entries', index, width: begin + taken.length };
    files.push({ tile, bytes: begin > 0 ? concatenate([held, fresh]) : fresh });
  }
  return files;
}
