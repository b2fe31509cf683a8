/**
 * What Rekor v2's `POST /api/v2/log/entries` takes (rekor-tiles, `entry.proto`, `CreateEntryRequest`, as JSON):
 *
 *     {"hashedRekordRequestV002":{"digest":b64,"signature":{"content":b64,"verifier":V}}}
 *     {"dsseRequestV002":{"envelope":{"payload":b64,"payloadType":…,"signatures":[{"sig":b64}]},"verifiers":[V]}}
 *     V = {"keyDetails":"PKIX_ECDSA_P256_SHA_256","publicKey":{"rawBytes":b64(SPKI)}}
 *
 * Rekor has dropped the second form, and @sigstore/sign still sends it: an envelope is logged as the hashedrekord of what its
 * signature is over. It also sends every key as `x509Certificate`, one that has no certificate too.
 */

import * as z from 'zod/mini';
import { pae } from '../attest/dsse.ts';
import { type Bytes, fromBase64 } from '../core/bytes.ts';
import { sha256 } from '../core/digest.ts';
import { JsonError, type JsonValue, parseJsonBytes } from '../core/json.ts';
import { checkShape } from '../core/shape.ts';
import { isSpki } from '../core/spki.ts';
import type { Fault, Read } from '../tlog/fault.ts';
import type { HashedRekord } from '../tlog/hashedrekord.ts';
import { HASH_BYTES } from '../tlog/merkle.ts';
import { verifyP256Digest } from './p256-digest.ts';

const P256 = 'PKIX_ECDSA_P256_SHA_256';

const base64 = z.string().check(z.refine((text) => fromBase64(text) !== undefined, 'not canonical base64'));
const rawBytes = z.strictObject({ rawBytes: base64 });
const verifier = z.strictObject({
  keyDetails: z.string(),
  publicKey: z.optional(rawBytes),
  x509Certificate: z.optional(rawBytes),
});
const schema = z.strictObject({
  hashedRekordRequestV002: z.optional(
    z.strictObject({ digest: base64, signature: z.strictObject({ content: base64, verifier }) }),
  ),
  dsseRequestV002: z.optional(
    z.strictObject({
      envelope: z.strictObject({
        payload: base64,
        payloadType: z.string(),
        signatures: z
          .array(z.strictObject({ sig: base64, keyid: z.optional(z.string()) }))
          .check(z.length(1, 'not exactly one')),
      }),
      verifiers: z.array(verifier).check(z.length(1, 'not exactly one')),
    }),
  ),
});
type Verifier = z.infer<typeof verifier>;

/** What to log of a request, its signature verified. */
export function readEntryRequest(body: Uint8Array): Read<HashedRekord> {
  const proposed = readProposed(body);
  if (proposed.fault !== undefined) return proposed;
  const { digest, signature, verifier } = proposed.value;
  if (digest.length !== HASH_BYTES) return refuse('digest: not a SHA-256', 'digest');
  const key = readKey(verifier);
  if (key.fault !== undefined) return key;
  // An entry that no one signed would be a lie about whoever's key it names.
  if (!verifyP256Digest(key.value, signature, digest))
    return refuse('the signature is not by this key over this digest', 'signature');
  return { value: { digest, signature, publicKey: key.value } };
}

interface Proposed {
  readonly digest: Bytes;
  readonly signature: Bytes;
  readonly verifier: Verifier;
}

function readProposed(body: Uint8Array): Read<Proposed> {
  let parsed: JsonValue;
  try {
    parsed = parseJsonBytes(body);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return refuse(`not JSON: ${error.message}`, 'json');
  }
  const shaped = checkShape(schema, camelCase(parsed));
  if (shaped.fault !== undefined) return refuse(shaped.fault, 'shape');
  const { hashedRekordRequestV002: rekord, dsseRequestV002: dsse } = shaped.value;
  if ((rekord === undefined) === (dsse === undefined))
    return refuse('the top level: expected hashedRekordRequestV002', 'shape');
  if (rekord !== undefined) {
    const { content, verifier } = rekord.signature;
    return { value: { digest: fromBase64(rekord.digest)!, signature: fromBase64(content)!, verifier } };
  }
  const { payload, payloadType, signatures } = dsse!.envelope;
  const digest = sha256(pae(payloadType, fromBase64(payload)!));
  const signature = fromBase64(signatures[0]!.sig)!;
  return { value: { digest, signature, verifier: dsse!.verifiers[0]! } };
}

const FIELDS = [
  'hashedRekordRequestV002',
  'dsseRequestV002',
  'payloadType',
  'keyDetails',
  'publicKey',
  'x509Certificate',
  'rawBytes',
];
const CAMEL_CASE = new Map(
  FIELDS.map((name) => [name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), name]),
);

/**
 * Protobuf's JSON has two names for a field, and Rekor's own examples use both. Where both stand one is left, and refused;
 * so is any other name, as it was sent.
 */
function camelCase(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(camelCase);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([name, member]) => {
    const other = CAMEL_CASE.get(name) ?? name;
    return [Object.hasOwn(value, other) ? name : other, camelCase(member)] as const;
  });
  return Object.fromEntries(members);
}

function readKey({ keyDetails, publicKey, x509Certificate }: Verifier): Read<Bytes> {
  if (keyDetails !== P256) return refuse(`keyDetails: this log takes ${P256} alone`, 'algorithm');
  if ((publicKey === undefined) === (x509Certificate === undefined))
    return refuse('verifier: expected publicKey', 'shape');
  const key = fromBase64((publicKey ?? x509Certificate)!.rawBytes)!;
  if (isSpki('p256', key)) return { value: key };
  return x509Certificate === undefined
    ? refuse('publicKey: not the SPKI of an uncompressed P-256 key', 'key')
    : refuse('x509Certificate: this log takes bare keys, and no certificates', 'certificate');
}

function refuse(fault: string, code: string): Fault {
  return { fault, code: `request.${code}` };
}
