/**
 * Keyless Sigstore signatures: who signed is in a short-lived certificate, and a log's or a time-stamping authority's word on
 * when says that it was still good. @sigstore/verify checks chain, proofs and signatures; what it leaves open is closed here:
 * every member of the bundle is bound to the signature or to something signed, or the bundle is refused. No socket is opened:
 * the trusted root is handed in.
 */

import { bundleFromJSON } from '@sigstore/bundle';
import { crypto, RFC3161Timestamp, X509Certificate } from '@sigstore/core';
import { type SignedEntity, toSignedEntity, VerificationError, Verifier } from '@sigstore/verify';
import { pae } from '../attest/dsse.ts';
import type { RekorLog } from '../attest/trusted-root.ts';
import { fromBase64, toBase64 } from '../core/bytes.ts';
import { sha256 } from '../core/digest.ts';
import type { KeylessResult } from '../verify/keyless.ts';
import { readIdentity } from './fulcio-certificate.ts';
import { type KeylessBundle, type KeylessEntry, readKeylessBundle } from './keyless-bundle.ts';
import { findBodyFault, findProofFault, type Logged } from './rekor-entry.ts';
import { findStampFault } from './time-stamp.ts';
import { readTrustedRoot, type SigstoreRoot } from './trusted-root.ts';

export type KeylessContent =
  /** The bundle holds the envelope. */
  { readonly kind: 'dsse' } | { readonly kind: 'blob'; readonly bytes: Uint8Array };

type KeylessFault = Exclude<KeylessResult, { readonly status: 'pass' }>;

/** A bundle, read. */
interface Evidence {
  readonly bundle: KeylessBundle;
  readonly entity: SignedEntity;
  readonly certificate: X509Certificate;
  readonly timestamps: readonly RFC3161Timestamp[];
  readonly logged: Logged;
}

/**
 * @param bundle parsed JSON
 * @param root JSON text of a Sigstore trusted root
 * @throws QpoeError `usage`: the root is none
 */
export function verifyKeyless(bundle: unknown, content: KeylessContent, root: string): KeylessResult {
  const trusted = readTrustedRoot(root);
  try {
    return judge(bundle, content, trusted);
  } catch {
    // ASN.1, keys and JSON of another form than theirs: what @sigstore's parsers throw there is about the evidence.
    return fail('keyless.malformed', "its certificate, a log entry or a time stamp can't be read");
  }
}

function judge(value: unknown, content: KeylessContent, root: SigstoreRoot): KeylessResult {
  const { value: bundle, fault } = readKeylessBundle(value);
  if (fault !== undefined) return fail('keyless.shape', fault);
  if ((bundle.dsseEnvelope !== undefined) !== (content.kind === 'dsse'))
    return fail(
      'keyless.shape',
      `the bundle is not about ${content.kind === 'dsse' ? 'an envelope' : 'a file'}`,
    );
  const evidence = readEvidence(bundle, content);
  return findIntegrityFault(evidence) ?? findStranger(evidence, root) ?? judgeAgainst(evidence, root);
}

function readEvidence(bundle: KeylessBundle, content: KeylessContent): Evidence {
  const { certificate, x509CertificateChain, timestampVerificationData } = bundle.verificationMaterial;
  const der = fromBase64((certificate ?? x509CertificateChain!.certificates[0]!).rawBytes)!;
  return {
    bundle,
    entity: toSignedEntity(
      bundleFromJSON(bundle),
      content.kind === 'blob' ? Buffer.from(content.bytes) : undefined,
    ),
    certificate: X509Certificate.parse(Buffer.from(der)),
    timestamps: (timestampVerificationData?.rfc3161Timestamps ?? []).map(({ signedTimestamp }) =>
      RFC3161Timestamp.parse(Buffer.from(signedTimestamp, 'base64')),
    ),
    logged: { certificate: der, ...readSigned(bundle, content) },
  };
}

function readSigned({ dsseEnvelope, messageSignature }: KeylessBundle, content: KeylessContent) {
  if (content.kind === 'blob')
    return { signature: fromBase64(messageSignature!.signature)!, signed: Uint8Array.from(content.bytes) };
  const { payloadType, payload: text, signatures } = dsseEnvelope!;
  const payload = fromBase64(text)!;
  return {
    signature: fromBase64(signatures[0]!.sig)!,
    signed: pae(payloadType, payload),
    envelope: { payloadType, payload },
  };
}

/** What is wrong whomever one trusts. */
function findIntegrityFault({ bundle, entity, certificate, logged }: Evidence): KeylessFault | undefined {
  const digest = bundle.messageSignature?.messageDigest.digest;
  if (digest !== undefined && digest !== toBase64(sha256(logged.signed)))
    return fail('keyless.digest', "the bundle's digest is not the file's");
  if (!entity.signature.verifySignature(crypto.createPublicKey(certificate.publicKey)))
    return fail('keyless.signature', "the signature is not the certificate's key's over this content");
  const { tlogEntries } = bundle.verificationMaterial;
  const places = tlogEntries.map(({ logId, logIndex }) => `${logId.keyId} ${logIndex}`);
  const bodies = tlogEntries.map(({ logId, canonicalizedBody }) => `${logId.keyId} ${canonicalizedBody}`);
  if (new Set(places).size < places.length || new Set(bodies).size < bodies.length)
    return fail('keyless.log', 'a log entry stands there twice');
  const body = tlogEntries.map((entry) => findBodyFault(entry, logged)).find((fault) => fault !== undefined);
  return body === undefined
    ? undefined
    : fail('keyless.log', `a log entry isn't about this signature: ${body}`);
}

