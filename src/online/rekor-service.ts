/** A Rekor, as its client is told of it, and what may be wrong with what it answers. */

import type { RekorLog } from '../attest/trusted-root.ts';
import { fromUtf8 } from '../core/bytes.ts';
import { QpoeError } from '../core/error.ts';
import { JsonError, type JsonValue, parseJsonBytes } from '../core/json.ts';
import { printable } from '../core/printable.ts';
import type { HttpAnswer, Patience } from './http-request.ts';

export interface RekorService extends Patience {
  readonly url: string;
  /** Where tiles and checkpoint are read of a v2 log that serves them elsewhere; by default `<url>/api/v2`. */
  readonly readUrl?: string;
  /** `auto`: v2, or v1 where the service has no v2. */
  readonly version?: 'v1' | 'v2' | 'auto';
  /** How long a v2 log may take to publish what it took, and has not said that it did: its checkpoint interval, and more. */
  readonly settleMs?: number;
  /** Of a trusted root: without the log's key no answer of it can be believed. */
  readonly logs: readonly RekorLog[];
}

/** @param what of one line, which may quote the service */
export function unusable(url: string, what: string): QpoeError {
  return new QpoeError(
    'external',
    `the log at ${printable(url)} can't be used: ${printable(what)}`,
    'check the address and its trusted root, and submit again: what is there already is not entered twice',
  );
}

/** @throws QpoeError `external` for anything but strict JSON */
export function readJsonAnswer(url: string, { body, status }: HttpAnswer): JsonValue {
  try {
    return parseJsonBytes(body);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw unusable(url, `it answers ${status} and no JSON: ${excerpt(body)}`);
  }
}

const MAX_EXCERPT = 80;

/** The beginning of what a service said, for people. */
export function excerpt(body: Uint8Array): string {
  const text = fromUtf8(body)?.trim().replaceAll(/\s+/g, ' ') ?? `${body.length} bytes`;
  return text === '' ? 'nothing' : text.length > MAX_EXCERPT ? `${text.slice(0, MAX_EXCERPT)}…` : text;
}
