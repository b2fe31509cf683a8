/** What the emulator answers a request with. */

import { randomUUID } from 'node:crypto';
import type { JsonValue } from '../../core/json.ts';
import type { ApiError } from './api-error.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };
const NOTHING = new Uint8Array();

export function json(value: JsonValue, status = 200): Answer {
  return { status, headers: JSON_TYPE, body: Buffer.from(JSON.stringify(value)) };
}

/** JSON that is text already. */
export function jsonBytes(body: Uint8Array): Answer {
  return { status: 200, headers: JSON_TYPE, body };
}

export function text(body: string): Answer {
  return { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: Buffer.from(body) };
}

export function nothing(): Answer {
  return { status: 204, headers: {}, body: NOTHING };
}

export function refusal({ status, code, message, headers }: ApiError): Answer {
  const errors = [{ code: String(code), message, more_info: `https://ibm.biz/error_codes#${code}` }];
  const answer = json({ trace: randomUUID(), errors }, status);
  return { ...answer, headers: { ...answer.headers, ...headers } };
}
