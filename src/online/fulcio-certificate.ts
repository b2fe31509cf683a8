/**
 * What a Fulcio certificate says (sigstore/fulcio `docs/certificate-specification.md`): whose identity, and who vouched for it.
 *
 *     subjectAltName (critical)     exactly one: a URI, an e-mail address, or a user name (otherName 1.3.6.1.4.1.57264.1.7)
 *     1.3.6.1.4.1.57264.1.8         the issuer, a UTF8String
 *     1.3.6.1.4.1.57264.1.1         the issuer, raw, as it was first
 *
 * @sigstore/verify takes the first of several names, drops the high bit of each byte, and doesn't ask what the key is for.
 */

import type { ASN1Obj, X509Certificate } from '@sigstore/core';
import type { Shaped } from '../core/shape.ts';

const KEY_USAGE = '2.5.29.15';
const SUBJECT_ALT_NAME = '2.5.29.17';
const BASIC_CONSTRAINTS = '2.5.29.19';
const EXTENDED_KEY_USAGE = '2.5.29.37';
const CODE_SIGNING = '1.3.6.1.5.5.7.3.3';
const ISSUER_V1 = '1.3.6.1.4.1.57264.1.1';
const USER_NAME = '1.3.6.1.4.1.57264.1.7';
const ISSUER_V2 = '1.3.6.1.4.1.57264.1.8';
const UNDERSTOOD = [KEY_USAGE, SUBJECT_ALT_NAME, BASIC_CONSTRAINTS, EXTENDED_KEY_USAGE];

const UTF8_STRING = 0x0c;
const OTHER_NAME = 0x00;
const E_MAIL = 0x01;
const URI = 0x06;

export interface Identity {
  readonly identity: string;
  readonly issuer: string;
}

/** @throws whatever ASN.1 of another form makes the parser throw */
export function readIdentity(certificate: X509Certificate): Shaped<Identity> {
  const fault = findUseFault(certificate);
  if (fault !== undefined) return { fault };
  const names = certificate.extension(SUBJECT_ALT_NAME)?.valueObj.subs[0]?.subs ?? [];
  if (names.length !== 1) return { fault: `it names ${names.length} identities, not one` };
  const identity = printableAscii(readName(names[0]!));
  if (identity === undefined)
    return { fault: 'its identity is no URI, e-mail address or user name in ASCII' };
  const issuer = readIssuer(certificate);
  return issuer === undefined ? { fault: 'it names no issuer, or two' } : { value: { identity, issuer } };
}

function findUseFault(certificate: X509Certificate): string | undefined {
  const oids = certificate.extensions.map((extension) => extension.subs[0]!.toOID());
  if (new Set(oids).size < oids.length) return 'it has an extension twice';
  const unknown = oids.find((oid) => certificate.extension(oid)!.critical && !UNDERSTOOD.includes(oid));
  if (unknown !== undefined) return `it has a critical extension that is not understood: ${unknown}`;
  if (certificate.extBasicConstraints?.isCA) return "it is an authority's";
  if (!certificate.extKeyUsage?.digitalSignature) return 'its key is not for signatures';
  const uses = certificate.extension(EXTENDED_KEY_USAGE)?.valueObj.subs[0]?.subs ?? [];
  return uses.some((use) => use.toOID() === CODE_SIGNING) ? undefined : 'its key is not for code signing';
}

function readName({ tag, value, subs: [oid, name] }: ASN1Obj): Buffer | undefined {
  if (tag.isContextSpecific(OTHER_NAME))
    return oid?.toOID() === USER_NAME ? readUtf8String(name?.subs ?? []) : undefined;
  return !tag.constructed && (tag.isContextSpecific(URI) || tag.isContextSpecific(E_MAIL))
    ? value
    : undefined;
}

function readIssuer(certificate: X509Certificate): string | undefined {
  const v1 = certificate.extension(ISSUER_V1)?.value;
  const v2 = certificate.extension(ISSUER_V2)?.valueObj.subs;
  const issuer = printableAscii(v2 === undefined ? v1 : readUtf8String(v2));
  return v1 !== undefined && printableAscii(v1) !== issuer ? undefined : issuer;
}

function readUtf8String(subs: readonly ASN1Obj[]): Buffer | undefined {
  const tag = subs[0]?.tag;
  return subs.length === 1 && tag?.isUniversal() && tag.number === UTF8_STRING ? subs[0]!.value : undefined;
}

/** The text of ASCII without blanks and controls, so that what a policy says as a literal is what is compared. */
function printableAscii(bytes: Buffer | undefined): string | undefined {
  const text = bytes?.toString('latin1');
  return text !== undefined && /^[\x21-\x7e]+$/.test(text) ? text : undefined;
}
