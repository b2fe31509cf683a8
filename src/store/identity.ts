/**
 * The identity: one person's or lab's signing keys, as PKCS#8 PEM (RFC 5958, RFC 7468) with an optional passphrase:
 * Ed25519 signs records; P-256 and ML-DSA-65 are for statements. Its fingerprint is SHA-256 over the three SPKIs.
 */

import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto';
import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Bytes, fromBase64, toBase64, utf8 } from '../core/bytes.ts';
import { digestOf } from '../core/digest.ts';
import { QpoeError } from '../core/error.ts';
import { printable } from '../core/printable.ts';
import type { RecordSigner } from '../record/record.ts';
import { type FirstPolicy, formatFirstPolicy } from '../verify/policy-text.ts';
import {
  fileError,
  isTemporary,
  lookAt,
  makeFolder,
  readWithStats,
  syncFolder,
  writeAtomic,
  writeDurable,
} from './files.ts';
import { type Home, OTHERS_ANYTHING, OTHERS_WRITE, refuseOthers, refuseUnsafe } from './home.ts';
import { withLock } from './log-lock.ts';

const MAX_KEY_BYTES = 100_000;
const FILES = { ed25519: 'ed25519.pem', p256: 'p256.pem', mlDsa65: 'ml-dsa-65.pem' } as const;

export interface Identity {
  readonly ed25519: KeyObject;
  readonly p256: KeyObject;
  readonly mlDsa65: KeyObject;
}

/** Whether keys have been made there, readable or not. */
export function hasIdentity(home: Home): boolean {
  return lookAt(home.identity) !== undefined;
}

/**
 * Makes the three keys and a policy that trusts them.
 * @param name the signer's name in the policy
 */
export function createIdentity(
  home: Home,
  name: string,
  passphrase: string | undefined,
  start?: PolicyStart,
): Identity {
  refuseSignerName(name);
  const identity = makeIdentity(home, passphrase);
  trustOwnIdentity(home, name, identity, start);
  return identity;
}

/** It stands in a file that people read, and beside a PASS. @throws QpoeError `usage` */
export function refuseSignerName(name: string): void {
  if (name === '' || name.length > 200 || printable(name) !== name)
    throw new QpoeError(
      'usage',
      `"${printable(name)}" can't be a signer's name`,
      'give up to 200 printable characters',
    );
}

