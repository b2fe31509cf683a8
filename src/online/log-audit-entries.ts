/** The audit's second step: every new entry is read, every tile over them made again, and the root held to the signed one. */

import { appendLeaves } from '../tlog/append.ts';
import type { Checkpoint } from '../tlog/checkpoint.ts';
import { parseEntryBundle } from '../tlog/entry-bundle.ts';
import type { Read } from '../tlog/fault.ts';
import { HASH_BYTES, leafHash, sameHash } from '../tlog/merkle.ts';
import { edgeRoot, type RightEdge } from '../tlog/right-edge.ts';
import { type EntryTile, FULL_WIDTH, type Tile, type TileFile, tileAt, tilePath } from '../tlog/tile.ts';
import { readTileHashes } from '../tlog/tile-hashes.ts';
import type { AuditOptions, Evidence, FoundFault, Stranger } from './log-audit.ts';
import { inOrder, type LogSource, readTile } from './log-audit-source.ts';
import { findStrangers } from './log-audit-strangers.ts';

const MAX_STRANGERS = 1000;

export interface Checked {
  readonly entries: number;
  readonly bad: FoundFault | undefined;
  readonly strangers: readonly Stranger[];
  readonly strangerCount: number;
}

export async function checkEntries(
  source: LogSource,
  from: RightEdge,
  { size, root }: Checkpoint,
  options: AuditOptions,
): Promise<Checked> {
  const strangers: Stranger[] = [];
  let strangerCount = 0;
  let edge = from;
  let mismatch: Mismatch | undefined;
  const stop = (bad: FoundFault | undefined): Checked => ({
    entries: edge.size - from.size,
    bad,
    strangers,
    strangerCount,
  });
  for await (const { bundle, leaves } of readBundles(source, from.size, size)) {
    if (bundle.entries.fault !== undefined) return stop(badBundle(bundle, bundle.entries.fault));
    const held = edge.size % FULL_WIDTH;
    const hashes = bundle.entries.value.map(leafHash);
    if (!beginsWith(hashes, held, edge.tiles[0]))
      return stop(badBundle(bundle, 'it holds other entries than before'));
    for (const stranger of findStrangers(edge.size, bundle.entries.value.slice(held), options))
      if (++strangerCount <= MAX_STRANGERS) strangers.push(stranger);
    const appended = appendLeaves(edge, hashes.slice(held));
    for (const made of appended.tiles as readonly MadeTile[]) {
      const { level, index, width } = made.tile;
      if (width !== tileAt(level, index, size).width) continue;
      mismatch ??= compare(made, level === 0 ? leaves : await readTile(source, made.tile), bundle);
    }
    edge = appended.edge;
    options.report?.(edge.size - from.size, size - from.size);
  }
  return stop(nameBad(mismatch, sameHash(edgeRoot(edge), root)));
}

interface Bundle {
  readonly tile: EntryTile;
  readonly bytes: Uint8Array | undefined;
  readonly entries: Read<readonly Uint8Array[]>;
}

/** The entry bundles that hold the entries from `from` on, in order, each with the tile over it. */
function readBundles(source: LogSource, from: number, size: number) {
  const first = Math.floor(from / FULL_WIDTH);
  return inOrder(first, from === size ? first : Math.ceil(size / FULL_WIDTH), async (index) => {
    const tile = tileAt(0, index, size);
    const [bundle, leaves] = await Promise.all([
      fetchBundle(source, { ...tile, level: 'entries' }),
      readTile(source, tile),
    ]);
    return { bundle, leaves };
  });
}

async function fetchBundle(source: LogSource, tile: EntryTile): Promise<Bundle> {
  const exact = await source.read(tile);
  if (exact !== undefined) return { tile, bytes: exact, entries: parseEntryBundle(exact, tile.width) };
  const full = tile.width < FULL_WIDTH ? await source.read({ ...tile, width: FULL_WIDTH }) : undefined;
  if (full === undefined)
    return { tile, bytes: undefined, entries: { fault: 'it is not there', code: 'entries.missing' } };
  const entries = parseEntryBundle(full, FULL_WIDTH);
  return entries.fault !== undefined
    ? { tile, bytes: full, entries }
    : { tile, bytes: full, entries: { value: entries.value.slice(0, tile.width) } };
}

function badBundle({ tile, bytes }: Bundle, fault: string): FoundFault {
  const path = tilePath(tile);
  return {
    fault: `${path}: ${fault}`,
    code: 'audit.entries',
    evidence: { files: bytes === undefined ? [] : [{ path, bytes }] },
  };
}

function beginsWith(hashes: readonly Uint8Array[], count: number, tile: Uint8Array | undefined): boolean {
  return hashes
    .slice(0, count)
    .every((hash, i) => sameHash(hash, tile!.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES)));
}

type MadeTile = TileFile & { readonly tile: Tile };

interface Mismatch {
  readonly tile: Tile;
  readonly fault: string;
  /** The tile as it came, and the entries below it. */
  readonly files: Evidence['files'];
}

function compare(
  { tile, bytes }: MadeTile,
  shown: Uint8Array | undefined,
  bundle: Bundle,
): Mismatch | undefined {
  const path = tilePath(tile);
  const read = readTileHashes(tile, () => shown);
  if (read.fault === undefined && sameHash(read.value, bytes)) return undefined;
  const entries = { path: tilePath(bundle.tile), bytes: bundle.bytes! };
  return {
    tile,
    fault: read.fault ?? `${path} holds other hashes than what lies below it makes`,
    files: [...(shown === undefined ? [] : [{ path, bytes: shown }]), ...(tile.level === 0 ? [entries] : [])],
  };
}

/** Where the entries make the signed root, a tile that differs is wrong; where they don't, the entries below the first such are. */
function nameBad(mismatch: Mismatch | undefined, entriesHold: boolean): FoundFault | undefined {
  if (mismatch === undefined)
    return entriesHold
      ? undefined
      : {
          fault: 'its checkpoint is signed for another tree than its entries and tiles make',
          code: 'audit.root',
        };
  const { tile, fault, files } = mismatch;
  if (entriesHold || tile.level > 0) return { fault, code: 'audit.tile', evidence: { files } };
  const path = tilePath({ ...tile, level: 'entries' });
  return {
    fault: `${path} holds other entries than were signed`,
    code: 'audit.entries',
    evidence: { files },
  };
}
