/**
 * What a Rekor entry binds (sigstore/rekor `pkg/types`, rekor-tiles `rekor_*.proto`). `canonicalizedBody` is what the log
 * includes, by kind and version, as JSON:
 *
 *     hashedrekord 0.0.1  spec: {data: {hash}, signature: {content, publicKey: {content: PEM}}}
 *     dsse         0.0.1  spec: {envelopeHash, payloadHash, signatures: [{signature, verifier: PEM}]}
 *     intoto       0.0.2  spec: {content: {envelope: {payloadType, signatures: [{sig, publicKey: PEM}]}, hash, payloadHash}}
 *     hashedrekord 0.0.2  spec: {hashedRekordV002: {data, signature: {content, verifier}}}
 *     dsse         0.0.2  spec: {dsseV002: {payloadHash, signatures: [{content, verifier}]}}
 *
 * @sigstore/verify compares signature and digest and never the key: an entry that names another's certificate would do.
 */

import * as z from 'zod/mini';
import type { RekorLog } from '../attest/trusted-root.ts';
import { type Bytes, fromBase64, fromHex, fromUtf8, toBase64, toHex } from '../core/bytes.ts';
import { sha256 } from '../core/digest.ts';
import { parseJsonBytes } from '../core/json.ts';
import { checkShape, type Shaped } from '../core/shape.ts';
import type { KeylessEntry } from './keyless-bundle.ts';

/** What the bundle says, for the entry to say the same. */
export interface Logged {
  readonly certificate: Bytes;
  readonly signature: Bytes;
  /** What the signature is over: the artifact, or the envelope's PAE. */
  readonly signed: Bytes;
  readonly envelope?: { readonly payloadType: string; readonly payload: Bytes };
}

/** What an entry's body says. Undefined bytes are text that isn't what it must be. */
interface Named {
  readonly certificate: Bytes | undefined;
  readonly signature: Bytes | undefined;
  readonly digest: Bytes | undefined;
  readonly of: 'signed' | 'payload';
  readonly payloadType?: string;
}

const text = z.string();
const hash = z.strictObject({ algorithm: z.literal('sha256'), value: text });
const digest = z.strictObject({ algorithm: z.literal('SHA2_256'), digest: text });
const verifier = z.strictObject({
  keyDetails: z.optional(text),
  x509Certificate: z.strictObject({ rawBytes: text }),
});
const signature = z.strictObject({ content: text, verifier });
const one = <T extends z.core.$ZodType>(schema: T) => z.array(schema).check(z.length(1));

function reader<T>(schema: z.ZodMiniType<T>, name: (spec: T) => Named): (spec: unknown) => Shaped<Named> {
  return (spec) => {
    const { value, fault } = checkShape(schema, spec);
    return fault === undefined ? { value: name(value) } : { fault: `spec.${fault}` };
  };
}

const READERS: Readonly<Record<string, (spec: unknown) => Shaped<Named>>> = {
  'hashedrekord 0.0.1': reader(
    z.strictObject({
      data: z.strictObject({ hash }),
      signature: z.strictObject({ content: text, publicKey: z.strictObject({ content: text }) }),
    }),
    ({ data, signature }) => ({
      certificate: readPem(signature.publicKey.content),
      signature: fromBase64(signature.content),
      digest: fromHex(data.hash.value),
      of: 'signed',
    }),
  ),
  'dsse 0.0.1': reader(
    z.strictObject({
      // Over the text of the envelope that was submitted, which no bundle keeps.
      envelopeHash: hash,
      payloadHash: hash,
      signatures: one(z.strictObject({ signature: text, verifier: text })),
    }),
    ({ payloadHash, signatures }) => ({
      certificate: readPem(signatures[0]!.verifier),
      signature: fromBase64(signatures[0]!.signature),
      digest: fromHex(payloadHash.value),
      of: 'payload',
    }),
  ),
  'intoto 0.0.2': reader(
    z.strictObject({
      content: z.strictObject({
        envelope: z.strictObject({
          payloadType: text,
          signatures: one(z.strictObject({ keyid: z.optional(text), sig: text, publicKey: text })),
        }),
        hash,
        payloadHash: hash,
      }),
    }),
    ({ content: { envelope, payloadHash } }) => ({
      certificate: readPem(envelope.signatures[0]!.publicKey),
      signature: fromBase64(readText(envelope.signatures[0]!.sig)),
      digest: fromHex(payloadHash.value),
      of: 'payload',
      payloadType: envelope.payloadType,
    }),
  ),
  'hashedrekord 0.0.2': reader(
    z.strictObject({ hashedRekordV002: z.strictObject({ data: digest, signature }) }),
    ({ hashedRekordV002: { data, signature } }) => ({ ...nameV2(signature, data.digest), of: 'signed' }),
  ),
  'dsse 0.0.2': reader(
    z.strictObject({ dsseV002: z.strictObject({ payloadHash: digest, signatures: one(signature) }) }),
    ({ dsseV002: { payloadHash, signatures } }) => ({
      ...nameV2(signatures[0]!, payloadHash.digest),
      of: 'payload',
    }),
  ),
};

