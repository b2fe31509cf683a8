/**
 * An RFC 3161 time stamp, verified for ever with nothing but an authority's certificate: everything is judged at the stamp's own
 * time, and no clock is asked. @sigstore/core reads it and verifies what the signature covers (content, imprint, digest,
 * signature); who may have signed is judged here:
 *
 *     SignerInfo.signedAttrs   contentType, messageDigest, signingCertificate (ESSCertID, RFC 2634) or its v2 (RFC 5035)
 *     the signer's certificate extKeyUsage critical, timeStamping and nothing else (RFC 3161, section 2.3)
 *     its chain                each issued by the next, up to a certificate that the policy names
 */

import { createHash } from 'node:crypto';
import { type ASN1Obj, crypto, RFC3161Timestamp, type X509Certificate } from '@sigstore/core';
import type { Bytes } from '../core/bytes.ts';
import { printable } from '../core/printable.ts';
import { parseTime } from '../core/time.ts';
import type { TimestampResult } from '../verify/timestamps.ts';
import { findStampFault } from './time-stamp.ts';
import {
  derOf,
  findChain,
  findChainFault,
  findSignerFault,
  mayHaveIssued,
  readCertificate,
  type TimestampAuthority,
} from './timestamp-chain.ts';

type Fault = Exclude<TimestampResult, { readonly status: 'pass' }>;

const SIGNING_CERTIFICATE = '1.2.840.113549.1.9.16.2.12';
const SIGNING_CERTIFICATE_V2 = '1.2.840.113549.1.9.16.2.47';
const CONTENT_TYPE = '1.2.840.113549.1.9.3';
const TST_INFO = '1.2.840.113549.1.9.16.1.4';
const SEQUENCE = 0x30;
const RSA = /^1\.2\.840\.113549\.1\.1\.(1|11|12|13)$/;
const ESS_HASHES: Readonly<Record<string, string>> = {
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};
const MAX_STAMP_BYTES = 100_000;
const MAX_CERTIFICATES = 16;

/**
 * @param stamp the authority's answer (`TimeStampResp`)
 * @param signed the bytes that it must be about
 */
export function verifyTimestamp(
  stamp: Bytes,
  signed: Bytes,
  authorities: readonly TimestampAuthority[],
): TimestampResult {
  if (stamp.length > MAX_STAMP_BYTES)
    return fail('timestamp.size', `it is longer than ${MAX_STAMP_BYTES} bytes`);
  try {
    return judge(RFC3161Timestamp.parse(Buffer.from(stamp)), stamp, signed, authorities);
  } catch {
    // What @sigstore/core's parsers throw on ASN.1 of another form is about the evidence.
    return fail('timestamp.malformed', 'it is not an RFC 3161 time stamp that can be read');
  }
}

function judge(
  stamp: RFC3161Timestamp,
  bytes: Bytes,
  signed: Bytes,
  authorities: readonly TimestampAuthority[],
): TimestampResult {
  // The parser stops at the end of the first value: whatever follows would be read by no one.
  if (!stamp.root.toDER().equals(bytes)) return fail('timestamp.malformed', 'it is not one DER value');
  // With modifications it would be another answer than the one that was asked for, and no signature says which it was.
  if (stamp.status !== 0n) return fail('timestamp.form', 'it was not granted as it was asked for');
  const { signer, carried, fault } = readSigner(stamp, authorities);
  if (signer === undefined) return fault;
  const wrong =
    findContentFault(stamp) ?? findSignatureFault(stamp, signed, signer) ?? findBindingFault(stamp, signer);
  if (wrong !== undefined) return wrong;
  const time = signingTime(stamp);
  if (time === undefined) return fail('timestamp.malformed', 'its time is none');
  // Of certificates with one name and key, those that could issue at that time come first.
  const fit = carried.filter((one) => mayHaveIssued(one, time));
  const anchored = authorities.flatMap(({ name, certificates }) => {
    const chain = findChain(signer, fit, certificates) ?? findChain(signer, carried, certificates);
    return chain === undefined ? [] : [{ name, chain }];
  });
  const unfit = findSignerFault(signer);
  if (unfit !== undefined) return fail('timestamp.certificate', `its signer’s certificate: ${unfit}`);
  const faults = anchored.map(({ chain }) => findChainFault(chain, time));
  const good = faults.indexOf(undefined);
  if (good >= 0) return { status: 'pass', time, authority: anchored[good]!.name };
  return faults.length > 0
    ? fail('timestamp.chain', faults[0]!)
    : { status: 'unknown', evidence: 'no authority of your policy issued it', code: 'timestamp.authority' };
}

/** By the one signature of the stamp: issuer and serial number. Its certificate is in the stamp, or in the policy's file. */
function readSigner(
  stamp: RFC3161Timestamp,
  authorities: readonly TimestampAuthority[],
):
  | {
      readonly signer: X509Certificate;
      readonly carried: readonly X509Certificate[];
      readonly fault?: never;
    }
  | { readonly signer?: never; readonly carried?: never; readonly fault: Fault } {
  const form = findStampFault(stamp, 'any certificates');
  if (form !== undefined) return { fault: fail('timestamp.form', form) };
  const carried = certificatesOf(stamp);
  if (carried.length > MAX_CERTIFICATES)
    return { fault: fail('timestamp.form', `it brings more than ${MAX_CERTIFICATES} certificates`) };
  const candidates = [...carried, ...authorities.flatMap(({ certificates }) => certificates)];
  const signer = candidates.find(
    ({ issuer, serialNumber }) =>
      issuer.equals(stamp.signerIssuer) && serialNumber.equals(stamp.signerSerialNumber),
  );
  return signer === undefined
    ? {
        fault: {
          status: 'unknown',
          evidence: 'neither it nor your policy holds its signer’s certificate',
          code: 'timestamp.signer',
        },
      }
    : { signer, carried };
}