/** An authority, log or clock that the root doesn't know. Nothing can be said then, for or against. */
function findStranger(
  { bundle, certificate, timestamps }: Evidence,
  root: SigstoreRoot,
): KeylessFault | undefined {
  const { timestampAuthorities, ctlogs } = root.material;
  const stranger = (what: string): KeylessFault => ({
    status: 'unknown',
    evidence: `the trusted root doesn't know ${what}`,
    code: 'keyless.root',
  });
  if (!root.authorities.some((authority) => mayHaveIssued(authority, certificate)))
    return stranger('the authority that issued the certificate');
  if (bundle.verificationMaterial.tlogEntries.some((entry) => findLogs(entry, root).length === 0))
    return stranger('the log');
  const scts = certificate.extSCT?.signedCertificateTimestamps ?? [];
  if (!scts.every(({ logID }) => ctlogs.some((log) => log.logID.equals(logID))))
    return stranger("the certificate's log");
  const knows = (stamp: RFC3161Timestamp) =>
    timestampAuthorities.some(
      ({ certChain: [leaf] }) =>
        leaf?.serialNumber.equals(stamp.signerSerialNumber) && leaf.issuer.equals(stamp.signerIssuer),
    );
  return timestamps.every(knows) ? undefined : stranger('the time-stamping authority');
}

function mayHaveIssued(authority: X509Certificate, certificate: X509Certificate): boolean {
  const key = certificate.extAuthorityKeyID?.keyIdentifier;
  const own = authority.extSubjectKeyID?.keyIdentifier;
  return authority.subject.equals(certificate.issuer) && (!key || !own || key.equals(own));
}

function findLogs({ logId }: KeylessEntry, root: SigstoreRoot): readonly RekorLog[] {
  return root.logs.filter(({ keyId }) => toBase64(keyId) === logId.keyId);
}

function judgeAgainst(evidence: Evidence, root: SigstoreRoot): KeylessResult {
  const { bundle, entity, certificate, timestamps } = evidence;
  const integrated = bundle.verificationMaterial.tlogEntries
    .filter((entry) => entry.inclusionPromise !== undefined)
    .map(({ integratedTime }) => Number(integratedTime) * 1000);
  const stamped = timestamps.map((stamp) => stamp.signingTime.getTime());
  const refused =
    findVerifierFault(entity, root) ??
    findChainFault(bundle, root) ??
    findStampsFault(timestamps, root) ??
    findLogFault(bundle, root, [...integrated, ...stamped]);
  if (refused !== undefined) return refused;
  const { value: identity, fault } = readIdentity(certificate);
  if (fault !== undefined) return fail('keyless.identity', `the certificate is refused: ${fault}`);
  return {
    status: 'pass',
    ...identity,
    ...(integrated.length === 0 ? {} : { integratedTime: Math.min(...integrated) }),
    ...(stamped.length === 0 ? {} : { timestamp: Math.min(...stamped) }),
  };
}

function findVerifierFault(entity: SignedEntity, { material }: SigstoreRoot): KeylessFault | undefined {
  // A root without certificate logs is of an instance that has none; every SCT that is there is checked all the same.
  const ctlogThreshold = material.ctlogs.length > 0 ? 1 : 0;
  try {
    new Verifier(material, { ctlogThreshold, tlogThreshold: 1, timestampThreshold: 1 }).verify(entity);
    return undefined;
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error;
    return fail(CODES[error.code] ?? 'keyless.log', error.message);
  }
}

const CODES: Readonly<Record<string, string>> = {
  CERTIFICATE_ERROR: 'keyless.certificate',
  PUBLIC_KEY_ERROR: 'keyless.certificate',
  SIGNATURE_ERROR: 'keyless.signature',
  TIMESTAMP_ERROR: 'keyless.time',
};

/** @sigstore/verify passes over all but the first certificate: the others must be the root's, each once. */
function findChainFault(
  { verificationMaterial }: KeylessBundle,
  root: SigstoreRoot,
): KeylessFault | undefined {
  const [, ...others] = verificationMaterial.x509CertificateChain?.certificates ?? [];
  const known = root.authorities.map((authority) => authority.root.toDER().toString('base64'));
  const ours = new Set(others.map(({ rawBytes }) => rawBytes).filter((other) => known.includes(other)));
  return ours.size === others.length
    ? undefined
    : fail('keyless.certificate', "the chain holds a certificate twice, or one that isn't the root's");
}

function findStampsFault(stamps: readonly RFC3161Timestamp[], root: SigstoreRoot): KeylessFault | undefined {
  const faults = stamps.map((stamp) => findStampFault(stamp, root.material.timestampAuthorities));
  const fault = faults.find((each) => each !== undefined);
  return fault === undefined ? undefined : fail('keyless.time', `a time stamp is refused: ${fault}`);
}

/** @sigstore/verify holds a log's key to its validity only where there is a SET. */
function findLogFault(
  bundle: KeylessBundle,
  root: SigstoreRoot,
  times: readonly number[],
): KeylessFault | undefined {
  for (const entry of bundle.verificationMaterial.tlogEntries) {
    const at = entry.inclusionPromise === undefined ? times : [Number(entry.integratedTime) * 1000];
    const logs = findLogs(entry, root).filter((log) =>
      at.every((time) => log.start <= time && time <= log.end),
    );
    if (logs.length === 0) return fail('keyless.log', "a log's key was not valid at the time");
    const faults = logs.map((log) => findProofFault(entry, log));
    if (!faults.includes(undefined)) return fail('keyless.log', `a log entry is refused: ${faults[0]}`);
  }
  return undefined;
}

function fail(code: string, evidence: string): KeylessFault {
  return { status: 'fail', evidence, code };
}
