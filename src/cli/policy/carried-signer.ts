/**
 * The keys that someone's evidence carries, held to a fingerprint that came another way. Evidence can say whose keys it
 * carries as it likes: without that fingerprint nothing is taken from it.
 */

import { fromBase64, toBase64 } from '../../core/bytes.ts';
import { digestOf } from '../../core/digest.ts';
import { findKeyFault } from '../../core/ed25519.ts';
import { QpoeError } from '../../core/error.ts';
import { JsonError, type JsonObject, type JsonValue, parseJsonBytes, WRAPPED } from '../../core/json.ts';
import { printable } from '../../core/printable.ts';
import { ed25519Spki, rawKey } from '../../core/spki.ts';
import { readBounded } from '../../store/files.ts';
import { inOrder, isBundleLike, readBundle, readKey } from '../../verify/bundle.ts';
import { readFingerprint } from '../../verify/fingerprint.ts';
import type { PolicySigner } from '../../verify/policy.ts';
import { type CarriedKey, carryKeys } from '../../verify/trust.ts';
import type { Context } from '../context.ts';

type Keys = Pick<PolicySigner, 'ed25519' | 'p256' | 'ml_dsa_65'>;

/** Of every three keys that could be one: a stranger's bundle may carry many. */
const SHOWN = 8;

/** @throws QpoeError `refused` where the fingerprint is none of theirs, or none is given */
export function carriedSigner(context: Context, path: string, given: string | undefined): Keys {
  const asked = given === undefined ? undefined : readFingerprint(given, '--fingerprint');
  const keys = readCarried(path);
  const { identities } = carryKeys(keys);
  if (asked === undefined) {
    for (const identity of [...identities.keys()].slice(0, SHOWN)) context.note(`identity   ${identity}`);
    for (const { algorithm, spki } of keys) context.note(`${algorithm.padEnd(10)} ${digestOf(spki)}`);
    throw new QpoeError(
      'refused',
      `${printable(path)} carries these keys, and can't say whose they are`,
      'ask the signer for the fingerprint on a channel you trust, and give it: --fingerprint',
    );
  }
  const taken = identities.get(asked) ?? new Set([asked]);
  const its = keys.filter(({ spki }) => taken.has(digestOf(spki)));
  if (its.length > 0) return asKeys(its);
  throw new QpoeError(
    'refused',
    `${printable(path)} carries no key with the fingerprint ${asked}`,
    'nothing was added: it is another signer’s, or another’s evidence',
  );
}

function asKeys(keys: readonly CarriedKey[]): Keys {
  const names = { ed25519: 'ed25519', p256: 'p256', 'ml-dsa-65': 'ml_dsa_65' } as const;
  return Object.fromEntries(
    keys.map(({ algorithm, spki }) => [
      names[algorithm],
      // A policy has the bare Ed25519 key, as records do.
      toBase64(algorithm === 'ed25519' ? rawKey(algorithm, spki) : spki),
    ]),
  );
}

function readCarried(path: string): readonly CarriedKey[] {
  const value = readJson(path);
  const keys = isBundleLike(value) ? keysOfBundle(value, path) : keyOfRecord(value as JsonObject | null);
  if (keys.length > 0) return keys;
  throw new QpoeError(
    'usage',
    `${printable(path)} carries no key`,
    'name an evidence bundle (which carries all three), or a signed record (which carries one)',
  );
}

function readJson(path: string): JsonValue {
  try {
    return parseJsonBytes(readBounded(path, WRAPPED.bytes), WRAPPED);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new QpoeError(
      'usage',
      `${printable(path)}: ${error.message}`,
      'name an evidence bundle or a record',
    );
  }
}

function keysOfBundle(value: JsonObject, path: string): readonly CarriedKey[] {
  const { value: bundle, fault } = readBundle(value);
  if (fault !== undefined)
    throw new QpoeError('usage', `${printable(path)}: ${printable(fault)}`, '`qpoe verify` says more');
  return inOrder(bundle.keys).map((key) => readKey(key)!);
}

/** Of any format: each has its key in one of two places. */
function keyOfRecord(value: JsonObject | null): readonly CarriedKey[] {
  const { record } = (value ?? {}) as { readonly record?: { readonly public_key?: unknown } | null };
  const text = record?.public_key;
  const raw = typeof text === 'string' ? fromBase64(text) : undefined;
  if (raw === undefined || findKeyFault(raw) !== undefined) return [];
  return [{ algorithm: 'ed25519', spki: ed25519Spki(raw) }];
}
