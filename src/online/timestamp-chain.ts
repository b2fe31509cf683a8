/**
 * The certificates of a time-stamping authority (RFC 5280, section 6): from the one that signed up to one that the policy names.
 * Revocation is not asked: the lists of ten years ago are nowhere to be had.
 */

import { resolve } from 'node:path';
import { X509Certificate } from '@sigstore/core';
import { QpoeError } from '../core/error.ts';
import { readWithStats } from '../store/files.ts';
import { OTHERS_WRITE, refuseOthers } from '../store/home.ts';

/** Certificates that a policy trusts for time: a root, or one that issues for it. */
export interface TimestampAuthority {
  /** As the policy names the file. */
  readonly name: string;
  readonly certificates: readonly X509Certificate[];
}

const TIME_STAMPING = '1.3.6.1.5.5.7.3.8';
const KEY_USAGE = '2.5.29.15';
const BASIC_CONSTRAINTS = '2.5.29.19';
const EXTENDED_KEY_USAGE = '2.5.29.37';
/** Critical ones beside these could forbid anything. */
const UNDERSTOOD = [KEY_USAGE, BASIC_CONSTRAINTS, EXTENDED_KEY_USAGE];
const MAX_CHAIN = 8;
const MAX_FILE_BYTES = 1_000_000;

/**
 * @param der of one certificate, which must be all of it
 * @throws whatever ASN.1 of another form makes the parser throw
 */
export function readCertificate(der: Buffer<ArrayBuffer>): X509Certificate {
  const certificate = X509Certificate.parse(der);
  const [tbs, algorithm, signature] = certificate.root.subs;
  // What stands outside of the signature: the algorithm says what is signed says, and the signature is of whole bytes.
  const bound =
    certificate.root.toDER().equals(der) &&
    certificate.root.tag.toDER() === 0x30 &&
    certificate.root.subs.length === 3 &&
    algorithm!.toDER().equals(tbs!.subs[2]!.toDER()) &&
    signature!.tag.isBitString() &&
    signature!.value[0] === 0;
  if (!bound) throw new Error('not one certificate in DER');
  ders.set(certificate, der);
  return certificate;
}

/** As read: writing a certificate again costs more than verifying one. */
const ders = new WeakMap<X509Certificate, Buffer>();

/** @param certificate from `readCertificate` */
export function derOf(certificate: X509Certificate): Buffer {
  return ders.get(certificate)!;
}

const same = (a: X509Certificate, b: X509Certificate): boolean => derOf(a).equals(derOf(b));

/**
 * The shortest way from the signer to one that is named; undefined where none leads there. Names and signatures are what links them.
 * Breadth first, each certificate reached once: no pair is verified twice, and path lengths are the least there are.
 */
export function findChain(
  signer: X509Certificate,
  carried: readonly X509Certificate[],
  named: readonly X509Certificate[],
): readonly X509Certificate[] | undefined {
  const chains: (readonly X509Certificate[])[] = [[signer]];
  let unreached = [...named, ...carried].filter((certificate) => !same(certificate, signer));
  for (const chain of chains) {
    const last = chain.at(-1)!;
    if (named.some((anchor) => same(anchor, last))) return chain;
    if (chain.length >= MAX_CHAIN) continue;
    const issuers = new Set(unreached.filter((issuer) => isIssuedBy(last, issuer)));
    unreached = unreached.filter((certificate) => !issuers.has(certificate));
    for (const issuer of issuers) chains.push([...chain, issuer]);
  }
  return undefined;
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return issuer.subject.equals(certificate.issuer) && hasVerified(certificate, issuer);
}

/** A key that can't be read signed nothing. */
function hasVerified(certificate: X509Certificate, issuer: X509Certificate): boolean {
  try {
    return certificate.signatureAlgorithm !== undefined && certificate.verify(issuer);
  } catch {
    return false;
  }
}

