/** RFC 3161 time stamps: what their verifier, where there is one, has to answer. A page has none, and says that they are unchecked. */

import type { Bytes } from '../core/bytes.ts';

export type TimestampResult =
  | {
      readonly status: 'pass';
      /** Milliseconds since 1970: what was stamped existed by then. */
      readonly time: number;
      /** The authority's certificate, as the policy names it. */
      readonly authority: string;
    }
  /** `unknown`: nothing is wrong, and the policy knows no authority that would vouch for it. */
  | { readonly status: 'fail' | 'unknown'; readonly evidence: string; readonly code: string };

/**
 * @param stamp the authority's whole answer (`TimeStampResp`), as a Sigstore bundle's `signedTimestamp` holds it
 * @param signed what it must be about: of an envelope, the bytes of its signature
 * @param authorities files of certificates, as the policy names them
 */
export type JudgeTimestamp = (
  stamp: Bytes,
  signed: Bytes,
  authorities: readonly string[],
) => Promise<TimestampResult>;
