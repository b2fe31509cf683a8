/**
 * An RFC 3161 answer beside what its signature covers (RFC 5652, section 5.1):
 *
 *     {status, {signedData, {version, digestAlgorithms, TSTInfo, [0] certificates, [1] crls, {signerInfo}}}}
 *
 * @sigstore/core looks at the first signer alone, and at neither the status nor the certificates that come along.
 */

import type { RFC3161Timestamp } from '@sigstore/core';
import type { TrustMaterial } from '@sigstore/verify';

const GRANTED = [0n, 1n];
/** version, sid, digestAlgorithm, signedAttrs, signatureAlgorithm, signature: and no unsigned attributes. */
const SIGNER_PARTS = 6;

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
  if (authorities === 'any certificates') return undefined;
  const known = authorities.flatMap(({ certChain }) =>
    certChain.map(({ root }) => root.toDER().toString('hex')),
  );
  const own = signedData
    .slice(3, -1)
    .every(
      ({ tag, subs }) =>
        tag.constructed &&
        tag.isContextSpecific(0) &&
        subs.every((copy) => known.includes(copy.toDER().toString('hex'))),
    );
  return own ? undefined : "it brings certificates that aren't the authority's";
}
