/**
 * IBM Cloud's access tokens: an API key buys one for an hour.
 *
 *     POST /identity/token   grant_type=urn:ibm:params:oauth:grant-type:apikey&apikey=…
 *     {"access_token":"eyJ…","expires_in":3600,"expiration":1774000000}
 *
 * How long it lasts is counted on the monotonic clock: this machine's own may be wrong.
 */

import * as z from 'zod/mini';
import { fromUtf8, utf8 } from '../core/bytes.ts';
import { QpoeError } from '../core/error.ts';
import { isJsonObject, JsonError, type JsonObject, parseJson } from '../core/json.ts';
import { printable } from '../core/printable.ts';
import { checkShape } from '../core/shape.ts';
import { type Patience, requestPatiently } from '../online/http-request.ts';

export interface TokenSource {
  /** @param stale the token that was refused, so that another is bought */
  get(stale?: string): Promise<string>;
}

export interface TokenOptions {
  readonly iam: string;
  readonly key: string;
  /** For messages: whose key. */
  readonly where: string;
  readonly patience: Patience;
  /** Milliseconds that only grow. */
  readonly now?: () => number;
}

const answer = z.looseObject({
  access_token: z.string().check(z.regex(/^[\x21-\x7e]+$/)),
  expires_in: z.number().check(z.positive()),
});
/** A token is given up before its time, so that none ends on the way. */
const USED_OF_LIFE = 0.8;

export function tokenSource(options: TokenOptions): TokenSource {
  const now = options.now ?? (() => performance.now());
  let held: { readonly token: string; readonly until: number } | undefined;
  let asking: Promise<string> | undefined;
  const buy = async (): Promise<string> => {
    const { access_token: token, expires_in: seconds } = await askToken(options);
    held = { token, until: now() + seconds * 1000 * USED_OF_LIFE };
    return token;
  };
  return {
    get: (stale) => {
      if (held !== undefined && now() < held.until && held.token !== stale)
        return Promise.resolve(held.token);
      // Requests that run side by side share one.
      asking ??= buy().finally(() => {
        asking = undefined;
      });
      return asking;
    },
  };
}

async function askToken({ iam, key, where, patience }: TokenOptions): Promise<z.infer<typeof answer>> {
  const url = `${iam}/identity/token`;
  const { status, body } = await requestPatiently(
    {
      url,
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      body: utf8(
        new URLSearchParams({ grant_type: 'urn:ibm:params:oauth:grant-type:apikey', apikey: key }).toString(),
      ),
    },
    { ...patience, maxBytes: 1_000_000 },
  );
  const value = parseObject(body);
  if (status !== 200) throw refusedKey(where, key, status, value);
  const shaped = checkShape(answer, value);
  if (shaped.fault !== undefined)
    throw new QpoeError('external', `${url} answers no token: ${shaped.fault}`, 'check IAM_URL');
  return shaped.value;
}

function refusedKey(where: string, key: string, status: number, value: JsonObject): QpoeError {
  const said = typeof value.errorMessage === 'string' ? `: ${value.errorMessage.replaceAll(key, '…')}` : '';
  // Of every job the matter, not of the one that was asked for.
  return new QpoeError(
    'usage',
    `IBM Cloud does not take the API key of ${where} (${status})${printable(said, 300)}`,
    'make a new key at https://cloud.ibm.com/iam/apikeys and save it',
  );
}

/** Whoever the token speaks of, as it says itself: its signature is IBM's business. */
export function subjectOf(token: string): string | undefined {
  const payload = parseObject(Buffer.from(token.split('.')[1] ?? '', 'base64url'));
  const id = payload.iam_id ?? payload.id ?? payload.sub;
  return typeof id === 'string' && id !== '' ? id : undefined;
}

function parseObject(bytes: Uint8Array): JsonObject {
  try {
    const value = parseJson(fromUtf8(bytes) ?? '');
    return isJsonObject(value) ? value : {};
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return {};
  }
}
