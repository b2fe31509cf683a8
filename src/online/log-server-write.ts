/** Rekor v2's `POST /api/v2/log/entries`: the entry is durable, and proven, before it is answered. */

import type { IncomingMessage } from 'node:http';
import { formatLogEntry } from '../attest/log-entry.ts';
import { type Bytes, concatenate, fromUtf8 } from '../core/bytes.ts';
import { QpoeError } from '../core/error.ts';
import type { OpenLog } from '../store/log.ts';
import { appendToLog } from '../store/log-append.ts';
import { proveInclusion } from '../store/log-read.ts';
import { parseCheckpoint } from '../tlog/checkpoint.ts';
import { formatHashedRekord } from '../tlog/hashedrekord.ts';
import { findInclusionFault, leafHash } from '../tlog/merkle.ts';
import { parseNote } from '../tlog/note.ts';
import { hashVkey } from '../tlog/vkey.ts';
import { type Answer, refusal } from './log-server-answer.ts';
import { readEntryRequest } from './log-server-request.ts';

const MAX_REQUEST_BYTES = 100_000;

export async function createEntry(log: OpenLog, request: IncomingMessage): Promise<Answer> {
  const { 'content-type': type = '', 'content-encoding': encoding = 'identity' } = request.headers;
  // A page in the person's browser can send any other type here without being asked for leave first (CORS).
  if (!/^application\/json *(?:;|$)/i.test(type) || encoding !== 'identity')
    return refusal(415, 'send the request as application/json, not compressed');
  const body = await readBody(request);
  if (body === undefined) return refusal(413, `a request has at most ${MAX_REQUEST_BYTES} bytes`);
  const read = readEntryRequest(body);
  if (read.fault !== undefined) return refusal(400, read.fault);
  return logEntry(log, formatHashedRekord(read.value));
}

/** Undefined where it is too long. What is left of it then is never kept. */
async function readBody(request: IncomingMessage): Promise<Bytes | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > MAX_REQUEST_BYTES) return undefined;
  const chunks: Uint8Array[] = [];
  let length = 0;
  // Not `for await`: leaving that early would end the connection before the answer.
  return new Promise((resolve, reject) => {
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= MAX_REQUEST_BYTES) chunks.push(chunk);
      else resolve(undefined);
    });
    request.on('end', () => resolve(concatenate(chunks)));
    request.on('error', reject);
  });
}

/**
 * Rekor answers what it holds already with 409 and no proof, which its clients take for a failure. A retry whose first answer
 * was lost gets here what it would have got, told apart by the header that Rekor sends too.
 */
async function logEntry(log: OpenLog, entry: Bytes): Promise<Answer> {
  const { indexes, checkpoint } = await appendToLog(log, [entry]);
  const { index, existed } = indexes[0]!;
  return {
    status: 201,
    headers: {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      ...(existed ? { 'x-log-index': String(index) } : {}),
    },
    body: Buffer.from(`${JSON.stringify(proveEntry(log, index, entry, checkpoint))}\n`),
  };
}

function proveEntry(log: OpenLog, index: number, body: Bytes, note: Bytes) {
  const { size, root } = parseCheckpoint(parseNote(note).value!.text).value!;
  const hashes = proveInclusion(log.path, index, size);
  const fault = findInclusionFault({ leaf: leafHash(body), index, size, root }, hashes);
  if (fault !== undefined) throw new QpoeError('refused', `${log.path} is damaged: ${fault.fault}`);
  const logId = hashVkey(log.vkey);
  return formatLogEntry({ logId, index, size, root, hashes, checkpoint: fromUtf8(note)!, body });
}
