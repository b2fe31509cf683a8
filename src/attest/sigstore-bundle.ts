/**
 * Sigstore bundles v0.3 (sigstore/protobuf-specs, `sigstore_bundle.proto`, as JSON) around one signature:
 *
 *     {"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json",
 *      "verificationMaterial":{"publicKey":{"hint":H},"tlogEntries":[…]},
 *      "dsseEnvelope":{"payload":b64,"payloadType":…,"signatures":[{"sig":b64}]}}
 *
 * H is base64(SHA-256(SPKI)), and names a key without carrying it: whose it is only a policy says. A `keyid` beside `sig` is
 * read where it says the same; none is written, because cosign (from 3.1.3 on) compares it with an OpenSSH fingerprint. Unknown members are
 * refused, as Go's tools refuse them: what no one reads could hold anything.
 */

import * as z from 'zod/mini';
import { type Bytes, fromBase64, toBase64 } from '../core/bytes.ts';
import { sha256 } from '../core/digest.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../core/json.ts';
import { checkShape, listOf } from '../core/shape.ts';
import { type LogEntry, logEntrySchema } from './log-entry.ts';

const SIGSTORE_BUNDLE_V03 = 'application/vnd.dev.sigstore.bundle.v0.3+json';

/** A DSSE envelope by a key that someone manages themselves. */
export interface KeyedEnvelope {
  /** base64(SHA-256(SPKI)) of the key. */
  readonly keyid: string;
  readonly payloadType: string;
  /** The signed bytes. Nothing may look into them before the signature holds. */
  readonly payload: Bytes;
  readonly signature: Bytes;
}

export type SigstoreBundle =
  | {
      readonly kind: 'keyed';
      readonly envelope: KeyedEnvelope;
      readonly tlogEntries: readonly LogEntry[];
      /** RFC 3161 answers over the signature. */
      readonly stamps: readonly Bytes[];
    }
  /** By a bare key, over a file that lies elsewhere: not judged here. */
  | { readonly kind: 'keyed-file'; readonly envelope?: never }
  /** By a certificate: judged by Sigstore's own verifier. */
  | {
      readonly kind: 'keyless';
      /** What its envelope holds; absent where the bundle signs a file that lies elsewhere. */
      readonly envelope?: Pick<KeyedEnvelope, 'payloadType' | 'payload'>;
      /** Those with a proof, which older bundles may lack. */
      readonly tlogEntries: readonly LogEntry[];
    };

export type ReadBundle =
  | { readonly value: SigstoreBundle; readonly fault?: never; readonly code?: never }
  | { readonly fault: string; readonly code: string; readonly value?: never };

/** SHA-256. */
const HINT_BYTES = 32;
const MAX_ENTRIES = 32;
const logEntries = listOf(logEntrySchema).check(z.maxLength(MAX_ENTRIES));

/** @sigstore/sign writes the member where there is none, too. */
const stampData = z.strictObject({
  rfc3161Timestamps: z._default(
    listOf(
      z.strictObject({
        signedTimestamp: z
          .string()
          .check(z.refine((text) => fromBase64(text) !== undefined, 'not canonical base64')),
      }),
    ).check(z.maxLength(MAX_ENTRIES)),
    [],
  ),
});

const fail = (fault: string, code: string) => ({ fault, code });

/** What marks JSON as a Sigstore bundle, of whatever version. */
export function isSigstoreBundle(value: JsonValue): value is JsonObject {
  const mediaType = isJsonObject(value) ? value.mediaType : undefined;
  return typeof mediaType === 'string' && /^application\/vnd\.dev\.sigstore\.bundle[.+;]/.test(mediaType);
}

/** @param value for which `isSigstoreBundle` holds */
export function readSigstoreBundle(value: JsonObject): ReadBundle {
  const { verificationMaterial: material } = value;
  if (!isJsonObject(material)) return fail('verificationMaterial: expected object', 'bundle.shape');
  const keyed = Object.hasOwn(material, 'publicKey');
  const certified = Object.hasOwn(material, 'certificate') || Object.hasOwn(material, 'x509CertificateChain');
  if (keyed === certified)
    return fail(
      keyed ? 'a key and a certificate at once' : 'neither a key nor a certificate',
      'bundle.material',
    );
  if (certified) return readKeyless(value, material);
  if (value.messageSignature !== undefined && value.dsseEnvelope === undefined)
    return { value: { kind: 'keyed-file' } };
  const version = versionOf(value);
  if (version > 3)
    return fail(`Sigstore bundle v0.${version}, this program knows up to v0.3`, 'format.newer');
  if (version < 3)
    return fail(`${String(value.mediaType)}: only v0.3 is read around a bare key`, 'bundle.version');
  return readKeyed(value, material);
}

/** Of 0.x, in either spelling; −1 for any other. */
function versionOf({ mediaType }: JsonObject): number {
  const [, dotted, parameter] =
    /^application\/vnd\.dev\.sigstore\.bundle(?:\.v0\.(\d{1,3})\+json|\+json;version=0\.(\d{1,3}))$/.exec(
      String(mediaType),
    ) ?? [];
  return Number(dotted ?? parameter ?? -1);
}

