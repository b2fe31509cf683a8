/**
 * An RFC 3161 answer beside what its signature covers (RFC 5652, section 5.1):
 *
 *     {status, {signedData, {version, digestAlgorithms, TSTInfo, [0] certificates, [1] crls, {signerInfo}}}}
 *
 *     signerInfo {version, sid, digestAlgorithm, [0] signedAttrs, signatureAlgorithm, signature}
 *
 * @sigstore/core looks at the first signer alone, and at neither the status nor the certificates that come along. What no
 * signature covers (versions, tags, names of algorithms) must be as it stands here, so that no stamp has a second form.
 */

import type { ASN1Obj, RFC3161Timestamp } from '@sigstore/core';
import type { TrustMaterial } from '@sigstore/verify';

const GRANTED = [0n, 1n];
/** And no unsigned attributes. */
const SIGNER_PARTS = 6;
const INTEGER = 0x02;
const OCTET_STRING = 0x04;
const NULL = 0x05;
const OID = 0x06;
const SEQUENCE = 0x30;
const SET = 0x31;
const CONTEXT_0 = 0xa0;
/** Each with what it hashes with; rsaEncryption leaves that to `digestAlgorithm` (RFC 3370, section 3.2). */
const SIGNATURE_ALGORITHMS: Readonly<Record<string, string | undefined>> = {
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
  '1.2.840.113549.1.1.1': undefined,
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
};

/**
 * @param authorities whose certificates alone may come along
 * @throws whatever ASN.1 of another form makes the parser throw
 */
export function findStampFault(
  stamp: RFC3161Timestamp,
  authorities: TrustMaterial['timestampAuthorities'] | 'any certificates',
): string | undefined {
  if (!GRANTED.includes(stamp.status)) return 'it was not granted';
  const signedData = stamp.root.subs[1]!.subs[1]!.subs[0]!.subs;
  const signers = signedData.at(-1)!.subs;
  if (signers.length !== 1 || signers[0]!.subs.length !== SIGNER_PARTS)
    return 'it has more than one signature, or attributes that none covers';
  if (!isSignedData(stamp) || !isSignerInfo(stamp)) return 'it is not of the form of a time stamp';
  const sets = signedData.slice(3, -1);
  if (authorities === 'any certificates')
    return sets.length <= 1 && sets.every((set) => isOf(set, CONTEXT_0))
      ? undefined
      : 'it brings more than certificates';
  const known = authorities.flatMap(({ certChain }) =>
    certChain.map(({ root }) => root.toDER().toString('hex')),
  );
  const own = sets.every(
    (set) => isOf(set, CONTEXT_0) && set.subs.every((copy) => known.includes(copy.toDER().toString('hex'))),
  );
  return own ? undefined : "it brings certificates that aren't the authority's";
}

/** What wraps the content, and names the one hash that the signer names too. */
function isSignedData({ root }: RFC3161Timestamp): boolean {
  const [status, token] = root.subs as [ASN1Obj, ASN1Obj];
  const [type, explicit] = token.subs as [ASN1Obj, ASN1Obj];
  const [version, algorithms, content] = explicit.subs[0]!.subs as [ASN1Obj, ASN1Obj, ASN1Obj];
  const signerInfos = explicit.subs[0]!.subs.at(-1)!;
  return (
    [root, status, token, explicit.subs[0]!, content].every((part) => isOf(part, SEQUENCE)) &&
    [explicit, content.subs[1]!].every((part) => isOf(part, CONTEXT_0) && part.subs.length === 1) &&
    [algorithms, signerInfos].every((part) => isOf(part, SET)) &&
    [root, token, content].every(({ subs }) => subs.length === 2) &&
    isOf(status.subs[0]!, INTEGER) &&
    isOf(type, OID) &&
    isOf(content.subs[1]!.subs[0]!, OCTET_STRING) &&
    isVersion(version, 3) &&
    algorithms.subs.length === 1 &&
    isAlgorithm(algorithms.subs[0]!) &&
    oidOf(algorithms.subs[0]!) === oidOf(signerInfos.subs[0]!.subs[2]!)
  );
}

function isSignerInfo(stamp: RFC3161Timestamp): boolean {
  const info = stamp.root.subs[1]!.subs[1]!.subs[0]!.subs.at(-1)!.subs[0]!;
  const [version, sid, digest, attributes, algorithm, signature] = info.subs as ASN1Obj[];
  const oid = oidOf(algorithm!);
  return (
    isOf(info, SEQUENCE) &&
    isVersion(version!, 1) &&
    isOf(sid!, SEQUENCE) &&
    sid!.subs.length === 2 &&
    isOf(sid!.subs[0]!, SEQUENCE) &&
    isOf(sid!.subs[1]!, INTEGER) &&
    isAlgorithm(digest!) &&
    isOf(attributes!, CONTEXT_0) &&
    isAlgorithm(algorithm!) &&
    Object.hasOwn(SIGNATURE_ALGORITHMS, oid) &&
    (SIGNATURE_ALGORITHMS[oid] ?? stamp.signerDigestAlgorithm) === stamp.signerDigestAlgorithm &&
    isOf(signature!, OCTET_STRING)
  );
}

const isOf = ({ tag }: ASN1Obj, wanted: number) => tag.toDER() === wanted;
const isVersion = (part: ASN1Obj, wanted: number) =>
  isOf(part, INTEGER) && part.value.equals(Uint8Array.of(wanted));

function oidOf(algorithm: ASN1Obj): string {
  return algorithm.subs[0]!.toOID();
}

/** With no parameters, or with NULL for them. */
function isAlgorithm(part: ASN1Obj): boolean {
  const [oid, parameters, ...more] = part.subs;
  return (
    isOf(part, SEQUENCE) &&
    isOf(oid!, OID) &&
    more.length === 0 &&
    (parameters === undefined || (isOf(parameters, NULL) && parameters.value.length === 0))
  );
}
