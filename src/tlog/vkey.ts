/**
 * Verifier keys (https://c2sp.org/signed-note, "Verifier keys"): a public key of a log or a witness as one word.
 *
 *     <key name>+<key id, 8 hex digits>+base64(type ‖ public key)
 *     key id = SHA-256(key name ‖ 0A ‖ type ‖ public key)[:4]
 */

import { type Bytes, fromBase64, toBase64, toHex, utf8 } from '../core/bytes.ts';
import { sha256 } from '../core/digest.ts';
import { findKeyFault, verifyEd25519 } from '../core/ed25519.ts';
import type { Fault, Read } from './fault.ts';
import { isKeyName, type NoteVerifier } from './note.ts';

/** The two cosignature types are those of https://c2sp.org/tlog-cosignature. */
export type VkeyType = 'ed25519' | 'cosignature-ed25519' | 'cosignature-ml-dsa-44';

export interface Vkey {
  readonly name: string;
  /** Eight lowercase hex digits. */
  readonly keyId: string;
  readonly type: VkeyType;
  readonly publicKey: Bytes;
}

const TYPES: readonly { readonly type: VkeyType; readonly byte: number; readonly bytes: number }[] = [
  { type: 'ed25519', byte: 0x01, bytes: 32 },
  { type: 'cosignature-ed25519', byte: 0x04, bytes: 32 },
  { type: 'cosignature-ml-dsa-44', byte: 0x06, bytes: 1312 },
];
/** An ML-DSA-44 key takes 1,752. */
const MAX_CHARACTERS = 4096;

/**
 * A key of Ed25519 or ML-DSA-44 (C2SP signed-note and tlog-cosignature), whose id is the one that name and key make. Points of small order are
 * refused: anyone can sign for them.
 */
export function parseVkey(text: string): Read<Vkey> {
  if (text.length > MAX_CHARACTERS) return refuse('longer than any verifier key', 'size');
  // The base64 may hold a plus too, so only the first two divide.
  const [, name = '', keyId = '', encoded = ''] = /^([^+]*)\+([^+]*)\+(.*)$/s.exec(text) ?? [];
  if (!isKeyName(name) || !/^[0-9a-f]{8}$/.test(keyId))
    return refuse('not of the form name+hex+base64', 'syntax');
  const material = fromBase64(encoded);
  if (material === undefined) return refuse('the key is not canonical base64', 'encoding');
  const kind = TYPES.find(({ byte }) => byte === material[0]);
  if (kind === undefined) return refuse('a key of a type that is not known here', 'type');
  const publicKey = material.slice(1);
  const fault = findPublicKeyFault(kind.type, publicKey);
  if (fault !== undefined) return refuse(`the public key is refused: ${fault}`, `key.${fault}`);
  const vkey = makeVkey(name, kind.type, publicKey);
  return vkey.keyId === keyId
    ? { value: vkey }
    : refuse(`the key id is ${keyId}, but name and key make ${vkey.keyId}`, 'id');
}

function findPublicKeyFault(type: VkeyType, publicKey: Bytes): string | undefined {
  if (type !== 'cosignature-ml-dsa-44') return findKeyFault(publicKey);
  return publicKey.length === kindOf(type).bytes ? undefined : 'length';
}

export function makeVkey(name: string, type: VkeyType, publicKey: Bytes): Vkey {
  return { name, type, publicKey, keyId: toHex(hashVkey({ name, type, publicKey }).subarray(0, 4)) };
}

/** All 32 bytes of the hash whose first four are the key id: Sigstore's `logId.keyId`. */
export function hashVkey({ name, type, publicKey }: Omit<Vkey, 'keyId'>): Bytes {
  return sha256(Uint8Array.of(...utf8(`${name}\n`), kindOf(type).byte, ...publicKey));
}

/** `name+key id+base64(type ‖ key)`, as policies hold it. */
export function formatVkey({ name, keyId, type, publicKey }: Vkey): string {
  return `${name}+${keyId}+${toBase64(Uint8Array.of(kindOf(type).byte, ...publicKey))}`;
}

/** Verifies plain Ed25519 note signatures. @param vkey of type `ed25519` */
export function ed25519Verifier({ name, keyId, publicKey }: Vkey): NoteVerifier {
  return { name, keyId, verify: (text, signature) => verifyEd25519(publicKey, signature, text) };
}

function kindOf(wanted: VkeyType): (typeof TYPES)[number] {
  return TYPES.find(({ type }) => type === wanted)!;
}

function refuse(fault: string, code: string): Fault {
  return { fault, code: `vkey.${code}` };
}
