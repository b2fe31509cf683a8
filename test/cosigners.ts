/** Logs and witnesses with keys of the test's own, and checkpoints that they sign. */

import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { ml_dsa44 } from '@noble/post-quantum/ml-dsa.js';
import { type Bytes, utf8 } from '../src/core/bytes.ts';
import { type Checkpoint, formatCheckpoint, parseCheckpoint } from '../src/tlog/checkpoint.ts';
import {
  ed25519CosignedMessage,
  formatCosignature,
  mlDsa44CosignedMessage,
} from '../src/tlog/cosignature.ts';
import { formatNote, type NoteSignature } from '../src/tlog/note.ts';
import { makeVkey, type Vkey, type VkeyType } from '../src/tlog/vkey.ts';
import { naiveLeaves, naiveRoot } from './naive-tree.ts';

export interface Cosigner {
  readonly vkey: Vkey;
  cosign(text: string, time: number): NoteSignature;
}

const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

function ed25519From(seed: Uint8Array | undefined): KeyObject {
  if (seed === undefined) return generateKeyPairSync('ed25519').privateKey;
  return createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' });
}

function ed25519Vkey(name: string, type: VkeyType, key: KeyObject): Vkey {
  return makeVkey(name, type, new Uint8Array(Buffer.from(key.export({ format: 'jwk' }).x!, 'base64url')));
}

export function newWitness(name: string, seed?: Uint8Array): Cosigner {
  const key = ed25519From(seed);
  const vkey = ed25519Vkey(name, 'cosignature-ed25519', key);
  return {
    vkey,
    cosign: (text, time) => ({
      ...vkey,
      signature: formatCosignature(time, sign(null, ed25519CosignedMessage(text, time), key)),
    }),
  };
}

export function newMlDsaWitness(name: string, seed: Uint8Array = randomBytes(32)): Cosigner {
  const { publicKey, secretKey } = ml_dsa44.keygen(new Uint8Array(seed));
  const vkey = makeVkey(name, 'cosignature-ml-dsa-44', new Uint8Array(publicKey));
  return {
    vkey,
    cosign: (text, time) => {
      const message = mlDsa44CosignedMessage(name, parseCheckpoint(text).value!, time);
      const signature = ml_dsa44.sign(message, secretKey, { extraEntropy: false });
      return { ...vkey, signature: formatCosignature(time, signature) };
    },
  };
}

export interface TestLog {
  readonly vkey: Vkey;
  sign(text: string): NoteSignature;
  /** The checkpoint of a tree of so many of `naiveLeaves`. */
  checkpoint(size: number): Checkpoint;
  /** The same, signed, with further signatures below. */
  note(size: number, ...more: readonly NoteSignature[]): Bytes;
}

export function newTestLog(origin: string, seed?: Uint8Array): TestLog {
  const key = ed25519From(seed);
  const vkey = ed25519Vkey(origin, 'ed25519', key);
  const signText = (text: string) => ({ ...vkey, signature: new Uint8Array(sign(null, utf8(text), key)) });
  const checkpoint = (size: number) => ({
    origin,
    size,
    root: new Uint8Array(naiveRoot(naiveLeaves(size))),
    extensions: [],
  });
  return {
    vkey,
    sign: signText,
    checkpoint,
    note: (size, ...more) => {
      const text = formatCheckpoint(checkpoint(size));
      return utf8(formatNote({ text, signatures: [signText(text), ...more] }));
    },
  };
}
