/** Node's synchronous Ed25519 in place of WebCrypto's. For threads that do nothing but verify; importing it is enough. */

import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { toHex } from '../core/bytes.ts';
import { useNativeEd25519 } from '../core/ed25519.ts';

/** RFC 8410: the DER that stands before an Ed25519 key's 32 bytes in its SPKI. */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

let last: { readonly id: string; readonly key: KeyObject } | undefined;

/** Files in a row usually have one signer. */
function importKey(publicKey: Uint8Array): KeyObject {
  const id = toHex(publicKey);
  if (last?.id !== id)
    last = {
      id,
      key: createPublicKey({ key: Buffer.concat([SPKI_PREFIX, publicKey]), format: 'der', type: 'spki' }),
    };
  return last.key;
}

useNativeEd25519((publicKey, signature, message) => verify(null, message, importKey(publicKey), signature));
