/**
 * The form of a keyless Sigstore bundle (sigstore/protobuf-specs, `sigstore_bundle.proto`), versions 0.1 to 0.3, closed:
 *
 *     {"mediaType", "verificationMaterial": {"certificate": {"rawBytes"}, "tlogEntries": [E], "timestampVerificationData"},
 *      "dsseEnvelope": {…} or "messageSignature": {…}}
 *
 * Sigstore's own reader passes over members that it doesn't know, takes any base64 and turns any value into text. Here each
 * value has one form, so that nothing in a bundle can differ unseen.
 */

import * as z from 'zod/mini';
import { fromBase64 } from '../core/bytes.ts';
import { checkShape, type Shaped } from '../core/shape.ts';

const MAX_TEXT = 100_000;
const MAX_ENTRIES = 8;
const MAX_HASHES = 64;

const isBase64 = (text: string) => text !== '' && fromBase64(text) !== undefined;
const base64 = z.string().check(z.maxLength(MAX_TEXT), z.refine(isBase64, 'not canonical base64'));
/** As large as the document that holds it. */
const payload = z.string().check(z.refine(isBase64, 'not canonical base64'));
const text = z.string().check(z.minLength(1), z.maxLength(MAX_TEXT));
/** A 64-bit integer in protobuf's JSON, up to 2^53−1: two texts beyond that would be one number where a SET is checked. */
const decimal = z.string().check(
  z.regex(/^(0|[1-9][0-9]{0,15})$/),
  z.refine((digits) => Number.isSafeInteger(Number(digits)), 'beyond 2^53−1'),
);
const certificate = z.strictObject({ rawBytes: base64 });

const entrySchema = z.strictObject({
  // Protobuf's JSON leaves a zero out.
  logIndex: z._default(decimal, '0'),
  logId: z.strictObject({ keyId: base64 }),
  kindVersion: z.strictObject({ kind: text, version: text }),
  integratedTime: z._default(decimal, '0'),
  inclusionPromise: z.optional(z.strictObject({ signedEntryTimestamp: base64 })),
  inclusionProof: z.optional(
    z.strictObject({
      logIndex: z._default(decimal, '0'),
      rootHash: base64,
      treeSize: decimal,
      hashes: z._default(z.array(base64).check(z.maxLength(MAX_HASHES)), []),
      checkpoint: z.strictObject({ envelope: text }),
    }),
  ),
  canonicalizedBody: base64,
});

const bundleSchema = z.strictObject({
  mediaType: z.enum([
    'application/vnd.dev.sigstore.bundle+json;version=0.1',
    'application/vnd.dev.sigstore.bundle+json;version=0.2',
    'application/vnd.dev.sigstore.bundle+json;version=0.3',
    'application/vnd.dev.sigstore.bundle.v0.3+json',
  ]),
  verificationMaterial: z.strictObject({
    certificate: z.optional(certificate),
    x509CertificateChain: z.optional(
      z.strictObject({
        certificates: z.array(certificate).check(z.minLength(1), z.maxLength(MAX_ENTRIES)),
      }),
    ),
    tlogEntries: z.array(entrySchema).check(z.minLength(1), z.maxLength(MAX_ENTRIES)),
    timestampVerificationData: z.optional(
      z.strictObject({
        rfc3161Timestamps: z._default(
          z.array(z.strictObject({ signedTimestamp: base64 })).check(z.maxLength(MAX_ENTRIES)),
          [],
        ),
      }),
    ),
  }),
  dsseEnvelope: z.optional(
    z.strictObject({
      payload,
      payloadType: text.check(z.regex(/^[\x21-\x7e]+$/)),
      signatures: z
        .array(z.strictObject({ sig: base64, keyid: z.optional(z.literal('')) }))
        .check(z.length(1)),
    }),
  ),
  messageSignature: z.optional(
    z.strictObject({
      messageDigest: z.strictObject({ algorithm: z.literal('SHA2_256'), digest: base64 }),
      signature: base64,
    }),
  ),
});

export type KeylessBundle = z.infer<typeof bundleSchema>;
export type KeylessEntry = z.infer<typeof entrySchema>;

export function readKeylessBundle(value: unknown): Shaped<KeylessBundle> {
  const shaped = checkShape(bundleSchema, value);
  const fault = shaped.fault ?? findDoubt(shaped.value);
  return fault === undefined ? { value: shaped.value! } : { fault };
}

function findDoubt({
  mediaType,
  verificationMaterial: material,
  ...content
}: KeylessBundle): string | undefined {
  const is03 = mediaType.includes('0.3');
  if ((material.certificate !== undefined) !== is03 || (material.x509CertificateChain === undefined) !== is03)
    return 'verificationMaterial: 0.3 has one certificate, 0.1 and 0.2 a chain';
  if ((content.dsseEnvelope === undefined) === (content.messageSignature === undefined))
    return 'the top level: expected either dsseEnvelope or messageSignature';
  return material.tlogEntries.map((entry) => findEntryDoubt(entry, mediaType)).find((fault) => fault);
}

function findEntryDoubt(entry: KeylessEntry, mediaType: string): string | undefined {
  const promised = entry.inclusionPromise !== undefined;
  if (mediaType.endsWith('0.1') ? !promised : entry.inclusionProof === undefined)
    return 'tlogEntries: no proof that the log includes the entry';
  if (promised !== (entry.integratedTime !== '0'))
    return 'tlogEntries: an integratedTime stands with the inclusionPromise that signs it, or not at all';
  return undefined;
}
