/**
 * A log's key as Sigstore's clients take it (sigstore/protobuf-specs, `sigstore_trustroot.proto`, as JSON): a trusted root with
 * this one log, for `cosign --trusted-root` and @sigstore/verify.
 *
 *     {"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1",
 *      "tlogs":[{"baseUrl":"https://<origin>","hashAlgorithm":"SHA2_256",
 *        "publicKey":{"rawBytes":b64(SPKI),"keyDetails":"PKIX_ED25519","validFor":{"start":"2026-01-01T00:00:00Z"}},
 *        "logId":{"keyId":b64(SHA-256(origin ‖ 0A ‖ 01 ‖ key))}}]}
 */

import { toBase64 } from '../core/bytes.ts';
import { ed25519Spki } from '../core/spki.ts';
import { hashVkey, type Vkey } from './vkey.ts';

/**
 * @param vkey of type `ed25519`
 * @param start the time from which the key counts: sigstore-go refuses a root without it
 */
export function trustedRoot(vkey: Vkey, start: string): string {
  const root = {
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: [
      {
        // Its host name is compared with the origin that the checkpoint names; no one need ever answer there.
        baseUrl: `https://${vkey.name}`,
        hashAlgorithm: 'SHA2_256',
        publicKey: {
          rawBytes: toBase64(ed25519Spki(vkey.publicKey)),
          keyDetails: 'PKIX_ED25519',
          validFor: { start },
        },
        logId: { keyId: toBase64(hashVkey(vkey)) },
      },
    ],
  };
  return `${JSON.stringify(root, null, 2)}\n`;
}
