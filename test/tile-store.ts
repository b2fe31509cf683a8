/** Tiles in memory, as a log would have them on its disk. */

import { type TileFile, tilePath } from '../src/tlog/tile.ts';
import type { ReadTile } from '../src/tlog/tile-hashes.ts';

export interface TileStore {
  readonly files: Map<string, Uint8Array>;
  readonly read: ReadTile;
  write(files: readonly TileFile[]): void;
}

export function tileStore(): TileStore {
  const files = new Map<string, Uint8Array>();
  return {
    files,
    read: (tile) => files.get(tilePath(tile)),
    write: (written) => {
      for (const { tile, bytes } of written) files.set(tilePath(tile), bytes);
    },
  };
}
