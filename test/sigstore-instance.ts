/**
 * A Sigstore instance of the tests' own: authority, log and clock with keys at hand, so that a bundle can be wrong in one place
 * and signed everywhere else. Certificates are written as DER here (RFC 5280); time stamps come from @sigstore/mock.
 */

import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { initializeTSA } from '@sigstore/mock';
import { pae } from '../src/attest/dsse.ts';
import { canonicalText } from '../src/core/jcs.ts';
import type { JsonValue } from '../src/core/json.ts';

export const HOST = 'rekor.example.org';
/** A minute from now: @sigstore/mock's clock has a certificate that begins now. */
export const NOW = new Date(Math.floor(Date.now() / 1000) * 1000 + 60_000);
export const daysFromNow = (days: number): Date => new Date(NOW.getTime() + days * 86_400_000);
export const IDENTITY = 'https://example.org/workflow@refs/heads/main';
export const ISSUER = 'https://issuer.example.org';

export const b64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
export const digest = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();
const newKeys = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const spki = (key: KeyObject): Buffer => key.export({ format: 'der', type: 'spki' });

/** DER: tag, length, content. */
export function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const head = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...head]), content]);
}

export function oid(dotted: string): Buffer {
  const [first, second, ...arcs] = dotted.split('.').map(Number) as [number, number, ...number[]];
  const bytes = [first * 40 + second];
  for (const arc of arcs) {
    const groups = [arc & 0x7f];
    for (let rest = arc >> 7; rest > 0; rest >>= 7) groups.unshift((rest & 0x7f) | 0x80);
    bytes.push(...groups);
  }
  return der(0x06, Buffer.from(bytes));
}

const text = (value: string) => der(0x0c, Buffer.from(value));
const name = (commonName: string) => der(0x30, der(0x31, der(0x30, oid('2.5.4.3'), text(commonName))));
const ECDSA_SHA256 = der(0x30, oid('1.2.840.10045.4.3.2'));
const utcTime = (at: Date) =>
  der(
    0x17,
    Buffer.from(
      at
        .toISOString()
        .replace(/[-:T]|\.\d+/g, '')
        .slice(2),
    ),
  );
export const extension = (id: string, critical: boolean, value: Uint8Array) =>
  der(0x30, oid(id), ...(critical ? [der(0x01, Buffer.of(0xff))] : []), der(0x04, value));
/** A GeneralName of a SAN, by its tag: 0x86 a URI, 0x81 an e-mail address. */
export const generalName = (tag: number, value: string | Uint8Array) =>
  der(tag, typeof value === 'string' ? Buffer.from(value) : value);

interface Tbs {
  readonly issuer: string;
  readonly subject: Uint8Array;
  readonly key: KeyObject;
  readonly from: Date;
  readonly to: Date;
  readonly extensions: readonly Uint8Array[];
}

function certify({ issuer, subject, key, from, to, extensions }: Tbs, signer: KeyObject): Buffer {
  const tbs = der(
    0x30,
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, Buffer.of(7)),
    ECDSA_SHA256,
    name(issuer),
    der(0x30, utcTime(from), utcTime(to)),
    subject,
    spki(key),
    der(0xa3, der(0x30, ...extensions)),
  );
  return der(0x30, tbs, ECDSA_SHA256, der(0x03, Buffer.of(0), sign('sha256', tbs, signer)));
}

/** What a certificate of the instance may say otherwise than Fulcio's do. */
export interface CertificateOptions {
  readonly names?: readonly Uint8Array[];
  readonly issuerV1?: string | undefined;
  readonly issuerV2?: string | undefined;
  readonly uses?: readonly string[];
  readonly usage?: number;
  readonly extra?: readonly Uint8Array[];
  readonly from?: Date;
}

export interface EntryOptions {
  /** A Rekor v1 log signs the time, a v2 log has none. */
  readonly version?: 1 | 2;
  readonly certificate?: Uint8Array;
  /** In place of PEM made of the certificate. */
  readonly pem?: string;
  readonly digest?: Uint8Array;
  readonly body?: JsonValue;
  readonly host?: string;
  readonly at?: Date;
}

// biome-ignore lint/suspicious/noExplicitAny: tests edit bundles anywhere
export type AnyBundle = any;

export interface SignOptions extends EntryOptions {
  readonly signer?: CertificateOptions;
  readonly stamped?: boolean;
  readonly mediaType?: string;
}

