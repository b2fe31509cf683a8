/**
 * What the body of a Rekor entry binds where a bare key signed an envelope (sigstore/rekor `pkg/types`, rekor-tiles):
 *
 *     hashedrekord 0.0.2  as `src/tlog/hashedrekord.ts` has it: SHA-256 of the PAE, signature, SPKI
 *     dsse         0.0.1  spec: {envelopeHash, payloadHash, signatures: [{signature, verifier: base64(PEM)}]}
 *     hashedrekord 0.0.1  spec: {data: {hash: of the PAE}, signature: {content, publicKey: {content: base64(PEM)}}}
 *
 * `envelopeHash` is over the text that was submitted, which no bundle keeps. The payload's type stands in no `dsse` body: it is
 * bound by the signature, which holds over the PAE.
 */

import * as z from 'zod/mini';
import { pae } from '../attest/dsse.ts';
import type { LogEntry } from '../attest/log-entry.ts';
import type { KeyedEnvelope } from '../attest/sigstore-bundle.ts';
import { type Bytes, fromBase64, fromHex, fromUtf8, toBase64, utf8 } from '../core/bytes.ts';
import { sha256 } from '../core/digest.ts';
import { JsonError, type JsonValue, parseJsonBytes } from '../core/json.ts';
import { checkShape, listOf, type Shaped } from '../core/shape.ts';
import { MAX_ENTRY_BYTES } from '../tlog/entry-bundle.ts';
import { parseHashedRekord } from '../tlog/hashedrekord.ts';
import { sameHash } from '../tlog/merkle.ts';
import { type Found, found } from './check.ts';

/** An envelope whose signature holds, and the SPKI of the key that it holds by. */
export interface LoggedEnvelope {
  readonly envelope: Pick<KeyedEnvelope, 'payloadType' | 'payload' | 'signature'>;
  readonly spki: Bytes;
}

/** What a body names; undefined where it is text that isn't what it must be. */
interface Named {
  readonly digest: Bytes | undefined;
  readonly of: 'pae' | 'payload';
  readonly signature: Bytes | undefined;
  readonly key: Bytes | undefined;
}

const text = z.string();
const hash = z.strictObject({ algorithm: z.literal('sha256'), value: z.string().check(z.length(64)) });
const dsse = z.strictObject({
  apiVersion: z.literal('0.0.1'),
  kind: z.literal('dsse'),
  spec: z.strictObject({
    envelopeHash: hash,
    payloadHash: hash,
    signatures: listOf(z.strictObject({ signature: text, verifier: text })).check(z.length(1)),
  }),
});
const hashedrekord = z.strictObject({
  apiVersion: z.literal('0.0.1'),
  kind: z.literal('hashedrekord'),
  spec: z.strictObject({
    data: z.strictObject({ hash }),
    signature: z.strictObject({ content: text, publicKey: z.strictObject({ content: text }) }),
  }),
});

type ReadBody = (body: Bytes) => Shaped<Named>;

const READERS: Readonly<Record<string, ReadBody>> = {
  'hashedrekord 0.0.2': (body) => {
    const { value: entry, fault } = parseHashedRekord(body);
    if (fault !== undefined) return { fault };
    return { value: { digest: entry.digest, of: 'pae', signature: entry.signature, key: entry.publicKey } };
  },
  'dsse 0.0.1': reader(dsse, ({ spec: { payloadHash, signatures } }) => ({
    digest: fromHex(payloadHash.value),
    of: 'payload',
    signature: fromBase64(signatures[0]!.signature),
    key: readPem(signatures[0]!.verifier),
  })),
  'hashedrekord 0.0.1': reader(hashedrekord, ({ spec: { data, signature } }) => ({
    digest: fromHex(data.hash.value),
    of: 'pae',
    signature: fromBase64(signature.content),
    key: readPem(signature.publicKey.content),
  })),
};

function reader<T>(schema: z.ZodMiniType<T>, name: (body: T) => Named): ReadBody {
  return (body) => {
    const { value, fault } = checkShape(schema, parseBody(body));
    return fault === undefined ? { value: name(value) } : { fault: `its body: ${fault}` };
  };
}

function parseBody(body: Bytes): JsonValue {
  try {
    return parseJsonBytes(body, { bytes: MAX_ENTRY_BYTES, depth: 16, items: 10_000 });
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return null;
  }
}

/** The one public key in base64 of PEM, in the form that Rekor writes. A certificate is none: it would say more than a key. */
function readPem(base64: string): Bytes | undefined {
  const pem = fromUtf8(fromBase64(base64) ?? new Uint8Array()) ?? '';
  const body = /^-----BEGIN PUBLIC KEY-----\n([A-Za-z0-9+/=\n]+)\n-----END PUBLIC KEY-----\n$/.exec(pem)?.[1];
  return body === undefined ? undefined : fromBase64(body.replaceAll('\n', ''));
}

/** The base64 of PEM under which Rekor v1 takes and logs a key. */
export function pemOf(spki: Uint8Array): string {
  const lines = toBase64(spki).replaceAll(/.{1,64}/g, '$&\n');
  return toBase64(utf8(`-----BEGIN PUBLIC KEY-----\n${lines}-----END PUBLIC KEY-----\n`));
}

/** Whether the entry's kind is one whose body can be compared here. */
export function isKnownKind({ kindVersion: { kind, version } }: LogEntry): boolean {
  return Object.hasOwn(READERS, `${kind} ${version}`);
}

/** Digest, signature and key are each compared: an entry that leaves one open would do for another's envelope. */
export function checkRekorBody(entry: LogEntry, { envelope, spki }: LoggedEnvelope): Found {
  const { kind, version } = entry.kindVersion;
  if (!isKnownKind(entry))
    return found('unknown', `this program does not know entries of kind ${kind} ${version}`, 'log.kind');
  const { value: named, fault } = READERS[`${kind} ${version}`]!(fromBase64(entry.canonicalizedBody)!);
  if (fault !== undefined) return found('fail', fault, 'entry.shape');
  const { payloadType, payload } = envelope;
  const covered = named.of === 'pae' ? pae(payloadType, payload) : payload;
  if (!equal(named.digest, sha256(covered)))
    return found('fail', 'the entry is of another payload', 'log.digest');
  if (!equal(named.signature, envelope.signature))
    return found('fail', 'the entry is of another signature over this payload', 'log.signature');
  if (!equal(named.key, spki)) return found('fail', 'the entry names another key', 'log.key');
  return found('pass', 'digest, signature and key are this envelope’s');
}

function equal(a: Bytes | undefined, b: Bytes): boolean {
  return a !== undefined && sameHash(a, b);
}
