/**
 * Keyless signing: a throw-away key, a certificate for it from Fulcio against an identity token, an entry in Rekor, and where a
 * time-stamping authority is named, its stamp. The result is a Sigstore bundle v0.3.
 *
 * The log is Rekor v1 (`dsse` 0.0.1): it signs the time, and a Rekor v2 takes no envelopes from @sigstore/sign, which
 * submits them as an entry that v2 has dropped.
 */

import { bundleToJSON } from '@sigstore/bundle';
import {
  CIContextProvider,
  DSSEBundleBuilder,
  FulcioSigner,
  InternalError,
  RekorWitness,
  TSAWitness,
} from '@sigstore/sign';
import type { Bytes } from '../core/bytes.ts';
import { QpoeError } from '../core/error.ts';
import { printable } from '../core/printable.ts';
import { readWithStats } from '../store/files.ts';
import { OTHERS_ANYTHING, refuseOthers } from '../store/home.ts';

export interface KeylessServices {
  readonly fulcioUrl: string;
  readonly rekorUrl: string;
  readonly tsaUrl?: string;
  /** The OpenID Connect token that says who signs. */
  readonly identityToken: () => Promise<string>;
  readonly signal?: AbortSignal;
  /** For each request. */
  readonly timeoutMs?: number;
}

/** Sigstore's public-good instance. */
export const PUBLIC_SERVICES = {
  fulcioUrl: 'https://fulcio.sigstore.dev',
  rekorUrl: 'https://rekor.sigstore.dev',
  tsaUrl: 'https://timestamp.sigstore.dev',
} as const;

const TIMEOUT_MS = 20_000;
const RETRIES = 1;
const MAX_TOKEN_BYTES = 100_000;
const TRY_AGAIN = 'check the address and the network, and sign again; what was recorded stays as it is';
const FRESH_TOKEN =
  'get a fresh identity token for the audience "sigstore" (they expire within minutes), and sign again';
const TOKEN = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/**
 * The parsed JSON of a bundle. What the services answered is not judged here: verify it before it is kept.
 * @throws QpoeError `external` (a service), `usage` (the token, a URL), `interrupted`
 */
export async function signKeyless(
  { payload, payloadType }: { readonly payload: Bytes; readonly payloadType: string },
  services: KeylessServices,
): Promise<unknown> {
  const { identityToken, signal, timeoutMs: timeout = TIMEOUT_MS } = services;
  const fulcioBaseURL = checkUrl(services.fulcioUrl);
  const rekorBaseURL = checkUrl(services.rekorUrl);
  const tsaBaseURL = services.tsaUrl === undefined ? undefined : checkUrl(services.tsaUrl);
  const request = { timeout, retry: RETRIES };
  return untilAborted(async () => {
    const token = checkToken(await identityToken());
    signal?.throwIfAborted();
    const builder = new DSSEBundleBuilder({
      signer: new FulcioSigner({
        fulcioBaseURL,
        identityProvider: { getToken: async () => token },
        ...request,
      }),
      witnesses: [
        new RekorWitness({ rekorBaseURL, ...request }),
        ...(tsaBaseURL === undefined ? [] : [new TSAWitness({ tsaBaseURL, ...request })]),
      ],
    });
    try {
      return bundleToJSON(await builder.create({ data: Buffer.from(payload), type: payloadType }));
    } catch (error) {
      throw describe(error as Error, services);
    }
  }, signal);
}

/**
 * The token of a CI job: GitHub Actions, Buildkite, or `SIGSTORE_ID_TOKEN`.
 * @throws QpoeError `usage`: there is none
 */
export async function ciIdentityToken(): Promise<string> {
  try {
    return await new CIContextProvider('sigstore').getToken();
  } catch {
    throw noToken('no identity token here to sign with');
  }
}

/** @throws QpoeError `unreadable`, `unsafe` where others can read it */
export function readIdentityToken(path: string): string {
  const { bytes, stats } = readWithStats(path, MAX_TOKEN_BYTES);
  refuseOthers(path, stats, OTHERS_ANYTHING);
  return bytes.toString('utf8').trim();
}

/** Never with what was found: a token is a secret. */
function checkToken(token: unknown): string {
  if (typeof token === 'string' && TOKEN.test(token)) return token;
  throw noToken('the identity token is not an OpenID Connect token (a JWT)');
}

function noToken(message: string): QpoeError {
  return new QpoeError(
    'usage',
    message,
    'in GitHub Actions give the job `permissions: id-token: write`; elsewhere set SIGSTORE_ID_TOKEN, or name a file that holds the token',
  );
}

/** Whoever reads the token can sign as the person until it expires. */
function checkUrl(url: string): string {
  const { protocol, hostname } = URL.parse(url) ?? {};
  if (protocol === 'https:' || (protocol === 'http:' && hostname === '127.0.0.1'))
    return url.replace(/\/+$/, '');
  throw new QpoeError(
    'usage',
    `${printable(url)} is not an https address`,
    'name the service by its https address',
  );
}

async function untilAborted<T>(work: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const stop = () =>
    reject(
      new QpoeError(
        'interrupted',
        'keyless signing was interrupted; a log entry may have been made and stays',
        'sign again: it makes a new certificate and a new entry',
      ),
    );
  if (signal?.aborted) stop();
  signal?.addEventListener('abort', stop);
  try {
    return await Promise.race(signal?.aborted ? [aborted] : [work(), aborted]);
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

function describe(error: Error, { fulcioUrl, rekorUrl, tsaUrl }: KeylessServices): QpoeError {
  const code = error instanceof InternalError ? error.code : undefined;
  // Its message holds the token.
  if (code === 'IDENTITY_TOKEN_PARSE_ERROR') return noToken('the identity token names no verified subject');
  const reason = printable((error.cause instanceof Error ? error.cause : error).message);
  const failed = (what: string, hint: string) => new QpoeError('external', what, hint, { cause: error });
  switch (code) {
    case 'CA_CREATE_SIGNING_CERTIFICATE_ERROR':
      return failed(
        `the certificate authority at ${printable(fulcioUrl)} did not issue a certificate: ${reason}`,
        /^\((400|401|403)\)/.test(reason) ? FRESH_TOKEN : TRY_AGAIN,
      );
    case 'TLOG_CREATE_ENTRY_ERROR':
    case 'TLOG_FETCH_ENTRY_ERROR':
      return failed(`the log at ${printable(rekorUrl)} did not take the entry: ${reason}`, TRY_AGAIN);
    case 'TSA_CREATE_TIMESTAMP_ERROR':
      return failed(
        `the time-stamping authority at ${printable(tsaUrl!)} did not stamp the signature: ${reason}`,
        TRY_AGAIN,
      );
    default:
      return failed(
        `a signing service (${printable(`${fulcioUrl}, ${rekorUrl}`)}) answered nonsense: ${reason}`,
        TRY_AGAIN,
      );
  }
}