export async function makeInstance(authorityName = 'authority') {
  const authorityKeys = newKeys();
  const logKeys = newKeys();
  const tsa = await initializeTSA(newKeys(), NOW);
  const keyId = createHash('sha1').update(spki(authorityKeys.publicKey)).digest();
  const logId = digest(spki(logKeys.publicKey));

  const root = certify(
    {
      issuer: authorityName,
      subject: name(authorityName),
      key: authorityKeys.publicKey,
      from: daysFromNow(-100),
      to: daysFromNow(1000),
      extensions: [
        extension('2.5.29.19', true, der(0x30, der(0x01, Buffer.of(0xff)))),
        extension('2.5.29.15', true, der(0x03, Buffer.of(1, 0x06))),
        extension('2.5.29.14', false, der(0x04, keyId)),
      ],
    },
    authorityKeys.privateKey,
  );

  const trustedRoot = (edit: (root: AnyBundle) => void = () => {}): string => {
    const validFor = { start: daysFromNow(-100) };
    const json = {
      mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
      tlogs: [
        {
          baseUrl: `https://${HOST}`,
          hashAlgorithm: 'SHA2_256',
          publicKey: {
            rawBytes: b64(spki(logKeys.publicKey)),
            keyDetails: 'PKIX_ECDSA_P256_SHA_256',
            validFor,
          },
          logId: { keyId: b64(logId) },
        },
      ],
      certificateAuthorities: [
        {
          uri: 'https://fulcio.example.org',
          certChain: { certificates: [{ rawBytes: b64(root) }] },
          validFor,
        },
      ],
      timestampAuthorities: [
        {
          certChain: {
            certificates: [tsa.intCertificate, tsa.rootCertificate].map((certificate) => ({
              rawBytes: b64(certificate as Buffer),
            })),
          },
          validFor,
        },
      ],
    };
    edit(json);
    return JSON.stringify(json);
  };

  function issue(key: KeyObject, options: CertificateOptions = {}): Buffer {
    const { names = [generalName(0x86, IDENTITY)], uses = ['1.3.6.1.5.5.7.3.3'], usage = 0x80 } = options;
    const { issuerV1 = ISSUER, issuerV2 = ISSUER } = options;
    const from = options.from ?? new Date(NOW.getTime() - 60_000);
    return certify(
      {
        issuer: authorityName,
        subject: der(0x30),
        key,
        from,
        to: new Date(from.getTime() + 600_000),
        extensions: [
          extension('2.5.29.15', true, der(0x03, Buffer.of(0, usage))),
          extension('2.5.29.37', false, der(0x30, ...uses.map(oid))),
          extension('2.5.29.35', false, der(0x30, der(0x80, keyId))),
          extension('2.5.29.17', true, der(0x30, ...names)),
          ...('issuerV1' in options && options.issuerV1 === undefined
            ? []
            : [extension('1.3.6.1.4.1.57264.1.1', false, Buffer.from(issuerV1))]),
          ...('issuerV2' in options && options.issuerV2 === undefined
            ? []
            : [extension('1.3.6.1.4.1.57264.1.8', false, text(issuerV2))]),
          ...(options.extra ?? []),
        ],
      },
      authorityKeys.privateKey,
    );
  }

  function note(lines: readonly string[], { host = HOST }: EntryOptions = {}): string {
    const body = `${lines.join('\n')}\n`;
    return `${body}\n${signatureLine(body, host)}`;
  }
  function signatureLine(body: string, host: string): string {
    const signature = sign('sha256', Buffer.from(body), logKeys.privateKey);
    return `— ${host} ${b64(Buffer.concat([logId.subarray(0, 4), signature]))}\n`;
  }

  /** The second of two leaves. A v1 log counts from 1000 over its shards. */
  function enter(body: JsonValue, options: EntryOptions = {}) {
    const { version = 1, at = NOW } = options;
    const leaf = Buffer.from(canonicalText(body));
    const other = digest(Buffer.from('another leaf'));
    const rootHash = digest(
      Buffer.concat([Buffer.of(1), other, digest(Buffer.concat([Buffer.of(0), leaf]))]),
    );
    const integratedTime = Math.floor(at.getTime() / 1000);
    const logIndex = version === 1 ? 1001 : 1;
    const set = canonicalText({ body: b64(leaf), integratedTime, logIndex, logID: logId.toString('hex') });
    const { kind, apiVersion } = body as { kind: string; apiVersion: string };
    const origin = version === 1 ? `${HOST} - 42` : HOST;
    return {
      logIndex: String(logIndex),
      logId: { keyId: b64(logId) },
      kindVersion: { kind, version: apiVersion },
      ...(version === 1
        ? {
            integratedTime: String(integratedTime),
            inclusionPromise: {
              signedEntryTimestamp: b64(sign('sha256', Buffer.from(set), logKeys.privateKey)),
            },
          }
        : {}),
      inclusionProof: {
        logIndex: '1',
        rootHash: b64(rootHash),
        treeSize: '2',
        hashes: [b64(other)],
        checkpoint: { envelope: note([origin, '2', b64(rootHash)], options) },
      },
      canonicalizedBody: b64(leaf),
    };
  }

  async function stamp(signature: Uint8Array) {
    const answer = await tsa.timestamp({
      artifactHash: digest(signature),
      hashAlgorithmOID: '2.16.840.1.101.3.4.2.1',
      nonce: 1,
      policyOID: '1.3.6.1.4.1.57264.2',
    });
    return { signedTimestamp: b64(answer as Buffer) };
  }

  async function assemble(
    content: object,
    signature: Buffer,
    certificate: Buffer,
    body: JsonValue,
    options: SignOptions,
  ): Promise<AnyBundle> {
    const { version = 1, stamped = version === 2, mediaType } = options;
    const rawBytes = b64(certificate);
    return {
      mediaType: mediaType ?? 'application/vnd.dev.sigstore.bundle.v0.3+json',
      verificationMaterial: {
        ...(mediaType === undefined
          ? { certificate: { rawBytes } }
          : { x509CertificateChain: { certificates: [{ rawBytes }] } }),
        tlogEntries: [enter(options.body ?? body, options)],
        timestampVerificationData: stamped ? { rfc3161Timestamps: [await stamp(signature)] } : {},
      },
      ...content,
    };
  }

  async function signBlob(bytes: Uint8Array, options: SignOptions = {}): Promise<AnyBundle> {
    const keys = newKeys();
    const certificate = issue(keys.publicKey, options.signer);
    const signature = sign('sha256', bytes, keys.privateKey);
    const messageDigest = { algorithm: 'SHA2_256', digest: b64(options.digest ?? digest(bytes)) };
    return assemble(
      { messageSignature: { messageDigest, signature: b64(signature) } },
      signature,
      certificate,
      hashedRekord(bytes, signature, certificate, options),
      options,
    );
  }

  async function signEnvelope(
    payload: Uint8Array,
    payloadType: string,
    kind: 'hashedrekord' | 'dsse' | 'intoto',
    options: SignOptions = {},
  ): Promise<AnyBundle> {
    const keys = newKeys();
    const certificate = issue(keys.publicKey, options.signer);
    const signed = pae(payloadType, payload);
    const signature = sign('sha256', signed, keys.privateKey);
    const make = {
      hashedrekord: () => hashedRekord(signed, signature, certificate, options),
      dsse: () => dsse(payload, signature, certificate, options),
      intoto: () => intoto(payload, payloadType, signature, certificate, options),
    };
    return assemble(
      { dsseEnvelope: { payload: b64(payload), payloadType, signatures: [{ sig: b64(signature) }] } },
      signature,
      certificate,
      make[kind](),
      options,
    );
  }

  return {
    root,
    tsa,
    clock: tsa.intCertificate as Buffer,
    trustedRoot,
    enter,
    note,
    signatureLine,
    stamp,
    signBlob,
    signEnvelope,
  };
}

