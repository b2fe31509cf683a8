/**
 * The sample's keys as hands that sign, so that the walkthrough can do what someone who cheats would. They are public and
 * trusted by no policy but the sample's own: that they lie in the page's memory is no loss.
 */

import { getPublicKeyAsync, signAsync } from '@noble/ed25519';
import { ml_dsa65 } from '@noble/post-quantum/ml-dsa.js';
import { pae } from '../src/attest/dsse.ts';
import { keyHint, sigstoreBundle } from '../src/attest/sigstore-bundle.ts';
import { IN_TOTO_PAYLOAD } from '../src/attest/statement.ts';
import { type Bytes, concatenate, fromBase64, fromHex } from '../src/core/bytes.ts';
import { lowS, toDer } from '../src/core/p256.ts';
import { ed25519Spki } from '../src/core/spki.ts';
import type { Hand, Hands, LogHand } from '../src/demo/sample.ts';
import { makeVkey } from '../src/tlog/vkey.ts';

/** Base64: Ed25519 and ML-DSA-65 by their 32-byte seeds, P-256 as PKCS#8. */
interface SampleIdentity {
  readonly ed25519: string;
  readonly p256: string;
  readonly mlDsa65: string;
}

export interface SampleKeys {
  readonly signer: SampleIdentity;
  readonly attacker: SampleIdentity;
  /** A seed. */
  readonly log: string;
  readonly origin: string;
}

export async function handsOf({ signer, attacker, log, origin }: SampleKeys): Promise<Hands> {
  return { signer: await handOf(signer), attacker: await handOf(attacker), log: await logHand(log, origin) };
}

async function logHand(text: string, origin: string): Promise<LogHand> {
  const seed = fromBase64(text)!;
  const vkey = makeVkey(origin, 'ed25519', (await getPublicKeyAsync(seed)) as Bytes);
  return { vkey, sign: (note) => signEd25519(note, seed) };
}

async function signEd25519(message: Bytes, seed: Bytes): Promise<Bytes> {
  return (await signAsync(message, seed)) as Bytes;
}

/** SubjectPublicKeyInfo up to the key itself. */
const P256_SPKI = fromHex('3059301306072a8648ce3d020106082a8648ce3d030107034200')!;
const ML_DSA_65_SPKI = fromHex('308207b2300b0609608648016503040312038207a100')!;
/** The last bytes of a PKCS#8 that names its public key (RFC 5915): 04 ‖ x ‖ y. */
const P256_POINT_BYTES = 65;

async function handOf(identity: SampleIdentity): Promise<Hand> {
  const seed = fromBase64(identity.ed25519)!;
  const publicKey = (await getPublicKeyAsync(seed)) as Bytes;
  const pkcs8 = fromBase64(identity.p256)!;
  const p256 = concatenate([P256_SPKI, pkcs8.subarray(-P256_POINT_BYTES)]);
  const { publicKey: raw, secretKey } = ml_dsa65.keygen(fromBase64(identity.mlDsa65)!);
  const mlDsa65 = concatenate([ML_DSA_65_SPKI, raw]);
  const envelope = (spki: Bytes, payload: Bytes, signature: Bytes) =>
    sigstoreBundle({ keyid: keyHint(spki), payloadType: IN_TOTO_PAYLOAD, payload, signature });
  return {
    record: { publicKey, sign: (hash) => signEd25519(hash, seed) },
    keys: { ed25519: ed25519Spki(publicKey), p256, mlDsa65 },
    state: async (payload) => {
      const message = pae(IN_TOTO_PAYLOAD, payload);
      return [
        envelope(p256, payload, await signP256(message, pkcs8)),
        envelope(mlDsa65, payload, ml_dsa65.sign(message, secretKey) as Bytes),
      ];
    },
  };
}

async function signP256(message: Bytes, pkcs8: Bytes): Promise<Bytes> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  const key = await crypto.subtle.importKey('pkcs8', pkcs8, algorithm, false, ['sign']);
  const raw = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, key, message);
  return toDer(lowS(new Uint8Array(raw)));
}
