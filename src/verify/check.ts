/** Checks and verdicts: what every verification yields. Evidence never throws; it is judged. */

import { type CheckId, CLAIMS } from './claims.ts';

export type CheckStatus =
  | 'pass'
  | 'fail'
  /** There, but it can't be judged: the signer, log, block, time or version isn't known. */
  | 'unknown'
  /** Not there, and the policy wants it. */
  | 'missing'
  /** Not there, and nobody wants it. */
  | 'absent'
  /** Needs a check that failed or is unknown. */
  | 'skipped';

export interface Check {
  /** Stable, `layer.subject`. */
  readonly id: CheckId;
  readonly status: CheckStatus;
  /** What is true where it passes. */
  readonly claim: string;
  /** What was looked at, or what is wrong with it. */
  readonly evidence: string;
  /** Whom or what one believes in believing this. */
  readonly relies_on: string;
  readonly code?: string;
  readonly hint?: string;
  /** Of several alike which one it is about: a statement by its algorithm and signer, an anchor by its block. */
  readonly part?: string;
}

/** What was found, before it is a check: the checks of a layer find, and the layer says which check it is. */
export type Found = Pick<Check, 'status' | 'evidence'> & Partial<Pick<Check, 'code' | 'hint' | 'relies_on'>>;

export const found = (status: CheckStatus, evidence: string, code?: string, hint?: string): Found => ({
  status,
  evidence,
  ...(code === undefined ? {} : { code }),
  ...(hint === undefined ? {} : { hint }),
});

/** @param result may name better whom it relies on */
export function makeCheck(id: CheckId, reliesOn: string, result: Found): Check {
  return { id, claim: CLAIMS[id], relies_on: reliesOn, ...result };
}

export type Outcome = 'pass' | 'fail' | 'inconclusive';

export interface Verdict {
  readonly verdict: Outcome;
  readonly headline: string;
  /** What the evidence is: with `version`, its format's. */
  readonly kind: 'record' | 'statement' | 'receipt' | 'bundle' | 'archive' | 'unrecognised';
  readonly version?: string;
  readonly record_id?: string;
  /** The record's hash; of an archive its manifest's digest. */
  readonly hash?: string;
  /** The name the policy gives the signer. */
  readonly signer?: string;
  readonly checks: readonly Check[];
  readonly not_proven: readonly string[];
}
