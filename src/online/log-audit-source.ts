/** Where an audited log lies: at an address, or in a folder. What comes from there is judged by others; here it is only bounded. */

import { setTimeout as wait } from 'node:timers/promises';
import { type Bytes, concatenate } from '../core/bytes.ts';
import { QpoeError } from '../core/error.ts';
import { printable } from '../core/printable.ts';
import { MAX_BUNDLE_BYTES, readLogFile } from '../store/log-files.ts';
import { readCheckpoint } from '../store/log-read.ts';
import { HASH_BYTES } from '../tlog/merkle.ts';
import { MAX_NOTE_BYTES } from '../tlog/note.ts';
import { type EntryTile, FULL_WIDTH, type Tile, tilePath } from '../tlog/tile.ts';

export type AuditedLog = { readonly url: string } | { readonly dir: string };

export interface LogSource {
  checkpoint(): Promise<Bytes>;
  /** Undefined where there is none. */
  read(tile: Tile | EntryTile): Promise<Uint8Array | undefined>;
}

const TIMEOUT_MS = 20_000;
const RETRY_AFTER_MS = [250, 1_000];

/** @throws QpoeError `usage` where the address is none */
export function openSource(log: AuditedLog, signal?: AbortSignal, timeoutMs = TIMEOUT_MS): LogSource {
  if ('dir' in log)
    return {
      checkpoint: async () => readCheckpoint(log.dir),
      read: async (tile) => readLogFile(log.dir, tile),
    };
  const base = checkUrl(log.url);
  const get = (path: string, maxBytes: number) =>
    fetchPatiently({ url: `${base}/${path}`, maxBytes, timeoutMs, signal });
  return {
    async checkpoint() {
      const note = await get('checkpoint', MAX_NOTE_BYTES);
      if (note === undefined)
        throw new QpoeError('external', `no log at ${base}: it has no checkpoint`, 'check the address');
      return note;
    },
    read: (tile) => get(tilePath(tile), MAX_BUNDLE_BYTES),
  };
}

function checkUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (
    url === undefined ||
    !['http:', 'https:'].includes(url.protocol) ||
    url.search !== '' ||
    url.hash !== ''
  )
    throw new QpoeError(
      'usage',
      `"${printable(text)}" is not the address of a log`,
      'write it as https://HOST[/PATH]',
    );
  return url.href.replace(/\/+$/, '');
}

interface Get {
  readonly url: string;
  readonly maxBytes: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** An audit of a large log makes many requests: one that fails must not cost them all. */
async function fetchPatiently(get: Get): Promise<Bytes | undefined> {
  for (const pause of RETRY_AFTER_MS) {
    try {
      return await fetchBounded(get);
    } catch (error) {
      if (!(error instanceof QpoeError) || error.code !== 'external') throw error;
      await wait(pause);
    }
  }
  return fetchBounded(get);
}

/** What is longer than it may be is cut one byte later, so that whoever reads it finds it malformed. */
async function fetchBounded({ url, maxBytes, timeoutMs, signal }: Get): Promise<Bytes | undefined> {
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(url, {
      // A log must not send its auditor to other hosts, such as those that only this machine reaches.
      redirect: 'error',
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
    if (!response.ok) {
      await response.body?.cancel();
      if (response.status === 404 || response.status === 410) return undefined;
      throw new Error(`it answered with status ${response.status}`);
    }
    return await readBody(response, maxBytes);
  } catch (cause) {
    if (signal?.aborted)
      throw new QpoeError('interrupted', 'the audit was interrupted', undefined, { cause });
    const why = timeout.aborted ? `no answer within ${timeoutMs / 1000} s` : reasonOf(cause as Error);
    throw new QpoeError('external', `${url}: ${printable(why)}`, 'try again later', { cause });
  }
}

async function readBody({ body }: Response, maxBytes: number): Promise<Bytes> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > maxBytes) break;
  }
  return concatenate(chunks).slice(0, maxBytes + 1);
}

/** `fetch failed` says nothing; its cause does. */
function reasonOf({ message, cause }: Error): string {
  return (cause as Error | undefined)?.message || message;
}

/** A partial tile is gone once the log has grown over it, and begins the full one. */
export async function readTile(source: LogSource, tile: Tile): Promise<Uint8Array | undefined> {
  const bytes = await source.read(tile);
  if (bytes !== undefined || tile.width === FULL_WIDTH) return bytes;
  return (await source.read({ ...tile, width: FULL_WIDTH }))?.subarray(0, tile.width * HASH_BYTES);
}

/** Fetched at a time. */
const AHEAD = 6;

/** What `get` makes of each number from `from` up to `to`, in order, begun a few ahead of its turn. */
export async function* inOrder<T>(
  from: number,
  to: number,
  get: (i: number) => Promise<T>,
): AsyncGenerator<T> {
  const begun: Promise<T>[] = [];
  for (let next = from, done = from; done < to; done++) {
    for (; next < to && begun.length < AHEAD; next++) {
      const result = get(next);
      // Whoever awaits it is told; where no one does any more it must not end the process.
      result.catch(() => {});
      begun.push(result);
    }
    yield await begun.shift()!;
  }
}