export type Instance = Awaited<ReturnType<typeof makeInstance>>;

const pemOf = (certificate: Uint8Array, { pem }: EntryOptions) =>
  b64(
    Buffer.from(
      pem ??
        `-----BEGIN CERTIFICATE-----\n${b64(certificate).replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`,
    ),
  );
const hex = (bytes: Uint8Array) => ({ algorithm: 'sha256', value: Buffer.from(bytes).toString('hex') });
const verifierV2 = (certificate: Uint8Array) => ({
  keyDetails: 'PKIX_ECDSA_P256_SHA_256',
  x509Certificate: { rawBytes: b64(certificate) },
});

function hashedRekord(signed: Uint8Array, signature: Buffer, own: Buffer, options: EntryOptions): JsonValue {
  const certificate = options.certificate ?? own;
  const hash = options.digest ?? digest(signed);
  return options.version === 2
    ? {
        apiVersion: '0.0.2',
        kind: 'hashedrekord',
        spec: {
          hashedRekordV002: {
            data: { algorithm: 'SHA2_256', digest: b64(hash) },
            signature: { content: b64(signature), verifier: verifierV2(certificate) },
          },
        },
      }
    : {
        apiVersion: '0.0.1',
        kind: 'hashedrekord',
        spec: {
          data: { hash: hex(hash) },
          signature: { content: b64(signature), publicKey: { content: pemOf(certificate, options) } },
        },
      };
}

function dsse(payload: Uint8Array, signature: Buffer, own: Buffer, options: EntryOptions): JsonValue {
  const certificate = options.certificate ?? own;
  return options.version === 2
    ? {
        apiVersion: '0.0.2',
        kind: 'dsse',
        spec: {
          dsseV002: {
            payloadHash: { algorithm: 'SHA2_256', digest: b64(digest(payload)) },
            signatures: [{ content: b64(signature), verifier: verifierV2(certificate) }],
          },
        },
      }
    : {
        apiVersion: '0.0.1',
        kind: 'dsse',
        spec: {
          envelopeHash: hex(digest(Buffer.from('the envelope as it was submitted'))),
          payloadHash: hex(digest(payload)),
          signatures: [{ signature: b64(signature), verifier: pemOf(certificate, options) }],
        },
      };
}

function intoto(
  payload: Uint8Array,
  payloadType: string,
  signature: Buffer,
  own: Buffer,
  options: EntryOptions,
): JsonValue {
  const publicKey = pemOf(options.certificate ?? own, options);
  return {
    apiVersion: '0.0.2',
    kind: 'intoto',
    spec: {
      content: {
        envelope: { payloadType, signatures: [{ sig: b64(Buffer.from(b64(signature))), publicKey }] },
        hash: hex(digest(Buffer.from('an envelope'))),
        payloadHash: hex(digest(payload)),
      },
    },
  };
}