function signedDataOf({ root }: RFC3161Timestamp): readonly ASN1Obj[] {
  return root.subs[1]!.subs[1]!.subs[0]!.subs;
}

function certificatesOf(stamp: RFC3161Timestamp): readonly X509Certificate[] {
  const set = signedDataOf(stamp)
    .slice(3, -1)
    .find(({ tag }) => tag.isContextSpecific(0));
  return (set?.subs ?? []).map((copy) => readCertificate(Buffer.from(copy.toDER())));
}

/** The attributes that the signature covers: each once, and a content type that is the content's (RFC 5652, section 11.1). */
function findContentFault(stamp: RFC3161Timestamp): Fault | undefined {
  const oids = attributesOf(stamp).map(([type]) => type!.toOID());
  if (new Set(oids).size < oids.length) return fail('timestamp.form', 'it has an attribute twice');
  const type = attribute(stamp, CONTENT_TYPE);
  return type?.toOID() === TST_INFO ? undefined : fail('timestamp.form', 'it signs no time-stamp content');
}

function attributesOf(stamp: RFC3161Timestamp): readonly (readonly ASN1Obj[])[] {
  const signerInfo = signedDataOf(stamp).at(-1)!.subs[0]!;
  return signerInfo.subs.find(({ tag }) => tag.isContextSpecific(0))!.subs.map(({ subs }) => subs);
}

/** An attribute's one value. */
function attribute(stamp: RFC3161Timestamp, oid: string): ASN1Obj | undefined {
  const values = attributesOf(stamp).find(([type]) => type!.toOID() === oid)?.[1]?.subs;
  return values?.length === 1 ? values[0] : undefined;
}

function findSignatureFault(
  stamp: RFC3161Timestamp,
  signed: Bytes,
  signer: X509Certificate,
): Fault | undefined {
  try {
    stamp.tstInfo.verify(Buffer.from(signed));
  } catch {
    return fail('timestamp.imprint', 'it is about other bytes');
  }
  try {
    withRsa(stamp).verify(Buffer.from(signed), crypto.createPublicKey(signer.publicKey));
    return undefined;
  } catch {
    return fail('timestamp.signature', 'its signature is not its signer’s over it');
  }
}

/**
 * @sigstore/core knows ECDSA's names alone. RSA's (PKCS #1 v1.5) often says the padding only, and then the hash is that of
 * `digestAlgorithm` (RFC 3370, section 3.2); where it says both, they must agree with it.
 */
function withRsa(stamp: RFC3161Timestamp): RFC3161Timestamp {
  const signerInfo = signedDataOf(stamp).at(-1)!.subs[0]!;
  return RSA.test(signerInfo.subs[4]!.subs[0]!.toOID())
    ? Object.create(stamp, { signatureAlgorithm: { value: stamp.signerDigestAlgorithm } })
    : stamp;
}

/** The signature must say which certificate it is by: two of one key could say two things of their holder. */
function findBindingFault(stamp: RFC3161Timestamp, signer: X509Certificate): Fault | undefined {
  const [v1, v2] = [attribute(stamp, SIGNING_CERTIFICATE), attribute(stamp, SIGNING_CERTIFICATE_V2)];
  if (v1 === undefined && v2 === undefined)
    return fail('timestamp.binding', 'its signature names no certificate');
  const bound = (v1 === undefined || names(v1, signer, 'sha1')) && (v2 === undefined || names(v2, signer));
  return bound ? undefined : fail('timestamp.binding', 'its signature names another certificate');
}

/** `SigningCertificate`: the first of its list of certificate ids is the signer's. @param fixed the hash of the first version */
function names(signing: ASN1Obj, signer: X509Certificate, fixed?: string): boolean {
  const id = signing.subs[0]!.subs[0]!.subs;
  // By its tag: @sigstore/core's parser finds parts in a hash too, where its bytes happen to look like DER.
  const named = fixed === undefined && id[0]!.tag.toDER() === SEQUENCE ? id[0]!.subs[0]!.toOID() : undefined;
  const hash = fixed ?? (named === undefined ? 'sha256' : ESS_HASHES[named]);
  const value = id[named === undefined ? 0 : 1]!;
  return (
    hash !== undefined &&
    value.tag.isOctetString() &&
    createHash(hash).update(derOf(signer)).digest().equals(value.value)
  );
}

/** GeneralizedTime with whatever fraction of a second: @sigstore/core knows none but milliseconds, and drops them. */
function signingTime(stamp: RFC3161Timestamp): number | undefined {
  const { tag, value } = stamp.tstInfo.root.subs[4]!;
  const [, y, mo, d, h, mi, s] =
    /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d(?:\.\d{1,9})?)Z$/.exec(value.toString('latin1')) ?? [];
  return tag.isGeneralizedTime() && s !== undefined
    ? parseTime(`${y}-${mo}-${d}T${h}:${mi}:${s}Z`)
    : undefined;
}

function fail(code: string, evidence: string): Fault {
  return { status: 'fail', evidence: printable(evidence), code };
}
