/** What the page asks of its worker, and what that answers. Everything passes as a copy or is handed over: nothing is shared. */

import type { StepResult } from '../src/demo/take-steps.ts';
import type { Check, Verdict } from '../src/verify/check.ts';
import type { SignerPrints } from '../src/verify/signer-prints.ts';
import type { ArchiveView } from './archive-verdict.ts';
import type { EvidenceView } from './evidence-view.ts';

/** Whom the person chose to trust, by an act of its own. */
export type ChosenTrust =
  | { readonly kind: 'nobody' }
  | { readonly kind: 'unasked' }
  | { readonly kind: 'fingerprint'; readonly fingerprint: string }
  | { readonly kind: 'policy'; readonly name: string; readonly toml: string };

export interface VerifyRequest {
  readonly kind: 'verify';
  /** Handed over: whoever asks has them no more. */
  readonly bytes: Uint8Array;
  readonly trust: ChosenTrust;
  /** What was chosen along with it and lies beside it by its name: a signature, or what a signature is of. */
  readonly beside?: Uint8Array | undefined;
  /** Of an archive, the one bundle that is asked for. */
  readonly member?: string;
  /** Milliseconds since 1970; the clock's, where it is left out. */
  readonly now?: number;
}

export type Request =
  | VerifyRequest
  | { readonly kind: 'policy'; readonly name: string; readonly toml: string }
  | { readonly kind: 'fingerprint'; readonly text: string }
  | { readonly kind: 'step'; readonly step: string; readonly sample?: string }
  | {
      readonly kind: 'sample-counts';
      readonly circuit: string;
      readonly shots: number;
      readonly seed: number;
      readonly program: number;
    };

export interface Verified {
  readonly verdict: Verdict;
  /** Of the very bytes that were verified. */
  readonly digest: string;
  readonly size: number;
  readonly ms: number;
  /** Undefined where there is no record to show. */
  readonly view?: EvidenceView | undefined;
  /** Of an archive that could be opened. */
  readonly archive?: ArchiveView | undefined;
}

/** How far a long answer has come. */
export interface Progress {
  readonly done: number;
  readonly all: number;
}

/** Tells how far it is, and hears whether anyone still wants to know. */
export type Advance = (progress: Progress) => Promise<boolean>;

export interface PolicyView {
  readonly signers: readonly { readonly name: string; readonly prints: SignerPrints }[];
  /** As `qpoe policy show` has it. */
  readonly words: readonly string[];
  readonly digest: string;
  /** What stands in it and can't be used on a page. */
  readonly unused: readonly ('keyless' | 'trusted_root' | 'timestamp_authority')[];
}

/** One member that differs from the sample's. */
export interface Change {
  readonly path: string;
  readonly before?: string;
  readonly after?: string;
}

export interface StepTaken {
  readonly verified: Verified;
  readonly found: readonly Check[];
  readonly amiss: StepResult['amiss'];
  readonly changes: readonly Change[];
  readonly moreChanges: number;
  readonly beside: readonly string[];
}

export interface Sampled {
  readonly digest: string;
  readonly counts: Readonly<Record<string, number>>;
}

/** `refused`: what the person gave can't be used, in one line. */
export type Answer =
  | { readonly kind: 'verified'; readonly verified: Verified }
  | { readonly kind: 'policy'; readonly policy: PolicyView }
  | { readonly kind: 'fingerprint'; readonly fingerprint: string }
  | { readonly kind: 'step'; readonly taken: StepTaken }
  | { readonly kind: 'sampled'; readonly sampled: Sampled }
  | { readonly kind: 'refused'; readonly reason: string; readonly hint?: string | undefined };
