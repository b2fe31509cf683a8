/** Entries in one's own name that one did not make: someone else has the key, or the log checks no signatures. */

import { toBase64 } from '../core/bytes.ts';
import { parseHashedRekord } from '../tlog/hashedrekord.ts';
import { sameHash } from '../tlog/merkle.ts';
import type { AuditOptions, Stranger } from './log-audit.ts';
import { verifyP256Digest } from './p256-digest.ts';

type Sought = Pick<AuditOptions, 'ownKeys' | 'isKnown'>;

/** @param first the index of the first of these entries */
export function* findStrangers(
  first: number,
  entries: readonly Uint8Array[],
  { ownKeys, isKnown }: Sought,
): Generator<Stranger> {
  const names = ownKeys.map((key) => Buffer.from(toBase64(key)));
  for (const [at, entry] of entries.entries()) {
    const bytes = Buffer.from(entry.buffer, entry.byteOffset, entry.length);
    if (!names.some((name) => bytes.includes(name))) continue;
    const { value } = parseHashedRekord(entry);
    // One that can't be read as what it should be is reported wherever the key stands in it.
    if (value !== undefined && (isKnown(value) || !ownKeys.some((key) => sameHash(key, value.publicKey))))
      continue;
    const signed = value !== undefined && verifyP256Digest(value.publicKey, value.signature, value.digest);
    // A copy: the entry is a view of its whole bundle.
    yield { index: first + at, entry: new Uint8Array(entry), signed, rekord: value };
  }
}
