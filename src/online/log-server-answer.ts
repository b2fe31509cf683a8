/** What the log's server answers a request with. */

import type { FileHandle } from 'node:fs/promises';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | OpenFile;
}

/** A file that is sent as it is read: a slow reader never holds a whole one in memory. */
export interface OpenFile {
  readonly file: FileHandle;
  readonly length: number;
}

const RETRY_SECONDS = '5';

/** Like gRPC's gateway, which Rekor stands behind: @sigstore/sign shows the message. */
export function refusal(
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
    body: Buffer.from(`${JSON.stringify({ code: GRPC[status] ?? 2, message, details: [] })}\n`),
  };
}

export function tryLater(message: string): Answer {
  return refusal(503, message, { 'retry-after': RETRY_SECONDS });
}

export function notFound(): Answer {
  return refusal(404, 'not found');
}

/** google.rpc.Code of an HTTP status. */
const GRPC: Readonly<Record<number, number>> = { 400: 3, 404: 5, 405: 12, 413: 11, 415: 3, 500: 13, 503: 14 };
