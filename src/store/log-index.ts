/**
 * `log-index.sqlite`, beside `log/`: at which index a leaf hash stands, so that an entry is not appended twice.
 *
 *     entry(hash, position)    hash: the first 8 bytes of the leaf hash. Another leaf may begin with the same
 *     covered(size, root)      the tree whose leaves are all there: of full tiles only, the last one is at hand anyway
 *
 * It holds nothing that is not in the tiles. It may lag behind them, and is brought up to them when it is opened; one that is
 * damaged, or of another tree, is made again. It is never believed: a position that it gives is shown by an inclusion proof.
 * Only the holder of the writers' lock opens it.
 */

import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { QpoeError } from '../core/error.ts';
import type { Checkpoint } from '../tlog/checkpoint.ts';
import { HASH_BYTES, sameHash } from '../tlog/merkle.ts';
import { edgeRoot, type RightEdge, readEdge } from '../tlog/right-edge.ts';
import { FULL_WIDTH } from '../tlog/tile.ts';
import { readTileHashes } from '../tlog/tile-hashes.ts';
import { lookAt } from './files.ts';
import { readLogFile, tileReader } from './log-files.ts';
import { indexError, isDamaged } from './record-index.ts';

type Tree = Pick<Checkpoint, 'size' | 'root'>;

/** What the index covers of a log: all but the last, partial tile. */
export function fullTiles({ size, tiles }: RightEdge): Tree {
  const covered = size - (size % FULL_WIDTH);
  return { size: covered, root: edgeRoot({ size: covered, tiles: [new Uint8Array(0), ...tiles.slice(1)] }) };
}

export interface LogIndex {
  /** Where this leaf may stand, lowest first. */
  find(leaf: Uint8Array): readonly number[];
  /** Takes in what the tiles have beyond what it covers. @throws QpoeError */
  cover(tree: Tree): void;
  close(): void;
}

const LAYOUT = 1;

/** An index that covers exactly this tree; made again where it turns out to be damaged. @throws QpoeError */
export function openLogIndex(log: string, tree: Tree): LogIndex {
  const path = join(dirname(log), 'log-index.sqlite');
  const parts = [path, `${path}-journal`];
  for (const part of parts)
    if (lookAt(part)?.isSymbolicLink())
      throw new QpoeError('unsafe', `${part} is a link`, 'qpoe follows no links in a store');
  let opened: OpenIndex | undefined;
  const guard = <T>(use: (index: OpenIndex) => T): T => {
    const attempt = () => {
      opened ??= openDatabase(path, log, tree);
      return use(opened);
    };
    const remake = () => {
      opened?.database.close();
      opened = undefined;
      for (const part of parts) rmSync(part, { force: true });
    };
    try {
      return orRemade(attempt, remake);
    } catch (error) {
      throw error instanceof QpoeError ? error : indexError(path, error);
    }
  };
  guard(() => undefined);
  return {
    find: (leaf) => guard(({ select }) => select.all(keyOf(leaf)).map(({ position }) => position as number)),
    cover: (grown) => guard(({ database }) => catchUp(database, log, grown)),
    close: () => opened?.database.close(),
  };
}

function orRemade<T>(attempt: () => T, remake: () => void): T {
  try {
    return attempt();
  } catch (error) {
    if (!isDamaged(error)) throw error;
  }
  remake();
  return attempt();
}

interface OpenIndex {
  readonly database: DatabaseSync;
  readonly select: StatementSync;
}

function openDatabase(path: string, log: string, tree: Tree): OpenIndex {
  const database = new DatabaseSync(path, { timeout: 1000, defensive: true });
  try {
    // After a power cut it lags at most, and that is found: only its own order of writes has to hold.
    database.exec(`
      PRAGMA journal_mode = PERSIST; PRAGMA journal_size_limit = 1048576;
      PRAGMA synchronous = NORMAL; PRAGMA cache_size = -8192`);
    prepareLayout(database);
    // Open all the time: outside of a transaction SQLite would lock the file anew for every leaf.
    database.exec('BEGIN');
    catchUp(database, log, tree);
    const select = database.prepare('SELECT position FROM entry WHERE hash = ? ORDER BY position');
    return { database, select };
  } catch (error) {
    database.close();
    throw error;
  }
}

function prepareLayout(database: DatabaseSync): void {
  const { user_version: layout } = database.prepare('PRAGMA user_version').get() as { user_version: number };
  if (layout === LAYOUT) return;
  database.exec(`
    BEGIN;
    DROP TABLE IF EXISTS entry;
    DROP TABLE IF EXISTS covered;
    CREATE TABLE entry (hash INTEGER NOT NULL, position INTEGER NOT NULL, PRIMARY KEY (hash, position)) STRICT, WITHOUT ROWID;
    CREATE TABLE covered (size INTEGER NOT NULL, root BLOB NOT NULL) STRICT;
    PRAGMA user_version = ${LAYOUT};
    COMMIT;`);
}

function catchUp(database: DatabaseSync, log: string, tree: Tree): void {
  const covered = database.prepare('SELECT size, root FROM covered').get() as Tree | undefined;
  if (covered?.size === tree.size && sameHash(covered.root, tree.root)) return;
  const holds = covered !== undefined && isBeginning(log, covered, tree);
  if (!holds) database.exec('DELETE FROM entry');
  const insert = insertInto(database);
  for (const [position, leaf] of leavesFrom(log, holds ? covered.size : 0, tree.size)) insert(leaf, position);
  setCovered(database, tree);
  database.exec('COMMIT; BEGIN');
}

/** Whether the tiles of the tree make this root at this size. */
function isBeginning(log: string, { size, root }: Tree, tree: Tree): boolean {
  const edge = size > tree.size ? undefined : readEdge(size, tileReader(log, tree.size)).value;
  return edge !== undefined && sameHash(edgeRoot(edge), root);
}

/** Both are sizes of full tiles. */
function* leavesFrom(log: string, first: number, size: number): Generator<[number, Uint8Array]> {
  for (let index = Math.floor(first / FULL_WIDTH); index * FULL_WIDTH < size; index++) {
    const tile = { level: 0, index, width: FULL_WIDTH };
    const hashes = readTileHashes(tile, (wanted) => readLogFile(log, wanted));
    if (hashes.fault !== undefined)
      throw new QpoeError('refused', join(log, hashes.fault), '`qpoe log fsck` checks every file of the log');
    for (let i = 0; i < FULL_WIDTH; i++)
      yield [index * FULL_WIDTH + i, hashes.value.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES)];
  }
}

function insertInto(database: DatabaseSync): (leaf: Uint8Array, position: number) => void {
  const statement = database.prepare('INSERT INTO entry VALUES (?, ?) ON CONFLICT DO NOTHING');
  return (leaf, position) => statement.run(keyOf(leaf), position);
}

function setCovered(database: DatabaseSync, { size, root }: Tree): void {
  database.exec('DELETE FROM covered');
  database.prepare('INSERT INTO covered VALUES (?, ?)').run(size, root);
}

function keyOf(leaf: Uint8Array): bigint {
  return new DataView(leaf.buffer, leaf.byteOffset, leaf.byteLength).getBigInt64(0);
}