/** The keys alone. The folder appears whole or not at all, and one that is there already is never overwritten. */
export function makeIdentity(home: Home, passphrase: string | undefined): Identity {
  makeFolder(home.path, 0o700);
  refuseUnsafe(home.path, OTHERS_WRITE);
  sweepHome(home);
  const identity = generateIdentity();
  const temporary = join(home.path, `.tmp-${randomBytes(8).toString('hex')}`);
  try {
    mkdirSync(temporary, { mode: 0o700 });
    for (const [key, file] of Object.entries(FILES))
      writeDurable(
        join(temporary, file),
        Buffer.from(exportKey(identity[key as keyof Identity], passphrase)),
        0o600,
      );
    syncFolder(temporary);
    renameSync(temporary, home.identity);
    syncFolder(home.path);
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    if (!['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? ''))
      throw fileError('external', 'make the identity', home.identity, error);
    // Another process was first: its identity is the one, and it may not have written the policy yet.
    return readIdentity(home, passphrase);
  }
  return identity;
}

export function generateIdentity(): Identity {
  return {
    ed25519: generateKeyPairSync('ed25519').privateKey,
    p256: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
    mlDsa65: generateKeyPairSync('ml-dsa-65').privateKey,
  };
}

const ABANDONED_MS = 600_000;

/** Removes the keys that a killed `init` left half made. @returns how many folders */
export function sweepHome(home: Home): number {
  const left = readdirSync(home.path)
    .filter((name) => isTemporary(name))
    .map((name) => join(home.path, name))
    .filter((path) => Date.now() - (lookAt(path)?.mtimeMs ?? Number.POSITIVE_INFINITY) > ABANDONED_MS);
  for (const path of left) rmSync(path, { recursive: true, force: true });
  return left.length;
}

export function exportKey(key: KeyObject, passphrase: string | undefined): string {
  const plain = { type: 'pkcs8', format: 'pem' } as const;
  return key
    .export(passphrase === undefined ? plain : { ...plain, cipher: 'aes-256-cbc', passphrase })
    .toString();
}

/** What the first policy demands. */
export type PolicyStart = Omit<FirstPolicy, 'signer'>;

/** Writes the first policy; one that is there already is the person's, and stays. @returns whether it was written */
export function trustOwnIdentity(
  home: Home,
  name: string,
  identity: Identity,
  start: PolicyStart = { level: 'own' },
): boolean {
  if (lookAt(home.policy) !== undefined) return false;
  return withLock(`${home.policy}.lock`, () => {
    if (lookAt(home.policy) !== undefined) return false;
    writeAtomic(home.policy, firstPolicy(name, identity, start), 0o600);
    return true;
  });
}

/** The text of a policy that trusts this identity. */
export function firstPolicy(name: string, identity: Identity, start: PolicyStart): Bytes {
  refuseSignerName(name);
  const signer = {
    name,
    ed25519: toBase64(rawEd25519(identity.ed25519)),
    p256: toBase64(spki(identity.p256)),
    ml_dsa_65: toBase64(spki(identity.mlDsa65)),
  };
  return utf8(formatFirstPolicy({ signer, ...start }));
}

/** @throws QpoeError `unsafe` where others can read the keys, `usage` for a missing or wrong passphrase */
export function readIdentity(home: Home, passphrase: string | undefined): Identity {
  refuseUnsafe(home.path, OTHERS_WRITE);
  refuseUnsafe(home.identity, OTHERS_ANYTHING);
  return {
    ed25519: readKey(join(home.identity, FILES.ed25519), 'ed25519', passphrase),
    p256: readKey(join(home.identity, FILES.p256), 'ec', passphrase),
    mlDsa65: readKey(join(home.identity, FILES.mlDsa65), 'ml-dsa-65', passphrase),
  };
}

/** A key file that the person names: PKCS#8 PEM, or the original toolkit's base64 of the 32 raw bytes. */
export function readKeyFile(path: string, passphrase: string | undefined): KeyObject {
  return readKey(path, 'ed25519', passphrase);
}

export function readKey(path: string, type: string, passphrase: string | undefined): KeyObject {
  const { bytes, stats } = readWithStats(path, MAX_KEY_BYTES);
  refuseOthers(path, stats, OTHERS_ANYTHING);
  const key = decodeKey(bytes.toString('utf8').trim(), path, passphrase);
  if (key.asymmetricKeyType !== type)
    throw new QpoeError('usage', `${path} holds a ${key.asymmetricKeyType} key, not ${type}`);
  return key;
}

/** RFC 8410: the DER that stands before an Ed25519 seed in PKCS#8. */
const ED25519_PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

function decodeKey(text: string, path: string, passphrase: string | undefined): KeyObject {
  const seed = fromBase64(text);
  if (seed?.length === 32)
    return createPrivateKey({
      key: Buffer.concat([ED25519_PKCS8_PREFIX, seed]),
      format: 'der',
      type: 'pkcs8',
    });
  if (text.includes('ENCRYPTED') && passphrase === undefined)
    throw new QpoeError(
      'usage',
      `${path} needs its passphrase`,
      'name a file that holds it in QPOE_PASSPHRASE_FILE, or set QPOE_PASSPHRASE',
    );
  try {
    return createPrivateKey({ key: text, ...(passphrase === undefined ? {} : { passphrase }) });
  } catch (error) {
    const reason =
      passphrase !== undefined && text.includes('ENCRYPTED')
        ? 'the passphrase is wrong'
        : 'neither a PKCS#8 PEM nor the base64 of a 32-byte Ed25519 key';
    throw new QpoeError('usage', `${path}: ${reason}`, undefined, { cause: error });
  }
}

/** Signs records with a private Ed25519 key (RFC 8032). */
export function recordSigner(key: KeyObject): RecordSigner {
  return { publicKey: rawEd25519(key), sign: (hash) => new Uint8Array(sign(null, hash, key)) };
}

/** The public half's SPKI (RFC 5280), as DER. */
export function spki(key: KeyObject): Bytes {
  return new Uint8Array(createPublicKey(key).export({ type: 'spki', format: 'der' }));
}

export function rawEd25519(key: KeyObject): Bytes {
  return spki(key).slice(-32);
}

/** SHA-256 over the SPKIs of the Ed25519, P-256 and ML-DSA-65 keys, in this order. */
export function identityFingerprint(identity: Identity): string {
  return digestOf(Buffer.concat([spki(identity.ed25519), spki(identity.p256), spki(identity.mlDsa65)]));
}
