/**
 * Asking a time-stamping authority (RFC 3161, sections 2.4 and 3.4): POST of `application/timestamp-query`
 *
 *     TimeStampReq  30 43  02 01 01                                                 version 1
 *                          30 31 30 0d 06 09 60 86 48 01 65 03 04 02 01 05 00       messageImprint, SHA-256
 *                                04 20 …
 *                          02 08 …                                                  nonce
 *                          01 01 ff                                                 certReq: with the certificates
 *
 * What is stamped is the signature of an envelope (Sigstore's convention): it dates the signature, and with it the payload.
 */

import { randomBytes } from 'node:crypto';
import { RFC3161Timestamp } from '@sigstore/core';
import { type Bytes, concatenate, fromHex } from '../core/bytes.ts';
import { sha256 } from '../core/digest.ts';
import { QpoeError } from '../core/error.ts';
import { printable } from '../core/printable.ts';
import { type Patience, requestPatiently, serviceUrl } from './http-request.ts';

export interface TimestampService extends Patience {
  /** The address that takes queries, with its path. */
  readonly url: string;
}

const HEAD = fromHex('30430201013031300d060960864801650304020105000420')!;
const NONCE_HEAD = fromHex('0208')!;
const CERT_REQ = fromHex('0101ff')!;
const NONCE_BYTES = 8;

/**
 * The authority's whole answer, granted, about these very bytes and this very query. Whether its signature is one that the
 * policy trusts is for `verifyTimestamp`.
 * @param signed what to stamp: the bytes of an envelope's signature
 * @throws QpoeError `external`: the service, or what it answered; `usage`: the address; `interrupted`
 */
export async function requestTimestamp(service: TimestampService, signed: Bytes): Promise<Bytes> {
  const url = serviceUrl(service.url);
  const nonce = newNonce();
  const { status, body } = await requestPatiently(
    {
      url,
      method: 'POST',
      headers: { 'content-type': 'application/timestamp-query', accept: 'application/timestamp-reply' },
      body: concatenate([HEAD, sha256(signed), NONCE_HEAD, nonce, CERT_REQ]),
    },
    service,
  );
  if (status !== 200 && status !== 201) throw unusable(url, `it answers ${status}`);
  const fault = findAnswerFault(body, signed, nonce);
  if (fault !== undefined) throw unusable(url, fault);
  return body;
}

/** Positive, and in its shortest form: the first byte is 40 to 7f. */
function newNonce(): Bytes {
  const nonce = Uint8Array.from(randomBytes(NONCE_BYTES));
  nonce[0] = (nonce[0]! & 0x3f) | 0x40;
  return nonce;
}

function findAnswerFault(answer: Bytes, signed: Bytes, nonce: Bytes): string | undefined {
  try {
    const stamp = RFC3161Timestamp.parse(Buffer.from(answer));
    if (stamp.status !== 0n) return `it does not grant what it was asked for (status ${stamp.status})`;
    return findMismatch(stamp, signed, nonce);
  } catch {
    return 'its answer is not an RFC 3161 time stamp';
  }
}

function findMismatch({ tstInfo }: RFC3161Timestamp, signed: Bytes, nonce: Bytes): string | undefined {
  // Behind the time: accuracy, ordering, nonce, tsa, extensions, each of which may be left out.
  const echoed = tstInfo.root.subs.slice(5).find(({ tag }) => tag.isInteger());
  if (echoed === undefined || !echoed.value.equals(nonce))
    return 'its answer is to another query (the nonce)';
  const { messageImprintHashAlgorithm, messageImprintHashedMessage } = tstInfo;
  return messageImprintHashAlgorithm === 'sha256' && messageImprintHashedMessage.equals(sha256(signed))
    ? undefined
    : 'its answer is about other bytes';
}

function unusable(url: string, what: string): QpoeError {
  return new QpoeError(
    'external',
    `the time-stamping authority at ${printable(url)} can't be used: ${what}`,
    'check the address and the network, and try again, or name another authority',
  );
}