function nameV2({ content, verifier }: z.infer<typeof signature>, digest: string) {
  return {
    certificate: fromBase64(verifier.x509Certificate.rawBytes),
    signature: fromBase64(content),
    digest: fromBase64(digest),
  };
}

/** The text that base64 holds; empty where it holds none. */
function readText(base64: string): string {
  return fromUtf8(fromBase64(base64) ?? new Uint8Array()) ?? '';
}

/** The one certificate in base64 of PEM. A bare public key is none: what a certificate says of its key must be logged too. */
function readPem(base64: string): Bytes | undefined {
  const pem = /^-----BEGIN CERTIFICATE-----\n([A-Za-z0-9+/=\n]+)\n-----END CERTIFICATE-----\n*$/;
  const body = pem.exec(readText(base64))?.[1];
  return body === undefined ? undefined : fromBase64(body.replaceAll('\n', ''));
}

/** Why the entry's body isn't about what the bundle holds; undefined where it is. */
export function findBodyFault(entry: KeylessEntry, logged: Logged): string | undefined {
  const { kind, version } = entry.kindVersion;
  const { value: body, fault } = checkShape(
    z.strictObject({ apiVersion: z.literal(version), kind: z.literal(kind), spec: z.unknown() }),
    parseJsonBytes(fromBase64(entry.canonicalizedBody)!),
  );
  if (fault !== undefined) return `its body: ${fault}`;
  const read = Object.hasOwn(READERS, `${kind} ${version}`) ? READERS[`${kind} ${version}`] : undefined;
  if (read === undefined) return 'a kind of entry that no bundle of this form has';
  const named = read(body.spec);
  return named.fault === undefined ? compare(named.value, logged) : `its body: ${named.fault}`;
}

function compare(named: Named, { certificate, signature, signed, envelope }: Logged): string | undefined {
  const covered = named.of === 'signed' ? signed : envelope?.payload;
  if (covered === undefined) return 'its body is about an envelope, and the bundle has none';
  if (!equal(named.certificate, certificate)) return "its body names another key than the bundle's";
  if (!equal(named.signature, signature)) return "its body names another signature than the bundle's";
  if (!equal(named.digest, sha256(covered)))
    return 'its body names another digest than that of what was signed';
  if (named.payloadType !== undefined && named.payloadType !== envelope?.payloadType)
    return "its body names another payload type than the envelope's";
  return undefined;
}

function equal(a: Bytes | undefined, b: Bytes): boolean {
  return a !== undefined && toHex(a) === toHex(b);
}

/**
 * Why the outer index or the proof contradict what is signed. @sigstore/verify takes root and size from the checkpoint and
 * leaves the proof's own alone. A SET signs the outer index, which counts a Rekor v1 log over all its shards.
 */
export function findProofFault(entry: KeylessEntry, log: RekorLog): string | undefined {
  const { inclusionProof: proof, logIndex } = entry;
  if (proof === undefined) return undefined;
  const outer = Number(logIndex);
  const inner = Number(proof.logIndex);
  if (entry.inclusionPromise === undefined ? outer !== inner : outer < inner)
    return "its logIndex contradicts its proof's";
  const parts = proof.checkpoint.envelope.split('\n\n');
  const [origin, size, root] = parts[0]!.split('\n');
  if (parts.length !== 2) return 'its checkpoint is not one note';
  if (
    origin !== log.host &&
    !(origin!.startsWith(`${log.host} - `) && /^\d+$/.test(origin!.slice(log.host.length + 3)))
  )
    return "its checkpoint's origin is not the log";
  if (size !== proof.treeSize) return "its treeSize is not the checkpoint's";
  if (root !== proof.rootHash) return "its rootHash is not the checkpoint's";
  return findSignatureLineFault(parts[1]!, log);
}

/** Of the log's key exactly one line, by its exact name: of two, @sigstore/verify would take either, by a part of its name. */
function findSignatureLineFault(lines: string, log: RekorLog): string | undefined {
  if (!lines.endsWith('\n')) return "its checkpoint's last line has no end";
  const signatures = lines
    .slice(0, -1)
    .split('\n')
    .map((line) => /^— ([^ +]+) ([A-Za-z0-9+/]+=*)$/.exec(line));
  const own = [];
  for (const match of signatures) {
    const bytes = fromBase64(match?.[2] ?? '-');
    if (bytes === undefined) return 'its checkpoint has a line that is no signature';
    if (toBase64(bytes.slice(0, 4)) === toBase64(log.keyId.subarray(0, 4))) own.push(match![1]);
  }
  return own.length === 1 && own[0] === log.host
    ? undefined
    : "its checkpoint is not signed once, in the log's name";
}