/** Why this certificate may sign no time stamps (RFC 3161, section 2.3). */
export function findSignerFault(signer: X509Certificate): string | undefined {
  const usage = signer.extension(EXTENDED_KEY_USAGE);
  const uses = usage?.valueObj.subs[0]?.subs.map((use) => use.toOID()) ?? [];
  if (usage === undefined || !usage.critical || uses.length !== 1 || uses[0] !== TIME_STAMPING)
    return 'its key is not for time stamps alone';
  const bits = signer.extension(KEY_USAGE)?.valueObj.subs[0]?.toBitString() ?? [1];
  return bits[DIGITAL_SIGNATURE] === 1 || bits[NON_REPUDIATION] === 1
    ? undefined
    : 'its key is not for signatures';
}

const DIGITAL_SIGNATURE = 0;
const NON_REPUDIATION = 1;

/** @param at milliseconds since 1970: what was valid then is valid for ever */
export function findChainFault(chain: readonly X509Certificate[], at: number): string | undefined {
  for (const [depth, certificate] of chain.entries()) {
    if (at < certificate.notBefore.getTime() || at > certificate.notAfter.getTime())
      return 'a certificate of its chain was not valid at its time';
    const oids = certificate.extensions.map((extension) => extension.subs[0]!.toOID());
    if (new Set(oids).size < oids.length) return 'a certificate of its chain has an extension twice';
    if (oids.some((oid) => !UNDERSTOOD.includes(oid) && certificate.extension(oid)!.critical))
      return 'a certificate of its chain has a critical extension that is not understood';
    if (depth > 0 && !mayIssue(certificate, depth - 1))
      return 'a certificate of its chain may issue no other';
  }
  return undefined;
}

/** @param at milliseconds since 1970 */
export function mayHaveIssued(certificate: X509Certificate, at: number): boolean {
  return findChainFault([certificate], at) === undefined && mayIssue(certificate, 0);
}

/** @param below how many authorities stand between it and the signer */
function mayIssue(certificate: X509Certificate, below: number): boolean {
  const limit = certificate.extBasicConstraints?.pathLenConstraint;
  const uses = certificate.extension(EXTENDED_KEY_USAGE)?.valueObj.subs[0]?.subs.map((use) => use.toOID());
  return (
    certificate.isCA &&
    (limit === undefined || Number(limit) >= below) &&
    (uses === undefined || uses.includes(TIME_STAMPING) || uses.includes(ANY_USE))
  );
}

const ANY_USE = '2.5.29.37.0';

/**
 * The certificates in the file that a policy names: PEM, one or more.
 * @param folder what a relative path resolves against: the policy's folder
 * @throws QpoeError `unreadable`; `unsafe` where others can write it; `usage`: a file without a certificate
 */
export function loadTimestampAuthority(name: string, folder: string): TimestampAuthority {
  const path = resolve(folder, name);
  const text = readAuthority(path);
  try {
    const certificates = readPem(text);
    if (certificates.length > 0) return { name, certificates };
  } catch {
    // Said below.
  }
  throw new QpoeError(
    'usage',
    `${path}: not a certificate in PEM`,
    'save the authority’s root or issuing certificate as PEM (-----BEGIN CERTIFICATE-----)',
  );
}

function readAuthority(path: string): string {
  try {
    const { bytes, stats } = readWithStats(path, MAX_FILE_BYTES);
    // Whoever may write it decides who may say when.
    refuseOthers(path, stats, OTHERS_WRITE);
    return bytes.toString('latin1');
  } catch (cause) {
    if (!(cause instanceof QpoeError)) throw cause;
    const next = 'name an existing PEM file in the policy, under [[timestamp_authority]]';
    throw new QpoeError(cause.code, cause.message, cause.hint ?? next, { cause });
  }
}

const PEM = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+?)-----END CERTIFICATE-----/g;

function readPem(text: string): readonly X509Certificate[] {
  return [...text.matchAll(PEM)].map(([, body]) => readCertificate(Buffer.from(body!, 'base64')));
}
