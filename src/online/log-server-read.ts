/** The log's files over HTTP, with the headers that https://c2sp.org/tlog-tiles asks for. */

import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { QpoeError } from '../core/error.ts';
import { fileError } from '../store/files.ts';
import { readCheckpoint } from '../store/log-read.ts';
import { parseCheckpoint } from '../tlog/checkpoint.ts';
import { parseNote } from '../tlog/note.ts';
import { type EntryTile, type Tile, tileAt, tilePath } from '../tlog/tile.ts';
import { type Answer, notFound, type OpenFile } from './log-server-answer.ts';

/** It changes with every append. */
export function serveCheckpoint(log: string): Answer {
  return {
    status: 200,
    headers: { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-cache' },
    body: readCheckpoint(log),
  };
}

export async function serveTile(log: string, tile: Tile | EntryTile): Promise<Answer> {
  // What lies beyond the checkpoint may be half written, and caches would keep that half for a year.
  if (tile.width > publishedWidth(log, tile)) return notFound();
  const body = await openTile(log, tilePath(tile));
  if (body === undefined) return notFound();
  return {
    status: 200,
    headers: {
      'content-type': 'application/octet-stream',
      'cache-control': 'public, max-age=31536000, immutable',
    },
    body,
  };
}

function publishedWidth(log: string, { level, index }: Tile | EntryTile): number {
  const note = parseNote(readCheckpoint(log));
  const read = note.fault === undefined ? parseCheckpoint(note.value.text) : note;
  if (read.fault !== undefined) throw new QpoeError('refused', `${join(log, 'checkpoint')}: ${read.fault}`);
  return tileAt(level === 'entries' ? 0 : level, index, read.value.size).width;
}

const ABSENT = ['ENOENT', 'ENOTDIR', 'ELOOP'];

async function openTile(log: string, path: string): Promise<OpenFile | undefined> {
  try {
    // A link in place of one of the folders would show any file of the same name.
    if ((await realpath(join(log, path))) !== join(await realpath(log), path)) return undefined;
    const file = await open(
      join(log, path),
      constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
    );
    const stats = await file.stat();
    if (stats.isFile()) return { file, length: stats.size };
    await file.close();
    return undefined;
  } catch (error) {
    if (ABSENT.includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw fileError('external', 'read', join(log, path), error);
  }
}
