/** Signatures by a Sigstore certificate: what their own verifier, where there is one, has to answer. */

import type { JsonObject } from '../core/json.ts';

/** A pass says who signed: whether the policy trusts them is judged by literals. */
export type KeylessResult =
  | {
      readonly status: 'pass';
      /** The certificate's one subject alternative name. */
      readonly identity: string;
      /** Who vouched for it: the OpenID provider. */
      readonly issuer: string;
      /** Milliseconds since 1970, the earliest that a Rekor v1 log's SET signs. */
      readonly integratedTime?: number;
      /** Milliseconds since 1970, the earliest that a time-stamping authority signs. */
      readonly timestamp?: number;
    }
  /** `unknown`: nothing is wrong, and the root doesn't know an authority, log or clock that the bundle rests on. */
  | { readonly status: 'fail' | 'unknown'; readonly evidence: string; readonly code: string };

/**
 * @param bundle JSON for which `isSigstoreBundle` holds
 * @param content the file that was signed, or undefined where the signature is over the bundle's own envelope
 * @param root `public-good`, or the path of a trusted root as the policy names it
 */
export type JudgeKeyless = (
  bundle: JsonObject,
  content: Uint8Array | undefined,
  root: string,
) => Promise<KeylessResult>;

/** Sigstore's public-good instance: what a bundle is checked against where a policy names nothing else. */
export const PUBLIC_GOOD = 'public-good';
