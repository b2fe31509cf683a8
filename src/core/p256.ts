/**
 * ECDSA over P-256 with SHA-256 (FIPS 186-5), the signature as DER (RFC 3279, section 2.2.3):
 *
 *     SEQUENCE { INTEGER r, INTEGER s }      30 len 02 len r 02 len s
 *
 * WebCrypto takes r‖s, 32 bytes each, so the DER is read here: one encoding a signature, nothing before or after. Both s and
 * n − s verify: half of all signers write the higher one.
 */

import { type Bytes, toHex } from './bytes.ts';
import { isSpki } from './spki.ts';

const SIZE = 32;

/** r‖s, 64 bytes; undefined for anything but the one DER of two positive integers of at most 32 bytes. */
export function fromDer(der: Uint8Array): Bytes | undefined {
  if (der[0] !== 0x30 || der[1] !== der.length - 2 || der.length > 72) return undefined;
  const r = readInteger(der, 2);
  const s = r === undefined ? undefined : readInteger(der, r.end);
  if (r === undefined || s === undefined || s.end !== der.length) return undefined;
  const raw = new Uint8Array(2 * SIZE);
  raw.set(r.bytes, SIZE - r.bytes.length);
  raw.set(s.bytes, 2 * SIZE - s.bytes.length);
  return raw;
}

function readInteger(der: Uint8Array, at: number): { bytes: Uint8Array; end: number } | undefined {
  const length = der[at + 1] ?? 0;
  const end = at + 2 + length;
  const bytes = der.subarray(at + 2, end);
  if (der[at] !== 0x02 || length === 0 || end > der.length) return undefined;
  // A leading zero stands where the next bit would make the number negative, and nowhere else.
  const padded = bytes[0] === 0;
  if (bytes[0]! >= 0x80 || (padded && (length === 1 || bytes[1]! < 0x80))) return undefined;
  const digits = padded ? bytes.subarray(1) : bytes;
  return digits.length > SIZE ? undefined : { bytes: digits, end };
}

const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** The same signature with the lower of s and n − s: what we write, so that no one can make a second of it. */
export function lowS(raw: Bytes): Bytes {
  const s = BigInt('0x' + toHex(raw.subarray(SIZE)));
  if (2n * s <= N) return raw;
  const low = (N - s).toString(16).padStart(2 * SIZE, '0');
  const out = raw.slice();
  for (let i = 0; i < SIZE; i++) out[SIZE + i] = Number.parseInt(low.slice(2 * i, 2 * i + 2), 16);
  return out;
}

/** @param raw r‖s, 64 bytes */
export function toDer(raw: Bytes): Bytes {
  const [r, s] = [integer(raw.subarray(0, SIZE)), integer(raw.subarray(SIZE))];
  return Uint8Array.of(0x30, r.length + s.length, ...r, ...s);
}

function integer(bytes: Uint8Array): number[] {
  const first = bytes.findIndex((byte) => byte !== 0);
  const digits = [...bytes.subarray(first)];
  if (digits[0]! >= 0x80) digits.unshift(0);
  return [0x02, digits.length, ...digits];
}

/** By the bytes that a policy holds: it is the same array each time. */
const imported = new WeakMap<Bytes, Promise<CryptoKey>>();

function importKey(spki: Bytes): Promise<CryptoKey> {
  let key = imported.get(spki);
  if (key === undefined) {
    key = crypto.subtle.importKey('spki', spki, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['verify']);
    imported.set(spki, key);
  }
  return key;
}

/**
 * Whether `der` is the key's signature over `message`; false for a key that is no point of the curve.
 * @param spki the 91 bytes of an uncompressed key
 */
export async function verifyP256(spki: Bytes, der: Uint8Array, message: Bytes): Promise<boolean> {
  const raw = fromDer(der);
  if (raw === undefined || !isSpki('p256', spki)) return false;
  let key: CryptoKey;
  try {
    key = await importKey(spki);
  } catch {
    return false;
  }
  return crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, key, raw, message);
}
