/** A Rekor of version 1 or 2 on this machine, which can be told to answer wrongly. Its tree is `naive-tree.ts`'s. */

import { createHash, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pae } from '../src/attest/dsse.ts';
import { type RekorLog, readRekorLogs } from '../src/attest/trusted-root.ts';
import type { Bytes } from '../src/core/bytes.ts';
import { canonicalText } from '../src/core/jcs.ts';
import { naiveLeaf, naivePath, naiveRoot } from './naive-tree.ts';

const sha256 = (bytes: string | Uint8Array) => createHash('sha256').update(bytes).digest();
const b64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
const HOST = 'rekor.example.org';
const TREE_ID = '1193050959916656506';
/** Entries of earlier shards: where a v1 log's outer index begins. */
const EARLIER = 1000;

// biome-ignore lint/suspicious/noExplicitAny: tests edit answers anywhere
export type AnyEntry = any;

export interface Signed {
  readonly envelope: { readonly payloadType: string; readonly payload: Bytes; readonly signature: Bytes };
  readonly spki: Bytes;
}

/** An envelope by a new P-256 key. */
export function newEnvelope(text = 'a payload', payloadType = 'application/vnd.in-toto+json'): Signed {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const payload = new TextEncoder().encode(text);
  return {
    envelope: {
      payloadType,
      payload,
      signature: Uint8Array.from(sign('sha256', pae(payloadType, payload), privateKey)),
    },
    spki: Uint8Array.from(publicKey.export({ type: 'spki', format: 'der' })),
  };
}

export interface Rekor {
  readonly url: string;
  readonly trustedRoot: string;
  readonly logs: readonly RekorLog[];
  /** `POST /api/v2/log/entries`, one a request. */
  readonly requests: string[];
  /** The bodies in the log. */
  readonly entries: Buffer[];
  /** Answers the next POSTs instead of the log, one each, until they are used up. */
  readonly instead: ((response: ServerResponse) => void)[];
  /** The same for GETs. */
  readonly insteadOfReads: ((response: ServerResponse) => void)[];
  /** Does what is asked, and breaks the connection instead of answering: as often as this says. */
  drops: number;
  /** Changes what is answered, once it is right. */
  edit: (entry: AnyEntry) => void;
  /** Takes an entry that it has already as a new one. */
  forgetful: boolean;
  /** What a v2 log's checkpoint covers. */
  published: number | undefined;
  /** Signs a checkpoint as the log does. */
  checkpoint(size: number, options?: { readonly root?: Uint8Array; readonly origin?: string }): string;
  /** A SET of v1. */
  promise(entry: { body: string; integratedTime: number; logIndex: number }): string;
  readonly close: () => void;
}

