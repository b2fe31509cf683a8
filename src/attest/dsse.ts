/**
 * DSSE (secure-systems-lab/dsse, protocol v1): what an envelope's signature is over.
 *
 *     PAE(type, payload) = "DSSEv1" SP len(type) SP type SP len(payload) SP payload
 *
 * Lengths are decimal byte counts, so that no other split of the same bytes has the same PAE.
 */

import { type Bytes, utf8 } from '../core/bytes.ts';

/** Pre-authentication encoding. @param payload the decoded bytes, never their base64 */
export function pae(payloadType: string, payload: Uint8Array): Bytes {
  const type = utf8(payloadType);
  const head = utf8(`DSSEv1 ${type.length} ${payloadType} ${payload.length} `);
  const bytes = new Uint8Array(head.length + payload.length);
  bytes.set(head);
  bytes.set(payload, head.length);
  return bytes;
}