function readKeyless({ dsseEnvelope, messageSignature }: JsonObject, material: JsonObject): ReadBundle {
  if ((dsseEnvelope === undefined) === (messageSignature === undefined))
    return fail('neither one envelope nor one message signature', 'bundle.shape');
  const tlogEntries = readProvenEntries(material.tlogEntries);
  if (dsseEnvelope === undefined) return { value: { kind: 'keyless', tlogEntries } };
  const { payload, payloadType } = isJsonObject(dsseEnvelope) ? dsseEnvelope : {};
  const bytes = decode(payload);
  return bytes === undefined || typeof payloadType !== 'string'
    ? fail('dsseEnvelope: no canonical base64 payload of a named type', 'bundle.encoding')
    : { value: { kind: 'keyless', envelope: { payloadType, payload: bytes }, tlogEntries } };
}

function readProvenEntries(entries: JsonValue | undefined): LogEntry[] {
  if (!Array.isArray(entries)) return [];
  return entries.slice(0, MAX_ENTRIES).flatMap((entry) => checkShape(logEntrySchema, entry).value ?? []);
}

function readKeyed(value: JsonObject, material: JsonObject): ReadBundle {
  const fault =
    findStranger(value, '', ['mediaType', 'verificationMaterial', 'dsseEnvelope']) ??
    findStranger(material, 'verificationMaterial.', [
      'publicKey',
      'tlogEntries',
      'timestampVerificationData',
    ]) ??
    findStranger(material.publicKey, 'verificationMaterial.publicKey.', ['hint']);
  if (fault !== undefined) return fail(fault, 'bundle.shape');
  const { hint } = material.publicKey as JsonObject;
  const { value: tlogEntries, fault: misshapen } = checkShape(
    logEntries,
    material.tlogEntries === undefined ? [] : material.tlogEntries,
  );
  if (misshapen !== undefined) return fail(`verificationMaterial.tlogEntries: ${misshapen}`, 'bundle.shape');
  const { value: stamped, fault: unstamped } = checkShape(
    stampData,
    material.timestampVerificationData === undefined ? {} : material.timestampVerificationData,
  );
  if (unstamped !== undefined)
    return fail(`verificationMaterial.timestampVerificationData: ${unstamped}`, 'bundle.shape');
  const { envelope, fault: wrong, code } = readEnvelope(value.dsseEnvelope);
  if (envelope === undefined) return fail(wrong, code);
  if (
    typeof hint !== 'string' ||
    fromBase64(hint)?.length !== HINT_BYTES ||
    !['', hint].includes(envelope.keyid)
  )
    return fail('the hint and the keyid name different keys, or none', 'bundle.keyid');
  return {
    value: {
      kind: 'keyed',
      envelope: { ...envelope, keyid: hint },
      tlogEntries,
      stamps: stamped.rfc3161Timestamps.map(({ signedTimestamp }) => fromBase64(signedTimestamp)!),
    },
  };
}

function readEnvelope(
  value: JsonValue | undefined,
):
  | { readonly envelope: KeyedEnvelope; readonly fault?: never; readonly code?: never }
  | { readonly envelope?: never; readonly fault: string; readonly code: string } {
  const fault = findStranger(value, 'dsseEnvelope.', ['payload', 'payloadType', 'signatures']);
  if (fault !== undefined) return fail(fault, 'bundle.shape');
  const { payload, payloadType, signatures } = value as JsonObject;
  if (!Array.isArray(signatures) || signatures.length !== 1)
    return fail('not exactly one signature', 'bundle.signatures');
  const stranger = findStranger(signatures[0], 'dsseEnvelope.signatures.0.', ['sig', 'keyid']);
  if (stranger !== undefined) return fail(stranger, 'bundle.shape');
  const { sig, keyid = '' } = signatures[0] as JsonObject;
  if (typeof payloadType !== 'string' || typeof keyid !== 'string')
    return fail('dsseEnvelope: payloadType and keyid must be strings', 'bundle.shape');
  const [bytes, signature] = [decode(payload), decode(sig)];
  if (bytes === undefined || signature === undefined)
    return fail('dsseEnvelope: payload and sig must be canonical base64', 'bundle.encoding');
  return { envelope: { keyid, payloadType, payload: bytes, signature } };
}

function decode(value: JsonValue | undefined): Bytes | undefined {
  return typeof value === 'string' && value !== '' ? fromBase64(value) : undefined;
}

function findStranger(
  value: JsonValue | undefined,
  path: string,
  members: readonly string[],
): string | undefined {
  if (!isJsonObject(value)) return `${path.slice(0, -1) || 'the top level'}: expected object`;
  const stranger = Object.keys(value).find((key) => !members.includes(key));
  return stranger === undefined
    ? undefined
    : `${path.slice(0, -1) || 'the top level'}: unknown member ${JSON.stringify(stranger)}`;
}

/** H of a key: what `hint` and `keyid` say. */
export function keyHint(spki: Uint8Array): string {
  return toBase64(sha256(spki));
}

/** The bundle's file, before any log has it. What is empty is left out: every member says something. */
export function sigstoreBundle({ keyid, payloadType, payload, signature }: KeyedEnvelope): JsonObject {
  return {
    mediaType: SIGSTORE_BUNDLE_V03,
    verificationMaterial: { publicKey: { hint: keyid } },
    dsseEnvelope: {
      payload: toBase64(payload),
      payloadType,
      signatures: [{ sig: toBase64(signature) }],
    },
  };
}
