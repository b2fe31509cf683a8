/** Fulcio, Rekor v1 and a time-stamping authority as HTTP services on this machine, and a root that trusts them. */

import { generateKeyPairSync } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fulcioHandler, initializeCA, initializeCTLog, tsaHandler } from '@sigstore/mock';
import {
  type AnyBundle,
  b64,
  daysFromNow,
  digest,
  type Instance,
  ISSUER,
  makeInstance,
} from './sigstore-instance.ts';

/** A token that no one signed: the services here don't ask. */
export function tokenOf(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none' })}.${part({ iss: ISSUER, ...claims })}.${'c2lnbmF0dXJl'}`;
}

type Answer = { readonly status: number; readonly type?: string; readonly body: string | Buffer } | 'silence';
type Handler = (body: string) => Promise<Answer>;

export interface Services {
  readonly url: string;
  readonly trustedRoot: string;
  readonly requests: string[];
  /** What a path answers instead, until it is taken away. */
  readonly instead: Map<string, Answer>;
  readonly close: () => void;
}

export const FULCIO = '/api/v2/signingCert';
export const REKOR = '/api/v1/log/entries';
export const TSA = '/api/v1/timestamp';

export async function startServices(): Promise<Services> {
  const instance = await makeInstance();
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ctlog = await initializeCTLog(keys);
  const authority = await initializeCA(keys, ctlog);
  const answered =
    ({ fn }: ReturnType<typeof fulcioHandler>): Handler =>
    async (body) => {
      const { statusCode, response, contentType } = await fn(body);
      return { status: statusCode, body: response as Buffer, ...(contentType ? { type: contentType } : {}) };
    };
  const handlers: Readonly<Record<string, Handler>> = {
    [FULCIO]: answered(fulcioHandler(authority)),
    [TSA]: answered(tsaHandler(instance.tsa)),
    [REKOR]: async (body) => ({
      status: 201,
      type: 'application/json',
      body: JSON.stringify(log(instance, body)),
    }),
  };
  const requests: string[] = [];
  const instead = new Map<string, Answer>();
  const server = createServer(async (request, response) => {
    const path = request.url!.split('?')[0]!;
    requests.push(path);
    const body = await readBody(request);
    const handler = handlers[path];
    send(response, instead.get(path) ?? (handler ? await handler(body) : { status: 404, body: 'none' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const trustedRoot = instance.trustedRoot((json) => {
    json.certificateAuthorities[0].certChain.certificates = [
      { rawBytes: b64(authority.rootCertificate as Buffer) },
    ];
    json.ctlogs = [
      {
        baseUrl: 'https://ctfe.example.org',
        hashAlgorithm: 'SHA2_256',
        publicKey: {
          rawBytes: b64(ctlog.publicKey),
          keyDetails: 'PKIX_ECDSA_P256_SHA_256',
          validFor: { start: daysFromNow(-1) },
        },
        logId: { keyId: b64(ctlog.logID as Buffer) },
      },
    ];
  });
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    trustedRoot,
    requests,
    instead,
    close,
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += chunk;
  return body;
}

function send(response: ServerResponse, answer: Answer): void {
  if (answer === 'silence') return;
  response.writeHead(answer.status, { 'content-type': answer.type ?? 'text/plain' }).end(answer.body);
}

/** What Rekor makes of a proposed envelope (rekor `pkg/types/dsse/v0.0.1`), and how it answers. */
function log(instance: Instance, proposed: string): object {
  const { proposedContent } = JSON.parse(proposed).spec;
  const envelope = JSON.parse(proposedContent.envelope);
  const hex = (bytes: Uint8Array) => ({ algorithm: 'sha256', value: Buffer.from(bytes).toString('hex') });
  const entry: AnyBundle = instance.enter({
    apiVersion: '0.0.1',
    kind: 'dsse',
    spec: {
      envelopeHash: hex(digest(Buffer.from(proposedContent.envelope))),
      payloadHash: hex(digest(Buffer.from(envelope.payload, 'base64'))),
      signatures: [{ signature: envelope.signatures[0].sig, verifier: proposedContent.verifiers[0] }],
    },
  });
  const toHex = (text: string) => Buffer.from(text, 'base64').toString('hex');
  const { inclusionProof: proof } = entry;
  return {
    '0123456789abcdef': {
      body: entry.canonicalizedBody,
      integratedTime: Number(entry.integratedTime),
      logID: toHex(entry.logId.keyId),
      logIndex: Number(entry.logIndex),
      verification: {
        signedEntryTimestamp: entry.inclusionPromise.signedEntryTimestamp,
        inclusionProof: {
          logIndex: Number(proof.logIndex),
          treeSize: Number(proof.treeSize),
          rootHash: toHex(proof.rootHash),
          hashes: proof.hashes.map(toHex),
          checkpoint: proof.checkpoint.envelope,
        },
      },
    },
  };
}
