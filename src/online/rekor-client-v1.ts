/**
 * Rekor v1 (sigstore/rekor): POST /api/v1/log/entries
 *
 *     {"apiVersion":"0.0.1","kind":"dsse","spec":{"proposedContent":{"envelope":JSON text,"verifiers":[base64(PEM)]}}}
 *
 * `dsse` and not `hashedrekord`, although a P-256 signature over a PAE would do for both: cosign takes no other entry of v1 for
 * an envelope. The body holds a hash of the text that was sent, so that text is canonical: the same envelope is the same entry.
 *
 *     201 {"<uuid>":{"body","integratedTime","logID","logIndex","verification":{"inclusionProof","signedEntryTimestamp"}}}
 *     409 with `location` where it was there before
 */

import * as z from 'zod/mini';
import { formatLogEntry, type LogEntry } from '../attest/log-entry.ts';
import { type Bytes, fromBase64, fromHex, toBase64, toHex, utf8 } from '../core/bytes.ts';
import { sha256 } from '../core/digest.ts';
import { canonicalBytes, canonicalText } from '../core/jcs.ts';
import { checkShape } from '../core/shape.ts';
import { type LoggedEnvelope, pemOf } from '../verify/rekor-body.ts';
import { type HttpAnswer, requestPatiently } from './http-request.ts';
import { excerpt, type RekorService, readJsonAnswer, unusable } from './rekor-service.ts';

const CONFLICT = 409;
const HASH = /^[0-9a-f]{64}$/;

const count = z.int().check(z.nonnegative());
const hash = z.string().check(z.regex(HASH));
const base64 = z.string().check(z.refine((text) => fromBase64(text) !== undefined, 'not canonical base64'));
const answered = z.record(
  z.string().check(z.regex(/^[0-9a-f]{64,80}$/)),
  z.object({
    body: base64,
    integratedTime: count,
    logID: hash,
    logIndex: count,
    verification: z.object({
      signedEntryTimestamp: base64,
      inclusionProof: z.object({
        logIndex: count,
        treeSize: count,
        rootHash: hash,
        hashes: z.array(hash).check(z.maxLength(63)),
        checkpoint: z.string(),
      }),
    }),
  }),
);

/** What was answered, not verified yet. */
export async function submitToRekorV1(service: RekorService, submission: LoggedEnvelope): Promise<LogEntry> {
  const { url } = service;
  const entries = `${url}/api/v1/log/entries`;
  const text = envelopeText(submission);
  const answer = await requestPatiently(
    {
      url: entries,
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: requestBody(text, submission),
    },
    service,
  );
  if (answer.status !== CONFLICT) return readEntry(url, answer, text);
  const uuid = /\/api\/v1\/log\/entries\/([0-9a-f]{64,80})$/.exec(answer.headers.get('location') ?? '')?.[1];
  if (uuid === undefined) throw unusable(url, 'it has the entry already, and does not say where');
  const headers = { accept: 'application/json' };
  return readEntry(
    url,
    await requestPatiently({ url: `${entries}/${uuid}`, method: 'GET', headers }, service),
    text,
  );
}

function envelopeText({ envelope }: LoggedEnvelope): string {
  return canonicalText({
    payload: toBase64(envelope.payload),
    payloadType: envelope.payloadType,
    signatures: [{ sig: toBase64(envelope.signature) }],
  });
}

function requestBody(envelope: string, { spki }: LoggedEnvelope): Bytes {
  return canonicalBytes({
    apiVersion: '0.0.1',
    kind: 'dsse',
    spec: { proposedContent: { envelope, verifiers: [pemOf(spki)] } },
  });
}

function readEntry(url: string, answer: HttpAnswer, text: string): LogEntry {
  if (answer.status !== 200 && answer.status !== 201)
    throw unusable(url, `it answers ${answer.status}: ${excerpt(answer.body)}`);
  const { value, fault } = checkShape(answered, readJsonAnswer(url, answer));
  if (fault !== undefined) throw unusable(url, `it answers ${answer.status} and no log entry: ${fault}`);
  const [entry, ...more] = Object.values(value);
  if (entry === undefined || more.length > 0) throw unusable(url, 'it answers with several entries, or none');
  const body = fromBase64(entry.body)!;
  if (!includes(body, toHex(sha256(utf8(text)))))
    throw unusable(url, 'it answers with the entry of another envelope');
  const { inclusionProof: proof, signedEntryTimestamp } = entry.verification;
  return {
    ...formatLogEntry({
      logId: fromHex(entry.logID)!,
      index: proof.logIndex,
      size: proof.treeSize,
      root: fromHex(proof.rootHash)!,
      hashes: proof.hashes.map((hash) => fromHex(hash)!),
      checkpoint: proof.checkpoint,
      body,
    }),
    logIndex: String(entry.logIndex),
    kindVersion: { kind: 'dsse', version: '0.0.1' },
    integratedTime: String(entry.integratedTime),
    inclusionPromise: { signedEntryTimestamp },
  };
}

/** Whether the body holds this text's hash: another form of the same envelope would be a second entry of it. */
function includes(body: Bytes, hash: string): boolean {
  return Buffer.from(body).includes(hash);
}