export async function startRekor(version: 'v1' | 'v2'): Promise<Rekor> {
  const { publicKey, privateKey } =
    version === 'v1' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('ed25519');
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const logId =
    version === 'v1'
      ? sha256(spki)
      : sha256(Buffer.concat([Buffer.from(`${HOST}\n\x01`), spki.subarray(-32)]));
  const bySigner = (text: string) => sign(version === 'v1' ? 'sha256' : null, Buffer.from(text), privateKey);
  const entries: Buffer[] = [Buffer.from('the first entry')];
  const leaves = () => entries.map(naiveLeaf);

  const checkpoint: Rekor['checkpoint'] = (size, options = {}) => {
    const { root = naiveRoot(leaves().slice(0, size)) } = options;
    const { origin = version === 'v1' ? `${HOST} - ${TREE_ID}` : HOST } = options;
    const text = `${origin}\n${size}\n${b64(root)}\n`;
    return `${text}\n— ${HOST} ${b64(Buffer.concat([logId.subarray(0, 4), bySigner(text)]))}\n`;
  };

  const trustedRoot = JSON.stringify({
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: [
      {
        baseUrl: `https://${HOST}`,
        hashAlgorithm: 'SHA2_256',
        publicKey: {
          rawBytes: b64(spki),
          keyDetails: version === 'v1' ? 'PKIX_ECDSA_P256_SHA_256' : 'PKIX_ED25519',
          validFor: { start: '2026-01-01T00:00:00Z' },
        },
        logId: { keyId: b64(logId) },
      },
    ],
  });

  const rekor: Omit<Rekor, 'url' | 'close'> = {
    trustedRoot,
    logs: readRekorLogs(trustedRoot).value!,
    requests: [],
    entries,
    instead: [],
    insteadOfReads: [],
    drops: 0,
    forgetful: false,
    edit: () => {},
    published: undefined,
    checkpoint,
    promise: (entry) => b64(bySigner(canonicalText({ ...entry, logID: logId.toString('hex') }))),
  };

  const proof = (index: number, size: number) => ({
    root: naiveRoot(leaves().slice(0, size)),
    path: naivePath(index, leaves().slice(0, size)),
  });

  function answerV2(body: Buffer, response: ServerResponse): void {
    const existing = entries.findIndex((entry) => entry.equals(body));
    if (existing >= 0 && !rekor.forgetful) {
      response.writeHead(409, { 'x-log-index': String(existing) }).end('{"code":6,"message":"duplicate"}');
      return;
    }
    const index = entries.push(body) - 1;
    const size = entries.length;
    const { root, path } = proof(index, size);
    const entry: AnyEntry = {
      logIndex: String(index),
      logId: { keyId: b64(logId) },
      kindVersion: { kind: 'hashedrekord', version: '0.0.2' },
      integratedTime: '0',
      inclusionPromise: null,
      inclusionProof: {
        logIndex: String(index),
        rootHash: b64(root),
        treeSize: String(size),
        hashes: path.map(b64),
        checkpoint: { envelope: checkpoint(size) },
      },
      canonicalizedBody: b64(body),
    };
    rekor.edit(entry);
    response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify(entry));
  }

  function entryV1(index: number): object {
    const size = entries.length;
    const { root, path } = proof(index, size);
    const signed = {
      body: b64(entries[index]!),
      integratedTime: Math.floor(Date.now() / 1000),
      logIndex: EARLIER + index,
    };
    const entry: AnyEntry = {
      ...signed,
      logID: logId.toString('hex'),
      verification: {
        signedEntryTimestamp: rekor.promise(signed),
        inclusionProof: {
          logIndex: index,
          rootHash: Buffer.from(root).toString('hex'),
          treeSize: size,
          hashes: path.map((hash) => Buffer.from(hash).toString('hex')),
          checkpoint: checkpoint(size),
        },
      },
    };
    rekor.edit(entry);
    return { [uuidOf(index)]: entry };
  }

  const uuidOf = (index: number) =>
    `108e9186e8c5677a${Buffer.from(naiveLeaf(entries[index]!)).toString('hex')}`;

  function answerV1(body: Buffer, response: ServerResponse): void {
    const existing = entries.findIndex((entry) => entry.equals(body));
    if (existing >= 0) {
      const location = `/api/v1/log/entries/${uuidOf(existing)}`;
      response
        .writeHead(409, { location })
        .end('{"code":409,"message":"an equivalent entry already exists"}');
      return;
    }
    const index = entries.push(body) - 1;
    response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify(entryV1(index)));
  }

  function readTile(path: string): Buffer | undefined {
    if (path === 'checkpoint') return Buffer.from(checkpoint(rekor.published ?? entries.length));
    const [, width] = /^tile\/0\/000(?:\.p\/(\d+))?$/.exec(path) ?? [];
    const hashes = leaves().slice(0, Number(width ?? 256));
    // As the specification lets a log: a partial tile goes once the full one is there.
    if (width !== undefined && entries.length >= 256) return undefined;
    return hashes.length === Number(width ?? 256) ? Buffer.concat(hashes) : undefined;
  }

  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    rekor.requests.push(`${request.method} ${request.url}`);
    const other = (request.method === 'POST' ? rekor.instead : rekor.insteadOfReads).shift();
    if (other !== undefined) return other(response);
    const path = `${request.method} ${request.url}`;
    const body = Buffer.concat(parts);
    const drop = rekor.drops > 0 && request.method === 'POST';
    if (drop) {
      rekor.drops--;
      response.writeHead = () => response;
      (response as AnyEntry).end = () => request.socket.destroy();
    }
    if (version === 'v2' && path === 'POST /api/v2/log/entries') answerV2(bodyOfV2(body), response);
    else if (version === 'v1' && path === 'POST /api/v1/log/entries') answerV1(bodyOfV1(body), response);
    else if (version === 'v1' && path.startsWith('GET /api/v1/log/entries/')) {
      const index = entries.findIndex((_, at) => path.endsWith(uuidOf(at)));
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(entryV1(index)));
    } else if (version === 'v2' && path.startsWith('GET /api/v2/')) {
      const bytes = readTile(path.slice('GET /api/v2/'.length));
      response.writeHead(bytes === undefined ? 404 : 200).end(bytes);
    } else response.writeHead(404, { 'content-type': 'text/plain' }).end('path not found');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(rekor, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  });
}

/** rekor-tiles `pkg/types/hashedrekord`: the body that a request becomes. */
function bodyOfV2(request: Buffer): Buffer {
  const { digest, signature } = JSON.parse(request.toString()).hashedRekordRequestV002;
  return Buffer.from(
    canonicalText({
      apiVersion: '0.0.2',
      kind: 'hashedrekord',
      spec: { hashedRekordV002: { data: { algorithm: 'SHA2_256', digest }, signature } },
    }),
  );
}

/** rekor `pkg/types/dsse/v0.0.1`; like Rekor, it refuses a signature that isn't the key's. */
function bodyOfV1(request: Buffer): Buffer {
  const { envelope: text, verifiers } = JSON.parse(request.toString()).spec.proposedContent;
  const { payload, payloadType, signatures } = JSON.parse(text);
  const bytes = Buffer.from(payload, 'base64');
  const key = createPublicKey(Buffer.from(verifiers[0], 'base64').toString());
  if (!verify('sha256', pae(payloadType, bytes), key, Buffer.from(signatures[0].sig, 'base64')))
    throw new Error('not the signature of this key');
  const hex = (bytes: string | Uint8Array) => ({ algorithm: 'sha256', value: sha256(bytes).toString('hex') });
  const pem = key.export({ type: 'spki', format: 'pem' }) as string;
  return Buffer.from(
    canonicalText({
      apiVersion: '0.0.1',
      kind: 'dsse',
      spec: {
        envelopeHash: hex(text),
        payloadHash: hex(bytes),
        signatures: [{ signature: signatures[0].sig, verifier: b64(Buffer.from(pem)) }],
      },
    }),
  );
}
